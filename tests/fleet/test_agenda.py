"""Who is due when."""

from __future__ import annotations

from connector.fleet.agenda import Agenda
from connector.fleet.breaker import Ended

EVERY = 60.0
GOOD, REFUSED, AWAY = (Ended(code, at=0.0) for code in (0, 7, 3))


def seated(*names: str) -> Agenda:
    """Return an agenda whose pairs were seated at 0."""
    agenda = Agenda(EVERY)
    agenda.seat(names, 0.0)
    return agenda


def passed(agenda: Agenda, name: str, ended: Ended, *, at: float, takes: float = 1.0) -> None:
    """Let a pair be passed."""
    agenda.begin(name, at)
    agenda.end(name, ended, at + takes, "before")


def test_starts_are_spread_evenly_over_the_interval() -> None:
    """Three pairs begin a third of an interval apart, and keep that distance."""
    agenda = seated("a", "b", "c")

    assert [agenda.due(at) for at in (0.0, 19.9, 20.0, 40.0)] == [["a"], ["a"], ["a", "b"], ["a", "b", "c"]]
    for name, at in (("a", 0.0), ("b", 20.0), ("c", 40.0)):
        passed(agenda, name, GOOD, at=at)
    assert [agenda[name].due for name in agenda] == [60.0, 80.0, 100.0]


def test_with_a_long_interval_the_first_passes_come_within_a_minute() -> None:
    """Later ones are spread over the whole interval."""
    agenda = Agenda(600.0)
    agenda.seat(("a", "b"), 0.0)
    passed(agenda, "a", GOOD, at=0.0)
    passed(agenda, "b", GOOD, at=30.0)

    assert [agenda[name].due for name in agenda] == [600.0, 300.0]


def test_an_early_pass_moves_no_beat() -> None:
    """Pairs that were woken together stay apart afterwards."""
    agenda = seated("a", "b")
    for name in agenda:
        agenda.wake(name, 5.0)
        passed(agenda, name, GOOD, at=5.0)

    assert [agenda[name].due for name in agenda] == [60.0, 30.0]


def test_a_pair_that_failed_waits_for_a_later_beat() -> None:
    """Twice the interval, then four times."""
    agenda = seated("a")
    passed(agenda, "a", AWAY, at=0.0)
    assert agenda["a"].due == 120.0
    passed(agenda, "a", AWAY, at=120.0)
    assert agenda["a"].due == 360.0


def test_a_long_pass_leaves_beats_out_and_never_makes_up_for_them() -> None:
    """A pass of two and a half intervals is followed by one at the next beat."""
    agenda = seated("a")

    passed(agenda, "a", GOOD, at=0.0, takes=150.0)

    assert agenda["a"].due == 180.0


def test_a_pair_that_comes_later_is_due_at_once() -> None:
    """Whoever adds a file sees it work."""
    agenda = seated("a", "b")

    agenda.seat(["a", "b", "c"], 7.0)

    assert agenda.due(7.0) == ["a", "c"]


def test_a_pair_that_is_gone_is_due_no_more_and_finishes_its_pass() -> None:
    """A file that comes back meanwhile does not begin a second pass beside the first."""
    agenda = seated("a")
    agenda.begin("a", 0.0)

    agenda.seat([], 1.0)
    agenda.seat(["a"], 2.0)

    assert agenda.due(100.0) == []
    agenda.end("a", GOOD, 3.0, "")
    agenda.seat([], 4.0)
    assert list(agenda) == []


def test_who_rests_is_not_due_until_it_is_lifted() -> None:
    """A refused token stays refused however long one waits."""
    agenda = seated("a")
    passed(agenda, "a", REFUSED, at=0.0)

    assert agenda.due(1e9) == []
    agenda.lift("a", 500.0)
    assert agenda.due(500.0) == ["a"]


def test_a_hint_wakes_who_is_well_and_nobody_else() -> None:
    """A flood of hints does not hammer a side that is away, nor one that refused the token."""
    agenda = seated("well", "resting", "away")
    passed(agenda, "well", GOOD, at=0.0)
    passed(agenda, "resting", REFUSED, at=20.0)
    passed(agenda, "away", AWAY, at=40.0)

    for name in (*agenda, "unknown"):
        agenda.wake(name, 50.0)

    assert agenda.due(50.0) == ["well"]


def test_a_hint_during_a_pass_is_followed_by_another_pass() -> None:
    """What came while the lists were read may have been missed by them."""
    agenda = seated("a")
    agenda.begin("a", 0.0)

    agenda.wake("a", 1.0)
    agenda.end("a", GOOD, 2.0, "")

    assert agenda.due(2.0) == ["a"]


def test_a_pass_that_lasts_gives_its_place_to_others() -> None:
    """Whoever is at work for longer than an interval does not count among those that fill the workers."""
    agenda = seated("slow", "b")
    agenda.begin("slow", 0.0)

    assert (agenda.young(59.0), agenda.young(60.0), agenda.running()) == (1, 0, 1)
