"""How far a verify came, kept in the state file while it runs: `verify --resume` continues from there."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from connector.engine.inspect.scope import Finding, Wanted
from connector.engine.inspect.verdict import Verdict
from connector.engine.inspect.verify import Difference
from connector.engine.run.rows import Rows
from mappings.model import Side

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from mappings.model import Seconds
    from state.meta import Meta

APART: Seconds = 30.0
"""So much of a verify is done again after a kill; what is kept is written whole each time."""


@dataclass
class Compared:
    """What a verify found so far: the rows it compared, and all findings but those that are simply equal."""

    wanted: Wanted
    began: Seconds
    rows: Rows = field(default_factory=Rows)
    findings: list[Finding] = field(default_factory=list)
    verdicts: Counter[Verdict] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Add a finding; what is simply equal is counted only: memory must not grow with the workspace."""
        self.verdicts[finding.verdict] += 1
        if finding.row is not None:
            self.rows.add(finding.row)
        if finding.verdict is not Verdict.EQUAL or finding.differences:
            self.findings.append(finding)


class Keeper:
    """Keeps how far one verify came, now and then and when it is stopped."""

    def __init__(self, meta: Meta, clock: Clock, compared: Compared) -> None:
        self._meta = meta
        self._clock = clock
        self._compared = compared
        self._kept_at = clock.monotonic()

    def now_and_then(self) -> None:
        """Write how far it came, unless that was done a moment ago."""
        if self._clock.monotonic() - self._kept_at >= APART:
            self.keep()

    def keep(self) -> None:
        """Write how far it came."""
        self._kept_at = self._clock.monotonic()
        self._meta.set_verify(_dump(self._compared))

    def ended(self) -> None:
        """Forget it: nothing is left to continue."""
        if self._meta.verify() is not None:  # a read-only command that was not cut short has written nothing
            self._meta.set_verify("")


def kept(meta: Meta) -> Compared | None:
    """Return what the newest verify found, if it did not end; None when it did, or cannot be read."""
    try:
        found = json.loads(meta.verify() or "null")
        return None if found is None else _parse(found)
    except (ValueError, TypeError, LookupError):
        return None


def _dump(compared: Compared) -> str:
    return json.dumps(
        {
            "began": compared.began,
            "since": compared.wanted.since,
            "rows": compared.rows.dump(),
            # What belongs to no pair is found again, at the cost of a list.
            "findings": [asdict(finding) for finding in compared.findings if finding.row is not None],
        },
        ensure_ascii=False,
    )


def _parse(found: dict[str, object]) -> Compared:
    since, began, findings = found["since"], found["began"], found["findings"]
    if not isinstance(findings, list):
        raise TypeError("findings are a list")
    wanted = Wanted(None if since is None else float(str(since)))
    compared = Compared(wanted, float(str(began)), Rows.parse(str(found["rows"])))
    for one in findings:
        compared.add(_finding(one))
    compared.verdicts[Verdict.EQUAL] += len(compared.rows) - len(findings)
    return compared


def _finding(one: dict[str, object]) -> Finding:
    differences = one["differences"]
    if not isinstance(differences, list):
        raise TypeError("differences are a list")
    told = tuple(Difference(**{**each, "side": Side(each["side"])}) for each in differences)
    row = one["row"]
    return Finding(
        Verdict(str(one["verdict"])),
        str(one["dashly"]),
        str(one["intercom"]),
        str(one["why"]),
        bool(one["explained"]),
        told,
        row if isinstance(row, int) else None,
    )
