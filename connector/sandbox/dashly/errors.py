"""Dashly's named errors."""

from __future__ import annotations

_STATUS = {
    "NotAuthenticated": 401,
    "PermissionDeniedError": 403,
    "Error404": 404,
    "MethodNotAllowed": 405,
    "TooManyRequests": 429,
    "Error500": 500,
}


class DashlyError(Exception):
    """An answer whose `meta` names an error."""

    def __init__(self, name: str, message: str, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.fields = fields
        self.status = _STATUS.get(name, 400)


def invalid(parameter: str, problem: str) -> DashlyError:
    """Build a ValidationError about one parameter."""
    return DashlyError("ValidationError", "Validation error", {parameter: [problem]})


def missing(kind: str, key: object, *, known_path: bool = True) -> DashlyError:
    """Build the error about an id that does not exist."""
    return DashlyError("LookupError" if known_path else "Error404", f"{kind} {key} does not exist")
