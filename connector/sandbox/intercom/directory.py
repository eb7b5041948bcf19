"""Intercom's endpoints for the workspace, teammates, teams and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.intercom import views
from connector.sandbox.intercom.errors import absent, forbidden, not_found
from connector.sandbox.intercom.model import IntercomState, Tag

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.call import Call

_WORKSPACE_MADE = 1_500_000_000


def me(call: Call) -> JsonObject:
    """GET /me."""
    state = call.state
    owner = next(admin for admin in state.admins.values() if not admin.bot and not admin.left)
    shown = views.admin(owner)
    return {name: shown[name] for name in ("type", "id", "email", "name", "has_inbox_seat")} | {
        "email_verified": True,
        "app": {
            "type": "app",
            "id_code": state.workspace_id,
            "name": "Sandbox",
            "created_at": _WORKSPACE_MADE,
            "secure": False,
            "identity_verification": False,
            "timezone": "Etc/UTC",
            "region": "US",
        },
        "avatar": {"type": "avatar", "image_url": None},
    }


def list_admins(call: Call) -> JsonObject:
    """GET /admins; before 1.4 teams are mixed in."""
    _check_access(readable=call.state.switches.admins_readable)
    admins = [views.admin(item) for item in call.state.admins.values() if not item.left]
    if call.version < (1, 4):
        admins += [views.team(item) for item in call.state.teams.values()]
    return {"type": "admin.list", "admins": admins}


def get_admin(call: Call) -> JsonObject:
    """GET /admins/{id}."""
    return views.admin(call.state.admin(call.args["id"]))


def list_teams(call: Call) -> JsonObject:
    """GET /teams."""
    _check_access(readable=call.state.switches.teams_readable)
    return {"type": "team.list", "teams": [views.team(item) for item in call.state.teams.values()]}


def get_team(call: Call) -> JsonObject:
    """GET /teams/{id}."""
    found = [item for key, item in call.state.teams.items() if str(key) == call.args["id"]]
    if not found:
        raise not_found("Team not found", "team_not_found")
    return views.team(found[0])


def list_tags(call: Call) -> JsonObject:
    """GET /tags; the list's key changed with 2.0."""
    _check_access(readable=call.state.switches.tags_readable)
    tags = [_basic(item) for item in call.state.tags.values()]
    return {"type": "list", "data": tags} if call.version >= (2, 0) else {"type": "tag.list", "tags": tags}


def get_tag(call: Call) -> JsonObject:
    """GET /tags/{id}."""
    found = [item for key, item in call.state.tags.items() if str(key) == call.args["id"]]
    if not found:
        raise not_found()
    return _basic(found[0])


def save_tag(call: Call) -> JsonObject:
    """POST /tags: create, find by name or rename."""
    name = str(call.body.get("name") or "").strip()
    if not name:
        raise absent("name")
    if call.body.get("id"):
        tag = call.state.tag(call.body["id"])
        tag.name = name
    else:
        tag = named_tag(call.state, name)
    return _basic(tag)


def delete_tag(call: Call) -> JsonObject:
    """DELETE /tags/{id}, which takes it off every conversation too."""
    get_tag(call)
    key = int(call.args["id"])
    for conversation in call.state.conversations.values():
        conversation.tags = [item for item in conversation.tags if item.tag != key]
    del call.state.tags[key]
    return {}


def named_tag(state: IntercomState, name: str) -> Tag:
    """Return the tag of that name, whatever its case, creating it when missing."""
    found = [item for item in state.tags.values() if item.name.casefold() == name.casefold()]
    if found:
        return found[0]
    tag = Tag(next(state.ids.tags), name)
    state.tags[tag.id] = tag
    return tag


def _check_access(*, readable: bool) -> None:
    if not readable:
        raise forbidden("The token is not allowed to read this")


def _basic(tag: Tag) -> JsonObject:
    return {"type": "tag", "id": str(tag.id), "name": tag.name}
