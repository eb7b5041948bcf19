"""What administrators do to a Dashly app: staff, channels, merges and removals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.dashly import truth
from connector.sandbox.dashly.model import Admin, Channel, Conversation, DashlyState, Part, Sender
from connector.sandbox.desk import Desk, locked
from connector.sandbox.record import Stamp

if TYPE_CHECKING:
    from threading import RLock

    from connector.sandbox.exchange import JsonObject


class PanelAdministration(Desk):
    """Changes who works in an app and what it holds."""

    side = "dashly"

    def __init__(self, state: DashlyState, lock: RLock) -> None:
        super().__init__(lock)
        self.state = state

    @locked
    def hire(self, admin: int, name: str, name_internal: str) -> str:
        """Add an operator."""
        self.state.admins[admin] = Admin(admin, name, name_internal)
        return str(admin)

    @locked
    def add_channel(self, channel: int, name: str, channel_type: str = "manual") -> str:
        """Add a channel that every operator works in."""
        self.state.channels[channel] = Channel(channel, name, channel_type, list(self.state.admins))
        return str(channel)

    def agents(self) -> list[str]:
        """Return the ids of the operators."""
        return [str(key) for key, admin in self.state.admins.items() if not admin.left]

    @locked
    def agent_leaves(self, agent: str) -> None:
        """Take an operator out of every channel; what they wrote, and what is assigned to them, stays."""
        admin = self.state.admin(int(agent))
        admin.left = True
        for channel in self.state.channels.values():
            channel.operators = [key for key in channel.operators if key != admin.id]

    @locked
    def merge_users(self, source: str, into: str) -> None:
        """Merge a user into another one, as when a site knows the visitor; the first id becomes invalid."""
        gone, survivor = self.state.user(int(source)), self.state.user(int(into))
        gone.removed, gone.merged_into = self.state.clock.now(), survivor.id
        for conversation in self.state.conversations.values():
            if conversation.user == gone.id:
                self._hand_over(conversation, survivor.id)

    @locked
    def remove_user(self, customer: str) -> None:
        """Remove a user and all their conversations under GDPR."""
        user = self.state.user(int(customer))
        for conversation in self.state.conversations.values():
            if conversation.user == user.id:
                self.delete_conversation(str(conversation.id))
        user.removed = self.state.clock.now()
        user.props, user.props_custom, user.user_id = {}, {}, None

    @locked
    def remove_part(self, conversation: str, part: str) -> None:
        """Take a part's content away for good."""
        talk, found = self._talk(conversation), self._part(conversation, part)
        self._erase(found)
        if not self.state.switches.removed_parts_listed:
            talk.parts.remove(found)
            talk.vanished.append(found.id)
        self._edited(conversation)

    @locked
    def delete_conversation(self, conversation: str) -> None:
        """Remove a conversation under GDPR."""
        talk = self._talk(conversation)
        talk.removed = self.state.clock.now()
        for part in talk.parts:
            self._erase(part)

    @locked
    def truth(self) -> JsonObject:
        """Dump every user, conversation and part with what the API does not show."""
        return truth.dump(self.state)

    def _stamp(self, created: float | None) -> Stamp:
        return Stamp(self.state.clock.now() if created is None else float(created), "human")

    def _talk(self, conversation: str) -> Conversation:
        return self.state.conversation(int(conversation))

    def _agent(self, agent: str | None) -> Sender:
        key = int(self.agents()[0]) if agent is None else int(agent)
        return Sender("admin", self.state.admin(key).id)

    def _part(self, conversation: str, part: str) -> Part:
        return next(item for item in self._talk(conversation).parts if item.id == int(part))

    def _erase(self, part: Part) -> None:
        part.removed = self.state.clock.now()
        part.body, part.body_json = "", {}
        for stored in part.attachments:
            self.state.files.drop(stored)
        part.attachments = []

    def _edited(self, conversation: str) -> None:
        talk = self._talk(conversation)
        if self.state.switches.edit_moves_last_update:
            talk.last_update = max(talk.last_update, self.state.clock.now())

    @staticmethod
    def _hand_over(conversation: Conversation, user: int) -> None:
        for part in conversation.parts:
            if part.sender.kind == "user":
                part.sender = Sender("user", user)
        conversation.user = user
