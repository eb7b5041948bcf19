"""Intercom's API 1.0 to 1.4 as JSON Schemas, from the project's reference: nothing official describes it so.

Marks: D an official page, D-ex its examples, SDK an official library, TAP a shipped extractor, W real webhook
payloads, I inferred. ``since`` and ``until`` follow the change logs.
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
    Version,
    listed,
    maybe,
    named,
    one_of,
    operation,
    record,
)

DIGITS: Json = {"type": "string", "pattern": "^[0-9]+$"}
PERSON_ID: Json = {"type": "string", "pattern": "^[0-9a-f]{24}$"}
V11, V13, V14 = (1, 1), (1, 3), (1, 4)
KIND = ("conversation", "push", "facebook", "twitter", "email")
STARTED = (
    "customer_initiated",
    "automated",
    "campaigns_initiated",
    "admin_initiated",
    "operator_initiated",
)


def description(version: str) -> Json:
    """Return the description of a 1.x version in the shape of the vendored ones."""
    major, minor = version.split(".")
    at = (int(major), int(minor))
    return {"version": version, "operations": _operations(at), "schemas": _people(at) | _talk(at)}


def _people(at: Version) -> Json:
    return {
        "error": record(
            type=Field(one_of("error.list"), "SDK, D"),
            request_id=Field(maybe(TEXT), "SDK", required=False),
            errors=Field(listed(named("fault")), "SDK, D"),
        ),
        "fault": record(
            code=Field(TEXT, "SDK"),
            message=Field(TEXT, "SDK", required=False),
            field=Field(TEXT, "SDK", required=False),
        ),
        "admin": record(
            type=Field(one_of("admin"), "D"),
            id=Field(DIGITS, "D"),
            name=Field(TEXT, "D"),
            email=Field(TEXT, "D"),
            away_mode_enabled=Field(FLAG, "D", required=False),
            away_mode_reassign=Field(FLAG, "D", required=False),
            has_inbox_seat=Field(FLAG, "D", required=False),
            team_ids=Field(listed({"type": "integer"}), "SDK", required=False),
            avatar=Field(ANY, "D", required=False),
            job_title=Field(ANY, "D-ex", required=False),
            email_verified=Field(FLAG, "D-ex", required=False),
            app=Field({"type": "object", "required": ["id_code"]}, "D", required=False),
        ),
        "team": record(
            type=Field(one_of("team"), "SDK"),
            id=Field(DIGITS, "SDK"),
            name=Field(TEXT, "SDK"),
            admin_ids=Field(listed({"type": "integer"}), "SDK"),
        ),
        "person": record(
            type=Field(one_of("user", "contact"), "D, W"),
            id=Field(PERSON_ID, "D"),
            user_id=Field(maybe(TEXT), "D"),
            email=Field(maybe(TEXT), "D"),
            phone=Field(maybe(TEXT), "D"),
            name=Field(maybe(TEXT), "D"),
            anonymous=Field(FLAG, "SDK", required=False),
            created_at=Field(SECONDS, "D"),
            updated_at=Field(SECONDS, "D"),
            custom_attributes=Field({"type": "object"}, "D"),
            tags=Field(named("tags"), "D-ex", required=False),
        ),
        "tag": record(
            at,
            type=Field(one_of("tag"), "D"),
            id=Field(DIGITS, "D"),
            name=Field(TEXT, "D"),
            applied_at=Field(maybe(SECONDS), "D 1.1", required=False, since=V11),
            applied_by=Field(maybe(ANY), "D 1.1", required=False, since=V11),
        ),
        "tags": record(type=Field(one_of("tag.list"), "D"), tags=Field(listed(named("tag")), "D")),
        "pages": record(
            type=Field(one_of("pages"), "D"),
            page=Field(COUNT, "D"),
            per_page=Field({"type": "integer", "maximum": 60}, "D, TAP"),
            total_pages=Field(COUNT, "D"),
            next=Field(maybe(TEXT), "D: a full address", required=False),
        ),
    }


def _talk(at: Version) -> Json:
    reference = record(type=Field(maybe(TEXT), "D"), id=Field(maybe(TEXT), "D"))
    customer = record(type=Field(one_of("user", "lead"), "D"), id=Field(PERSON_ID, "D"))
    author = record(
        at,
        type=Field(one_of("user", "lead", "admin", "bot", "team"), "D-ex, W"),
        id=Field(TEXT, "D"),
        name=Field(maybe(TEXT), "D 1.3", since=V13),
        email=Field(maybe(TEXT), "D 1.3", since=V13),
    )
    file = record(
        type=Field(one_of("upload"), "SDK", required=False),
        name=Field(TEXT, "SDK"),
        url=Field(TEXT, "SDK"),
        content_type=Field(TEXT, "SDK", required=False),
        filesize=Field(COUNT, "SDK", required=False),
        width=Field(COUNT, "SDK", required=False),
        height=Field(COUNT, "SDK", required=False),
    )
    message = record(
        at,
        type=Field(one_of(*(KIND if at >= V11 else ("conversation_message",))), "D 1.1"),
        id=Field(DIGITS, "D"),
        delivered_as=Field(one_of(*STARTED), "D 1.1", since=V11),
        subject=Field(maybe(TEXT), "D"),
        body=Field(maybe(TEXT), "D"),
        author=Field(named("author"), "D"),
        attachments=Field(listed(named("file")), "D"),
        url=Field(maybe(TEXT), "D"),
    )
    part = record(
        type=Field(one_of("conversation_part"), "D"),
        id=Field(DIGITS, "D"),
        part_type=Field(TEXT, "D"),
        body=Field(maybe(TEXT), "D"),
        created_at=Field(SECONDS, "D"),
        updated_at=Field(SECONDS, "D"),
        notified_at=Field(SECONDS, "D"),
        assigned_to=Field(maybe(named("reference")), "D-ex, W: an object"),
        author=Field(named("author"), "D"),
        attachments=Field(listed(named("file")), "D"),
        external_id=Field({"type": "null"}, "D: null in every sample"),
    )
    waiting: Json = {"type": "integer"} if at < (1, 2) else maybe({"type": "integer"})
    rating = record(
        rating=Field(maybe(COUNT), "D"),
        remark=Field(maybe(TEXT), "D"),
        created_at=Field(maybe(SECONDS), "D"),
        customer=Field(named("reference"), "D: an object of nulls when unrated"),
        teammate=Field(named("reference"), "D"),
    )
    fields = {
        "type": Field(one_of("conversation"), "D"),
        "id": Field(DIGITS, "D"),
        "created_at": Field(SECONDS, "D"),
        "updated_at": Field(SECONDS, "D"),
        "sent_at": Field(SECONDS, "D-ex", required=False),
        "waiting_since": Field(waiting, "D: null from 1.2 on, before a date 2,000 years ahead"),
        "snoozed_until": Field(maybe(SECONDS), "D, W"),
        "open": Field(FLAG, "D"),
        "state": Field(one_of("open", "closed", "snoozed"), "D, W"),
        "read": Field(FLAG, "D"),
        "user": Field(named("customer"), "D"),
        "customers": Field(listed(named("customer")), "D"),
        "assignee": Field(named("reference"), "D, SDK; the team's shape I"),
        "conversation_message": Field(named("message"), "D"),
        "customer_first_reply": Field(maybe(ANY), "D 1.1", since=V11),
        "conversation_rating": Field(named("rating"), "D"),
    }
    tags = Field(named("tags"), "D-ex")
    parts = record(
        type=Field(one_of("conversation_part.list"), "D"),
        conversation_parts=Field(listed(named("part")) | {"maxItems": 500}, "D"),
        total_count=Field(COUNT, "D"),
    )
    return {
        "reference": reference,
        "customer": customer,
        "author": author,
        "file": file,
        "message": message,
        "part": part,
        "rating": rating,
        "row": record(at, **fields, tags=Field(tags.schema, "D 1.1: in lists", since=V11)),
        "conversation": record(at, **fields, tags=tags, conversation_parts=Field(parts, "D")),
    }


def _operations(at: Version) -> list[Json]:
    admins = [named("admin")] if at >= V14 else [named("admin"), named("team")]
    one_person = {"anyOf": [named("person"), _list("user.list", "users", named("person"))]}
    talk = named("conversation")
    paging = {"query page": COUNT, "query per_page": {"type": "integer", "maximum": 60}}
    listing = paging | {
        "query sort": one_of("created_at", "updated_at", "waiting_since"),
        "query order": one_of("asc", "desc"),
        "query type": one_of("user"),
        "query intercom_user_id": PERSON_ID,
    }
    by_path = {"path id": TEXT}
    return [
        operation("GET", "/me", answer=named("admin")),
        operation("GET", "/admins", answer=_plain_list("admin.list", "admins", {"anyOf": admins})),
        operation("GET", "/teams", answer=_plain_list("team.list", "teams", named("team"))),
        operation("GET", "/tags", answer=named("tags")),
        operation("POST", "/tags", answer=named("tag"), request=record(name=Field(TEXT, "D, SDK"))),
        operation("GET", "/conversations", answer=_list("conversation.list", "conversations", named("row")),
                  parameters=listing),
        operation("GET", "/conversations/{id}", answer=talk, parameters={"path id": DIGITS}),
        operation("POST", "/conversations/{id}/reply", answer=talk, parameters={"path id": DIGITS},
                  request={"oneOf": _replies()}),
        operation("POST", "/messages", answer=_sent(), request=_message_from_a_person()),
        operation("GET", "/users", answer=one_person,
                  parameters=paging | {"query user_id": TEXT, "query email": TEXT}),
        operation("GET", "/users/{id}", answer=named("person"), parameters=by_path),
        operation("POST", "/users", answer=named("person"), request=_user()),
        operation("GET", "/contacts", parameters=paging | {"query email": TEXT},
                  answer=_list("contact.list", "contacts", named("person"))),
        operation("GET", "/contacts/{id}", answer=named("person"), parameters=by_path),
    ]  # fmt: skip


def _plain_list(kind: str, key: str, item: Json) -> Json:
    return record(type=Field(one_of(kind), "D, SDK"), **{key: Field(listed(item), "D, SDK")})


def _list(kind: str, key: str, item: Json) -> Json:
    return record(
        type=Field(one_of(kind), "D"),
        pages=Field(named("pages"), "D"),
        total_count=Field(COUNT, "D", required=False),
        limited=Field(FLAG, "D", required=False),
        **{key: Field(listed(item), "D")},
    )


def _replies() -> list[Json]:
    admin = {"type": Field(one_of("admin"), "SDK"), "admin_id": Field(DIGITS, "D")}
    body = Field({"type": "string", "minLength": 1}, "D")
    as_person = {"type": Field(one_of("user"), "D"), "message_type": Field(one_of("comment"), "D")}
    return [
        record(**as_person, body=body, intercom_user_id=Field(PERSON_ID, "D")),
        record(**as_person, body=body, user_id=Field(TEXT, "D")),
        record(**admin, message_type=Field(one_of("comment", "note"), "D"), body=body),
        record(**admin, message_type=Field(one_of("open", "close"), "D")),
        record(
            **admin,
            message_type=Field(one_of("assignment"), "D"),
            assignee_id=Field(DIGITS, "D: 0 is nobody"),
        ),
        record(
            **admin,
            message_type=Field(one_of("snoozed"), "D 1.2"),
            snoozed_until=Field(SECONDS, "D: seconds; milliseconds gave 500"),
        ),
    ]


def _message_from_a_person() -> Json:
    who = record(type=Field(one_of("user", "contact"), "D"), id=Field(PERSON_ID, "D: prefer id"))
    return record(**{"from": Field(who, "D"), "body": Field(TEXT, "D: plain text only")})


def _sent() -> Json:
    return record(
        type=Field(one_of("user_message"), "D"),
        id=Field(DIGITS, "D: the message's id; the conversation's is not told"),
        created_at=Field(SECONDS, "D"),
        body=Field(TEXT, "D"),
        message_type=Field(one_of("inapp"), "D"),
    )


def _user() -> Json:
    text = Field(TEXT, "SDK", required=False)
    return record(user_id=Field(TEXT, "SDK"), email=text, name=text, phone=text)
