"""What a piece of markup says, once it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.html.inline_images import Image
    from mappings.languages import Told


@dataclass(frozen=True, slots=True)
class Reading:
    """What markup says: text, images, whether it had a layout that text cannot show, and what is left out.

    ``told`` is the text in every language: what has no words of its own is called by ours.
    """

    told: Told
    images: tuple[Image, ...] = ()
    layout: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the text, with our own words in English."""
        return self.told.text
