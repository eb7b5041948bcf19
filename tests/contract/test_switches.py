"""What the vendors do not say may be one way or the other: the connector works with both."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from connector.errors import Gone, Rejected
from connector.helpdesk.port import Assign, PostMessage, SetStatus
from connector.sandbox import DashlySwitches, IntercomSwitches, World
from mappings.model import CLOSED, Side
from tests.contract.kit import assumptions
from tests.contract.kit.dashly import description
from tests.contract.kit.story import Story

PAGE = Path(__file__).parents[2] / "docs" / "api-assumptions.md"
FLIPS = list(assumptions.flips())


def world_with(kind, name, value):
    """Return a world where one question is answered in the other way."""
    side = "dashly_switches" if kind is DashlySwitches else "intercom_switches"
    return World(dashly_limit=5_000, **{side: kind(**{name: value})})


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [pytest.param(*item, id=f"{item[0].__name__}.{item[1]}={item[2]}") for item in FLIPS],
)
def test_the_whole_story_with_the_other_value(stage, kind, name, value):
    """Every message once, no note public, nobody told of a copy, a quiet end."""
    version = "1.4" if name == "created_at_honoured_in_1x" else "2.16"
    play = stage(version, world_with(kind, name, value), intercom={"tag_api_version": "2.16"})
    story = Story(play)

    story.play()

    assert list(story.faults()) == []
    assert play.judge.problems == []
    attention = [line for report in play.told for line in report["attention"]]
    if name not in assumptions.EFFECTS:
        assert attention == []
    if name != "parts_cap":
        assert play.differences() == []


def test_the_page_is_fresh():
    """`python -m tests.contract.kit.assumptions` writes it."""
    assert PAGE.read_text("utf-8") == assumptions.page()


def test_every_guess_in_the_schemas_is_a_switch():
    """A fact marked ASSUMPTION names the switch that turns it over."""
    marks = re.findall(r"ASSUMPTION[^\"]*?: (\w+)|ASSUMPTION (\w+)", json.dumps(description()))
    named = {first or second for first, second in marks}

    assert len(named) >= 8
    assert named <= {item.name for item in fields(DashlySwitches)}
    assert set(assumptions.EFFECTS) <= {name for _, name, _ in FLIPS}


@pytest.mark.parametrize(("known", "error"), [(True, Gone), (False, Rejected)])
def test_only_a_named_error_says_that_a_conversation_is_gone(stage, known, error):
    """Error404 may also mean a wrong address: nothing may be erased for that."""
    desk = stage(world=world_with(DashlySwitches, "unknown_is_lookup_error", known)).helpdesks[Side.DASHLY]

    with pytest.raises(Rejected) as caught:
        desk.conversation("404")

    assert type(caught.value) is error


def test_a_list_of_channels_in_pages_is_read_to_its_end(stage):
    """Sixty channels are three pages of twenty."""
    play = stage(world=world_with(DashlySwitches, "channels_paged", value=True))
    for number in range(57):
        operator = play.world.dashly.hire(700_000 + number, f"Agent {number}", "")
        play.world.dashly.add_channel(5_000 + number, f"Channel {number}", "manual")
        play.world.dashly.state.channels[5_000 + number].operators = [int(operator)]

    agents = {agent.id for agent in play.helpdesks[Side.DASHLY].agents()}

    assert {str(700_000 + number) for number in range(57)} <= agents
    assert play.judge.problems == []


@pytest.mark.parametrize("text", ["a < b", "see <b>x</b> &amp; y", "1\n2\n\n3"])
@pytest.mark.parametrize("as_html", [True, False])
def test_a_customers_words_are_written_once_in_either_reading(stage, text, as_html):
    """Even when Intercom shows them in another way than they were meant."""
    world = world_with(IntercomSwitches, "contact_reply_html", as_html)
    play = stage(world=world)
    play.init()
    world.advance(2)
    eva = world.dashly.customer("Eva", email="eva@example.org")
    talk = world.dashly.customer_starts(eva, "hello")
    play.sync()
    world.dashly.customer_writes(talk, text)

    for _ in range(3):
        world.advance(10)
        play.sync()

    (mirror,) = world.truth()["intercom"]["conversations"]
    assert len([part for part in mirror["parts"] if part["type"] == "comment"]) == 1


def test_a_longer_text_than_allowed_is_cut_shorter_next_time(stage):
    """Dashly does not say how long a text may be; what it refuses is learnt."""
    world = world_with(DashlySwitches, "body_limit", 4_000)
    play = stage(world=world)
    play.init()
    world.advance(2)
    ines = world.intercom.customer("Ines", email="ines@example.net")
    talk = world.intercom.customer_starts(ines, "hello")
    play.sync()
    words = [f"w{number:04}" for number in range(1_500)]
    world.intercom.customer_writes(talk, " ".join(words))

    for _ in range(5):
        world.advance(30)
        play.sync()

    (mirror,) = world.truth()["dashly"]["conversations"]
    said = " ".join(part["body"] for part in mirror["parts"]).split()
    assert [word for word in said if re.fullmatch(r"w\d{4}", word)] == words


def test_a_repeated_state_that_is_refused_counts_as_done(stage):
    """Closing what is closed, and taking nobody off, need no person."""
    world = world_with(DashlySwitches, "repeat_is_error", value=True)
    desk = stage(world=world).helpdesks[Side.DASHLY]
    talk = world.dashly.customer_starts(world.dashly.customer("Eva"), "hello")
    world.dashly.close(talk)

    assert desk.send(SetStatus(talk, "default_admin", CLOSED)).part is None
    assert desk.send(Assign(talk, "default_admin")).part is None
    with pytest.raises(Rejected):
        desk.send(PostMessage(talk, "", agent="default_admin"))
