"""Intercom's official Python client of the 2.x time: read everything, search, answer."""

from __future__ import annotations

import json
import os

from intercom import AdminReplyConversationRequest, Intercom, SingleFilterSearchRequest


def main() -> None:
    """Print the counts."""
    client = Intercom(token=os.environ["TOKEN"], base_url=os.environ["BASE_URL"])
    everything = SingleFilterSearchRequest(field="updated_at", operator=">", value="0")
    rows = list(client.conversations.search(query=everything))
    listed = list(client.conversations.list())
    if sorted(row.id for row in rows) != sorted(row.id for row in listed):
        raise SystemExit("the search and the list differ")
    admins = client.admins.list().admins
    note = AdminReplyConversationRequest(
        message_type="note", type="admin", body="from afar", admin_id=admins[0].id
    )
    client.conversations.reply(rows[0].id, request=note)
    talks = [client.conversations.find(row.id) for row in rows]
    counts = {
        "admins": len(admins),
        "teams": len(client.teams.list().teams),
        "tags": len(client.tags.list().data),
        "contacts": len(list(client.contacts.list())),
        "conversations": len(talks),
        "parts": sum(len(talk.conversation_parts.conversation_parts) for talk in talks),
    }
    print(json.dumps(counts))  # noqa: T201 - the counts are the output


main()
