"""Drawing on a terminal: tables, and lines that are folded and may have a style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table as Drawn
from rich.text import Text

from connector.cli.output.wrapping import wrapped

if TYPE_CHECKING:
    from connector.cli.output.render import Table


class Terminal:
    """The terminal that a person looks at."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)

    @property
    def width(self) -> int:
        """Return how many columns it has."""
        return self._console.width

    def print_line(self, text: str, style: str, styled: int) -> None:
        """Print a line in as many as are needed; so much of its beginning has the style."""
        for part in wrapped(text, self.width):
            shown = Text(part)
            shown.stylize(style, 0, styled)
            self._console.print(shown, soft_wrap=True)
            styled = 0

    def print_table(self, table: Table) -> None:
        """Draw a table."""
        made = Drawn(
            title=table.title, title_justify="left", header_style="bold", pad_edge=False, box=box.SIMPLE_HEAD
        )
        for column, width in zip(table.columns, table.longest_words(), strict=True):
            made.add_column(column, overflow="fold", min_width=width)
        for row in table.rows:
            made.add_row(*("\n".join(lines) for lines in row))
        self._console.print(made)
