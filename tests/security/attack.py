"""A text that attacks a screen, and calls of every command that may meet it."""

from __future__ import annotations

ATTACK = (
    "Eve[/b][link=https://evil.example]x[/link] \x1b]52;c;ZXZpbA==\x07\x1b]0;owned\x07\x1b[2J\x9b31m\x7f"
    "\u202egpj\u2066iso\u2028\u0085line\nFORGED line\r\nFORGED\ttab"
)


def calls(here: str, talk: str, item: str) -> dict[str, list[tuple[str, ...]]]:
    """Return calls of every command, those that change something last, with the attack as argument too.

    What is called is what a person may type; each command has a row. ``here`` is a folder, ``talk`` a
    conversation, ``item`` one in quarantine.
    """
    return {
        "doctor": [("doctor",)],
        "mapping": [("mapping",)],
        "mapping check": [("mapping", "check")],
        "plan": [("plan",)],
        "plan backfill": [
            ("plan", "backfill", "--from", "dashly"),
            ("plan", "backfill", "--from", "dashly", "--tag", ATTACK, "--id", ATTACK),
            ("plan", "backfill", "--from", "intercom", "--since", ATTACK),
        ],
        "pairs list": [("pairs", "list")],
        "pairs show": [("pairs", "show", talk), ("pairs", "show", f"no-such{ATTACK}")],
        "quarantine list": [("quarantine", "list")],
        "quarantine show": [("quarantine", "show", item), ("quarantine", "show", ATTACK)],
        "status": [("status",)],
        "report": [
            ("report", "--html", f"{here}/page.html"),
            ("report", "--html", f"{here}/{ATTACK}/page.html"),
        ],
        "verify": [("verify",), ("verify", "--id", ATTACK)],
        "init": [("init",), ("init", "--since", ATTACK), ("--config", f"{here}/{ATTACK}/c.toml", "init")],
        "state check": [("state", "check")],
        "state backup": [("state", "backup", f"{here}/{ATTACK}.db")],
        "state restore": [("state", "restore", f"{here}/no-such{ATTACK}.db", "--yes")],
        "state vacuum": [("state", "vacuum")],
        "state move": [
            ("state", "move", "--to", f"{here}/no-such{ATTACK}/moved.db"),
            ("state", "move", "--to", f"postgresql://{ATTACK}@127.0.0.1:1/{ATTACK}"),
        ],
        "fleet status": [
            ("fleet", "status", "--pairs", here),
            ("fleet", "status", "--pairs", f"{here}/{ATTACK}"),
        ],
        "fleet check": [
            ("fleet", "check", "--pairs", here),
            ("fleet", "check", "--pairs", f"{here}/{ATTACK}"),
        ],
        "fleet pause": [("fleet", "pause", ATTACK, "--pairs", here)],
        "fleet resume": [("fleet", "resume", ATTACK, "--pairs", here)],
        "fleet run": [
            ("fleet", "run", here, "--once"),
            ("fleet", "run", f"{here}/{ATTACK}", "--once"),
            ("fleet", "run", here, "--workers", ATTACK),
        ],
        "hooks serve": [
            ("hooks", "serve", "--listen", ATTACK),
            ("hooks", "serve", "--pairs", f"{here}/{ATTACK}"),
            ("hooks", "serve", "--pairs", here, "--listen", ATTACK),
        ],
        "sandbox": [("sandbox", "--dashly-port", ATTACK)],
        "demo": [("demo", ATTACK)],
        "": [(f"no-such{ATTACK}",), ("--config", f"{here}/{ATTACK}.toml", "status")],
        "sync": [("sync",), ("sync", "--every", ATTACK)],
        "backfill": [
            ("backfill", "--from", "dashly", "--yes"),
            ("backfill", "--from", "dashly", "--id-file", f"{here}/{ATTACK}", "--yes"),
        ],
        "quarantine retry": [
            ("quarantine", "retry", ATTACK),
            ("quarantine", "retry", item),
            ("quarantine", "retry", "--all"),
        ],
        "quarantine skip": [("quarantine", "skip", ATTACK), ("quarantine", "skip", item)],
        "pairs link": [("pairs", "link", ATTACK, ATTACK)],
        "pairs unlink": [("pairs", "unlink", ATTACK), ("pairs", "unlink", talk)],
        "forget": [
            ("forget", "--user", f"dashly:{ATTACK}", "--yes"),
            ("forget", "--user", ATTACK, "--yes"),
        ],
        "export": [
            ("export", "--from", "dashly", f"{here}/all.ndjson"),
            ("export", "--from", "intercom", f"{here}/no-such{ATTACK}.ndjson"),
        ],
        "undo": [("undo", "--run", ATTACK, "--yes")],
        "recover": [("recover",)],
    }
