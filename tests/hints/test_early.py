"""When hints lead to an early pass."""

from __future__ import annotations

from connector.hints.early import AGAIN, FLOOR, GATHERED, QUIET, Early


def passed(early: Early, at: float, *, changed: bool) -> None:
    """Let a pass take place."""
    early.began(at)
    early.ended(at + 0.5, changed=changed)


def test_without_a_hint_nothing_is_early() -> None:
    """Ordinary passes leave no trace."""
    early = Early()
    passed(early, 0.0, changed=True)

    assert early.due() is None


def test_one_hint_is_followed_within_a_moment() -> None:
    """A person who writes one sentence waits half a second."""
    early = Early()
    early.heard(100.0)

    assert early.due() == 100.0 + QUIET


def test_a_flood_of_hints_is_gathered_for_two_seconds() -> None:
    """Who hints without a pause does not put the pass off for ever."""
    early = Early()
    for tenth in range(100):
        early.heard(100.0 + tenth / 10)

    assert early.due() == 100.0 + GATHERED


def test_early_passes_keep_their_distance() -> None:
    """A replay, a forgery, a flood cost a pass in ten seconds at most."""
    early = Early()
    early.heard(100.0)
    passed(early, 100.5, changed=False)
    early.heard(101.0)

    assert early.due() == 100.5 + FLOOR


def test_a_pass_that_carried_something_is_followed_by_one_more_look() -> None:
    """A list may show a second sentence later than the first."""
    early = Early()
    early.heard(100.0)
    passed(early, 100.5, changed=True)

    assert early.due() == 101.0 + AGAIN
    passed(early, 131.0, changed=False)
    assert early.due() is None


def test_a_hint_that_showed_nothing_is_looked_after_once_more() -> None:
    """The search may lag behind the push."""
    early = Early()
    early.heard(100.0)
    passed(early, 100.5, changed=False)

    assert early.due() == 101.0 + AGAIN


def test_an_echo_costs_one_quiet_pass() -> None:
    """The hint of our own write takes the place of the second look, and has none of its own."""
    early = Early()
    early.heard(100.0)
    passed(early, 100.5, changed=True)
    early.heard(101.0)
    passed(early, 110.5, changed=False)

    assert early.due() is None


def test_an_ordinary_pass_takes_the_hints_along() -> None:
    """What it saw needs no early pass any more."""
    early = Early()
    early.heard(100.0)
    passed(early, 100.1, changed=True)

    assert early.due() == 100.6 + AGAIN
