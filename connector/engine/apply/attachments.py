"""Fetching the files of words just before they are sent; what cannot be fetched is named instead.

A file that is refused for good is named at once. Trouble that may pass holds the conversation for a few runs
first: nothing else would bring the file later. The files of one part may take a minute together.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.plan.notices import Notice, NoticeKind
from connector.errors import Rejected, RemoteError

if TYPE_CHECKING:
    from collections import defaultdict
    from collections.abc import Generator, Iterator, Mapping

    from connector.engine.plan.actions import PostWords
    from connector.engine.plan.policy import Policy
    from connector.engine.run.report import Report
    from connector.helpdesk.port import File, Helpdesk
    from connector.host.clock import Clock
    from mappings.model import Attachment, Conversation, Seconds, Side
    from state.pairs import Pairs
    from state.quarantine import Quarantine

LONGEST: Seconds = 60.0  # how long the files of one part may take together, so that none holds up a run
# Intercom's links expire after half an hour: a page, a 404 or a 403 may only mean that one is old.
PERHAPS_EXPIRED = frozenset({"file_gone", "file_refused", "not_the_file"})
TRIES = 3  # runs that a conversation waits for a file which a side cannot give just now


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of words, what they were by reference, and those that cannot be had."""

    files: tuple[File, ...]
    attachments: tuple[Attachment, ...]
    missing: tuple[Attachment, ...]


@dataclass(frozen=True)
class Files:
    """Fetches files from the side where they are."""

    helpdesks: Mapping[Side, Helpdesk]
    pairs: Pairs
    quarantine: Quarantine
    policy: Policy
    clock: Clock
    report: Report

    @contextmanager
    def of(self, row: int, words: PostWords, spent: defaultdict[str, Seconds]) -> Generator[Fetched]:
        """Fetch the files of words and keep them to the end; RemoteError while one is worth waiting for.

        ``spent`` holds by part how long its files took so far.
        """
        had: list[tuple[Attachment, File]] = []
        try:
            missing = tuple(self._fetch(row, words, had, spent))
            most = self.policy.capabilities[words.target].max_file_bytes
            # A size may be wrong, or missing: one file that is too big would have the whole reply refused.
            too_big = tuple(attachment for attachment, file in had if file.size > most)
            if too_big:
                self._tell(row, words, f"{words.target} takes {most} bytes at most")
            fit = [(attachment, file) for attachment, file in had if file.size <= most]
            yield Fetched(
                tuple(file for _, file in fit),
                tuple(attachment for attachment, _ in fit),
                (*missing, *too_big),
            )
        finally:
            # Also when the write fails: a spool that is never emptied fills the disk.
            for _, file in had:
                self.helpdesks[words.target.other].release(file)

    def _fetch(
        self,
        row: int,
        words: PostWords,
        had: list[tuple[Attachment, File]],
        spent: defaultdict[str, Seconds],
    ) -> Iterator[Attachment]:
        """Add the files to those that were fetched; yield those that cannot be."""
        for attachment in words.attachments:
            try:
                file = self._in_time(row, words, attachment, spent)
            except RemoteError as error:
                # A refusal stays one. Anything else may pass, so the conversation waits rather than lose a
                # file.
                if not isinstance(error, Rejected) and self.quarantine.attempts(row) < TRIES:
                    raise
                self._tell(row, words, str(error))
                yield attachment
            else:
                had.append((replace(attachment, size=file.size), file))

    def _tell(self, row: int, words: PostWords, why: str) -> None:
        source = words.target.other
        conversation = self.pairs.get(row).ids.get(source, "")
        self.report.notice(Notice(NoticeKind.FILE_NOT_COPIED, source, conversation, words.source, detail=why))

    def _in_time(
        self, row: int, words: PostWords, attachment: Attachment, spent: defaultdict[str, Seconds]
    ) -> File:
        # Asked before a file only: one that has begun ends by the deadline of its own download.
        if spent[words.source] > LONGEST:
            raise Rejected(
                f"the files of a part may take {LONGEST:.0f} s together", status=0, code="too_slow"
            )
        began = self.clock.monotonic()
        try:
            return self._download(row, words, attachment)
        finally:
            spent[words.source] += self.clock.monotonic() - began

    def _download(self, row: int, words: PostWords, attachment: Attachment) -> File:
        """Fetch a file; a link that no longer leads to it is read again once."""
        side = words.target.other
        helpdesk = self.helpdesks[side]
        try:
            return helpdesk.download(attachment)
        except Rejected as error:
            conversation = self.pairs.get(row).ids.get(side)
            if error.code not in PERHAPS_EXPIRED or conversation is None:
                raise
            # A conversation that is read again shows fresh links.
            fresh = _same_file(helpdesk.conversation(conversation), words.source, attachment)
            if fresh is None:
                raise
        return helpdesk.download(fresh)


def _same_file(view: Conversation, part: str, attachment: Attachment) -> Attachment | None:
    words = next((p.words for p in view.parts if p.id == part), None)
    # By name: the address is what changed.
    return next((a for a in words.attachments if a.name == attachment.name), None) if words else None
