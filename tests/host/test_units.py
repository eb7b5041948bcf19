"""Units for systemd, written beside what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.errors import ConfigError
from connector.host.units import write_units

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("there", [b"another\n", b"\xff\xfe"])
def test_a_unit_that_differs_is_left_as_it_is(tmp_path: Path, there: bytes) -> None:
    """Whatever is in it, text or not."""
    (tmp_path / "a.service").write_bytes(there)

    with pytest.raises(ConfigError, match="is there and differs"):
        write_units({"a.service": "ours\n"}, tmp_path)

    assert (tmp_path / "a.service").read_bytes() == there


def test_units_are_written_once(tmp_path: Path) -> None:
    """The second time there is nothing to do."""
    wanted = {"a.service": "ours\n", "b.timer": "ours as well\n"}

    assert [path.name for path in write_units(wanted, tmp_path)] == list(wanted)
    assert write_units(wanted, tmp_path) == []
