"""Who stole a state file or a backup, without the key: what they look for is not there, or tells nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from connector.config.key import read_key
from mappings.keyed import keyed, keyed_hash
from mappings.text import comparison_text, text_hash
from tests.faults.lab import IC, NORA, Crash, D
from tests.keys import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.lab import Lab

CODE = "code 482913"
CUSTOMER, ADDRESS, PHONE = "Eva Lindqvist-Canary", "eva@canary.example", "+4930123456"
SAID = [CODE, "your PIN is 7731", "internal: angry customer", "the answer is 4242"]
KEPT_APART = {"connector.key", "connector.toml"}


def spelled(*words: str) -> Iterator[tuple[str, bytes]]:
    """Yield every form in which a program may have kept a text so that it can be found without a secret."""
    for word in words:
        forms = {word, word.casefold(), comparison_text(word)}
        for form in sorted(forms):
            for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
                yield word, form.encode(encoding)
            yield word, base64.b64encode(form.encode()).rstrip(b"=")[:-1]
            for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s"):
                digest = hashlib.new(algorithm, form.encode()).digest()
                yield word, digest[:16]
                yield word, digest.hex()[:32].encode()
                yield word, base64.b64encode(digest)[:20]
        yield word, text_hash(word).encode()


def found(folder: Path, *words: str) -> list[tuple[str, str]]:
    """Return in which file a thief finds which word, in whatever form; the key and the settings they lack."""
    files = [one for one in folder.rglob("*") if one.is_file() and one.name not in KEPT_APART]
    assert files
    contents = {file.name: file.read_bytes() for file in files}
    return sorted(
        {(name, word) for name, held in contents.items() for word, form in spelled(*words) if form in held}
    )


@pytest.mark.parametrize(
    "kept",
    [
        b"row: <p>code 482913</p>",
        hashlib.sha1(b"code 482913").digest(),  # noqa: S324 - what a thief may look for
        text_hash(CODE).encode(),
        base64.b64encode(b"code 482913"),
    ],
)
def test_the_search_finds_what_is_there(tmp_path: Path, kept: bytes) -> None:
    """A text in another spelling, a hash without a key, a plain encoding."""
    (tmp_path / "connector.db").write_bytes(b"x" * 50 + kept + b"y" * 50)

    assert found(tmp_path, CODE) == [("connector.db", CODE)]


def converse(world: Any) -> None:
    """Let a customer and agents say, on both sides, what a thief would like to read."""
    dashly, intercom = world.dashly, world.intercom
    customer = dashly.customer(CUSTOMER, email=ADDRESS, phone=PHONE, user_id="acct-1")
    talk = dashly.customer_starts(customer, SAID[0])
    dashly.agent_writes(talk, SAID[1], agent=NORA)
    dashly.agent_notes(talk, SAID[2], agent=NORA)
    other = intercom.customer_starts(intercom.customer(CUSTOMER, email=ADDRESS), SAID[3])
    intercom.agent_notes(other, SAID[2])


def test_no_file_holds_what_was_said_or_who_said_it(bound: Any) -> None:
    """State file, its log, daily backup, a backup by hand, decisions: no text, name, address, plain hash."""
    converse(bound.world)
    for _ in range(3):
        bound.run("sync")
        bound.wait(300)
    bound.run("quarantine", "list")
    assert bound.run("state", "backup", str(bound.folder / "by-hand.db")).code == 0

    assert found(bound.folder, *SAID, CUSTOMER, ADDRESS, PHONE) == []
    assert len(list(bound.folder.rglob("*.db"))) >= 3


@pytest.mark.long
def test_no_file_but_its_own_holds_the_key(bound: Any) -> None:
    """Nor any token: who has a backup can neither compare hashes nor speak to a helpdesk."""
    converse(bound.world)
    bound.run("sync")
    key = read_key(bound.config)
    assert key is not None

    secrets = [key, key.hex().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key).rstrip(b"=")]
    secrets += [token.encode() for token in bound.environment.values()]
    for file in bound.folder.rglob("*"):
        held = file.read_bytes() if file.is_file() and file.name != "connector.key" else b""
        assert [secret for secret in secrets if secret in held] == [], file.name


def test_six_digits_are_not_guessed_by_trying_them_all(theatre: Any) -> None:
    """Whatever the file holds is tried as the key: no guess of the whole text fits any hash in it."""
    lab = theatre.bound()
    converse(lab.world)
    lab.until_clean(lab.sync)

    held = sorted(values(lab))
    hashes = {value for value in held if len(value) == 16}
    assert bytes.fromhex(keyed_hash(KEY, CODE)) in hashes

    plain = text_hash(CODE)
    guesses = [bytes.fromhex(keyed(candidate, plain)) for candidate in held]
    guesses += [hmac.digest(candidate, CODE.encode(), "sha256")[:16] for candidate in held]
    assert hashes.isdisjoint(guesses)


def values(lab: Lab) -> set[bytes]:
    """Return every value of every row, and each as bytes where it is hexadecimal."""
    with closing(sqlite3.connect(lab.path)) as file:
        names = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = [row for name in names for row in file.execute(f'SELECT * FROM "{name}"')]  # noqa: S608 - from the file itself
    held = {value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row}
    return held | {bytes.fromhex(value.decode()) for value in held if is_hex(value)}


def is_hex(value: bytes) -> bool:
    """Tell whether a value reads as hexadecimal bytes."""
    return len(value) >= 32 and len(value) % 2 == 0 and not value.strip(b"0123456789abcdef")


@pytest.mark.long
@pytest.mark.parametrize("side", [D, IC])
def test_a_run_that_died_left_no_words_either(theatre: Any, side: Any) -> None:
    """At any of its requests: what was about to be sent is recorded without what it says."""
    for number in range(1, 200):
        lab = theatre.bound()
        talk = lab.world.desk(side.value)
        talk.customer_starts(talk.customer(CUSTOMER, email=ADDRESS), CODE)
        if not died(lab, number):
            return
        assert found(lab.folder, CODE, CUSTOMER, ADDRESS) == [], number
    raise AssertionError("the run never came to its end")


def died(lab: Lab, number: int) -> bool:
    """Tell whether the next run dies at a point; the state file stays as it was then."""
    lab.points = 0
    lab.die = lambda point, _what, when: point == number and when == "before"
    try:
        lab.sync()
    except Crash:
        return True
    return False


def test_a_refused_message_leaves_its_reason_and_no_words(theatre: Any) -> None:
    """The quarantine says why in our own words."""
    lab = theatre.bound()
    talk = lab.world.dashly.customer_starts(lab.world.dashly.customer(CUSTOMER, email=ADDRESS), SAID[0])
    lab.until_clean(lab.sync)
    lab.world.fault("status", side="intercom", method="POST", path="/reply", status=400)
    lab.world.dashly.agent_writes(talk, SAID[1], agent=NORA)
    lab.sync()

    with lab.memory() as store:
        assert store.quarantine.items() != []
    assert found(lab.folder, *SAID, CUSTOMER, ADDRESS) == []
