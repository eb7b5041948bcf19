"""What the manual shows as an example is what the program does: keys, JSON, tables, names, addresses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema_rs
import pytest

from connector.cli.input.answers import PLACES
from connector.config import file as configuration
from connector.fleet.settings import load as load_fleet
from connector.host.units import UNITS
from state.records import Disposition

ROOT = Path(__file__).parents[2]
PAGES = {
    str(page.relative_to(ROOT)): page.read_text()
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "tests" / "README.md"]
}
OPERATIONS = PAGES["docs/operations.md"]
QUICK_START = PAGES["docs/quickstart.md"]
NEEDED = {"dashly": {"app_id": "48213"}, "intercom": {"default_admin": "814860"}}


def fenced(language: str) -> list[tuple[str, str]]:
    """Return the examples in one language, each with its page."""
    fence = re.compile(rf"^```{language}\n(.*?)^```", re.DOTALL | re.MULTILINE)
    return [(page, found) for page, text in PAGES.items() for found in fence.findall(text)]


@pytest.mark.parametrize(("page", "example"), fenced("toml"))
def test_an_example_of_the_configuration_is_taken(page: str, example: str, tmp_path: Path) -> None:
    """By the file of a pair, or by that of a fleet."""
    file = tmp_path / "example.toml"
    if page == "docs/fleet.md":
        file.write_text(example)
        file.chmod(0o600)
        load_fleet(file)
    else:
        configuration.checked(NEEDED | tomllib.loads(example.replace("…", "example.org")), file)


def test_the_json_of_a_run_fits_its_schema() -> None:
    """The example of the manual is one that a program could meet."""
    schema = json.loads((ROOT / "docs" / "json" / "sync.json").read_text())
    (example,) = (found for page, found in fenced("json") if page == "docs/operations.md")

    jsonschema_rs.validator_for(schema, validate_formats=True).validate(json.loads(example))


def test_the_manual_names_every_schema() -> None:
    """And none that is not there."""
    (sentence,) = re.findall(r"^What (`sync`.*?) print with `--json`", OPERATIONS, re.MULTILINE)

    assert {name.replace(" --", "-").replace(" ", "-") for name in re.findall(r"`([^`]+)`", sentence)} == {
        path.stem for path in (ROOT / "docs" / "json").glob("*.json")
    }


@pytest.mark.parametrize("lag", [{"dashly": 30, "intercom": None}, {"dashly": 30, "intercom": 40}])
@pytest.mark.parametrize("stuck", [[], [{}]])
def test_the_check_for_monitoring_systems_works(lag: dict[str, float | None], stuck: list[object]) -> None:
    """It ends with 2 when a side was never read or is late, with 1 when something is stuck, else with 0."""
    (script,) = re.findall(r"connector status --json \| python3 -c '\n(.*?)'\n", OPERATIONS, re.DOTALL)
    status = {"lag_seconds": lag, "quarantine": stuck, "open_intents": 0, "runs": [{"exit_code": 0}]}

    ended = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(status),
        text=True,
        capture_output=True,
        check=False,
    )

    assert ended.stderr == ""
    assert ended.returncode == (2 if None in lag.values() else 1 if stuck else 0)


def test_the_quick_start_explains_every_disposition() -> None:
    """In the order of the program."""
    assert re.findall(r"^\| `(\w+)` \| .{10,} \|$", QUICK_START, re.MULTILINE)[: len(Disposition)] == [
        one.value for one in Disposition
    ]


def test_the_quick_start_knows_every_address_by_its_name() -> None:
    """Carrot quest, Europe and Australia too."""
    told = re.findall(r"`(https://\S+)` \(`--(\w+)-url (\w+)`\)", QUICK_START)

    assert told == [(address, side.value, name) for side in PLACES for name, address in PLACES[side].items()]


def test_the_manual_names_every_unit() -> None:
    """Each with what it does."""
    named = {
        name
        for row in re.findall(r"^\| (`connector.*?) \|", OPERATIONS, re.MULTILINE)
        for name in row.split(", ")
    }

    assert {name.strip("`") for name in named} == set(UNITS)


def test_every_target_of_make_that_a_page_names_exists() -> None:
    """No `make` that does not exist."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        name
        for text in PAGES.values()
        for name in re.findall(r"(?:^|`|=\S+ )make ([a-z-]+)", text, re.MULTILINE)
    }

    assert len(named) > 5
    assert named <= targets
