"""Why a database could not be used: one classification of PostgreSQL's errors.

What a role may not do needs a person; what the server, the network or the disk did may pass by itself. Why a
session was refused comes without a code: it is known by its words, in English and in Russian.
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
# Not a role that has too many connections: one of them ends.
_REFUSED = re.compile(
    "authentication failed|no password supplied|no pg_hba.conf entry|permission denied for database"
    '|role "[^"]*" (?:does not exist|is not permitted)'
    "|не прошёл проверку подлинности|ошибка проверки подлинности|в pg_hba.conf нет записи"
    '|доступ к базе "[^"]*" запрещ|роль "[^"]*" не существует|для роли "[^"]*" вход запрещён'
)
_NOT_THERE = re.compile('database "[^"]*" does not exist|база данных "[^"]*" не существует')
_UNREADABLE = re.compile(
    r"invalid (?:integer value|port number|\w+ value|value for parameter)|definition of service"
    "|unrecognized configuration parameter|[Нн]ераспознанный параметр|неверное значение для параметра"
)


@contextmanager
def telling(place: Schema) -> Generator[None]:
    """Turn trouble with the database into one sentence; a broken constraint is a bug and stays one."""
    try:
        yield
    except IntegrityError:
        raise
    except Error as error:
        raise of_postgres(error, place) from error


def of_postgres(error: Error, what: object, *, url_file: str = "[state] url_file") -> StateError:
    """Return what an error of PostgreSQL means for what is kept there; ``url_file`` holds its address."""
    why = _first_line(error)
    unheard = isinstance(error, OperationalError) and error.sqlstate is None
    if isinstance(error, _DAMAGE):
        return StateError(f"{what} is damaged: {why}", hint="restore the database from its backup")
    if isinstance(error, _RIGHTS) or (unheard and _REFUSED.search(why)):
        return StateForbidden(
            f"this role may not use {what}: {why}",
            hint=f"check the address in {url_file}, and what was granted to its role",
        )
    if isinstance(error, _MISSING) or (unheard and _NOT_THERE.search(why)):
        return StateError(f"{what} is not there: {why}", hint=f"check the address in {url_file}")
    if (isinstance(error, ProgrammingError) and error.sqlstate is None) or (
        unheard and _UNREADABLE.search(why)
    ):
        # What is in quotes is a piece of the address, and may be one of its password.
        told = _QUOTED.sub("…", why)
        return StateError(f"the address of {what} cannot be read: {told}", hint=f"check {url_file}")
    return StateFailed(f"{what} failed: {why}", hint=_AGAIN)


def _first_line(error: Error) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    told = lines[0] if lines else type(error).__name__
    return told.strip().rstrip(".")
