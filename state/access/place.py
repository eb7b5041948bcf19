"""Where the state of a pair is: in a file, or in a schema of a database."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from state.errors import StateError

# PostgreSQL truncates longer names, and two could become one.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TAKEN = frozenset({"public", "information_schema"})
_SCHEMES = ("postgresql://", "postgres://")


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema of a PostgreSQL database; what the pair keeps in files is beside ``path``."""

    url: str = field(repr=False)
    name: str
    path: Path

    def __post_init__(self) -> None:
        taken = self.name in _TAKEN or self.name.startswith("pg_")
        if taken or not _NAME.fullmatch(self.name):
            raise StateError(
                f"{self.name} cannot be the name of a schema",
                hint="letters, digits, - and _, at most 63 of them: choose another name in [state] path",
            )
        refuse_no_address(self.url)

    def __str__(self) -> str:
        """Name the place without what is secret in its address."""
        try:
            parts = urlsplit(self.url)
            host = parts.hostname or "this machine"
        except ValueError:
            return f"the schema {self.name} in PostgreSQL"
        name = parts.path.strip("/")
        database = f"the database {name}" if name else "the default database"
        return f"the schema {self.name} of {database} on {host}"


Place: TypeAlias = Path | Schema


def is_address(text: str) -> bool:
    """Tell whether a text is an address of a database, and no path of a file."""
    return text.startswith(_SCHEMES)


def refuse_no_address(text: str) -> None:
    """Raise StateError for what is not an address of a database."""
    if not is_address(text):
        raise StateError(
            "the address of the database does not begin with postgresql://",
            hint="write it as postgresql://user:password@host/database",
        )
    if _CONTROL.search(text):
        raise StateError(
            "the address of the database cannot be read: it holds a line break or a similar character",
            hint="write it in one line: postgresql://user:password@host/database",
        )


def local(place: Place) -> Path:
    """Return the path beside which the files of a pair are on this machine."""
    return place.path if isinstance(place, Schema) else place
