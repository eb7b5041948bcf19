"""Dashly's Web API v2 as JSON Schemas, from the project's reference: nothing official describes it so.

Marks: O read on an official page, O~ an excerpt of one, C third-party code or a captured payload, I inferred,
ASSUMPTION a guess where the documentation is silent, followed by the sandbox's switch that turns it over.
"""

from __future__ import annotations

from tests.contract.kit.fields import (
    ANY,
    COUNT,
    FLAG,
    SECONDS,
    TEXT,
    Field,
    Json,
    listed,
    maybe,
    named,
    one_of,
    record,
)

KEY: Json = {"type": "string", "pattern": "^[1-9][0-9]{0,19}$"}
TAG: Json = {"type": "string", "minLength": 1, "maxLength": 255}
ADMIN: Json = {"anyOf": [KEY, {"const": "default_admin"}]}
CURSOR: Json = {"type": "array", "minItems": 1, "maxItems": 2}
VIA = (
    "web_user", "email_user", "web_panel", "email_admin", "app_android", "app_ios", "app_chrome",
    "app_desktop", "message_auto", "message_manual", "message_chat_bot", "api", "integrations", "system",
    "auto_reply",
)  # fmt: skip
PARTS = (
    "reply_user", "reply_admin", "auto_reply", "note", "article", "assigned", "closed", "final_closed",
    "delayed", "tag_added", "tag_deleted", "channel_changed", "vote", "chat_bot_admin", "chat_bot_user",
    "service",
)  # fmt: skip
TYPES = (
    "email", "incoming_email", "popup_small", "popup_big", "block_popup_small", "block_popup_big",
    "popup_chat", "lead_bot", "routing_bot", "push", "sdk_push",
)  # fmt: skip
REPLY = ("text", "email", "phone", "push", "button", "no")
ERRORS = {
    400: ("ValidationError", "BadRequest", "LookupError", "ReplyTooBig", "ConversationTagAlreadyAssigned",
          "ConversationTagIsNotAssigned"),
    401: ("NotAuthenticated",),
    403: ("PermissionDeniedError",),
    404: ("Error404",),
    405: ("MethodNotAllowed",),
    429: ("TooManyRequests",),
    500: ("Error500",),
}  # fmt: skip


def description() -> Json:
    """Return the description in the shape of the vendored ones."""
    return {
        "version": "v2",
        "headers": {"Authorization": r"(Token|Bearer) \S+"},
        "operations": _operations(),
        "schemas": _people() | _conversations(),
    }


def _people() -> Json:
    sender = record(
        type=Field(one_of("default_admin", "message_sender"), "O"),
        id=Field(KEY, "O: absent on default senders", required=False),
        name=Field(maybe(TEXT), "O"),
        avatar=Field(maybe(TEXT), "O", required=False),
        email_name=Field(maybe(TEXT), "O", required=False),
        is_default=Field(FLAG, "O", required=False),
        is_removed=Field(FLAG, "O", required=False),
        is_bot=Field(FLAG, "O", required=False),
    )
    return {
        "error": _error(None),
        "admin": record(
            type=Field(one_of("admin", "bot"), "O"),
            id=Field(KEY, "O"),
            name=Field(TEXT, "O"),
            avatar=Field(TEXT, "O"),
            name_internal=Field(TEXT, "O"),
        ),
        "sender": sender,
        "user": record(
            id=Field(KEY, "O~"),
            app=Field(KEY, "O~"),
            user_id=Field(maybe(TEXT), "O~"),
            presence=Field(one_of("online", "idle", "offline"), "O~"),
            removed=Field(maybe(SECONDS), "O~"),
            props=Field({"type": "object"}, "O~"),
            props_custom=Field({"type": "object"}, "O", required=False),
        ),
        "channel": record(
            id=Field(KEY, "O"),
            name=Field(TEXT, "O"),
            avatar=Field(TEXT, "O"),
            type=Field(
                one_of(
                    "email",
                    "mobile",
                    "manual",
                    "vk",
                    "facebook",
                    "instagram",
                    "telegram",
                    "viber",
                    "whatsapp",
                ),
                "O",
            ),
            priority=Field(COUNT, "O"),
            droppable=Field(FLAG, "O", required=False),
            operators=Field(listed(named("admin")), "O", required=False),
            not_assigned_count=Field(COUNT, "O", required=False),
            not_read_count=Field(COUNT, "O", required=False),
            read_permission=Field(FLAG, "O", required=False),
            auto_set=Field(FLAG, "O", required=False),
            auto_set_settings=Field({"type": "object"}, "O", required=False),
        ),
        "file": record(
            id=Field(KEY, "O"),
            type=Field(one_of("file"), "O"),
            filename=Field(TEXT, "O"),
            mime_type=Field(TEXT, "O"),
            size=Field(COUNT, "O"),
            url=Field(TEXT, "O; that anybody may fetch it is an ASSUMPTION: files_public"),
            created=Field({"type": "number"}, "O"),
        ),
    }


