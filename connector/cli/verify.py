"""`connector verify`: compare both sides pair by pair. Its clients refuse every write."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector.app.session import dry_run
from connector.cli import render
from connector.cli.options import Options, common
from connector.engine.inspect.scope import Finding, Verdict, verify_all

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.engine.inspect.verify import Difference

COMPARED = (Verdict.EQUAL, Verdict.DIFFERENT)


@click.command("verify")
@common
def command(options: Options, /) -> int:
    """Compare both sides, pair by pair; exit 1 when anything differs or is missing. Writes nothing."""
    verdicts: Counter[Verdict] = Counter()
    found: list[Difference] = []
    others: list[Finding] = []
    code = 0
    with dry_run(options, "verify") as context:
        for finding in verify_all(context):
            verdicts[finding.verdict] += 1
            found += finding.differences
            code = code if finding.explained else 1
            if finding.verdict is not Verdict.EQUAL:
                others.append(finding)
    differences = [one for one in found if not one.settled]
    settled = [one for one in found if one.settled]
    compared = sum(verdicts[verdict] for verdict in COMPARED)
    if options.as_json:
        render.print_json(
            {
                "pairs": compared,
                "conversations": {verdict.value: verdicts[verdict] for verdict in Verdict},
                **{verdict.value: _named(others, verdict) for verdict in Verdict if verdict not in COMPARED},
                "differences": _rows(differences),
                "cannot_be_shown": _rows(settled),
                "exit_code": code,
            }
        )
        return code
    told = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in verdicts.items())
    render.console().print(f"{compared} pairs compared, {len(differences)} differences")
    render.console().print(f"Conversations: {told or 'none'}")
    _show("Differences", differences)
    _show("Known, and cannot be shown on the other side", settled)
    _show_others(one for one in others if one.verdict not in COMPARED)
    return code


def _named(others: list[Finding], verdict: Verdict) -> list[dict[str, object]]:
    return [
        {"dashly": one.dashly, "intercom": one.intercom, "why": one.why, "explained": one.explained}
        for one in others
        if one.verdict is verdict
    ]


def _rows(found: list[Difference]) -> list[dict[str, object]]:
    return [{key: value for key, value in asdict(one).items() if key != "settled"} for one in found]


def _show(title: str, found: list[Difference]) -> None:
    if found:
        rows = ((d.dashly, d.intercom, d.side, d.part, d.what) for d in found)
        columns = ["dashly", "intercom", "side", "part", "what"]
        render.console().print(render.table(title, columns, rows))


def _show_others(others: Iterable[Finding]) -> None:
    rows = [(one.dashly, one.intercom, one.verdict.replace("_", " "), one.why) for one in others]
    if rows:
        columns = ["dashly", "intercom", "verdict", "why"]
        render.console().print(render.table("Not compared", columns, rows))
