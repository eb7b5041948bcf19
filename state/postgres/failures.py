"""Why a database could not be used: one classification of PostgreSQL's errors.

What a role may not do needs a person; what the server, the network or the disk did may pass by itself.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from psycopg import Error, IntegrityError, OperationalError, ProgrammingError, errors

from state.errors import StateError, StateFailed, StateForbidden

if TYPE_CHECKING:
    from collections.abc import Generator

    from state.access.place import Schema

_QUOTED = re.compile(r'"[^"]*"')
_AGAIN = "when the database answers again, run again: nothing is lost"
_RIGHTS = (
    errors.InsufficientPrivilege,
    errors.InvalidPassword,
    errors.InvalidAuthorizationSpecification,
)
_MISSING = (errors.InvalidCatalogName, errors.UndefinedTable, errors.InvalidSchemaName)
_DAMAGE = (errors.DataCorrupted, errors.IndexCorrupted)
_REFUSED = ("authentication failed", "no password supplied", "no pg_hba.conf entry", "role ")


@contextmanager
def telling(place: Schema) -> Generator[None]:
    """Turn trouble with the database into one sentence; a broken constraint is a bug and stays one."""
    try:
        yield
    except IntegrityError:
        raise
    except Error as error:
        raise of_postgres(error, place) from error


def of_postgres(error: Error, place: Schema) -> StateError:
    """Return what an error of PostgreSQL means for the state at a place."""
    why = _first_line(error)
    if isinstance(error, _DAMAGE):
        return StateError(f"{place} is damaged: {why}", hint="restore the database from its backup")
    if isinstance(error, _RIGHTS) or (isinstance(error, OperationalError) and _is_refused(why)):
        return StateForbidden(
            f"this role may not use {place}: {why}",
            hint="check the address in [state] url_file, and what was granted to its role",
        )
    if isinstance(error, _MISSING) or "does not exist" in why:
        return StateError(f"{place} is not there: {why}", hint="check the address in [state] url_file")
    if isinstance(error, ProgrammingError) and error.sqlstate is None:
        # What stands in quotes is a piece of the address, and may be one of its password.
        told = _QUOTED.sub("…", why)
        return StateError(f"the address of {place} cannot be read: {told}", hint="check [state] url_file")
    return StateFailed(f"{place} failed: {why}", hint=_AGAIN)


def _is_refused(why: str) -> bool:
    return any(words in why for words in _REFUSED)


def _first_line(error: Error) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    told = lines[0] if lines else type(error).__name__
    return told.strip().rstrip(".")
