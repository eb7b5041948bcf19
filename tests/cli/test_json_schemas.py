"""What programs read is what `docs/json` promises: each command's JSON fits its schema, well or ill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "json"
COMMANDS = {
    "sync": ("sync",),
    "backfill": ("backfill", "--from", "dashly", "--yes"),
    "status": ("status",),
    "verify": ("verify",),
    "quarantine-list": ("quarantine", "list"),
    "doctor": ("doctor",),
    "export": ("export", "--from", "dashly", "all.ndjson"),
    "undo-run": ("undo", "--run", "nothing", "--yes"),
    "undo": ("undo",),
    "mapping-check": ("mapping", "check"),
    "fleet-status": ("fleet", "status", "--pairs", "."),
    "plan": ("plan",),
    "plan-backfill": ("plan", "backfill", "--from", "intercom"),
    "mapping": ("mapping",),
    "pairs-list": ("pairs", "list"),
    "pairs-show": ("pairs", "show", "TALK"),
    "recover": ("recover",),
    "report": ("report", "--html", "page.html"),
    "state-backup": ("state", "backup"),
    "state-check": ("state", "check"),
    "state-vacuum": ("state", "vacuum"),
    "state-restore": ("state", "restore", "--yes"),
    "state-move": ("state", "move", "--to", "moved.db"),
    "init": ("init",),
    "pairs-unlink": ("pairs", "unlink", "TALK"),
    "fleet-check": ("fleet", "check", "--pairs", "."),
    "fleet-pause": ("fleet", "pause", "connector", "--pairs", "."),
    "fleet-resume": ("fleet", "resume", "connector", "--pairs", "."),
}
LATER = {"quarantine-show", "quarantine-retry", "quarantine-skip", "pairs-link", "forget"}
"""What needs more than one conversation that was carried over."""


def fits(name: str, told: dict[str, Any]) -> None:
    """Check an object against its schema."""
    schema = json.loads((FOLDER / f"{name}.json").read_text())
    jsonschema_rs.validator_for(schema, validate_formats=True).validate(told)


def test_every_schema_has_its_command() -> None:
    """No page describes what is not there."""
    assert {path.stem for path in FOLDER.glob("*.json")} == {*COMMANDS, *LATER}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_json_of_a_good_day_fits(bound: Any, name: str) -> None:
    """After a conversation was carried over."""
    talk = bound.talk()
    bound.run("sync")
    if name == "state-restore":
        bound.run("state", "backup")

    words = (talk if word == "TALK" else word for word in COMMANDS[name])
    fits(name, bound.run(*words, "--json").json)


def test_the_json_of_a_bad_day_fits(bound: Any) -> None:
    """With something in quarantine, and a token that expired afterwards."""
    bound.talk()
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=9)
    fits("sync", bound.run("sync", "--json").json)
    bound.environment["INTERCOM_TOKEN"] = "expired"

    for name in ("sync", "status", "quarantine-list", "doctor", "fleet-status"):
        fits(name, bound.run(*COMMANDS[name], "--json").json)
    (waits,) = bound.run("status", "--json").json["quarantine"]
    fits("quarantine-show", bound.run("quarantine", "show", str(waits["id"]), "--json").json)
    fits("quarantine-skip", bound.run("quarantine", "skip", str(waits["id"]), "--json").json)


def test_the_json_of_what_is_retried_fits(bound: Any) -> None:
    """One item, and all of them."""
    bound.talk()
    bound.world.fault("status", side="intercom", method="POST", path="/conversations$", status=422, times=9)
    bound.run("sync")
    (waits,) = bound.run("status", "--json").json["quarantine"]

    fits("quarantine-retry", bound.run("quarantine", "retry", str(waits["id"]), "--json").json)
    fits("quarantine-retry", bound.run("quarantine", "retry", "--all", "--json").json)


def test_the_json_of_files_that_init_writes_fits(place: Any) -> None:
    """Units, and a configuration to be filled in."""
    units = place.folder / "units"
    units.mkdir()

    fits("init", place.run("init", "--systemd", str(units), "--json").json)
    place.config.unlink()
    fits("init", place.run("init", "--json").json)


def test_the_json_of_what_people_decide_fits(bound: Any) -> None:
    """A pair that is unlinked and linked again, and a person who is forgotten."""
    bound.talk()
    bound.run("sync")
    (pair,) = bound.run("pairs", "list", "--json").json["pairs"]
    person = bound.world.truth()["dashly"]["conversations"][0]["user"]
    bound.run("pairs", "unlink", pair["dashly"])

    fits("pairs-link", bound.run("pairs", "link", pair["dashly"], pair["intercom"], "--json").json)
    fits("forget", bound.run("forget", "--user", f"dashly:{person}", "--yes", "--json").json)


def test_a_schema_refuses_what_it_does_not_promise() -> None:
    """A field that is missing is found."""
    with pytest.raises(jsonschema_rs.ValidationError):
        fits("status", {"exit_code": 0})
