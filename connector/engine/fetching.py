"""Fetching the files of a carry at the moment they are sent; what cannot be had is named instead.

A file that is refused for good is named at once. Trouble that may pass holds the conversation for a few runs
first: nothing else would bring the file later.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.errors import Rejected, RemoteError

if TYPE_CHECKING:
    from collections.abc import Generator

    from connector.engine.actions import Carry
    from connector.engine.context import Context
    from connector.ports import File
    from mappings.model import Attachment, Conversation

TRIES = 3


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of a carry, what they were by reference, and those that cannot be had."""

    files: tuple[File, ...]
    attachments: tuple[Attachment, ...]
    missing: tuple[Attachment, ...]


@contextmanager
def files_of(context: Context, row: int, carry: Carry) -> Generator[Fetched]:
    """Fetch the files of a carry and keep them to the end; RemoteError while one is worth waiting for."""
    desk, most = context.desks[carry.target.other], context.policy.abilities[carry.target].max_file_bytes
    had: list[tuple[Attachment, File]] = []
    missing: list[Attachment] = []
    try:
        for attachment in carry.attachments:
            try:
                file = _download(context, row, carry, attachment)
            except RemoteError as error:
                if not isinstance(error, Rejected) and context.store.quarantine.attempts(row) < TRIES:
                    raise
                missing.append(attachment)
                _tell(context, carry, str(error))
            else:
                had.append((replace(attachment, size=file.size), file))
        too_big = [attachment for attachment, file in had if file.size > most]
        if too_big:
            _tell(context, carry, f"{carry.target} takes {most} bytes at most")
        fit = [(attachment, file) for attachment, file in had if file.size <= most]
        yield Fetched(
            tuple(file for _, file in fit), tuple(attachment for attachment, _ in fit), (*missing, *too_big)
        )
    finally:
        for _, file in had:
            desk.release(file)


def _tell(context: Context, carry: Carry, why: str) -> None:
    context.report.notice(
        f"{carry.target.other} part {carry.source}: a file was not copied, only named: {why}"
    )


def _download(context: Context, row: int, carry: Carry, attachment: Attachment) -> File:
    """Fetch a file; a link that died is replaced once by reading the conversation again."""
    side = carry.target.other
    desk = context.desks[side]
    try:
        return desk.download(attachment)
    except Rejected as error:
        conversation = context.store.pairs.get(row).ids.get(side)
        if error.code != "file_gone" or conversation is None:
            raise
        fresh = _same_file(desk.conversation(conversation), carry.source, attachment)
        if fresh is None:
            raise
    return desk.download(fresh)


def _same_file(view: Conversation, part: str, attachment: Attachment) -> Attachment | None:
    words = next((p.words for p in view.parts if p.id == part), None)
    return next((a for a in words.attachments if a.name == attachment.name), None) if words else None
