"""Where a person looks at a conversation in a browser.

Intercom's inbox has an address for each. The address of one in Dashly's panel is not documented: it is found
there by its id, and no link is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.config.model import Config
    from state.store import Store

_INBOXES = {
    "api.intercom.io": "app.intercom.com",
    "api.eu.intercom.io": "app.eu.intercom.com",
    "api.au.intercom.io": "app.au.intercom.com",
}
"""The host of the inbox by that of the API: each region has its own."""


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links; there are none while the workspace or the host of the inbox is not known."""

    inbox: str | None = None
    workspace: str | None = None

    def of(self, ids: Mapping[Side, str | None]) -> dict[str, str | None]:
        """Return the address of a conversation by side, for the ids that it has on each."""
        return {side.value: self._link(side, ids.get(side)) for side in Side}

    def _link(self, side: Side, conversation: str | None) -> str | None:
        if side is Side.DASHLY or not (self.inbox and self.workspace and conversation):
            return None
        return (
            f"https://{self.inbox}/a/inbox/{quote(self.workspace)}/inbox/conversation/{quote(conversation)}"
        )


NO_LINKS = Links()


def links_of(config: Config, store: Store) -> Links:
    """Return what makes the links of a pair of workspaces."""
    host = urlsplit(config.intercom.base_url).hostname or ""
    return Links(_INBOXES.get(host), store.meta.workspace(Side.INTERCOM))
