"""Field types that tolerate what both vendors really send.

Ids come as numbers or text, times as seconds, milliseconds, numeric text or ISO text, anything as null.
Only a missing id or creation time makes an object unreadable; everything else has a sane empty value.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from mappings.characters import repair

# Longer than any id of either side, shorter than what an index suffers from.
_LONGEST_ID = 256
# Exact in a float, as the JSON of other languages has it.
_LONGEST_COUNT = 15
_LONGEST_NUMBER = 10**_LONGEST_ID
_MILLISECONDS_FROM = 1e12
_MICROSECONDS_FROM = 1e15
_YEAR_3000 = 32_503_680_000


class Unreadable(ValueError):
    """Raw data that has no meaning for us; the message names fields and never quotes values."""


class Wire(BaseModel):
    """An object as a side sends it: unknown fields are kept, and it never changes."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)


Model = TypeVar("Model", bound=Wire)


def parse(model: type[Model], raw: object, name: str) -> Model:
    """Read one raw object, or raise Unreadable naming the fields at fault."""
    if not isinstance(raw, Mapping):
        raise Unreadable(f"{name} is no object")
    try:
        return model.model_validate(dict(raw))
    except ValidationError as error:
        fields = sorted({".".join(map(str, e["loc"])) for e in error.errors(include_input=False)})
        raise Unreadable(f"{name} has an unusable {', '.join(fields)[:200]}") from None


def read_text(value: object) -> str:
    """Return text as it is, a number as text, anything else as nothing."""
    match value:
        case str():
            return repair(value)
        case bool():
            return ""
        case int() if abs(value) >= _LONGEST_NUMBER:
            return ""
        case int() | float():
            return str(value)
        case _:
            return ""


def read_id(value: object) -> str:
    """Return an id as text; ValueError when there is none."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else read_text(value)
    text = text.strip()
    if not text or len(text) > _LONGEST_ID:
        raise ValueError("no id")
    return text


def read_optional_id(value: object) -> str | None:
    """Return an id as text, or None; an object stands for its own id."""
    inner = value.get("id") if isinstance(value, Mapping) else value
    try:
        return read_id(inner)
    except ValueError:
        return None


def read_own_id(value: object) -> str | None:
    """Return the id that a site gave a person, to the letter: with a leading space it is a different id."""
    if not isinstance(value, str):
        return read_optional_id(value)
    text = read_text(value)
    return text if 0 < len(text) <= _LONGEST_ID else None


def read_holder_id(value: object) -> str | None:
    """Return the id of an assignee, team or channel; zero and ``nobody`` mean none."""
    found = read_optional_id(value)
    return None if found in {"0", "nobody", "null"} else found


def read_moment(value: object) -> float | None:
    """Return seconds since 1970, or None; a date thousands of years ahead is a sentinel for never."""
    try:
        seconds = _seconds(value)
    except (ValueError, OverflowError):
        return None
    if seconds is None or not math.isfinite(seconds):
        return None
    if abs(seconds) > _MICROSECONDS_FROM:
        seconds /= 1e6
    elif abs(seconds) > _MILLISECONDS_FROM:
        seconds /= 1e3
    return None if seconds > _YEAR_3000 else seconds


def sensible(*moments: float | None) -> float:
    """Return the first time after 1970 began, or 0 when there is none."""
    return next((moment for moment in moments if moment is not None and moment > 0), 0.0)


def _seconds(value: object) -> float | None:
    match value:
        case bool():
            return None
        case int() | float():
            return float(value)
        case str():
            return _seconds_of_text(value.strip())
        case _:
            return None


def _seconds_of_text(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.timestamp()


def read_required_moment(value: object) -> float:
    """Return seconds since 1970; ValueError when there is no time."""
    moment = read_moment(value)
    if moment is None:
        raise ValueError("no time")
    return moment


def read_flag(value: object) -> bool:
    """Return whether the value says yes; a time of removal says yes as well."""
    match value:
        case str():
            return value.strip().casefold() not in {"", "0", "false", "no", "null"}
        case bool() | int() | float():
            return bool(value)
        case _:
            return False


def read_count(value: object) -> int | None:
    """Return a count, or None."""
    match value:
        case bool():
            return None
        case int() if 0 <= value < 2**63:
            return value
        case float() if value.is_integer() and 0 <= value < 2**53:
            return int(value)
        case str() if value.isdecimal() and len(value) <= _LONGEST_COUNT:
            return int(value)
        case _:
            return None


def read_fields(value: object) -> dict[str, object]:
    """Return an object as it is, anything else as an empty one."""
    return {str(key): inner for key, inner in value.items()} if isinstance(value, Mapping) else {}


def read_optional_object(value: object) -> dict[str, object] | None:
    """Return an object, or None."""
    return read_fields(value) if isinstance(value, Mapping) else None


def read_objects(value: object) -> list[dict[str, object]]:
    """Return the objects of a list, leaving out anything else; no list has none."""
    items = value if isinstance(value, list) else []
    return [read_fields(item) for item in items if isinstance(item, Mapping)]


def read_names(value: object) -> tuple[str, ...]:
    """Return the distinct names of a list of names or of named objects, in order."""
    items = value if isinstance(value, list) else []
    named = (item.get("name") if isinstance(item, Mapping) else item for item in items)
    return tuple(dict.fromkeys(name for name in (read_text(n).strip() for n in named) if name))


Id = Annotated[str, BeforeValidator(read_id)]
OptionalId = Annotated[str | None, BeforeValidator(read_optional_id)]
OwnId = Annotated[str | None, BeforeValidator(read_own_id)]
HolderId = Annotated[str | None, BeforeValidator(read_holder_id)]
Moment = Annotated[float | None, BeforeValidator(read_moment)]
RequiredMoment = Annotated[float, BeforeValidator(read_required_moment)]
Text = Annotated[str, BeforeValidator(read_text)]
Flag = Annotated[bool, BeforeValidator(read_flag)]
Count = Annotated[int | None, BeforeValidator(read_count)]
Fields = Annotated[dict[str, object], BeforeValidator(read_fields)]
Objects = Annotated[list[dict[str, object]], BeforeValidator(read_objects)]
Names = Annotated[tuple[str, ...], BeforeValidator(read_names)]
