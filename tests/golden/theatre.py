"""One page for each type of part: what becomes of it in every circumstance, and worked examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from connector.engine.plan.actions import (
    Action,
    ChangeTag,
    Form,
    PostWords,
    SetBase,
    SetRegister,
    WriteLedger,
)
from connector.engine.plan.notices import Notice
from connector.engine.plan.planner import plan
from mappings.describe import describe
from mappings.kinds import ANYTHING_ELSE, OPENING, TYPES
from mappings.model import Registers, Side
from mappings.reading import dashly, intercom
from mappings.registers import Register
from tests.golden import raws
from tests.golden.raws import BODIES, FILES, LIVE, OLD, UNKNOWN, Case
from tests.golden.stage import Scene, Stage, policy_of, pretended_pair, snapshot_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from connector.engine.plan.actions import Plan
    from mappings.model import Conversation

D, IC = Side.DASHLY, Side.INTERCOM
VERSIONS = ("2.16", "1.4")
AUTHORS = {D: raws.DASHLY_AUTHORS, IC: raws.INTERCOM_AUTHORS}
IN_1X = {
    OPENING,
    "comment",
    "note",
    "note_and_reopen",
    "assignment",
    "assign_and_reopen",
    "assign_and_unsnooze",
    "away_mode_assignment",
    "open",
    "close",
    "snoozed",
    "unsnoozed",
    "timer_unsnooze",
    "participant_added",
    "participant_removed",
    "conversation_rating_changed",
    "conversation_rating_remark_added",
    UNKNOWN,
}
_MESSAGES = {"reply_user", "reply_django_user"}
_BOTS = {"auto_reply", "chat_bot_admin", "chat_bot_user"}
_BOTH = {OPENING, "comment", "open", "quick_reply", UNKNOWN}
_EVENTS = (
    "assigned",
    "closed",
    "final_closed",
    "delayed",
    "tag_added",
    "tag_deleted",
    "channel_changed",
    "vote",
    "service",
)
_WORDS = {
    D: frozenset(kinds_of_words for kinds_of_words in (*TYPES[D], UNKNOWN) if kinds_of_words not in _EVENTS),
    IC: frozenset(
        {
            OPENING,
            "comment",
            "note",
            "note_and_reopen",
            "note_and_unsnooze",
            "note_and_close",
            "open",
            "close",
            "assignment",
            UNKNOWN,
        }
    ),
}
_FORMS = {Form.START: "S", Form.NOTE: "N"}
_PUTS = {"status": "s", "tags": "t", "assignee": "a", "team": "a"}


@dataclass(frozen=True)
class Met:
    """A case in a scene with its plan: its grid cell, and the text of its example."""

    scene: Scene
    case: Case
    planned: Plan

    @property
    def cell(self) -> str:
        """Return what is written, in a few letters."""
        told = Counter(filter(None, map(_letter, self.planned.actions)))
        letters = "".join(letter if times == 1 else f"{letter}*{times}" for letter, times in told.items())
        files = sum(len(a.attachments) for a in self.planned.actions if isinstance(a, PostWords))
        return (letters or "-") + (str(files) if files else "")


def kinds(side: Side) -> tuple[str, ...]:
    """Return every type of a side, variants of some, and one that nobody knows."""
    return (*TYPES[side], *raws.VARIANTS[side], UNKNOWN)


def scenes(side: Side, kind: str) -> Iterator[Scene]:
    """Yield the scenes in which parts of a type are met."""
    opens = (
        kind == OPENING
        if side is IC
        else kind in {*_MESSAGES, *_BOTS, "reply_admin", "note", "article", UNKNOWN}
    )
    for version in VERSIONS:
        if side is IC and version == "1.4" and kind.partition("/")[0] not in IN_1X:
            continue
        if kind != OPENING:
            yield Scene(side, side, version)
            if side is IC:
                yield Scene(side, side, version, shadow=False)
            yield Scene(side, side.other, version)
            yield Scene(side, side, version, seen="backfill")
            yield Scene(side, side.other, version, seen="late")
        if opens:
            yield Scene(side, side, version, first=True)
            yield Scene(side, side, version, seen="backfill", first=True)


def name_of(scene: Scene) -> str:
    """Return the short name of a scene."""
    way = "copy" if scene.source is scene.origin else "deliver"
    words = {"live": way, "backfill": "history", "late": "late"}[scene.seen]
    first = "first " if scene.first else ""
    return f"{first}{words}{'' if scene.shadow else ' (real user)'} {scene.version}"


def view_of(scene: Scene, case: Case) -> Conversation:
    """Read a case as the scene's source side sends it."""
    return _view(scene.source, scene.version == "1.4", case)


