"""The command under systemd: what it says of itself, and the units that it writes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector.host.units import UNITS, units

if TYPE_CHECKING:
    from collections.abc import Iterator

ANALYZE = shutil.which("systemd-analyze")
ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
LOOSEST = 2.0
"""The exposure that `systemd-analyze security` may find at most: from 0, safe, to 10."""


@pytest.fixture
def manager(bound: Any, tmp_path: Path) -> Iterator[socket.socket]:
    """A socket on which the command is listened to as systemd does, with a patience of two seconds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(PATIENCE)
        bound.environment |= {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"}
        yield ear


@pytest.mark.long
def test_a_long_lived_run_says_that_it_is_ready_alive_and_about_to_stop(
    bound: Any, manager: socket.socket
) -> None:
    """Through passes and through a pause that is far longer than the watchdog's time."""
    bound.talk()
    process = bound.spawn("sync", "--every", "3600")

    heard = [manager.recv(64).decode() for _ in range(8)]
    manager.settimeout(2.0)  # the time in which systemd wants to hear something
    heard += [manager.recv(64).decode() for _ in range(4)]
    process.send_signal(signal.SIGTERM)
    while heard[-1] == "WATCHDOG=1":
        heard.append(manager.recv(64).decode())

    assert heard[0] == "READY=1"
    assert set(heard[1:-1]) == {"WATCHDOG=1"}
    assert heard[-1] == "STOPPING=1"
    assert process.wait(PATIENCE) == 0
    assert bound.run("status", "--json").json["pairs"]["linked"] == 1


@pytest.mark.long
def test_a_wrong_configuration_is_never_ready(bound: Any, manager: socket.socket) -> None:
    """The start fails, with the documented code."""
    bound.configure("[sync]", "[sink]")
    process = bound.spawn("sync", "--every")

    assert process.wait(PATIENCE) == 2
    manager.settimeout(0.0)
    with pytest.raises(BlockingIOError):
        manager.recv(64)


def test_init_writes_units_and_nothing_else(place: Any) -> None:
    """For the configuration that was named, the program that was called, and once."""
    folder = place.folder / "units"
    folder.mkdir()
    place.config.rename(place.folder / "shop.toml")

    said = place.run("--config", "shop.toml", "init", "--systemd", str(folder))
    again = place.run("--config", "shop.toml", "init", "--systemd", str(folder), "--json")

    assert "shop.dashly_token, shop.intercom_token and shop.key in" in said.out
    assert (said.code, sorted(one.name for one in folder.iterdir())) == (0, sorted(UNITS))
    assert "systemctl enable --now connector@shop.timer" in said.out
    assert again.json["written"] == []
    program = Path(sys.executable).with_name("connector")
    service = (folder / "connector@.service").read_text()
    assert f"ExecStart={program} --config {place.folder}/%i.toml sync\n" in service
    assert not re.search(r"@[A-Z]+@", "".join(one.read_text() for one in folder.iterdir()))
    assert not place.state.exists()
    assert place.remote_writes() == []


def test_a_unit_that_was_changed_is_left_as_it_is(place: Any) -> None:
    """Exit code 2 and how to keep changes."""
    (place.folder / UNITS[0]).write_text("mine")

    said = place.run("init", "--systemd", str(place.folder))

    assert said.code == 2
    assert said.is_told()
    assert (place.folder / UNITS[0]).read_text() == "mine"


@pytest.mark.parametrize(
    "config", ["/run/user/1000/connector.toml", "/etc/my shop/connector.toml", "/etc/my shop.toml"]
)
def test_what_no_service_could_use_is_refused(place: Any, config: str) -> None:
    """A home folder, a name that a unit would have to escape."""
    said = place.run("--config", config, "init", "--systemd", str(place.folder))

    assert said.code == 2
    assert said.is_told()
    assert [one.name for one in place.folder.iterdir()] == ["connector.toml"]


@pytest.fixture
def instances(tmp_path: Path) -> list[str]:
    """The units of one pair and of a fleet, of a program that exists."""
    program = Path(sys.executable).with_name("connector")
    for name, text in units(program, tmp_path / "shop.toml").items():
        (tmp_path / name.replace("@", "@shop")).write_text(text)
    return sorted(str(one) for one in tmp_path.iterdir())


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed (Debian: systemd)")
def test_systemd_understands_the_units(instances: list[str]) -> None:
    """Without a warning."""
    assert analyzed("verify", *instances) == ""


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed (Debian: systemd)")
def test_the_services_are_confined(instances: list[str]) -> None:
    """As systemd itself counts what a service that was taken over could reach."""
    services = [one for one in instances if one.endswith(".service")]

    assert len(services) == 4
    for service in services:
        told = analyzed(
            "security", "--offline=true", "--no-pager", f"--threshold={LOOSEST * 10:.0f}", service
        )
        found = re.search(r"exposure level for \S+: ([\d.]+)", told)
        assert found
        assert float(found[1]) <= LOOSEST


@pytest.mark.long
def test_the_line_for_cron_works_as_it_stands(bound: Any, tmp_path: Path) -> None:
    """In both pages the same; what it says goes into the log, a line of JSON each."""
    pages = [(ROOT / name).read_text() for name in ("docs/quickstart.md", "docs/operations.md")]
    first, second = (re.findall(r"^\* \* \* \* \* (.*)$", page, re.MULTILINE) for page in pages)
    bound.talk()
    home = tmp_path / "home"
    home.mkdir()
    bound.folder.rename(home / "connector")
    (home / "connector" / "venv").symlink_to(Path(sys.executable).parents[1])
    for side in ("dashly", "intercom"):
        token = home / "connector" / f"{side}_token"
        token.write_text(bound.environment[f"{side.upper()}_TOKEN"])
        token.chmod(0o600)

    done = subprocess.run(["/bin/sh", "-c", first[0]], env={"HOME": str(home)}, check=False)

    log = (home / "connector" / "connector.log").read_text().splitlines()
    assert (first, done.returncode) == (second, 0)
    assert [json.loads(told)["event"] for told in log if told.startswith("{")] != []
    assert any(told.startswith("sync ") for told in log)


def test_the_image_runs_without_rights_from_pinned_packages() -> None:
    """A user of its own, a volume for the state, hashes for all that is installed, no file by accident."""
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert lines.index("USER connector") < lines.index("VOLUME /state") < len(lines) - 1
    assert all("--require-hashes" in told or "--no-deps" in told for told in lines if "pip install" in told)
    assert (ROOT / ".dockerignore").read_text().startswith("*\n")


def analyzed(*arguments: str) -> str:
    """Return what systemd says of units; it must find nothing to fail for."""
    assert ANALYZE is not None
    environment = os.environ | {"SYSTEMD_COLORS": "0"}
    done = subprocess.run([ANALYZE, *arguments], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
