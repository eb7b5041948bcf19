"""What a webhook of Intercom says, as far as it is believed: which workspace, which conversation. Pure.

Its signature is HMAC-SHA1 over the raw body, as Intercom sends it. Nothing else of the body is used: it is no
data, and whoever can forge it wins an early pass.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import SecretStr

SIGNATURE = "x-hub-signature"
_PREFIX = "sha1="


@dataclass(frozen=True, slots=True)
class WebhookNotice:
    """Of which workspace a webhook is, and which conversation it names, if it names one."""

    workspace: str
    conversation: str | None


def is_signed(body: bytes, signature: str, secret: SecretStr) -> bool:
    """Tell whether a body has the signature of the app, in a time that does not depend on the answer."""
    wanted = hmac.new(secret.get_secret_value().encode(), body, hashlib.sha1).hexdigest()
    return hmac.compare_digest(f"{_PREFIX}{wanted}".encode(), signature.encode("utf-8", "replace"))


def read_notice(body: bytes) -> WebhookNotice | None:
    """Read a signed body; None for what is not a notice."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    return WebhookNotice(str(told.get("app_id", "")), _conversation(told))


def _conversation(told: dict[str, Any]) -> str | None:
    data = told.get("data")
    item = data.get("item") if isinstance(data, dict) else None
    if not isinstance(item, dict) or not str(told.get("topic", "")).startswith("conversation"):
        return None
    # Of a part's topics the item may be the part, which names its conversation.
    for named in (
        item.get("conversation_id"),
        item.get("id") if item.get("type") == "conversation" else None,
    ):
        if isinstance(named, str | int) and named:
            return str(named)
    return None
