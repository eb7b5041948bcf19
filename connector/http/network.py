"""The network itself: the innermost transport, whose sockets keep to the deadline of the whole request.

A socket waits in short slices, so that neither an answer that drips nor a stop has to wait for a timeout.
"""

from __future__ import annotations

import select
import socket
from functools import cache, partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore
import httpx

from connector.http.deadline import slices
from connector.http.names import look_up

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Sequence

    from mappings.model import Seconds

T = TypeVar("T")

# As many as there may be workers, so that each keeps its own.
_CONNECTIONS = 64
_KEPT_FOR: Seconds = 5.0  # a server that closes an idle connection first costs a write its answer
# Between two pieces the deadline is looked at.
_LARGEST_PIECE = 64 * 1024


def network(*, kept: int = _CONNECTIONS) -> httpx.BaseTransport:
    """Return a transport that opens real connections, verifies certificates and keeps ``kept`` for later."""
    return _Network(kept)


def no_cookies() -> CookieJar:
    """Return a jar that takes none: a remote is told by no request what another answer said."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


class _Network(httpx.HTTPTransport):
    """The library's transport over sockets of ours, which it has no argument for."""

    def __init__(self, kept: int) -> None:
        super().__init__(verify=_trusted())
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(),
            max_connections=_CONNECTIONS,
            max_keepalive_connections=kept,
            keepalive_expiry=_KEPT_FOR,
            network_backend=_Sockets(),
        )


class _Sockets(httpcore.NetworkBackend):
    """Opens connections within the deadline."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Seconds | None = None,
        local_address: str | None = None,  # noqa: ARG002 - part of NetworkBackend
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - part of NetworkBackend
    ) -> httpcore.NetworkStream:
        """Connect to the first address of a host that answers."""
        failure: Exception = httpcore.ConnectError("the host name has no address")
        for address in _addresses(host, port, timeout):
            try:
                return _Stream(_connected(address, port, timeout))
            except httpcore.ConnectError as error:
                failure = error
        raise failure


class _Stream(httpcore.NetworkStream):
    """One connection whose every wait ends in time."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection

    def read(self, max_bytes: int, timeout: Seconds | None = None) -> bytes:
        """Return what came, up to a number of bytes; empty at the end."""
        try:
            return self._wait_for(partial(self._socket.recv, max_bytes), timeout)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: Seconds | None = None) -> None:
        """Send everything."""
        rest = memoryview(buffer)
        try:
            while rest:
                send = partial(self._socket.send, rest[:_LARGEST_PIECE])
                rest = rest[self._wait_for(send, timeout) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: Seconds | None = None,
    ) -> httpcore.NetworkStream:
        """Return the connection in TLS, with the certificate verified."""
        try:
            packed = ssl_context.wrap_socket(
                self._socket, server_hostname=server_hostname, do_handshake_on_connect=False
            )
            self._socket = packed
            self._wait_for(packed.do_handshake, timeout)
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - as the base class has it
        """Return what the pool asks for: whether the other end has closed or spoken unasked."""
        if info == "is_readable":
            return self._socket.fileno() < 0 or _ready(self._socket, 0.0, writing=False)
        return None

    def _wait_for(self, operation: Callable[[], T], timeout: Seconds | None) -> T:
        """Carry out a socket's operation, which may be begun again after a timeout of the socket."""
        for seconds in slices(timeout):
            self._socket.settimeout(seconds)
            try:
                return operation()
            except TimeoutError:
                continue
        raise TimeoutError("the time for this request has run out")


def _addresses(host: str, port: int, timeout: Seconds | None) -> Sequence[str]:
    try:
        return look_up(host, port, timeout)
    except TimeoutError as error:
        raise httpcore.ConnectTimeout(str(error)) from error
    except OSError as error:
        raise httpcore.ConnectError(str(error)) from error


def _connected(address: str, port: int, timeout: Seconds | None) -> socket.socket:
    """Return a connection to one address; its own timeouts are set before each operation."""
    connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)  # noqa: FBT003 - the standard library has it so
        _connect(connection, (address, port), timeout)
    except TimeoutError as error:
        connection.close()
        raise httpcore.ConnectTimeout(str(error)) from error
    except OSError as error:
        connection.close()
        raise httpcore.ConnectError(str(error)) from error
    return connection


def _connect(connection: socket.socket, address: tuple[str, int], timeout: Seconds | None) -> None:
    try:
        connection.connect(address)
    except BlockingIOError:
        pass
    else:
        return
    for seconds in slices(timeout):
        if _ready(connection, seconds, writing=True):
            error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise OSError(error, "no connection")
            return
    raise TimeoutError("no connection in time")


def _ready(connection: socket.socket, seconds: Seconds, *, writing: bool) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLOUT if writing else select.POLLIN)
    return bool(poll.poll(seconds * 1000))


@cache
def _trusted() -> ssl.SSLContext:
    """Return the trusted certificates: reading them takes longer than most commands otherwise do."""
    return httpx.create_ssl_context()
