"""Intercom's endpoints of API 1.0 to 1.4 for users, leads and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.exchange import JsonObject, Route
from connector.sandbox.intercom import contacts, legacy_views, merging
from connector.sandbox.intercom.errors import IntercomError, absent, invalid, not_found
from connector.sandbox.intercom.search import whole_number
from connector.sandbox.switches import LeadAsUser

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.sandbox.intercom.call import Call
    from connector.sandbox.intercom.model import Contact

_WRITABLE = ("email", "phone", "name")
_MOST = 60


def save_user(call: Call) -> JsonObject:
    """POST /users: create, or update what `id`, `user_id` or `email` find."""
    contacts.check_address(call.state, call.body.get("email"))
    user = _matching_user(call) or contacts.make(call.state, call.stamp, "user")
    if call.body.get("user_id"):
        user.external_id = str(call.body["user_id"])
    return legacy_views.person(_fill(call, user))


def get_user(call: Call) -> JsonObject:
    """GET /users/{id}."""
    return legacy_views.person(_of_role(call, call.args["id"], "user"))


def list_users(call: Call) -> JsonObject:
    """GET /users, by `user_id`, by `email` or all of them."""
    users = [item for item in call.state.living_contacts() if item.role == "user"]
    if call.query.get("user_id"):
        return legacy_views.person(_only(item for item in users if item.external_id == call.query["user_id"]))
    if call.query.get("email"):
        found = [item for item in users if item.email == call.query["email"]]
        if call.version >= (1, 1):
            return _people(call, found, "user.list", "users")
        if len(found) > 1:
            raise IntercomError(409, "conflict", "Multiple existing users match this email address")
        return legacy_views.person(_only(found))
    return _people(call, users, "user.list", "users")


def save_lead(call: Call) -> JsonObject:
    """POST /contacts: a new lead, unless `id` or `user_id` names one."""
    contacts.check_address(call.state, call.body.get("email"))
    named = call.body.get("id") or call.body.get("user_id")
    lead = _named_lead(call, call.body) if named else contacts.make(call.state, call.stamp, "lead")
    return legacy_views.person(_fill(call, lead))


def get_lead(call: Call) -> JsonObject:
    """GET /contacts/{id}."""
    return legacy_views.person(_of_role(call, call.args["id"], "lead"))


def update_lead(call: Call) -> JsonObject:
    """PUT /contacts/{id}."""
    return legacy_views.person(_fill(call, _of_role(call, call.args["id"], "lead")))


def list_leads(call: Call) -> JsonObject:
    """GET /contacts, by `user_id`, by `email` or all of them."""
    leads = _leads(call)
    if call.query.get("user_id"):
        wanted = call.query["user_id"]
        return legacy_views.person(_only(item for item in leads if legacy_views.lead_user_id(item) == wanted))
    if call.query.get("email"):
        leads = [item for item in leads if item.email == call.query["email"]]
    return _people(call, leads, "contact.list", "contacts")


def convert_lead(call: Call) -> JsonObject:
    """POST /contacts/convert: a lead becomes, or is merged into, a user."""
    lead = _named_lead(call, call.body.get("contact") or {})
    wanted: JsonObject = call.body.get("user") or {}
    user = _user_by(call, wanted, by_email=call.state.switches.email_is_merge_key)
    if user is None:
        user = contacts.make(call.state, call.stamp, "user")
        user.external_id, user.email, user.name = wanted.get("user_id"), wanted.get("email"), lead.name
    merging.merge_contacts(call.state, lead, user, call.stamp)
    return legacy_views.person(user)


ROUTES: tuple[Route[Call, JsonObject], ...] = (
    Route("POST", "/users", save_user),
    Route("GET", "/users", list_users),
    Route("GET", "/users/{id}", get_user),
    Route("POST", "/contacts", save_lead),
    Route("GET", "/contacts", list_leads),
    Route("POST", "/contacts/convert", convert_lead),
    Route("GET", "/contacts/{id}", get_lead),
    Route("PUT", "/contacts/{id}", update_lead),
)


def _matching_user(call: Call) -> Contact | None:
    if call.body.get("id"):
        return _of_role(call, str(call.body["id"]), "user")
    if not call.body.get("user_id") and not call.body.get("email"):
        raise absent("user_id or email")
    return _user_by(call, call.body, by_email=call.state.switches.email_is_merge_key)


def _user_by(call: Call, identity: Mapping[str, object], *, by_email: bool) -> Contact | None:
    users = [item for item in call.state.living_contacts() if item.role == "user"]
    if identity.get("id"):
        return _only(item for item in users if item.id == identity["id"])
    wanted = identity.get("user_id")
    for item in users:
        if wanted and item.external_id == str(wanted):
            return item
    for item in users:
        # Another external id under the same address is another person.
        free = not wanted or item.external_id is None
        if by_email and identity.get("email") and item.email == identity["email"] and free:
            return item
    return None


def addressed(call: Call, who: Mapping[str, object]) -> Contact:
    """Return the user or lead that a message is from or to."""
    if who.get("type") == "contact":
        wanted = {str(who.get("id")), str(who.get("user_id"))}
        return _only(
            item for item in _leads(call) if item.id in wanted or legacy_views.lead_user_id(item) in wanted
        )
    presented = any(item.id == who.get("id") for item in _leads(call))
    if presented and call.state.switches.lead_as_user is LeadAsUser.INVALID:
        raise invalid("from.type is not the role of this contact")
    found = _user_by(call, who, by_email=True)
    if found is None:
        raise not_found("User Not Found")
    return found


def _fill(call: Call, contact: Contact) -> Contact:
    for name in _WRITABLE:
        if call.body.get(name):
            setattr(contact, name, str(call.body[name]))
    contact.custom_attributes |= call.body.get("custom_attributes") or {}
    contact.updated_at = int(call.stamp.at)
    return contact


def _named_lead(call: Call, who: Mapping[str, object]) -> Contact:
    """Return the lead that `id` or, as the server's UUID, `user_id` names."""
    if who.get("id"):
        return _of_role(call, str(who["id"]), "lead")
    wanted = who.get("user_id")
    return _only(item for item in _leads(call) if legacy_views.lead_user_id(item) == wanted)


def _leads(call: Call) -> list[Contact]:
    return [item for item in call.state.living_contacts() if item.role == "lead"]


def _of_role(call: Call, key: str, role: str) -> Contact:
    return _only(item for item in call.state.living_contacts() if item.id == key and item.role == role)


def _only(found: Iterable[Contact]) -> Contact:
    for item in found:
        return item
    raise not_found("User Not Found")


def _people(call: Call, found: list[Contact], kind: str, name: str) -> JsonObject:
    page = whole_number(call.query.get("page", 1), "page")
    per_page = whole_number(call.query.get("per_page", 50), "per_page")
    if page < 1 or not 1 <= per_page <= _MOST:
        raise invalid("Per Page is too big")
    cut = found[(page - 1) * per_page : page * per_page]
    total_pages = -(-len(found) // per_page)
    pages = {"type": "pages", "page": page, "per_page": per_page, "total_pages": total_pages, "next": None}
    shown = [legacy_views.person(item) for item in cut]
    return {"type": kind, name: shown, "pages": pages, "total_count": len(found), "limited": False}
