"""Judges requests and answers by a description: method, path, query, headers, body, status.

Unknown keys count as faults on both ways: what a description does not name is not sent, and not answered.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from email import message_from_bytes
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, unquote

import jsonschema_rs

from tests.contract.kit.dashly import description as dashly_v2
from tests.contract.kit.legacy import description as intercom_v1
from tests.contract.kit.slips import UNDECLARED, mend

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    import httpx

Json = dict[str, Any]

VERSIONS = ("2.7", "2.11", "2.16")
DATA = Path(__file__).parents[1]


@dataclass(frozen=True)
class Operation:
    """One method on one path of a description."""

    method: str
    path: str
    parameters: dict[str, jsonschema_rs.Draft202012Validator]
    required: frozenset[str]
    request: jsonschema_rs.Draft202012Validator | None
    responses: dict[str, jsonschema_rs.Draft202012Validator]
    error: jsonschema_rs.Draft202012Validator

    def arguments(self, path: str) -> dict[str, str] | None:
        """Return the path's arguments, or None when the path is another one."""
        wanted, given = self.path.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        found: dict[str, str] = {}
        for template, segment in zip(wanted, given, strict=True):
            if template.startswith("{"):
                found[template.strip("{}")] = unquote(segment)
            elif template != segment:
                return None
        return found


class Description:
    """What one version of an API promises and asks for."""

    def __init__(self, data: Json) -> None:
        self.version: str = data["version"]
        self.headers: dict[str, str] = data.get("headers") or {
            "Authorization": r"Bearer \S+",
            "Accept": "application/json",
            "Intercom-Version": re.escape(self.version),
        }
        schemas = data["schemas"]

        def compiled(schema: Json) -> jsonschema_rs.Draft202012Validator:
            return jsonschema_rs.Draft202012Validator({**schema, "schemas": schemas}, validate_formats=True)

        error = compiled({"$ref": "#/schemas/error"})
        self.operations = [
            Operation(
                raw["method"],
                raw["path"],
                {name: compiled(schema) for name, schema in raw["parameters"].items()},
                frozenset(raw["required"]),
                compiled(raw["request"]) if raw["request"] is not None else None,
                {status: compiled(schema) for status, schema in raw["responses"].items()},
                error,
            )
            for raw in data["operations"]
        ]

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """Return the operation of a request, a literal path before one with parameters."""
        found = [
            (operation, arguments)
            for operation in self.operations
            if operation.method == method and (arguments := operation.arguments(path)) is not None
        ]
        return min(found, key=lambda item: len(item[1])) if found else None


@cache
def intercom(version: str) -> Description:
    """Return Intercom's description of a version: vendored for 2.x, written from the reference for 1.x.

    A version that is not described has the older one's description.
    """
    if version.startswith("1."):
        return Description(intercom_v1(version))
    described = max((known for known in VERSIONS if _at(known) <= _at(version)), key=_at)
    data = json.loads((DATA / "intercom" / f"{described}.json").read_text("utf-8")) | {"version": version}
    return Description(mend(data, described))


def _at(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@cache
def dashly() -> Description:
    """Return Dashly's description, written from the reference."""
    return Description(dashly_v2())


@dataclass
class Judge:
    """Collects what was exchanged and everything that was wrong with it."""

    problems: list[str] = field(default_factory=list)
    checked: int = 0
    seen: set[str] = field(default_factory=set)

    def exchange(self, description: Description, request: httpx.Request, response: httpx.Response) -> None:
        """Judge one request and its answer."""
        self.checked += 1
        name = f"{description.version} {request.method} {request.url.path}"
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        found = description.find(request.method, path)
        if found is None:
            self.problems.append(f"{name}: the description knows no such request")
            return
        operation, arguments = found
        self.seen.add(f"{operation.method} {operation.path}")
        for problem in [
            *_request_faults(operation, arguments, request),
            *_header_faults(request, description.headers),
            *_answer_faults(operation, response),
        ]:
            self.problems.append(f"{name}: {problem}")


def _request_faults(operation: Operation, arguments: dict[str, str], request: httpx.Request) -> Iterator[str]:
    given = {f"path {name}": value for name, value in arguments.items()}
    for name, value in request.url.params.multi_items():
        if f"query {name}" in given:
            yield f"query {name} is given twice"
        given[f"query {name}"] = value
    for name, value in [*given.items(), *_form(operation, request)]:
        given[name] = value
        schema = operation.parameters.get(name)
        if schema is None:
            yield f"{name} is not known"
        elif not any(schema.is_valid(reading) for reading in _readings(value)):
            yield f"{name} does not fit: {value!r}"
    for name in operation.required - set(given):
        yield f"{name} is missing"
    yield from _body_faults(operation, request)


def _readings(value: str) -> Iterator[object]:
    """Yield what a text in an address may stand for."""
    yield value
    if value.isascii() and value.isdigit():
        yield int(value)
    if value in {"true", "false"}:
        yield value == "true"
    if value.startswith("["):
        yield json.loads(value)


def _form(operation: Operation, request: httpx.Request) -> list[tuple[str, str]]:
    """Return the fields and files of a form, where the operation takes one."""
    if not any(name.startswith("form ") for name in operation.parameters):
        return []
    kind = request.headers.get("Content-Type", "")
    if kind == "application/x-www-form-urlencoded":
        fields = parse_qsl(request.read().decode("ascii"), keep_blank_values=True, strict_parsing=True)
        return [(f"form {name}", value) for name, value in fields]
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.read())
    return [_form_part(part) for part in cast("list[Message]", message.get_payload())]


def _form_part(part: Message) -> tuple[str, str]:
    name = part.get_param("name", header="Content-Disposition")
    if part.get_filename() is not None:
        return f"file {name}", str(part.get_filename())
    return f"form {name}", bytes(part.get_payload(decode=True)).decode()


def _body_faults(operation: Operation, request: httpx.Request) -> Iterator[str]:
    content = request.read()
    if operation.request is None:
        if content and not any(name.startswith("form ") for name in operation.parameters):
            yield "a body is sent where none is known"
        return
    if request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
        yield "the body's type is not application/json"
    for error in operation.request.iter_errors(json.loads(content or b"null")):
        yield f"request body: {_told(error)}"


def _header_faults(request: httpx.Request, wanted: dict[str, str]) -> Iterator[str]:
    for name, pattern in wanted.items():
        if not re.fullmatch(pattern, request.headers.get(name, "")):
            yield f"header {name} does not fit"


def _answer_faults(operation: Operation, response: httpx.Response) -> Iterator[str]:
    status = str(response.status_code)
    schema = operation.responses.get(status)
    if schema is None and status not in UNDECLARED:
        yield f"answer {status} is not known"
        return
    for error in (schema or operation.error).iter_errors(json.loads(response.read())):
        yield f"answer {status}: {_told(error)}"


def _told(error: jsonschema_rs.ValidationError) -> str:
    place = "/".join(str(item) for item in error.instance_path)
    return f"{place}: {error.message[:300]}"
