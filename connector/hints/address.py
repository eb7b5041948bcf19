"""Where Dashly's realtime service is, and what is heard there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from connector.http.service import is_this_machine

if TYPE_CHECKING:
    from pydantic import SecretStr

    from connector.config.model import Config

PING = "ping"
_API, _SERVICE = "api.", "realtime-services."
_OF_AN_APP = (
    "conversation",
    "conversation_reply",
    "conversation_assigned",
    "conversation_closed",
    "conversation_tag_added",
    "conversation_tag_deleted",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One app's line to the service."""

    url: str
    app: str
    token: SecretStr

    def address(self, since: tuple[str, str] | None) -> str:
        """Return the address of the channels, resumed behind the message of this tag and time."""
        channels = "/".join([*(f"{name}.{self.app}" for name in _OF_AN_APP), f"{PING}.{self.app}"])
        resumed = "" if since is None else "?" + urlencode({"tag": since[0], "time": since[1]})
        return f"{self.url}/websocket/{channels}{resumed}"


def line_of(config: Config, token: SecretStr) -> Line | None:
    """Return the line of a pair; None where it is not to listen, or nobody knows where."""
    url = config.hooks.dashly_url or _beside(config.dashly.base_url)
    return Line(url, config.dashly.app_id, token) if config.hooks.dashly and url else None


def _beside(base_url: str) -> str | None:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if is_this_machine(host):
        return f"ws://{parts.netloc}"
    # The token goes there: never to a name that was guessed, and may belong to anybody.
    return f"wss://{_SERVICE}{host.removeprefix(_API)}" if host.startswith(_API) else None
