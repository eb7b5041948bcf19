import gzip
import hashlib
from pathlib import Path

import httpx
import pytest

from connector.errors import NeverSent, Rejected, RemoteError
from connector.host.spool import Spool, content
from connector.http.files import file_type
from connector.http.files.download import Downloader, safe_name
from connector.http.files.hosts import FileHosts
from connector.http.service import Service
from mappings.model import Attachment
from tests.clock import VirtualClock

PUBLIC = "93.184.215.14"


class Fetch:
    """Downloads from a handler, with a chosen address behind every name, and tells what was asked."""

    def __init__(self, clock: VirtualClock, folder: Path) -> None:
        self._clock = clock
        self.folder = folder
        self.learnt: set[str] = set()
        self.sent: list[httpx.Request] = []

    def __call__(
        self, url, handler=None, *, address=PUBLIC, base_url="https://api.intercom.io", limit=100, **known
    ):
        """Fetch a file."""
        sent: list[httpx.Request] = []

        def serve(request: httpx.Request) -> httpx.Response:
            sent.append(request)
            return handler(request) if handler else httpx.Response(200, content=b"data")

        self.sent = sent
        downloader = Downloader(
            Service(base_url=base_url, section="intercom", token_place="INTERCOM_TOKEN"),
            clock=self._clock,
            transport=httpx.MockTransport(serve),
            hosts=FileHosts(
                ["allowed.example"],
                self.learnt,
                resolver=lambda _host, _port: [address] if isinstance(address, str) else address,
            ),
            limit=limit,
            spool=Spool(self.folder),
        )
        return downloader.fetch(Attachment(known.pop("name", "a.png"), url, **known))


@pytest.fixture
def fetch(clock, tmp_path):
    """Return a function that downloads a file."""
    return Fetch(clock, tmp_path / "flight")


def test_a_file_is_fetched_without_a_token(fetch):
    """The bytes, the type of the answer and the name come back; no credentials go out."""
    file = fetch(
        "https://files.example/a?sig=1",
        lambda _: httpx.Response(200, content=b"png", headers={"Content-Type": "image/png; x=y"}),
    )

    assert (file.name, file.content_type, content(file.path)) == ("a.png", "image/png", b"png")
    assert (file.size, file.path) == (3, fetch.folder / hashlib.sha256(b"png").hexdigest())
    assert "Authorization" not in fetch.sent[0].headers


def test_the_checked_address_is_the_one_that_is_called(fetch):
    """The connection goes to the checked address, and the host name is still asked for and verified."""
    fetch("https://files.example/a?sig=1")

    request = fetch.sent[0]
    assert str(request.url) == f"https://{PUBLIC}/a?sig=1"
    assert request.headers["Host"] == "files.example"
    assert request.extensions["sni_hostname"] == "files.example"


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a",
        "ftp://files.example/a",
        "file:///etc/passwd",
        "https://user:pass@files.example/a",
        "https:///a",
        "not an address",
        "",
    ],
)
def test_other_addresses_than_https_are_refused(fetch, url):
    """Only https to a host, and no credentials inside."""
    with pytest.raises(Rejected, match="not fetched"):
        fetch(url)
    assert fetch.sent == []


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "127.0.0.1",
        "0.0.0.0",  # noqa: S104 - refused
        "100.64.0.1",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        [PUBLIC, "10.0.0.1"],
        [],
    ],
)
def test_private_addresses_are_refused(fetch, address):
    """A name that leads inside is refused before anything is sent."""
    with pytest.raises(Rejected, match="not a public one"):
        fetch("https://files.example/a", address=address)
    assert fetch.sent == []


def test_the_sandbox_may_serve_files_from_loopback(fetch):
    """Plain http on loopback is fine when the remote itself is there, and only then."""
    url = "http://127.0.0.1:8080/a"

    file = fetch(url, address="127.0.0.1", base_url="http://127.0.0.1:9000")
    assert content(file.path) == b"data"
    with pytest.raises(Rejected):
        fetch(url, address="127.0.0.1")


