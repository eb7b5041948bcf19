"""Raw parts of every type as the APIs send them: who wrote them, what they say, which files they bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mappings.model import CLOSED, Registers, State, Status

Json = dict[str, Any]

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC).timestamp()
LIVE = NOW - 120
OLD = datetime(2026, 2, 25, 6, 32, 2, tzinfo=UTC).timestamp()
SNOOZED_UNTIL = int(datetime(2026, 3, 12, 9, 0, tzinfo=UTC).timestamp())

PART = "77"
USER = "2180140503138308711"
CONTACT = "65f0a1b2c3d4e5f607182930"
OTHER_CONTACT = "65f0a1b2c3d4e5f607182931"

UNKNOWN = "hologram"

SNOOZED = Status(State.SNOOZED, SNOOZED_UNTIL)
VARIANTS = {
    "dashly": (
        "assigned/to an agent without a counterpart",
        "assigned/to nobody",
        "channel_changed/to a mapped channel",
        "channel_changed/out of any",
    ),
    "intercom": (
        "assignment/to an agent without a counterpart",
        "assignment/to a team",
        "assignment/to nobody",
    ),
}

BODIES = ("empty", "text", "HTML")
FILES = (0, 1, 2)

TEXT = "Your refund is on its way.\nSee https://shop.example/refunds?id=1&lang=en"
HTML = (
    '<p>Your <b>refund</b> is on its way &amp; due.</p><ul><li>see <a href="https://shop.example/r">the page'
    "</a></li><li>wait</li></ul>"
)
DASHLY_FILES = (
    {"filename": "receipt.pdf", "url": "https://files.dashly.app/a/receipt.pdf", "size": 5},
    {"filename": "photo.heic", "url": "https://files.dashly.app/a/photo.heic", "size": 5},
)
INTERCOM_FILES = (
    {"type": "upload", "name": "receipt.pdf", "url": "https://downloads.intercom.io/a/receipt.pdf?expires=1"},
    {"type": "upload", "name": "photo.heic", "url": "https://downloads.intercom.io/a/photo.heic?expires=1"},
)


@dataclass(frozen=True)
class Case:
    """One part: what it is, its author's kind by name, its body's kind by name, and how many files it has.

    ``kind`` is the type, with ``/`` and a variant behind it where the type alone does not tell all.
    """

    kind: str
    author: str
    body: str = "text"
    files: int = 0
    created: float = LIVE
    opening: bool = False

    @property
    def type(self) -> str:
        """The type as the side names it."""
        return self.kind.partition("/")[0]


ABSENT = object()

DASHLY_AUTHORS: dict[str, object] = {
    "customer": {"id": USER, "user_id": "acct-20917", "props": {"$name": "Dana Ortiz"}},
    "customer, id only": USER,
    "lead": {"id": USER, "user_id": None, "props": {}},
    "agent, mapped": {"type": "admin", "id": "151204", "name": "Nora Field", "name_internal": "Nora F."},
    "agent, unmapped": {"type": "admin", "id": "151702", "name": "Tess Quill", "name_internal": "Tess"},
    "agent, id only": "151204",
    "default sender, no id": {"type": "default_admin", "name": "Support team"},
    "bot": {"type": "message_sender", "id": "77", "name": "Greeter", "is_bot": True},
    "team": {"type": "team", "id": "9", "name": "Billing crew"},
    "unknown kind": {"type": "hologram", "id": "5", "name": "Holly"},
    "nobody (null)": None,
    "missing": ABSENT,
}

INTERCOM_AUTHORS: dict[str, object] = {
    "customer": {"type": "user", "id": CONTACT, "name": "Dana Ortiz", "email": "dana@example.net"},
    "lead": {"type": "lead", "id": CONTACT, "name": "Dana Ortiz", "email": ""},
    "second customer": {"type": "user", "id": OTHER_CONTACT, "name": "Lee Wong", "email": ""},
    "agent, mapped": {"type": "admin", "id": "814860", "name": "Nora Field", "email": "nora@shop.example"},
    "agent, unmapped": {
        "type": "admin",
        "id": "814893",
        "name": "Priya Raman",
        "email": "priya@shop.example",
    },
    "agent, no id": {"type": "admin", "name": "Nora Field"},
    "id only": "814860",
    "bot": {"type": "bot", "id": "814899", "name": "Operator", "email": ""},
    "AI agent": {"type": "admin", "id": "814899", "name": "Fin", "email": "", "from_ai_agent": True},
    "team": {"type": "team", "id": "9001", "name": "Billing", "email": ""},
    "nobody": {"type": "nobody_admin", "id": None},
    "unknown kind": {"type": "hologram", "id": "5", "name": "Holly"},
    "missing": ABSENT,
}

_DASHLY_VIA = {
    "reply_user": "web_user",
    "reply_django_user": "web_user",
    "vote": "web_user",
    "reply_admin": "web_panel",
    "note": "web_panel",
    "article": "web_panel",
    "auto_reply": "auto_reply",
    "chat_bot_admin": "message_chat_bot",
    "chat_bot_user": "message_chat_bot",
}
_DASHLY_FIELDS: dict[str, Json] = {
    "assigned": {"assignee": {"type": "admin", "id": "151204", "name": "Nora Field"}},
    "tag_added": {"tag": "vip"},
    "tag_deleted": {"tag": "vip"},
    "channel_changed": {"channel": "3012"},
    "vote": {"meta_data": {"vote": 5, "comment": "quick fix"}},
    "article": {
        "body_json": {
            "article": {
                "name": "Refunds",
                "url": "https://help.shop.example/refunds",
                "text": "We refund within 14 days.",
            }
        }
    },
    "chat_bot_user": {
        "actions": [
            {"type": "button", "data": {"text": "Small"}},
            {"type": "button", "data": {"text": "Large"}},
        ],
        "meta_data": {"choice": "Small"},
    },
    "chat_bot_admin": {"actions": [{"type": "button", "data": {"text": "Open the shop"}}]},
}
_DASHLY_VARIANTS: dict[str, tuple[Json, Json]] = {
    "assigned/to an agent without a counterpart": (
        {"assignee": {"type": "admin", "id": "151702", "name": "Tess Quill"}},
        {"assignee": {"type": "admin", "id": "151702", "name": "Tess Quill"}},
    ),
    "assigned/to nobody": ({"assignee": None}, {}),
    "channel_changed/to a mapped channel": (
        {"channel": "3014"},
        {"channel": {"id": "3014", "name": "Mailbox"}},
    ),
    "channel_changed/out of any": ({"channel": 0}, {}),
}
_DASHLY_AFTER: dict[str, Json] = {
    "assigned": {"assignee": {"type": "admin", "id": "151204", "name": "Nora Field"}},
    "tag_added": {"tags": ["vip"]},
    "closed": {"closed": True},
    "final_closed": {"closed": True},
    "delayed": {"delayed_until": SNOOZED_UNTIL},
    "channel_changed": {"channel": {"id": "3012", "name": "Billing"}},
}


def dashly(case: Case) -> tuple[Json, Json]:
    """Return a raw conversation of Dashly as it is after the part, and the part."""
    part: Json = {
        "id": PART,
        "created": case.created,
        "type": case.type,
        "body": {"empty": "", "text": TEXT, "HTML": HTML}[case.body],
        "body_json": {},
        "sent_via": _DASHLY_VIA.get(case.type, "system"),
        "meta_data": {},
        "actions": None,
        **_DASHLY_FIELDS.get(case.type, {}),
        **_DASHLY_VARIANTS.get(case.kind, ({}, {}))[0],
    }
    if case.files:
        part["attachments"] = list(DASHLY_FILES[: case.files])
    sender = DASHLY_AUTHORS[case.author]
    if sender is not ABSENT:
        part["from"] = sender
    if case.opening:
        part["first"] = True
    row: Json = {
        "id": "500",
        "created": case.created,
        "last_update": case.created,
        "user": {"id": USER, "user_id": "acct-20917", "props": {"$name": "Dana Ortiz"}},
        "closed": False,
        "parts_count": 1,
        "tags": [],
        **_DASHLY_AFTER.get(case.type, {}),
    }
    if case.kind in _DASHLY_VARIANTS:
        row = {
            **{key: row[key] for key in row if key not in {"assignee", "channel"}},
            **_DASHLY_VARIANTS[case.kind][1],
        }
    return row, part


_ASSIGNED = {"type": "admin", "id": "814860"}
_INTERCOM_FIELDS: dict[str, Json] = {
    "quick_reply": {
        "metadata": {"quick_reply_options": [{"text": "Yes", "uuid": "1"}, {"text": "No", "uuid": "2"}]}
    },
    "conversation_tags_updated": {"event_details": {"tags_added": ["VIP"], "tags_removed": ["bug"]}},
    "tag_added": {"event_details": {"tags_added": ["VIP"]}},
    "tag_removed": {"event_details": {"tags_removed": ["bug"]}},
    "snoozed": {"event_details": {"until": "custom", "custom_until_time": "2026-03-12T09:00:00Z"}},
    "conversation_attribute_updated_by_admin": {
        "event_details": {"attribute": {"name": "Plan"}, "value": {"name": "Pro", "previous": "Free"}}
    },
    "conversation_attribute_updated_by_workflow": {
        "event_details": {
            "workflow": {"name": "Triage"},
            "attribute": {"name": "Plan"},
            "value": {"name": "Pro"},
        }
    },
    "conversation_attribute_updated_by_user": {
        "event_details": {"attribute": {"name": "Plan"}, "value": {"name": "Pro"}}
    },
    "custom_action_started": {"event_details": {"action": {"name": "Look up order"}}},
    "custom_action_finished": {"event_details": {"action": {"name": "Look up order", "result": "success"}}},
    "operator_workflow_event": {
        "event_details": {"workflow": {"name": "Triage"}, "event": {"type": "step", "result": "done"}}
    },
    "priority_changed": {"event_details": {"current_priority": "high", "previous_priority": "none"}},
    "conversation_sla_target_missed": {"event_details": {"sla": {"name": "First reply in an hour"}}},
    "call_summary": {"event_details": {"call_id": "call-9"}},
}
_INTERCOM_VARIANTS: dict[str, tuple[Json | None, Json]] = {
    "assignment/to an agent without a counterpart": (
        {"type": "admin", "id": "814893"},
        {"admin_assignee_id": 814893},
    ),
    "assignment/to a team": ({"type": "team", "id": "9001"}, {"team_assignee_id": 9001}),
    "assignment/to nobody": ({"type": "nobody_admin", "id": None}, {}),
}
BEFORE: dict[str, Registers] = {
    "tag_deleted": Registers(tags=frozenset({"vip"})),
    "conversation_tags_updated": Registers(tags=frozenset({"bug"})),
    "tag_removed": Registers(tags=frozenset({"bug"})),
    "open": Registers(CLOSED),
    "assign_and_reopen": Registers(CLOSED),
    "note_and_reopen": Registers(CLOSED),
    "unsnoozed": Registers(SNOOZED),
    "timer_unsnooze": Registers(SNOOZED),
    "note_and_unsnooze": Registers(SNOOZED),
    "assign_and_unsnooze": Registers(SNOOZED),
    "assigned/to nobody": Registers(assignee="151204"),
    "assignment/to nobody": Registers(assignee="814860"),
    "channel_changed/out of any": Registers(team="3012"),
}
_INTERCOM_AFTER: dict[str, Json] = {
    "close": {"state": "closed", "open": False},
    "note_and_close": {"state": "closed", "open": False},
    "snoozed": {"state": "snoozed", "snoozed_until": SNOOZED_UNTIL},
    "conversation_tags_updated": {"tags": {"tags": [{"id": "1", "name": "VIP"}]}},
    "tag_added": {"tags": {"tags": [{"id": "1", "name": "VIP"}]}},
}


def intercom(case: Case) -> Json:
    """Return a raw conversation of Intercom 2.16 with the part in it, as it is after the part."""
    body = {"empty": None, "text": f"<p>{TEXT}</p>".replace("\n", "<br>").replace("&", "&amp;"), "HTML": HTML}
    words: Json = {
        "body": body[case.body],
        "attachments": list(INTERCOM_FILES[: case.files]),
    }
    author = INTERCOM_AUTHORS[case.author]
    if author is not ABSENT:
        words["author"] = author
    first: Json = {
        "id": "400",
        "body": "<p>Hello</p>",
        "author": INTERCOM_AUTHORS["customer"],
        "delivered_as": "customer_initiated",
    }
    assigned = _ASSIGNED if "assign" in case.type else None
    after: Json = {"state": "open", "open": True, **_INTERCOM_AFTER.get(case.type, {})}
    if assigned:
        after["admin_assignee_id"] = 814860
    if case.kind in _INTERCOM_VARIANTS:
        assigned, holders = _INTERCOM_VARIANTS[case.kind]
        after.pop("admin_assignee_id")
        after |= holders
    part: Json = {
        "id": PART,
        "part_type": case.type,
        "created_at": int(case.created),
        "assigned_to": assigned,
        **words,
        **_INTERCOM_FIELDS.get(case.type, {}),
    }
    rating = {"rating": 5, "remark": "quick fix"} if "rating" in case.type else None
    return {
        "id": "300",
        "created_at": int(case.created) - (0 if case.opening else 60),
        "updated_at": int(case.created),
        "source": {"id": PART, "delivered_as": "customer_initiated", **words} if case.opening else first,
        "contacts": {"contacts": [{"type": "contact", "id": CONTACT, "external_id": None}]},
        "conversation_rating": rating,
        "conversation_parts": {"conversation_parts": [] if case.opening else [part]},
        **after,
    }


def legacy(case: Case) -> Json:
    """Return the same conversation as API 1.4 showed it."""
    new = intercom(case)
    admin, team = new.pop("admin_assignee_id", None), new.pop("team_assignee_id", None)
    holder = {"type": "admin", "id": str(admin)} if admin else {"type": "team", "id": str(team)}
    parts = new["conversation_parts"]["conversation_parts"]
    for part in parts:
        for field in ("event_details", "metadata"):
            part.pop(field, None)
    person = {"type": "user", "id": CONTACT}
    return {
        **{key: new[key] for key in new if key not in {"source", "contacts"}},
        "conversation_message": new["source"],
        "user": person,
        "customers": [person],
        "assignee": holder if admin or team else {"type": "nobody_admin", "id": None},
    }
