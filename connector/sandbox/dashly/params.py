"""Reading Dashly's request parameters by their documented types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from connector.sandbox.dashly.errors import invalid
from connector.sandbox.dashly.model import DashlyState, Sender
from connector.sandbox.invisible import stripped

if TYPE_CHECKING:
    from connector.sandbox.exchange import Form, JsonObject, Upload
    from connector.sandbox.record import Stamp

T = TypeVar("T")
_MAX_ID = 2**64 - 1
_MAX_FILE = 10 * 1024 * 1024
_FILE_TYPES = frozenset(
    [
        "jpg",
        "jpeg",
        "png",
        "gif",
        "pdf",
        "rar",
        "zip",
        "html",
        "csv",
        "docx",
        "doc",
        "xlsx",
        "xls",
        "txt",
        "sig",
    ]
)


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: the app, the path's arguments, the parameters and the time."""

    state: DashlyState
    args: dict[str, str]
    form: Form
    stamp: Stamp

    def text(self, name: str) -> str | None:
        """Return a text, or None when it is absent; an empty text is not absent."""
        return self.form.fields.get(name)

    def message(self) -> str:
        """Return the text of a message, as the app keeps it."""
        body = self.form.fields.get("body", "")
        return stripped(body) if self.state.switches.invisible_stripped else body

    def required(self, name: str, longest: int = 255) -> str:
        """Return a text of 1 to `longest` characters."""
        value = self.form.fields.get(name, "")
        if not 1 <= len(value) <= longest:
            raise invalid(name, f"must have 1 to {longest} characters")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean; any text but `false`, `0` and an empty one is true."""
        value = self.form.fields.get(name)
        return default if value is None else value.lower() not in {"false", "0", ""}

    def optional_flag(self, name: str) -> bool | None:
        """Return a boolean, or None when it is absent."""
        return self.flag(name) if name in self.form.fields else None

    def integer(self, name: str, default: int, lowest: int, highest: int) -> int:
        """Return a whole number within limits."""
        value = self.form.fields.get(name)
        if value is None:
            return default
        if not value.lstrip("-").isdigit() or not lowest <= int(value) <= highest:
            raise invalid(name, f"must be a whole number from {lowest} to {highest}")
        return int(value)

    def object_id(self, name: str) -> int | None:
        """Return an id, or None when it is absent."""
        value = self.form.fields.get(name)
        return None if value is None else parse_id(name, value)

    def strings(self, name: str) -> list[str] | None:
        """Return a list given as JSON or separated by commas."""
        value = self.form.fields.get(name)
        if value is None:
            return None
        if value.startswith("["):
            return [str(item) for item in _parse(name, value, list)]
        return [item for item in value.split(",") if item]

    def objects(self, name: str) -> list[JsonObject] | None:
        """Return a JSON list of objects, or None when it is absent."""
        value = self.form.fields.get(name)
        return None if value is None else _parse(name, value, list)

    def mapping(self, name: str) -> JsonObject:
        """Return a JSON object, empty when it is absent."""
        value = self.form.fields.get(name)
        return {} if value is None else _parse(name, value, dict)

    def upload(self, name: str, display_name: str) -> Upload | None:
        """Return a file, checked by size and type."""
        if self.form.fields.get(name):
            raise invalid(name, "must be a file")
        given = self.form.files.get(name)
        if given is None:
            return None
        shown = self.form.fields.get(display_name) or given.filename
        if len(given.content) > _MAX_FILE:
            raise invalid(name, "the file is larger than 10 MB")
        if shown.rpartition(".")[2].lower() not in _FILE_TYPES:
            raise invalid(name, "this type of file is not allowed")
        return type(given)(shown, given.content, given.content_type)

    def sender(self) -> Sender:
        """Return the operator named by `from_admin`, the default sender when there is none."""
        value = self.form.fields.get("from_admin")
        if value is None or value == "default_admin":
            return Sender("default_admin", name=self.state.default_sender)
        return Sender("admin", self.state.admin(parse_id("from_admin", value)).id)


def parse_id(name: str, value: object) -> int:
    """Read an object key given as a number or a text."""
    text = str(value)
    if not text.isdigit() or not 1 <= int(text) <= _MAX_ID:
        raise invalid(name, "must be an id")
    return int(text)


def _parse(name: str, value: str, kind: type[T]) -> T:
    try:
        parsed = json.loads(value)
    except ValueError as error:
        raise invalid(name, "must be JSON") from error
    if not isinstance(parsed, kind):
        raise invalid(name, f"must be a JSON {kind.__name__}")
    return parsed
