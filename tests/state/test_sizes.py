"""How large something is, in words."""

from __future__ import annotations

import pytest

from state.file.sizes import size


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "0 KB"),
        (1, "1 KB"),
        (900 * 1024, "900 KB"),
        (1023.9 * 1024, "1.0 MB"),
        (1.25 * 1024**2, "1.2 MB"),
        (9.96 * 1024**2, "10 MB"),
        (512 * 1024**2, "512 MB"),
        (72 * 1024**3, "72 GB"),
        (1.5 * 1024**3, "1.5 GB"),
    ],
)
def test_a_size_has_two_figures_and_is_never_nothing(number: float, told: str) -> None:
    """A disk with some room left is not said to have none."""
    assert size(number) == told
