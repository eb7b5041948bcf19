"""Cutting words into writes that fit the other side: text length, files per message, file types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form, PostWords
from mappings.characters import carries_nothing
from mappings.files import listed, with_not_copied
from mappings.model import Attachment, Loss, LossKind, Side
from mappings.sentences import Sentence
from mappings.text import borders, segments, split_at
from state.records import Begun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.helpdesk.capabilities import Capabilities
    from mappings.wording import Wording
    from state.records import LedgerRow


MOST_IMAGES = 10
"""How many images of a body are fetched for one part; files that the API lists are no limit's business."""


NUMBERING = len("(99/99) ")  # what comes before each piece


def cut(
    post: PostWords, capabilities: Capabilities, wording: Wording, begun: Mapping[str, Begun] | None = None
) -> list[PostWords]:
    """Return the writes that bring one part, in order; only the last one covers it.

    Words that were ``begun`` are cut as they were then.
    """
    named = unsendable(post.attachments, capabilities)
    files = tuple(file for file in post.attachments if file not in named)
    text = with_not_copied(post.text, named, wording)
    # Numbered pieces only where they are needed: "(1/1)" would be read as part of the words.
    before = (begun or {}).get(post.marker)
    left = (
        _begun_borders(text, before, capabilities.max_text)
        if before
        else _borders(text, capabilities.max_text)
    )
    texts = (split_at(text, left) or ("",)) if left else (text,)
    source_hash = post.covers[0].text_hash if post.covers else None
    bundles = _bundles(texts, files, capabilities.files_per_message, bare_start=post.form is Form.START)
    pieces = [
        replace(
            post,
            form=post.form if number == 1 or post.form is not Form.START else Form.MESSAGE,
            marker=post.marker if number == 1 else f"{post.marker}#{number}",
            text=words if not carries_nothing(words) else _wordless(post, bundle, wording, first=number == 1),
            attachments=bundle,
            covers=(),
            begins=Begun(post.marker, source_hash, left, language=wording.language) if left else None,
        )
        for number, (words, bundle) in enumerate(bundles, start=1)
    ]
    # A part is copied when all of it is there: a run that stops before the last piece continues with it.
    pieces[-1] = replace(pieces[-1], covers=_with_losses(post, named, len(texts)))
    return pieces


def _borders(text: str, limit: int) -> tuple[int, ...]:
    """Return where a text is cut; nowhere when it fits."""
    return borders(text, limit) if len(text) > limit else ()


def _begun_borders(text: str, begun: Begun, limit: int) -> tuple[int, ...]:
    """Return where begun words are cut: as then, but what is not sent yet by the limit learnt since."""
    found: list[int] = []
    start = 0
    for number, left in enumerate(begun.left):
        end = max(0, len(text) - left)
        if number >= begun.sent and end - start > limit:
            again = segments(text[start:end], limit - NUMBERING)
            found += [len(text) - start - cut_at for _, cut_at in again[:-1]]
        found.append(left)
        start = end
    return tuple(found)


def unsendable(attachments: tuple[Attachment, ...], capabilities: Capabilities) -> tuple[Attachment, ...]:
    """Return the files that a side does not take, that have no address, or that are one image too many."""
    images = [file for file in attachments if file.inline]
    fetched = [*(file for file in attachments if not file.inline), *images[:MOST_IMAGES]]
    return tuple(file for file in attachments if file not in fetched or not _fits(file, capabilities))


def losses_of(files: tuple[Attachment, ...]) -> tuple[Loss, ...]:
    """Return what the ledger keeps of files that are only named."""
    return tuple(Loss(LossKind.ATTACHMENT, file.name) for file in files)


def _fits(attachment: Attachment, capabilities: Capabilities) -> bool:
    if capabilities.files_per_message == 0 or not attachment.url:
        return False
    # A file whose size is not told is fetched first and measured then.
    if attachment.size is not None and attachment.size > capabilities.max_file_bytes:
        return False
    if capabilities.file_types is None:
        return True
    return attachment.name.rpartition(".")[2].casefold() in capabilities.file_types


def _bundles(
    texts: tuple[str, ...], files: tuple[Attachment, ...], per_message: int, *, bare_start: bool
) -> list[tuple[str, tuple[Attachment, ...]]]:
    """Give files to the last text, and a write of their own to those that are left; a start takes none."""
    groups = [files[i : i + per_message] for i in range(0, len(files), per_message)] if files else []
    bundles: list[tuple[str, tuple[Attachment, ...]]] = [(text, ()) for text in texts]
    if groups and not (bare_start and len(bundles) == 1):
        bundles[-1] = (bundles[-1][0], groups.pop(0))
    return bundles + [("", group) for group in groups]


def _wordless(post: PostWords, bundle: tuple[Attachment, ...], wording: Wording, *, first: bool) -> str:
    """Return the text of a write that has none: both a start and every write to Intercom need one."""
    none = wording.say(Sentence.NO_TEXT)
    if first and post.form is Form.START:
        return _names(post.attachments) or none
    return "" if post.target is Side.DASHLY and bundle else _names(bundle) or none


def _with_losses(post: PostWords, named: tuple[Attachment, ...], pieces: int) -> tuple[LedgerRow, ...]:
    losses = losses_of(named)
    if pieces > 1:
        losses += (Loss(LossKind.SPLIT, f"{pieces} pieces"),)
    return tuple(replace(row, losses=row.losses + losses) for row in post.covers)


def _names(bundle: tuple[Attachment, ...]) -> str:
    return listed(attachment.name for attachment in bundle)
