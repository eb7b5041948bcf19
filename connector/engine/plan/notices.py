"""Notices for people, as data, and the one table of their sentences and remedies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.engine.plan.meaning import Meaning, NoticeKind, Severity
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = ["MEANINGS", "Notice", "NoticeKind"]

MEANINGS: Mapping[NoticeKind, Meaning] = {
    NoticeKind.NOT_DELIVERED: Meaning(
        "{title} conversation {conversation}: an answer (part {part}) was seen too late; in {other} it "
        "is a note, and the customer did not get it",
        Severity.ATTENTION,
        "An agent's answer was older than `max_age`: answer the customer again, or leave it.",
    ),
    NoticeKind.NOT_SENT: Meaning(
        "{title} conversation {conversation}: part {part} was not sent to the customer: write in {other}",
        Severity.ATTENTION,
        "It was said to a person whom the connector created. If it matters, answer in the copy.",
    ),
    NoticeKind.MAYBE_OURS: Meaning(
        "{title} conversation {conversation}: part {part} was not copied to {other}: {detail}",
        Severity.ATTENTION,
        "After a restored state file: if a person wrote it, repeat it by hand on the other side.",
    ),
    NoticeKind.COPIES_FOUND: Meaning(
        "{title} conversation {conversation}: parts with copies that the state file did not know, and that "
        "were not copied again: {detail}",
        Severity.ATTENTION,
        "The state file is older than the last run. Run `connector recover`, then `connector verify`.",
    ),
    NoticeKind.PART_REMOVED: Meaning(
        "{title} conversation {conversation}: part {part} was removed there; remove its copy in {other}, "
        "part {detail}, by hand",
        Severity.ATTENTION,
        "No call of Dashly's API removes a part: remove the copy in its panel.",
    ),
    NoticeKind.COPY_STAYS: Meaning(
        "{title} conversation {conversation}: part {part} was removed there; its copy in {other}, part "
        "{detail}, stays, since nothing is copied from {title}",
        Severity.ATTENTION,
        "Remove the copy by hand, or let `directions` copy from that side again: `removals` treats it then.",
    ),
    NoticeKind.PART_VANISHED: Meaning(
        "{title} conversation {conversation}: part {part} is no longer there; its copy in {other}, part "
        "{detail}, is kept",
        Severity.ATTENTION,
        "Nothing says that somebody removed it. If so, remove the copy by hand.",
    ),
    NoticeKind.CONVERSATION_DELETED: Meaning(
        "conversation {pair} was deleted in {title}; it is no longer kept in step",
        Severity.ATTENTION,
        "The pair is gone and is not created again. Nothing to do.",
    ),
    NoticeKind.COPIES_STAY: Meaning(
        "conversation {pair} was deleted in {title}; its copies in {other} stay, since nothing is copied "
        "from {title}",
        Severity.ATTENTION,
        "Delete the copies by hand, or let `directions` copy from that side again: `removals` treats them "
        "then.",
    ),
    NoticeKind.COPIES_REDACTED: Meaning(
        "conversation {pair} was deleted in {title}; its copies in {other} were erased",
        Severity.ATTENTION,
        "Nothing to do: `removals` asked for it.",
    ),
    NoticeKind.REMOVE_BY_HAND: Meaning(
        "conversation {pair} was deleted in {title}; delete its copy in {other} by hand",
        Severity.ATTENTION,
        "Delete the copy in the panel of the other side.",
    ),
    NoticeKind.REDACTION_REFUSED: Meaning(
        "{title} conversation {conversation}: part {part} could not be erased, remove it by hand: {detail}",
        Severity.ATTENTION,
        "Remove the part in the panel.",
    ),
    NoticeKind.FILES_REFUSED: Meaning(
        "{title} conversation {conversation}: {other} refused part {part} with its files, it is sent without "
        "them: {detail}",
        Severity.ATTENTION,
        "The words arrived. Send the files by hand if they matter.",
    ),
    NoticeKind.FILE_NOT_COPIED: Meaning(
        "{title} conversation {conversation}: a file of part {part} was not copied to {other}, only "
        "named: {detail}",
        Severity.ATTENTION,
        "Send the file by hand if it matters.",
    ),
    NoticeKind.REGISTER_REFUSED: Meaning(
        "{title} conversation {conversation}: the {detail}",
        Severity.ATTENTION,
        "Set it by hand, and correct `[map]` if the reason names a wrong id.",
    ),
    NoticeKind.AGENT_CANNOT_WRITE: Meaning(
        "{title} lets nobody write as the teammate {detail} ({part}) any more; the default teammate speaks, "
        "with the name in front",
        Severity.ATTENTION,
        "They left, or `[map.admins]` names a wrong id: correct it there.",
    ),
    NoticeKind.CUSTOMER_CANNOT_WRITE: Meaning(
        "{title} conversation {conversation}: its customer was deleted in {other}; notes carry their "
        "words there",
        Severity.ATTENTION,
        "Nothing is lost: their words are there as notes with their name.",
    ),
    NoticeKind.BOTH_CHANGED: Meaning(
        "conversation {pair}: both sides changed the {detail}; set it on one of them by hand",
        Severity.ATTENTION,
        'With `prefer = "manual"`: set the value on one side.',
    ),
    NoticeKind.TEXT_TOO_LONG: Meaning(
        "{title} refuses long texts; from the next run they are cut at {detail} characters",
        Severity.ATTENTION,
        "Nothing to do: the next run sends the text in pieces.",
    ),
    NoticeKind.TOO_MANY_PARTS: Meaning(
        "Intercom conversation {conversation} has more parts than the API shows; the oldest cannot be copied",
        Severity.ATTENTION,
        "Intercom shows 500 parts. Look in Intercom for what is older.",
    ),
    NoticeKind.LINKED_AGAIN: Meaning(
        "{title} conversation {conversation} had a copy already; it was linked {detail}",
        Severity.ATTENTION,
        "The state file did not know the pair. Look at it with `connector pairs show`.",
    ),
    NoticeKind.NO_COPY_FOUND: Meaning(
        "{title} conversation {conversation}: no copy of part {part} was found; it stays in {title} alone",
        Severity.ATTENTION,
        "Repeat it by hand on the other side if it matters.",
    ),
    NoticeKind.NO_ORIGINAL_FOUND: Meaning(
        "{title} conversation {conversation} is a copy whose original was not found",
        Severity.ATTENTION,
        "Its original was deleted or is not known: delete the copy, or link it with `connector pairs link`.",
    ),
    NoticeKind.NO_MIRROR_FOUND: Meaning(
        "no counterpart in Intercom was found for so many Dashly conversations: {detail}",
        Severity.ATTENTION,
        "Look for some of them in Intercom. If they are not there, `connector backfill` copies them; "
        "if they are, it would copy them once more.",
    ),
    NoticeKind.WITHOUT_ID: Meaning(
        "{title} listed conversations without an id, which cannot be carried: {detail}",
        Severity.ATTENTION,
        "Tell the vendor: without ids, conversations cannot be told apart.",
    ),
    NoticeKind.NOT_UNDONE: Meaning(
        "{title} conversation {conversation} was left as it is: {detail}",
        Severity.ATTENTION,
        "Delete it by hand if it is not wanted; the pair is kept in step until then.",
    ),
    NoticeKind.CONTACT_NOT_UNDONE: Meaning(
        "{title} contact {part} was left as it is: {detail}",
        Severity.ATTENTION,
        "Nothing is lost: delete the contact by hand if nobody wants it.",
    ),
    NoticeKind.UNDO_BY_HAND: Meaning(
        "the copy {title} {conversation} of {other} {mirror} can only be removed by hand",
        Severity.ATTENTION,
        "No call of the API removes it: delete it there, then `connector pairs unlink` it.",
    ),
    NoticeKind.NOTHING_FITS: Meaning(
        "no conversation of {title} matches the options",
        Severity.INFORMATION,
        "Try `connector plan backfill` with fewer of the options that choose conversations.",
    ),
    NoticeKind.LIST_CUT: Meaning(
        "the list of {title} repeated itself and was abandoned; it may be incomplete",
        Severity.ATTENTION,
        "The watermark stays where it was: the next run reads the list again. "
        "Tell the vendor if it persists.",
    ),
    NoticeKind.LIST_REFUSED: Meaning(
        "the token may not list the {detail} of {title}; what depends on them is off",
        Severity.INFORMATION,
        "Give the token that right if names, teams or tags matter.",
    ),
    NoticeKind.LEFT_FOR_NEXT_RUN: Meaning(
        "conversation {pair} was left for the next run: {detail}",
        Severity.ATTENTION,
        "Nothing to do: it is tried again. If it persists, look at `connector quarantine list`.",
    ),
    NoticeKind.STOPPED_EARLY: Meaning(
        "stopped before the end; conversations left for the next run: {detail}",
        Severity.INFORMATION,
        "Run the same command again.",
    ),
    NoticeKind.QUARANTINED: Meaning(
        "conversation {pair} is in quarantine: {detail}",
        Severity.QUARANTINE,
        "`connector quarantine list`, fix the cause, then `connector quarantine retry ID`.",
    ),
    NoticeKind.STILL_QUARANTINED: Meaning(
        "conversations in quarantine: {detail}; each with its reason: connector quarantine list",
        Severity.QUARANTINE,
        "Fix the cause of each, then `connector quarantine retry ID`, or `--all`.",
    ),
    NoticeKind.CLOCK_DOUBTED: Meaning(
        "the clock of {detail} is more than 10 minutes away from the other two and is ignored",
        Severity.ATTENTION,
        "This machine's clock: set it by NTP. A helpdesk's: nothing is lost; tell the vendor if it persists.",
    ),
    NoticeKind.WATERMARK_IN_FUTURE: Meaning(
        "the watermark of {title} was in the future; everything that changed since the binding is read again",
        Severity.ATTENTION,
        "Nothing to do: this run took longer than usual.",
    ),
    NoticeKind.HELD: Meaning(
        "conversations over [limits] {part}, and held: {detail}",
        Severity.ATTENTION,
        "Look at `connector plan`, then raise the limit, or let them go on once: `connector sync --accept`.",
    ),
    NoticeKind.LIMIT_REACHED: Meaning(
        "the run reached [limits] {part}; what is left follows in the next run",
        Severity.ATTENTION,
        "Nothing to do. If it persists, raise the limit.",
    ),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a person should know about.

    ``conversation`` and ``part`` are ids of ``side``; ``mirror`` is the conversation's id on the other side,
    where it is known. Two notices with the same kind, side, conversation and part are the same problem.
    """

    kind: NoticeKind
    side: Side | None = None
    conversation: str = ""
    part: str = ""
    detail: str = field(default="", compare=False)
    mirror: str = field(default="", compare=False)

    @property
    def meaning(self) -> Meaning:
        """Return the row of the table that explains this kind."""
        return MEANINGS[self.kind]

    def sentence(self) -> str:
        """Return the notice as one sentence for people."""
        side = self.side
        return self.meaning.sentence.format(
            title=TITLES[side] if side else "",
            other=TITLES[side.other] if side else "",
            conversation=self.conversation,
            mirror=self.mirror,
            part=self.part,
            detail=self.detail,
            pair=self._pair(),
        )

    @property
    def ids(self) -> Mapping[Side, str]:
        """Return the ids of the conversation that it is about, by side; none when it is about no one."""
        if self.side is None:
            return {}
        return {self.side: self.conversation, self.side.other: self.mirror}

    def _pair(self) -> str:
        ids = self.ids
        return " = ".join(f"{TITLES[side]} {ids[side]}" for side in Side if ids.get(side))

    def as_data(self) -> dict[str, str]:
        """Return the notice for JSON."""
        return {
            "kind": self.kind.value,
            "severity": self.meaning.severity.value,
            "side": self.side.value if self.side else "",
            "conversation": self.conversation,
            "mirror": self.mirror,
            "part": self.part,
            "detail": self.detail,
            "sentence": self.sentence(),
            "remedy": self.meaning.remedy,
        }
