"""Units for systemd, written beside what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connector.errors import ConfigError
from connector.host.units import units, write_units

SERVICES = {
    name: text
    for name, text in units(Path("/opt/connector/bin/connector"), Path("/etc/connector/acme.toml")).items()
    if name.endswith(".service")
}


def test_a_pass_that_hangs_is_ended_by_the_service_manager() -> None:
    """The timer starts no other one meanwhile, and a oneshot service has no limit of its own."""
    passes = [text for text in SERVICES.values() if "Type=oneshot" in text]

    assert [_value(text, "TimeoutStartSec") for text in passes] == ["2h"]


@pytest.mark.parametrize("name", [name for name, text in SERVICES.items() if "Type=oneshot" not in text])
def test_a_service_that_stays_says_that_it_is_alive(name: str) -> None:
    """One that hangs is asked to end, with time for a write under way, and is started again."""
    text = SERVICES[name]

    assert _value(text, "Type") == "notify"
    assert _value(text, "NotifyAccess") == "main"
    assert _value(text, "WatchdogSec") == "10min"
    assert _value(text, "WatchdogSignal") == "SIGTERM"
    assert _value(text, "Restart") == "always"


@pytest.mark.parametrize("text", SERVICES.values(), ids=SERVICES)
def test_every_service_has_time_for_a_write_under_way(text: str) -> None:
    """It may take ten seconds to be answered after a stop."""
    assert _value(text, "TimeoutStopSec") == "30s"


def _value(unit: str, key: str) -> str | None:
    found = re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)
    return found[0] if len(found) == 1 else None


@pytest.mark.parametrize("there", [b"another\n", b"\xff\xfe"])
def test_a_unit_that_differs_is_left_as_it_is(tmp_path: Path, there: bytes) -> None:
    """Whatever is in it, text or not."""
    (tmp_path / "a.service").write_bytes(there)

    with pytest.raises(ConfigError, match="exists and differs"):
        write_units({"a.service": "ours\n"}, tmp_path)

    assert (tmp_path / "a.service").read_bytes() == there


def test_units_are_written_once(tmp_path: Path) -> None:
    """The second time there is nothing to do."""
    wanted = {"a.service": "ours\n", "b.timer": "ours as well\n"}

    assert [path.name for path in write_units(wanted, tmp_path)] == list(wanted)
    assert write_units(wanted, tmp_path) == []
