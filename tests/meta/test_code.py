"""What no linter checks: the shape of the code, what is tracked, what is shipped."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PACKAGES = ("connector", "mappings", "state")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
LONGEST_FUNCTION = 50
LONGEST_MODULE = 300
FULLEST_FOLDER = 20
FORBIDDEN = re.compile(
    r"/(?:root|home/[a-z]\w*|Users/\w+|work|opt/pypi)/|pypi\.org|pythonhosted\.org|index-url *="
)


def trees() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the product, parsed."""
    for path in MODULES:
        yield path.relative_to(ROOT), ast.parse(path.read_text())


def test_no_module_asserts() -> None:
    """Product code raises errors that say what to do; an assert vanishes under -O."""
    found = [
        (str(path), node.lineno)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
    ]

    assert found == []


def test_functions_fit_on_a_screen() -> None:
    """The hard limit is 50 lines; most have eight."""
    found = [
        (str(path), node.name)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]

    assert found == []


def test_modules_have_one_subject() -> None:
    """A module that grows beyond the limit has two; the emulators are as large as what they emulate."""
    found = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if len(path.read_text().splitlines()) > LONGEST_MODULE and "sandbox" not in path.parts
    ]

    assert found == []


def test_a_folder_is_seen_at_one_look() -> None:
    """One that grows beyond the limit has two subjects; the emulators are as large as what they emulate."""
    found = Counter(path.parent.relative_to(ROOT) for path in MODULES if "sandbox" not in path.parts)

    assert [str(folder) for folder, files in found.items() if files > FULLEST_FOLDER] == []


def test_every_module_says_what_it_is_for() -> None:
    """Each begins with a docstring."""
    assert [str(path) for path, tree in trees() if not ast.get_docstring(tree)] == []


def test_every_package_is_typed() -> None:
    """Whoever imports a package gets its types."""
    assert [package for package in PACKAGES if not (ROOT / package / "py.typed").is_file()] == []


def tracked() -> list[Path]:
    """Return what version control keeps, or would; all of the folder where there is none."""
    git = shutil.which("git") or "git"
    listing = subprocess.run(
        [git, "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listing.returncode:
        return [path for path in ROOT.rglob("*") if ".venv" not in path.parts and path.is_file()]
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_this_machine() -> None:
    """No path of a developer's machine and no package registry is in any file."""
    found = []
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".png", ".whl"}:
            continue
        text = path.read_text(errors="replace")
        found += [(str(path.relative_to(ROOT)), match[0]) for match in FORBIDDEN.finditer(text)]

    assert found == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel as it would be published."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1800000000"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_three_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """What is installed is what the design names, with man pages and completion beside it."""
    tops = {name.split("/")[0] for name in wheel.namelist()}
    beside = {"/".join(name.split("/")[1:3]) for name in wheel.namelist() if ".data/" in name}

    assert {top for top in tops if not top.endswith((".dist-info", ".data"))} == set(PACKAGES)
    assert len(tops) == len(PACKAGES) + 2
    assert beside == {"data/share"}


def test_the_wheel_holds_every_module_and_its_data(wheel: zipfile.ZipFile) -> None:
    """Nothing that the program reads at run time stays behind."""
    names = set(wheel.namelist())
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }

    assert wanted - names == set()


def test_the_wheel_starts_the_command(wheel: zipfile.ZipFile) -> None:
    """The installed command is `connector`."""
    (entry,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]

    assert "connector = connector.__main__:main" in wheel.read(entry).decode()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_nothing_of_those_above_it(package: str) -> None:
    """Mappings knows nobody, state knows mappings, connector knows both."""
    above = {"mappings": {"state", "connector"}, "state": {"connector"}, "connector": set()}[package]
    script = f"import sys, pkgutil, importlib, {package}\n"
    script += f"for m in pkgutil.walk_packages({package}.__path__, '{package}.'):\n"
    script += "    importlib.import_module(m.name) if '__main__' not in m.name else None\n"
    script += "print(' '.join({name.split('.')[0] for name in sys.modules}))"

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert above & set(done.stdout.split()) == set()
