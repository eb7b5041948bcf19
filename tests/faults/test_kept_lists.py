"""Lists that are kept between runs, and what changed on a side since they were read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.faults.conversations import begin, bodies
from tests.faults.lab import IC, ILYA, ILYA_THERE, D

if TYPE_CHECKING:
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

HOUR = 3600.0
LISTS = {"/admins", "/teams", "/v2/apps/48213/channels"}


def asked(lab: Lab) -> set[str]:
    """Return which of the kept lists the next run asks for."""
    lab.requests.clear()
    lab.sync()
    return {path for side, _method, path in lab.requests if side in {D, IC}} & LISTS


def test_a_list_is_kept_for_an_hour(theatre: Theatre) -> None:
    """It is asked for by the first run, by none within the hour, and by the first after it."""
    lab = theatre.bound()

    assert asked(lab) == LISTS
    lab.time.sleep(HOUR - 60)
    assert asked(lab) == set()
    lab.time.sleep(61)
    assert asked(lab) == LISTS


def test_a_clock_that_was_ahead_keeps_no_list_for_longer(theatre: Theatre) -> None:
    """A list from the future is read again."""
    lab = theatre.bound()
    lab.sync()
    with lab.memory() as store:
        for side in (D, IC):
            for name in ("teammates", "teams", "channels"):
                if (kept := store.lists[side].get(name)) is not None:
                    store.lists[side].put(name, kept[0] + 10 * HOUR, kept[1])

    assert asked(lab) == LISTS


@pytest.mark.long
def test_a_tag_that_was_made_anew_is_put_on(theatre: Theatre) -> None:
    """The kept list names an id that is not there any more."""
    lab = theatre.bound()
    first, second = begin(lab, "dashly", "one."), begin(lab, "dashly", "two.")
    lab.until_clean(lab.sync)
    lab.world.dashly.tag(first, "vip")
    lab.until_clean(lab.sync)
    tags = lab.world.intercom.state.tags
    known = next(key for key, tag in tags.items() if tag.name.lower() == "vip")
    for talk in lab.world.intercom.state.conversations.values():
        talk.tags.clear()
    tags[9999] = replace(tags.pop(known), id=9999)

    lab.world.dashly.tag(second, "vip")
    lab.until_clean(lab.sync)

    there = [t["tags"] for t in lab.world.truth()["intercom"]["conversations"] if t["tags"]]
    assert [[tag.lower() for tag in shown] for shown in there] == [["vip"]]


def test_a_colleague_who_left_within_the_hour_stops_nothing(theatre: Theatre) -> None:
    """The kept list still names them; their words come by the default teammate."""
    lab = theatre.bound()
    talk = begin(lab, "dashly", "question.")
    lab.until_clean(lab.sync)

    lab.world.intercom.agent_leaves(ILYA_THERE)
    lab.world.dashly.agent_writes(talk, "an answer.", agent=ILYA)
    lab.until_clean(lab.sync)

    assert [text for text in bodies(lab, "intercom") if "an answer." in text] != []
