"""Intercom's official Python client of the 1.x time: log in, read, answer, convert a lead."""

from __future__ import annotations

import json
import os

from intercom.client import Client
from intercom.request import Request


def main() -> None:
    """Print the counts."""
    client = Client(personal_access_token=os.environ["TOKEN"])
    client.base_url = os.environ["BASE_URL"]
    client.http_session.headers["Intercom-Version"] = "1.4"
    old = Request.execute

    def execute(self, base_url, auth, params):
        self.http_session.headers["Intercom-Version"] = "1.4"
        return old(self, base_url, auth, params)

    Request.execute = execute
    talks = [client.conversations.find(id=row.id) for row in client.conversations.find_all()]
    lead = client.leads.create(email="new@example.net", name="New")
    client.leads.convert(lead, client.users.create(user_id="foreign-1", email="foreign@example.net"))
    client.conversations.reply(
        id=talks[0].id,
        type="admin",
        admin_id=client.admins.all()[0].id,
        message_type="note",
        body="from afar",
    )
    talks[0] = client.conversations.find(id=talks[0].id)
    counts = {
        "admins": len(list(client.admins.all())),
        "tags": len(list(client.tags.all())),
        "users": len(list(client.users.all())),
        "leads": len(list(client.leads.all())),
        "conversations": len(talks),
        "parts before 2.6": sum(len(talk.conversation_parts) for talk in talks),
    }
    print(json.dumps(counts))  # noqa: T201 - the counts are the output


main()
