"""The table of our own sentences: complete in both languages, and known again in both."""

from __future__ import annotations

from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from mappings.files import is_named_in, not_copied, without_not_copied
from mappings.languages import Language, Told, form, joined, told
from mappings.model import Attachment, Author, AuthorKind, Event, Message
from mappings.names import label, shown_name
from mappings.reading.dashly_parts import read_part
from mappings.sentences import TABLE, Sentence, beginnings, load, placeholders, say, tell
from mappings.table import DEFAULT
from mappings.wording import PLAIN, Wording, in_utc

FILE = resources.files("mappings").joinpath("sentences.toml").read_text(encoding="utf-8")
RUSSIAN = Wording(Language.RUSSIAN, ZoneInfo("Europe/Moscow"))
AT = 1_772_001_122.0


def test_both_columns_are_complete() -> None:
    """Every sentence is there in every language, in other words, and with the same things left open."""
    for row in TABLE.values():
        assert all(row[language].strip() for language in Language)
        assert len(set(row.values())) == len(Language)
        assert len({frozenset(placeholders(text)) for text in row.values()}) == 1


def test_every_sentence_is_written_somewhere() -> None:
    """No row of the table is left over: each is named in the code or in the table of kinds."""
    told_of = {row.say for rows in DEFAULT.rows.values() for row in rows.values()}
    told_of |= {row.bare for rows in DEFAULT.rows.values() for row in rows.values()}
    code = "".join(
        path.read_text(encoding="utf-8")
        for root in ("mappings", "connector")
        for path in sorted(resources.files(root).rglob("*.py"))  # type: ignore[attr-defined]
    )
    assert [one for one in Sentence if one not in told_of and f"Sentence.{one.name}" not in code] == []


@pytest.mark.parametrize(
    ("found", "replaced"),
    [
        ('ru = "Тема: {subject}"', ""),
        ('ru = "Тема: {subject}"', 'ru = ""'),
        ('ru = "Тема: {subject}"', 'ru = "Тема: {text}"'),
        ('ru = "Тема: {subject}"', 'ru = "Тема"'),
        ("[subject]", "[motto]"),
    ],
)
def test_a_table_with_a_hole_is_refused(found: str, replaced: str) -> None:
    """A missing or empty sentence, another placeholder and an unknown name are named."""
    assert found in FILE
    with pytest.raises(ValueError, match=r"subject|motto"):
        load(FILE.replace(found, replaced))


def test_words_of_others_stay_as_they_are() -> None:
    """Braces in a name or a text are not placeholders."""
    assert say(Sentence.SUBJECT, Language.RUSSIAN, subject="{time} {0} %s") == "Тема: {time} {0} %s"


def test_a_sentence_inside_another_is_translated_too() -> None:
    """Pieces that are the same in all languages stay one form."""
    none = tell(Sentence.NONE)
    line = tell(Sentence.CHANGED_TO, before=none, after="high")
    assert line == Told(("none to high", "нет → high"))
    assert joined(": ", (told("a"), line)).forms == ("a: none to high", "a: нет → high")
    assert joined(" ", (told("a"), told("b"))) == told("a b")
    assert form(("a",), Language.RUSSIAN) == "a"


def test_a_beginning_ends_at_what_is_not_given() -> None:
    """It is what a written sentence is known by."""
    assert beginnings(Sentence.WROTE, who="Nora") == ("Nora wrote to the customer:", "Nora пишет клиенту:")
    assert beginnings(Sentence.FILE) == ("[file: ", "[файл: ")


def test_times_name_their_zone() -> None:
    """UTC by its name, every other zone by its distance from UTC, so that no hour of a change is unclear."""
    assert (PLAIN.time(AT), PLAIN.minute(AT)) == ("2026-02-25 06:32:02 UTC", "2026-02-25 06:32 UTC")
    assert (RUSSIAN.time(AT), RUSSIAN.minute(AT)) == ("2026-02-25 09:32:02 +03:00", "2026-02-25 09:32 +03:00")
    berlin = Wording(zone=ZoneInfo("Europe/Berlin"))
    hours = [berlin.minute(1_792_886_400 + 1800 * half) for half in range(4)]
    assert len(set(hours)) == len(hours)
    assert RUSSIAN.time(1e20) == "время неизвестно"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Moscow", "America/St_Johns", "Pacific/Chatham"])
def test_times_are_the_same_in_every_zone_when_they_are_compared(zone: str) -> None:
    """Another `timezone` changes no time that is in a conversation."""
    there = Wording(zone=ZoneInfo(zone))
    for tell_time in ("time", "minute"):
        assert in_utc(f"a {getattr(there, tell_time)(AT)} b") == f"a {getattr(PLAIN, tell_time)(AT)} b"
    assert in_utc("9999-99-99 99:99 +99:99") == "9999-99-99 99:99 +99:99"
    assert in_utc("0001-01-01 00:00 +03:00") == "0001-01-01 00:00 +03:00"


@pytest.mark.parametrize("wording", [PLAIN, RUSSIAN])
def test_a_file_that_is_named_is_known_in_both_languages(wording: Wording) -> None:
    """Its line is told apart from the words above it, whichever language wrote it."""
    line = not_copied(Attachment("plan.png", "https://x/plan.png", size=5000), wording)
    assert is_named_in(f"look\n{line}", "plan.png")
    assert without_not_copied(f"look\n{line}") == "look"


def test_nobody_bears_a_role_of_either_language() -> None:
    """A name that claims one loses it, in any case."""
    for claimed in ("Иван (клиент)", "Иван (ОПЕРАТОР)", "Иван (customer)"):
        assert shown_name(claimed) == "Иван"
    author = Author(AuthorKind.CUSTOMER, "1", "Иван (оператор)")
    assert label(author, RUSSIAN) == "Иван (клиент)"
    assert label(Author(AuthorKind.AGENT), RUSSIAN, Sentence.AN_AGENT) == "Оператор"


def test_a_rating_is_told_in_both_languages() -> None:
    """The English form is what is compared and hashed; the other one is at hand."""
    vote = {"id": "1", "created": AT, "type": "vote", "meta_data": {"vote": 5}, "from": None, "body": ""}
    (event,) = read_part(vote).entries
    assert isinstance(event, Event)
    assert event == Event("Rating: 5")
    assert event.in_language(Language.RUSSIAN) == "Оценка: 5"
    assert Message("a").in_language(Language.RUSSIAN) == "a"
