"""A whole folder put back, its lock file too: only marks on the remotes tell that it missed something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.engine.sync.poll import Poll
from connector.sandbox.switches import IntercomSwitches
from mappings.model import Side
from tests.faults.conversations import begin, bodies, mirror, told
from tests.faults.lab import IC, NORA

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mappings.model import Conversation
    from state.records import Pair
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

VERSIONS: list[dict[str, Any]] = [
    {},
    {"intercom": {"api_version": "2.15"}},
    {"intercom": {"api_version": "1.4"}},
]


def keep_folder(lab: Lab) -> tuple[Path, bytes]:
    """Copy the state file and what the lock file remembers."""
    lock = lab.path.with_name(f"{lab.path.name}.lock")
    return lab.keep("kept.db"), lock.read_bytes()


def put_back(lab: Lab, kept: tuple[Path, bytes]) -> None:
    """Put the folder back as it was."""
    file, lock = kept
    lab.restore(file)
    lab.path.with_name(f"{lab.path.name}.lock").write_bytes(lock)


@pytest.mark.long
@pytest.mark.parametrize("settings", VERSIONS)
def test_a_long_text_behind_a_name_is_not_copied_again(theatre: Theatre, settings: dict[str, Any]) -> None:
    """Its first piece begins with who said it, on versions that show no app as well."""
    lab = theatre.bound(settings=settings, intercom_switches=IntercomSwitches(app_package_code=False))
    talk = begin(lab)
    lab.until_clean(lab.sync)
    with lab.memory() as store:
        store.meta.set_max_text(IC, 600)
    kept = keep_folder(lab)
    lab.world.dashly.bot_writes(talk, "What can we do for you? " + "and so on, " * 130)
    lab.until_clean(lab.sync)
    before = bodies(lab, "intercom")

    put_back(lab, kept)
    lab.time.sleep(300)
    ran = lab.sync()
    lab.until_clean(lab.sync)

    assert ran.code == 7
    assert before[-1].startswith("(3/3)")
    assert bodies(lab, "intercom") == before


@pytest.mark.long
@pytest.mark.parametrize("settings", VERSIONS)
def test_a_folder_put_back_delivers_nothing_again(theatre: Theatre, settings: dict[str, Any]) -> None:
    """The first run ends with 7 and writes nothing; the ones behind it copy nothing twice."""
    lab = theatre.bound(settings=settings)
    talk = begin(lab, "intercom", "question.")
    lab.until_clean(lab.sync)
    kept = keep_folder(lab)
    lab.world.intercom.customer_writes(talk, "more.")
    lab.until_clean(lab.sync)
    lab.world.dashly.agent_writes(mirror(lab, "dashly"), "the answer.", agent=NORA)
    lab.until_clean(lab.sync)
    before = bodies(lab, "intercom"), bodies(lab, "dashly")
    mailed = len(lab.world.notifications(via="api"))

    put_back(lab, kept)
    lab.time.sleep(300)
    ran = lab.sync()

    assert (ran.code, ran.writes) == (7, 0)
    assert "did not know" in str(ran.error)
    lab.time.sleep(300)
    lab.until_clean(lab.sync)
    assert (bodies(lab, "intercom"), bodies(lab, "dashly")) == before
    assert len(lab.world.notifications(via="api")) == mailed
    lab.world.intercom.customer_writes(talk, "later.")
    lab.until_clean(lab.sync)
    assert told(lab, "dashly", "later.") == 1


def test_an_answer_that_was_carried_late_does_not_come_back(theatre: Theatre) -> None:
    """No run came by for hours; on 1.x its copy has the time of the copying, and no mark."""
    lab = theatre.bound(settings={"intercom": {"api_version": "1.4"}})
    begin(lab, "intercom", "question.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    lab.world.dashly.agent_writes(mirror(lab, "dashly"), "the answer.", agent=NORA)
    lab.time.sleep(3 * 3600)
    lab.until_clean(lab.sync)

    lab.restore(kept)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    assert [told(lab, side, "the answer.") for side in ("dashly", "intercom")] == [0, 1]


@pytest.mark.parametrize("version", ["1.4", "2.15", "2.16"])
@pytest.mark.parametrize("change", ["edited", "removed"])
@pytest.mark.parametrize("paired", [True, False])
def test_an_answer_that_changed_since_the_backup_does_not_come_back(
    theatre: Theatre, version: str, change: str, *, paired: bool
) -> None:
    """Its copy stands where the conversation began, and its original has other words or none by now."""
    lab = theatre.bound(settings={"intercom": {"api_version": version}})
    begin(lab, "intercom", "question.")
    early = None if paired else lab.keep("kept.db")
    lab.until_clean(lab.sync)
    kept = early or lab.keep("kept.db")
    copy = mirror(lab, "dashly")
    part = lab.world.dashly.agent_writes(copy, "the answer.", agent=NORA)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    lab.restore(kept)
    if change == "edited":
        lab.world.dashly.edit_part(copy, part, "other words.")
    else:
        lab.world.dashly.remove_part(copy, part)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    assert told(lab, "dashly", "the answer.") == 0
    assert told(lab, "intercom", "the answer.") + told(lab, "intercom", "other words.") <= 2
    again = lab.sync()
    assert (again.code, again.writes) == (0, 0)


@pytest.mark.parametrize("version", ["1.4", "2.16"])
@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_an_edit_told_since_the_backup_is_not_told_again(theatre: Theatre, side: str, version: str) -> None:
    """Its note is neither a person's words nor still to come, though the copy itself is known."""
    lab = theatre.bound(settings={"intercom": {"api_version": version}})
    talk = begin(lab, side)
    part = lab.world.desk(side).agent_notes(talk, "first words.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    lab.world.desk(side).edit_part(talk, part, "other words.")
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    lab.restore(kept)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    assert [told(lab, where, "other words.") for where in ("dashly", "intercom")].count(1) == 1
    assert told(lab, side, "other words.") == 0
    assert lab.differences() == []


@pytest.mark.parametrize("version", ["1.4", "2.16"])
def test_an_edit_of_an_older_part_told_since_the_backup_is_not_told_again(
    theatre: Theatre, version: str
) -> None:
    """A list shows its note and only the newest part: what was edited is found when all are read."""
    lab = theatre.bound(settings={"intercom": {"api_version": version}, "sync": {"sweep": 1}})
    talk = begin(lab, "intercom", "question.")
    lab.until_clean(lab.sync)
    copy = mirror(lab, "dashly")
    part = lab.world.dashly.agent_writes(copy, "first words.", agent=NORA)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)
    lab.world.intercom.customer_writes(talk, "newer words.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    lab.world.dashly.edit_part(copy, part, "other words.")
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)
    assert told(lab, "intercom", "other words.") == 1

    lab.restore(kept)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    assert told(lab, "intercom", "other words.") == 1
    assert lab.differences() == []


