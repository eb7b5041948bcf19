"""`mapping check` as a user calls it: what it lists, what it costs, and lines that can be pasted."""

from __future__ import annotations

import re
from typing import Any

import pytest

TESS, PRIYA = "151702", "814893"
EVERYBODY = f'\n[map.admins]\n"{TESS}" = "{PRIYA}"\n'


def write(place: Any, text: str) -> None:
    """Add to the configuration; a table for people makes everybody mapped."""
    if text.startswith(EVERYBODY):
        place.world.dashly.add_channel(3012, "Billing")
    with place.config.open("a") as file:
        file.write(text)


def pasted(out: str) -> str:
    """Return the lines of an output that are meant for the configuration."""
    return "\n" + out.partition("[map.")[1] + out.partition("[map.")[2]


@pytest.fixture
def tagged(bound: Any) -> Any:
    """A conversation with a tag that Intercom knows, one that it spells otherwise, and a new one."""
    talk = bound.talk()
    for tag in ("vip", "vip client", "brand [new]"):
        bound.world.dashly.tag(talk, tag)
    bound.world.intercom.add_tag("VIP-client")
    return bound


def test_the_whole_of_it(tagged: Any) -> None:
    """Channels, teams and tags stand beside the people, each with its guess."""
    told = tagged.run("mapping", "check", "--json")

    assert told.code == 0
    assert set(told.json) == {
        *("matched", "claims", "unmapped", "suggestions", "exit_code"),
        *("channels", "teams", "tags", "warnings", "remarks", "by_email"),
    }
    assert told.json["matched"] == {
        "151204": {"to": "814860", "by": "name"},
        "151377": {"to": "814872", "by": "name"},
        "151590": {"to": "814885", "by": "name_internal"},
    }
    assert told.json["unmapped"] == {
        "dashly": {TESS: "Tess Quill"},
        "intercom": {PRIYA: "Priya Raman"},
    }
    assert told.json["channels"] == {
        "3012": {"name": "Billing", "suggestion": "9001"},
        "3013": {"name": "Shop bot", "suggestion": None},
        "3014": {"name": "Support mailbox", "suggestion": None},
    }
    assert told.json["teams"] == {"9001": "Billing", "9002": "Technical"}
    assert told.json["tags"] == {
        "brand [new]": {"created": "brand [new]", "suggestion": None},
        "vip client": {"created": "vip client", "suggestion": "VIP-client"},
    }
    assert (told.json["warnings"], told.json["remarks"]) == ([], [])


def test_it_is_cheap(tagged: Any) -> None:
    """Four requests on Dashly, one of them for the tags and one for addresses, and reads alone."""
    before = len(tagged.world.requests("dashly"))

    tagged.run("mapping", "check")

    asked = [request.path.rpartition("/")[2] for request in tagged.world.requests("dashly")[before:]]
    assert asked == ["conversations", "channels", "conversations", "conversations"]
    assert tagged.remote_writes() == []


def test_a_tag_of_long_ago_is_known_from_the_state_file(bound: Any) -> None:
    """What a pair was tagged with when it was agreed on is listed, though no page shows it any more."""
    talk = bound.talk()
    bound.world.dashly.tag(talk, "ancient")
    bound.run("sync")
    bound.world.dashly.delete_conversation(talk)
    there = bound.world.intercom
    key = next(key for key, tag in there.state.tags.items() if tag.name == "ancient")
    there.state.tags[key].name = "renamed by hand"

    assert list(bound.run("mapping", "check", "--json").json["tags"]) == ["ancient"]


def test_a_guess_is_a_comment(tagged: Any) -> None:
    """Pasted as they are, the lines change nothing: a person has to say which of them are right."""
    before = tagged.run("mapping", "check", "--json").json
    write(tagged, pasted(tagged.run("mapping", "check").out))

    assert tagged.run("mapping", "check", "--json").json == before


