"""A problem is news once, and again after seven days."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connector.app.monitoring.alarms import AGAIN_AFTER, KeptAlarms, new_notices, remembered
from connector.engine.plan.notices import Notice, NoticeKind
from mappings.model import Side

NOTICES = st.builds(
    Notice,
    st.sampled_from(list(NoticeKind)),
    st.sampled_from([None, *Side]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from(["", "p"]),
    st.text(max_size=3),
)
DAY = 86_400.0


def poison(part: str = "7", detail: str = "") -> Notice:
    """A part that is in quarantine."""
    return Notice(NoticeKind.QUARANTINED, Side.DASHLY, "1", part, detail)


def test_one_poison_part_is_no_alarm_a_minute() -> None:
    """1,440 runs a day meet it: one of them tells."""
    known: dict[Notice, float] = {}
    told = 0
    for minute in range(1440):
        told += len(new_notices(known, [poison(detail=str(minute))], minute * 60.0))
        known = remembered(known, [poison()], minute * 60.0)

    assert told == 1


def test_what_is_met_now_and_then_is_not_news_each_time() -> None:
    """A conversation that is tried again every quarter of an hour is absent in between."""
    known = remembered({}, [poison()], 0.0)
    known = remembered(known, [], 60.0)

    assert new_notices(known, [poison()], 900.0) == []


def test_after_seven_days_it_is_told_again() -> None:
    """Nobody who forgot it believes that all is well."""
    known = remembered({}, [poison()], 0.0)

    assert new_notices(known, [poison()], AGAIN_AFTER - 1) == []
    assert new_notices(known, [poison()], AGAIN_AFTER) == [poison()]


def test_who_was_told_of_an_item_does_not_hear_of_the_number_in_the_next_run() -> None:
    """But is reminded seven days after the first, whatever else came into quarantine meanwhile."""
    number = Notice(NoticeKind.STILL_QUARANTINED)
    known = remembered({}, [poison("7")], 0.0)

    assert new_notices(known, [number], 60.0) == []

    known = remembered(known, [poison("8")], AGAIN_AFTER - 1)

    assert new_notices(known, [number], AGAIN_AFTER) == [number]


def test_another_part_is_news() -> None:
    """Kind, side, conversation and part make a problem."""
    known = remembered({}, [poison("7")], 0.0)

    assert new_notices(known, [poison("7"), poison("8")], 1.0) == [poison("8")]


def test_a_clock_that_was_put_back_tells_once_more() -> None:
    """Better twice than for years not at all."""
    known = remembered({}, [poison()], 100 * DAY)

    assert new_notices(known, [poison()], 0.0) == [poison()]


@given(st.lists(NOTICES, max_size=6), st.lists(NOTICES, max_size=6), st.floats(0, 6 * DAY))
def test_what_was_told_is_known(before: list[Notice], notices: list[Notice], later: float) -> None:
    """After a run nothing that it met is news to the next one, and nothing is news that was told."""
    known = remembered(remembered({}, before, 0.0), notices, later)

    assert new_notices(known, [*before, *notices], later) == []


class Facts(dict[str, str]):
    """Facts that die with the test."""

    def set(self, key: str, value: str) -> None:
        """Remember a fact."""
        self[key] = value


@given(st.lists(NOTICES, max_size=6))
def test_alarms_come_back_from_the_state_as_they_were(notices: list[Notice]) -> None:
    """The store keeps what makes a problem, and no sentence."""
    facts = Facts()
    alarms = remembered({}, notices, 5.0)
    KeptAlarms(facts).keep(alarms)  # type: ignore[arg-type]

    assert KeptAlarms(facts).known() == alarms  # type: ignore[arg-type]


def test_alarms_that_cannot_be_read_were_never_told() -> None:
    """A damaged fact costs one more alarm, not a run."""
    for text in ("", "{", "[[1]]", '[["none", "dashly", "1", "", 0]]', "3"):
        assert KeptAlarms(Facts(alarms=text)).known() == {}  # type: ignore[arg-type]