@pytest.mark.parametrize("version", ["1.4", "2.11", "2.16"])
@pytest.mark.parametrize("side", ["dashly", "intercom"])
@pytest.mark.parametrize("again", [True, False])
def test_the_note_of_an_edit_does_not_come_back(
    theatre: Theatre, version: str, side: str, *, again: bool
) -> None:
    """The state knows neither the answer nor its edits; the last one may be still to come."""
    lab = theatre.bound(
        settings={"intercom": {"api_version": version}},
        intercom_switches=IntercomSwitches(app_package_code=version == "2.16"),
    )
    begin(lab, side, "question.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    other = Side(side).other.value
    desk, copy = lab.world.desk(other), mirror(lab, other)
    part = desk.agent_notes(copy, "first words.")
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)
    desk.edit_part(copy, part, "other words.")
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)
    assert told(lab, side, "other words.") == 1

    lab.restore(kept)
    if again:
        desk.edit_part(copy, part, "last words.")
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    assert [told(lab, other, words) for words in ("first words.", "other words.", "last words.")] == [0, 0, 0]
    assert told(lab, side, "other words.") == 1
    assert told(lab, side, "last words.") == again


@pytest.mark.parametrize("settings", VERSIONS)
def test_what_was_copied_again_in_doubt_does_not_come_back_after_another_restore(
    theatre: Theatre, settings: dict[str, Any]
) -> None:
    """An edited answer may have two copies by then: its old words and its new ones."""
    lab = theatre.bound(settings=settings)
    begin(lab, "intercom", "question.")
    lab.until_clean(lab.sync)
    kept = lab.keep("kept.db")
    copy = mirror(lab, "dashly")
    part = lab.world.dashly.agent_writes(copy, "the answer.", agent=NORA)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)
    lab.world.dashly.edit_part(copy, part, "other words.")
    for _ in range(2):
        lab.restore(kept)
        lab.time.sleep(3600)
        lab.until_clean(lab.sync)

    assert [told(lab, "dashly", words) for words in ("the answer.", "other words.")] == [0, 0]


@pytest.mark.parametrize("settings", VERSIONS)
def test_a_mirror_made_since_the_backup_is_not_carried_back(
    theatre: Theatre, settings: dict[str, Any]
) -> None:
    """The old state was kept while the original waited, and does not know for whom the contact stands."""
    lab = theatre.bound(settings=settings)
    desk = lab.world.dashly
    desk.customer_starts(desk.customer("Eva"), "question.")
    lab.world.fault("truncate", side="intercom", path="/contacts/search|/users|/contacts", nth=1)
    lab.sync()
    kept = keep_folder(lab)
    lab.time.sleep(400)
    lab.world.clear_faults()
    lab.until_clean(lab.sync)
    assert (told(lab, "dashly", "question."), told(lab, "intercom", "question.")) == (0, 1)

    put_back(lab, kept)
    lab.time.sleep(400)
    lab.sync()
    lab.time.sleep(400)
    lab.until_clean(lab.sync)

    assert (told(lab, "dashly", "question."), told(lab, "intercom", "question.")) == (0, 1)
    assert lab.differences() == []
    with lab.memory() as store:
        assert store.quarantine.items() == []


def test_a_copy_that_is_known_by_the_time_its_opening_was_read_is_no_doubt(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass beside a backfill lists what the backfill begins, and asks for its pair a moment too early."""
    lab = theatre.bound()
    begin(lab, "intercom")
    lab.until_clean(lab.sync)
    changed = Poll.changed

    def too_early(poll: Poll, side: Side) -> Iterator[tuple[Conversation, Pair | None]]:
        return ((listing, None) for listing, _pair in changed(poll, side))

    monkeypatch.setattr(Poll, "changed", too_early)
    lab.world.dashly.agent_notes(mirror(lab, "dashly"), "a note.")
    ran = lab.sync()

    assert (ran.code, ran.attention) == (0, ())
    with lab.memory() as store:
        assert store.meta.trusted_from() < lab.time.now() - 3600
    assert told(lab, "intercom", "a note.") == 1


def test_a_mirror_made_long_after_its_original_is_found_after_a_restore(theatre: Theatre) -> None:
    """On 1.x it bears the time of the copying: while the state is in doubt equal words are enough."""
    lab = theatre.bound(settings={"intercom": {"api_version": "1.4"}})
    kept = lab.keep("kept.db")
    begin(lab, "dashly", "question.")
    lab.time.sleep(3 * 3600)
    lab.until_clean(lab.sync)

    lab.restore(kept)
    lab.time.sleep(3600)
    lab.until_clean(lab.sync)

    assert told(lab, "intercom", "question.") == 1
