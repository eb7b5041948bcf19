"""Clocks that nobody should believe: a host's, a `Date`, and stamps that a wrong clock left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from connector.app import binding
from connector.errors import RemoteError
from tests.clock import WrongClock
from tests.faults.conversations import begin, bodies, mirror, told
from tests.faults.lab import IC, NORA_THERE, Crash, D

if TYPE_CHECKING:
    from mappings.model import Side
    from tests.clock import VirtualClock
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

MINUTE = 60.0
DAY = 86_400.0
YEAR = 365 * DAY
START = ("POST", "/conversations")


def marks(lab: Lab) -> dict[Side, float]:
    """Return both watermarks."""
    with lab.memory() as store:
        return {side: store.watermarks.get(side) or 0.0 for side in (D, IC)}


def sync_with_host_ahead(lab: Lab, seconds: float) -> object:
    """Do one pass while this machine's clock is wrong."""
    true = lab.time
    lab.time = cast("VirtualClock", WrongClock(true, seconds))
    try:
        return lab.sync()
    finally:
        lab.time = true


@pytest.mark.parametrize("side", [D, IC])
def test_a_date_a_year_ahead_moves_no_watermark_past_now(theatre: Theatre, side: Side) -> None:
    """It does not count and is told; what comes afterwards is carried."""
    lab = theatre.bound()
    lab.sync()
    lab.world.skew(side.value, 0, date=YEAR)
    ran = lab.sync()
    assert ran.code == 1
    assert any("clock" in sentence for sentence in ran.attention)
    assert max(marks(lab).values()) <= lab.time.now()
    lab.world.skew(side.value, 0)
    begin(lab, side.value, "still here?")
    lab.until_clean(lab.sync)
    assert any("still here?" in body for body in bodies(lab, side.other.value))


def test_a_date_behind_keeps_its_own_watermark_back_and_no_other(theatre: Theatre) -> None:
    """The records of that side may be as far behind as its Date is."""
    lab = theatre.bound()
    lab.sync()
    before = marks(lab)
    lab.world.skew("dashly", 0, date=-DAY)
    lab.time.sleep(MINUTE)
    assert lab.sync().code == 1
    after = marks(lab)
    assert after[D] == before[D]
    assert after[IC] >= before[IC] + MINUTE


@pytest.mark.parametrize("version", ["1.4", "2.16"])
def test_a_confirmed_write_is_known_again_though_its_time_is_before_the_date(
    theatre: Theatre, version: str
) -> None:
    """Only one part can be meant: nobody has to look for it by hand."""
    lab = theatre.bound(settings={"intercom": {"api_version": version}})
    talk = begin(lab)
    lab.world.dashly.bot_writes(talk, "by a bot.")
    lab.world.skew("intercom", 0, date=40)
    lab.sync()
    lab.world.skew("intercom", 0)
    lab.world.dashly.agent_writes(talk, "by an agent.")
    lab.until_clean(lab.sync)
    assert [told(lab, "intercom", words) for words in ("by a bot.", "by an agent.")] == [1, 1]


def test_three_clocks_apart_move_nothing(theatre: Theatre) -> None:
    """When no two agree there is no time: the run ends with 3 and writes nothing."""
    lab = theatre.bound()
    lab.sync()
    before = marks(lab)
    begin(lab)
    lab.world.skew("dashly", 0, date=DAY)
    lab.world.skew("intercom", 0, date=-DAY)
    ran = lab.sync()
    assert (ran.code, ran.writes) == (3, 0)
    assert marks(lab) == before
    lab.world.skew("dashly", 0)
    lab.world.skew("intercom", 0)
    lab.until_clean(lab.sync)
    assert len(bodies(lab, "intercom")) == 1


