"""Fetching a file that a side named: carefully, since the address comes from elsewhere, and to the disk.

Only https on its own port and from allowed hosts; never to an address that is not public, unless the remote
itself is on loopback; redirects only within the host; a size cap; one deadline; no token. The connection goes
to the very address that was checked, so a name cannot resolve differently in between. Downloads are no API
requests and are not counted.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import httpx
import tenacity

from connector.errors import Rejected, RemoteError
from connector.helpdesk.port import File
from connector.host.spool import Spool
from connector.http.bounded import ENCODINGS, Oversized, unpacked
from connector.http.deadline import Deadline, within
from connector.http.files import file_type
from connector.http.files.hosts import FileHosts
from connector.http.network import network, no_cookies
from connector.http.service import Service, is_this_machine
from connector.http.waiting import wait
from mappings.characters import INVISIBLE
from mappings.files import file_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.host.clock import Clock
    from mappings.model import Attachment, Seconds

LARGEST_FILE = 20 * 1024 * 1024
# Most file systems allow 255 bytes, and a letter may take two.
_LONGEST_NAME = 150
_UNSAFE = re.compile(rf'[\x00-\x1f\x7f-\x9f{INVISIBLE}<>:"|?*]')
_TRIES = 3
# A vendor signs an address and redirects to its storage; more is a loop.
_REDIRECTS = 3
_HTTPS = 443
# One file holds up its whole conversation.
LONGEST_FETCH: Seconds = 60.0
_PATIENCE = 2  # timeouts that a file may take, its tries together


class Downloader:
    """Fetches the files of one remote; raises ``Rejected`` for good, ``RemoteError`` when later may do."""

    def __init__(
        self,
        service: Service,
        *,
        clock: Clock,
        spool: Spool | None = None,
        transport: httpx.BaseTransport | None = None,
        hosts: FileHosts | None = None,
        limit: int = LARGEST_FILE,
    ) -> None:
        self._service = service
        self._clock = clock
        self._spool = spool or Spool()
        self._hosts = hosts or FileHosts()
        self._limit = limit
        self._http = httpx.Client(
            timeout=httpx.Timeout(service.timeout, connect=min(service.timeout, 10.0)),
            follow_redirects=False,
            trust_env=False,
            cookies=no_cookies(),
            # Connections are made to addresses: one that is kept would serve another host at the same one,
            # whose certificate nobody looked at.
            transport=transport or network(kept=0),
        )

    def fetch(self, attachment: Attachment) -> File:
        """Fetch the file behind an attachment; it stays on the disk until it is released."""
        if attachment.size is not None and attachment.size > self._limit:
            raise self._refusal("file_too_big", f"it has more than {self._limit} bytes")
        seconds = min(LONGEST_FETCH, _PATIENCE * self._service.timeout)
        try:
            with within(Deadline(seconds, self._clock)):
                return self._received(attachment)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise RemoteError(
                f"A file of {self._service.title} could not be fetched ({type(error).__name__}).",
                hint="Nothing is lost: run again later.",
            ) from error

    def release(self, file: File) -> None:
        """Remove a fetched file from the disk."""
        self._spool.release(file.sha256)

    def close(self) -> None:
        """Close the connections, and leave nothing on the disk."""
        self._http.close()
        self._spool.close()

    def _received(self, attachment: Attachment) -> File:
        repeat = tenacity.Retrying(
            sleep=lambda seconds: wait(self._clock, seconds),
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=tenacity.wait_random_exponential(multiplier=1, max=10),
            retry=tenacity.retry_if_exception_type(httpx.TransportError),
            reraise=True,
        )
        return repeat(self._follow, attachment)

    def _follow(self, attachment: Attachment) -> File:
        target = self._parse(attachment.url)
        host = target.raw_host.decode("ascii")
        if not self._is_own(target) and not self._hosts.allow(attachment, host):
            raise self._refusal("host_not_allowed", f"{host} is not among [files] hosts")
        for _ in range(_REDIRECTS):
            with self._http.stream(**self._request(target)) as response:  # type: ignore[arg-type]
                if not response.has_redirect_location:
                    return self._read(response, attachment)
                onward = target.join(response.headers["Location"])
            if (onward.scheme, onward.host, onward.port) != (target.scheme, target.host, target.port):
                raise self._refusal("file_refused", "its address leads to another host")
            target = onward
        raise self._refusal("file_refused", "its address leads in a circle")

    def _parse(self, url: str) -> httpx.URL:
        try:
            target = httpx.URL(url)
        except (httpx.InvalidURL, ValueError):
            raise self._refusal("file_refused", "its address is not valid") from None
        if not target.host or target.userinfo:
            raise self._refusal("file_refused", "its address is not valid")
        if self._is_own(target) and target.scheme in {"http", "https"}:
            return target
        if target.scheme != "https":
            raise self._refusal("file_refused", "its address is not https")
        if target.port not in {None, _HTTPS}:
            raise self._refusal("file_refused", "its address names a port")
        return target

    def _is_own(self, target: httpx.URL) -> bool:
        """Tell whether a file is in the sandbox: both it and the side itself are on this machine."""
        return self._service.on_loopback and is_this_machine(target.host)

    def _request(self, target: httpx.URL) -> dict[str, object]:
        """Return a request to the checked address that still asks for, and verifies, the host name."""
        port = target.port or (_HTTPS if target.scheme == "https" else 80)
        address = self._checked_address(target.host, port)
        return {
            "method": "GET",
            "url": target.copy_with(host=address, fragment=None),
            "headers": {"Host": target.netloc.decode("ascii"), "Accept-Encoding": ENCODINGS},
            "extensions": {"sni_hostname": target.host},
        }

    def _checked_address(self, host: str, port: int) -> str:
        try:
            address = self._hosts.address(host, port, loopback=self._service.on_loopback)
        except OSError as error:
            raise httpx.ConnectError(str(error)) from error
        if address is None:
            raise self._refusal("file_refused", "its host is not a public one")
        return address

    def _read(self, response: httpx.Response, attachment: Attachment) -> File:
        status = response.status_code
        if response.is_server_error or status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}:
            raise httpx.ReadError(f"the host of the file answered {status}")
        if status != HTTPStatus.OK:
            raise self._refusal("file_gone", f"its host answered {status}", status)
        head = b""
        with self._spool.receive() as content:
            for piece in self._pieces(response):
                content.write(piece)
                head += piece[: file_type.LOOKED_AT - len(head)]
            said = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            received = file_type.Received(content.size, said, head)
            fault = file_type.fault(received, attachment)
            if fault is not None:
                raise self._refusal("not_the_file", fault)
        kind = file_type.kind(received, attachment)
        name = file_name(safe_name(attachment.name), "", kind)
        return File(name, kind, content.size, content.sha256, self._spool.path(content.sha256))

    def _pieces(self, response: httpx.Response) -> Iterator[bytes]:
        try:
            yield from unpacked(response, self._limit)
        except Oversized as error:
            raise self._refusal("file_too_big", f"it has {error}") from None

    def _refusal(self, code: str, why: str, status: int = 0) -> Rejected:
        return Rejected(f"A file of {self._service.title} is not fetched: {why}.", status=status, code=code)


def safe_name(name: str) -> str:
    """Return a file name without directories, control characters or excess length; never empty."""
    base = _UNSAFE.sub("", re.split(r"[/\\]", name)[-1]).strip(" .")
    path = PurePosixPath(base or "file")
    suffix = path.suffix[:20]
    return path.name.removesuffix(suffix)[: _LONGEST_NAME - len(suffix)] + suffix