@cache
def _view(side: Side, legacy: bool, case: Case) -> Conversation:  # noqa: FBT001 - a cache key
    if case.created != LIVE:
        return _older(_view(side, legacy, replace(case, created=LIVE)), LIVE - case.created)
    if side is IC:
        return intercom.read_conversation(raws.legacy(case) if legacy else raws.intercom(case))
    row, part = raws.dashly(case)
    hello = {
        "id": "70",
        "created": case.created - 60,
        "type": "reply_user",
        "body": "Hello",
        "from": raws.USER,
    }
    return dashly.read_conversation(row, [part] if case.opening else [hello, part])


def _older(view: Conversation, seconds: float) -> Conversation:
    parts = tuple(replace(part, created=part.created - seconds) for part in view.parts)
    return replace(view, created=view.created - seconds, updated=view.updated - seconds, parts=parts)


class Theatre:
    """All stages, and what was played on them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._stages: dict[tuple[str, Side], Stage] = {}
        self._policies = {version: policy_of(version) for version in VERSIONS}
        self._played: dict[object, str] = {}
        self._planned: dict[object, Plan] = {}

    def close(self) -> None:
        """Close the stages."""
        for stage in self._stages.values():
            stage.close()

    def meet(self, scene: Scene, case: Case) -> Met:
        """Plan a case in a scene."""
        case = replace(case, created=LIVE if scene.seen == "live" else OLD, opening=scene.first)
        view = view_of(scene, case)
        before = raws.BEFORE.get(case.kind, raws.BEFORE.get(case.type, Registers()))
        scene = replace(scene, before=before)
        same = replace(scene, version="") if scene.target is D else scene
        key = (same, view.parts[-1], view.registers)
        if key not in self._planned:
            snapshot = snapshot_of(scene, view, pretended_pair(scene))
            self._planned[key] = plan(snapshot, self._policies[scene.version])
        return Met(scene, case, self._planned[key])

    def example(self, met: Met) -> str:
        """Return requests, sights and the ledger's words of a case."""
        scene, planned = met.scene, met.planned
        where = (scene.target, scene.version, scene.origin, scene.first, scene.shadow, scene.before)
        key = (where, _bare(planned.actions))
        if key not in self._played:
            self._played[key] = self._stage(scene).run(scene, view_of(scene, met.case))
        return "\n".join(
            [
                self._played[key],
                *_ledger(planned),
                *(f"warns   {line}" for line in map(Notice.sentence, planned.notices)),
            ]
        )

    def _stage(self, scene: Scene) -> Stage:
        """Return a stage that is not crowded, since the emulators search all that they hold."""
        where = (scene.version, scene.target)
        stage = self._stages.get(where)
        if stage is None or stage.crowded:
            if stage is not None:
                stage.close()
            self._count += 1
            folder = self._folder / str(self._count)
            folder.mkdir()
            stage = self._stages[where] = Stage(folder, *where)
        return stage

    # -- a page --------------------------------------------------------------------------------------

    def page(self, side: Side, kind: str) -> str:
        """Return the page of a type."""
        return (
            "\n".join([*_head(side, kind), *self._grids(side, kind), "", *self._examples(side, kind)]) + "\n"
        )

    def _grids(self, side: Side, kind: str) -> Iterator[str]:
        shapes: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
        for scene in scenes(side, kind):
            rows: dict[str, list[str]] = defaultdict(list)
            for author in AUTHORS[side]:
                cells = [self.meet(scene, Case(kind, author, *how)).cell for how in product(BODIES, FILES)]
                rows["".join(f"{cell:<7}" for cell in cells).rstrip()].append(author)
            shapes[tuple((row, "; ".join(names)) for row, names in rows.items())].append(name_of(scene))
        for grid, names in shapes.items():
            yield ""
            yield f"[{', '.join(names)}]"
            yield "no text: 0, 1, 2 files; text: 0, 1, 2 files; HTML: 0, 1, 2 files"
            for row, authors in grid:
                yield f"  {row:<62}  {authors}"

    def _examples(self, side: Side, kind: str) -> Iterator[str]:
        blocks: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for scene in scenes(side, kind):
            for case in _shown(side, kind, scene):
                files = "" if case.files == 0 else f" + {case.files} file{'s' if case.files > 1 else ''}"
                places = blocks[self.example(self.meet(scene, case))][name_of(scene)]
                places.append(f"{case.author}: {case.body}{files}")
        for text, by_scene in blocks.items():
            by_cases: dict[str, list[str]] = defaultdict(list)
            for scene_name, cases in by_scene.items():
                by_cases["; ".join(dict.fromkeys(cases))].append(scene_name)
            for listed, names in by_cases.items():
                yield f"[{', '.join(names)}] {listed}"
            yield from (f"    {line}" for line in text.splitlines())
            yield ""


