"""The manual and the program agree."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from connector.app import exit_codes, fault_table, notice_table
from connector.app.reporting import meanings
from connector.cli import COMMANDS, connector
from connector.cli.manual import document as command_line
from connector.config import document
from connector.config.file import template
from connector.config.model import Config
from connector.doctor.findings import Level
from connector.engine.inspect.verdict import Verdict
from connector.engine.plan.notices import MEANINGS, NoticeKind
from connector.engine.plan.registers.three_way import Rule
from connector.errors import ConnectorError
from connector.fleet.overview import Mark
from mappings.model import LossKind
from state.records import Disposition, PairState
from tests.security.attack import calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = {page.name: page.read_text() for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
FENCE = re.compile(r"^```(?:sh|cron)\n(.*?)^```", re.DOTALL | re.MULTILINE)
CALL = re.compile(r'(?:^|/|&& |[A-Z_]+=\S+ )connector ((?:[a-z]|--)[^#|>"]*)')

BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
QUOTED = re.compile(r"`connector ((?:[a-z]|--)[^`\n]*)`")
# A hint begins with the command, or with when to type it; the sentence goes on behind a comma or the like.
HINT = re.compile(r"(?:[^:]*: )?connector ((?:[a-z]|--)[^,;:]*)(?:[,;:] .*)?")


def called() -> Iterator[tuple[str, str]]:
    """Yield every call of the command in the examples of the manual, with the page."""
    for page, text in PAGES.items():
        for block in FENCE.findall(text):
            for line in block.replace("\\\n", " ").splitlines():
                found = CALL.search(line)
                if found and not line.lstrip().startswith("#"):
                    yield page, found[1].strip()


def named() -> Iterator[tuple[str, str]]:
    """Yield every command that a sentence of the manual or an advice of the program names, with its place."""
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]:
        text = BLOCK.sub("", page.read_text())
        yield from ((page.name, call) for call in QUOTED.findall(text))
    for package in ("connector", "state", "mappings"):
        for path in (ROOT / package).rglob("*.py"):
            for text in literals(path):
                yield from ((path.name, call) for call in QUOTED.findall(text))
                if hint := HINT.fullmatch(text):
                    yield path.name, hint[1]


def literals(path: Path) -> Iterator[str]:
    """Yield the texts of a module."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Yield every command that can be called, with its name; groups that do something by themselves too."""
    context = click.Context(connector)
    for name in COMMANDS:
        command = connector.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", below) for inner, below in command.commands.items())
        if not isinstance(command, click.Group) or command.invoke_without_command:
            yield name, command


def options_of(command: click.Command) -> dict[str, bool]:
    """Return the options that a command takes, and whether a value follows."""
    options = [found for found in command.params if isinstance(found, click.Option)]
    return {name: not found.is_flag for found in options for name in found.opts} | {"--help": False}


def problem(call: str) -> str:
    """Return what is wrong with a call, or nothing."""
    current: Any = connector
    known = options_of(connector)
    words = iter(shlex.split(call))
    for word in words:
        if word.startswith("--"):
            if word not in known:
                return f"there is no {word}"
            if known[word]:
                next(words, None)
        elif isinstance(current, click.Group):
            found = current.get_command(click.Context(current), word)
            if found is None:
                return f"there is no command {word}"
            current, known = found, known | options_of(found)
    return ""


WORDS = {
    *Disposition,
    *LossKind,
    *Level,
    *Rule,
    *Mark,
    *(verdict.replace("_", " ") for verdict in Verdict),
    *(state for state in PairState if state is not PairState.ACTIVE),
    *("linked", "unpaired", "ours", "copy of ID", "not seen yet"),
    *("seen", "changed", "created", "blocked", "chosen", "done", "set aside", "not reached"),
    *("first", "waiting", "not shown"),
}


@pytest.mark.parametrize("word", sorted(WORDS))
def test_every_word_that_is_printed_has_a_row(word: str) -> None:
    """Dispositions, states, verdicts, kinds of loss, rules, levels, and the words of a run's account."""
    rows = [
        line.split("|")[1] for page in PAGES.values() for line in page.splitlines() if line.startswith("|")
    ]

    assert any(f"`{word}`" in row for row in rows)


