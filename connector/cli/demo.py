"""`connector demo`: the main job end to end on the sandbox, over real HTTP, with the command line itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from connector.cli import render
from connector.cli.demo_story import act, answer
from connector.cli.options import Options, common
from connector.clock import SystemClock
from connector.errors import ConnectorError
from connector.sandbox import Sandbox, World, populate, start

if TYPE_CHECKING:
    from rich.console import Console

LIMIT = 1200
CONFIG = """
[dashly]
base_url = "{dashly}"
app_id = "{app}"
requests_per_minute = {limit}    # the sandbox allows more than the real 60, so that this takes seconds

[intercom]
base_url = "{intercom}"
default_admin = "814860"

[sync]
settle = "2s"
"""


@dataclass
class _Demo:
    """One demonstration: the sandbox, the folder with configuration and state, and what was found wrong."""

    sandbox: Sandbox
    folder: Path
    out: Console
    problems: list[str] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)

    def run(self, *arguments: str) -> dict[str, Any]:
        """Run one command as a user would, and return its JSON."""
        env = os.environ | {
            "DASHLY_TOKEN": self.sandbox.dashly.token,
            "INTERCOM_TOKEN": self.sandbox.intercom.token,
            "CONNECTOR_CONFIG": str(self.folder / "connector.toml"),
        }
        command = [sys.executable, "-m", "connector", *arguments, "--json"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - our own program
        try:
            told: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            raise ConnectorError(f"`connector {' '.join(arguments)}` said: {done.stderr.strip()}") from None
        if done.returncode not in (0, 1):
            self.problems.append(f"`connector {' '.join(arguments)}` ended with {done.returncode}")
        return told

    def step(self, title: str, *arguments: str) -> dict[str, Any]:
        """Run one command that syncs, and keep its report for the summary."""
        told = self.run(*arguments)
        self.runs.append({"title": title, "command": "connector " + " ".join(arguments), **told})
        return told

    def counterparts(self) -> dict[str, str]:
        """Return which Intercom conversation mirrors which Dashly conversation."""
        return {pair["dashly"]: pair["intercom"] for pair in self.run("pairs", "list")["pairs"]}

    def expect(self, holds: bool, problem: str) -> None:  # noqa: FBT001 - reads as a sentence
        """Note a problem unless something holds."""
        if not holds:
            self.problems.append(problem)


@click.command("demo")
@common
def command(options: Options, /) -> int:
    """Run the main job end to end on the sandbox; exit 0 only when both sides agree."""
    clock = SystemClock()
    began = clock.now()
    world = World(dashly_limit=LIMIT)
    out = render.console()
    with TemporaryDirectory(prefix="connector-demo-") as folder, start(world=world) as sandbox:
        populate(world)
        demo = _Demo(sandbox, Path(folder), out)
        shown = _play(demo, world)
        code = 1 if demo.problems else 0
        if options.as_json:
            render.print_json({"runs": demo.runs, "problems": demo.problems, "exit_code": code})
        else:
            _show(demo, shown, seconds=clock.now() - began)
    return code


def _play(demo: _Demo, world: World) -> str:
    sandbox = demo.sandbox
    (demo.folder / "connector.toml").write_text(
        CONFIG.format(
            dashly=sandbox.dashly.base_url,
            app=sandbox.dashly.app_id,
            intercom=sandbox.intercom.base_url,
            limit=LIMIT,
        )
    )
    demo.run("init")
    demo.step("history of Dashly", "backfill", "--from", "dashly", "--yes")
    demo.step("history of Intercom", "backfill", "--from", "intercom", "--yes")
    before = demo.counterparts()
    story = act(world, before)
    demo.step("people act on both sides", "sync")
    delivered = story.delivered + answer(world, demo.counterparts())
    demo.step("agents answer in the mirror", "sync")
    last = demo.step("nothing happened", "sync")
    demo.expect(not any(last["writes"].values()), "the last sync wrote something")
    _check_notifications(demo, world, delivered)
    _check_secrets(demo, world, story.secrets)
    differences = demo.run("verify")["differences"]
    demo.problems += [f"{d['side']} {d['part']}: {d['what']}" for d in differences]
    status = demo.run("status")
    demo.expect(not status["open_intents"], f"{status['open_intents']} writes are unclear")
    demo.problems += [f"in quarantine: {item['reason']}" for item in status["quarantine"]]
    return story.shown


def _check_notifications(demo: _Demo, world: World, delivered: tuple[tuple[str, str], ...]) -> None:
    """Exactly the deliveries reached a customer; no copy did."""
    told = [(n.side, n.text) for n in world.notifications(via="api")]
    for side, words in delivered:
        demo.expect(
            sum(s == side and words in text for s, text in told) == 1,
            f"not delivered once on {side}: {words}",
        )
    demo.expect(
        len(told) == len(delivered), f"{len(told)} customers were notified instead of {len(delivered)}"
    )


def _check_secrets(demo: _Demo, world: World, secrets: tuple[str, ...]) -> None:
    for side, dump in world.truth().items():
        if not isinstance(dump, dict):
            continue
        parts = [
            part for talk in dump["conversations"] for part in [*talk["parts"], talk.get("source") or {}]
        ]
        for words in secrets:
            leaked = any(words in str(part.get("body")) and part.get("public") for part in parts)
            demo.expect(not leaked, f"a note is public on {side}")


def _show(demo: _Demo, shown: str, *, seconds: float) -> None:
    rows = [
        (run["title"], run["command"], run["conversations"]["created"], render.words(run["parts"]), _io(run))
        for run in demo.runs
    ]
    columns = ["what happened", "command", "mirrors made", "parts", "writes d/i"]
    demo.out.print(render.table("What went where", columns, rows))
    told = demo.run("pairs", "show", shown)
    lines = [(side, line) for side in ("dashly", "intercom") for line in told[side]["parts"]]
    lines.sort(key=lambda item: item[1]["created"])
    cells = [
        (_cell(line) if side == "dashly" else "", _cell(line) if side == "intercom" else "", line["fate"])
        for side, line in lines
    ]
    title = f"One conversation: dashly {shown} | intercom {told['intercom']['id']}, begun on {told['origin']}"
    demo.out.print(render.table(title, ["Dashly", "Intercom", "ledger"], cells))
    for problem in demo.problems:
        demo.out.print(f"PROBLEM: {problem}", markup=False)
    if not demo.problems:
        demo.out.print("Both sides agree, no note is public, no customer was notified of a copy,")
        demo.out.print(f"and the last sync wrote nothing. {seconds:.0f} s.")


def _io(run: dict[str, Any]) -> str:
    return f"{run['writes']['dashly']} / {run['writes']['intercom']}"


def _cell(line: dict[str, Any]) -> str:
    return f"{line['author']} · {line['kind']}\n{line['text']}".strip()