def _part(*, shortened: bool) -> Json:
    more = not shortened
    return record(
        **{"from": Field({"anyOf": [KEY, named("admin"), named("sender"), {"type": "null"}]},
                         "O for replies; ASSUMPTION for system entries: system_entries_from")},
        id=Field(KEY, "O"),
        created=Field({"type": "number"}, "O; whole seconds in samples"),
        conversation=Field(KEY, "O"),
        type=Field(one_of(*PARTS), "O"),
        sent_via=Field(one_of(*VIA), "O"),
        body=Field(TEXT, "O"),
        edited=Field(maybe(SECONDS), "O", required=more),
        removed=Field(maybe(SECONDS), "O", required=more),
        part_group=Field(KEY, "O", required=more),
        body_json=Field({"type": "object"}, "O", required=more),
        direction=Field(one_of("a2u", "u2a"), "O", required=more),
        meta_data=Field({"type": "object"}, "O", required=more),
        reply_type=Field(one_of(*REPLY), "O", required=more),
        actions=Field(maybe(listed({"type": "object"})), "O", required=more),
        external_id=Field(maybe(TEXT), "O; kept by reply: ASSUMPTION external_id_returned", required=more),
        assignee=Field(maybe(named("admin")), "O; null on removal: ASSUMPTION unassigned_shows_null",
                       required=False),
        tag=Field(TAG, "O", required=False),
        channel=Field({"anyOf": [KEY, {"const": 0}]}, "O", required=False),
        inbound_email=Field(KEY, "O", required=False),
        read=Field(FLAG, "O", required=False),
        first=Field({"const": True}, "O", required=False),
        attachments=Field(listed(named("file")) | {"minItems": 1}, "O", required=False),
    )  # fmt: skip


def _conversations() -> Json:
    last = maybe({"anyOf": [named("part"), named("short")]})
    time = maybe({"type": ["integer", "string"]})
    return {
        "part": _part(shortened=False),
        "short": _part(shortened=True),
        "conversation": record(
            id=Field(KEY, "O"),
            created=Field(SECONDS, "O"),
            user=Field(named("user"), "O: on by default"),
            channel=Field(maybe(named("channel")), "O: with include_channel", required=False),
            part_last=Field(last, "O; whole in lists: ASSUMPTION list_parts_full"),
            important_part_last=Field(last, "O~"),
            reply_last=Field(last, "O"),
            reply_last_type=Field(one_of("reply_user", "reply_admin", None), "O"),
            replied=Field(FLAG, "O"),
            closed=Field(FLAG, "O"),
            delayed_until=Field(maybe(SECONDS), "O"),
            removed=Field(maybe(SECONDS), "O"),
            message=Field(maybe(KEY), "O"),
            type=Field(one_of(*TYPES), "O"),
            reply_type=Field(one_of(*REPLY), "O"),
            assignee=Field(maybe(named("admin")), "O"),
            last_admin=Field(maybe(named("admin")), "O"),
            tags=Field(listed(TAG), "O"),
            parts_count=Field(COUNT, "O"),
            replies_count=Field(COUNT, "C"),
            sended_time=Field(time, "O~"),
            last_update=Field(SECONDS, "O"),
            last_user_reply_time=Field(time, "C; a number or ISO text: ASSUMPTION user_reply_time_iso"),
            admin_unread_count=Field(COUNT, "C"),
            user_unread_count=Field(COUNT, "C"),
            unread_parts_count=Field(COUNT, "C"),
            not_answered_admin_replies=Field(COUNT, "C"),
            important=Field(FLAG, "C"),
            external_service=Field(maybe(TEXT), "C"),
            external_id=Field(maybe(TEXT), "C"),
            status=Field(maybe(TEXT), "C"),
            assistant_type=Field(maybe(TEXT), "C"),
            recipient_type=Field(one_of("all", "web", "sdk"), "C"),
        ),
    }


