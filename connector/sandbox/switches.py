"""What the vendors' documentation leaves open: one named switch per assumption."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class LeadAsUser(StrEnum):
    """What becomes of a lead that `from` presents as a user."""

    ACCEPTED = "accepted"
    NOT_FOUND = "404"
    INVALID = "400"


class MergedContact(StrEnum):
    """How a contact that was merged into another one is answered, and whom its conversations show."""

    GONE = "410, survivor in the conversation"
    MOVED = "404, survivor in the conversation"
    LOST = "404, the dead id in the conversation"


class FormerAdmin(StrEnum):
    """How a write that names a teammate who left is refused."""

    NOT_FOUND = "404"
    INVALID = "400"
    FORBIDDEN = "403"


class MergedParts(StrEnum):
    """What becomes of the parts of a conversation that was merged into another one."""

    STAY = "stay"
    MOVED = "moved"
    COPIED = "copied with their ids"
    COPIED_ANEW = "copied with new ids"


class ResetUnit(StrEnum):
    """What the number in `X-RateLimit-Reset` counts."""

    UNIX_SECONDS = "Unix seconds"
    UNIX_MILLISECONDS = "Unix milliseconds"
    SECONDS_LEFT = "seconds left"


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
    include_conversation: bool = switch(
        default=True, doc="`include_conversation` shows a part's conversation; off: its id all the same."
    )
    removed_parts_listed: bool = switch(
        default=True, doc="A removed part stays in the list; off: it is gone, and `parts_count` shrinks."
    )
    invisible_stripped: bool = switch(
        default=False, doc="Zero-width characters are taken out of a text; one of nothing else is refused."
    )
    former_operator_accepted: bool = switch(
        default=False, doc="An operator who left can still be named in a write; off: LookupError."
    )
    merged_user_readable: bool = switch(
        default=False, doc="A user merged into another one is shown with `removed`; off: LookupError."
    )
    files_signed: bool = switch(
        default=False, doc="An attachment's address expires after half an hour and differs at each read."
    )
    channels_readable: bool = switch(
        default=True, doc="The token may list channels; off: PermissionDeniedError."
    )
    notes_pushed: bool = switch(default=False, doc="The realtime service pushes notes as it does replies.")
    users_delay: float = switch(default=0.0, doc="Seconds until the list of users shows a new one.")
    empty_pages: bool = switch(
        default=False, doc="A page may be empty and name a next one, which holds the rows."
    )


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
    greater_includes_equal: bool = switch(
        default=True, doc="`>` and `<` in a search of conversations include the value itself."
    )
    repeated_state_is_error: bool = switch(
        default=False, doc="Closing what is closed, or opening what is open, is a 400; off: one more part."
    )
    parts_cap: int = switch(default=500, doc="How many of the newest parts a conversation shows.")
    lead_as_user: LeadAsUser = switch(
        default=LeadAsUser.ACCEPTED,
        doc="What a new conversation of a lead gets whose `from.type` is `user`; 1.x never accepts it.",
    )
    merged_contact: MergedContact = switch(
        default=MergedContact.GONE,
        doc="How a merged contact is answered (410 from 2.16), and whom its conversations show.",
    )
    merged_writer_is_gone: bool = switch(
        default=False, doc="Writing as a merged contact is a 410 as well; off: 404."
    )
    former_admin: FormerAdmin = switch(
        default=FormerAdmin.NOT_FOUND, doc="How a write or an assignment to a teammate who left is refused."
    )
    bad_email_refused: bool = switch(
        default=False, doc="A contact whose `email` is not an address is a 400, whatever else it has."
    )
    email_is_merge_key: bool = switch(
        default=True,
        doc="A user's address is unique: 409, and 1.x finds users by it; off: several users may share one.",
    )
    merge_parts: MergedParts = switch(
        default=MergedParts.STAY, doc="What becomes of the parts when agents merge two conversations."
    )
    deleted_by_time: bool = switch(
        default=True, doc="The list of deleted conversations is ordered by deletion; off: by id."
    )
    admins_readable: bool = switch(default=True, doc="The token may list teammates; off: 403.")
    teams_readable: bool = switch(default=True, doc="The token may list teams; off: 403.")
    tags_readable: bool = switch(default=True, doc="The token may list tags; off: 403.")
    deleted_readable: bool = switch(default=True, doc="The token may list deleted conversations; off: 403.")
    invisible_stripped: bool = switch(
        default=False, doc="The sanitiser takes out zero-width characters; a text of nothing else is a 400."
    )
    body_links_signed: bool = switch(
        default=False, doc="Links in a body to the workspace's own files are signed again at each read."
    )
    rate_limit_reset: ResetUnit = switch(
        default=ResetUnit.UNIX_SECONDS, doc="What the number in `X-RateLimit-Reset` counts."
    )
    empty_pages: bool = switch(
        default=False, doc="A page may be empty and name a next one, which holds the rows."
    )


def describe(switches: type[DashlySwitches | IntercomSwitches]) -> list[tuple[str, object, str]]:
    """Return name, default and explanation of every switch, for documentation."""
    return [(item.name, item.default, item.metadata["doc"]) for item in fields(switches)]