def test_three_clocks_apart_bind_nothing(theatre: Theatre) -> None:
    """A first watermark needs the time as well."""
    lab = theatre.lab()
    lab.world.skew("dashly", 0, date=DAY)
    lab.world.skew("intercom", 0, date=-DAY)
    with pytest.raises(RemoteError):
        binding.initialise(lab.config, lab.environment)
    assert not lab.path.exists()


@pytest.mark.parametrize("side", [D, IC])
def test_a_watermark_in_the_future_is_healed_and_told(theatre: Theatre, side: Side) -> None:
    """What nobody read meanwhile is carried."""
    lab = theatre.bound()
    lab.sync()
    with lab.memory() as store:
        store.watermarks.advance(side, lab.time.now() + YEAR)
    begin(lab, side.value, "unread")
    lab.time.sleep(10 * MINUTE)
    ran = lab.sync()
    assert ran.code == 1
    assert any("future" in sentence for sentence in ran.attention)
    assert any("unread" in body for body in bodies(lab, side.other.value))
    assert max(marks(lab).values()) <= lab.time.now()


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_what_begins_right_after_the_binding_is_copied_when_dates_run_ahead(
    theatre: Theatre, side: str
) -> None:
    """Both `Date` headers 40 s ahead of the records."""
    lab = theatre.lab()
    for one in ("dashly", "intercom"):
        lab.world.skew(one, 0, date=40)
    lab.init()
    begin(lab, side, "right afterwards")
    lab.until_clean(lab.sync)
    other = "intercom" if side == "dashly" else "dashly"
    assert any("right afterwards" in body for body in bodies(lab, other))


def test_a_host_clock_a_day_ahead_for_one_run_blocks_nothing(theatre: Theatre) -> None:
    """A write that was unclear when that run died is settled by the next one, and made once."""
    lab = theatre.bound()
    begin(lab)
    die_after_the_start(lab)
    with pytest.raises(Crash):
        sync_with_host_ahead(lab, DAY)
    lab.die = None
    before = lab.time.now()
    lab.until_clean(lab.sync)
    assert lab.time.now() - before < 30 * MINUTE
    assert len(bodies(lab, "intercom")) == 1


def test_a_host_clock_a_day_ahead_settles_nothing_early(theatre: Theatre) -> None:
    """The run after a crash has that clock: by it a write of a moment ago would be a day old."""
    lab = theatre.bound()
    begin(lab)
    lab.world.fault("late", side="intercom", method="POST", path="/conversations$", seconds=100)
    die_after_the_start(lab)
    with pytest.raises(Crash):
        lab.sync()
    lab.die = None
    sync_with_host_ahead(lab, DAY)
    lab.until_clean(lab.sync)
    assert len(bodies(lab, "intercom")) == 1


def die_after_the_start(lab: Lab) -> None:
    """Let the process die right after the start of a mirror on Intercom was made."""
    lab.die = lambda _n, what, when: (what, when) == ("request", "after") and lab.requests[-1][1:] == START


def test_a_write_stamped_a_day_ahead_is_settled_in_time(theatre: Theatre) -> None:
    """As it is in a state file of before."""
    lab = theatre.bound()
    begin(lab)
    die_after_the_start(lab)
    with pytest.raises(Crash):
        lab.sync()
    lab.die = None
    with lab.memory() as store:
        for intent in store.journal.open():
            store.journal.left(intent.marker, lab.time.now() + DAY)
    before = lab.time.now()
    lab.until_clean(lab.sync)
    assert lab.time.now() - before < 30 * MINUTE
    assert len(bodies(lab, "intercom")) == 1


