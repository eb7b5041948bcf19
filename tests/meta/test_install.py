"""What a user installs: pinned by hash, complete, built the same each time."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from connector.cli.manual.share import shared
from connector.host.units import UNITS

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})*)", re.MULTILINE)
PAGES = [
    *("README.md", "CONTRIBUTING.md", "Dockerfile", "Makefile", ".ci/run"),
    *(f"docs/{page.name}" for page in sorted((ROOT / "docs").glob("*.md"))),
]
PACKAGES = ("connector", "mappings", "state")


def pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Return the packages of a file with their versions and hashes."""
    found = PIN.findall((ROOT / name).read_text())
    return {
        package: (version, frozenset(hashes.split(" \\\n    ")) - {""}) for package, version, hashes in found
    }


def test_every_package_is_pinned_by_its_hashes() -> None:
    """In every file, and in each to the same versions."""
    developer = pins("requirements-dev.txt")
    user = pins("requirements.txt") | pins("requirements-hooks.txt") | pins("requirements-fleet.txt")

    assert len(user) > 20
    assert [name for name, (_, hashes) in (developer | user).items() if not hashes] == []
    assert [name for name, pin in user.items() if developer.get(name) != pin] == []


def test_a_user_gets_what_the_program_needs_and_no_tools() -> None:
    """All dependencies and what builds the package; no test runner, no linter."""
    user = pins("requirements.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[<>=]", one)[0] for one in project["dependencies"]}

    assert len(needed) > 10
    assert needed <= set(user)
    assert "hatchling" in user
    assert not {"pytest", "mypy", "ruff", "hypothesis", "coverage"} & set(user)


def test_the_server_for_webhooks_needs_little_more() -> None:
    """Its own packages beside those of everybody, and nothing else is another version."""
    user, hearing = pins("requirements.txt"), pins("requirements-hooks.txt")

    assert set(user) <= set(hearing)
    assert {"starlette", "uvicorn"} <= set(hearing) - set(user)
    assert len(set(hearing) - set(user)) < 5


def test_several_hosts_need_the_server_and_a_database() -> None:
    """What hears webhooks, the driver with its library, and what shares out passes."""
    hearing, fleet = pins("requirements-hooks.txt"), pins("requirements-fleet.txt")

    assert set(hearing) <= set(fleet)
    assert {"psycopg", "psycopg-binary", "procrastinate"} <= set(fleet) - set(hearing)


def test_the_changelog_leads_to_the_version() -> None:
    """Its newest heading names the version that is built, and nothing is listed for a later one."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    newest = re.search(r"^## (.*)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert newest is not None
    assert version in newest[1]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_installs_what_is_not_pinned(page: str) -> None:
    """Each `pip install` checks hashes, or installs the program alone with what is there."""
    lines = re.findall(r"pip\"? install [^\n&]*", (ROOT / page).read_text())

    assert [line for line in lines if "--require-hashes" not in line and "--no-deps" not in line] == []
    assert [line for line in lines if "--no-deps" in line and "--no-build-isolation" not in line] == []


def test_no_message_installs_what_is_not_pinned() -> None:
    """A name that a message tells to install is one that anybody could publish a program under."""
    told = [
        line
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for line in re.findall(r"pip install [^\n]*", path.read_text())
    ]

    assert [line for line in told if "--require-hashes" not in line] == []


WITHOUT_DRIVER = """
import sys, pytest
sys.modules.update(dict.fromkeys(("psycopg", "psycopg_pool", "procrastinate")))
sys.exit(pytest.main(["-q", "-n0", "-p", "no:cacheprovider", "-m", "long", *sys.argv[1:]]))
"""
SKIPPED_WITHOUT = (
    "state/test_postgres.py",
    "state/test_moving.py",
    "fleet/test_seats.py",
    "cli/test_state_move.py",
)


@pytest.mark.long
def test_without_the_driver_of_postgres_its_tests_are_skipped() -> None:
    """None of them fails, nor does any other where they are collected."""
    given = [sys.executable, "-c", WITHOUT_DRIVER, *(f"tests/{name}" for name in SKIPPED_WITHOUT)]
    ended = subprocess.run(given, cwd=ROOT, capture_output=True, text=True, check=False)

    assert ended.returncode in {0, 5}, ended.stdout
    assert "extra `fleet` is not installed" in ended.stdout


def built(folder: Path, *, umask: int) -> dict[str, str]:
    """Build a copy of the sources and return the hash of each file that came out."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__", "dist"))
    environment = {name: value for name, value in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build"],
        cwd=folder,
        env=environment,
        umask=umask,
        check=True,
        capture_output=True,
    )
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in (folder / "dist").iterdir()}


@pytest.mark.long
def test_two_builds_are_equal_to_the_bit(tmp_path: Path) -> None:
    """Whatever folder, time and rights: whoever builds a commit can compare hashes."""
    first, second = built(tmp_path / "one", umask=0o022), built(tmp_path / "two", umask=0o077)

    assert len(first) == 2
    assert first == second
    holds_everything(tmp_path / "one" / "dist")


def holds_everything(dist: Path) -> None:
    """Assert that the wheel has every file of the packages, and the sources what a packager needs."""
    (wheel,), (sources,) = dist.glob("*.whl"), dist.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    files = {
        str(one.relative_to(ROOT))
        for package in PACKAGES
        for one in (ROOT / package).rglob("*")
        if one.is_file() and "__pycache__" not in one.parts
    }
    assert files - names == set()
    assert {f"connector/host/systemd/{unit}" for unit in UNITS} <= names
    assert {f"share/{name}" for name in shared()} <= {name.partition(".data/data/")[2] for name in names}
    with tarfile.open(sources) as packed_sources:
        inside = {name.partition("/")[2] for name in packed_sources.getnames()}
    assert {f"share/{name}" for name in shared()} <= inside
    assert {"requirements.txt", "Dockerfile", "SECURITY.md", "CHANGELOG.md", "LICENSE"} <= inside
