"""A harbour for each test."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.fleet.harbour import Harbour
from tests.postgres import NO_DRIVER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import Server


@pytest.fixture
def address(postgres: Server) -> str:
    """The address of a database that knows nothing; skips where PostgreSQL or the extra is not installed."""
    pytest.importorskip("procrastinate", reason=NO_DRIVER)
    psycopg = pytest.importorskip("psycopg", reason=NO_DRIVER)
    name = f"fleet{next(postgres.numbers)}"
    with psycopg.connect(postgres.address(), autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {name}".encode())
    return postgres.address(database=name)


@pytest.fixture
def harbour(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[Harbour]:
    """A folder for pairs, without any."""
    kept = logging.getLogger().handlers[:], logging.getLogger().level
    with pytest.MonkeyPatch.context() as patch:
        for name in ("DASHLY_TOKEN", "INTERCOM_TOKEN", "DASHLY_TOKEN_FILE", "INTERCOM_TOKEN_FILE"):
            patch.delenv(name, raising=False)
        patch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "tokens"))
        patch.chdir(tmp_path)
        made = Harbour(tmp_path, patch, capfd.readouterr)
        made.pairs.mkdir()
        made.tokens.mkdir()
        yield made
        made.close()
    logging.getLogger().handlers, level = kept
    logging.getLogger().setLevel(level)
