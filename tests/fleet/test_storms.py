"""Two hosts of one fleet while people write and something breaks: nothing is lost and nothing doubled.

`make fleet-test` plays each with several seeds; elsewhere one is played.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.fleet.harbour import eventually
from tests.fleet.network import Way
from tests.fleet.storm import Storm

if TYPE_CHECKING:
    from tests.fleet.harbour import Harbour
    from tests.postgres import Server

pytestmark = pytest.mark.long
SEEDS = range(int(os.environ.get("STORMS", "1")))
HOSTS = ("north", "south")
HAND_OVER = 45.0


@pytest.fixture(params=SEEDS)
def storm(request: pytest.FixtureRequest, harbour: Harbour, address: str) -> Storm:
    """Three pairs on two hosts, with everything in step."""
    return begun(harbour, address, request.param, "acme", "borg", "cora")


@pytest.fixture(params=SEEDS)
def crowd(request: pytest.FixtureRequest, harbour: Harbour, address: str) -> Storm:
    """Twenty pairs on two hosts, with everything in step."""
    return begun(harbour, address, request.param, *(f"pair{number:02}" for number in range(20)))


def begun(harbour: Harbour, address: str, seed: int, *names: str) -> Storm:
    """Start two hosts with these pairs and wait until they are in step."""
    harbour.share(address)
    found = Storm(harbour, seed)
    found.add(*names)
    for name in HOSTS:
        harbour.host(name)
    found.start(*HOSTS)
    return found


def test_a_host_that_is_killed(storm: Storm) -> None:
    """The other one goes on with its pairs within three quarters of a minute, and it comes back."""
    storm.blow(seconds=3.0)
    storm.kill("north", stay_down=True)
    killed = time.monotonic()
    for writers in storm.pairs.values():
        writers.write()

    assert eventually(lambda: all(one.in_step() for one in storm.pairs.values()), seconds=HAND_OVER)
    assert time.monotonic() - killed < HAND_OVER

    storm.down.clear()
    storm.blow(seconds=5.0)
    storm.calm()


def test_a_host_that_is_killed_while_it_rescues(storm: Storm) -> None:
    """Whoever is left, or comes back, rescues the pairs of both."""
    storm.kill("north", stay_down=True)
    storm.blow(seconds=60.0, until=lambda: "pair.rescued" in storm.harbour.log_text())
    storm.kill("south", stay_down=True)

    storm.down.clear()
    storm.blow(seconds=5.0)
    storm.calm()


def test_a_host_that_is_frozen_and_thaws(storm: Storm) -> None:
    """Its pairs are given away meanwhile; when it goes on it is too late for whatever it was at."""
    storm.blow(seconds=2.0)
    storm.freeze("north", seconds=35.0)
    storm.blow(seconds=5.0)
    storm.calm()


def test_a_database_that_crashes(storm: Storm, postgres: Server) -> None:
    """Both hosts end with 3, are started again, and go on."""
    storm.blow(seconds=3.0)
    postgres.stop()
    try:
        storm.blow(seconds=40.0, until=lambda: 3 in storm.codes)
    finally:
        postgres.start()
    storm.blow(seconds=5.0)
    storm.calm()

    assert set(storm.codes) == {3}


@pytest.mark.parametrize("way", [Way.CUT, Way.SILENT])
def test_a_host_that_is_cut_off(storm: Storm, way: Way) -> None:
    """From the database and from both helpdesks: the other one goes on, and it comes back."""
    storm.blow(seconds=2.0)
    storm.trouble("north", way, seconds=35.0)
    storm.blow(seconds=5.0)
    storm.calm()

    assert set(storm.codes) <= {3}


def test_hosts_of_two_versions(storm: Storm) -> None:
    """Whoever finds state that a later version has changed ends with 2, and leaves its pairs to the other."""
    storm.blow(seconds=2.0)
    storm.upgrade("south")
    storm.blow(seconds=40.0, until=lambda: 2 in storm.codes)
    storm.blow(seconds=5.0)
    storm.calm()

    storm.upgrade("north")
    storm.blow(seconds=3.0)
    storm.calm()

    assert set(storm.codes) == {0, 2}


def test_a_poisoned_pair_of_twenty(crowd: Storm) -> None:
    """A refused token stops its own pair on both hosts, and no other one."""
    poisoned, *others = crowd.pairs
    crowd.harbour.put_tokens(poisoned, dashly="app.48213.wrong-token-of-another")
    crowd.blow(seconds=8.0)
    crowd.calm(*others)

    crowd.harbour.put_tokens(poisoned)
    crowd.calm()
