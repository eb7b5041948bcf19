"""Keys in the file that have no effect because of other keys. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from connector.config.choices import MatchEmail
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.config.model import Config

_SILENT_SINCE = (2, 15)  # Intercom's skip_notifications, which loud_mirror stands in for


class Ineffective(NamedTuple):
    """One key in the words of the file, and why it does nothing."""

    key: str
    why: str


def without_effect(config: Config) -> list[Ineffective]:
    """Return the keys that were set and do nothing in this combination."""
    return [*_of_versions(config), *_of_directions(config), *_of_hooks(config)]


def _of_versions(config: Config) -> Iterator[Ineffective]:
    intercom = config.intercom
    major, minor = map(int, intercom.api_version.split("."))
    if intercom.loud_mirror and (major, minor) >= _SILENT_SINCE:
        why = f"api_version {intercom.api_version} can copy agents' messages silently, and does"
        yield Ineffective("[intercom] loud_mirror", why)
    if config.people.match_email is MatchEmail.USERS and major == 1:
        why = f"api_version {intercom.api_version} cannot say how many people have an address"
        yield Ineffective("[people] match_email", why)
    if intercom.tag_api_version and major != 1:
        yield Ineffective("[intercom] tag_api_version", f"api_version {intercom.api_version} tags by itself")


def _of_directions(config: Config) -> Iterator[Ineffective]:
    to_intercom = ("[history] to_intercom", "[map] channels", "[intercom] bot_admin")
    to_dashly = ("[history] to_dashly", "[dashly] contact_details")
    for source, keys in ((Side.DASHLY, to_intercom), (Side.INTERCOM, to_dashly)):
        if not config.sync.copies_from(source):
            why = f"[sync] directions carries nothing to {source.other.value.capitalize()}"
            if source is Side.DASHLY and config.people.match_email is MatchEmail.USERS:
                yield Ineffective("[people] match_email", why)
            yield from (Ineffective(key, why) for key in keys if _is_set(config, key))
            rows = [row for row in config.map.parts if row.startswith(f"{source.value}.")]
            yield from (Ineffective(f'[map.parts] "{row}"', why) for row in rows)


def _of_hooks(config: Config) -> Iterator[Ineffective]:
    if config.hooks.dashly_url and not config.hooks.dashly:
        yield Ineffective("[hooks] dashly_url", "[hooks] dashly = false listens to nothing")


def _is_set(config: Config, key: str) -> bool:
    section, name = key.removeprefix("[").split("] ")
    return name in getattr(config, section).model_fields_set
