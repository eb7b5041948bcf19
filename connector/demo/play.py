"""The demonstration itself: its steps in order, and what must be true in the end.

Who plays it decides how a step is run; nothing here depends on how often a command had to be started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from connector.demo.story import act, answer
from mappings.names import SIDES_SHOWN

if TYPE_CHECKING:
    from connector.demo.stage import Stage


class Step(Protocol):
    """Runs one command that writes, until it ends by itself, and returns its JSON."""

    def __call__(self, title: str, *arguments: str) -> dict[str, Any]:
        """Run the command of the step with this title."""


def play(stage: Stage, step: Step) -> str:
    """Play all, note on the stage what is wrong in the end, and return the conversation to show."""
    stage.run("init")
    # Both histories first, as an operator would: live messages need the pairs.
    step("history of Dashly", "backfill", "--from", "dashly", "--yes")
    step("history of Intercom", "backfill", "--from", "intercom", "--yes")
    story = act(stage.world, stage.counterparts())
    step("people act on both sides", "sync")
    delivered = story.delivered + answer(stage.world, stage.counterparts())
    step("agents answer in the mirror", "sync")
    # The fixed point: a connector that loops writes here.
    last = step("nothing happened", "sync")
    stage.expect(not any(last["writes"].values()), "the last sync wrote something")
    _check_notifications(stage, delivered)
    _check_secrets(stage, story.secrets)
    _check_sides(stage)
    return story.shown


def _check_notifications(stage: Stage, delivered: tuple[tuple[str, str], ...]) -> None:
    """Exactly the deliveries reached a customer; no copy did."""
    # Only by the API: people who act on the stage notify each other as well.
    told = [(n.side, n.text) for n in stage.world.notifications(via="api")]
    for side, words in delivered:
        stage.expect(
            # Exactly once: twice is as bad as never.
            sum(s == side and words in text for s, text in told) == 1,
            f"not delivered once on {SIDES_SHOWN[side]}: {words}",
        )
    stage.expect(
        len(told) == len(delivered), f"{len(told)} customers were notified instead of {len(delivered)}"
    )


def _check_secrets(stage: Stage, secrets: tuple[str, ...]) -> None:
    for side, dump in stage.world.truth().items():
        if not isinstance(dump, dict):
            continue
        parts = [
            part for talk in dump["conversations"] for part in [*talk["parts"], talk.get("source") or {}]
        ]
        # By the emulator's own truth, which none of our code made.
        for words in secrets:
            leaked = any(words in str(part.get("body")) and part.get("public") for part in parts)
            stage.expect(not leaked, f"a note is public on {side}")


def _check_sides(stage: Stage) -> None:
    """Both sides agree, and nothing waits."""
    differences = stage.run("verify")["differences"]
    stage.problems.extend(f"{d['side']} {d['part']}: {d['what']}" for d in differences)
    status = stage.run("status")
    stage.expect(not status["open_intents"], f"{status['open_intents']} writes are unclear")
    stage.problems.extend(f"in quarantine: {item['reason']}" for item in status["quarantine"])
