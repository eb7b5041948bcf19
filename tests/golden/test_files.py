"""Files through the helpdesks: links that die, tricks in names, sizes and types, hosts that nobody named."""

from __future__ import annotations

import pytest

from connector.errors import Rejected
from connector.helpdesk.port import PostNote, StartConversation
from connector.host.spool import content
from connector.http.files.download import LARGEST_FILE, Downloader
from connector.http.service import Service
from connector.sandbox import World, start
from connector.sandbox.exchange import Upload
from mappings.model import Attachment, Customer, Side
from tests.clock import VirtualClock
from tests.golden.stage import Stage
from tests.kept import kept

D, IC = Side.DASHLY, Side.INTERCOM


@pytest.fixture
def served():
    """A served sandbox and a function that fetches an attachment of Intercom's."""
    world = World()
    with start(world=world) as sandbox:
        service = Service(sandbox.intercom.base_url, "intercom", "INTERCOM_TOKEN")
        downloader = Downloader(service, clock=VirtualClock())
        yield world, downloader.fetch
        downloader.close()


def shown(world, talk):
    """Return the first attachment as Intercom shows it now."""
    raw = world.intercom.truth()["conversations"]
    assert any(item["id"] == talk for item in raw)
    conversation = world.intercom.state.conversation(talk)
    stored = conversation.source.attachments[0]
    return Attachment(stored.name, world.intercom.state.files.url(stored), stored.content_type)


def test_a_dead_link_is_replaced_by_reading_again(served):
    """After half an hour a link is refused for good; the conversation read again gives one that works."""
    world, fetch = served
    customer = world.intercom.customer("Ines")
    talk = world.intercom.customer_starts(customer, "see", attachments=[Upload("a.png", b"png", "image/png")])
    early = shown(world, talk)
    world.advance(31 * 60)

    with pytest.raises(Rejected) as caught:
        fetch(early)

    assert caught.value.code == "file_gone"
    assert content(fetch(shown(world, talk)).path) == b"png"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Both helpdesks with their helpdesks."""
    stage = Stage(tmp_path_factory.mktemp("files"), "2.16", D)
    yield stage
    stage.close()


def note_with(stage, side, *files):
    """Write a note with files and return the names that are shown."""
    desk = stage.helpdesks[side]
    person = desk.create_customer(Customer("500", "sync-500", name="Dana"))
    talk = desk.send(StartConversation(person, "Hello")).conversation
    agent = {D: "151204", IC: "814860"}[side]
    desk.send(PostNote(talk, "files", agent, tuple(files), marker=f"m:{talk}"))
    part = [part for part in desk.conversation(talk).parts if part.words][-1]
    return [attachment.name for attachment in part.words.attachments]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    "name",
    [
        "receipt.pdf",
        "Rechnung Nr. 7 (Köln).pdf",
        "תשלום.pdf",
        "квитанция № 5.pdf",
        "a;b=c, d'e.pdf",
        "100%.pdf",
        "x" * 120 + ".pdf",
    ],
)
def test_a_name_arrives_as_it_was(stage, side, name):
    """Spaces, umlauts, other scripts and punctuation survive the way into either helpdesk."""
    assert note_with(stage, side, kept(name, "application/pdf", b"%PDF")) == [name]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.pdf",
        "C:\\Windows\\evil.pdf",
        'a"; filename="b.pdf',
        "a\r\nContent-Type: text/html\r\n\r\n.pdf",
        "invoice\u202efdp.exe",
        "\x00.pdf",
        ".",
        "",
        "/",
        "a" * 5_000 + ".pdf",
    ],
)
def test_tricks_in_names_do_nothing(stage, name):
    """Whatever a file is called, it is fetched under a name without path or controls, and can be sent."""
    for side in Side:
        file = stage.helpdesks[side].download(Attachment(name, "https://files.example/a", size=5))
        assert file.name
        assert not set(file.name) & set('/\\"\r\n\x00\u202e')
        assert len(file.name) <= 150
        assert note_with(stage, IC, file) == [file.name]
        if file.name.endswith(".pdf"):  # Dashly takes known types only
            assert note_with(stage, D, file) == [file.name]


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a",
        "ftp://files.example/a",
        "file:///etc/passwd",
        "data:text/plain,x",
        "https://user:secret@files.example/a",
        "//files.example/a",
        "/relative",
        "",
        "https://",
        "https://[::1",
        "javascript:alert(1)",
    ],
)
def test_other_addresses_are_refused_before_anything_is_sent(stage, url):
    """Only an https address of a host is fetched."""
    for side in Side:
        with pytest.raises(Rejected):
            stage.helpdesks[side].download(Attachment("a.pdf", url))


def test_too_big_by_word_is_not_even_asked_for(stage):
    """A file that is said to be larger than the cap is refused."""
    with pytest.raises(Rejected) as caught:
        stage.helpdesks[IC].download(Attachment("a.pdf", "https://files.example/a", size=LARGEST_FILE + 1))

    assert caught.value.code == "file_too_big"


def test_the_content_says_its_type(stage):
    """The type comes from the host's answer, whatever the name or the side claim."""
    file = stage.helpdesks[IC].download(Attachment("a.pdf", "https://files.example/a.heic", "text/html"))

    assert file.content_type == "image/heic"