def test_the_manual_shows_calls() -> None:
    """The search for examples finds them, in more than one page."""
    assert len(list(called())) > 10
    assert {"README.md", "operations.md", "quickstart.md"} <= {page for page, _ in called()}


@pytest.mark.parametrize(("page", "call"), sorted(set(called())))
def test_an_example_of_the_manual_can_be_called(page: str, call: str) -> None:
    """Every command and option that an example uses exists."""
    assert problem(call) == "", page


def test_every_command_that_a_sentence_names_can_be_called() -> None:
    """Of the manual and of the program's own advice: a person types it as it is there."""
    wrong = {(page, call): told for page, call in set(named()) if (told := problem(call))}

    assert len(set(named())) > 80
    assert wrong == {}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_manual_names_every_command(name: str) -> None:
    """Each has a section of its own."""
    assert f"\n## `{name}`\n" in PAGES["cli.md"]


def test_the_page_about_the_command_line_is_what_help_prints() -> None:
    """After a change of a command: python -m connector.cli.manual.document > docs/cli.md."""
    assert PAGES["cli.md"] == command_line.page()


def test_every_page_of_the_manual_is_linked() -> None:
    """From README, which leads to each of them."""
    linked = set(re.findall(r"\]\(docs/([^)#]+)\)", README))

    assert linked == {path.name for path in (ROOT / "docs").glob("*.md")}


def test_readme_is_two_screens() -> None:
    """What, how to try it, how to begin, what is promised, and where to go on."""
    assert len(README.splitlines()) <= 100


@pytest.mark.parametrize(("name", "command"), list(every_command()))
def test_every_command_says_what_it_does(name: str, command: click.Command) -> None:
    """Each has a help text, takes `--json`, and every option says what it is for."""
    assert command.help, name
    assert "--json" in options_of(command)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            assert parameter.help or parameter.show_default, f"{name} {parameter.name}"


@pytest.mark.parametrize("group", ["", *(name for name, _ in every_command() if " " in name)])
def test_no_summary_is_cut(group: str) -> None:
    """The list of commands says what each does, in 80 columns."""
    shown = CliRunner().invoke(connector, [*group.split()[:1], "--help"], terminal_width=80).output

    assert "Commands:" in shown
    assert [line for line in shown.splitlines() if line.endswith("...") and "Usage" not in line] == []


def test_every_command_is_attacked() -> None:
    """A new one gets a row in the table by which hostile texts are tried on a terminal, piped and as JSON."""
    assert set(calls("", "", "")) - {""} == {name for name, _ in every_command()}


