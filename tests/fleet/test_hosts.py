"""One fleet on several hosts: processes with a memory of their own, over a PostgreSQL that they share."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from tests.fleet.harbour import eventually

if TYPE_CHECKING:
    import subprocess

    from tests.fleet.harbour import Harbour
    from tests.postgres import Server

pytestmark = pytest.mark.long
HAND_OVER = 45.0
START = 180.0
"""So long a busy machine may take to start a process."""


@pytest.fixture
def shared(harbour: Harbour, address: str) -> Harbour:
    """A harbour whose pairs have their state in a database that knows nothing yet."""
    harbour.share(address)
    return harbour


def start(harbour: Harbour, *names: str) -> list[subprocess.Popen[str]]:
    """Start hosts with the pairs that there are, and wait until each is known to be at work."""
    for name in names:
        if not (harbour.folder / name).exists():
            harbour.host(name)
    started = [harbour.spawn("fleet", "run", "--config", f"{name}.toml") for name in names]
    assert eventually(lambda: hosts(harbour) >= set(names), seconds=START)
    return started


def hosts(harbour: Harbour) -> set[str]:
    """Return which hosts are known to be at work."""
    return {host["host"] for host in told(harbour)["fleet"]["hosts"]}


def once(harbour: Harbour, name: str) -> list[dict]:
    """Pass every pair once on one more host, and return how that ended."""
    harbour.host(name)
    return harbour.json("fleet", "run", "--once", "--config", f"{name}.toml")["pairs"]


def told(harbour: Harbour) -> dict:
    """Return what `fleet status` says."""
    return harbour.json("fleet", "status", "--config", "north.toml")


def status(harbour: Harbour, name: str) -> dict:
    """Return what `fleet status` says of a pair."""
    return next(pair for pair in told(harbour)["pairs"] if pair["name"] == name)


def test_hosts_share_out_the_passes_and_one_takes_over_from_a_killed_one(shared: Harbour) -> None:
    """Every pair goes on within three quarters of a minute, and nothing is copied twice."""
    names = ("acme", "borg", "cora")
    for name in names:
        shared.add(name)
    north, _ = start(shared, "north", "south")
    for name in names:
        shared.ask(name, "Before")
    assert eventually(lambda: all(shared.copies(name, "Before") == 1 for name in names))

    for name in names:
        shared.sandboxes[name].world.fault("slow", seconds=1.0, times=3)
    eventually(lambda: any(pair["at_work_since"] for pair in told(shared)["pairs"]), seconds=5)
    north.kill()
    for name in names:
        shared.ask(name, "After")

    assert eventually(lambda: all(shared.copies(name, "After") == 1 for name in names), seconds=HAND_OVER)
    assert [shared.copies(name, "Before") for name in names] == [1, 1, 1]


def test_a_host_ends_its_passes_when_it_is_asked_to(shared: Harbour) -> None:
    """SIGTERM ends within seconds with 0, and the other one goes on."""
    shared.add("acme")
    north, _ = start(shared, "north", "south")

    north.send_signal(signal.SIGTERM)

    assert north.wait(timeout=20) == 0
    assert hosts(shared) == {"south"}
    shared.ask("acme", "Still there?")
    assert eventually(lambda: shared.copies("acme", "Still there") == 1)


def test_a_pair_that_rests_is_woken_by_its_new_token_and_a_paused_one_by_nobody(shared: Harbour) -> None:
    """Whichever host passed it last."""
    for name in ("acme", "borg"):
        shared.add(name)
    shared.put_tokens("acme", dashly="app.48213.wrong-token-of-another")
    start(shared, "north", "south")
    assert shared.run("fleet", "pause", "borg", "--config", "south.toml")[0] == 0
    assert [one["name"] for one in once(shared, "elsewhere")] == ["acme"]

    assert eventually(lambda: status(shared, "acme")["health"] == "resting")
    shared.put_tokens("acme")
    shared.ask("acme", "Is my token right?")
    shared.ask("borg", "Anybody?")
    assert eventually(lambda: shared.copies("acme", "token right") == 1)
    assert shared.copies("borg", "Anybody") == 0
    assert shared.run("fleet", "resume", "borg", "--config", "north.toml")[0] == 0
    assert eventually(lambda: shared.copies("borg", "Anybody") == 1)


def test_a_webhook_that_reaches_one_host_brings_a_pass_on_any(shared: Harbour) -> None:
    """Within seconds, though the interval is an hour and another host may have passed the pair last."""
    names = ("acme", "borg", "cora", "dora")
    for name in names:
        shared.add(name)
        shared.put_secret(name)
    for name in ("north", "south"):
        shared.host(name, every="1h")
    start(shared, "north", "south")
    address = shared.hear("--pairs", "north/pairs.d")
    for name in names:
        intercom = shared.sandboxes[name].world.intercom
        intercom.subscribe(f"{address}/intercom/{name}")
        intercom.customer_starts(intercom.customer("Ann"), f"Hello {name}")

    def arrived(name: str) -> bool:
        return f"Hello {name}" in json.dumps(shared.sandboxes[name].world.dashly.truth())

    assert eventually(lambda: all(map(arrived, names)), seconds=45)


def test_a_database_that_is_away_ends_a_host_with_3(shared: Harbour, postgres: Server) -> None:
    """The service manager starts it again; with the database back it goes on."""
    shared.add("acme")
    (north,) = start(shared, "north")

    postgres.stop()
    try:
        assert north.wait(timeout=40) == 3
        code, _, said = shared.run("fleet", "run", "--config", "north.toml")
        assert (code, said.count("\n")) == (3, 2)
    finally:
        postgres.start()

    shared.ask("acme", "Still there?")
    start(shared, "north")
    assert eventually(lambda: shared.copies("acme", "Still there") == 1)


def test_a_pair_with_its_state_in_a_file_is_refused(shared: Harbour) -> None:
    """Each host would have a file of its own, and copy everything once more."""
    shared.database.rename(shared.folder / "later")
    shared.add("acme")
    (shared.folder / "later").rename(shared.database)
    shared.ask("acme", "Hello")
    shared.host("north")
    assert shared.run("fleet", "run", "--once", "--config", "north.toml")[0] == 2
    start(shared, "north")

    assert eventually(lambda: status(shared, "acme")["rests"] is not None)
    checks = shared.json("fleet", "check", "--config", "north.toml")["pairs"][0]["checks"]
    assert [one["status"] for one in checks if one["check"] == "fleet"] == ["fail"]
    assert "is in a file on one host" in status(shared, "acme")["why"]
    assert shared.copies("acme", "Hello") == 0


def test_an_address_that_cannot_be_one_is_told(shared: Harbour) -> None:
    """As a sentence with the next step, and without what is in the file."""
    shared.host("north")
    (shared.folder / "north" / "database").write_text("mysql://tapioca@here")

    code, _, said = shared.run("fleet", "status", "--config", "north.toml")

    assert (code, said.count("\n")) == (2, 2)
    assert "tapioca" not in said
