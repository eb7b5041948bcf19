"""The mapping table: loaded from ``kinds.toml``, checked, looked up, and overridden within what is safe.

Invariants: every known type of both sides has exactly one row; a row is public only for a type that may be;
no override can make anything public that was not.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, replace
from importlib import resources
from typing import TYPE_CHECKING, TypeVar

from mappings.kinds import ANYTHING_ELSE, OPENING, PUBLIC, TYPES, Carried, Meaning, Row, Writer
from mappings.model import Loss, LossKind, Side
from mappings.sentences import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from enum import StrEnum

    Choice = TypeVar("Choice", bound=StrEnum)

_CHOICES = ("skip", "note", "default")
_ROW_FIELDS = frozenset(
    {"type", "means", "author", "carried", "other_side", "reason", "say", "bare", "losses", "possible"}
)


@dataclass(frozen=True, slots=True)
class KindTable:
    """The rows of both directions, in the order in which people read them."""

    rows: Mapping[Side, Mapping[str, Row]]

    def row(self, side: Side, kind: str) -> Row:
        """Return the row of a type, or the row for anything else."""
        rows = self.rows[side]
        return rows[kind] if kind in rows and kind != ANYTHING_ELSE else rows[ANYTHING_ELSE]

    def with_overrides(self, overrides: Mapping[str, str]) -> KindTable:
        """Return the table with rows replaced; ValueError with the reason for anything unsafe or unknown."""
        rows = {side: dict(self.rows[side]) for side in Side}
        for name, choice in overrides.items():
            row = self._named(name)
            rows[row.side][row.type] = _overridden(row, choice)
        return KindTable(rows)

    def _named(self, name: str) -> Row:
        side, _, kind = name.partition(".")
        if side in set(Side) and kind in self.rows[Side(side)]:
            return self.rows[Side(side)][kind]
        known = [f"{row.side}.{row.type}" for rows in self.rows.values() for row in rows.values()]
        nearest = difflib.get_close_matches(name, known, cutoff=0.0)[0]
        raise ValueError(f"{name!r} is no type of part; the nearest is {nearest!r}")


def load(text: str) -> KindTable:
    """Read and check a table written in TOML; ValueError says what is wrong with it."""
    raw = tomllib.loads(text)
    return KindTable({side: _side(side, raw.get(side.value, [])) for side in Side})


def _side(side: Side, raws: Iterable[Mapping[str, object]]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for raw in raws:
        row = _row(side, raw)
        if row.type in rows:
            raise ValueError(f"{side}.{row.type} has two rows")
        rows[row.type] = row
    expected = {*TYPES[side], ANYTHING_ELSE}
    if missing := sorted(expected - rows.keys()):
        raise ValueError(f"{side} has no row for {', '.join(missing)}")
    if unknown := sorted(rows.keys() - expected):
        raise ValueError(f"{side} has a row for the unlisted {', '.join(unknown)}")
    return rows


def _row(side: Side, raw: Mapping[str, object]) -> Row:
    kind = str(raw.get("type", ""))
    where = f"{side}.{kind}"
    if unknown := sorted(raw.keys() - _ROW_FIELDS):
        raise ValueError(f"{where} has the unknown field {unknown[0]}")
    row = Row(
        side=side,
        type=kind,
        means=tuple(_choice(Meaning, value, where) for value in _list(raw.get("means"))),
        author=_choice(Writer, raw.get("author"), where),
        carried=_choice(Carried, raw.get("carried"), where),
        other_side=str(raw.get("other_side", "")),
        reason=str(raw.get("reason", "")),
        say=_sentence(raw.get("say"), where),
        bare=_sentence(raw.get("bare"), where),
        losses=_losses(raw.get("losses"), where),
        possible=_losses(raw.get("possible"), where),
    )
    _check(row, where)
    return row


def _check(row: Row, where: str) -> None:
    if not row.means or not row.other_side:
        raise ValueError(f"{where} must say what it means and what becomes of it")
    if row.carried is Carried.SKIP and not row.reason:
        raise ValueError(f"{where} is skipped without a reason")
    if row.carried is Carried.EVENT and not row.say:
        raise ValueError(f"{where} is an event without a line")
    public = row.carried is Carried.MESSAGE or any(meaning.public for meaning in row.means)
    if public and (row.type not in PUBLIC[row.side] or row.type.startswith("note")):
        raise ValueError(f"{where} may not be shown to the customer")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _choice(enum: type[Choice], value: object, where: str) -> Choice:
    try:
        return enum(str(value))
    except ValueError:
        allowed = ", ".join(enum)
        raise ValueError(f"{where} says {value!r}; it must be one of {allowed}") from None


def _sentence(value: object, where: str) -> Sentence | None:
    if value is not None and value not in set(Sentence):
        raise ValueError(f"{where} says {value!r}, which is no sentence of sentences.toml")
    return None if value is None else Sentence(str(value))


def _losses(value: object, where: str) -> tuple[Loss, ...]:
    raws = [raw for raw in _list(value) if isinstance(raw, dict)]
    return tuple(Loss(_choice(LossKind, raw.get("kind"), where), str(raw.get("words", ""))) for raw in raws)


def _overridden(row: Row, choice: str) -> Row:
    name = f"{row.side}.{row.type}"
    if choice not in _CHOICES:
        allowed = ", ".join(_CHOICES)
        if choice in {Carried.MESSAGE, "public"} and not any(meaning.public for meaning in row.means):
            raise ValueError(f"{name} is never shown to the customer; it may be one of {allowed}")
        raise ValueError(f"{name} cannot be {choice!r}; it may be one of {allowed}")
    if choice == "default":
        return row
    if row.type == OPENING:
        raise ValueError(f"{name} opens the conversation and cannot be changed")
    carried = Carried(choice)
    if carried is Carried.SKIP is not row.carried:
        return replace(row, carried=carried, overridden=True, reason="left out by [map.parts]")
    return replace(row, carried=carried, overridden=True)


DEFAULT = load(resources.files("mappings").joinpath("kinds.toml").read_text(encoding="utf-8"))
