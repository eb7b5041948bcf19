import io
import json
import logging

import pytest
from pydantic import SecretStr

from connector.host.log import LogFormat, about, configure, event
from connector.host.redaction import REDACTOR


@pytest.fixture(autouse=True)
def restored():
    """Put the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level


def written(*, as_json=False, verbosity=2, **fields):
    """Return what one event becomes in the log."""
    stream = io.StringIO()
    configure(verbosity, form=LogFormat.JSON if as_json else LogFormat.TEXT, stream=stream)
    REDACTOR.hide(SecretStr("app.1.topsecret"))
    event(logging.getLogger("connector.test"), logging.INFO, "thing.happened", **fields)
    return stream.getvalue()


def test_a_line_for_people():
    """Time, level, event, fields."""
    line = written(side="dashly", count=3)

    assert line.endswith(" info    thing.happened side=dashly count=3\n")


def test_a_json_line():
    """One object a line."""
    line = json.loads(written(as_json=True, side="dashly", count=3))

    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "event": "thing.happened",
        "logger": "connector.test",
        "side": "dashly",
        "count": 3,
    }


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize(
    "text", ["app.1.topsecret", "Bearer dG9rZW4x", "Token app.2.other", "?auth_token=app.3.third&x=1"]
)
def test_tokens_do_not_get_through(as_json, text):
    """Known tokens and what looks like one are taken out, whoever logged them."""
    line = written(as_json=as_json, text=f"sent {text} away")

    assert not [word for word in ("topsecret", "dG9rZW4x", "other", "third") if word in line]
    assert "away" in line


@pytest.mark.parametrize("form", list(LogFormat))
def test_an_error_is_logged_by_its_place_and_not_by_its_words(form):
    """An exception may quote a message or a token: the log names its type and its frames only."""
    stream = io.StringIO()
    configure(form=form, stream=stream)
    try:
        int("what a customer wrote")
    except ValueError:
        logging.getLogger("connector.test").exception("thing.failed")

    assert "customer" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()
    assert "test_log.py" in stream.getvalue()


@pytest.mark.parametrize(("verbosity", "shown"), [(0, ["w"]), (1, ["i", "w"]), (2, ["d", "i", "w"])])
def test_verbosity(verbosity, shown):
    """Warnings always; information and details on request."""
    stream = io.StringIO()
    configure(verbosity, form=LogFormat.TEXT, stream=stream)
    logger = logging.getLogger("connector.test")
    for level, name in ((logging.DEBUG, "d"), (logging.INFO, "i"), (logging.WARNING, "w")):
        event(logger, level, name)

    assert [line.split()[2] for line in stream.getvalue().splitlines()] == shown


def test_the_client_librarys_own_lines_are_off():
    """Httpx would log whole addresses with their queries."""
    stream = io.StringIO()
    configure(2, stream=stream)
    logging.getLogger("httpx").info("HTTP Request: GET https://x.test/users?email=ann@x.test")

    assert stream.getvalue() == ""


def test_an_account_in_an_address_does_not_get_through():
    """Whoever puts it there: an address that a remote names is told without it."""
    told = written(place="see https://ann:words@x.test/a?b")

    assert "ann" not in told
    assert "words" not in told
    assert "https://***@x.test/a?b" in told


@pytest.mark.parametrize("form", list(LogFormat))
def test_no_library_says_in_our_log_what_it_was_given(form):
    """Whichever it is: what it debugs is off, and what it warns of is told without its words."""
    stream = io.StringIO()
    configure(2, form=form, stream=stream)
    library = logging.getLogger("somelib.pool")
    library.debug("GET https://x.test/f?token=topsecret-1")
    library.info("connected to %s", "https://x.test/?q=words-of-a-customer")
    assert stream.getvalue() == ""

    library.warning("retrying %s", "https://x.test/f?token=topsecret-1")
    assert "somelib.pool.complained" in stream.getvalue()
    assert "topsecret" not in stream.getvalue()


def test_a_line_that_cannot_be_written_is_lost(capsys):
    """The library would print what the line was made of."""
    configure(2)
    words = ("words of a customer",)
    logging.getLogger("connector.test").warning("%d of %s", *words)

    assert capsys.readouterr().err == ""


def test_a_stream_that_is_no_terminal_gets_json_lines():
    """A timer's journal and a file are read by programs."""
    stream = io.StringIO()
    configure(stream=stream)
    event(logging.getLogger("connector.test"), logging.WARNING, "thing.happened")

    assert json.loads(stream.getvalue())["event"] == "thing.happened"


def test_what_a_line_is_about_stands_on_it():
    """Run, pair, conversation and part come from where the line is written, the innermost last."""
    stream = io.StringIO()
    configure(form=LogFormat.JSON, stream=stream)
    logger = logging.getLogger("connector.test")
    with about(run="r1"):
        with about(pair=7, conversation="dashly:1"):
            event(logger, logging.WARNING, "inner")
        event(logger, logging.WARNING, "outer")

    inner, outer = map(json.loads, stream.getvalue().splitlines())
    assert (inner["run"], inner["pair"], inner["conversation"]) == ("r1", 7, "dashly:1")
    assert outer["run"] == "r1"
    assert "pair" not in outer


@pytest.mark.parametrize("form", list(LogFormat))
def test_a_line_break_in_a_field_forges_no_line(form):
    """One event is one line, and no control character reaches the terminal."""
    stream = io.StringIO()
    configure(form=form, stream=stream)
    event(
        logging.getLogger("connector.test"),
        logging.WARNING,
        "thing",
        name="a\n2026 error forged\x1b[2J\x9b\u202e",
    )

    assert len(stream.getvalue().splitlines()) == 1
    assert stream.getvalue().rstrip("\n").isprintable()
