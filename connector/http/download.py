"""Fetching a file that a side named: carefully, since the address comes from elsewhere, and to the disk.

Only https (plain http on loopback); never to an address that is not public, unless the remote itself is on
loopback; redirects only within the host; a size cap; no token. The connection goes to the very address that
was checked, so a name cannot change its mind in between. Downloads are no API requests and are not counted.
"""

from __future__ import annotations

import mimetypes
import re
import socket
from collections.abc import Callable, Sequence
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import httpx
import tenacity

from connector.errors import Rejected, RemoteError
from connector.helpdesk.port import File
from connector.host.spool import Spool
from connector.http.bounded import ENCODINGS, unpacked
from connector.http.network import network
from connector.http.service import Service, is_loopback
from connector.http.waiting import wait
from mappings.files import file_name

if TYPE_CHECKING:
    from connector.host.clock import Clock
    from connector.host.spool import Incoming
    from mappings.model import Attachment

LARGEST_FILE = 20 * 1024 * 1024
_LONGEST_NAME = 150
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069<>:\"|?*]")
_TRIES = 3
_REDIRECTS = 3
_PATIENCE = 10  # timeouts that a whole file may take

Resolver = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host name."""
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Downloader:
    """Fetches the files of one remote; raises ``Rejected`` for good, ``RemoteError`` when later may do."""

    def __init__(
        self,
        service: Service,
        *,
        clock: Clock,
        spool: Spool | None = None,
        transport: httpx.BaseTransport | None = None,
        resolver: Resolver = resolve,
        limit: int = LARGEST_FILE,
    ) -> None:
        self._service = service
        self._clock = clock
        self._spool = spool or Spool()
        self._resolver = resolver
        self._limit = limit
        self._http = httpx.Client(
            timeout=httpx.Timeout(service.timeout, connect=min(service.timeout, 10.0)),
            follow_redirects=False,
            trust_env=False,
            transport=transport or network(),
        )

    def fetch(self, attachment: Attachment) -> File:
        """Fetch the file behind an attachment; it lies on the disk until it is released."""
        if attachment.size is not None and attachment.size > self._limit:
            raise self._refusal("file_too_big", f"it is larger than {self._limit} bytes")
        repeat = tenacity.Retrying(
            sleep=lambda seconds: wait(self._clock, seconds),
            stop=tenacity.stop_after_attempt(_TRIES),
            wait=tenacity.wait_random_exponential(multiplier=1, max=10),
            retry=tenacity.retry_if_exception_type(httpx.TransportError),
            reraise=True,
        )
        try:
            content, content_type = repeat(self._follow, attachment.url)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise RemoteError(
                f"A file of {self._service.host} could not be fetched ({type(error).__name__}).",
                hint="Nothing is lost: run again later.",
            ) from error
        kind = content_type or attachment.content_type or _guess(attachment.name)
        name = file_name(safe_name(attachment.name), "", kind)
        return File(name, kind, content.size, content.sha256, self._spool.path(content.sha256))

    def release(self, file: File) -> None:
        """Let a fetched file go from the disk."""
        self._spool.release(file.sha256)

    def close(self) -> None:
        """Close the connections, and leave nothing on the disk."""
        self._http.close()
        self._spool.close()

    def _follow(self, url: str) -> tuple[Incoming, str]:
        target = self._parse(url)
        for _ in range(_REDIRECTS):
            with self._http.stream(**self._request(target)) as response:  # type: ignore[arg-type]
                if not response.has_redirect_location:
                    return self._read(response)
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
        if target.scheme != "https" and not (target.scheme == "http" and is_loopback(target.host)):
            raise self._refusal("file_refused", "its address is not https")
        return target

    def _request(self, target: httpx.URL) -> dict[str, object]:
        """Return a request to the checked address that still asks for, and verifies, the host name."""
        port = target.port or (443 if target.scheme == "https" else 80)
        address = self._checked_address(target.host, port)
        return {
            "method": "GET",
            "url": target.copy_with(host=address, fragment=None),
            "headers": {"Host": target.netloc.decode("ascii"), "Accept-Encoding": ENCODINGS},
            "extensions": {"sni_hostname": target.host},
        }

    def _checked_address(self, host: str, port: int) -> str:
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError("the name of the host is not known") from error
        if not addresses or not all(self._allowed(address) for address in addresses):
            raise self._refusal("file_refused", "its host is not a public one")
        return addresses[0]

    def _allowed(self, address: str) -> bool:
        parsed = _unwrapped(ip_address(address.partition("%")[0]))
        if parsed.is_loopback:
            return self._service.on_loopback
        return parsed.is_global and not parsed.is_multicast

    def _read(self, response: httpx.Response) -> tuple[Incoming, str]:
        status = response.status_code
        if response.is_server_error or status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}:
            raise httpx.ReadError(f"the host of the file answered {status}")
        if status != HTTPStatus.OK:
            raise self._refusal("file_gone", f"its host answered {status}", status)
        deadline = self._clock.now() + _PATIENCE * self._service.timeout
        with self._spool.receive() as content:
            for chunk in unpacked(response):
                if self._clock.now() > deadline:
                    raise httpx.ReadTimeout("the file never ends")
                if content.size + len(chunk) > self._limit:
                    raise self._refusal("file_too_big", f"it is larger than {self._limit} bytes")
                content.write(chunk)
        return content, response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def _refusal(self, code: str, why: str, status: int = 0) -> Rejected:
        return Rejected(f"A file of {self._service.host} is not fetched: {why}.", status=status, code=code)


def safe_name(name: str) -> str:
    """Return a file name without directories, control characters or excess length; never empty."""
    base = _UNSAFE.sub("", re.split(r"[/\\]", name)[-1]).strip(" .")
    path = PurePosixPath(base or "file")
    suffix = path.suffix[:20]
    return path.name.removesuffix(suffix)[: _LONGEST_NAME - len(suffix)] + suffix


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _guess(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
