"""Sessions with the database: how long they wait, and how they are identified."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from state.errors import StateError
from state.postgres.failures import telling
from state.postgres.patience import Patience
from state.postgres.session import Row, Session, rows

if TYPE_CHECKING:
    from psycopg.abc import PQGen

    from state.access.place import Schema

R = TypeVar("R")
Told = TypeVar("Told")

PROGRAM = "connector"
# Names and texts of strangers are in any script.
_ENCODING = "UTF8"
# A dead host or a cut network is noticed by both ends within half a minute.
CLIENT: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
_SERVER = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SET tcp_user_timeout = 25000",
    "SET idle_session_timeout = 0",  # a run may wait an hour for a limit
    "SET idle_in_transaction_session_timeout = 0",
    "SET lock_timeout = 30000",
    "SET default_transaction_isolation = 'read committed'",
    # Stronger than `on` is the administrator's choice and stays.
    (
        "SELECT set_config('synchronous_commit', 'on', false) "
        "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
    ),
)


class Connection(psycopg.Connection[R]):
    """One that waits for no answer for ever: a server that is frozen keeps its connections."""

    def wait(self, gen: PQGen[Told], interval: float = 0.1, timeout: float | None = None) -> Told:
        """Wait for an answer; without one the connection is closed, so that nobody waits once more."""
        patience = Patience()
        try:
            return super().wait(_patiently(gen, patience), interval, timeout)
        except psycopg.OperationalError as error:
            if self.info.transaction_status != TransactionStatus.ACTIVE:
                raise
            self.close()
            raise psycopg.OperationalError(patience.told()) from error


def _patiently(gen: PQGen[Told], patience: Patience) -> PQGen[Told]:
    """Go on as the driver does, which looks up ten times a second, until the patience is over."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if patience.is_over():
                raise psycopg.OperationalError("waited for long enough")
            wanted = gen.send(ready)
    except StopIteration as done:
        told: Told = done.value
        return told


def connect(place: Schema) -> Session:
    """Begin a session in which the schema's tables go by their names; StateError says why there is none."""
    with telling(place):
        named = {
            "application_name": f"{PROGRAM} {os.getpid()}@{socket.gethostname()}",
            "client_encoding": _ENCODING,
        }
        wanted = {"target_session_attrs": "read-write"}  # a standby takes no writes
        given = psycopg.conninfo.conninfo_to_dict(place.url)
        connection = Connection.connect(
            **{**wanted, **CLIENT, **given, **named}, autocommit=True, row_factory=rows
        )
        try:
            _refuse_other_encodings(connection, place)
            connection.execute(";".join(_SERVER).encode())
            path = sql.SQL("SET search_path TO {}").format(sql.Identifier(place.name))
            connection.execute(path)
        except BaseException:
            connection.close()
            raise
    return Session(connection)


def peek(place: Schema, key: str) -> str | None:
    """Return a fact while others may be at work; None where it is missing, or nobody answers."""
    with suppress(psycopg.Error, StateError):
        return _peeked(place, key)
    return None


def _refuse_other_encodings(connection: psycopg.Connection[Row], place: Schema) -> None:
    found = connection.info.parameter_status("server_encoding")
    if found != _ENCODING:
        raise StateError(
            f"{place} cannot hold every text: the encoding of its database is {found}",
            hint=f"make a database WITH ENCODING '{_ENCODING}' TEMPLATE template0",
        )


def _peeked(place: Schema, key: str) -> str | None:
    session = connect(place)
    try:
        row = session.execute("SELECT value FROM meta WHERE key = ?", [key]).fetchone()
    finally:
        session.close()
    return None if row is None else str(row["value"])