def test_stamps_of_an_earlier_wrong_clock_are_brought_back(theatre: Theatre) -> None:
    """Writes, retries and what is due a day ahead: as they are in a state file of before."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    with lab.memory() as store:
        pair = store.pairs.find(D, talk)
        assert pair is not None
        ahead = lab.time.now() + DAY
        store.quarantine.put(pair.row, D, "", "it failed", at=ahead, retry_at=ahead)
    lab.world.dashly.customer_writes(talk, "and now?")
    lab.until_clean(lab.sync)
    assert any("and now?" in body for body in bodies(lab, "intercom"))


def test_work_that_is_due_a_day_ahead_is_done_now(theatre: Theatre) -> None:
    """It would hold its conversation and the watermarks for a day."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    before = marks(lab)
    with lab.memory() as store:
        pair = store.pairs.find(D, talk)
        assert pair is not None
        store.pairs.set_due(pair.row, dict.fromkeys(pair.ids, lab.time.now() + DAY))
    lab.until_clean(lab.sync)
    assert marks(lab)[D] > before[D]


def test_an_unclear_start_is_not_made_twice_when_the_date_runs_ahead(theatre: Theatre) -> None:
    """The `Date` of Dashly is 40 s ahead of its `created`."""
    lab = theatre.bound()
    lab.world.skew("dashly", 0, date=40)
    begin(lab, "intercom", "hello there")
    lab.world.fault("drop_after", side="dashly", method="POST", path=".*startconversation.*", times=1)
    lab.until_clean(lab.sync)
    assert len([body for body in bodies(lab, "dashly") if "hello there" in body]) == 1
    lab.world.intercom.agent_writes(
        next(t["id"] for t in lab.world.truth()["intercom"]["conversations"]), "good day", agent=NORA_THERE
    )
    lab.until_clean(lab.sync)
    assert [body for body in bodies(lab, "dashly") if "good day" in body]
    assert mirror(lab, "dashly")


def test_an_unclear_start_on_intercom_is_not_made_twice_either(theatre: Theatre) -> None:
    """The same on the side that keeps no marker, in a version that sets the time by itself."""
    lab = theatre.bound(settings={"intercom": {"api_version": "2.11"}})
    lab.world.skew("intercom", 0, date=40)
    begin(lab, "dashly", "hello there")
    lab.world.fault("drop_after", side="intercom", method="POST", path="/conversations$", times=1)
    lab.until_clean(lab.sync)
    assert len([body for body in bodies(lab, "intercom") if "hello there" in body]) == 1


@pytest.mark.parametrize("opens", [True, False])
def test_an_unclear_write_is_not_made_twice_when_the_date_is_minutes_ahead(
    theatre: Theatre, *, opens: bool
) -> None:
    """Such a clock still counts; and Intercom 1.x keeps neither a marker nor our time with a part."""
    lab = theatre.bound(settings={"intercom": {"api_version": "1.4"}})
    side = "intercom" if opens else "dashly"
    if not opens:
        talk = begin(lab)
        lab.until_clean(lab.sync)
    lab.world.skew(D if opens else IC, 0, date=300)
    if opens:
        begin(lab, side, "hello there")
    else:
        lab.world.dashly.agent_writes(talk, "hello there")
    target = "dashly" if opens else "intercom"
    lab.world.fault("drop_after", side=target, method="POST", path=".*(reply|startconversation)$")
    lab.until_clean(lab.sync)
    assert told(lab, target, "hello there") == 1


@pytest.mark.parametrize(("then", "later"), [(-300, 0), (0, 300)])
def test_a_host_clock_that_is_set_right_cuts_no_settling_short(
    theatre: Theatre, then: float, later: float
) -> None:
    """Five minutes are less than what makes a clock doubtful, and more than a write has to settle."""
    lab = theatre.bound()
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.world.dashly.customer_writes(talk, "hello there")
    lab.world.fault("late", side="intercom", method="POST", path=".*reply$", seconds=100)
    lab.die = lambda _n, what, when: (what, when) == ("request", "after") and "reply" in lab.requests[-1][2]
    with pytest.raises(Crash):
        sync_with_host_ahead(lab, then)
    lab.die = None
    sync_with_host_ahead(lab, later)
    lab.until_clean(lab.sync)
    assert told(lab, "intercom", "hello there") == 1
