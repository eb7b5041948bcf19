"""Which mutants a module has."""

from __future__ import annotations

import ast

import pytest

from tests.mutants import covering
from tests.mutants.points import mutants


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
