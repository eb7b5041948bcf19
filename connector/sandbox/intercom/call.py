"""One API call to Intercom with its parameters read and its people found."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from connector.sandbox.exchange import JsonObject, Upload
from connector.sandbox.intercom import bodies, views
from connector.sandbox.intercom.errors import absent, invalid, not_found
from connector.sandbox.intercom.model import Author, Contact, Conversation, IntercomState, Version
from connector.sandbox.intercom.search import whole_number
from connector.sandbox.invisible import stripped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.sandbox.record import Stamp

_FUTURE_SLACK = 300


@dataclass(frozen=True, slots=True)
class Call:
    """One API call: the workspace, the version, the path's arguments, query and body."""

    state: IntercomState
    version: Version
    args: dict[str, str]
    query: Mapping[str, str]
    body: JsonObject
    stamp: Stamp

    @property
    def plain(self) -> bool:
        """Whether bodies are wanted as text."""
        return (self.query.get("display_as") or self.body.get("display_as")) == "plaintext"

    def conversation(self) -> Conversation:
        """Return the conversation that the path names."""
        return self.state.conversation(self.args["id"])

    def shown(self, conversation: Conversation) -> JsonObject:
        """Show a whole conversation in the call's version."""
        return views.conversation(self.state, conversation, self.version, plain=self.plain)

    def text(self, name: str) -> str:
        """Return a text that must be there and not empty."""
        value = self.body.get(name)
        if value is None or value == "":
            raise absent(name)
        if not isinstance(value, str):
            raise invalid(f"{name} must be a text")
        return self._visible(name, value)

    def message_text(self) -> str:
        """Return a message's text, which only a message with files may lack, if any."""
        files = self.body.get("attachment_files") or self.body.get("attachment_urls")
        if files and not self.state.switches.body_required_with_files:
            return str(self.body.get("body") or "")
        return self.text("body")

    def admin_author(self, name: str = "admin_id") -> Author:
        """Return the teammate who acts; the workspace's bot is one too."""
        value = self.body.get(name)
        if value is None:
            raise absent(name)
        admin = self.state.admin(value)
        return Author("bot" if admin.bot else "admin", str(admin.id))

    def contact_author(self, identity: Mapping[str, object] | None = None) -> Author:
        """Return the contact named by `intercom_user_id`, `user_id` or `email`."""
        return Author("user", find_contact(self.state, self.body if identity is None else identity).id)

    def created_at(self, *, honoured: bool) -> int | None:
        """Return the time to back-date to, None for now."""
        value = self.body.get("created_at")
        if value is None or not honoured or not self.state.switches.created_at_honoured:
            return None
        moment = whole_number(value, "created_at")
        if moment > self.stamp.at + _FUTURE_SLACK:
            raise invalid("created_at cannot be in the future")
        return moment

    def _visible(self, name: str, value: str) -> str:
        """Return a text as the sanitiser leaves it, where it takes out what has no width."""
        if not self.state.switches.invisible_stripped:
            return value
        left = stripped(value)
        if not bodies.plain(left):
            raise absent(name)
        return left

    def uploads(self, most: int = 10) -> list[Upload]:
        """Return the attachments given as files and as addresses."""
        files = self.body.get("attachment_files") or []
        urls = self.body.get("attachment_urls") or []
        if len(files) > most or len(urls) > most:
            raise invalid(f"at most {most} attachments are allowed")
        return [_from_file(item) for item in files] + [self._from_url(str(url)) for url in urls]

    def _from_url(self, url: str) -> Upload:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise invalid("attachment_urls must be addresses")
        stored = self.state.files.find(url)
        name = unquote(urlsplit(url).path).rpartition("/")[2] or "attachment"
        return Upload(name, b"" if stored is None else stored.content)


def find_contact(state: IntercomState, identity: Mapping[str, object]) -> Contact:
    """Find a contact by `intercom_user_id`, else `user_id`, else `email`."""
    if identity.get("intercom_user_id"):
        return state.contact(identity["intercom_user_id"])
    for name, field in (("user_id", "external_id"), ("email", "email")):
        wanted = identity.get(name)
        if wanted:
            found = [item for item in state.living_contacts() if getattr(item, field) == str(wanted)]
            if found:
                return found[0]
            raise not_found("User Not Found")
    raise absent("intercom_user_id")


def _from_file(item: JsonObject) -> Upload:
    try:
        content = base64.b64decode(item["data"], validate=True)
        return Upload(str(item["name"]), content, str(item["content_type"]))
    except (KeyError, TypeError, binascii.Error) as error:
        raise invalid("attachment_files need content_type, name and base64 data") from error
