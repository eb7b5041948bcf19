"""Dashly's reading endpoints for conversations and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from connector.sandbox.dashly import actions, views
from connector.sandbox.dashly.errors import DashlyError, invalid
from connector.sandbox.dashly.paging import paginate
from connector.sandbox.dashly.params import Call, parse_id

if TYPE_CHECKING:
    from connector.sandbox.dashly.model import Conversation, Part
    from connector.sandbox.exchange import JsonObject

Result: TypeAlias = "tuple[object, JsonObject]"
"""What an endpoint returns: `data`, and the extras of `meta`."""

_OPTIONAL = ("user", "channel", "part_last", "important_part_last", "reply_last")
_ASSISTANTS = frozenset(
    ["dialogflow", "lead_bot", "routing_bot", "facebook_bot", "telegram_bot", "widget_bot", "yandex_ai"],
)


def list_conversations(call: Call) -> Result:
    """GET /apps/{app_id}/conversations."""
    check_app(call)
    found = [item for item in _live(call) if _listed(call, item) and _matches(call, item)]
    page = paginate(call, found, lambda item: (item.last_update, item.id))
    include = _included(call, default_off=frozenset({"channel"}))
    full = call.state.switches.list_parts_full
    return [views.conversation(call.state, item, include, full=full) for item in page.items], page.meta


def list_user_conversations(call: Call) -> Result:
    """GET /users/{id}/conversations."""
    user = _known_user(call)
    only_replied = call.flag("with_user_replies_only")
    found = [
        item
        for item in _live(call)
        if item.user == user
        and item.removed is None
        and (not only_replied or item.last_user_reply is not None)
    ]
    page = paginate(call, found, lambda item: (item.last_update, item.id))
    include = _included(call, default_off=frozenset({"channel"}))
    return [views.conversation(call.state, item, include, full=True) for item in page.items], page.meta


def get_conversation(call: Call) -> Result:
    """GET /conversations/{id}."""
    item = conversation_of(call)
    return views.conversation(call.state, item, _included(call, default_off=frozenset()), full=True), {}


def list_parts(call: Call) -> Result:
    """GET /conversations/{id}/parts."""
    item = conversation_of(call)
    page = paginate(call, item.parts, lambda entry: (entry.id,))
    return [_shown_part(call, item, entry) for entry in page.items], page.meta


def list_channels(call: Call) -> Result:
    """GET /apps/{app_id}/channels."""
    check_app(call)
    if not call.state.switches.channels_readable:
        raise DashlyError("PermissionDeniedError", "The token may not list channels")
    channels = list(call.state.channels.values())
    if not call.state.switches.channels_paged:
        return [views.channel(call.state, item) for item in channels], {}
    page = paginate(call, channels, lambda item: (item.id,))
    return [views.channel(call.state, item) for item in page.items], page.meta


def check_app(call: Call) -> None:
    """Refuse an app other than the token's."""
    if call.args["app_id"] not in {"$self_app", str(call.state.app_id)}:
        raise DashlyError("PermissionDeniedError", "The token belongs to another app")


def conversation_of(call: Call) -> Conversation:
    """Return the conversation that the path names."""
    return call.state.conversation(parse_id("id", call.args["id"]))


def _known_user(call: Call) -> int:
    if not call.flag("by_user_id"):
        return call.state.user(parse_id("id", call.args["id"])).id
    found = call.state.user_by_own_id(call.args["id"])
    if found is None:
        raise DashlyError("LookupError", f"user {call.args['id']} does not exist")
    return found.id


def _live(call: Call) -> list[Conversation]:
    items = [item for item in call.state.conversations.values() if item.removed is None]
    if call.state.switches.removed_listed:
        items = list(call.state.conversations.values())
    for item in items:
        if item.removed is None:
            call.state.conversation(item.id)
    return items


def _listed(call: Call, item: Conversation) -> bool:
    return item.replied or call.state.switches.unreplied_listed


def _matches(call: Call, item: Conversation) -> bool:
    snoozed = (item.delayed_until or 0) > call.stamp.at
    return (
        call.optional_flag("closed") in {None, item.closed}
        and call.optional_flag("delayed") in {None, snoozed}
        and _answered(call, item)
        and _assigned(call, item)
        and _tagged(call, item)
        and _in_channel(call, item)
        and _assisted(call, item)
    )


def _answered(call: Call, item: Conversation) -> bool:
    wanted = call.optional_flag("answered")
    if wanted is None:
        return True
    replies = [entry.type for entry in item.parts if entry.type in actions.REPLIES]
    return bool(replies) and (replies[-1] != "reply_user") == wanted


def _assigned(call: Call, item: Conversation) -> bool:
    with_unassigned = call.flag("include_not_assigned")
    wanted = call.text("assigned")
    if item.assignee is None:
        hidden = call.state.switches.unassigned_hidden_by_default or wanted is not None
        return with_unassigned or not hidden
    if wanted is None:
        return True
    return wanted != "0" and item.assignee == parse_id("assigned", wanted)


def _tagged(call: Call, item: Conversation) -> bool:
    wanted = call.strings("tags")
    if wanted is None:
        return True
    if not item.tags:
        return call.flag("include_no_tags")
    chosen = all if call.state.switches.tags_filter_all else any
    return chosen(tag in item.tags for tag in wanted)


def _in_channel(call: Call, item: Conversation) -> bool:
    wanted = call.text("channel")
    if wanted is None:
        return True
    return item.channel is None if wanted == "0" else item.channel == parse_id("channel", wanted)


def _assisted(call: Call, item: Conversation) -> bool:
    wanted = call.text("assistant_type")
    if wanted is not None and wanted not in _ASSISTANTS:
        raise invalid("assistant_type", "is unknown")
    return wanted in {None, item.assistant_type}


def _included(call: Call, *, default_off: frozenset[str]) -> set[str]:
    return {name for name in _OPTIONAL if call.flag(f"include_{name}", default=name not in default_off)}


def _shown_part(call: Call, item: Conversation, entry: Part) -> JsonObject:
    shown = views.part(call.state, entry)
    if call.flag("include_conversation") and call.state.switches.include_conversation:
        shown["conversation"] = views.conversation(call.state, item, {"user"}, full=False)
    return shown
