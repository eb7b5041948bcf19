"""`init` without a configuration: a conversation on a terminal, or the same by options and environment."""

from __future__ import annotations

import os
import re
import select
import shlex
import signal
import stat
import subprocess
import sys
import threading
import tomllib
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 60
CTRL_C, CTRL_D = "\x03", "\x04"
STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def talk(
    place: Any,
    answers: dict[str, str | list[str]],
    *arguments: str,
    config: str = "connector.toml",
    **variables: str,
) -> tuple[int, str]:
    """Answer each question as it comes, on a terminal; return the exit code and all that was shown."""
    ours, theirs = os.openpty()
    environment = {k: v for k, v in os.environ.items() if not k.endswith(("_TOKEN", "_TOKEN_FILE"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", "--config", config, "init", *arguments],
        cwd=place.folder,
        env=environment | {"TERM": "dumb", "COLUMNS": "100"} | variables,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    left = {
        question: [given] if isinstance(given, str) else list(given) for question, given in answers.items()
    }
    shown, answered = "", 0
    try:
        while select.select([ours], [], [], PATIENCE)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end was closed
                break
            shown += STYLE.sub("", piece.decode()).replace("\r", "")
            question = shown[answered:].rpartition("\n")[2]
            for asked, given in left.items():
                if question.startswith(asked) and question.endswith(": ") and given:
                    answered = len(shown)
                    say(process, ours, given.pop(0))
        return process.wait(PATIENCE), shown
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def say(process: subprocess.Popen[bytes], terminal: int, text: str) -> None:
    """Type a line, or press Ctrl-C; this terminal is not the one that the process is controlled by."""
    if text != CTRL_C:
        os.write(terminal, (text if text == CTRL_D else f"{text}\n").encode())
        return
    # Between printing a question and waiting for the answer Python hears no signal: a person presses again.
    for _ in range(10):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(3)
            return


@pytest.fixture
def new(place: Any) -> Any:
    """A folder without a configuration, beside both helpdesks."""
    place.config.unlink()
    place.world.dashly.hire(151800, "Robin Marsh", "Robin")
    place.world.dashly.add_channel(3012, "Billing")
    place.world.intercom.hire(814900, "Robin Marsch", "robin@shop.example")
    return place


def answers(place: Any, **more: str | list[str]) -> dict[str, str | list[str]]:
    """Return the answers of somebody who gets everything right."""
    return {
        "Dashly: ": place.sandbox.dashly.base_url,
        "Intercom: ": place.sandbox.intercom.base_url,
        "File with the token of": ["", ""],
        "Paste the token": [place.sandbox.dashly.token, place.sandbox.intercom.token],
        "Id of the Dashly app": place.sandbox.dashly.app_id,
        "Which teammate": "1",
        "What will run it": "cron",
    } | more


def questions(shown: str) -> list[str]:
    """Return the first word of each question that was asked, in order."""
    return re.findall(r"^(Dashly|File|Paste|Id|Intercom|Which|What)\b.*: ", shown, re.MULTILINE)


def token_files(place: Any) -> dict[str, Path]:
    """Write each token into a file outside the folder of the pair, and return where."""
    folder = place.folder.with_name("tokens")
    folder.mkdir()
    found = {"dashly": folder / "one", "intercom": folder / "other"}
    for side, path in found.items():
        path.write_text(getattr(place.sandbox, side).token)
        path.chmod(0o600)
    return found


def named(files: dict[str, Path]) -> dict[str, str]:
    """Return the variables that name the files of the tokens."""
    return {f"{side.upper()}_TOKEN_FILE": str(path) for side, path in files.items()}


def modes(folder: Path) -> dict[str, int]:
    """Return the rights of the files of a folder."""
    return {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir() if one.is_file()}


@pytest.mark.long
def test_a_conversation_ends_with_a_pair_that_works(new: Any) -> None:
    """It tries each answer, writes a commented file and private tokens, binds, and shows what comes next."""
    code, shown = talk(new, answers(new))

    assert code == 0, shown
    assert f"It works: Dashly app {new.sandbox.dashly.app_id}" in shown
    assert "It works: Intercom workspace" in shown
    assert "Bound Dashly app" in shown
    assert "* * * * * cd " in shown
    (line,) = re.findall(r"^export (.*)$", shown, re.MULTILINE)
    assert [word.partition("=")[0] for word in shlex.split(line)] == [
        "DASHLY_TOKEN_FILE",
        "INTERCOM_TOKEN_FILE",
    ]
    assert new.sandbox.dashly.token not in shown
    text = new.config.read_text()
    tables = tomllib.loads(text)
    assert tables["dashly"] == {"base_url": new.sandbox.dashly.base_url, "app_id": new.sandbox.dashly.app_id}
    assert tables["intercom"] == {"base_url": new.sandbox.intercom.base_url, "default_admin": "814860"}
    assert text.count("#") > 40
    private = {"connector.toml", "connector.dashly_token", "connector.intercom_token", "connector.key"}
    assert {name: modes(new.folder)[name] for name in private} == dict.fromkeys(private, 0o600)
    assert new.run("status").code == 0


@pytest.mark.long
def test_what_comes_next_can_be_typed_as_it_is_shown(new: Any) -> None:
    """Whatever the file is called: the next command names it, and the line for cron runs."""
    code, shown = talk(new, answers(new), config="my 5% shop.toml")
    (line,) = re.findall(r"^\* \* \* \* \* (.*)$", shown, re.MULTILINE)

    assert code == 0, shown
    assert "Next: connector --config 'my 5% shop.toml' doctor" in shown
    done = subprocess.run(["/bin/sh", "-c", line.replace("\\%", "%")], env={"PATH": "/bin"}, check=False)
    assert done.returncode == 0, (new.folder / "my 5% shop.log").read_text()


@pytest.mark.long
def test_who_may_be_who_is_a_comment_never_an_active_line(new: Any) -> None:
    """By the rules with their reason, guesses with a question mark; nobody is mapped by being proposed."""
    code, shown = talk(new, answers(new))

    assert code == 0, shown
    text = new.config.read_text()
    assert '# "151204" = "814860"   # Nora Field = Nora Field, by name\n' in text
    assert '# "151590" = "814885"   # Mika = Mika Sand, by name_internal\n' in text
    assert '# "151800" = "814900"   # Robin Marsh = Robin Marsch?\n' in text
    assert tomllib.loads(text)["map"]["admins"] == {}


@pytest.mark.long
def test_only_the_answer_that_was_wrong_is_asked_again(new: Any) -> None:
    """An address where nobody answers, or that is none; a token, with its address; a number of no list."""
    code, shown = talk(
        new,
        answers(
            new,
            **{
                "Dashly: ": ["http://127.0.0.1:9", "ftp://x", new.sandbox.dashly.base_url],
                "Paste the token": [
                    new.sandbox.dashly.token,
                    "wrong-token-of-somebody",
                    new.sandbox.intercom.token,
                ],
                "Intercom: ": [new.sandbox.intercom.base_url, ""],
                "File with the token of": ["", "", ""],
                "Which teammate": ["99", "2"],
            },
        ),
    )

    assert code == 0, shown
    assert "Traceback" not in shown
    assert shown.count("connector: ") == 4
    assert questions(shown) == [
        *["Dashly", "Dashly", "Dashly", "File", "Paste", "Id"],
        *["Intercom", "File", "Paste", "Intercom", "File", "Paste"],
        *["Which", "Which", "What"],
    ]
    assert "99 is not a teammate" in shown
    assert "into what was pasted" not in shown
    assert new.run("status").code == 0


@pytest.mark.long
def test_a_wrong_app_is_asked_again_alone(new: Any) -> None:
    """The address and the token that were given are kept."""
    right = new.sandbox.dashly.app_id

    code, shown = talk(new, answers(new, **{"Id of the Dashly app": ["404404", right]}))

    assert code == 0, shown
    assert questions(shown)[:5] == ["Dashly", "File", "Paste", "Id", "Id"]


@pytest.mark.long
def test_what_is_no_app_at_all_can_be_corrected(new: Any) -> None:
    """An address that was pasted at the wrong question is not asked with for ever."""
    right, address = new.sandbox.dashly.app_id, new.sandbox.intercom.base_url
    given = {"Dashly: ": [new.sandbox.dashly.base_url, ""], "Id of the Dashly app": [address, right]}

    code, shown = talk(new, answers(new, **given))

    assert code == 0, shown
    assert questions(shown)[:5] == ["Dashly", "File", "Paste", "Id", "Dashly"]
    assert "check the address, and the id of the app" in shown


@pytest.mark.long
def test_files_of_the_environment_are_kept_when_an_address_was_wrong(new: Any) -> None:
    """They were never in doubt: nobody is asked for a token."""
    code, shown = talk(
        new,
        answers(new, **{"Dashly: ": ["http://127.0.0.1:9", new.sandbox.dashly.base_url]}),
        **named(token_files(new)),
    )

    assert code == 0, shown
    assert not {"File", "Paste"} & set(questions(shown))


@pytest.mark.long
def test_a_file_of_the_environment_that_is_no_use_is_told(new: Any) -> None:
    """Why it is asked for, with its name as the answer that Enter gives."""
    files = token_files(new)
    files["intercom"].write_text("wrong-token-of-somebody")
    files["dashly"].rename(new.folder / "elsewhere")

    code, shown = talk(
        new,
        answers(
            new,
            **{
                "File with the token of": ["elsewhere", "intercom_right"],
                "Paste the token": new.sandbox.intercom.token,
                "Intercom: ": [new.sandbox.intercom.base_url, ""],
            },
        ),
        **named(files),
    )

    assert code == 0, shown
    assert f"The token file {files['dashly']} cannot be read" in shown
    assert f"File with the token of Dashly [{files['dashly']}]: " in shown
    assert f"File with the token of Intercom [{files['intercom']}]: " in shown
    assert files["intercom"].read_text() == "wrong-token-of-somebody"


@pytest.mark.long
def test_an_empty_answer_says_why_it_is_asked_again(new: Any) -> None:
    """A paste that did not arrive, or that holds what no token does, and a file that cannot be made."""
    token = new.sandbox.dashly.token
    code, shown = talk(
        new,
        answers(
            new,
            **{
                "File with the token of": ["nowhere/token", "app.48213.secret", "", ""],
                "Paste the token": ["", f"{token} {token}", token, new.sandbox.intercom.token],
            },
        ),
    )

    assert code == 0, shown
    assert "there is no folder" in shown
    assert "that is a token" in shown
    assert "nothing was pasted" in shown
    assert "holds characters that no token has" in shown
    assert {"app.48213.secret", "nowhere"}.isdisjoint(one.name for one in new.folder.iterdir())
    assert questions(shown)[:8] == ["Dashly", *["File"] * 3, *["Paste"] * 3, "Id"]


@pytest.mark.long
@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
def test_a_conversation_that_was_left_goes_on_with_what_was_given(new: Any, key: str) -> None:
    """The sentence names the command; typed as it is shown, it asks for the rest alone."""
    (new.folder / "dashly token").write_text(new.sandbox.dashly.token)

    code, shown = talk(
        new,
        answers(new)
        | {
            "File with the token of": ["dashly token", ""],
            "Paste the token": new.sandbox.intercom.token,
            "Which teammate": key,
        },
        *("--since", "2026-01-31"),
    )
    (line,) = re.findall(r"^  next: connector (.*)$", shown, re.MULTILINE)
    words = shlex.split(line)

    assert code == 130
    assert "\nconnector: aborted; nothing was written\n" in shown
    assert [one.name for one in new.folder.iterdir()] == ["dashly token"]
    assert words[:3] == ["init", "--since", "2026-01-31T00:00:00Z"]
    code, shown = talk(new, answers(new) | {"Paste the token": new.sandbox.intercom.token}, *words[1:])
    assert code == 0, shown
    assert questions(shown) == ["Paste", "Which", "What"]


@pytest.mark.long
def test_an_address_is_kept_when_the_token_was_refused(new: Any) -> None:
    """It was answered, and is only asked for again in case it is the wrong one."""
    code, shown = talk(
        new,
        answers(new)
        | {"Dashly: ": [new.sandbox.dashly.base_url, CTRL_C], "Paste the token": "app.48213.wrong"},
    )

    assert code == 130
    assert f"  next: connector init --dashly-url {new.sandbox.dashly.base_url}" in shown


class Stranger(BaseHTTPRequestHandler):
    """A web server that knows nothing of helpdesks, and remembers what it was shown."""

    status = 404
    shown: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Refuse whatever is asked for."""
        self.shown.append(f"{self.path} {self.headers}")
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 - as the library calls it

    def log_message(self, *_told: object) -> None:
        """Say nothing."""


@pytest.fixture(params=[200, 401, 403, 404])
def stranger(request: pytest.FixtureRequest) -> Iterator[tuple[str, list[str]]]:
    """The address of a server that is not a helpdesk, and what it was shown."""
    seen: list[str] = []
    kind = type("Kind", (Stranger,), {"status": request.param, "shown": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("side", ["dashly", "intercom"])
def test_no_other_server_is_shown_a_token(new: Any, stranger: tuple[str, list[str]], side: str) -> None:
    """Whatever it answers: the address is refused in a sentence, with a command that works then."""
    url, shown = stranger
    urls = {one: getattr(new.sandbox, one).base_url for one in ("dashly", "intercom")} | {side: url}
    given = [word for one, at in urls.items() for word in (f"--{one}-url", at)]

    said = new.run("init", *given, "--app-id", new.sandbox.dashly.app_id, "--default-admin", "814860")

    assert (said.code, said.is_told()) == (2, True), said.err
    assert "is not the API of" in said.err
    assert "connector.toml" not in said.err
    assert "base_url" not in said.err
    assert shown
    assert not any(getattr(new.sandbox, side).token in one for one in shown)
    assert list(new.folder.iterdir()) == []


@pytest.mark.long
def test_leaving_at_the_last_question_leaves_a_pair(new: Any) -> None:
    """What was written is not denied."""
    code, shown = talk(new, answers(new, **{"What will run it": CTRL_C}))

    assert code == 130
    assert "nothing was written" not in shown
    assert "bound" in shown.rpartition("What will run it")[2]
    assert "  next: connector" in shown
    assert new.run("status").code == 0


@pytest.mark.long
def test_a_conversation_that_is_left_writes_nothing(new: Any) -> None:
    """Ctrl-C in the middle: exit code 130, no file."""
    code, _ = talk(new, answers(new, **{"Which teammate": CTRL_C}))

    assert code == 130
    assert list(new.folder.iterdir()) == []


@pytest.mark.long
def test_as_the_manual_sets_up_a_service(new: Any, tmp_path: Path) -> None:
    """A name of its own, the state elsewhere, tokens found again by the folder that they are in."""
    state = tmp_path / "var"
    state.mkdir(mode=0o700)
    config = str(new.folder / "shop.toml")
    told = ("--state", str(state / "connector.db"), "--timer", "none")

    code, shown = talk(new, answers(new), *told, config=config, CREDENTIALS_DIRECTORY=str(new.folder))

    assert code == 0, shown
    assert "What will run it" not in shown
    assert set(modes(new.folder)) == {"shop.toml", "shop.key", "shop.dashly_token", "shop.intercom_token"}
    assert (state / "connector.db").exists()
    new.environment.clear()
    new.environment["CREDENTIALS_DIRECTORY"] = str(new.folder)
    assert new.run("--config", config, "sync").code == 0


@pytest.mark.long
def test_units_that_cannot_be_written_are_told_at_the_end(new: Any) -> None:
    """The pair is bound all the same; the sentence says what to do."""
    code, shown = talk(
        new, answers(new, **{"What will run it": "systemd"}), config=f"{new.folder}/my shop.toml"
    )

    assert code == 2
    assert "Bound Dashly app" in shown
    assert "cannot name a service" in shown


def test_the_same_by_options(new: Any) -> None:
    """Nobody is asked; the tokens come from files."""
    for side, desk in (("dashly", new.sandbox.dashly), ("intercom", new.sandbox.intercom)):
        path = new.folder / f"{side}.txt"
        path.write_text(desk.token)
        path.chmod(0o600)
    new.environment.clear()

    said = new.run(
        *(
            "init",
            "--dashly-url",
            new.sandbox.dashly.base_url,
            "--intercom-url",
            new.sandbox.intercom.base_url,
        ),
        *("--app-id", new.sandbox.dashly.app_id, "--default-admin", "814860", "--timer", "cron"),
        *("--dashly-token-file", "dashly.txt", "--intercom-token-file", "intercom.txt", "--state", "my.db"),
    )

    assert (said.code, said.err) == (0, "")
    assert f"DASHLY_TOKEN_FILE={new.folder}/dashly.txt" in said.out
    assert (new.folder / "my.db").exists()


def test_the_same_by_the_environment(new: Any) -> None:
    """As in a container: addresses, app and teammate by variables, tokens as for every command."""
    new.environment |= {
        "CONNECTOR_DASHLY_URL": new.sandbox.dashly.base_url,
        "CONNECTOR_INTERCOM_URL": new.sandbox.intercom.base_url,
        "CONNECTOR_APP_ID": new.sandbox.dashly.app_id,
        "CONNECTOR_DEFAULT_ADMIN": "814860",
    }

    said = new.run("init", "--json")

    assert (said.code, said.json["created"]) == (0, True)
    assert new.run("sync").code == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("--app-id", "48213"), "--default-admin"),
        (("--default-admin", "814860", "--app-id", "404404"), "belongs to another one"),
        (("--app-id", "48213", "--default-admin", "1"), "1 is not a teammate"),
        (("--app-id", "48213", "--intercom-url", "ftp://x"), "--intercom-url must be"),
    ],
)
def test_an_answer_that_is_missing_or_wrong_is_one_sentence(
    new: Any, wrong: tuple[str, ...], told: str
) -> None:
    """With the option to give; and no file is left behind."""
    urls = ("--dashly-url", new.sandbox.dashly.base_url, "--intercom-url", new.sandbox.intercom.base_url)

    said = new.run("init", *urls, *wrong)

    assert said.code in {2, 3, 7}
    assert said.is_told(), said.err
    assert told in said.err
    assert "connector doctor" not in said.err  # it needs the file that is not there yet
    assert "connector.toml" not in said.err
    assert list(new.folder.iterdir()) == []


@pytest.mark.long
def test_names_that_attack_stay_comments(new: Any) -> None:
    """A teammate's name is not a line of the configuration."""
    attack = 'Eve\n[sync]\nmax_age = "9d"\n\x1b]0;owned\x07 # "1" = "2"'
    new.world.dashly.hire(151801, attack, attack)
    new.world.dashly.add_channel(3999, "All")

    code, shown = talk(new, answers(new))

    assert code == 0, shown
    tables = tomllib.loads(new.config.read_text())
    assert (tables["sync"], tables["map"]["admins"]) == ({}, {})
