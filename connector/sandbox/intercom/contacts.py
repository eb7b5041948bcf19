"""Intercom's endpoints for contacts, 2.x."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from connector.sandbox.intercom import documents, merging, search, views
from connector.sandbox.intercom.errors import IntercomError, absent, invalid, merged_away, not_found
from connector.sandbox.intercom.model import Contact, IntercomState
from connector.sandbox.switches import MergedContact

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject
    from connector.sandbox.intercom.call import Call
    from connector.sandbox.record import Stamp

_EXACT_DATES = (2, 17)
_WRITABLE = ("external_id", "email", "phone", "name", "role")
_ORDERS = {"ascending": False, "descending": True}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def create(call: Call) -> JsonObject:
    """POST /contacts."""
    if not any(call.body.get(name) for name in ("email", "external_id", "role")):
        raise absent("email, external_id or role")
    role = call.body.get("role") or "user"
    if role not in {"user", "lead"}:
        raise invalid("role must be user or lead")
    _check_attributes(call)
    check_address(call.state, call.body.get("email"))
    refuse_duplicate(call.state, {**call.body, "role": role}, None)
    contact = make(call.state, call.stamp, str(role))
    return views.contact(call.state, _fill(call, contact))


def get(call: Call) -> JsonObject:
    """GET /contacts/{id}; a merged contact is gone for good."""
    return views.contact(call.state, _found(call))


def get_by_external_id(call: Call) -> JsonObject:
    """GET /contacts/find_by_external_id/{external_id}: users only."""
    wanted = call.args["external_id"]
    found = [c for c in call.state.living_contacts() if c.role == "user" and c.external_id == wanted]
    if not found:
        raise not_found("User Not Found")
    return views.contact(call.state, found[0])


def list_contacts(call: Call) -> JsonObject:
    """GET /contacts."""
    rows = [((item.created_at, item.id), item) for item in call.state.living_contacts()]
    gaps = call.state.switches.empty_pages
    found, pages, total = search.page_of(rows, dict(call.query), descending=True, default=50, gaps=gaps)
    shown = [views.contact(call.state, item) for item in found]
    return {"type": "list", "data": shown, "total_count": total, "pages": pages}


def update(call: Call) -> JsonObject:
    """PUT /contacts/{id}."""
    contact = _found(call)
    _check_attributes(call)
    check_address(call.state, call.body.get("email"))
    changed = {"role": contact.role, **call.body}
    refuse_duplicate(call.state, changed, contact)
    contact.updated_at = int(call.stamp.at)
    return views.contact(call.state, _fill(call, contact))


def archive(call: Call) -> JsonObject:
    """POST /contacts/{id}/archive."""
    contact = _found(call)
    contact.archived = True
    return {"type": "contact", "id": contact.id, "external_id": contact.external_id, "archived": True}


def unarchive(call: Call) -> JsonObject:
    """POST /contacts/{id}/unarchive."""
    contact = _living(call, call.args["id"])
    contact.archived = False
    return {"type": "contact", "id": contact.id, "external_id": contact.external_id, "archived": False}


def delete(call: Call) -> JsonObject:
    """DELETE /contacts/{id}."""
    contact = _found(call)
    contact.archived = contact.deleted = True
    return {"type": "contact", "id": contact.id, "external_id": contact.external_id, "deleted": True}


def merge(call: Call) -> JsonObject:
    """POST /contacts/merge: a lead into a user."""
    source, into = _living(call, call.text("from")), _living(call, call.text("into"))
    if source.role != "lead" or into.role != "user":
        raise invalid("only a lead can be merged into a user")
    alike = any(
        getattr(source, name) and getattr(source, name) == getattr(into, name) for name in ("email", "phone")
    )
    if not alike and call.version >= (2, 16) and not call.body.get("skip_duplicate_validation"):
        message = "Contacts can only be merged when they are duplicates (matching email or phone)."
        raise IntercomError(400, "invalid_merge", message)
    merging.merge_contacts(call.state, source, into, call.stamp)
    return views.contact(call.state, into)


def find(call: Call) -> JsonObject:
    """POST /contacts/search; before 2.17 dates count by the calendar day."""
    sort = call.body.get("sort") or {}
    order = sort.get("order", "descending")
    if order not in _ORDERS:
        message = f"Invalid sort order '{order}'. Must be one of: ascending, descending"
        raise IntercomError(400, "invalid_sort_order", message)
    query = call.body.get("query")
    example = documents.of_contact(Contact("", "user", 0, 0, "api"))
    search.check(query, example)
    field = sort.get("field") if sort.get("field") in example else "created_at"
    rows = []
    for item in call.state.living_contacts():
        document = documents.of_contact(item)
        if search.matches(query or {}, document, by_day=call.version < _EXACT_DATES):
            rows.append(((document[str(field)] or 0, item.id), item))
    pagination = call.body.get("pagination") or {}
    gaps = call.state.switches.empty_pages
    page = search.page_of(rows, pagination, descending=_ORDERS[order], default=50, gaps=gaps)
    found, pages, total = page
    shown = [views.contact(call.state, item) for item in found]
    return {"type": "list", "data": shown, "total_count": total, "pages": pages}


def make(state: IntercomState, stamp: Stamp, role: str) -> Contact:
    """Create an empty contact."""
    at = int(stamp.at)
    contact = Contact(state.ids.contact(stamp.at), role, at, at, stamp.via)
    state.contacts[contact.id] = contact
    return contact


def refuse_duplicate(state: IntercomState, wanted: JsonObject, itself: Contact | None) -> None:
    """Answer 409 when another user has the external id or, where it is a merge key, the address.

    Leads may share an address.
    """
    for item in state.contacts.values():
        if item is itself or item.merged_into is not None:
            continue
        same_id = wanted.get("external_id") and item.external_id == str(wanted["external_id"])
        users = item.role == wanted["role"] == "user"
        unique = users and state.switches.email_is_merge_key
        same_email = unique and wanted.get("email") and item.email == wanted["email"]
        if same_id or same_email:
            kind = "An archived contact" if item.archived else "A contact"
            message = f"{kind} matching those details already exists with id={item.id}"
            raise IntercomError(409, "conflict", message)


def check_address(state: IntercomState, email: object) -> None:
    """Refuse an e-mail that is not an address, where the workspace looks at it."""
    if email and state.switches.bad_email_refused and not _ADDRESS.fullmatch(str(email)):
        raise invalid("email is not a valid address")


def _fill(call: Call, contact: Contact) -> Contact:
    for name in _WRITABLE:
        if name in call.body:
            value = call.body[name]
            setattr(contact, name, None if value in {None, ""} else str(value))
    contact.custom_attributes |= call.body.get("custom_attributes") or {}
    return contact


def _check_attributes(call: Call) -> None:
    for name in call.body.get("custom_attributes") or {}:
        if name not in call.state.contact_attributes:
            raise invalid(f"Custom attribute '{name}' does not exist")


def _found(call: Call) -> Contact:
    contact = call.state.contacts.get(call.args["id"])
    gone = call.version >= (2, 16) and call.state.switches.merged_contact is MergedContact.GONE
    if contact is not None and contact.merged_into is not None and gone:
        raise merged_away(contact.merged_into)
    return _living(call, call.args["id"])


def _living(call: Call, key: str) -> Contact:
    contact = call.state.contacts.get(key)
    if contact is None or contact.merged_into is not None or contact.deleted:
        raise not_found("User Not Found")
    return contact
