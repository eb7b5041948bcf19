"""Intercom 1.0-1.4 lifted into the 2.x shape: dict to dict, harmless on what already is 2.x.

``conversation_message`` becomes ``source``, ``user`` and ``customers`` become ``contacts``, ``assignee``
becomes the assignee ids, a rating object of nulls becomes none.
"""

from collections.abc import Mapping

from mappings.wire.values import read_objects, read_optional_id


def lift(raw: Mapping[str, object]) -> dict[str, object]:
    """Return the conversation in the 2.x shape; fields of that shape win over the older ones."""
    lifted = dict(raw)
    if "source" not in raw and "conversation_message" in raw:
        lifted["source"] = raw["conversation_message"]
    if "contacts" not in raw:
        lifted["contacts"] = {"type": "contact.list", "contacts": _people(raw)}
    if "admin_assignee_id" not in raw and "team_assignee_id" not in raw:
        lifted |= _assignee(raw.get("assignee"))
    if "first_contact_reply" not in raw and "customer_first_reply" in raw:
        lifted["first_contact_reply"] = raw["customer_first_reply"]
    if "conversation_rating" in raw:
        lifted["conversation_rating"] = _rating(raw["conversation_rating"])
    return lifted


def _people(raw: Mapping[str, object]) -> list[dict[str, object]]:
    distinct: dict[str | None, dict[str, object]] = {}
    for person in [*read_objects([raw.get("user")]), *read_objects(raw.get("customers"))]:
        distinct.setdefault(read_optional_id(person), person)
    return list(distinct.values())


def _assignee(assignee: object) -> dict[str, object]:
    match assignee:
        case {"type": "nobody_admin"}:
            return {"admin_assignee_id": None, "team_assignee_id": None}
        case {"type": "team", "id": team}:
            return {"admin_assignee_id": None, "team_assignee_id": team}
        case {"id": admin}:
            return {"admin_assignee_id": admin, "team_assignee_id": None}
        case _:
            return {"admin_assignee_id": assignee, "team_assignee_id": None}


def _rating(rating: object) -> object:
    if not isinstance(rating, Mapping):
        return None
    if all(rating.get(key) is None for key in ("rating", "remark", "created_at")):
        return None
    return {"contact": rating.get("customer"), **rating}
