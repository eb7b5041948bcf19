"""``--update-golden`` writes the pages again; look at the difference before you commit it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.golden.theatre import Theatre

if TYPE_CHECKING:
    from collections.abc import Iterator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to write the golden pages again."""
    parser.addoption("--update-golden", action="store_true", help="write the golden pages anew")


@pytest.fixture(scope="session")
def update(request: pytest.FixtureRequest) -> bool:
    """Whether pages are written instead of compared."""
    return bool(request.config.getoption("--update-golden", default=False))


@pytest.fixture(scope="session")
def theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """The stages on which cases are played, kept open for all pages."""
    theatre = Theatre(tmp_path_factory.mktemp("stages"))
    yield theatre
    theatre.close()
