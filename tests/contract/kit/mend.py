"""Mends Intercom's OpenAPI descriptions, by rules only, and counts and explains every change.

The descriptions contradict themselves: their own examples fail their own schemas. Each rule here needs
evidence in the description itself; what only experience contradicts is in ``slips`` instead.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Json = dict[str, Any]

KINDS = {
    "nullable reference": "OpenAPI 3.0 ignores what stands beside a $ref, so its `nullable` had no effect",
    "dangling reference": "the schema that the $ref names does not exist; anything is allowed instead",
    "enum without null": "the value is nullable, but its enum does not list null, which forbids it",
    "uuid that is none": "format `uuid` on an id of 24 characters: no value could ever fit",
    "time as a number": "format `date-time` on an integer; the API's times are Unix seconds",
    "own example of another type": "the example beside the schema has a type that the schema forbids",
    "null in an example": "an example message holds null where the schema does not allow it",
    "other type in an example": "an example message holds another type than the schema says",
    "other value in an example": "an example message holds a value that the enum does not list",
    "key only in an example": "an example message has a key that the schema does not know",
    "key missing in an example": "an example message lacks a key that the schema requires",
    "overlapping alternatives": "an example message fits several branches of a `oneOf`, which wants one",
    "example of another shape": "the example message has no key in common with the schema",
    "limit broken by an example": "an example message breaks a limit or format of the schema",
}

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DECISIVE = 9
_LIMITS = ("format", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern")


@dataclass(frozen=True, order=True)
class Mend:
    """One change: its kind, where it was made, and what proves that it was needed."""

    kind: str
    where: str
    proof: str = ""


def methods(path: Json) -> Iterator[tuple[str, Json]]:
    """Yield the operations of a path."""
    for method in ("get", "post", "put", "patch", "delete"):
        if method in path:
            yield method, path[method]


def each_schema(description: Json) -> Iterator[tuple[str, Json]]:
    """Yield every schema of a description, the nested ones too, with its place."""
    for name, schema in description["components"]["schemas"].items():
        yield from _nested(schema, name)
    for path, item in description["paths"].items():
        for method, operation in methods(item):
            place = f"{method.upper()} {path}"
            for _, media in _media(operation.get("requestBody")):
                yield from _nested(media.get("schema", {}), f"{place} request")
            for status, response in operation["responses"].items():
                for _, media in _media(response):
                    yield from _nested(media.get("schema", {}), f"{place} {status}")


def each_example(description: Json) -> Iterator[tuple[str, Json, object]]:
    """Yield every example message with its place and the holder of its schema.

    Requests that show what is refused are left out: they have the name of an answer that says no.
    """
    for path, item in description["paths"].items():
        for method, operation in methods(item):
            refused = _names_of_refusals(operation)
            sides = [("request", operation.get("requestBody")), *operation["responses"].items()]
            for side, holder in sides:
                for _, media in _media(holder):
                    for name, value in _examples(media):
                        if side != "request" or _plain(name) not in refused:
                            yield f"{method.upper()} {path} {side} ({name})", media, value


def _names_of_refusals(operation: Json) -> set[str]:
    return {
        _plain(name)
        for status, response in operation["responses"].items()
        if not status.startswith("2")
        for _, media in _media(response)
        for name, _ in _examples(media)
    }


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def mend_schemas(description: Json) -> list[Mend]:
    """Mend what a schema shows to be wrong by itself."""
    mends: list[Mend] = []
    for place, schema in list(each_schema(description)):
        mends += [Mend(kind, place, proof) for kind, proof in _rules(description, schema)]
    return mends


def _rules(description: Json, schema: Json) -> Iterator[tuple[str, str]]:
    if "$ref" in schema:
        yield from _mend_reference(description, schema)
        return
    enum, example = schema.get("enum"), schema.get("example")
    if enum and schema.get("nullable") and None not in enum:
        enum.append(None)
        yield "enum without null", "nullable"
    if schema.get("format") == "uuid" and _no_uuid(schema):
        del schema["format"]
        yield "uuid that is none", str(example)
    if schema.get("format") == "date-time" and schema.get("type") == "integer":
        del schema["format"]
        yield "time as a number", ""
    if example is not None and "type" in schema and not _is(example, schema["type"]):
        schema["type"] = [schema["type"], _type(example)]
        yield "own example of another type", repr(example)[:60]


def _mend_reference(description: Json, schema: Json) -> Iterator[tuple[str, str]]:
    name = schema["$ref"].rpartition("/")[2]
    if name not in description["components"]["schemas"]:
        schema.clear()
        yield "dangling reference", name
    elif schema.get("nullable"):
        reference = {"$ref": schema["$ref"]}
        schema.clear()
        schema.update({"allOf": [reference], "nullable": True})
        yield "nullable reference", name


def _no_uuid(schema: Json) -> bool:
    example = schema.get("example")
    return "maxLength" in schema or (isinstance(example, str) and not _UUID.fullmatch(example))


class Widener:
    """Widens translated schemas until the description's own example messages fit."""

    def __init__(self, schemas: Json, accepts: Callable[[Json, object], bool]) -> None:
        self._schemas = schemas
        self._accepts = accepts
        self.mends: list[Mend] = []

    def fit(self, node: Json, value: object, where: str, proof: str) -> None:
        """Widen a schema so that it accepts a value."""
        if isinstance(value, dict) and self._is_foreign(node, value):
            node.clear()
            node["type"] = "object"
            self._note("example of another shape", (where, proof))
            return
        while "$ref" in node:
            where = node["$ref"].rpartition("/")[2]
            node = self._schemas[where]
        for key in ("oneOf", "anyOf"):
            if key in node:
                self._fit_alternatives(node, key, value, (where, proof))
        self._fit_type(node, value, (where, proof))
        if isinstance(value, dict):
            self._fit_object(node, value, (where, proof))
        elif isinstance(value, list) and "items" in node:
            for item in value:
                self.fit(node["items"], item, f"{where}[]", proof)
        for limit in _LIMITS:
            if limit in node and not self._accepts({limit: node[limit]}, value):
                del node[limit]
                self._note("limit broken by an example", (f"{where} {limit}", proof))

    def _is_foreign(self, node: Json, value: Json) -> bool:
        """Tell whether a reference leads to a schema that has nothing to do with the value."""
        named = self._schemas.get(node.get("$ref", "").rpartition("/")[2], {})
        return bool(value and named.get("required")) and not set(named["properties"]) & set(value)

    def _fit_alternatives(self, node: Json, key: str, value: object, at: tuple[str, str]) -> None:
        fitting = [branch for branch in node[key] if self._accepts(branch, value)]
        if len(fitting) > 1 and key == "oneOf":
            node["anyOf"] = node.pop("oneOf")
            self._note("overlapping alternatives", at)
        elif not fitting and value is None:
            node[key].append({"type": "null"})
            self._note("null in an example", at)
        elif not fitting:
            self.fit(self._likeliest(node[key], value), value, *at)

    def _likeliest(self, branches: list[Json], value: object) -> Json:
        """Return the branch that the value misses by least."""
        return max(branches, key=lambda branch: self._likeness(branch, value))

    def _likeness(self, branch: Json, value: object) -> int:
        while "$ref" in branch:
            branch = self._schemas[branch["$ref"].rpartition("/")[2]]
        inner = [self._likeness(one, value) for key in ("oneOf", "anyOf") for one in branch.get(key, ())]
        own = 1 if not _types(branch) or any(_is(value, kind) for kind in _types(branch)) else -_DECISIVE
        if isinstance(value, dict) and "properties" in branch:
            own -= len(set(branch.get("required", ())) - set(value))
            known = branch.get("properties", {})
            own += sum(
                self._fitness(known[name], item) if name in known else -1 for name, item in value.items()
            )
        return own + max(inner, default=0)

    def _fitness(self, schema: Json, value: object) -> int:
        """Weigh one property: a value that says which branch is meant weighs most."""
        if self._accepts(schema, value):
            return 2
        return -_DECISIVE if "enum" in schema else 1

    def _fit_type(self, node: Json, value: object, at: tuple[str, str]) -> None:
        if "type" in node and not any(_is(value, kind) for kind in _types(node)):
            node["type"] = [*_types(node), _type(value)]
            self._note("null in an example" if value is None else "other type in an example", at)
        if "enum" in node and value not in node["enum"]:
            node["enum"].append(value)
            self._note("other value in an example", (at[0], f"{value!r} in {at[1]}"))

    def _fit_object(self, node: Json, value: Json, at: tuple[str, str]) -> None:
        where, proof = at
        for name in [name for name in node.get("required", ()) if name not in value]:
            node["required"].remove(name)
            self._note("key missing in an example", (f"{where}.{name}", proof))
        properties = node.get("properties")
        for name, inner in value.items():
            if properties is not None and name in properties:
                self.fit(properties[name], inner, f"{where}.{name}", proof)
            elif isinstance(node.get("additionalProperties"), dict):
                self.fit(node["additionalProperties"], inner, f"{where}.*", proof)
            elif properties is not None and node.get("additionalProperties") is False:
                properties[name] = {}
                self._note("key only in an example", (f"{where}.{name}", proof))

    def _note(self, kind: str, at: tuple[str, str]) -> None:
        self.mends.append(Mend(kind, *at))


def _types(node: Json) -> list[str]:
    kinds = node.get("type", [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _type(value: object) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array"}
    return "null" if value is None else names[type(value)]


def _is(value: object, kind: str) -> bool:
    return _type(value) == kind or (kind == "number" and _type(value) == "integer")


def _nested(schema: Json, place: str) -> Iterator[tuple[str, Json]]:
    yield place, schema
    for name, inner in (schema.get("properties") or {}).items():
        yield from _nested(inner, f"{place}.{name}")
    for key in ("oneOf", "anyOf", "allOf"):
        for number, inner in enumerate(schema.get(key, ())):
            yield from _nested(inner, f"{place} {key}/{number}")
    if "items" in schema:
        yield from _nested(schema["items"], f"{place}[]")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _nested(schema["additionalProperties"], f"{place}.*")


def _media(holder: Json | None) -> Iterator[tuple[str, Json]]:
    yield from ((holder or {}).get("content") or {}).items()


def _examples(media: Json) -> Iterator[tuple[str, object]]:
    if "example" in media:
        yield "example", copy.deepcopy(media["example"])
    for name, example in (media.get("examples") or {}).items():
        if "value" in example:
            yield name, copy.deepcopy(example["value"])