def keys(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Yield every section and key of the configuration."""
    for section, table in model.model_fields.items():
        inner = table.annotation
        assert isinstance(inner, type)
        assert issubclass(inner, BaseModel)
        for key in inner.model_fields:
            yield section, key


@pytest.mark.parametrize(("section", "key"), list(keys(Config)))
def test_every_key_is_in_the_manual_and_in_the_template(section: str, key: str) -> None:
    """Nobody has to read code to learn what can be configured."""
    wanted = f"[{section}.{key}]" if section == "map" else key
    part = PAGES["configuration.md"].partition(f"## `[{section}]`")[2].partition("\n## ")[0]

    assert re.search(rf"^\| `{re.escape(wanted)}` \| .+ \| .{{5,}} \|$", part, re.MULTILINE)
    assert wanted in template()


def test_the_page_about_the_configuration_is_the_models() -> None:
    """After a change of the model: python -m connector.config.document > docs/configuration.md."""
    assert PAGES["configuration.md"] == document.page()


def test_the_manual_prints_the_table_of_exit_codes() -> None:
    """Situation, code and who must act are in one table in code, and in the manual as it is there."""
    assert exit_codes.markdown() in PAGES["operations.md"]


def test_the_manual_prints_the_table_of_notices() -> None:
    """After a change of a notice: python -m connector.app.notice_table."""
    assert notice_table.markdown() in PAGES["operations.md"]


def test_the_manual_prints_the_table_of_warnings_of_the_mapping() -> None:
    """Which lines of `[map]` make `mapping check` end with 1: after a change, connector.app.fault_table."""
    assert fault_table.markdown() in PAGES["operations.md"]


@pytest.mark.parametrize("table", meanings.TABLES, ids=lambda table: next(iter(table)))
def test_the_manual_explains_words_as_the_program_does(table: Mapping[str, str]) -> None:
    """After a change of a meaning: python -m connector.app.reporting.meanings."""
    assert meanings.markdown(table) in PAGES["quickstart.md"] + PAGES["operations.md"]


def test_every_table_of_exit_codes_of_operations_is_made_by_the_program() -> None:
    """A column of codes that somebody wrote by hand is wrong one day."""
    made = exit_codes.markdown() + fault_table.markdown()
    heads = re.findall(r"^(\|.*\bcode \|.*)\n\|---", PAGES["operations.md"], re.MULTILINE)

    assert [head for head in heads if head not in made] == []


def test_every_notice_has_its_meaning() -> None:
    """No kind is without a sentence and a remedy."""
    assert set(MEANINGS) == set(NoticeKind)


def test_every_exit_code_is_in_the_manual() -> None:
    """What a script may meet is listed."""

    def codes(kind: type[ConnectorError]) -> Iterator[int]:
        yield kind.exit_code
        for below in kind.__subclasses__():
            yield from codes(below)

    listed = {int(found) for found in re.findall(r"^\| (\d) \|", PAGES["operations.md"], re.MULTILINE)}

    assert listed >= {0, 1, *codes(ConnectorError)}


def test_links_between_pages_lead_somewhere() -> None:
    """No link to a file that is not there."""
    broken = [
        (page, target)
        for page, text in PAGES.items()
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        if not ((ROOT if page == "README.md" else ROOT / "docs") / target).exists()
    ]

    assert broken == []


def every_module() -> Iterator[str]:
    """Yield the modules of the product by their room and name, without the emulators."""
    for package in ("connector", "state", "mappings"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if path.name not in {"__init__.py", "__main__.py"} and "sandbox" not in path.parent.parts:
                yield path.relative_to(ROOT).with_suffix("").as_posix().removeprefix("connector/")


@pytest.mark.parametrize("module", list(every_module()))
def test_every_module_has_its_place_in_the_architecture(module: str) -> None:
    """The table of rooms names each module in the row of its room."""
    room, _, name = module.rpartition("/")
    rows = [line for line in PAGES["architecture.md"].splitlines() if line.startswith("|")]
    shelf = f"`{room}/`" if room else "loose"
    named = {f"`{name}`", f"`{room.partition('/')[2]}/{name}`"}

    assert any(shelf in row.split("|")[1] and any(word in row for word in named) for row in rows) or (
        room == "mappings/wire" and any(f"`wire/{name}`" in row for row in rows)
    ), module


def test_the_page_of_the_tests_names_every_folder() -> None:
    """Who looks for a test finds out what each folder proves, and no folder is named that is gone."""
    page = (ROOT / "tests" / "README.md").read_text()
    folders = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("**/*.py"))}
    table = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]

    assert {name for cell in table for name in re.findall(r"`(\w+)`", cell)} == folders


def test_make_quick_runs_the_folders_that_the_page_says() -> None:
    """The table's last column and the Makefile agree."""
    (listed,) = re.findall(
        r"^QUICK := \$\(addprefix tests/,(.*)\)$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    page = (ROOT / "tests" / "README.md").read_text()
    quick = [line.split("|")[1] for line in page.splitlines() if line.rstrip().endswith("`make quick` |")]

    assert {name for cell in quick for name in re.findall(r"`(\w+)`", cell)} == set(listed.split())


@pytest.mark.parametrize("page", ["security.md", "guarantees.md"])
def test_every_test_that_a_page_names_exists(page: str) -> None:
    """A claim without its test is not a claim."""
    named = re.findall(r"`(\S+\.py)::(\w+)`", PAGES[page])

    assert len(named) > 10
    assert len(named) == len(re.findall(r"`\S+\.py\b", PAGES[page])), "a file alone proves nothing"
    assert [
        (file, test) for file, test in named if f"def {test}(" not in (ROOT / "tests" / file).read_text()
    ] == []
