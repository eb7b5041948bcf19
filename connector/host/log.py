"""Logs: events named ``noun.verb`` with fields, to stderr, as lines for people or as JSON lines.

Tokens are taken out of every line whatever wrote it. httpx's own lines, which hold whole URLs, are off.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pydantic import SecretStr

_HIDDEN = "***"
_CREDENTIALS = re.compile(r"\b(Bearer|Token|auth_token=)\s*[\w.\-~+/]{6,}=*")
_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)

Field = str | int | float | bool | None


def event(logger: logging.Logger, level: int, name: str, **fields: Field) -> None:
    """Log one event with its fields."""
    logger.log(level, name, extra={"fields": fields})


class Redactor:
    """Takes tokens out of log lines: the known ones, and whatever stands where one would."""

    def __init__(self) -> None:
        self._secrets: list[str] = []

    def hide(self, secret: SecretStr) -> None:
        """Take this secret out of every line from now on."""
        self._secrets.append(secret.get_secret_value())

    def clean(self, line: str) -> str:
        """Return the line without secrets."""
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        return _CREDENTIALS.sub(rf"\1 {_HIDDEN}", line)


class _Lines(logging.Formatter):
    def __init__(self, redactor: Redactor, *, as_json: bool) -> None:
        super().__init__()
        self._redactor = redactor
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Field] = getattr(record, "fields", {})
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        if self._as_json:
            line = json.dumps({"time": at, "level": record.levelname.lower(), **_named(record), **fields})
        else:
            told = " ".join(f"{name}={value}" for name, value in fields.items())
            line = f"{at} {record.levelname.lower():7} {record.getMessage()} {told}".rstrip()
        if record.exc_info:
            line = f"{line}\n{self.formatException(record.exc_info)}" if not self._as_json else line
        return self._redactor.clean(line)


def _named(record: logging.LogRecord) -> dict[str, str]:
    error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
    named = {"event": record.getMessage(), "logger": record.name}
    return {**named, "error": error} if error else named


def configure(verbosity: int = 0, *, as_json: bool = False, stream: TextIO | None = None) -> Redactor:
    """Send logs to stderr: warnings, with 1 also information, with 2 also every exchange."""
    redactor = Redactor()
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Lines(redactor, as_json=as_json))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(_LEVELS[min(verbosity, len(_LEVELS) - 1)])
    for library in ("httpx", "httpcore"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    return redactor
