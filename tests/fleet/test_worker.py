"""One of several hosts whose folder is not what the others have; no pair of it is reached."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from connector.errors import ExitCode
from connector.fleet.breaker import Ended
from connector.fleet.settings import FleetConfig, FleetMetrics, FleetSection
from connector.host.clock import SystemClock

pytest.importorskip("procrastinate", reason="the extra `fleet` is not installed")

from connector.fleet.hosts.database import Database
from connector.fleet.hosts.post import Post
from connector.fleet.hosts.seats import Seats
from connector.fleet.hosts.worker import SharedFleet
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.app.machine import mailbox
    from connector.fleet.pairs import Pair
    from tests.clock import VirtualClock

WORKER = 4711


@pytest.fixture
def north(tmp_path: Path, address: str) -> Iterator[SharedFleet]:
    """A host with two pairs that nobody has bound, in a database that has the tables."""
    folder = tmp_path / "pairs.d"
    folder.mkdir()
    for name in ("acme", "borg"):
        (folder / f"{name}.toml").touch()
    config = FleetConfig(
        fleet=FleetSection(pairs=folder), metrics=FleetMetrics(textfile=tmp_path / "north.prom")
    )
    with closing(Database(SecretStr(address))) as database:
        database.prepare()
    fleet = SharedFleet(config, SecretStr(address), SystemClock(), lambda: None)
    fleet._look_around()
    yield fleet
    fleet._leave()


@pytest.fixture
def seats(address: str) -> Iterator[Seats]:
    """The table as another host sees it."""
    with closing(Database(SecretStr(address))) as database:
        yield Seats(database, "south", 60.0)


def test_a_host_whose_folder_is_away_leaves_its_pairs_to_the_others(
    north: SharedFleet, seats: Seats, tmp_path: Path
) -> None:
    """What it could not read there would let them rest on every host."""
    (tmp_path / "pairs.d").rename(tmp_path / "away")
    north._look_around()

    assert north.due() == ["acme"]
    asyncio.run(north.carry_out("acme", WORKER))

    assert seats.due(["acme"]) == ["acme"]
    assert seats.known().seats["acme"].last is None


def test_the_metrics_are_of_the_pairs_that_are_there(
    north: SharedFleet, seats: Seats, tmp_path: Path
) -> None:
    """An alert about one that was removed, or that is paused on purpose, would never end."""
    north.due()
    seats.due(["cora"])
    seats.pause("borg", paused=True)

    north._moment()

    told = (tmp_path / "north.prom").read_text()
    assert [name for name in ("acme", "borg", "cora") if f'pair="{name}"' in told] == ["acme"]
    assert "connector_fleet_pairs 1.0" in told


def test_a_pair_of_other_hosts_is_told_once(
    north: SharedFleet, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it is this host's turn; and again when the pair was here meanwhile."""
    for _ in range(3):
        asyncio.run(north.carry_out("cora", WORKER))
    (tmp_path / "pairs.d" / "cora.toml").touch()
    north._look_around()
    asyncio.run(north.carry_out("cora", WORKER))
    (tmp_path / "pairs.d" / "cora.toml").unlink()
    north._look_around()
    asyncio.run(north.carry_out("cora", WORKER))

    assert caplog.messages.count("pair.not_here") == 2


def test_two_hosts_of_one_name_wake_no_pair_again_and_again(
    north: SharedFleet, address: str, tmp_path: Path
) -> None:
    """Each takes what the other saw for its own; only what changes here wakes a pair."""
    north.due()
    with closing(Database(SecretStr(address))) as database:
        twin = Seats(database, FleetConfig().fleet.database.host_name, 60.0)
        for expected in (False, True):
            twin.lift("acme")
            begun = twin.begin("acme", WORKER)
            assert begun is not None
            twin.end("acme", begun.at, Ended(ExitCode.PERSON, at=0.0), "as it is there")
            north._moment()
            assert bool(twin.known().seats["acme"].rest) is expected

        (tmp_path / "pairs.d" / "acme.toml").write_text("# mended")
        north._look_around()
        north._moment()
        assert twin.known().seats["acme"].rest is None


def test_what_lies_there_for_a_pass_is_not_sent_on(
    tmp_path: Path, address: str, clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass may wait long for a helpdesk before it takes its hints; those that come later follow it."""
    (tmp_path / "acme.toml").write_text('[dashly]\napp_id = "1"\n[intercom]\ndefault_admin = "814860"\n')
    fleet = SharedFleet(
        FleetConfig(fleet=FleetSection(pairs=tmp_path)), SecretStr(address), SystemClock(), lambda: None
    )
    fleet._look_around()
    pair, post, seen = fleet._pairs.pair("acme"), Post(clock), []

    def sent(passing: set[str]) -> list[tuple[str, tuple[mailbox.Hint, ...]]]:
        found: list[tuple[str, tuple[mailbox.Hint, ...]]] = []
        for _ in range(20):
            found += post.due([pair], passing)
            clock.sleep(0.25)
        return found

    def carry_out(_pair: Pair, _clock: SystemClock) -> Ended:
        seen.append(sent(fleet._passing))
        return Ended(ExitCode.CLEAN, at=0.0)

    monkeypatch.setattr("connector.fleet.passing.carry_out", carry_out)
    with closing(Database(SecretStr(address))) as database:
        database.prepare()
        table = Seats(database, "south", 60.0)
        table.due(["acme"])
        table.hint("acme", [(Side.INTERCOM, "7")])
        asyncio.run(fleet.carry_out("acme", WORKER))
    fleet._leave()

    assert seen == [[]]
    assert sent(fleet._passing) == [("acme", ((Side.INTERCOM, "7"),))]
