"""People at work on an Intercom workspace: customers in the Messenger, teammates and bots in the Inbox."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from connector.sandbox.desk import locked
from connector.sandbox.intercom import actions, bodies, contacts, directory, notices
from connector.sandbox.intercom.administration import InboxAdministration
from connector.sandbox.intercom.model import Assignee, Author, Conversation, Part, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.sandbox.exchange import JsonObject, Upload

_OPTION = "0000-4000-8000-000000000000"
"""The end of a made-up UUID."""


class IntercomInbox(InboxAdministration):
    """Acts as customers, teammates and bots on Intercom; what teammates write is HTML."""

    @locked
    def customer(
        self,
        name: str | None = None,
        *,
        email: str | None = None,
        phone: str | None = None,
        user_id: str | None = None,
        role: str = "user",
        created: float | None = None,
    ) -> str:
        """Add a customer; `user_id` is the external id, `role` is user or lead."""
        contact = contacts.make(self.state, self._stamp(created), role)
        contact.name, contact.email, contact.phone, contact.external_id = name, email, phone, user_id
        return contact.id

    @locked
    def customer_starts(
        self, customer: str, body: str, *, attachments: Sequence[Upload] = (), created: float | None = None
    ) -> str:
        """Begin a conversation as a customer and return its id."""
        contact, stamp = self.state.contact(customer), self._stamp(created)
        author = Author("lead" if contact.role == "lead" else "user", contact.id)
        source = self._source(author, bodies.from_text(body), "customer_initiated")
        source.attachments = actions.keep(self.state, attachments, stamp)
        return str(actions.start(self.state, contact, stamp, source, int(stamp.at)).id)

    @locked
    def customer_writes(
        self,
        conversation: str,
        body: str,
        *,
        attachments: Sequence[Upload] = (),
        created: float | None = None,
    ) -> str:
        """Write as the first customer and return the part's id."""
        talk = self._talk(conversation)
        author = Author("user", self._speaker(talk))
        draft = actions.Draft("comment", author, body=bodies.from_text(body), uploads=attachments)
        return str(actions.contact_reply(self.state, talk, self._stamp(created), draft).id)

    @locked
    def agent_writes(
        self,
        conversation: str,
        body: str,
        *,
        agent: str | None = None,
        attachments: Sequence[Upload] = (),
        take: bool = False,
        created: float | None = None,
    ) -> str:
        """Answer the customer; with `take` the answer itself is an assignment part."""
        talk, stamp, author = self._talk(conversation), self._stamp(created), self._agent(agent)
        draft = actions.Draft("comment", author, body=bodies.sanitise(body), uploads=attachments)
        if take:
            draft.part_type, draft.assigned_to = "assignment", Assignee("admin", author.id)
            talk.waiting_since = None
            return str(actions.assign(self.state, talk, stamp, draft).id)
        return str(actions.admin_reply(self.state, talk, stamp, draft).id)

    @locked
    def agent_notes(
        self,
        conversation: str,
        body: str,
        *,
        agent: str | None = None,
        attachments: Sequence[Upload] = (),
        created: float | None = None,
    ) -> str:
        """Leave a note that the customer never sees."""
        text = bodies.sanitise(body, note=True)
        draft = actions.Draft("note", self._agent(agent), body=text, uploads=attachments)
        return str(actions.note(self.state, self._talk(conversation), self._stamp(created), draft).id)

    @locked
    def bot_writes(
        self, conversation: str, body: str, *, choices: Sequence[str] = (), created: float | None = None
    ) -> str:
        """Write as the bot; choices make it a quick reply."""
        options = [
            {"text": choice, "uuid": f"{number:08x}-{_OPTION}"} for number, choice in enumerate(choices)
        ]
        draft = actions.Draft(
            "quick_reply" if choices else "comment",
            self._bot(),
            body=bodies.sanitise(body) if body else None,
            metadata={"quick_reply_options": options} if choices else {},
        )
        return str(actions.admin_reply(self.state, self._talk(conversation), self._stamp(created), draft).id)

    @locked
    def article(
        self,
        conversation: str,
        title: str,
        url: str,
        *,
        agent: str | None = None,
        created: float | None = None,
    ) -> str:
        """Send a knowledge-base article as a link."""
        link = f'<p><a href="{html.escape(url)}">{html.escape(title)}</a></p>'
        return self.agent_writes(conversation, link, agent=agent, created=created)

    @locked
    def campaign_starts(
        self, customer: str, body: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Begin a conversation as a campaign, or as an agent when one is named."""
        contact, stamp = self.state.contact(customer), self._stamp(created)
        delivered_as = "admin_initiated" if agent else "campaigns_initiated"
        source = self._source(self._agent(agent), bodies.sanitise(body), delivered_as)
        return str(actions.start(self.state, contact, stamp, source, int(stamp.at)).id)

    @locked
    def mailing(
        self, customers: Sequence[str], body: str, *, agent: str | None = None, created: float | None = None
    ) -> list[str]:
        """Begin a conversation with each customer by one message, whose id they share."""
        made = [self.campaign_starts(key, body, agent=agent, created=created) for key in customers]
        talks = [self._talk(key) for key in made]
        for talk in talks:
            talk.source.id = talks[0].source.id
        return made

    @locked
    def assign(
        self,
        conversation: str,
        assignee: str | None,
        *,
        agent: str | None = None,
        created: float | None = None,
    ) -> str:
        """Assign to a teammate, to a team (`team:<id>`), or to nobody."""
        kind, _, key = (assignee or "").rpartition(":")
        target = Assignee(kind or "admin", key) if key else Assignee("nobody_admin", None)
        draft = actions.Draft("assignment", self._agent(agent), assigned_to=target)
        return str(actions.assign(self.state, self._talk(conversation), self._stamp(created), draft).id)

    @locked
    def close(
        self, conversation: str, *, agent: str | None = None, body: str = "", created: float | None = None
    ) -> str:
        """Close a conversation, optionally with a last message."""
        return self._change(conversation, "close", agent, created, body=body)

    @locked
    def reopen(self, conversation: str, *, agent: str | None = None, created: float | None = None) -> str:
        """Open a closed or snoozed conversation."""
        return self._change(conversation, "open", agent, created)

    @locked
    def snooze(
        self, conversation: str, until: float, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Snooze a conversation until a Unix time."""
        return self._change(conversation, "snoozed", agent, created, until=int(until))

    @locked
    def tag(
        self, conversation: str, name: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Attach a tag, creating it when missing, and return its id."""
        tag, stamp = directory.named_tag(self.state, name), self._stamp(created)
        actions.add_tag(self.state, self._talk(conversation), stamp, tag.id, self._agent(agent).id)
        return str(tag.id)

    @locked
    def untag(
        self, conversation: str, name: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Detach a tag and return its id."""
        tag, stamp = directory.named_tag(self.state, name), self._stamp(created)
        actions.remove_tag(self.state, self._talk(conversation), stamp, tag.id, self._agent(agent).id)
        return str(tag.id)

    @locked
    def edit_part(self, conversation: str, part: str, body: str) -> None:
        """Change the text of a part."""
        talk = self._talk(conversation)
        found = self._part(talk, part)
        found.body = bodies.sanitise(body, note=found.part_type in notices.NOTES)
        found.updated_at = int(self.state.clock.now())
        if self.state.switches.edit_moves_updated_at:
            actions.touch(self.state, talk, found.updated_at)

    @locked
    def remove_part(self, conversation: str, part: str) -> None:
        """Redact a part, or the opening message by its own id."""
        talk = self._talk(conversation)
        if part == str(talk.source.id):
            actions.redact_source(self.state, talk, self._stamp(None))
        else:
            actions.redact(self.state, talk, self._stamp(None), part)

    @locked
    def rate(
        self, conversation: str, rating: int, remark: str = "", *, created: float | None = None
    ) -> list[str]:
        """Rate as the customer, optionally with a remark."""
        talk, stamp = self._talk(conversation), self._stamp(created)
        contact, teammate = talk.contacts[0], talk.admin_assignee
        at = int(stamp.at)
        talk.rating = {
            "rating": rating,
            "remark": remark,
            "created_at": at,
            "updated_at": at,
            "contact": {"type": "contact", "id": contact, "external_id": None},
            "teammate": {"type": "admin", "id": str(teammate or self.agents()[0])},
        }
        kinds = ["conversation_rating_changed"] + ["conversation_rating_remark_added"] * bool(remark)
        author = Author("user", contact)
        return [
            str(actions.append(self.state, talk, stamp, actions.Draft(kind, author)).id) for kind in kinds
        ]

    @locked
    def add_participant(self, conversation: str, customer: str, *, agent: str | None = None) -> str:
        """Add one more customer to a conversation."""
        talk = self._talk(conversation)
        talk.contacts.append(self.state.contact(customer).id)
        draft = actions.Draft("participant_added", self._agent(agent))
        return str(actions.append(self.state, talk, self._stamp(None), draft).id)

    @locked
    def insert_part(
        self,
        conversation: str,
        part_type: str,
        body: str = "",
        *,
        created: float | None = None,
        fields: JsonObject | None = None,
    ) -> str:
        """Insert a part of any type; its `author` is user, admin or bot, other `fields` are the draft's."""
        talk = self._talk(conversation)
        extras = dict(fields or {})
        kind = extras.pop("author", "admin")
        people = {"user": Author("user", talk.contacts[0]), "bot": self._bot()}
        author = people.get(kind) or self._agent(None)
        draft = actions.Draft(part_type, author, body=body or None)
        target = extras.pop("assigned_to", None)
        if target is not None:
            draft.assigned_to = Assignee(target["type"], target["id"])
        for name, value in extras.items():
            setattr(draft, name, value)
        return str(actions.append(self.state, talk, self._stamp(created), draft).id)

    def _change(
        self,
        conversation: str,
        kind: str,
        agent: str | None,
        created: float | None,
        *,
        body: str = "",
        until: int | None = None,
    ) -> str:
        text = bodies.sanitise(body) if body else None
        draft = actions.Draft(kind, self._agent(agent), body=text)
        talk, stamp = self._talk(conversation), self._stamp(created)
        return str(actions.change_state(self.state, talk, stamp, draft, until).id)

    def _source(self, author: Author, body: str, delivered_as: str) -> Source:
        return Source(next(self.state.ids.sources), author, body, delivered_as, "human")

    def _bot(self) -> Author:
        return Author("bot", str(self.state.bot.id))

    def _speaker(self, talk: Conversation) -> str:
        """Return who the first customer is by now."""
        contact = self.state.contacts[talk.contacts[0]]
        return contact.merged_into or contact.id

    @staticmethod
    def _part(talk: Conversation, part: str) -> Part:
        return next(item for item in talk.parts if str(item.id) == part)
