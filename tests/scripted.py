"""A scripted side: the desks of both helpdesks over answers that a test lays out, without a socket."""

import json
from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from connector.config.model import Config
from connector.http.pace import MemoryRequestLog
from connector.wiring import Wiring, open_dashly, open_intercom


class Remote:
    """A scripted side: remembers what was asked, answers what was laid out, by method and path."""

    def __init__(self):
        self.requests: list[httpx.Request] = []
        self.answers: dict[str, list[httpx.Response]] = {}

    def on(self, call, *bodies, status=200, headers=None):
        """Lay out the answers to a call such as ``GET /me``; the last one serves for ever."""
        for body in bodies:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.answers.setdefault(call, []).append(httpx.Response(status, headers=headers, content=content))

    def serve(self, request):
        """Answer a request, or fail on one that nobody laid out."""
        self.requests.append(request)
        laid_out = self.answers.get(f"{request.method} {request.url.path}")
        if laid_out is None:
            raise AssertionError(f"unexpected {request.method} {request.url.path}")
        answer = laid_out.pop(0) if len(laid_out) > 1 else laid_out[0]
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def calls(self):
        """What was called, as laid out."""
        return [f"{request.method} {request.url.path}" for request in self.requests]

    def form(self, number=-1):
        """Return the form of a request."""
        fields = parse_qs(self.requests[number].content.decode(), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    def query(self, number=-1):
        """Return the query of a request."""
        return dict(self.requests[number].url.params)

    def body(self, number=-1):
        """Return the JSON body of a request."""
        return json.loads(self.requests[number].content)


def configuration(**intercom):
    """Return a configuration with the least that is needed."""
    return Config.model_validate(
        {"dashly": {"app_id": "48213"}, "intercom": {"default_admin": "814860", **intercom}}
    )


@pytest.fixture
def remote():
    """The other end of the wire."""
    return Remote()


@pytest.fixture
def dashly(remote, clock):
    """A Dashly desk over the scripted remote."""
    wiring = Wiring(clock, transport=httpx.MockTransport(remote.serve))
    with_desk = open_dashly(configuration(), SecretStr("app.1.secret"), MemoryRequestLog(), wiring)
    yield with_desk
    with_desk.close()


@pytest.fixture
def open_desk(remote, clock):
    """Return a function that opens an Intercom desk over the scripted remote."""
    opened = []

    def run(version="2.16", **settings):
        wiring = Wiring(clock, transport=httpx.MockTransport(remote.serve))
        config = configuration(api_version=version, **settings)
        opened.append(open_intercom(config, SecretStr("ic-secret"), wiring))
        return opened[-1]

    yield run
    for desk in opened:
        desk.close()


@pytest.fixture
def intercom(open_desk):
    """An Intercom desk in the default version."""
    return open_desk()
