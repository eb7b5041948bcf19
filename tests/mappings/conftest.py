"""Example objects: those of the seed documents and of the API references, word for word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parent / "data"


@pytest.fixture
def example() -> Callable[[str], Any]:
    """Load an example object by its file's name."""
    return lambda name: json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
