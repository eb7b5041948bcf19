"""Writing JSON Schemas by hand, where each fact names how sure it is.

A field's mark is that of the reference that it was taken from; it is in the schema as its ``$comment``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Version = tuple[int, int]

TEXT: Json = {"type": "string"}
FLAG: Json = {"type": "boolean"}
COUNT: Json = {"type": "integer", "minimum": 0}
SECONDS: Json = {"type": "integer", "minimum": 1_000_000_000, "maximum": 99_999_999_999}
ANY: Json = {}


@dataclass(frozen=True)
class Field:
    """One property: its schema, the mark of its source, and in which versions it is there."""

    schema: Json
    mark: str
    required: bool = True
    since: Version = (0, 0)
    until: Version = (99, 0)


def maybe(schema: Json) -> Json:
    """Return a schema that allows null as well."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Json) -> Json:
    """Return the schema of an array."""
    return {"type": "array", "items": schema}


def one_of(*values: str | None) -> Json:
    """Return the schema of an enumeration."""
    return {"enum": list(values)}


def named(name: str) -> Json:
    """Return a reference to a named schema."""
    return {"$ref": f"#/schemas/{name}"}


def record(version: Version = (0, 0), /, **fields: Field) -> Json:
    """Return the schema of an object that has these fields in a version, and no others."""
    present = {name: field for name, field in fields.items() if field.since <= version < field.until}
    return {
        "type": "object",
        "properties": {name: {**field.schema, "$comment": field.mark} for name, field in present.items()},
        "required": [name for name, field in present.items() if field.required],
        "additionalProperties": False,
    }


def operation(method: str, path: str, *, answer: Json, request: Json | None = None, **more: Any) -> Json:
    """Return one operation; ``parameters`` and ``required`` may be given."""
    return {
        "method": method,
        "path": path,
        "parameters": more.get("parameters", {}),
        "required": more.get("required", []),
        "request": request,
        "responses": {"200": answer},
    }
