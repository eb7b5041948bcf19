"""What the vendors' documentation leaves open: one named switch per assumption."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TypeVar

T = TypeVar("T")


def switch(*, default: T, doc: str) -> T:
    """Declare a switch with its default and its explanation."""
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, slots=True, kw_only=True)
class DashlySwitches:
    """Open questions about Dashly; the defaults are the reference's assumptions."""

    after_paging: bool = switch(
        default=True, doc="`paginate_direction=after` and `around` work on lists; off: ValidationError."
    )
    after_cursor_null_at_head: bool = switch(
        default=True, doc="`next_after_position` is null on the last page; off: it keeps the last key."
    )
    external_id_returned: bool = switch(
        default=True, doc="The `external_id` given to reply is kept and shown when parts are read."
    )
    reply_returns_id: bool = switch(
        default=True, doc="Reply answers with `id` and `part_group`; off: with empty data."
    )
    user_reply_reopens: bool = switch(default=True, doc="A visitor's message opens a closed conversation.")
    user_reply_wakes: bool = switch(default=True, doc="A visitor's message ends a snooze.")
    admin_reply_auto_assigns: bool = switch(
        default=False, doc="The first operator reply through the API also assigns the conversation."
    )
    panel_reply_auto_assigns: bool = switch(
        default=False, doc="The first operator reply in the panel also assigns the conversation."
    )
    delay_moves_last_update: bool = switch(default=True, doc="Snoozing moves `last_update`.")
    reopen_moves_last_update: bool = switch(
        default=False, doc="Reopening in the panel, which leaves no part, moves `last_update`."
    )
    edit_moves_last_update: bool = switch(
        default=False, doc="Editing or removing a part moves `last_update`."
    )
    expired_delay_cleared: bool = switch(
        default=True, doc="`delayed_until` becomes null when it has passed; off: the past time stays."
    )
    duplicate_tag_is_error: bool = switch(
        default=True,
        doc="Adding a tag that is there, or removing one that is not, is a named 400 error; off: empty data.",
    )
    list_parts_full: bool = switch(
        default=True, doc="`part_last` and its siblings are full objects in lists; off: seven keys only."
    )
    unassigned_hidden_by_default: bool = switch(
        default=False,
        doc="The list leaves out unassigned conversations unless `include_not_assigned` is true.",
    )
    unreplied_listed: bool = switch(
        default=False, doc="The list shows conversations that a campaign began and nobody answered."
    )
    removed_listed: bool = switch(default=False, doc="The list shows conversations removed under GDPR.")
    removed_readable: bool = switch(
        default=True, doc="GET of a removed conversation shows `removed`; off: LookupError."
    )
    tags_filter_all: bool = switch(
        default=True, doc="The `tags` filter wants all the tags on a conversation; off: any of them."
    )
    body_limit: int = switch(default=30_000, doc="Longest text in characters before ReplyTooBig.")
    body_escaped: bool = switch(
        default=False, doc="A text written through the API is kept with `<`, `>` and `&` escaped."
    )
    admin_reply_reopens: bool = switch(
        default=False, doc="An operator's reply through the API opens a closed conversation."
    )
    repeat_is_error: bool = switch(
        default=False,
        doc="Closing what is closed, or taking nobody off, is a 400 BadRequest; off: empty data.",
    )
    tags_fold_case: bool = switch(default=False, doc="Tags that differ in case only are the same tag.")
    external_id_unique: bool = switch(
        default=False, doc="A second reply with the same `external_id` is a ValidationError."
    )
    system_entries_from: bool = switch(
        default=True, doc="System entries name the operator in `from`; off: null."
    )
    unassigned_shows_null: bool = switch(
        default=True, doc="The `assigned` entry of a removal has `assignee: null`; off: no such key."
    )
    user_reply_time_iso: bool = switch(
        default=False, doc="`last_user_reply_time` is ISO text without an offset; off: seconds."
    )
    channels_paged: bool = switch(default=False, doc="The list of channels comes in pages.")
    files_public: bool = switch(
        default=True, doc="Anybody may fetch an attachment by its address; off: only with the token."
    )
    unknown_is_lookup_error: bool = switch(
        default=True, doc="An id that does not exist is a LookupError (400); off: Error404."
    )
    error_fields_by_name: bool = switch(
        default=True, doc="`error_fields` is an object keyed by parameter; off: a list of names."
    )
    retry_after: bool = switch(default=False, doc="429 says in `Retry-After` how long to wait.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IntercomSwitches:
    """Open questions about Intercom; the defaults are the reference's best evidence."""

    search_delay: float = switch(default=0.0, doc="Seconds until a search sees a change.")
    sort_honoured: bool = switch(default=True, doc="Conversation search follows `sort`; off: ordered by id.")
    created_at_honoured: bool = switch(
        default=True, doc="`created_at` on create and reply back-dates; off: it is ignored."
    )
    created_at_honoured_in_1x: bool = switch(
        default=False, doc="`created_at` on reply also works under a 1.x version header."
    )
    app_package_code: bool = switch(
        default=True, doc="Parts written with the sandbox's token carry `app_package_code` (2.13 and later)."
    )
    tag_writes_part: bool = switch(
        default=True, doc="A tag change writes a `conversation_tags_updated` part (shown from 2.6)."
    )
    tag_moves_updated_at: bool = switch(
        default=True, doc="A tag change moves the conversation's `updated_at`."
    )
    edit_moves_updated_at: bool = switch(
        default=False, doc="Editing a note in the Inbox moves the conversation's `updated_at`."
    )
    backdated_reply_moves_updated_at_to_now: bool = switch(
        default=True,
        doc="A back-dated reply sets `updated_at` to now; off: only forward to the given time.",
    )
    admin_reply_reopens: bool = switch(
        default=False, doc="A teammate's comment through the API opens a closed conversation."
    )
    contact_reply_html: bool = switch(
        default=True, doc="A contact's reply is read as HTML and sanitised; off: as text and escaped."
    )
    body_required_with_files: bool = switch(
        default=True, doc="A reply needs a text even when it brings files."
    )
    sanitiser_keeps_markup: bool = switch(
        default=True,
        doc="The sanitiser keeps links, lists and emphasis; off: only paragraphs and line breaks.",
    )
    sanitiser_strips_invisible: bool = switch(
        default=False,
        doc="The sanitiser removes zero-width characters; a text of nothing else is refused as missing.",
    )
    greater_includes_equal: bool = switch(
        default=True, doc="`>` and `<` in a search of conversations include the value itself."
    )
    repeated_state_is_error: bool = switch(
        default=False, doc="Closing what is closed, or opening what is open, is a 400; off: one more part."
    )
    parts_cap: int = switch(default=500, doc="How many of the newest parts a conversation shows.")


def describe(switches: type[DashlySwitches | IntercomSwitches]) -> list[tuple[str, object, str]]:
    """Return name, default and explanation of every switch, for documentation."""
    return [(item.name, item.default, item.metadata["doc"]) for item in fields(switches)]