def _shown(side: Side, kind: str, scene: Scene) -> Iterator[Case]:
    """Yield the cases worth an example: every author where they differ, all words by the usual one."""
    worded = kind in _WORDS[side]
    usual = _usual(side, kind)
    base = "text" if worded else "empty"
    new = scene.seen == "live" and scene.version == "2.16" and scene.shadow and not scene.first
    if new and (worded or scene.source is scene.origin):
        yield from (Case(kind, author, base) for author in AUTHORS[side])
    for author in usual:
        yield Case(kind, author, base)
        if not worded:
            if new:
                yield Case(kind, author, "text", 1)
            continue
        yield Case(kind, author, "HTML", 2)
        if new:
            yield Case(kind, author, "empty")
            yield Case(kind, author, "empty", 1)
            yield Case(kind, author, "text", 2)


def _usual(side: Side, kind: str) -> tuple[str, ...]:
    if kind in _MESSAGES:
        return ("customer",)
    if kind in _BOTS:
        return ("bot",)
    both = side is IC and kind in _BOTH
    return ("customer", "agent, mapped") if both else ("agent, mapped",)


def _head(side: Side, kind: str) -> Iterator[str]:
    name, _, variant = kind.partition("/")
    known = ANYTHING_ELSE if kind == UNKNOWN else name
    row = next(row for row in describe() if row.side is side and row.type == known)
    yield f"{row.direction}: {row.title}" + (
        f" (here: {UNKNOWN})" if kind == UNKNOWN else f" {variant}".rstrip()
    )
    yield f"It means {row.meaning}. {row.on_the_other_side}"
    yield f"Not carried: {row.loss or 'nothing'}."


def _letter(action: Action) -> str:
    match action:
        case PostWords(form=Form.MESSAGE, agent=None):
            return "C"
        case PostWords(form=Form.MESSAGE, silent=silent):
            return "A" if silent else "L"
        case PostWords(form=form):
            return _FORMS[form]
        case SetRegister(register=register):
            return _PUTS[register]
        case ChangeTag():
            return _PUTS[Register.TAGS]
        case _:
            return ""


def _bare(actions: Iterable[Action]) -> tuple[Action, ...]:
    return tuple(
        replace(action, covers=()) if isinstance(action, PostWords) else action
        for action in actions
        if not isinstance(action, WriteLedger | SetBase)
    )


def _ledger(planned: Plan) -> Iterator[str]:
    rows = [
        row
        for action in planned.actions
        if isinstance(action, PostWords | WriteLedger)
        for row in (action.covers if isinstance(action, PostWords) else action.rows)
    ]
    for row in rows:
        lost = "; ".join(f"{loss.kind} ({loss.detail})" for loss in row.losses)
        why = f", {row.reason}" if row.reason else ""
        yield f"ledger  {row.disposition}{why}{f' — not carried: {lost}' if lost else ''}"
