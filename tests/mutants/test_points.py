"""Which mutants a module has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.mutants import covering, run
from tests.mutants.points import mutants

if TYPE_CHECKING:
    from pathlib import Path

SMALL_PROJECT = {
    "state/__init__.py": "",
    "state/here.py": "def in_a_thread():\n    return 1\n\ndef prepared():\n    return 2\n",
    "test_state.py": """
from threading import Thread

import pytest

from state import here

@pytest.fixture
def prepared():
    return here.prepared()

def test_thread():
    worker = Thread(target=here.in_a_thread)
    worker.start()
    worker.join()

def test_fixture(prepared):
    assert prepared == 2
""",
    "pytest.ini": "[pytest]\nmarkers =\n  long\n  sweep\n",
}


def body(line: str) -> str:
    """Return a function of one line."""
    return f'def f(a: int = 3) -> object:\n    """Words."""\n    {line}\n'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("return a < 3", ["return None", "a <= 3", "4"]),
        ("return a and not a", ["return None", "(a or not a)", "(a)"]),
        ("return a + 1", ["return None", "(a - 1)", "2"]),
        ("return 1 if a else a", ["return None", "(a if a else 1)", "2"]),
        ("print(True)", ["pass", "False"]),
        ("return False", ["True"]),
        ("raise ValueError(a < 3)", []),
        ("b: int = a", []),
        ("return None", []),
    ],
)
def test_each_place_is_changed_by_itself(line: str, expected: list[str]) -> None:
    """Comparisons, logic, numbers, answers and calls change; defaults, words and annotations do not."""
    source = body(line)

    found = mutants(source)

    assert sorted(one.new for one in found) == sorted(expected)
    for one in found:
        changed = one.applied_to(source)
        ast.parse(changed)
        assert changed != source
        assert one.line == 3


def test_letters_of_more_than_one_byte_do_not_shift_the_place() -> None:
    """Positions in Python's tree count bytes."""
    source = body('return "Привет" == a')

    (answer, _) = mutants(source)

    assert answer.applied_to(source) == body("return None")


def test_the_modules_own_tests_are_asked_first() -> None:
    """Hundreds pass through a line by the way, and only so many are asked."""
    passing = [
        "tests/a/test_far.py::test_b",
        "tests/a/test_far.py::test_a",
        "tests/state/test_pairs.py::test_c",
    ]
    lines = {("state/pairs.py", 7): frozenset(passing)}
    tests = covering.Tests(lines, dict(zip(passing, (0.1, 0.2, 3.0), strict=True)))

    assert tests.through("state/pairs.py", 7) == [passing[2], passing[0], passing[1]]
    assert tests.through("state/pairs.py", 8) == []


def test_a_line_that_runs_on_import_belongs_to_all_tests_of_its_module() -> None:
    """A table is read before the first test, and whoever uses the module notices."""
    lines = {("mappings/table.py", 5): frozenset({covering.AT_IMPORT})}
    lines["mappings/table.py", 9] = frozenset({covering.AT_IMPORT, "tests/a/test_far.py::test_a"})
    tests = covering.Tests(lines, {})

    assert tests.through("mappings/table.py", 5) == ["tests/a/test_far.py::test_a"]


@pytest.mark.long
def test_what_runs_in_a_thread_or_a_fixture_belongs_to_its_test(tmp_path: Path) -> None:
    """The crew works in threads, and much is prepared before a test begins."""
    for name, text in SMALL_PROJECT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")

    tests = covering.covered(tmp_path, ["test_state.py"])

    assert {line: tests.through("state/here.py", line) for line in (2, 5)} == {
        2: ["test_state.py::test_thread"],
        5: ["test_state.py::test_fixture"],
    }


def test_an_equivalent_mutant_is_one_of_the_product() -> None:
    """A reason whose place is gone would excuse another one day."""
    known = run.known_equivalents()

    paths = {name.partition(" ")[0] for name in known}
    there = {f"{path} {one}" for path in paths for one in mutants((run.ROOT / path).read_text("utf-8"))}

    assert known - there == set()
