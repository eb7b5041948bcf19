"""Logs: events named ``noun.verb`` with fields, to stderr: lines for people on a terminal, else JSON lines.

What a line is about (run, pair, conversation, part) comes from where it is written: see ``about``. Tokens are
taken out of every line whatever wrote it. A library's own lines, which hold whole URLs and what customers
wrote, are off; a warning is logged by the library's name, without its words.
"""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from connector.host.cell import json_line, line
from connector.host.redaction import REDACTOR

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


Field = str | int | float | bool | None
_OURS = frozenset({"connector", "state", "mappings"})
_ABOUT: ContextVar[Mapping[str, Field]] = ContextVar("about")


class LogFormat(StrEnum):
    """How a log is written."""

    TEXT = "text"
    JSON = "json"


def event(logger: logging.Logger, level: int, name: str, /, **fields: Field) -> None:
    """Log one event with its fields."""
    logger.log(level, name, extra={"fields": fields})


@contextmanager
def about(**fields: Field) -> Generator[None]:
    """Put these fields on every line that is logged inside: the run, the pair, the conversation, the part."""
    token = _ABOUT.set({**_ABOUT.get({}), **fields})
    try:
        yield
    finally:
        _ABOUT.reset(token)


class _Lines(logging.Formatter):
    def __init__(self, form: LogFormat) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Field] = {**_ABOUT.get({}), **getattr(record, "fields", {})}
        if self._form is LogFormat.JSON:
            told: dict[str, object] = {"time": at, "level": record.levelname.lower(), **_named(record)}
            return REDACTOR.clean(json_line(told | fields))
        named = " ".join(f"{name}={value}" for name, value in fields.items())
        shown = line(f"{at} {record.levelname.lower():7} {_said(record)} {named}".rstrip())
        return REDACTOR.clean(f"{shown}\n{_frames(record)}" if _failed(record) else shown)


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] in _OURS


def _said(record: logging.LogRecord) -> str:
    return record.getMessage() if _is_ours(record) else f"{record.name}.complained"


def _named(record: logging.LogRecord) -> dict[str, object]:
    named: dict[str, object] = {"event": _said(record), "logger": record.name}
    if _failed(record):
        named |= {"error": _failed(record), "frames": _frames(record).splitlines()}
    return named


def _failed(record: logging.LogRecord) -> str:
    return record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""


def _frames(record: logging.LogRecord) -> str:
    """Return where an error came from; its own words may quote what a customer wrote."""
    found = traceback.extract_tb(record.exc_info[2]) if record.exc_info else ()
    places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in found]
    return "\n".join([*places, f"  {_failed(record)}"])


class _ToStderr(logging.StreamHandler[TextIO]):
    """Writes to what stderr is now: progress that is drawn there puts its own in its place meanwhile."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - as the base class has it
        """Lose a line that cannot be written: the library would print what it was made of."""


def configure(verbosity: int = 0, *, form: LogFormat | None = None, stream: TextIO | None = None) -> None:
    """Send logs to stderr: warnings, with 1 also information, with 2 also every exchange.

    Without a ``form`` the stream decides: text for a terminal, JSON for everything else.
    """
    handler = _ToStderr() if stream is None else logging.StreamHandler(stream)
    stream = stream or sys.stderr
    handler.setFormatter(_Lines(form or (LogFormat.TEXT if stream.isatty() else LogFormat.JSON)))
    handler.addFilter(lambda record: _is_ours(record) or record.levelno >= logging.WARNING)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_LEVELS[min(verbosity, len(_LEVELS) - 1)])
    for library in ("httpx", "httpcore", "websockets", "uvicorn", "procrastinate", "psycopg"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
