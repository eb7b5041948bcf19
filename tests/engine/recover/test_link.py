"""Two conversations that both sides had before: linked by hand, then kept in step, then let go."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli import connector
from connector.sandbox import Sandbox, World, start

CONFIG = """
[dashly]
base_url = "{dashly}"
app_id = "{app}"
requests_per_minute = 5000
[intercom]
base_url = "{intercom}"
default_admin = "814860"
[sync]
settle = "1s"
"""


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a staffed world and point the command line at it."""
    with start(world=World(dashly_limit=5000)) as served:
        config = tmp_path / "connector.toml"
        config.write_text(
            CONFIG.format(
                dashly=served.dashly.base_url, app=served.dashly.app_id, intercom=served.intercom.base_url
            )
        )
        monkeypatch.setenv("CONNECTOR_CONFIG", str(config))
        monkeypatch.setenv("DASHLY_TOKEN", served.dashly.token)
        monkeypatch.setenv("INTERCOM_TOKEN", served.intercom.token)
        yield served


def run(*arguments: str) -> dict[str, object]:
    """Run a command and return its JSON."""
    done = CliRunner().invoke(
        connector, [*arguments, "--json"], catch_exceptions=False, standalone_mode=False
    )
    told: dict[str, object] = json.loads(done.stdout)
    return told


def texts(world: World, side: str, conversation: str) -> list[str]:
    """Return the bodies that a side holds in one conversation."""
    talks = world.truth()[side]["conversations"]
    talk = next(talk for talk in talks if talk["id"] == conversation)
    return [str(part.get("body")) for part in [talk.get("source") or {}, *talk["parts"]] if part.get("body")]


@pytest.fixture
def twins(sandbox: Sandbox) -> tuple[str, str]:
    """Begin the same conversation on both sides, as another tool would have copied it."""
    world = sandbox.world
    ann = world.dashly.customer("Ann Lee", email="ann@example.org")
    dashly = world.dashly.customer_starts(ann, "Where is my parcel?")
    world.dashly.tag(dashly, "parcel")
    twin = world.intercom.customer("Ann Lee", email="ann@example.org")
    intercom = world.intercom.customer_starts(twin, "Where is my parcel?")
    world.intercom.tag(intercom, "VIP")
    world.intercom.agent_notes(intercom, "Asked the carrier")
    world.advance(400)
    return dashly, intercom


@pytest.mark.long
def test_linking_copies_nothing_that_was_there(sandbox: Sandbox, twins: tuple[str, str]) -> None:
    """What both conversations held before stays where it is; the common part counts as copied."""
    run("init")
    linked = run("pairs", "link", *twins)
    report = run("sync")

    assert linked["matched"] == 1
    assert texts(sandbox.world, "dashly", twins[0]) == ["Where is my parcel?"]
    assert len(texts(sandbox.world, "intercom", twins[1])) == 2
    assert report["conversations"]["created"] == 0  # type: ignore[index]


@pytest.mark.long
def test_linked_conversations_are_kept_in_step(sandbox: Sandbox, twins: tuple[str, str]) -> None:
    """After a link new words travel once, and the tags of both sides are united."""
    run("init")
    run("pairs", "link", *twins)
    sandbox.world.dashly.customer_writes(twins[0], "Any news?")
    run("sync")

    assert [text for text in texts(sandbox.world, "intercom", twins[1]) if "Any news?" in text] == [
        "<p>Any news?</p>"
    ]
    tags = {
        side: set(next(t for t in sandbox.world.truth()[side]["conversations"] if t["id"] == twin)["tags"])
        for side, twin in zip(("dashly", "intercom"), twins, strict=True)
    }
    assert tags == {"dashly": {"parcel", "VIP"}, "intercom": {"parcel", "VIP"}}
    assert run("sync")["writes"] == {"dashly": 0, "intercom": 0}


@pytest.mark.long
def test_unlinked_conversations_are_left_alone(sandbox: Sandbox, twins: tuple[str, str]) -> None:
    """After unlinking nothing travels any more, and no second mirror is made."""
    run("init")
    run("pairs", "link", *twins)
    run("sync")
    run("pairs", "unlink", twins[0])
    sandbox.world.dashly.customer_writes(twins[0], "Hello?")
    report = run("sync")

    assert report["writes"] == {"dashly": 0, "intercom": 0}
    assert not [text for text in texts(sandbox.world, "intercom", twins[1]) if "Hello?" in text]


def test_a_linked_conversation_cannot_be_linked_twice(twins: tuple[str, str]) -> None:
    """A second link of the same conversation is refused with the next step."""
    run("init")
    run("pairs", "link", *twins)

    with pytest.raises(Exception, match="is linked already"):
        run("pairs", "link", *twins)
