"""Hashes and ids that only the holder of the key can make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.keyed import (
    HASH_BYTES,
    ID_PREFIX,
    is_keyed_id,
    key_mark,
    keyed,
    keyed_hash,
    keyed_id,
    looks_keyed,
)
from mappings.persons import FOR_CONNECTOR, FOR_CONTACT, FOR_PROBE, FOR_USER, is_own_id
from mappings.text import text_hash

KEY, OTHER = b"k" * 32, b"o" * 32
keys = st.binary(min_size=16, max_size=32)


def test_a_code_is_not_found_by_trying_all_texts() -> None:
    """Whoever has a hash but not the key learns nothing by hashing every six-digit code."""
    secret = keyed_hash(KEY, "code 482913")

    assert secret not in {text_hash(f"code {number}") for number in range(482_900, 482_920)}
    assert secret not in {keyed_hash(OTHER, f"code {number}") for number in range(482_900, 482_920)}
    assert secret == keyed_hash(KEY, "code  482913 ")


@given(keys, st.text(max_size=30))
def test_a_hash_of_before_becomes_a_keyed_one_without_the_text(key: bytes, text: str) -> None:
    """What an earlier file held is turned into what is kept now; doing it twice changes nothing."""
    found = keyed(key, text_hash(text))

    assert found == keyed_hash(key, text) == keyed(key, found)
    assert len(bytes.fromhex(found)) == HASH_BYTES


@given(keys, st.text(max_size=30), st.sampled_from(["contact", "user"]))
def test_an_id_of_ours_is_recognised_by_its_key_alone(key: bytes, original: str, kind: str) -> None:
    """Nobody needs to remember whom it stands for; another key or kind does not fit."""
    made = keyed_id(key, kind, original)

    assert made == keyed_id(key, kind, original)
    assert is_keyed_id(key, kind, made)
    assert not is_keyed_id(key + b"x", kind, made)
    assert not is_keyed_id(key, kind + "x", made)
    assert len(made) <= 32
    assert made == made.lower()
    assert all(character.isalnum() or character == "-" for character in made)


@given(st.text(max_size=40) | st.from_regex(rf"{ID_PREFIX}[a-z2-7]{{24}}", fullmatch=True))
def test_a_chosen_id_never_passes_for_ours(chosen: str) -> None:
    """A visitor can imitate the form, but not the check."""
    assert not is_keyed_id(KEY, "contact", chosen)
    assert looks_keyed(chosen) == (chosen.isascii() and chosen.startswith(ID_PREFIX) and len(chosen) == 29)


def test_one_changed_letter_is_noticed() -> None:
    """No part of an id of ours can be exchanged for another."""
    made = keyed_id(KEY, "user", "7")
    for at in range(len(ID_PREFIX), len(made)):
        forged = made[:at] + ("a" if made[at] != "a" else "b") + made[at + 1 :]
        assert not is_keyed_id(KEY, "user", forged)


def test_different_people_have_different_ids() -> None:
    """Neither ids nor kinds run into each other."""
    ids = {keyed_id(KEY, kind, str(number)) for kind in ("contact", "user") for number in range(2_000)}

    assert len(ids) == 4_000


def test_the_mark_of_a_key_tells_keys_apart() -> None:
    """It is the same each time and is no part of the key."""
    assert key_mark(KEY) == key_mark(KEY)
    assert key_mark(KEY) != key_mark(OTHER)
    assert KEY.hex()[:32] not in key_mark(KEY)


@pytest.mark.parametrize("own", ["acct-1", "7", "nora@example.org", "Юля Ким", "sync-me"])
def test_an_id_that_everybody_can_read_is_a_persons_own(own: str) -> None:
    """Sites number their users, or take an address or a name."""
    assert is_own_id(KEY, own)


@pytest.mark.parametrize(
    "unseen", ["", " 7", "7\t", "7\n", "\u200b7", "7\u2028", "7\xad", "\ufeff7", "7\U000e0031", "7\ufffd"]
)
def test_an_id_with_what_nobody_sees_is_nobodys_own(unseen: str) -> None:
    """A side that leaves it out would make two people one."""
    assert not is_own_id(KEY, unseen)


@pytest.mark.parametrize("kind", [FOR_CONTACT, FOR_USER, FOR_PROBE, FOR_CONNECTOR])
def test_an_id_of_ours_is_nobodys_own(kind: str) -> None:
    """Whatever it was made for; with another key it is an id like any."""
    assert not is_own_id(KEY, keyed_id(KEY, kind, "7"))
    assert is_own_id(b"x" * 32, keyed_id(KEY, kind, "7"))
