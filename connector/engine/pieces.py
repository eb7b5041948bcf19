"""Cutting one carry into writes that fit the other side: text length, files per message, file types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.engine.actions import Carry, Form
from mappings.characters import carries_nothing
from mappings.files import listed, with_not_copied
from mappings.model import Attachment, Loss, LossKind, Side
from mappings.text import split_text

if TYPE_CHECKING:
    from connector.ports import Abilities
    from state.ledger import LedgerRow


def cut(carry: Carry, ability: Abilities) -> list[Carry]:
    """Return the writes that carry one part, in order; only the last one covers it."""
    named = unsendable(carry.attachments, ability)
    files = tuple(file for file in carry.attachments if file not in named)
    text = with_not_copied(carry.text, named)
    texts = split_text(text, ability.max_text) if len(text) > ability.max_text else (text,)
    bundles = _bundles(texts, files, ability.files_per_message, bare_start=carry.form is Form.START)
    pieces = [
        replace(
            carry,
            form=carry.form if number == 1 or carry.form is not Form.START else Form.MESSAGE,
            marker=carry.marker if number == 1 else f"{carry.marker}#{number}",
            text=words if not carries_nothing(words) else _wordless(carry, bundle, first=number == 1),
            attachments=bundle,
            covers=(),
        )
        for number, (words, bundle) in enumerate(bundles, start=1)
    ]
    pieces[-1] = replace(pieces[-1], covers=_with_losses(carry, named, len(texts)))
    return pieces


def unsendable(attachments: tuple[Attachment, ...], ability: Abilities) -> tuple[Attachment, ...]:
    """Return the files that a side does not take, or that have no address to fetch them from."""
    return tuple(file for file in attachments if not _fits(file, ability))


def losses_of(files: tuple[Attachment, ...]) -> tuple[Loss, ...]:
    """Return what the ledger keeps of files that are only named."""
    return tuple(Loss(LossKind.ATTACHMENT, file.name) for file in files)


def _fits(attachment: Attachment, ability: Abilities) -> bool:
    if ability.files_per_message == 0 or not attachment.url:
        return False
    if attachment.size is not None and attachment.size > ability.max_file_bytes:
        return False
    if ability.file_types is None:
        return True
    return attachment.name.rpartition(".")[2].casefold() in ability.file_types


def _bundles(
    texts: tuple[str, ...], files: tuple[Attachment, ...], per_message: int, *, bare_start: bool
) -> list[tuple[str, tuple[Attachment, ...]]]:
    """Give files to the last text, and a write of their own to those that are left; a start takes none."""
    groups = [files[i : i + per_message] for i in range(0, len(files), per_message)] if files else []
    bundles: list[tuple[str, tuple[Attachment, ...]]] = [(text, ()) for text in texts]
    if groups and not (bare_start and len(bundles) == 1):
        bundles[-1] = (bundles[-1][0], groups.pop(0))
    return bundles + [("", group) for group in groups]


def _wordless(carry: Carry, bundle: tuple[Attachment, ...], *, first: bool) -> str:
    """Return the text of a write that has none: both a start and every write to Intercom need one."""
    if first and carry.form is Form.START:
        return _names(carry.attachments) or "(no text)"
    return "" if carry.target is Side.DASHLY and bundle else _names(bundle) or "(no text)"


def _with_losses(carry: Carry, named: tuple[Attachment, ...], pieces: int) -> tuple[LedgerRow, ...]:
    losses = losses_of(named)
    if pieces > 1:
        losses += (Loss(LossKind.SPLIT, f"{pieces} pieces"),)
    return tuple(replace(row, losses=row.losses + losses) for row in carry.covers)


def _names(bundle: tuple[Attachment, ...]) -> str:
    return listed(attachment.name for attachment in bundle)
