"""Fetching the files of a carry at the moment they are sent; what cannot be had is named instead.

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
    from collections.abc import Generator

    from connector.engine.plan.actions import PostWords
    from connector.engine.run.context import Context
    from connector.helpdesk.port import File
    from mappings.model import Attachment, Conversation, Seconds

TRIES = 3
LONGEST: Seconds = 60.0
_PERHAPS_EXPIRED = frozenset({"file_gone", "file_refused", "not_the_file"})


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of a carry, what they were by reference, and those that cannot be had."""

    files: tuple[File, ...]
    attachments: tuple[Attachment, ...]
    missing: tuple[Attachment, ...]


@contextmanager
def files_of(context: Context, row: int, carry: PostWords, spent: dict[str, Seconds]) -> Generator[Fetched]:
    """Fetch the files of a carry and keep them to the end; RemoteError while one is worth waiting for.

    ``spent`` holds by part how long its files took so far.
    """
    helpdesk, most = (
        context.helpdesks[carry.target.other],
        context.policy.capabilities[carry.target].max_file_bytes,
    )
    had: list[tuple[Attachment, File]] = []
    missing: list[Attachment] = []
    try:
        for attachment in carry.attachments:
            try:
                file = _in_time(context, row, carry, attachment, spent)
            except RemoteError as error:
                if not isinstance(error, Rejected) and context.store.quarantine.attempts(row) < TRIES:
                    raise
                missing.append(attachment)
                _tell(context, row, carry, str(error))
            else:
                had.append((replace(attachment, size=file.size), file))
        too_big = [attachment for attachment, file in had if file.size > most]
        if too_big:
            _tell(context, row, carry, f"{carry.target} takes {most} bytes at most")
        fit = [(attachment, file) for attachment, file in had if file.size <= most]
        yield Fetched(
            tuple(file for _, file in fit), tuple(attachment for attachment, _ in fit), (*missing, *too_big)
        )
    finally:
        for _, file in had:
            helpdesk.release(file)


def _tell(context: Context, row: int, carry: PostWords, why: str) -> None:
    conversation = context.store.pairs.get(row).ids.get(carry.target.other, "")
    context.report.notice(
        Notice(NoticeKind.FILE_NOT_COPIED, carry.target.other, conversation, carry.source, detail=why)
    )


def _in_time(
    context: Context, row: int, carry: PostWords, attachment: Attachment, spent: dict[str, Seconds]
) -> File:
    if spent.get(carry.source, 0.0) > LONGEST:
        raise Rejected(f"the files of a part may take {LONGEST:.0f} s together", status=0, code="too_slow")
    began = context.clock.monotonic()
    try:
        return _download(context, row, carry, attachment)
    finally:
        spent[carry.source] = spent.get(carry.source, 0.0) + context.clock.monotonic() - began


def _download(context: Context, row: int, carry: PostWords, attachment: Attachment) -> File:
    """Fetch a file; a link that leads to something else by now is read again once."""
    side = carry.target.other
    helpdesk = context.helpdesks[side]
    try:
        return helpdesk.download(attachment)
    except Rejected as error:
        conversation = context.store.pairs.get(row).ids.get(side)
        if error.code not in _PERHAPS_EXPIRED or conversation is None:
            raise
        fresh = _same_file(helpdesk.conversation(conversation), carry.source, attachment)
        if fresh is None:
            raise
    return helpdesk.download(fresh)


def _same_file(view: Conversation, part: str, attachment: Attachment) -> Attachment | None:
    words = next((p.words for p in view.parts if p.id == part), None)
    return next((a for a in words.attachments if a.name == attachment.name), None) if words else None
