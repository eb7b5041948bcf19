"""People at work on a Dashly app: customers in the chat, operators and bots in the panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from connector.sandbox.dashly import actions
from connector.sandbox.dashly.administration import PanelAdministration
from connector.sandbox.dashly.model import Part, Sender, SenderKind
from connector.sandbox.desk import locked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.sandbox.exchange import JsonObject, Upload

_BOT = Sender("message_sender", 77, "Greeter")


class DashlyPanel(PanelAdministration):
    """Acts as customers, operators and bots on Dashly."""

    @locked
    def customer(
        self,
        name: str | None = None,
        *,
        email: str | None = None,
        phone: str | None = None,
        user_id: str | None = None,
        created: float | None = None,
    ) -> str:
        """Add a visitor of the site."""
        user = actions.make_user(self.state, self._stamp(created), user_id)
        props = {"$name": name, "$email": email, "$phone": phone}
        user.props = {key: value for key, value in props.items() if value}
        return str(user.id)

    @locked
    def customer_starts(
        self, customer: str, body: str, *, attachments: Sequence[Upload] = (), created: float | None = None
    ) -> str:
        """Begin a conversation as a customer and return its id."""
        user = self.state.user(int(customer))
        draft = actions.Draft("reply_user", Sender("user", user.id), body=body, uploads=attachments)
        return str(actions.start(self.state, user, self._stamp(created), draft).id)

    @locked
    def customer_writes(
        self,
        conversation: str,
        body: str,
        *,
        attachments: Sequence[Upload] = (),
        created: float | None = None,
    ) -> str:
        """Write as the customer and return the part's id."""
        talk = self._talk(conversation)
        draft = actions.Draft("reply_user", Sender("user", talk.user), body=body, uploads=attachments)
        return str(actions.write(self.state, talk, self._stamp(created), draft).id)

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
        """Answer the customer; `take` assigns the conversation first."""
        talk, stamp = self._talk(conversation), self._stamp(created)
        draft = actions.Draft("reply_admin", self._agent(agent), body=body, uploads=attachments)
        if take:
            actions.assign(self.state, talk, stamp, draft.sender.id, draft.sender)
        actions.auto_assign(self.state, talk, stamp, draft)
        return str(actions.write(self.state, talk, stamp, draft).id)

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
        draft = actions.Draft("note", self._agent(agent), body=body, uploads=attachments)
        return str(actions.write(self.state, self._talk(conversation), self._stamp(created), draft).id)

    @locked
    def bot_writes(
        self, conversation: str, body: str, *, choices: Sequence[str] = (), created: float | None = None
    ) -> str:
        """Write as a bot; choices make it a part that waits for an answer."""
        buttons = [{"type": "button", "data": {"text": choice}} for choice in choices]
        kind = "chat_bot_user" if choices else "chat_bot_admin"
        draft = actions.Draft(kind, _BOT, body=body, actions=cast("list[JsonObject]", buttons) or None)
        return str(actions.write(self.state, self._talk(conversation), self._stamp(created), draft).id)

    @locked
    def bot_choice(self, conversation: str, part: str, choice: str) -> None:
        """Take one of the choices of a bot's part as the customer."""
        self._part(conversation, part).meta_data = {"choice": choice}

    @locked
    def auto_reply(self, conversation: str, body: str, *, created: float | None = None) -> str:
        """Send the app's automatic reply."""
        sender = Sender("default_admin", name=self.state.default_sender)
        draft = actions.Draft("auto_reply", sender, body=body)
        return str(actions.write(self.state, self._talk(conversation), self._stamp(created), draft).id)

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
        """Send a knowledge-base article."""
        content = {"id": 5120, "name": title, "url": url, "text": f"{title}: what to do, step by step."}
        draft = actions.Draft("article", self._agent(agent), body="", body_json={"article": content})
        return str(actions.write(self.state, self._talk(conversation), self._stamp(created), draft).id)

    @locked
    def campaign_starts(
        self, customer: str, body: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Begin a conversation as a campaign; it is listed once the customer answers."""
        user, stamp = self.state.user(int(customer)), self._stamp(created)
        sender = self._agent(agent) if agent else _BOT
        sent_via = "message_manual" if agent else "message_auto"
        draft = actions.Draft("reply_admin", sender, body=body, sent_via=sent_via)
        message = self.state.ids.next(stamp.at)
        return str(actions.start(self.state, user, stamp, draft, message=message).id)

    @locked
    def mailing(
        self, customers: Sequence[str], body: str, *, agent: str | None = None, created: float | None = None
    ) -> list[str]:
        """Begin a conversation with each customer by one message, whose id they share."""
        made = [self.campaign_starts(key, body, agent=agent, created=created) for key in customers]
        talks = [self._talk(key) for key in made]
        for talk in talks:
            talk.message = talks[0].message
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
        """Assign to an operator, or to nobody."""
        admin = None if assignee is None else self.state.admin(int(assignee)).id
        stamp = self._stamp(created)
        return _id(actions.assign(self.state, self._talk(conversation), stamp, admin, self._agent(agent)))

    @locked
    def close(self, conversation: str, *, agent: str | None = None, created: float | None = None) -> str:
        """Close a conversation."""
        stamp = self._stamp(created)
        return _id(actions.close(self.state, self._talk(conversation), stamp, self._agent(agent)))

    @locked
    def reopen(self, conversation: str, *, agent: str | None = None, created: float | None = None) -> str:
        """Open a closed or snoozed conversation in the panel, which leaves no part."""
        self._agent(agent)
        talk = self._talk(conversation)
        talk.delayed_until = None
        actions.reopen(self.state, talk, self._stamp(created))
        return ""

    @locked
    def snooze(
        self, conversation: str, until: float, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Snooze a conversation until a Unix time."""
        stamp = self._stamp(created)
        return _id(actions.delay(self.state, self._talk(conversation), stamp, until, self._agent(agent)))

    @locked
    def tag(
        self, conversation: str, name: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Attach a tag."""
        stamp = self._stamp(created)
        return _id(actions.add_tag(self.state, self._talk(conversation), stamp, name, self._agent(agent)))

    @locked
    def untag(
        self, conversation: str, name: str, *, agent: str | None = None, created: float | None = None
    ) -> str:
        """Detach a tag."""
        stamp = self._stamp(created)
        return _id(actions.remove_tag(self.state, self._talk(conversation), stamp, name, self._agent(agent)))

    @locked
    def change_channel(
        self,
        conversation: str,
        channel: str | None,
        *,
        agent: str | None = None,
        created: float | None = None,
    ) -> str:
        """Move a conversation to another channel, or out of any."""
        talk = self._talk(conversation)
        talk.channel = None if channel is None else self.state.channels[int(channel)].id
        draft = actions.Draft("channel_changed", self._agent(agent), channel=talk.channel)
        return str(actions.append(self.state, talk, self._stamp(created), draft).id)

    @locked
    def edit_part(self, conversation: str, part: str, body: str) -> None:
        """Change the text of a part."""
        found = self._part(conversation, part)
        found.body = body
        found.edited = self.state.clock.now()
        self._edited(conversation)

    @locked
    def rate(
        self, conversation: str, rating: int, remark: str = "", *, created: float | None = None
    ) -> list[str]:
        """Rate as the customer."""
        talk = self._talk(conversation)
        vote = {"vote": rating, "comment": remark}
        draft = actions.Draft("vote", Sender("user", talk.user), meta_data=vote)
        return [str(actions.append(self.state, talk, self._stamp(created), draft).id)]

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
        """Insert a part of any type; its `sender` is user, admin, default_admin, message_sender or nobody."""
        talk = self._talk(conversation)
        extras = dict(fields or {})
        kind: SenderKind = extras.pop("sender", "nobody")
        key = {"user": talk.user, "admin": int(self.agents()[0])}.get(kind, 77)
        draft = actions.Draft(part_type, Sender(kind, key, "Sandbox"), body=body)
        for name, value in extras.items():
            setattr(draft, name, value)
        return str(actions.append(self.state, talk, self._stamp(created), draft).id)


def _id(part: Part | None) -> str:
    return "" if part is None else str(part.id)
