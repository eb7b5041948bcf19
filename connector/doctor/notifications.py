"""Every setting by which a customer could be notified of a copy, the loudest first. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.doctor.findings import Finding, ok, warn
from connector.intercom.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.config.model import Config

_CHECK = "notifications"


def notifications(config: Config) -> Iterator[Finding]:
    """Yield a line for each setting by which customers could be notified, or one that says there is none."""
    loud = list(_loud(config))
    yield from loud or [ok(_CHECK, "no setting lets a customer be notified of a copy")]


def _loud(config: Config) -> Iterator[Finding]:
    silent = Version.parse(config.intercom.api_version).has("skip_notifications")
    # From 2.15 on the key has no effect: messages are silent with or without it.
    if config.intercom.loud_mirror and not silent:
        told = "[intercom] loud_mirror: customers are notified of each copy of an agent's message"
        yield warn(_CHECK, told, "remove loud_mirror, or choose api_version 2.15 or later")
    # Agents' words become notes then, but Dashly's own campaigns go to every address.
    if config.dashly.contact_details == "full":
        told = '[dashly] contact_details = "full": Dashly knows addresses of customers of Intercom'
        yield warn(_CHECK, told, "make sure that no automation of Dashly writes to users with intercom: ids")
