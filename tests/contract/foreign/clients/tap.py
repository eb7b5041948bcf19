"""Singer's extractor: its streams of people, tags, teams and conversations with their parts."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections import Counter
from pathlib import Path

import tap_intercom
from redirected import redirect

STREAMS = {
    "admins": "admins",
    "teams": "teams",
    "tags": "tags",
    "contacts": "contacts",
    "conversations": "conversations",
    "conversation_parts": "parts",
}


def tap(*arguments: str) -> str:
    """Run the extractor and return its output."""
    sys.argv = ["tap-intercom", *arguments]
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        tap_intercom.main()
    return told.getvalue()


def main() -> None:
    """Print the counts."""
    redirect()
    folder = Path(os.environ["FOLDER"])
    config, chosen = folder / "config.json", folder / "catalog.json"
    access = {"access_token": os.environ["TOKEN"], "start_date": "2020-01-01T00:00:00Z", "user_agent": "x"}
    config.write_text(json.dumps(access), "utf-8")
    catalog = json.loads(tap("--config", str(config), "--discover"))
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in STREAMS
    chosen.write_text(json.dumps(catalog), "utf-8")
    messages = [
        json.loads(line) for line in tap("--config", str(config), "--catalog", str(chosen)).splitlines()
    ]
    rows = Counter(item["stream"] for item in messages if item["type"] == "RECORD")
    counts = {ours: rows[theirs] for theirs, ours in STREAMS.items()}
    print(json.dumps(counts))  # noqa: T201 - the counts are the output


main()
