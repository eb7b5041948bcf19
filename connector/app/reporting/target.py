"""The file that a page is written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.errors import ConfigError, cannot_use
from connector.host.replace import replace_file

if TYPE_CHECKING:
    from pathlib import Path

_MODE = 0o600  # it names teammates and says where something is wrong


def refuse_target(target: Path) -> None:
    """Raise ConfigError for a place where no page can be written: before long work, not after it."""
    if target.is_dir():
        raise ConfigError(f"{target} is a folder.", hint=f"name a file, such as {target / 'report.html'}")
    if not target.parent.is_dir():
        hint = f"make the folder {target.parent}, or name another file"
        raise ConfigError(f"{target} cannot be written: its folder does not exist.", hint=hint)


def write_page(target: Path, page: str) -> int:
    """Replace a file with a page and return its size; ConfigError or DiskFailed when that is impossible."""
    refuse_target(target)
    content = page.encode(errors="replace")
    try:
        replace_file(target, content, mode=_MODE)
    except OSError as error:
        raise cannot_use(target, error, hint="name a file that this user may write") from error
    return len(content)
