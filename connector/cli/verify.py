"""`connector verify`: compare both sides pair by pair. Its clients refuse every write."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from connector.app.verifying import EVERYTHING, verify
from connector.cli.input.opening import load_config, this_machine
from connector.cli.input.options import Options, common
from connector.cli.input.stops import stopping, this_command
from connector.cli.input.times import WHEN
from connector.cli.output import render
from connector.cli.output.explain import explain
from connector.engine.inspect.scope import Wanted
from connector.engine.inspect.verdict import COMPARED, Verdict
from connector.errors import ConfigError, ExitCode, Stopped
from connector.host.amounts import counted
from connector.host.clock import SystemClock
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connector.app.verifying import Verified
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
@click.option(
    "--resume", is_flag=True, help="Continue the verify that was stopped, keeping what it compared."
)
@common
def command(
    options: Options, /, *, since: float | None, ids: tuple[str, ...], quick: bool, resume: bool
) -> int:
    """Compare both sides, pair by pair; exit 1 when anything differs or is missing. Writes nothing."""
    clock = SystemClock()
    wanted = _wanted(since, ids, clock.now())
    if quick and ids:
        raise ConfigError("--quick looks at lists only, --id at conversations", hint="leave one of them out")
    if resume and (quick or wanted != EVERYTHING):
        raise ConfigError("--resume continues with the options given then", hint="connector verify --resume")
    again = _Again(options, resumable=not (quick or ids), begun=resume)
    with stopping(clock, again):
        machine = this_machine(options, clock)
        found = verify(load_config(options), machine, wanted, quick=quick, resume=resume, begun=again.begin)
    if found.error is not None and found.error.exit_code == ExitCode.FAILED:
        found.error.hint = f"when that is over, run: {again()}"
    elif isinstance(found.error, Stopped):
        found.error.hint = again()
    _tell(found, options, quick=quick)
    # Never a second JSON object: what was found holds the error already.
    if found.error is not None:
        explain(found.error, as_json=False, verbose=options.verbose)
    return found.exit_code


class _Again:
    """What goes on after a stop; or what begins again, where that is as quick or nothing was compared."""

    def __init__(self, options: Options, *, resumable: bool, begun: bool) -> None:
        self._options = options
        self._resumable = resumable
        self._begun = begun

    def begin(self) -> None:
        """Note that there is something to go on with."""
        self._begun = True

    def __call__(self) -> str:
        """Return the command as it is at this moment."""
        if not (self._resumable and self._begun):
            return this_command()
        config = [] if self._options.config is None else ["--config", self._options.config]
        return shlex.join(["connector", *config, "verify", "--resume"])


def _tell(found: Verified, options: Options, *, quick: bool) -> None:
    error = found.error
    if options.as_json:
        render.print_json(
            {
                "began": render.iso(found.began),
                "complete": error is None,
                "texts_compared": not quick,
                "pairs": found.pairs,
                "conversations": {verdict.value: found.verdicts.get(verdict, 0) for verdict in Verdict},
                **{
                    verdict.value: _named(found.of(verdict)) for verdict in Verdict if verdict not in COMPARED
                },
                "differences": _rows(found.differences),
                "cannot_be_shown": _rows(found.known),
                **({"error": str(error), "hint": error.hint} if error is not None else {}),
                "exit_code": found.exit_code,
            }
        )
        return
    out = render.console()
    # First and last: whoever reads one line of it must not take it for more than it is.
    if quick:
        out.print(TEXTS_NOT_COMPARED)
    if found.resumed:
        out.print(f"It continues what was begun at {render.iso(found.began)}.")
    if error is not None:
        out.print("Not everything was compared: this is what was found before it ended.")
    out.print(f"{counted(found.pairs, 'pair')} compared, {counted(len(found.differences), 'difference')}")
    told = ", ".join(f"{count} {_spoken(verdict)}" for verdict, count in found.verdicts.items())
    out.print(f"Conversations: {told or 'none'}")
    _show("Differences", found.differences)
    _show("Known, and cannot be shown on the other side", found.known)
    _show_others([one for one in found.findings if one.verdict in NOT_COMPARED], whole=options.verbose)
    if quick:
        out.print(TEXTS_NOT_COMPARED)


def _wanted(since: float | None, ids: tuple[str, ...], now: float) -> Wanted:
    if since is not None and ids:
        raise ConfigError("--id names the conversations, --since chooses them", hint="leave one of them out")
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
    # Which list it is in says whether it is known.
    return [{key: value for key, value in asdict(one).items() if key != "known"} for one in found]


def _show(title: str, found: tuple[Difference, ...]) -> None:
    if found:
        rows = ((d.dashly, d.intercom, TITLES[d.side], d.part, d.what) for d in found)
        columns = [*TITLES.values(), "side", "part", "what"]
        render.console().print(render.table(title, columns, rows))


def _show_others(findings: list[Finding], *, whole: bool) -> None:
    """Name what is not as it should be; what has its reason is summed up, unless the ``whole`` is wanted."""
    named = [one for one in findings if whole or not one.explained]
    out = render.console()
    if named:
        rows = ((one.dashly, one.intercom, _spoken(one.verdict), one.why) for one in named)
        out.print(render.table("Not compared", [*TITLES.values(), "verdict", "why"], rows))
    if summed := Counter((one.verdict, one.why) for one in findings if not whole and one.explained):
        sums = ((count, _spoken(verdict), why) for (verdict, why), count in summed.most_common())
        out.print(render.table("Not compared, with a reason", ["conversations", "verdict", "why"], sums))
        out.print("To name them: connector verify --verbose")
