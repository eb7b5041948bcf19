"""What is installed beside the program: man pages, and completion for bash, zsh and fish.

``python -m connector.cli.manual.share share`` writes the folder that the wheel brings along.
"""

from __future__ import annotations

import sys
from pathlib import Path

from click.shell_completion import get_completion_class

from connector.cli import connector
from connector.cli.manual.man_pages import man_pages

_COMPLETIONS = {
    "bash": "bash-completion/completions/connector",
    "zsh": "zsh/site-functions/_connector",
    "fish": "fish/vendor_completions.d/connector.fish",
}
"""Where each shell looks below `share`."""


def shared() -> dict[str, str]:
    """Return the text of each file by its path below `share`."""
    return {f"man/man1/{name}": page for name, page in man_pages().items()} | {
        place: _completion(shell) for shell, place in _COMPLETIONS.items()
    }


def _completion(shell: str) -> str:
    kind = get_completion_class(shell)
    if kind is None:
        raise LookupError(shell)
    made = kind(connector, {}, "connector", "_CONNECTOR_COMPLETE")
    # Not by its source(): that of bash asks the bash of this machine for its version.
    return (made.source_template % made.source_vars()).lstrip()


def write(folder: Path) -> None:
    """Write every file; what is there and is none of them any more is removed."""
    wanted = {folder / name: text for name, text in shared().items()}
    for path in [found for found in folder.rglob("*") if found.is_file() and found not in wanted]:
        path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
