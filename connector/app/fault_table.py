"""The table of warnings of `mapping check` as the manual prints it: `python -m connector.app.fault_table`."""

from __future__ import annotations

import sys

from connector.engine.inspect.map_faults import FaultKind
from connector.errors import ExitCode


def markdown() -> str:
    """Return what may be wrong with a line of `[map]`, why it matters and the exit code, a row each."""
    rows = [f"| {kind.title} | {kind.why} | {_code(kind)} |" for kind in FaultKind]
    return "\n".join(["| warning | why it matters | exit code |", "|---|---|---|", *rows]) + "\n"


def _code(kind: FaultKind) -> int:
    return (ExitCode.ATTENTION if kind.unworkable else ExitCode.CLEAN).value


if __name__ == "__main__":
    sys.stdout.write(markdown())
