"""Airbyte's extractor: its streams of people, tags, teams and conversations with their parts."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from redirected import redirect
from source_intercom import SourceIntercom

STREAMS = {
    "admins": "admins",
    "teams": "teams",
    "tags": "tags",
    "contacts": "contacts",
    "conversations": "conversations",
    "conversation_parts": "parts",
}


def source(*arguments: str) -> list[dict]:
    """Run the extractor and return its messages."""
    entrypoint = AirbyteEntrypoint(SourceIntercom())
    told = entrypoint.run(entrypoint.parse_args(list(arguments)))
    return [json.loads(line) for lines in told for line in lines.splitlines()]


def main() -> None:
    """Print the counts."""
    redirect()
    folder = Path(os.environ["FOLDER"])
    config, chosen = folder / "config.json", folder / "catalog.json"
    access = {"access_token": os.environ["TOKEN"], "start_date": "2020-01-01T00:00:00Z"}
    config.write_text(json.dumps(access), "utf-8")
    (found,) = [m["catalog"] for m in source("discover", "--config", str(config)) if m["type"] == "CATALOG"]
    streams = [
        {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}
        for stream in found["streams"]
        if stream["name"] in STREAMS
    ]
    chosen.write_text(json.dumps({"streams": streams}), "utf-8")
    messages = source("read", "--config", str(config), "--catalog", str(chosen))
    rows = Counter(item["record"]["stream"] for item in messages if item["type"] == "RECORD")
    counts = {ours: rows[theirs] for theirs, ours in STREAMS.items()}
    print(json.dumps(counts))  # noqa: T201 - the counts are the output


main()
