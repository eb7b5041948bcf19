"""What a contact's record shows of others than its maker: visits, and what teammates gave them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.wire.values import read_fields

if TYPE_CHECKING:
    from connector.intercom.answers import Json

_SET_BY_OTHERS = (
    "owner_id",
    "signed_up_at",
    "last_seen_at",
    "android_last_seen_at",
    "ios_last_seen_at",
    "last_email_opened_at",
    "last_email_clicked_at",
    "browser",
    "avatar",
    "unsubscribed_from_emails",
    "custom_attributes",
)
_LISTS = ("tags", "notes", "companies", "social_profiles")


def is_untouched(record: Json) -> bool:
    """Tell whether nothing in a contact's record says that anybody knows them."""
    given = any(record.get(name) for name in _SET_BY_OTHERS)
    return not given and not any(_holds_any(record.get(name)) for name in _LISTS)


def _holds_any(listed: object) -> bool:
    shown = read_fields(listed)
    return bool(shown.get("data") or shown.get("total_count"))
