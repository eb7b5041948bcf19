"""`connector demo`: the main job end to end on the sandbox, over real HTTP, with the command line itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from connector.cli.input.options import Options, common
from connector.cli.output import render
from connector.demo.play import play
from connector.demo.stage import Stage, stage
from connector.host.clock import SystemClock
from mappings.names import SIDES_SHOWN

if TYPE_CHECKING:
    from connector.cli.output.render import Screen


@dataclass
class _Demo:
    """One demonstration and the reports of its runs."""

    stage: Stage
    out: Screen
    runs: list[dict[str, Any]] = field(default_factory=list)

    def step(self, title: str, *arguments: str) -> dict[str, Any]:
        """Run one command that syncs, and keep its report for the summary."""
        told = self.stage.run(*arguments)
        self.runs.append({"title": title, "command": "connector " + " ".join(arguments), **told})
        return told


@click.command("demo")
@common
def command(options: Options, /) -> int:
    """Run the main job end to end on the sandbox; exit 0 only when both sides agree."""
    clock = SystemClock()
    began = clock.now()
    out = render.console()
    with stage() as opened:
        demo = _Demo(opened, out)
        shown = play(opened, demo.step)
        code = 1 if opened.problems else 0
        if options.as_json:
            render.print_json({"runs": demo.runs, "problems": opened.problems, "exit_code": code})
        else:
            _show(demo, shown, seconds=clock.now() - began)
    return code


def _show(demo: _Demo, shown: str, *, seconds: float) -> None:
    rows = [
        (run["title"], run["command"], run["conversations"]["created"], render.words(run["parts"]), _io(run))
        for run in demo.runs
    ]
    columns = ["what happened", "command", "mirrors made", "parts", "writes"]
    demo.out.print(render.table("What went where; writes to Dashly / to Intercom", columns, rows))
    told = demo.stage.run("pairs", "show", shown)
    lines = [(side, line) for side in ("dashly", "intercom") for line in told[side]["parts"]]
    # By time over both sides, so that a copy stands beside its original.
    lines.sort(key=lambda item: item[1]["created"])
    cells = [
        (_cell(line) if side == "dashly" else "", _cell(line) if side == "intercom" else "", line["fate"])
        for side, line in lines
    ]
    title = (
        f"One conversation: Dashly {shown} | Intercom {told['intercom']['id']}, "
        f"begun in {SIDES_SHOWN[told['origin']]}"
    )
    demo.out.print(render.table(title, ["Dashly", "Intercom", "ledger"], cells))
    for problem in demo.stage.problems:
        demo.out.print(f"PROBLEM: {problem}")
    if not demo.stage.problems:
        demo.out.print("Both sides agree, no note is public, no customer was notified of a copy,")
        demo.out.print(f"and the last sync wrote nothing. {seconds:.0f} s.")


def _io(run: dict[str, Any]) -> str:
    return f"{run['writes']['dashly']} / {run['writes']['intercom']}"


def _cell(line: dict[str, Any]) -> tuple[str, str]:
    return f"{line['author']} · {line['kind']}", line["text"]
