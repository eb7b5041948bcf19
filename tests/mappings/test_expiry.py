"""What expires in a text counts for nothing when texts are compared."""

from hashlib import sha256

import pytest

from mappings.expiry import without_expiring
from mappings.model import Attachment, Message
from mappings.text import comparison_text, text_hash, words_hash

INTERCOM = "https://downloads.intercomcdn.com/i/o/1/2/plan.pdf"
DASHLY = "https://files.dashly.app/attachments/48213/5f0c/screen.png"


@pytest.mark.parametrize(
    "link",
    [
        INTERCOM,
        DASHLY,
        "https://downloads.eu.intercomcdn.com/a",
        "https://acme.intercom-attachments-7.com/a",
        "HTTPS://FILES.CARROTQUEST.IO/a",
    ],
)
def test_a_new_signature_is_the_same_text(link: str) -> None:
    """The vendors' links to files differ in their query only."""
    one, other = (f"See the plan ({link}?expires={at}&signature={at}f), please." for at in (1, 2))
    assert text_hash(one) == text_hash(other) == text_hash(f"See the plan ({link}), please.")


@pytest.mark.parametrize("ends", ["~1", "|a", "**", "^-"])
def test_what_a_signature_ends_with_expires_too(ends: str) -> None:
    """Characters that no address ends with belong to it as well, and the words behind them do not."""
    assert without_expiring(f"see {INTERCOM}?signature=ab{ends} now") == f"see {INTERCOM} now"


@pytest.mark.parametrize(
    "other",
    [
        INTERCOM.replace("plan", "bill"),
        INTERCOM.replace("/1/2/", "/1/3/"),
        INTERCOM.replace("downloads", "uploads"),
        "https://intercomcdn.com.evil.example/i/o/1/2/plan.pdf",
    ],
)
def test_another_place_is_another_text(other: str) -> None:
    """A change of host or path is an edit."""
    assert text_hash(f"a {INTERCOM}?expires=1") != text_hash(f"a {other}?expires=1")


@pytest.mark.parametrize(
    "host",
    [
        "https://x.example/a",
        "https://notintercomcdn.com/a",
        "https://intercom-attachments-7.com.evil.example/a",
        "http://[::1",
        "https://files.dashly.app.evil.example/",
    ],
)
def test_queries_of_other_hosts_count(host: str) -> None:
    """Elsewhere the query says what is meant."""
    assert text_hash(f"{host}?page=1") != text_hash(f"{host}?page=2")


def test_links_to_the_files_of_a_message_may_expire() -> None:
    """What a side lists as a file of the message is compared by its path on any host."""
    one, other = (
        Message(
            f"see https://cdn.example/a.pdf?t={at} and https://cdn.example/b?t=1",
            (Attachment("a.pdf", f"https://cdn.example/a.pdf?t={at}"),),
        )
        for at in (1, 2)
    )
    assert words_hash(one) == words_hash(other)
    assert words_hash(one) != text_hash(one.text)
    assert (
        without_expiring(one.text, ["https://cdn.example/a.pdf"])
        == "see https://cdn.example/a.pdf and https://cdn.example/b?t=1"
    )


@pytest.mark.parametrize("text", ["hello", "see https://x.example/a?b=1", "- a\n- b", f"the file {DASHLY}"])
def test_hashes_of_earlier_state_files_still_hold(text: str) -> None:
    """Where nothing expires, the hash is what it always was: of the words with single spaces between them."""
    words = " ".join(word for word in text.split() if word != "-")
    assert text_hash(text) == sha256(words.encode()).hexdigest()
    assert comparison_text(comparison_text(text)) == comparison_text(text)
