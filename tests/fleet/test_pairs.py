"""The pairs of a folder, whatever their files and state files are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connector.app.machine import mailbox
from connector.fleet.pairs import Pairs

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = '[dashly]\napp_id = "{app}"\n[intercom]\ndefault_admin = "814860"\n[state]\npath = "{state}"\n'


@pytest.mark.parametrize("state", ["x" * 300, "loop", "loop/connector.db", "acme.toml/connector.db"])
def test_a_state_file_that_cannot_be_looked_at_is_the_affair_of_its_pair(tmp_path: Path, state: str) -> None:
    """A name too long, a link to itself or a file for a folder: the others are looked at all the same."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "acme.toml").write_text(MINIMAL.format(app="1", state=state))
    (tmp_path / "borg.toml").write_text(MINIMAL.format(app="2", state="borg.db"))
    pairs = Pairs(tmp_path)

    for _ in range(2):
        assert list(pairs.look()) == ["acme", "borg"]
        assert pairs.trace("acme") == pairs.trace("acme")
        assert pairs.pair("borg").usable().dashly.app_id == "2"
    assert not mailbox.waits(pairs.pair("acme").usable().state.path)


def test_a_state_file_behind_a_link_is_still_the_same(tmp_path: Path) -> None:
    """Two names of one file are one claim."""
    (tmp_path / "there").mkdir()
    (tmp_path / "here").symlink_to(tmp_path / "there")
    (tmp_path / "acme.toml").write_text(MINIMAL.format(app="1", state="here/a.db"))
    (tmp_path / "borg.toml").write_text(MINIMAL.format(app="2", state="there/a.db"))
    pairs = Pairs(tmp_path)
    pairs.look()

    assert (pairs.pair("acme").twins, pairs.pair("borg").twins) == (("borg",), ("acme",))


def test_only_what_is_shared_is_named(tmp_path: Path) -> None:
    """Whoever reads it changes that in one of the files, and need not ask which."""
    for name, app in (("acme", "1"), ("borg", "1"), ("crew", "2")):
        (tmp_path / f"{name}.toml").write_text(MINIMAL.format(app=app, state=f"{name}.db"))
    pairs = Pairs(tmp_path)
    pairs.look()

    told = "acme shares the Dashly app 1 with borg; nothing is copied for any of them"
    assert str(pairs.pair("acme").problem) == told
    assert pairs.pair("crew").problem is None
