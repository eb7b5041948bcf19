"""Turns OpenAPI 3.0 schemas into JSON Schema 2020-12, which fast validators understand.

Nothing is decided here: `nullable` becomes a type, `allOf` of objects is merged, words for people are left
out, and an object that lists its properties has no others.
"""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]

_WORDS = frozenset(
    ["description", "example", "title", "default", "deprecated", "discriminator", "readOnly", "nullable"]
)


def translate(schema: Json, schemas: Json) -> Json:
    """Return one schema in JSON Schema; ``schemas`` are the description's named ones."""
    if "$ref" in schema:
        return {"$ref": f"#/schemas/{schema['$ref'].rpartition('/')[2]}"}
    if "allOf" in schema:
        return _nullable(_merged(schema, schemas), schema)
    made: Json = {}
    for key, value in schema.items():
        if key in _WORDS or key.startswith("x-"):
            continue
        if key == "properties":
            made[key] = {name: translate(inner, schemas) for name, inner in value.items()}
        elif key in {"oneOf", "anyOf"}:
            made[key] = [translate(inner, schemas) for inner in value]
        elif key == "items" or (key == "additionalProperties" and isinstance(value, dict)):
            made[key] = translate(value, schemas)
        else:
            made[key] = copy.deepcopy(value)
    if made.get("properties") and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return _nullable(made, schema)


def _nullable(made: Json, schema: Json) -> Json:
    if not schema.get("nullable"):
        return made
    kinds = made.get("type")
    if kinds is None or "oneOf" in made or "anyOf" in made or "$ref" in made:
        return {"anyOf": [made, {"type": "null"}]}
    return made | {"type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]}


def _merged(schema: Json, schemas: Json) -> Json:
    """Return one object schema with the properties of all the parts."""
    if len(schema["allOf"]) == 1 and "properties" not in schema:
        return translate(schema["allOf"][0], schemas)
    merged: Json = {"type": "object", "properties": {}, "required": []}
    for part in [*schema["allOf"], {key: value for key, value in schema.items() if key != "allOf"}]:
        found = part
        while "$ref" in found:
            found = schemas[found["$ref"].rpartition("/")[2]]
        flat = _merged(found, schemas) if "allOf" in found else translate(found, schemas)
        merged["properties"] |= flat.get("properties", {})
        merged["required"] += flat.get("required", [])
        merged |= {key: flat[key] for key in ("oneOf", "anyOf") if key in flat}
    if not merged["required"]:
        del merged["required"]
    return merged | {"additionalProperties": False}
