"""What is believed of a webhook."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from pydantic import SecretStr

from connector.hooks.notice import WebhookNotice, is_signed, read_notice

SECRET = SecretStr("5a1db0c5-secret")


def signature(body: bytes, secret: str = SECRET.get_secret_value()) -> str:
    """Sign as Intercom does."""
    return f"sha1={hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}"


def body(item: dict[str, object], topic: str = "conversation.user.replied") -> bytes:
    """Return a webhook's body."""
    return json.dumps({"app_id": "ws1", "topic": topic, "data": {"item": item}}).encode()


def test_the_signature_is_over_the_raw_body() -> None:
    """A space more is another body."""
    assert is_signed(b"{}", signature(b"{}"), SECRET)
    assert not is_signed(b"{ }", signature(b"{}"), SECRET)


@pytest.mark.parametrize(
    "forged", ["", "sha1=", "sha256=00", signature(b"{}", "another"), "sha1=é", "x" * 10_000]
)
def test_whatever_is_not_the_signature_is_refused(forged: str) -> None:
    """Of any kind and length, without an error."""
    assert not is_signed(b"{}", forged, SECRET)


@pytest.mark.parametrize(
    ("item", "conversation"),
    [
        ({"type": "conversation", "id": "215"}, "215"),
        ({"type": "conversation", "id": 215}, "215"),
        ({"type": "conversation_part", "id": "9", "conversation_id": "215"}, "215"),
        ({"type": "conversation_part", "id": "9"}, None),
        ({"type": "conversation", "id": ["215"]}, None),
        ({}, None),
    ],
)
def test_a_notice_names_a_conversation(item: dict[str, object], conversation: str | None) -> None:
    """The part of a notice that is of use, whatever else it says."""
    assert read_notice(body(item)) == WebhookNotice("ws1", conversation)


def test_a_notice_of_something_else_names_none() -> None:
    """The id of a contact is not a conversation's."""
    assert read_notice(body({"type": "conversation", "id": "7"}, "contact.created")) == WebhookNotice(
        "ws1", None
    )


@pytest.mark.parametrize("text", [b"", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_notice_is_none(text: bytes) -> None:
    """Signed nonsense does no harm."""
    assert read_notice(text) is None
