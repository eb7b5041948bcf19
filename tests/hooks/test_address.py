"""Where the server for webhooks listens, as it was typed."""

from __future__ import annotations

import pytest

from connector.cli.hooks import _read_address
from connector.errors import ConfigError


def test_an_address_is_a_host_and_a_port() -> None:
    """Of either kind, and by name."""
    assert _read_address("127.0.0.1:0") == ("127.0.0.1", 0)
    assert _read_address("[::1]:8470") == ("::1", 8470)
    assert _read_address("localhost:65535") == ("localhost", 65_535)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "8470", ":8470", "[]:8470", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1"),
        *("a..b:80", f"{'x' * 70}:80", "a\0b:80", f"127.0.0.1:{'9' * 5000}"),
    ],
)
def test_whatever_else_is_typed_is_refused(typed: str) -> None:
    """Before anything listens, and with an example."""
    with pytest.raises(ConfigError, match="is not an address with a port"):
        _read_address(typed)
