"""Making and opening the schema of a pair: of a known version, with the key that it was made with."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from psycopg import errors, sql

from mappings.keyed import key_mark
from state.access.transactions import ARRIVING, MOVED, SET_FACT
from state.errors import StateError, StateForbidden, StateNewer, moved
from state.migrations.version import KEY_MARK, LATEST
from state.postgres.connecting import connect
from state.postgres.db import StateSchema
from state.postgres.failures import telling
from state.postgres.schema import BORN, LATER, TABLES

if TYPE_CHECKING:
    from state.access.place import Schema
    from state.postgres.session import Session

VERSION = "schema"
_TABLES = "SELECT count(*) AS n FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(?))"

_MAY_MAKE = "SELECT has_database_privilege(current_database(), 'CREATE') AS may"
_CONTENTS = """
    SELECT 'DROP TABLE IF EXISTS ' || CAST(CAST(oid AS regclass) AS TEXT) || ' CASCADE' AS drop
    FROM pg_class WHERE relkind = 'r' AND relnamespace = to_regnamespace(quote_ident(?))
    UNION ALL
    SELECT 'DROP FUNCTION IF EXISTS ' || CAST(CAST(oid AS regprocedure) AS TEXT) || ' CASCADE'
    FROM pg_proc WHERE pronamespace = to_regnamespace(quote_ident(?))
"""


def exists(place: Schema) -> bool:
    """Tell whether the schema holds anything; StateError when the database cannot be asked."""
    with closing(connect(place)) as session, telling(place):
        return _tables(session, place) > 0


def create(place: Schema, *, key: bytes) -> StateSchema:
    """Make the tables of a pair; StateError when something is there."""
    session = connect(place)
    try:
        with telling(place):
            _create(session, place, key)
    except BaseException:
        session.rollback()
        session.close()
        raise
    return StateSchema(session, place, key)


def open_existing(place: Schema, *, key: bytes) -> StateSchema:
    """Open the schema of a pair, migrating an older one; StateError says what is wrong with it."""
    session = connect(place)
    try:
        with telling(place):
            _check_key(session, place, key)
            _refuse_moved(session, place)
            _migrate(session, place)
    except BaseException:
        session.rollback()
        session.close()
        raise
    return StateSchema(session, place, key)


def known_version(place: Schema) -> int:
    """Return the version of a schema, changing nothing; StateError when it is not there, or foreign."""
    with closing(connect(place)) as session, telling(place):
        _refuse_nothing(session, place)
        return version_of(session, place)


def remove(place: Schema) -> None:
    """Take a schema away with all that is in it; who could not make it again leaves it there, empty."""
    with closing(connect(place)) as session, telling(place):
        if session.execute(_MAY_MAKE).fetchall()[0]["may"]:
            session.connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(place.name)))
            return
        session.execute("BEGIN")
        for row in session.execute(_CONTENTS, [place.name, place.name]).fetchall():
            session.execute(row["drop"])
        session.commit()


def arrived(place: Schema) -> None:
    """Open a new schema for runs: the place from which its state came was left."""
    with closing(connect(place)) as session, telling(place):
        session.execute("DELETE FROM meta WHERE key IN (?, ?)", [MOVED, ARRIVING])


def rekey(place: Schema, key: bytes) -> None:
    """Give a schema whose key was lost a new one; its hashes are of no use any more."""
    with closing(connect(place)) as session, telling(place):
        if _has_key(session, key):
            return
        session.execute("BEGIN")
        session.execute("UPDATE parts SET text_hash = NULL WHERE text_hash IS NOT NULL")
        session.execute(SET_FACT, [KEY_MARK, key_mark(key)])
        session.commit()


def version_of(session: Session, place: Schema) -> int:
    """Return the version of the tables; StateError when they are another program's or a newer one's."""
    ours = session.execute(_TABLES + " AND relname = 'meta'", [place.name]).fetchall()[0]["n"]
    version = _version_told(session, place) if ours else ""
    if not version.isdecimal() or int(version) < BORN:
        raise StateError(
            f"{place} holds tables, but no state of this program", hint="choose another name in [state] path"
        )
    if int(version) > LATEST:
        raise StateNewer(f"{place} has version {version}, this program knows only {LATEST}")
    return int(version)


def _version_told(session: Session, place: Schema) -> str:
    # With its schema's name: without, a role that may not enter is told that the table is not there.
    meta = sql.Identifier(place.name, "meta")
    query = sql.SQL("SELECT value FROM {} WHERE key = {}").format(meta, VERSION)
    try:
        row = session.connection.execute(query).fetchone()
    except errors.UndefinedColumn:
        row = None
    return "" if row is None else str(row["value"])


def _refuse_nothing(session: Session, place: Schema) -> None:
    if not _tables(session, place):
        raise StateError(f"there is no state in {place}", hint="connector init")


def _tables(session: Session, place: Schema) -> int:
    return int(session.execute(_TABLES, [place.name]).fetchall()[0]["n"])


def _create(session: Session, place: Schema, key: bytes) -> None:
    session.execute("BEGIN")
    # If two begin at once, the second waits here and then finds what the first made.
    session.execute("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", [f"create {place.name}"])
    if _tables(session, place):
        raise StateError(f"{place} holds something already", hint="connector status")
    there = session.execute("SELECT 1 FROM pg_namespace WHERE nspname = ?", [place.name]).fetchone()
    if there is None:  # an administrator may have made it for a role that may not
        session.connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(place.name)))
    session.connection.execute(";".join(TABLES).encode())  # in one go: many round trips add up
    session.execute(SET_FACT, [KEY_MARK, key_mark(key)])
    _bring_up_to_date(session, BORN)
    session.commit()


def _migrate(session: Session, place: Schema) -> None:
    if version_of(session, place) == LATEST:
        return
    session.execute("BEGIN")
    session.execute("SELECT value FROM meta WHERE key = ? FOR UPDATE", [VERSION])
    _bring_up_to_date(session, version_of(session, place))
    session.commit()


def _bring_up_to_date(session: Session, version: int) -> None:
    for number in range(version + 1, LATEST + 1):
        for statement in LATER[number]:
            session.execute(statement)
    session.execute(SET_FACT, [VERSION, str(LATEST)])


def _check_key(session: Session, place: Schema, key: bytes) -> None:
    _refuse_nothing(session, place)
    version_of(session, place)
    if not _has_key(session, key):
        raise StateForbidden(
            f"{place} belongs to another key", hint="put its key file back, or run: connector recover"
        )


def _refuse_moved(session: Session, place: Schema) -> None:
    row = session.execute("SELECT value FROM meta WHERE key = ?", [MOVED]).fetchone()
    if row is not None:
        raise moved(place, str(row["value"]))


def _has_key(session: Session, key: bytes) -> bool:
    row = session.execute("SELECT value FROM meta WHERE key = ?", [KEY_MARK]).fetchone()
    return row is not None and bool(row["value"] == key_mark(key))
