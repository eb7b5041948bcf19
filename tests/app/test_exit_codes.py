"""Exit codes come from one table, and every error has a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest

from connector.app.exit_codes import SITUATIONS, exit_code_of
from connector.errors import (
    AccessDenied,
    ConfigError,
    ConnectorError,
    DiskFailed,
    ExitCode,
    Locked,
    NeverSent,
    NotPermitted,
    PersonNeeded,
    RailTripped,
)
from state.errors import StateError, StateFailed, TakenOver

if TYPE_CHECKING:
    from collections.abc import Iterator


def kinds(root: type[ConnectorError] = ConnectorError) -> Iterator[type[ConnectorError]]:
    """Yield every error of the connector itself."""
    for kind in root.__subclasses__():
        if kind.__module__ == "connector.errors":
            yield kind
            yield from kinds(kind)


@pytest.mark.parametrize("kind", list(kinds()))
def test_every_error_has_a_row_with_its_code(kind: type[ConnectorError]) -> None:
    """The nearest class that the table names says the same as the error itself."""
    rows = {row.error: row.code for row in SITUATIONS if row.error is not None}
    named = next(parent for parent in kind.__mro__ if parent in rows)

    assert rows[named] == kind.exit_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 2),
        (AccessDenied("x", status=401), 7),
        (NeverSent("x"), 3),
        (DiskFailed("x"), 3),
        (NotPermitted("x"), 7),
        (RailTripped("x"), 5),
        (Locked("x"), 4),
        (PersonNeeded("x"), 7),
        (StateError("x"), 2),
        (StateFailed("x"), 3),
        (TakenOver("x"), 4),
        (PermissionError(13, "denied"), 7),
        (PermissionError(1, "not permitted"), 7),
        (OSError(28, "no space"), 3),
        (OSError(30, "read-only"), 3),
        (click.UsageError("x"), 2),
        (click.Abort(), 130),
        (ValueError("x"), 3),
    ],
)
def test_an_error_ends_with_its_code(error: Exception, code: int) -> None:
    """Who must act decides."""
    assert exit_code_of(error) == code


def test_every_code_has_a_situation() -> None:
    """None is listed that nothing leads to."""
    assert {row.code for row in SITUATIONS} == set(ExitCode)
