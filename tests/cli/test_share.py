"""Man pages and completion: made from the program, fresh, and of use to a reader and a shell."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from connector.cli import COMMANDS, connector
from connector.cli.manual.share import shared, write

FOLDER = Path(__file__).parents[2] / "share"
REQUESTS = (".TH ", ".SH ", ".TP", ".PP", ".B ")


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """What is to be installed, by its path."""
    return shared()


def test_what_is_installed_is_fresh(files: dict[str, str]) -> None:
    """After a change of a command or an option: make pages."""
    there = {str(one.relative_to(FOLDER)): one.read_text() for one in FOLDER.rglob("*") if one.is_file()}

    assert there == files


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page_with_all_its_options(files: dict[str, str], name: str) -> None:
    """Those of the commands below a group too."""
    page = files[f"man/man1/connector-{name}.1"].replace("\\-", "-")
    command = connector.get_command(click.Context(connector), name)
    assert command is not None
    inner = list(command.commands.values()) if isinstance(command, click.Group) else []
    everywhere = {option for found in connector.params for option in found.opts}
    own = {option for one in [command, *inner] for found in one.params for option in found.opts} - everywhere

    assert {option for option in own if option.startswith("--") and option not in page} == set()
    assert f"connector-{name}" in files["man/man1/connector.1"].replace("\\-", "-")


def test_a_page_holds_no_request_by_accident(files: dict[str, str]) -> None:
    """A help text that begins with a full stop or an apostrophe is shown, not obeyed."""
    for name, page in files.items():
        if name.startswith("man/"):
            assert [line for line in page.splitlines() if line[:1] in "'." and line] == [
                line for line in page.splitlines() if line.startswith(REQUESTS)
            ], name


def test_what_is_no_file_of_ours_any_more_is_removed(tmp_path: Path) -> None:
    """The page of a command that was renamed does not stay."""
    (tmp_path / "man" / "man1").mkdir(parents=True)
    (tmp_path / "man" / "man1" / "connector-gone.1").write_text("")

    write(tmp_path)

    assert {str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file()} == set(shared())


def test_the_quick_start_names_where_completion_is_installed(files: dict[str, str]) -> None:
    """Each shell is told of its own file, or of the folder that it is in."""
    page = (FOLDER.parent / "docs" / "quickstart.md").read_text()
    named = re.findall(r"`[^`]*~/connector/venv/share/([^ `]+)[^`]*`", page)

    assert len(named) == 3
    assert all(any(place.startswith(name) for place in files) for name in named)


@pytest.mark.long
@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_shows_every_page_without_a_warning() -> None:
    """As a reader would see it."""
    for page in sorted((FOLDER / "man" / "man1").iterdir()):
        shown = subprocess.run(
            ["man", "--warnings=w", "-E", "UTF-8", "-l", str(page)],  # noqa: S607 - the system's own
            env={"MANPAGER": "cat", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stderr == "", page.name
        assert "SYNOPSIS" in shown.stdout


@pytest.mark.long
@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("connector ba", {"backfill"}),
        ("connector quarantine s", {"show", "skip"}),
        ("connector backfill --from ''", {"dashly", "intercom"}),
        ("connector --ve", {"--version", "--verbose"}),
    ],
)
def test_bash_completes_what_was_begun(typed: str, offered: set[str]) -> None:
    """Commands, those below a group, options, and their values."""
    script = f"""
        export PATH="{Path(sys.executable).parent}:$PATH"
        source "{FOLDER}/bash-completion/completions/connector"
        COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _connector_completion connector
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    answer = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)  # noqa: S607

    assert set(answer.stdout.split()) == offered
