"""A file that is taken for an export: what it says is checked, and nothing in it leads elsewhere."""

from __future__ import annotations

import hashlib
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

import pytest

from connector.archive import reading
from connector.archive.helpdesk import ArchivedHelpdesk
from connector.archive.lines import WRITER
from connector.archive.reading import Archive
from connector.errors import ConfigError, Gone
from mappings.model import Attachment

if TYPE_CHECKING:
    from pathlib import Path

HEADER = {
    "format": 1,
    "side": "dashly",
    "account": "1",
    "made": "2026-01-01T00:00:00Z",
    "writer": WRITER,
}
HALF = "\ud800"


def written(folder: Path, *lines: dict[str, Any]) -> Path:
    """Return an export of these lines."""
    path = folder / "all.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in (HEADER, *lines)))
    return path


def end(number: int) -> dict[str, Any]:
    """Return the last line."""
    return {"end": True, "conversations": number, "unread": {}}


@pytest.mark.parametrize("counted", [0, 1, 3])
def test_an_end_that_counts_another_number_is_refused(tmp_path: Path, counted: int) -> None:
    """A line was lost, or added: what is missing would be missed for good."""
    path = written(tmp_path, {"conversation": {"id": "1"}}, {"conversation": {"id": "2"}}, end(counted))

    with pytest.raises(ConfigError, match=f"holds 2 conversations, but its end counts {counted}"):
        Archive(path)


def test_half_a_letter_in_an_id_stops_nothing(tmp_path: Path) -> None:
    """Of a conversation, a person, a file, or one that could not be read."""
    files = {f"https://f/{HALF}": {"sha256": "a"}}
    entry = {"conversation": {"id": f"1{HALF}"}, "people": [{"id": HALF}, {}], "files": files}
    path = written(tmp_path, entry, end(1) | {"unread": {HALF: HALF}})

    with closing(Archive(path)) as archive:
        (key,) = archive.ids()
        assert archive.find(key) is not None
        assert archive.find("2") is None
        assert archive.person("\ufffd") == {"id": HALF}


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is in memory."""
    monkeypatch.setattr(reading, "LONGEST_LINE", 1000)

    with pytest.raises(ConfigError, match="longer than any conversation"):
        Archive(written(tmp_path, {"conversation": {"id": "1", "x": "y" * 1000}}, end(1)))


class _Nowhere:
    """A side from which nothing can be fetched."""

    def download(self, attachment: Attachment) -> None:
        """Have no such file."""
        raise Gone(f"no {attachment.name}", status=404, code="gone")


def fetched(folder: Path, told: dict[str, Any], name: str = "a.txt") -> Any:
    """Return what is taken for a file that an export tells of; its folder is ``folder / "files"``."""
    entry = {"conversation": {"id": "1"}, "files": {"https://f/1": told}}
    with closing(Archive(written(folder, entry, end(1)))) as archive:
        side = ArchivedHelpdesk(cast("Any", _Nowhere()), archive, folder / "files")
        return side.download(Attachment(name, "https://f/1"))


def put(folder: Path, content: bytes) -> str:
    """Put a file under its hash into a folder and return the hash."""
    folder.mkdir(exist_ok=True)
    digest = hashlib.sha256(content).hexdigest()
    (folder / digest).write_bytes(content)
    return digest


def test_a_file_is_taken_from_its_folder_only(tmp_path: Path) -> None:
    """Neither a way out of it, nor a link in it, nor other bytes than were exported."""
    (tmp_path / "files").mkdir()
    secret = put(tmp_path, b"secret")
    (tmp_path / "files" / secret).symlink_to(tmp_path / secret)
    other = put(tmp_path / "files", b"mine")
    (tmp_path / "files" / other).write_bytes(b"changed")

    for told in (f"../{secret}", str(tmp_path / secret), secret, other, "..", "", "../../etc/passwd"):
        with pytest.raises(Gone):
            fetched(tmp_path, {"sha256": told})


def test_what_a_file_is_called_reaches_no_head_of_a_request(tmp_path: Path) -> None:
    """Neither its name nor its type breaks a line."""
    told = {"sha256": put(tmp_path / "files", b"mine"), "content_type": "text/plain\r\nX: y"}

    file = fetched(tmp_path, told, "../a\r\n.txt")

    assert (file.name, file.content_type) == ("a.txt", "application/octet-stream")
