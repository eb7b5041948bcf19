"""The table of notices as the manual prints it: `python -m connector.app.notice_table`."""

from __future__ import annotations

import re
import sys

from connector.engine.plan.notices import MEANINGS

_GIVEN = re.compile(r"\{\w+\}")


def markdown() -> str:
    """Return kind, sentence, severity and remedy of every notice, a row each."""
    rows = [
        f"| `{kind.value}` | {_GIVEN.sub('…', meaning.sentence)} | {meaning.severity} | {meaning.remedy} |"
        for kind, meaning in MEANINGS.items()
    ]
    return "\n".join(["| kind | sentence | severity | what to do |", "|---|---|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
