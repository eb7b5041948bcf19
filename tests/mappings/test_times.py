"""Times on both sides: seconds, fractions, other units, ISO text, sentinels, null."""

import pytest

from mappings.model import OPEN, State, Status, StatusChanged
from mappings.reading import dashly, intercom
from mappings.wording import PLAIN

AT = 1772001122
SAME = [
    AT,
    float(AT),
    str(AT),
    f"{AT}.0",
    AT * 1000,
    "2026-02-25T06:32:02",
    "2026-02-25T06:32:02Z",
    "2026-02-25T09:32:02+03:00",
    "2026-02-25T06:32:02.000Z",
    "2026-02-25 06:32:02",
]
NEVER = 64_654_125_776


def of_dashly(**fields):
    """Return a Dashly conversation of one part."""
    part = {"id": 7, "created": AT, "type": "reply_user", "body": "x", "part": 1}
    row = {"id": 1, "created": AT, "last_update": AT}
    return dashly.read_conversation(
        {**row, **{k: v for k, v in fields.items() if k in {"last_update", "delayed_until", "closed"}}},
        [{**part, **{k: v for k, v in fields.items() if k in {"created", "edited", "removed", "type"}}}],
    )


def of_intercom(**fields):
    """Return an Intercom conversation of one part."""
    inside = {"part_created", "part_updated", "part_type", "event_details"}
    part = {"id": 7, "part_type": "comment", "body": "x", "created_at": AT}
    part |= {
        key.removeprefix("part_") + "_at": fields[key]
        for key in ("part_created", "part_updated")
        if key in fields
    }
    part |= {key: fields[key] for key in ("part_type", "event_details") if key in fields}
    row = {
        "id": 1,
        "created_at": AT,
        "updated_at": AT,
        **{k: v for k, v in fields.items() if k not in inside},
    }
    return intercom.read_conversation({**row, "conversation_parts": {"conversation_parts": [part]}})


@pytest.mark.parametrize("value", SAME)
def test_one_moment_in_many_forms(value):
    """However a side writes a time, it is the same moment in UTC."""
    assert of_dashly(created=value).parts[0].created == AT
    assert of_dashly(last_update=value).updated == AT
    assert of_intercom(part_created=value).parts[0].created == AT
    assert of_intercom(updated_at=value).updated == AT


@pytest.mark.parametrize(("value", "expected"), [(f"{AT}.358085", AT + 0.358085), (AT + 0.5, AT + 0.5)])
def test_fractions_are_kept(value, expected):
    """Two parts of one second stay in the order of their fractions."""
    assert of_dashly(created=value).parts[0].created == pytest.approx(expected, abs=1e-6)
    assert of_intercom(part_created=value).parts[0].created == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("value", [None, "", "never", NEVER, NEVER * 1000, [], {}, True])
def test_no_time_is_no_time(value):
    """Null, junk and the date two thousand years ahead mean never: no snooze, no edit, no place in time."""
    assert of_dashly(delayed_until=value).registers.status == OPEN
    assert of_dashly(edited=value).parts[0].updated is None
    assert of_intercom(state="open", snoozed_until=value).registers.status == OPEN
    assert of_intercom(part_updated=value).parts[0].updated is None
    assert of_dashly(created=value).bad
    assert of_intercom(part_created=value).bad


def test_a_snooze_without_an_end():
    """Snoozed until the date that means never is snoozed without an end, not for two thousand years."""
    found = of_intercom(
        state="snoozed", snoozed_until=NEVER, part_type="snoozed", event_details={"until": NEVER}
    )

    assert found.registers.status == Status(State.SNOOZED)
    assert found.parts[0].entries[-1] == StatusChanged(Status(State.SNOOZED))


@pytest.mark.parametrize(
    "value", ["2026-03-12T09:00:00Z", 1773306000, "1773306000", "2026-03-12T11:00:00+02:00"]
)
def test_the_end_of_a_snooze(value):
    """The end of a snooze is read from the conversation and from the part, in any form."""
    ended = Status(State.SNOOZED, 1773306000)

    snoozed = of_intercom(state="snoozed", snoozed_until=value, part_type="snoozed")
    told = of_intercom(part_type="snoozed", event_details={"custom_until_time": value})

    assert (snoozed.registers.status, snoozed.parts[0].entries[-1]) == (ended, StatusChanged(ended))
    assert told.parts[0].entries[-1] == StatusChanged(ended)
    assert of_dashly(delayed_until=value).registers.status == ended
    assert of_dashly(delayed_until=value, type="delayed").parts[0].entries[-1] == StatusChanged(ended)


def test_times_are_shown_in_utc():
    """People read times in UTC, to the second, and a time beyond the calendar as unknown."""
    assert PLAIN.time(AT + 0.9) == "2026-02-25 06:32:02 UTC"
    assert PLAIN.time(1e20) == "unknown time"
