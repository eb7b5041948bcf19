"""What administrators do to an Intercom workspace: staff, tags, merges and deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from connector.sandbox.desk import Desk, locked
from connector.sandbox.intercom import actions, directory, merging, truth
from connector.sandbox.intercom.model import Admin, Author, Conversation, IntercomState, Team, Webhook
from connector.sandbox.record import Stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import RLock

    from connector.sandbox.exchange import JsonObject, Upload


class InboxAdministration(Desk):
    """Changes who works in a workspace and what it holds."""

    side = "intercom"

    def __init__(self, state: IntercomState, lock: RLock) -> None:
        super().__init__(lock)
        self.state = state

    @locked
    def hire(self, admin: int, name: str, email: str, *, bot: bool = False) -> str:
        """Add a teammate, or the workspace's bot."""
        self.state.admins[admin] = Admin(admin, name, email, bot=bot, has_inbox_seat=not bot)
        return str(admin)

    @locked
    def add_team(self, team: int, name: str, members: Sequence[int]) -> str:
        """Add a team."""
        self.state.teams[team] = Team(team, name, list(members))
        for member in members:
            self.state.admins[member].team_ids.append(team)
        return str(team)

    @locked
    def add_tag(self, name: str) -> str:
        """Add a tag to the workspace."""
        return str(directory.named_tag(self.state, name).id)

    def agents(self) -> list[str]:
        """Return the ids of the human teammates."""
        return [str(key) for key, admin in self.state.admins.items() if not admin.bot and not admin.left]

    @locked
    def agent_leaves(self, agent: str) -> None:
        """Take a teammate off the list; what they wrote, and what is assigned to them, stays."""
        self.state.admin(agent).left = True

    @locked
    def merge_contacts(self, source: str, into: str) -> None:
        """Merge a contact into another one; its id becomes invalid."""
        into_contact = self.state.contact(into)
        merging.merge_contacts(self.state, self.state.contact(source), into_contact, self._stamp(None))

    @locked
    def delete_contact(self, customer: str) -> None:
        """Delete a contact; the conversations stay and still show its id."""
        contact = self.state.contact(customer)
        contact.archived = contact.deleted = True

    @locked
    def archive_contact(self, customer: str) -> None:
        """Archive a contact, which can be read by its id but not written as."""
        self.state.contact(customer).archived = True

    @locked
    def merge_conversations(self, conversation: str, into: str) -> None:
        """Merge a conversation into another one, which survives."""
        merging.merge_conversations(self.state, self._talk(conversation), self._talk(into), self._stamp(None))

    @locked
    def delete_conversation(self, conversation: str) -> None:
        """Delete a conversation."""
        actions.delete(self.state, self._talk(conversation), self._stamp(None))

    def subscribe(self, url: str) -> None:
        """Set where the app's webhooks go; the address must answer HEAD."""
        answer = httpx.head(url, trust_env=False, timeout=5)
        if not answer.is_success:
            raise ValueError(f"{url} answers HEAD with {answer.status_code}")
        self.state.webhook = Webhook(url)

    @locked
    def keep_file(self, attachments: Sequence[Upload]) -> list[str]:
        """Store pictures for use in a body and return their addresses, one for each."""
        kept = actions.keep(self.state, attachments, self._stamp(None))
        return [self.state.files.url(stored) for stored in kept]

    @locked
    def truth(self) -> JsonObject:
        """Dump every contact, conversation and part with what the API does not show."""
        actions.fire_timers(self.state)
        return truth.dump(self.state)

    def _stamp(self, created: float | None) -> Stamp:
        return Stamp(self.state.clock.now() if created is None else float(created), "human")

    def _talk(self, conversation: str) -> Conversation:
        return self.state.conversation(str(conversation))

    def _agent(self, agent: str | None) -> Author:
        admin = self.state.admin(self.agents()[0] if agent is None else agent)
        return Author("bot" if admin.bot else "admin", str(admin.id))