def _operations() -> list[Json]:
    talk = listed(named("conversation"))
    made = record(
        id=Field(KEY, "O; of reply ASSUMPTION: reply_returns_id", required=False),
        part_group=Field(KEY, "O", required=False),
    )
    started = record(id=Field(KEY, "O"))
    by_id = {"path id": TEXT}
    actor = {"form from_admin": ADMIN}
    filters = {
        "query closed": FLAG,
        "query delayed": FLAG,
        "query assigned": KEY,
        "query include_not_assigned": FLAG,
        "query tags": listed(TAG),
        "query include_channel": FLAG,
    }
    return [
        _call("GET", "/v2/apps/{app}/conversations", talk, _paged() | filters, cursor="O"),
        _call("GET", "/v2/apps/{app}/channels", listed(named("channel")), _paged(),
              cursor="ASSUMPTION: channels_paged"),
        _call("GET", "/v2/conversations/{id}", named("conversation"), by_id),
        _call("GET", "/v2/conversations/{id}/parts", listed(named("part")), by_id | _paged(), cursor="O"),
        _call("GET", "/v2/users/{id}/conversations", talk, by_id | _paged()
              | {"query by_user_id": FLAG, "query include_channel": FLAG}, cursor="O"),
        _call("GET", "/v2/users/{id}", named("user"), by_id
              | {"query by_user_id": FLAG, "query props_custom": FLAG}),
        _call("POST", "/v2/conversations/{id}/reply", made, by_id | actor | {
            "form body": TEXT,
            "form type": one_of("reply_admin", "note", "article"),
            "form from_user": {"anyOf": [KEY, {"const": "default_user"}]},
            "form external_id": TAG,
            "file attachment": ANY,
        }, needs=["form body"]),
        _call("POST", "/v2/conversations/{id}/assign", made, by_id | actor | {"form admin": KEY},
              needs=["form from_admin"]),
        _call("POST", "/v2/conversations/{id}/close", made, by_id | actor),
        _call("POST", "/v2/conversations/{id}/tag", made, by_id | actor | {"form tag": TAG},
              needs=["form tag"]),
        _call("DELETE", "/v2/conversations/{id}/tag", made, by_id | actor | {"form tag": TAG},
              needs=["form tag"]),
        _call("POST", "/v2/users/{id}/startconversation", started, by_id
              | {"form body": {"type": "string", "minLength": 1}, "form by_user_id": FLAG},
              needs=["form body"]),
        _call("POST", "/v2/users/{id}/props", {"type": "object", "maxProperties": 0}, by_id
              | {"form by_user_id": FLAG, "form operations": _property_changes()},
              needs=["form operations"], meta={"affected_props", "not_changed_props", "ignored_operations"}),
    ]  # fmt: skip


def _paged() -> Json:
    return {
        "query paginate_count": {"type": "integer", "minimum": 1, "maximum": 50},
        "query paginate_direction": one_of("before"),
        "query paginate_position": CURSOR,
    }


def _property_changes() -> Json:
    change = record(
        op=Field(one_of("set_once", "update_or_create"), "O~"), key=Field(TEXT, "O"), value=Field(TEXT, "O")
    )
    return listed(change) | {"minItems": 1, "maxItems": 250}


def _call(
    method: str,
    path: str,
    data: Json,
    parameters: Json,
    *,
    needs: list[str] | None = None,
    cursor: str = "",
    meta: set[str] | None = None,
) -> Json:
    place = "query" if method == "GET" else "form"
    following = Field(maybe(CURSOR), cursor, required=cursor == "O")
    paging = {"next_before_position": following} if cursor else {}
    lists = {name: Field({"type": "array"}, "O") for name in sorted(meta or ())}
    answer = record(
        meta=Field(record(status=Field({"const": 200}, "O"), **paging, **lists), "O"),
        data=Field(data, "O"),
    )
    return {
        "method": method,
        "path": path,
        "parameters": parameters | {"path app": KEY, f"{place} id_as_string": {"const": True}},
        "required": [*(needs or ()), f"{place} id_as_string"],
        "request": None,
        "responses": {"200": answer} | {str(status): _error(status) for status in ERRORS},
    }


def _error(status: int | None) -> Json:
    names = ERRORS[status] if status else sum(ERRORS.values(), ())
    meta = record(
        status=Field({"const": status} if status else ANY, "O"),
        error=Field(one_of(*names), "O"),
        error_message=Field(TEXT, "O"),
        error_fields=Field(
            {"type": ["object", "array"]}, "O; keyed by name: ASSUMPTION error_fields_by_name", required=False
        ),
    )
    return record(meta=Field(meta, "O"), data=Field({"type": "object", "maxProperties": 0}, "O"))
