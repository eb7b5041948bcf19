"""Text written line by line: paragraphs, lists, quotes and table rows, the way people write a plain message.

A break is only written when more text follows it, so that text never starts or ends with one.
"""

from __future__ import annotations

from itertools import groupby

from mappings.characters import clean

_CELL_BORDER = " | "
_DEEPEST = 30
"""Lists and quotes in each other are indented so far: each line repeats all of it."""


def tidy(text: str) -> str:
    """Return the text with single blank lines at most and no space at the ends of lines."""
    lines = [line.replace("\xa0", " ").rstrip() for line in clean(text).expandtabs(4).split("\n")]
    paragraphs = ("\n".join(group) for written, group in groupby(lines, key=bool) if written)
    return "\n\n".join(paragraphs)


class Lines:
    """Takes pieces of text and the borders between them; lists, quotes and rows are stacks."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._line: list[str] = []
        self._breaks = 0
        self._indents: list[list[str]] = []
        self._counters: list[int | None] = []
        self._rows: list[bool] = []

    def text(self) -> str:
        """Return what was written."""
        self._end_line()
        return tidy("\n".join(self._done))

    def write(self, text: str) -> None:
        """Write a piece of one line; spaces at its start count only behind other words."""
        if self._breaks or not self._line or self._line[-1].endswith(" "):
            text = text.lstrip(" ")
        if not text:
            return
        if self._breaks:
            self._end_line()
        if not self._line:
            self._line.append(self._prefix())
        self._line.append(text)
        if self._rows:
            self._rows[-1] = True

    def border(self, wanted: int, *, loose: bool = False) -> None:
        """Begin a new line (1) or paragraph (2); inside lists and rows only a line, unless ``loose``."""
        if self._line and self._line[-1] != _CELL_BORDER:
            tight = (self._counters or self._rows) and not loose
            self._breaks = max(self._breaks, 1 if tight else wanted)

    def line_break(self) -> None:
        """Begin a new line; the second one in a row begins a paragraph."""
        self._breaks = 2 if self._breaks or not self._line else 1

    def open_list(self, first: int | None) -> None:
        """Begin a list: numbered from ``first`` on, or with bullets."""
        self._counters.append(first)

    def close_list(self) -> None:
        """End the innermost list."""
        self._counters.pop()

    def open_item(self) -> None:
        """Begin an item of the innermost list."""
        counter = self._counters[-1] if self._counters else None
        if counter is None:
            self._indents.append(["- ", "\xa0\xa0"])
            return
        self._counters[-1] = counter + 1
        bullet = f"{counter}. "
        self._indents.append([bullet, "\xa0" * len(bullet)])

    def open_quote(self) -> None:
        """Begin a quotation."""
        self._indents.append(["> ", "> "])

    def close_indent(self) -> None:
        """End the innermost item or quotation."""
        self._indents.pop()

    def open_row(self) -> None:
        """Begin a row of a table."""
        self._rows.append(False)

    def close_row(self) -> None:
        """End the innermost row."""
        self._rows.pop()

    def cell(self) -> None:
        """Begin a cell of the innermost row."""
        if self._rows and self._rows[-1] and self._line:
            self._breaks = 0
            self._line.append(_CELL_BORDER)

    def _end_line(self) -> None:
        if self._line:
            self._done.append("".join(self._line))
            if self._breaks > 1:
                self._done.append("")
        self._line = []
        self._breaks = 0

    def _prefix(self) -> str:
        shown = self._indents[:_DEEPEST]
        prefix = "".join(first for first, _ in shown)
        for indent in shown:
            indent[0] = indent[1]
        return prefix
