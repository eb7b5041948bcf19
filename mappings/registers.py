"""The registers by name: which there are, what each holds, and changing one of them."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from mappings.model import Status
from mappings.text import tag_key

if TYPE_CHECKING:
    from mappings.model import Registers


class Register(StrEnum):
    """The fields of a conversation that are merged three ways."""

    STATUS = "status"
    ASSIGNEE = "assignee"
    TEAM = "team"
    TAGS = "tags"


Value = Status | str | frozenset[str] | None
"""What a register holds: a status, the id of a person or team, a set of tags, or nobody."""


def value_of(registers: Registers, register: Register) -> Value:
    """Return the value of one register."""
    match register:
        case Register.STATUS:
            return registers.status
        case Register.ASSIGNEE:
            return registers.assignee
        case Register.TEAM:
            return registers.team
        case Register.TAGS:
            return registers.tags


def with_value(registers: Registers, register: Register, value: Value) -> Registers:
    """Return registers with one of them changed; TypeError when the value is of another register's kind."""
    match register, value:
        case Register.STATUS, Status():
            return replace(registers, status=value)
        case Register.ASSIGNEE, str() | None:
            return replace(registers, assignee=value)
        case Register.TEAM, str() | None:
            return replace(registers, team=value)
        case Register.TAGS, frozenset():
            return replace(registers, tags=value)
        case _:
            raise TypeError(f"no value of the register {register}")


def with_shared_tags(here: Registers, there: Registers) -> Registers:
    """Return the registers of a side with those tags alone that the other side has as well."""
    both = {tag_key(tag) for tag in there.tags}
    return replace(here, tags=frozenset(tag for tag in here.tags if tag_key(tag) in both))
