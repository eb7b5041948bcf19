"""HTTP requests and responses as plain values, and the body formats that the helpdesks accept."""

from __future__ import annotations

import base64
import functools
import json
import re
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

JsonObject: TypeAlias = dict[str, Any]
C = TypeVar("C")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a client or a person hands it in."""

    filename: str
    content: bytes
    content_type: str = "application/octet-stream"

    @classmethod
    def of_json(cls, item: JsonObject) -> Upload:
        """Build a file of `name`, base64 `data` and perhaps `content_type`."""
        kind = item.get("content_type", "application/octet-stream")
        return cls(item["name"], base64.b64decode(item["data"]), kind)


@dataclass(frozen=True, slots=True)
class Form:
    """Text fields (query string and body together) and files of a request."""

    fields: Mapping[str, str]
    files: Mapping[str, Upload] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; header names are lower case, the path is decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

    @classmethod
    def parse(cls, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Request:
        """Build a request from its request line, headers and body."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        named = {name.lower(): value for name, value in headers}
        return cls(method, unquote(parts.path), query, named, body)

    @property
    def media_type(self) -> str:
        """The body's media type without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def form(self) -> Form:
        """Read query string and form body; a body of another type has no fields."""
        if self.media_type == "application/x-www-form-urlencoded":
            pairs = parse_qsl(self.body.decode(), keep_blank_values=True)
            return Form({**self.query, **dict(pairs)})
        if self.media_type == "multipart/form-data":
            fields, files = _multipart(self.body, self.headers["content-type"])
            return Form({**self.query, **fields}, files)
        return Form(dict(self.query))

    def json(self) -> JsonObject:
        """Read a JSON object; no body is an empty object, anything else raises ValueError."""
        if not self.body.strip():
            return {}
        value = json.loads(self.body)
        if not isinstance(value, dict):
            raise ValueError("the body is no JSON object")  # noqa: TRY004 - one error for every unreadable body
        return value

    def summary(self) -> dict[str, str]:
        """Return the parameters, shortened, for the request log."""
        values: Mapping[str, object] = {}
        form = Form(self.query)
        try:
            form = self.form()
            values = self.json() if self.media_type == "application/json" else {}
        except (ValueError, KeyError):
            values = {"body": "<unreadable>"}
        names = {name: f"<file {upload.filename}>" for name, upload in form.files.items()}
        merged = {**form.fields, **values, **names}
        return {name: str(value)[:80] for name, value in merged.items() if name != "auth_token"}


@dataclass(frozen=True, slots=True)
class Response:
    """One HTTP response."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """Build a JSON response."""
        return cls(status, json.dumps(value, ensure_ascii=False).encode(), headers=headers or {})


@dataclass(frozen=True, slots=True)
class Route(Generic[C, R]):
    """A method and a path template such as `/users/{id}` with the function that answers it."""

    method: str
    template: str
    handler: Callable[[C], R]
    since: tuple[int, int] = (0, 0)
    until: tuple[int, int] = (99, 0)

    def arguments(self, path: str) -> dict[str, str] | None:
        """Return the path's parameters, or None when the path is another one."""
        match = _pattern(self.template).fullmatch(path)
        return None if match is None else match.groupdict()


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))


def _multipart(body: bytes, content_type: str) -> tuple[dict[str, str], dict[str, Upload]]:
    header = Message()
    header["content-type"] = content_type
    boundary = str(header.get_param("boundary")).encode()
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for chunk in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:]:
        head, separator, content = chunk.partition(b"\r\n\r\n")
        if not separator:
            continue
        text = head.decode()
        name = _quoted(text, "name")
        filename = _quoted(text, "filename")
        if filename is None:
            fields[name or ""] = content.decode()
        else:
            kind = re.search(r"(?im)^content-type:\s*(\S+)", text)
            files[name or ""] = Upload(filename, content, kind[1] if kind else "application/octet-stream")
    return fields, files


def _quoted(head: str, key: str) -> str | None:
    match = re.search(rf'(?i)[;\s]{key}="([^"]*)"', head)
    return None if match is None else unquote(match[1])
