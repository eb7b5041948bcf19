"""Secrets are taken out of everything that is logged, stored as a reason, or shown.

A token is known from the moment it is read. What stands where a token would is taken out too, known or not.
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

HIDDEN = "***"
_SHORTEST = 8  # a shorter text would stand in words by chance
_CREDENTIALS = re.compile(r"\b(Bearer|Token|auth_token=)\s*[\w.\-~+/]{6,}=*")
_ACCOUNT = re.compile(r"(?<=//)[^/\s@]+@")


class Redactor:
    """Takes tokens out of texts: the known ones, and whatever stands where one would."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._lock = threading.Lock()

    def hide(self, secret: SecretStr) -> None:
        """Take this secret out of every text from now on."""
        value = secret.get_secret_value()
        if len(value) >= _SHORTEST:
            with self._lock:
                self._secrets = self._secrets | {value}

    def clean(self, text: str) -> str:
        """Return the text without secrets."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, HIDDEN)
        return _ACCOUNT.sub(f"{HIDDEN}@", _CREDENTIALS.sub(rf"\1 {HIDDEN}", text))

    def clean_report(self, report: Mapping[str, object]) -> dict[str, object]:
        """Return a report with every text in it cleaned."""
        return {key: self.clean_data(value) for key, value in report.items()}

    def clean_data(self, value: object) -> object:
        """Return plain data, as JSON knows it, with every text in it cleaned; keys stay as they are."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, dict):
            return self.clean_report(value)
        if isinstance(value, list | tuple):
            return [self.clean_data(inner) for inner in value]
        return value


REDACTOR = Redactor()
