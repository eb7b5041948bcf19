"""Intercom's error envelope."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class IntercomError(Exception):
    """An answer of type `error.list`."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def invalid(message: str) -> IntercomError:
    """Build a 400 about a parameter's value."""
    return IntercomError(400, "parameter_invalid", message)


def absent(name: str) -> IntercomError:
    """Build a 400 about a parameter that was not given."""
    return IntercomError(400, "parameter_not_found", f"{name} is missing")


def not_found(message: str = "Resource Not Found", code: str = "not_found") -> IntercomError:
    """Build a 404."""
    return IntercomError(404, code, message)


def forbidden(message: str) -> IntercomError:
    """Build a 403."""
    return IntercomError(403, "forbidden", message)


def merged_away(survivor: str) -> IntercomError:
    """Build the 410 about a contact that was merged, which points to the other one."""
    message = "This contact has been merged. See the 'Link' header for the canonical contact."
    headers = {"Link": f'</contacts/{survivor}>; rel="canonical"'}
    return IntercomError(410, "contact_merged", message, headers=headers)


def wrong_version() -> IntercomError:
    """Build the 400 for what the requested version does not have."""
    return IntercomError(
        400, "intercom_version_invalid", "Requested resource is not available in current API version."
    )
