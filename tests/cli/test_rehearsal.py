"""A migration is rehearsed on a sandbox that holds what was exported."""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from connector.archive.reading import Archive
from connector.cli.trying import sandbox
from connector.sandbox import World, populate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def exported(place: Any, source: str) -> Path:
    """Export a side with a week of conversations and its files."""
    populate(place.world)
    place.wait(5)
    assert place.run("init").code == 0
    ended = place.run("export", "--from", source, "all.ndjson", "--files", "files", "--json")
    assert ended.json["conversations"] > 0
    file: Path = place.folder / "all.ndjson"
    return file


def rehearsing(settle_in: Callable[..., Any], file: Path) -> Any:
    """Return a bound place whose sandbox holds an export."""
    world = World(dashly_limit=6000)
    sandbox._restore(world, file, file.parent / "files")
    place = settle_in(world)
    place.wait(5)
    assert place.run("init").code == 0
    return place


@pytest.mark.long
@pytest.mark.parametrize("source", ["dashly", "intercom"])
def test_a_rehearsal_does_what_the_migration_would(settle_in: Callable[..., Any], source: str) -> None:
    """The plan, the parts by what becomes of them and the losses are those of the real side."""
    real = settle_in()
    file = exported(real, source)
    rehearsal = rehearsing(settle_in, file)

    planned = [one.run("plan", "backfill", "--from", source, "--json").json for one in (real, rehearsal)]
    done = [one.run("backfill", "--from", source, "--yes", "--json").json for one in (real, rehearsal)]

    for what in ("conversations", "created", "actions", "parts", "tags", "losses"):
        assert planned[0][what] == planned[1][what], what
    assert planned[1]["requests"] == pytest.approx(planned[0]["requests"], abs=1)
    assert (done[0]["parts"], done[0]["losses"]) == (done[1]["parts"], done[1]["losses"])
    assert rehearsal.run("verify", "--json").json["differences"] == []
    assert rehearsal.world.notifications(via="api") == []


@pytest.mark.long
@pytest.mark.parametrize("source", ["dashly", "intercom"])
def test_what_was_exported_is_what_the_sandbox_exports(settle_in: Callable[..., Any], source: str) -> None:
    """Its conversations, parts, people and files are the same, but for addresses that live for a while."""
    real = settle_in()
    file = exported(real, source)

    again = exported_again(rehearsing(settle_in, file), source)

    assert told(again) == told(file)


def exported_again(place: Any, source: str) -> Path:
    """Export a side as it is."""
    place.run("export", "--from", source, "all.ndjson", "--files", "files")
    file: Path = place.folder / "all.ndjson"
    return file


def told(file: Path) -> dict[str, Any]:
    """Return what an export says of conversations, without addresses, and its files by content."""
    found = {}
    with closing(Archive(file)) as archive:
        for key in archive.ids():
            entry = archive.find(key)
            assert entry is not None
            text = json.dumps([entry.record.conversation, entry.record.parts], sort_keys=True)
            files = sorted((one["sha256"], one["name"]) for one in entry.files.values())
            found[key] = (re.sub(r"http://127[^\"\\<]*", "address", text), files)
    return found


def test_a_file_that_no_sandbox_can_show_is_refused(place: Any) -> None:
    """One sentence, and nothing is served."""
    file = place.folder / "odd.ndjson"
    header = {"format": 1, "side": "intercom", "account": "abc", "made": "2026-01-01T00:00:00Z"}
    file.write_text(
        json.dumps(header) + "\n" + json.dumps({"conversation": {"id": "1"}, "people": []}) + "\n"
    )

    ended = place.run("sandbox", "--source", str(file))

    assert (ended.code, ended.is_told()) == (2, True)
