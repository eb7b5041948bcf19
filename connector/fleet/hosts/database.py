"""The database through which several hosts run one fleet: its address, its tables, and its time.

Correctness does not depend on it: the pair's own state ensures that no pair is passed twice at once. What is
lost here is rebuilt.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql
from psycopg.rows import dict_row

from connector.errors import ConnectorError, ExitCode
from connector.host.redaction import REDACTOR
from state.errors import StateError, StateForbidden
from state.postgres.connecting import CLIENT, Connection
from state.postgres.failures import of_postgres

if TYPE_CHECKING:
    from collections.abc import Generator

    from pydantic import SecretStr

    from mappings.model import Seconds

SCHEMA = "connector_fleet"
_TABLES = """
CREATE TABLE seats (
    pair text PRIMARY KEY,
    due double precision NOT NULL,
    beat double precision NOT NULL,
    started double precision,
    failures integer NOT NULL DEFAULT 0,
    rest text,
    traces jsonb NOT NULL DEFAULT '{}',
    last jsonb,
    woken boolean NOT NULL DEFAULT false,
    paused boolean NOT NULL DEFAULT false,
    worker bigint,
    host text
);
CREATE TABLE hosts (host text PRIMARY KEY, process text NOT NULL, seen double precision NOT NULL);
"""

# Added since: a fleet whose tables are older gets it when its first host is upgraded.
_HINTS = """
CREATE TABLE hints (
    pair text NOT NULL, side text NOT NULL, conversation text NOT NULL, PRIMARY KEY (pair, side, conversation)
)
"""

Cursor = psycopg.Cursor[dict[str, Any]]


class DatabaseAway(ConnectorError):
    """The database does not answer: run again later."""


class DatabaseRefused(DatabaseAway):
    """The role may not do what is needed: a person must see to it."""

    exit_code = ExitCode.PERSON


class NoDatabase(DatabaseAway):
    """What the address names is not there, or it can be none."""

    exit_code = ExitCode.USAGE


_KINDS = {StateForbidden: DatabaseRefused, StateError: NoDatabase}


class Database:
    """One connection, which all threads take in turn."""

    def __init__(self, address: SecretStr) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._connection: Connection[dict[str, Any]] | None = None

    @contextmanager
    def transaction(self) -> Generator[Cursor]:
        """Do something in one transaction; DatabaseAway when that is impossible."""
        with self._lock, _told(), self._opened().transaction(), self._opened().cursor() as cursor:
            yield cursor

    def prepare(self) -> None:
        """Make the tables that are not there; hosts that begin at once wait for each other."""
        with self.transaction() as db:
            db.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [SCHEMA])
            if not _is_there(db, "seats"):
                db.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
                db.execute(_TABLES)
                db.execute(SchemaManager.get_schema())
            if not _is_there(db, "hints"):
                db.execute(_HINTS)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._connection is not None:
                with suppress(psycopg.Error):
                    self._connection.close()
                self._connection = None

    def _opened(self) -> Connection[dict[str, Any]]:
        if self._connection is None or self._connection.closed:
            given = psycopg.conninfo.conninfo_to_dict(self._address.get_secret_value())
            named = {"options": f"-c search_path={SCHEMA}"}
            self._connection = Connection.connect(
                **{**CLIENT, **given, **named}, autocommit=True, row_factory=dict_row
            )
        return self._connection


def now(db: Cursor) -> Seconds:
    """Return the time of the database: the only one that all hosts have in common."""
    db.execute("SELECT extract(epoch FROM clock_timestamp())::double precision AS now")
    found: Seconds = _only(db)["now"]
    return found


def _is_there(db: Cursor, table: str) -> bool:
    """Tell whether a table exists; CREATE … IF NOT EXISTS asks for the right to make it nevertheless."""
    db.execute("SELECT to_regclass(%s) IS NOT NULL AS there", [f"{SCHEMA}.{table}"])
    found: bool = _only(db)["there"]
    return found


def _only(db: Cursor) -> dict[str, Any]:
    row = db.fetchone()
    if row is None:
        raise DatabaseAway("the fleet's database did not answer", hint="run it again")
    return row


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except psycopg.Error as error:
        found = of_postgres(error, "the fleet's database", url_file="[fleet.database] url_file")
        # A table that was dropped meanwhile is made again by the next start.
        lasts = error.sqlstate is None or isinstance(found, StateForbidden)
        kind = _KINDS.get(type(found), DatabaseAway) if lasts else DatabaseAway
        raise kind(REDACTOR.clean(str(found)), hint=found.hint) from error
