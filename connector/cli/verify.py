"""`connector verify`: compare both sides pair by pair. Its clients refuse every write."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector.app.inspecting import verify
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping
from connector.cli.input.times import WHEN
from connector.cli.output import render
from connector.engine.inspect.scope import COMPARED, Verdict, Wanted
from connector.errors import ConfigError
from connector.host.amounts import counted
from connector.host.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.engine.inspect.scope import Finding
    from connector.engine.inspect.verify import Difference

TEXTS_NOT_COMPARED = "Texts were not compared: --quick looks at lists only."
NOT_COMPARED = tuple(verdict for verdict in Verdict if verdict not in COMPARED)


@click.command("verify")
@click.option("--since", type=WHEN, help="Only what changed on a side since then.")
@click.option(
    "--id", "ids", multiple=True, metavar="ID", help="Only this conversation of either side; may repeat."
)
@click.option("--quick", is_flag=True, help="Compare by lists only: no texts, and few requests.")
@common
def command(options: Options, /, *, since: float | None, ids: tuple[str, ...], quick: bool) -> int:
    """Compare both sides, pair by pair; exit 1 when anything differs or is missing. Writes nothing."""
    clock = SystemClock()
    wanted = _wanted(since, ids, clock.now())
    if quick and ids:
        raise ConfigError("--quick looks at lists only, --id at conversations", hint="leave one of them away")
    with stopping(clock, shlex.join(["connector", *sys.argv[1:]])):
        found = verify(load_config(options), this_machine(options, clock), wanted, quick=quick)
    if options.as_json:
        render.print_json(
            {
                "texts_compared": not quick,
                "pairs": found.pairs,
                "conversations": {verdict.value: found.verdicts.get(verdict, 0) for verdict in Verdict},
                **{
                    verdict.value: _named(found.of(verdict)) for verdict in Verdict if verdict not in COMPARED
                },
                "differences": _rows(found.differences),
                "cannot_be_shown": _rows(found.known),
                "exit_code": found.exit_code,
            }
        )
        return found.exit_code
    out = render.console()
    # First and last: whoever reads one line of it must not take it for more than it is.
    if quick:
        out.print(TEXTS_NOT_COMPARED)
    out.print(f"{counted(found.pairs, 'pair')} compared, {counted(len(found.differences), 'difference')}")
    told = ", ".join(f"{count} {_spoken(verdict)}" for verdict, count in found.verdicts.items())
    out.print(f"Conversations: {told or 'none'}")
    _show("Differences", found.differences)
    _show("Known, and cannot be shown on the other side", found.known)
    _show_others([one for one in found.findings if one.verdict in NOT_COMPARED])
    if quick:
        out.print(TEXTS_NOT_COMPARED)
    return found.exit_code


def _wanted(since: float | None, ids: tuple[str, ...], now: float) -> Wanted:
    if since is not None and ids:
        raise ConfigError("--id names the conversations, --since chooses them", hint="leave one of them away")
    if since is not None and since > now:
        raise ConfigError(
            "--since is in the future: nothing changed since then", hint="give a time that has passed"
        )
    if not all(one.strip() for one in ids):
        raise ConfigError("--id is empty", hint="give the id of a conversation")
    return Wanted(since, ids)


def _spoken(verdict: Verdict) -> str:
    return verdict.value.replace("_", " ")


def _named(findings: tuple[Finding, ...]) -> list[dict[str, object]]:
    return [
        {"dashly": one.dashly, "intercom": one.intercom, "why": one.why, "explained": one.explained}
        for one in findings
    ]


def _rows(found: Iterable[Difference]) -> list[dict[str, object]]:
    # Which list it stands in says whether it is known.
    return [{key: value for key, value in asdict(one).items() if key != "known"} for one in found]


def _show(title: str, found: tuple[Difference, ...]) -> None:
    if found:
        rows = ((d.dashly, d.intercom, d.side, d.part, d.what) for d in found)
        columns = ["dashly", "intercom", "side", "part", "what"]
        render.console().print(render.table(title, columns, rows))


def _show_others(findings: list[Finding]) -> None:
    if findings:
        rows = ((one.dashly, one.intercom, _spoken(one.verdict), one.why) for one in findings)
        columns = ["dashly", "intercom", "verdict", "why"]
        render.console().print(render.table("Not compared", columns, rows))
