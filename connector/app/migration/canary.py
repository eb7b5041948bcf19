"""The first copy of a backfill, looked at before the rest: what others left in it since it was made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.app.links import links_of
from connector.app.runs import FirstLook, dry_run
from connector.engine.inspect.timeline import timeline
from connector.engine.undo.traces import Ours, Trace, trace_in
from connector.host.progress import Work

if TYPE_CHECKING:
    from connector.app.machine.environment import Environment
    from connector.app.runs import RunResult
    from connector.config.model import Config
    from mappings.model import Seconds, Side

PATIENCE: Seconds = 10.0
"""Automations answer within seconds."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A copy, where it is, and what in it is not ours, in words: what answers one copy answers all."""

    side: Side
    original: str
    copy: str
    link: str | None
    answers: tuple[str, ...]


def look_at_first(config: Config, environment: Environment, made: RunResult) -> Canary | None:
    """Return the first copy that a backfill made, with what else is in it; None when it made none."""
    environment.clock.sleep(PATIENCE)
    with dry_run(config, environment, Work.VERIFY) as run:
        pair = next(run.store.pairs.made_by(made.report.run_id), None)
        if pair is None or not pair.linked:
            return None
        side, helpdesk = pair.mirror, run.helpdesks[pair.mirror]
        view, ledger = helpdesk.conversation(pair.ids[side]), run.store.ledger.of(pair.row)[side]
        ours = Ours(run.policy.app_code, made.report.started, made.finished)
        strange = {part.id for part in view.parts if not ours.made(part, ledger.get(part.id))}
        answers = [f"{line.author}: {line.kind}" for line in timeline(view, ledger) if line.part in strange]
        if trace_in(view, ledger, pair.base.get(side), ours, helpdesk.now()) is Trace.REGISTER:
            answers.append(Trace.REGISTER.value)
        link = links_of(config, run.store).of(pair.ids)[side.value]
        return Canary(side, pair.ids[side.other], pair.ids[side], link, tuple(answers))


def together(first: RunResult, rest: RunResult) -> RunResult:
    """Return the run of the first conversation and that of the rest as one, which has the latter's id.

    The account and the parts that wait are those of the rest, which counts both.
    """
    report, before = rest.report, first.report
    fresh = {
        sentence
        for one in (first, rest)
        for sentence, new in zip(one.report.attention, one.news, strict=True)
        if new
    }
    notices = {notice.sentence(): notice for notice in (*before.notices, *report.notices)}
    began = report.account is not None
    summed = replace(
        report,
        started=before.started,
        seen=max(before.seen, report.seen),
        changed=before.changed + report.changed,
        created=before.created + report.created,
        parts=before.parts + report.parts,
        losses=before.losses + report.losses,
        waiting=report.waiting if began else before.waiting,
        notices=list(notices.values()),
        account=report.account or before.account,
    )
    return replace(
        rest,
        report=summed,
        requests={side: first.requests[side] + count for side, count in rest.requests.items()},
        writes={side: first.writes[side] + count for side, count in rest.writes.items()},
        news=tuple(sentence in fresh for sentence in notices),
        first=FirstLook(before.run_id, before.created),
    )