def test_the_lines_can_be_uncommented(tagged: Any) -> None:
    """Pasted and uncommented, those with a counterpart are in force and the lists follow."""
    write(tagged, EVERYBODY)
    before = tagged.run("mapping", "check")
    write(tagged, re.sub(r"^# (?=.*\?$)", "", pasted(before.out), flags=re.MULTILINE))
    after = tagged.run("mapping", "check", "--json")

    assert before.code == 0
    assert '# "3012" = "team:9001"   # Billing = Billing?' in before.out.splitlines()
    assert '# "vip client" = "VIP-client"   # vip client = VIP-client?' in before.out.splitlines()
    assert '# "3013" = "team:"   # Shop bot' in before.out.splitlines()
    assert "brand [new]" in before.out
    assert (after.code, set(after.json["channels"]), after.json["teams"]) == (
        0,
        {"3013", "3014"},
        {"9002": "Technical"},
    )
    assert list(after.json["tags"]) == ["brand [new]"]


def test_nothing_is_left_to_say(bound: Any) -> None:
    """When all is mapped, the end says so after who is who and by what, and the exit code is 0."""
    write(bound, EVERYBODY + "[map.channels]\n3012 = 9001\n3013 = 9002\n3014 = 9002\n")

    told = bound.run("mapping", "check")

    title, *rows, end = told.out.splitlines()
    assert (told.code, title, end) == (0, "Who is who", "Everybody and everything has a counterpart.")
    assert [row.split()[-1] for row in rows] == ["by", "name", "name", "name_internal", "map"]


def test_entries_that_cannot_work(bound: Any) -> None:
    """They are warnings, in words and in JSON, and exit code 1 although everybody is mapped."""
    write(bound, EVERYBODY + '[map.channels]\n"5" = "team:9001"\n[map.tags]\n"a" = "x"\n"b" = "X"\n')

    said, told = bound.run("mapping", "check"), bound.run("mapping", "check", "--json")

    assert (said.code, told.code, told.json["exit_code"]) == (1, 1, 1)
    assert len(told.json["warnings"]) == 2
    assert all(f"  - {line}" in said.out.splitlines() for line in told.json["warnings"])


@pytest.mark.parametrize("version", ["1.3", "1.4"])
def test_an_old_version_can_be_checked(bound: Any, version: str) -> None:
    """Teams are found, also where they stand among the teammates; that nothing can be tagged is said."""
    bound.configure("[intercom]", f'[intercom]\napi_version = "{version}"')

    told = bound.run("mapping", "check", "--json").json

    assert told["teams"] == {"9001": "Billing", "9002": "Technical"}
    assert len(told["remarks"]) == 1
    assert "cannot tag" in told["remarks"][0]


def test_a_side_that_refuses_a_list(bound: Any) -> None:
    """A token without the permission is enough: what the list serves is off, and that is not a failure."""
    bound.world.fault("status", side="intercom", path="/tags$", status=403, times=9)

    told = bound.run("mapping", "check")

    assert told.code == 0
    assert "Without a counterpart" in told.out


@pytest.mark.long
def test_a_plan_tells_of_channels_and_tags(tagged: Any) -> None:
    """What `sync` would create in Intercom and where no team stands for a channel, by conversations."""
    talk = tagged.talk("Another")
    for tag in ("Brand [NEW]", "VIP"):
        tagged.world.dashly.tag(talk, tag)
    tagged.world.dashly.change_channel(talk, "3014")

    told, said = tagged.run("plan", "--json").json, tagged.run("plan").out
    tagged.run("sync")
    after = tagged.run("plan", "--json").json

    assert sorted(told["tags"].values()) == [1, 2]
    assert {name.casefold() for name in told["tags"]} == {"brand [new]", "vip client"}
    assert told["channels"] == {"dashly:3014 Support mailbox": 1}
    assert "[new]" in said.casefold()
    assert "Dashly 3014 Support mailbox" in said
    assert (after["tags"], after["channels"]) == ({}, {})


def test_a_plan_is_quiet_about_what_is_mapped(tagged: Any) -> None:
    """A mapped channel and a tag mapped to one that exists are not news."""
    write(
        tagged,
        '[map.channels]\n3014 = 9002\n[map.tags]\n"vip client" = "VIP-client"\n"brand [new]" = "bug"\n',
    )
    talk = tagged.talk("Another")
    tagged.world.dashly.change_channel(talk, "3014")

    told = tagged.run("plan", "--json").json

    assert (told["tags"], told["channels"]) == ({}, {})