def test_redirects_stay_on_the_host(fetch):
    """Within the host redirects are followed; to another host never."""

    def within(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/a":
            return httpx.Response(302, headers={"Location": "/b"})
        return httpx.Response(200, content=b"b")

    assert content(fetch("https://files.example/a", within).path) == b"b"
    for location in ("https://evil.example/", "http://files.example/", "//evil.example/x", "/a"):
        with pytest.raises(Rejected):
            fetch(
                "https://files.example/a",
                lambda _, to=location: httpx.Response(302, headers={"Location": to}),
            )


def test_size_is_capped_by_word_and_by_deed(fetch):
    """A file that says that it is too big is not fetched; one that is, is cut off."""
    with pytest.raises(Rejected, match="more than 100") as caught:
        fetch("https://files.example/a", size=101)
    assert (fetch.sent, caught.value.code) == ([], "file_too_big")

    with pytest.raises(Rejected, match="more than 100"):
        fetch("https://files.example/a", lambda _: httpx.Response(200, content=b"x" * 101))
    assert list(fetch.folder.iterdir()) == []


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_file_that_is_gone_is_rejected_for_good(fetch, status):
    """A definite no is final."""
    with pytest.raises(Rejected) as caught:
        fetch("https://files.example/a", lambda _: httpx.Response(status))

    assert (caught.value.code, caught.value.status) == ("file_gone", status)


def test_a_passing_failure_is_tried_again_and_is_not_final(fetch):
    """A host that fails is asked three times; then the run may come back later."""
    with pytest.raises(RemoteError) as caught:
        fetch("https://files.example/a", lambda _: httpx.Response(503))

    assert len(fetch.sent) == 3
    assert not fetch.folder.exists()
    assert not isinstance(caught.value, Rejected | NeverSent)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.png", "a.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\x.txt", "x.txt"),
        ("a\x00b\n.txt", "ab.txt"),
        ("", "file"),
        ("..", "file"),
        ("  .hidden ", "hidden"),
        ("отчёт.pdf", "отчёт.pdf"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2028b\xad\u061c\ufeff.txt", "ab.txt"),
        ("x" * 400 + ".docx", "x" * 145 + ".docx"),
    ],
)
def test_names_are_made_safe(name, safe):
    """No directories, no control characters, no endless names."""
    assert safe_name(name) == safe


@pytest.mark.parametrize("piece", [b"<!---->", b" ", b"<!--", b"-->", b"<!----> "])
def test_no_first_bytes_keep_the_search_busy(piece):
    """Eight kilobytes of comments were looked through in more ways than there are atoms."""
    head = piece * (file_type.LOOKED_AT // len(piece))

    assert file_type.fault(file_type.Received(len(head), "", head), Attachment("a", "")) is None


def test_the_type_falls_back_to_what_the_side_said_and_then_to_the_name(fetch):
    """An answer without a type is not an obstacle."""
    bare = lambda _: httpx.Response(200, content=b"x")  # noqa: E731 - short

    assert fetch("https://files.example/a", bare, content_type="image/webp").content_type == "image/webp"
    assert fetch("https://files.example/a", bare, name="b.pdf").content_type == "application/pdf"
    assert fetch("https://files.example/a", bare, name="b").content_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("body", "said", "known", "why"),
    [
        (b"<!DOCTYPE html><html>log in", "image/png", {}, "a page came"),
        (b"  <HTML><body>log in", "", {}, "a page came"),
        (b"<!-- x --><html>", "application/pdf", {"name": "a.pdf"}, "a page came"),
        (b"log in", "text/html; charset=utf-8", {}, "a page came"),
        (b"log in", "text/html", {"name": "a.txt", "content_type": "text/plain"}, "a page came"),
        (b"log in", "text/html", {"name": "image"}, "a page came"),
        (b"\xef\xbb\xbf<!DOCTYPE html>log in", "", {}, "a page came"),
        (b'{"error":"expired"}', "application/json", {}, "a text came"),
        (b"expired", "text/plain", {}, "a text came"),
        (b"<?xml version='1.0'?><Error/>", "", {}, "a text came"),
        (b"<script>alert()</script>", "image/png", {}, "a text came"),
        (b"half", "image/png", {"size": 8}, "4 bytes came instead of 8"),
        (b"", "image/png", {}, "nothing came"),
    ],
)
def test_what_is_not_the_file_is_refused(fetch, body, said, known, why):
    """A login page, a part of the file or nothing is not sent on as the file."""
    with pytest.raises(Rejected, match=why) as caught:
        fetch(
            "https://files.example/a",
            lambda _: httpx.Response(200, content=body, headers={"Content-Type": said}),
            **known,
        )

    assert caught.value.code == "not_the_file"
    assert list(fetch.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "known"),
    [
        (b"<html>", {"name": "a.html"}),
        (b"<html>", {"name": "a", "content_type": "text/html"}),
        (b"", {"name": "empty.txt", "size": 0}),
        (b"<html> is how a page begins", {"name": "notes.txt"}),
        (b"more than it said", {"size": 4}),
        (b"<?xml version='1.0'?><svg/>", {"name": "a.svg"}),
    ],
)
def test_what_may_be_the_file_is_taken(fetch, body, known):
    """Markup that was announced, an empty file that is said to be empty, more than was said."""
    file = fetch("https://files.example/a", lambda _: httpx.Response(200, content=body), **known)

    assert content(file.path) == body


PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 17
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40


@pytest.mark.parametrize(
    ("body", "said", "name", "kind"),
    [
        (JPEG, "image/png", "a.png", "image/jpeg"),
        (PNG, "application/octet-stream", "a", "image/png"),
        (b"%PDF-1.7\n", "image/png", "a.png", "application/pdf"),
        (b"a,b", "text/csv", "a.csv", "text/csv"),
        (b"\x00\x01", "application/octet-stream", "a.pdf", "application/pdf"),
    ],
)
def test_the_first_bytes_say_what_an_image_or_a_document_is(fetch, body, said, name, kind):
    """Whatever was announced: the file is sent as what it is."""
    answer = httpx.Response(200, content=body, headers={"Content-Type": said})

    assert fetch("https://files.example/a", lambda _: answer, name=name).content_type == kind


def test_a_packed_file_may_not_grow_without_bound(fetch):
    """A small answer that unpacks to far more than was sent is cut off."""
    bomb = gzip.compress(b"x" * 5_000_000)

    def packed(_request: httpx.Request) -> httpx.Response:
        stream = httpx.ByteStream(bomb)
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream)

    with pytest.raises(Rejected, match="more than 100 times") as caught:
        fetch("https://files.example/a", packed, limit=10_000_000)
    assert caught.value.code == "file_too_big"


def test_an_image_of_a_body_is_fetched_from_known_hosts_only(fetch):
    """A stranger's host would learn that the message was read; the vendors' and configured ones are known."""
    for url in ("https://stranger.example/a.png", "https://stranger.example./a.png"):
        with pytest.raises(Rejected, match="not among \\[files\\] hosts") as caught:
            fetch(url, inline=True)
        assert (caught.value.code, fetch.sent) == ("host_not_allowed", [])

    for url in ("https://files.dashly.app/a.png", "https://Allowed.example/a.png"):
        assert fetch(url, inline=True).size == 4


def test_a_host_in_another_script_is_told_as_it_is_asked(fetch):
    """No letter that only looks like another one is in a sentence."""
    with pytest.raises(Rejected, match="xn--80ak6aa92e"):
        fetch("https://\u0430\u0440\u0440\u04cf\u0435.com/a.png", inline=True)


def test_the_host_of_a_listed_file_is_learnt(fetch):
    """Where the API itself keeps files, images of bodies may lie too."""
    fetch("https://files.example/a")

    assert fetch("https://files.example/b.png", inline=True).size == 4
    assert fetch.learnt == {"files.example"}


@pytest.mark.parametrize("url", ["https://files.example:8443/a", "https://files.example:22/a"])
def test_only_the_port_of_https_is_asked(fetch, url):
    """An address with another port is an attempt to reach something else."""
    with pytest.raises(Rejected, match="names a port"):
        fetch(url)
    assert fetch("https://files.example:443/a").size == 4


def test_a_cut_off_file_is_no_file(fetch):
    """What came of an answer that breaks off is not kept, and the whole file is asked for again."""

    class Cut(httpx.SyncByteStream):
        def __iter__(self):
            yield b"half"
            raise httpx.ReadError("cut")

    answers = [httpx.Response(200, stream=Cut()), httpx.Response(200, content=b"whole")]

    file = fetch("https://files.example/a", lambda _: answers.pop(0))

    assert content(file.path) == b"whole"
    assert list(fetch.folder.iterdir()) == [file.path]


@pytest.mark.parametrize("name", ["../../../etc/passwd", "/etc/passwd", "a" * 64, "incoming-x", "..", ""])
def test_no_name_reaches_the_disk(fetch, name):
    """Whatever a side calls a file, on disk it is called by its hash."""
    file = fetch("https://files.example/a", name=name)

    assert [path.name for path in fetch.folder.iterdir()] == [hashlib.sha256(b"data").hexdigest()]
    assert file.path.parent == fetch.folder
