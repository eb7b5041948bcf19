"""A rail says what it found, and the command that it names helps: three from a wrong id to a good run."""

from __future__ import annotations

from typing import Any

import pytest

NORA, NORA_THERE = "151204", "814860"


def add(place: Any, lines: str) -> None:
    """Add lines to the configuration."""
    place.config.write_text(place.config.read_text() + f"\n{lines}\n")


@pytest.mark.long
def test_a_changed_mapping_shows_its_own_difference(bound: Any) -> None:
    """What is new, what is gone and what changed are in the sentence; accepted once, it is quiet."""
    add(bound, '[map.tags]\n"vip" = "VIP"\n"old" = "Old"')
    bound.run("sync")
    bound.configure('"old" = "Old"', '"new" = "New"')
    bound.configure('"VIP"', '"Very"')

    told = bound.run("sync")

    assert told.code == 5
    assert '[map.tags] "vip" was "VIP" and is now "Very"' in told.err
    assert '[map.tags] "old" = "Old" is gone' in told.err
    assert '[map.tags] "new" = "New" is new' in told.err
    assert "connector sync --accept" in told.err
    assert (bound.run("sync", "--accept").code, bound.run("sync").code) == (0, 0)


@pytest.mark.long
def test_an_entry_that_cannot_work_is_never_accepted(bound: Any) -> None:
    """A wrong id: the rail names it at once, `--accept` refuses it, and the mended file needs one command."""
    bound.run("sync")
    add(bound, f'[map.admins]\n"{NORA}" = "999999"')

    told, forced = bound.run("sync"), bound.run("sync", "--accept")

    for refused in (told, forced):
        assert refused.code == 5
        assert "Intercom has no teammate 999999" in refused.err
        assert "correct these lines" in refused.err
        assert "connector mapping check" in refused.err
        assert refused.err.strip().endswith("then: connector sync --accept")
    assert bound.run("mapping", "check").code == 1
    bound.configure("999999", NORA_THERE)
    assert bound.run("sync", "--accept").code == 0


@pytest.mark.long
def test_a_plan_says_that_a_changed_mapping_stops_the_run(bound: Any) -> None:
    """The rail sends people to the plan: it tells the change too, and names the command that goes on."""
    bound.run("sync")
    add(bound, f'[map.admins]\n"{NORA}" = "999999"')

    wrong = bound.run("plan")
    bound.configure("999999", NORA_THERE)
    right, past = bound.run("plan"), bound.run("plan", "backfill", "--from", "dashly")

    assert "Intercom has no teammate 999999; the next run stops with exit code 5" in wrong.out
    assert wrong.out.endswith("Next: connector mapping check\n")
    assert f'[map.admins] "{NORA}" = "{NORA_THERE}" is new; the next run stops' in right.out
    assert right.out.endswith("Next: connector sync --accept\n")
    assert past.out.endswith(" --accept\n")
    assert bound.run("sync", "--accept").code == 0
    assert "stops" not in bound.run("plan").out


@pytest.mark.long
def test_who_is_merely_unmapped_is_no_fault(bound: Any) -> None:
    """They are listed, and speak through the default: nothing cannot work."""
    bound.talk()
    bound.run("sync")

    assert bound.run("mapping", "check").code == 0


def test_changed_directions_are_told(bound: Any) -> None:
    """Also what stands outside [map] is named by its key."""
    bound.run("sync")
    bound.configure("[sync]\n", '[sync]\ndirections = ["dashly-to-intercom"]\n')

    told = bound.run("sync")

    assert told.code == 5
    assert '[sync] directions was "dashly-to-intercom and intercom-to-dashly" and is' in told.err


@pytest.mark.long
@pytest.mark.parametrize("which", [("1",), ("--all",)])
def test_what_a_backfill_left_is_continued_by_the_command_it_names(bound: Any, which: tuple[str]) -> None:
    """A backfill needs its side: the command can be typed as it is shown."""
    bound.past(1)
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=1)
    assert bound.run("backfill", "--from", "dashly", "--yes").code == 1

    then = bound.run("quarantine", "retry", *which, "--json").json["next"]

    assert then == "connector backfill --from dashly"
    assert bound.run(*then.split()[1:], "--yes").code == 0
    assert bound.run("quarantine", "list", "--json").json["quarantine"] == []
