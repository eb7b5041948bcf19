"""What can happen to a Dashly conversation, whoever does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.sandbox.dashly.errors import DashlyError
from connector.sandbox.dashly.model import Conversation, DashlyState, Part, Sender, User
from connector.sandbox.record import Notification, Stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.sandbox.exchange import JsonObject, Upload

PUBLIC_OUTGOING = frozenset({"reply_admin", "article", "auto_reply", "chat_bot_admin", "chat_bot_user"})
"""Part types that carry a message to the user."""

REPLIES = frozenset({"reply_user", "reply_admin", "article"})
"""Part types that count as a reply of one side or the other."""

_SENT_VIA = {
    "reply_user": "web_user",
    "reply_admin": "web_panel",
    "note": "web_panel",
    "article": "web_panel",
    "vote": "web_user",
    "auto_reply": "auto_reply",
    "chat_bot_admin": "message_chat_bot",
    "chat_bot_user": "message_chat_bot",
}
_WRITTEN = frozenset({"reply_user", "reply_admin", "note", "article"})


@dataclass(slots=True)
class Draft:
    """A part to be written."""

    type: str
    sender: Sender
    body: str = ""
    uploads: Sequence[Upload] = ()
    body_json: JsonObject = field(default_factory=dict)
    meta_data: JsonObject = field(default_factory=dict)
    actions: list[JsonObject] | None = None
    external_id: str | None = None
    sent_via: str | None = None
    assignee: int | None = None
    tag: str | None = None
    channel: int | None = None
    inbound_email: int | None = None


def append(state: DashlyState, conversation: Conversation, stamp: Stamp, draft: Draft) -> Part:
    """Write a part as it stands, without any effect on the conversation but its time."""
    written_by_api = stamp.via == "api" and draft.type in _WRITTEN
    sent_via = draft.sent_via or ("api" if written_by_api else _SENT_VIA.get(draft.type, "system"))
    part = Part(
        id=state.ids.next(stamp.at),
        conversation=conversation.id,
        part_group=conversation.part_group,
        type=draft.type,
        created=stamp.at,
        sender=draft.sender,
        sent_via=sent_via,
        via=stamp.via,
        first=not conversation.parts,
        body=draft.body,
        body_json=draft.body_json,
        meta_data=draft.meta_data,
        actions=draft.actions,
        external_id=draft.external_id,
        assignee=draft.assignee,
        tag=draft.tag,
        channel=draft.channel,
        inbound_email=draft.inbound_email,
    )
    part.attachments = [state.files.keep(state.ids.next(stamp.at), item, stamp.at) for item in draft.uploads]
    conversation.parts.append(part)
    conversation.last_update = max(conversation.last_update, stamp.at)
    _notify(state, conversation, part)
    _push(state, part)
    return part


def write(state: DashlyState, conversation: Conversation, stamp: Stamp, draft: Draft) -> Part:
    """Write a message or a note with everything that follows from it."""
    if draft.type == "reply_user":
        _wake(state, conversation, stamp)
    elif draft.type == "reply_admin" and stamp.via == "api" and state.switches.admin_reply_reopens:
        conversation.closed = False
    part = append(state, conversation, stamp, draft)
    if draft.type == "reply_user":
        conversation.replied = True
        conversation.last_user_reply = stamp.at
    elif draft.sender.kind == "admin":
        conversation.last_admin = draft.sender.id
    return part


def auto_assign(state: DashlyState, conversation: Conversation, stamp: Stamp, draft: Draft) -> None:
    """Give an unassigned conversation to the operator who replies, where the app does so."""
    switches = state.switches
    wanted = switches.admin_reply_auto_assigns if stamp.via == "api" else switches.panel_reply_auto_assigns
    if (
        wanted
        and draft.type == "reply_admin"
        and draft.sender.kind == "admin"
        and conversation.assignee is None
    ):
        assign(state, conversation, stamp, draft.sender.id, draft.sender)


def assign(
    state: DashlyState, conversation: Conversation, stamp: Stamp, admin: int | None, sender: Sender
) -> Part | None:
    """Change the assignee; nothing happens when it is the same."""
    if conversation.assignee == admin:
        if admin is None:
            _complain_of_repeat(state, stamp, "nobody is assigned")
        return None
    conversation.assignee = admin
    return append(state, conversation, stamp, Draft("assigned", sender, assignee=admin))


def close(state: DashlyState, conversation: Conversation, stamp: Stamp, sender: Sender) -> Part | None:
    """Close a conversation; nothing happens when it is closed."""
    if conversation.closed:
        _complain_of_repeat(state, stamp, "the conversation is closed")
        return None
    conversation.closed = True
    conversation.delayed_until = None
    return append(state, conversation, stamp, Draft("closed", sender))


def reopen(state: DashlyState, conversation: Conversation, stamp: Stamp) -> None:
    """Open a closed conversation, which leaves no part."""
    conversation.closed = False
    conversation.part_group = state.ids.next(stamp.at)
    if state.switches.reopen_moves_last_update:
        conversation.last_update = max(conversation.last_update, stamp.at)


def delay(state: DashlyState, conversation: Conversation, stamp: Stamp, until: float, sender: Sender) -> Part:
    """Snooze a conversation."""
    before = conversation.last_update
    conversation.delayed_until = until
    part = append(state, conversation, stamp, Draft("delayed", sender))
    if not state.switches.delay_moves_last_update:
        conversation.last_update = before
    return part


def add_tag(
    state: DashlyState, conversation: Conversation, stamp: Stamp, tag: str, sender: Sender
) -> Part | None:
    """Attach a tag."""
    if _present(state, conversation, tag):
        _complain(state, "ConversationTagAlreadyAssigned", f"tag {tag} is already assigned")
        return None
    conversation.tags.append(tag)
    return append(state, conversation, stamp, Draft("tag_added", sender, tag=tag))


def remove_tag(
    state: DashlyState, conversation: Conversation, stamp: Stamp, tag: str, sender: Sender
) -> Part | None:
    """Detach a tag."""
    present = _present(state, conversation, tag)
    if present is None:
        _complain(state, "ConversationTagIsNotAssigned", f"tag {tag} is not assigned")
        return None
    conversation.tags.remove(present)
    return append(state, conversation, stamp, Draft("tag_deleted", sender, tag=tag))


def start(
    state: DashlyState, user: User, stamp: Stamp, draft: Draft, *, message: int | None = None
) -> Conversation:
    """Begin a conversation with its first part."""
    conversation = Conversation(
        id=state.ids.next(stamp.at),
        created=stamp.at,
        user=user.id,
        part_group=state.ids.next(stamp.at),
        last_update=stamp.at,
        message=message,
    )
    state.conversations[conversation.id] = conversation
    write(state, conversation, stamp, draft)
    return conversation


def make_user(state: DashlyState, stamp: Stamp, user_id: str | None = None) -> User:
    """Create a user."""
    user = User(state.ids.next(stamp.at), stamp.at, stamp.via, user_id=user_id)
    state.users[user.id] = user
    return user


def check_body(state: DashlyState, body: str) -> None:
    """Refuse a text that is too long."""
    if len(body) > state.switches.body_limit:
        raise DashlyError("ReplyTooBig", "The reply is too big")


def _present(state: DashlyState, conversation: Conversation, tag: str) -> str | None:
    """Return the tag as it stands on the conversation."""
    same = str.casefold if state.switches.tags_fold_case else str
    return next((item for item in conversation.tags if same(item) == same(tag)), None)


def _complain_of_repeat(state: DashlyState, stamp: Stamp, message: str) -> None:
    if state.switches.repeat_is_error and stamp.via == "api":
        raise DashlyError("BadRequest", message)


def _complain(state: DashlyState, error: str, message: str) -> None:
    if state.switches.duplicate_tag_is_error:
        raise DashlyError(error, message)


def _wake(state: DashlyState, conversation: Conversation, stamp: Stamp) -> None:
    if conversation.closed and state.switches.user_reply_reopens:
        conversation.closed = False
        conversation.part_group = state.ids.next(stamp.at)
    if state.switches.user_reply_wakes:
        conversation.delayed_until = None


def _push(state: DashlyState, part: Part) -> None:
    """Tell the realtime service; not of snoozes, channels and votes."""
    if part.first:
        state.pushes.emit("conversation", part.conversation)
    if part.type in PUBLIC_OUTGOING | {"reply_user"} or (part.type == "note" and state.switches.notes_pushed):
        state.pushes.emit("conversation_reply", part.conversation, part.id)
    elif part.type in {"assigned", "closed", "tag_added", "tag_deleted"}:
        state.pushes.emit(f"conversation_{part.type}", part.conversation, part.id)


def _notify(state: DashlyState, conversation: Conversation, part: Part) -> None:
    user = state.users[conversation.user]
    if part.type not in PUBLIC_OUTGOING or not user.reachable:
        return
    part.notified.append(user.id)
    state.record.notifications.append(
        Notification(
            side="dashly",
            conversation=str(conversation.id),
            part=str(part.id),
            recipient=str(user.id),
            via=part.via,
            at=part.created,
            text=part.body,
        )
    )
