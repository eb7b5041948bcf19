"""The process of a fleet on a machine that fails it; no pair of it is reached."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from connector.fleet.runner import Fleet
from connector.fleet.settings import FleetConfig, FleetSection
from connector.host.clock import SystemClock

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = '[dashly]\napp_id = "{app}"\n[intercom]\ndefault_admin = "814860"\n[state]\npath = "{app}.db"\n'


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Two pairs that nobody has bound."""
    folder = tmp_path / "pairs.d"
    folder.mkdir()
    for app in ("1", "2"):
        (folder / f"pair-{app}.toml").write_text(MINIMAL.format(app=app))
    return Fleet(FleetConfig(fleet=FleetSection(pairs=folder)), SystemClock())


def test_a_machine_without_a_thread_left_fails_a_pass_and_no_fleet(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pairs are due again later."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)

    ended = fleet.once()

    assert {name: one.exit_code for name, one in ended.items()} == {"pair-1": 3, "pair-2": 3}
    assert all(fleet.agenda[name].failures == 1 for name in fleet.agenda)
    assert not fleet.agenda.running()


def test_a_folder_that_is_away_is_read_again_when_it_is_back(fleet: Fleet, tmp_path: Path) -> None:
    """A signal that came meanwhile is not forgotten: who rests tries again."""
    fleet.once()
    assert [bool(fleet.agenda[name].rest) for name in fleet.agenda] == [True, True]
    folder = tmp_path / "pairs.d"
    folder.rename(tmp_path / "away")
    fleet.read_again()
    fleet._look_around()

    (tmp_path / "away").rename(folder)
    fleet._look_around()

    assert [fleet.agenda[name].rest for name in fleet.agenda] == [None, None]
