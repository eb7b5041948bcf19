import io
import json
import logging

import pytest
from pydantic import SecretStr

from connector.host.log import configure, event


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
    configure(verbosity, as_json=as_json, stream=stream).hide(SecretStr("app.1.topsecret"))
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


def test_exceptions_are_redacted_too():
    """A traceback may quote a token."""
    stream = io.StringIO()
    configure(stream=stream).hide(SecretStr("topsecret"))
    try:
        int("topsecret")
    except ValueError:
        logging.getLogger("connector.test").exception("thing.failed")

    assert "topsecret" not in stream.getvalue()
    assert "ValueError" in stream.getvalue()


@pytest.mark.parametrize(("verbosity", "shown"), [(0, ["w"]), (1, ["i", "w"]), (2, ["d", "i", "w"])])
def test_verbosity(verbosity, shown):
    """Warnings always; information and details on request."""
    stream = io.StringIO()
    configure(verbosity, stream=stream)
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
