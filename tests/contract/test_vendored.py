"""The vendored descriptions: made by the script, complete, and each change explained."""

import json
from pathlib import Path

import pytest

from connector.sandbox.intercom.api import NEW
from tests.contract.kit import vendor
from tests.contract.kit.contract import intercom
from tests.contract.kit.mend import KINDS
from tests.contract.kit.slips import SLIPS

OFFICIAL = Path(__file__).parents[3] / "shared" / "reference" / "intercom-openapi"
MENDS = json.loads((vendor.TARGET / "mends.json").read_text("utf-8"))


OLDEST, *OTHERS = vendor.VERSIONS


@pytest.mark.long
@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official YAML files are not here")
@pytest.mark.parametrize("version", [OLDEST, *(pytest.param(v, marks=pytest.mark.sweep) for v in OTHERS)])
def test_the_files_are_what_the_script_makes(version):
    """Nobody edits them by hand."""
    kept, account = vendor.vendor(vendor.read(OFFICIAL, version), version)

    assert (vendor.TARGET / f"{version}.json").read_text("utf-8") == vendor.lines(kept)
    assert MENDS[version] == account


def test_nothing_else_lies_there():
    """The summary is of these mends, and the licence is there."""
    names = {"README.md", "mends.json", vendor.LICENCE, *(f"{version}.json" for version in vendor.VERSIONS)}

    assert {path.name for path in vendor.TARGET.iterdir()} == names
    assert (vendor.TARGET / "README.md").read_text("utf-8") == vendor.summary(MENDS)
    assert "Copyright (c) 2022 Intercom, Inc." in (vendor.TARGET / vendor.LICENCE).read_text("utf-8")


@pytest.mark.parametrize("version", vendor.VERSIONS)
def test_every_change_is_counted_and_explained(version):
    """Kinds are explained, counts agree with the changes, and then every example fits."""
    account = MENDS[version]

    kinds = [kind for kind, _, _ in account["changes"]]
    assert account["counts"] == {kind: kinds.count(kind) for kind in sorted(set(kinds))}
    assert set(kinds) <= set(KINDS)
    assert account["examples"]["failed"] > account["examples"]["fail when mended"] == 0


@pytest.mark.parametrize("version", vendor.VERSIONS)
def test_whatever_the_sandbox_serves_is_described(version):
    """Each route of the emulator is an operation of the description, from the version on that has it."""
    at = tuple(map(int, version.split(".")))
    served = {
        f"{route.method} {vendor.nameless(route.template)}"
        for route in NEW
        if route.since <= at < route.until
    }
    known = {f"{o.method} {vendor.nameless(o.path)}" for o in intercom(version).operations}

    assert served <= known


def test_every_exception_has_its_reason():
    """An exception says where it is known from."""
    assert all(len(slip.why) > 10 and set(slip.versions) <= set(vendor.VERSIONS) for slip in SLIPS)
