"""Turning planned words into the write that a helpdesk understands, and what it will look like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connector.engine.plan.actions import Form
from connector.engine.plan.recognition.fingerprint import Expected
from connector.engine.write.job import Job
from connector.helpdesk.port import PostMessage, PostNote, StartConversation
from mappings.model import Side
from mappings.text import text_hash
from state.records import Operation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.engine.plan.actions import PostWords
    from connector.engine.plan.policy import Policy
    from connector.helpdesk.port import File, Helpdesk, Person, Write
    from mappings.model import Seconds


@dataclass(frozen=True)
class Drafts:
    """Makes jobs of planned words."""

    helpdesks: Mapping[Side, Helpdesk]
    policy: Policy

    def job(
        self,
        words: PostWords,
        row: int,
        conversation: str,
        person: Person | None,
        files: tuple[File, ...],
    ) -> Job:
        """Return the job that writes words; ``person`` is whose voice it is, None for an agent's."""
        created = self._created(words)
        expected = replace(
            self._expected(words, conversation, created),
            person=person.id if person else "",
            by_external_id=person.by_external_id if person else False,
            files=tuple(file.name for file in files),
        )
        return Job(
            row=row,
            side=words.target,
            op=Operation(words.form),
            marker=f"{row}/{words.marker}",  # a part id is unique within its conversation only
            write=write_of(words, conversation, person, files, created),
            expected=expected,
            covers=words.covers,
            begun=words.begins,
        )

    def _created(self, words: PostWords) -> Seconds | None:
        """Return the time to write, never in the other side's future; None where it cannot be given."""
        if words.created is None or not self.policy.capabilities[words.target].back_dating:
            return None
        # Intercom cuts times to the second, and a fingerprint compares them exactly.
        return float(int(min(words.created, self.helpdesks[words.target].now())))

    def _expected(self, words: PostWords, conversation: str, created: Seconds | None) -> Expected:
        return Expected(
            conversation=conversation,
            public=words.form is not Form.NOTE,
            text_hash=text_hash(words.text),
            sent_at=self.helpdesks[words.target].now(),
            marker=_marker(words),
            agent=words.agent,
            created=created,
            source=words.source,
            source_created=words.created,
            # Dashly has no such mark: there the marker tells.
            app_code=self.policy.app_code if words.target is Side.INTERCOM else None,
        )


def write_of(
    words: PostWords,
    conversation: str,
    person: Person | None,
    files: tuple[File, ...],
    created: Seconds | None,
) -> Write:
    """Return the write that carries words; a note has a branch of its own."""
    match words.form:
        case Form.START if person is not None:  # an agent's start would be a mailing
            return StartConversation(person, words.text, created)
        case Form.NOTE if words.agent is not None:
            return PostNote(conversation, words.text, words.agent, files, created, _marker(words))
        case Form.MESSAGE:
            return PostMessage(
                conversation,
                words.text,
                customer=person,
                agent=words.agent,
                files=files,
                created=created,
                silent=words.silent,
                marker=_marker(words),
            )
        case Form.START | Form.NOTE:  # without its speaker, either would be sent as a message
            raise ValueError(f"nobody is there to write a {words.form}")


def _marker(words: PostWords) -> str:
    """Only Dashly keeps a marker with a part."""
    return words.marker if words.target is Side.DASHLY else ""
