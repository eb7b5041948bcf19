"""Where the official description is wrong and only experience says so: every exception, with its source.

`reference` in a source means the project's notes on Intercom; the rest are public threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Slip:
    """One exception: which versions, which schema, what is laid over it, and why."""

    versions: tuple[str, ...]
    schema: str
    patch: Json
    why: str


ALL = ("2.7", "2.11", "2.16")

_REFERENCES = {"type": "array", "items": {"$ref": "#/schemas/reference"}}

SLIPS = (
    Slip(
        ALL,
        "conversation_teammates",
        {"properties": {"admins": _REFERENCES}, "required": ["type"]},
        "the live key is `admins` (intercom-node#462, Airbyte's records; reference 3.1, 7.12)",
    ),
    Slip(
        ALL,
        "conversation_part_author",
        {"properties": {"email": {"format": None}}},
        "a lead without an address, and blanked authors, have an empty e-mail (reference 3.3, 7.19)",
    ),
    Slip(
        ("2.16",),
        "conversation_source_author",
        {"properties": {"email": {"format": None}}},
        "the same for who opened the conversation",
    ),
    Slip(
        ("2.7",),
        "conversation",
        {"properties": {"custom_attributes": {"type": "object"}}},
        "conversations have custom attributes since 2.3 (its changelog; reference 8)",
    ),
    Slip(
        ("2.7",),
        "conversation_list_item",
        {"properties": {"custom_attributes": {"type": "object"}}},
        "the same in lists",
    ),
    Slip(
        ("2.11",),
        "part_attachment",
        {"required": ["type", "name", "url", "content_type", "filesize"]},
        "only pictures have a width and a height; 2.7 and 2.16 do not require them either",
    ),
    Slip(
        ("2.16",),
        "event_details",
        {
            "anyOf/+": {
                "type": "object",
                "properties": {"tags_added": {"type": "array"}, "tags_removed": {"type": "array"}},
                "additionalProperties": False,
            }
        },
        "the changelog of 2.15 and the Preview give tag changes their details (reference 4)",
    ),
)

UNDECLARED = {
    "400": "errors of any request; declared by few operations",
    "401": "a wrong token; not declared by `GET /me`",
    "403": "a right that the token lacks; declared by a few operations only",
    "404": "objects that do not exist; not declared by the operations on contacts",
    "409": "a contact that exists is in the way",
    "410": "a merged contact, before 2.16",
    "422": "a request that is understood and refused",
    "429": "the rate limit; 1 of 231 operations declares it",
    "500": "a fault of the server",
}


def mend(data: Json, described: str) -> Json:
    """Lay the exceptions of a described version over its vendored description."""
    for slip in SLIPS:
        if described in slip.versions:
            _lay(data["schemas"][slip.schema], slip.patch)
    return data


def _lay(schema: Json, patch: Json) -> None:
    """Lay a patch over a schema: ``None`` takes a key away, ``key/+`` adds to a list."""
    for key, value in patch.items():
        if key.endswith("/+"):
            schema[key.removesuffix("/+")].append(value)
        elif isinstance(value, dict) and isinstance(schema.get(key), dict):
            _lay(schema[key], value)
        elif value is None:
            schema.pop(key, None)
        else:
            schema[key] = value
