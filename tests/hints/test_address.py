"""Where Dashly's realtime service is."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from connector.config.model import Config
from connector.hints.address import line_of

TOKEN = SecretStr("app.1.secret")


def config(base: str, **hooks: object) -> Config:
    """Return a configuration."""
    return Config.model_validate(
        {"dashly": {"app_id": "48213", "base_url": base}, "intercom": {"default_admin": "1"}, "hooks": hooks}
    )


@pytest.mark.parametrize(
    ("base", "service"),
    [
        ("https://api.dashly.app", "wss://realtime-services.dashly.app"),
        ("https://api.carrotquest.io", "wss://realtime-services.carrotquest.io"),
        ("http://127.0.0.1:7001", "ws://127.0.0.1:7001"),
    ],
)
def test_the_service_is_beside_the_api(base: str, service: str) -> None:
    """Whichever of the two products is used, or the sandbox."""
    line = line_of(config(base), TOKEN)

    assert line is not None
    assert line.address(None).startswith(f"{service}/websocket/conversation.48213/conversation_reply.48213/")
    assert TOKEN.get_secret_value() not in line.address(None)


@pytest.mark.parametrize(
    "base", ["https://dashly.proxy.co.uk", "https://proxy.example.com/dashly", "https://203.0.113.7:8443"]
)
def test_the_token_goes_to_no_name_that_was_guessed(base: str) -> None:
    """Behind a proxy the service is where the configuration says, or not listened to."""
    assert line_of(config(base), TOKEN) is None

    line = line_of(config(base, dashly_url="wss://push.example.com"), TOKEN)
    assert line is not None
    assert line.url == "wss://push.example.com"


def test_a_line_is_resumed_behind_the_last_message() -> None:
    """By its tag and its time."""
    line = line_of(config("https://api.dashly.app"), TOKEN)

    assert line is not None
    assert line.address(("7", "Sun, 29 Nov 2026 09:00:00 GMT")).endswith(
        "?tag=7&time=Sun%2C+29+Nov+2026+09%3A00%3A00+GMT"
    )


def test_who_does_not_want_it_has_no_line() -> None:
    """`[hooks] dashly = false`."""
    assert line_of(config("https://api.dashly.app", dashly=False), TOKEN) is None
