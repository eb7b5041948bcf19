"""What the connector can do with each version."""

from __future__ import annotations

import pytest

from connector.intercom.versions import Version, capabilities

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("version", "able"),
    [
        ("1.4", set()),
        ("2.0", {"tags", "files", "searched"}),
        ("2.3", {"tags", "files", "searched", "redaction"}),
        ("2.11", {"tags", "files", "searched", "redaction", "back_dating"}),
        ("2.13", {"tags", "files", "searched", "redaction", "back_dating", "deletion"}),
        ("2.15", {"tags", "files", "searched", "redaction", "back_dating", "deletion", "silent_messages"}),
    ],
)
def test_each_version_adds_what_it_came_with(version: str, able: set[str]) -> None:
    """As the vendor's changes say, and nothing before that."""
    found = capabilities(Version.parse(version))

    names = ("tags", "searched", "redaction", "back_dating", "deletion", "silent_messages")
    assert {name for name in names if getattr(found, name)} == able - {"files"}
    assert found.files_per_message == (10 if "files" in able else 0)


def test_limits_are_those_of_a_mail_and_of_the_longest_text() -> None:
    """Twenty megabytes a file, and more letters than any message of Dashly has."""
    found = capabilities(Version(2, 16))

    assert (found.max_file_bytes, found.max_text) == (20 * MEGABYTE, 20_000)
    assert found.teams


def test_tags_of_another_version_are_tags_as_well() -> None:
    """1.x has none, unless their call goes to 2.x."""
    assert capabilities(Version(1, 4), tag_version=Version(2, 3)).tags


def test_versions_are_compared_as_numbers() -> None:
    """Older than the tenth is the ninth; the first generation is told apart."""
    assert Version.parse("2.9") < Version.parse("2.10")
    assert str(Version.parse("2.10")) == "2.10"
    assert [Version.parse(one).legacy for one in ("1.4", "2.0")] == [True, False]


def test_a_user_reads_only_what_the_version_lacks() -> None:
    """What a setting makes up for is left out."""
    assert Version(2, 16).shortcomings() == ()
    assert len(Version(2, 15).shortcomings()) == 1
    assert [len(Version(2, 14).shortcomings(loud_mirror=loud)) for loud in (False, True)] == [2, 1]
    tags = [Version(1, 4).shortcomings(tags_elsewhere=elsewhere) for elsewhere in (False, True)]
    assert len(tags[0]) - len(tags[1]) == 1
