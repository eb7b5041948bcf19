"""One log event for each thing that a run did: what, in which run, to which pair and part; no words."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from connector.host.log import event
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

LOG = logging.getLogger("connector.run")


class Done(StrEnum):
    """What a run may do, as its log names it."""

    CONVERSATION_CREATED = "conversation.created"
    MESSAGE_COPIED = "message.copied"
    NOTE_COPIED = "note.copied"
    REGISTER_SET = "register.set"
    PART_REDACTED = "part.redacted"
    WRITE_ADOPTED = "write.adopted"
    CONVERSATION_QUARANTINED = "conversation.quarantined"
    CONVERSATION_DELETED = "conversation.deleted"


@dataclass(frozen=True, slots=True)
class Events:
    """The log of one run."""

    run: str | None

    def log(
        self, done: Done, ids: Mapping[Side, str], *, side: Side, part: str = "", register: str = ""
    ) -> None:
        """Log what was done to a pair on ``side``; a pair is named by both ids, - where one is missing."""
        pair = "/".join(ids.get(one, "-") for one in Side)
        about = {"part": part, "register": register}
        named = {name: value for name, value in about.items() if value}
        event(LOG, logging.INFO, done, run=self.run, pair=pair, side=side.value, **named)
