"""Taking one conversation along: itself, who appears in it first, and its files."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.archive.lines import Entry
from connector.errors import AccessDenied, Gone, NeverSent, Rejected, RemoteError, Unreadable, cannot_use
from connector.host.replace import replacing
from connector.host.rights import PRIVATE_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from connector.helpdesk.port import Helpdesk
    from connector.helpdesk.records import Raw
    from mappings.model import Attachment, Conversation


@dataclass(frozen=True, slots=True)
class Wanted:
    """A listed conversation, and its customer when they appear for the first time."""

    conversation: str
    customer: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """One conversation that was read, or why it was not; neither when it is gone.

    What ``may_pass`` is tried once more at the end.
    """

    entry: Entry | None = None
    why: str = ""
    may_pass: bool = False
    files_missing: int = 0


@dataclass(frozen=True, slots=True)
class Taking:
    """Reads conversations of a side, and puts their files into a folder when there is one."""

    helpdesk: Helpdesk
    folder: Path | None

    def take(self, wanted: Wanted) -> Taken:
        """Read a conversation; what fails with it alone is returned, what stops all is raised."""
        records = self.helpdesk.records
        try:
            record = records.take(wanted.conversation)
            view = records.view(record)
            person = records.person(wanted.customer, record) if wanted.customer else None
            files, missing = self._fetch(view)
        except Gone:
            return Taken()
        except (AccessDenied, NeverSent):
            raise
        except RemoteError as error:
            return Taken(why=str(error), may_pass=not isinstance(error, Rejected | Unreadable))
        return Taken(Entry(record, () if person is None else (person,), files), files_missing=missing)

    def _fetch(self, view: Conversation) -> tuple[dict[str, Raw], int]:
        if self.folder is None:
            return {}, 0
        wanted = [one for part in view.parts if part.words for one in part.words.attachments if one.url]
        found = {one.url: told for one in wanted if (told := self._fetched(one, self.folder)) is not None}
        return found, len({one.url for one in wanted}) - len(found)

    def _fetched(self, attachment: Attachment, folder: Path) -> Raw | None:
        try:
            file = self.helpdesk.download(attachment)
        except RemoteError:
            return None
        target = folder / file.sha256
        try:
            if not target.exists():
                # The same file may come from two conversations at once: each writes its own.
                with file.path.open("rb") as source, replacing(target, mode=PRIVATE_FILE) as copy:
                    shutil.copyfileobj(source, copy)
        except OSError as error:
            raise cannot_use(folder, error, hint="make room, then run it again") from error
        finally:
            self.helpdesk.release(file)
        return {
            "sha256": file.sha256,
            "name": file.name,
            "content_type": file.content_type,
            "size": file.size,
        }
