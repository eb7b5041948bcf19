"""A text in every language of ours: the words of others are the same in all, our own sentences are not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Language(StrEnum):
    """The language of the sentences that the connector writes into conversations."""

    ENGLISH = "en"
    RUSSIAN = "ru"


@dataclass(frozen=True, slots=True)
class Told:
    """A text in every language, in their order, or one form where it is the same in all."""

    forms: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return the form of which hashes are made, whatever language is chosen: the English one."""
        return self.forms[0]

    @property
    def translated(self) -> tuple[str, ...]:
        """Return the other forms."""
        return self.forms[1:]

    def __bool__(self) -> bool:
        return any(self.forms)


def told(text: str) -> Told:
    """Return a text that is the same in all languages."""
    return Told((text,))


def form(forms: tuple[str, ...], language: Language) -> str:
    """Return the form of a text in a language."""
    return forms[0] if len(forms) == 1 else forms[_PLACES[language]]


def joined(separator: str, pieces: Iterable[Told]) -> Told:
    """Return pieces joined in every language."""
    kept = tuple(pieces)
    if all(len(piece.forms) == 1 for piece in kept):
        return told(separator.join(piece.text for piece in kept))
    return Told(tuple(separator.join(form(piece.forms, one) for piece in kept) for one in Language))


@dataclass(frozen=True, slots=True)
class Worded:
    """A text; ``translated`` has it in the other languages, where sentences of ours are in it.

    What is compared and hashed is the English text, so that choosing another language changes nothing.
    """

    text: str
    translated: tuple[str, ...] = field(default=(), compare=False, kw_only=True)

    @property
    def forms(self) -> tuple[str, ...]:
        """Return every form in which the text may have been written."""
        return (self.text, *self.translated)

    def in_language(self, language: Language) -> str:
        """Return the text in a language."""
        return form(self.forms, language)


_PLACES = {language: place for place, language in enumerate(Language)}
