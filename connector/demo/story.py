"""What people do on both sides while the demo runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.sandbox import World

DAY = 86400.0
NORA_ON_DASHLY = "151204"
ILYA_ON_INTERCOM = "814872"


@dataclass(frozen=True, slots=True)
class Story:
    """The conversation to show side by side, and the words that must reach a customer, by side."""

    shown: str
    delivered: tuple[tuple[str, str], ...]
    secrets: tuple[str, ...]


def act(world: World, counterparts: dict[str, str]) -> Story:
    """Let customers and agents act; ``counterparts`` leads from a Dashly conversation to its mirror."""
    dashly, intercom = world.dashly, world.intercom
    eva = dashly.customer("Eva Lindholm", email="eva@example.org", user_id="acct-31007")
    fresh = dashly.customer_starts(eva, "Hello, my invoice shows the wrong address")
    dashly.tag(fresh, "billing", agent=NORA_ON_DASHLY)
    dashly.assign(fresh, NORA_ON_DASHLY, agent=NORA_ON_DASHLY)
    dashly.agent_notes(fresh, "The address was changed last week, see CRM", agent=NORA_ON_DASHLY)

    old = next(iter(counterparts))
    dashly.customer_writes(old, "One more question: can I export to CSV?")
    intercom.agent_notes(
        counterparts[old], "CSV is on the roadmap, do not promise a date", agent=ILYA_ON_INTERCOM
    )
    intercom.agent_writes(counterparts[old], "Yes, under Settings → Export.", agent=ILYA_ON_INTERCOM)
    intercom.tag(counterparts[old], "VIP", agent=ILYA_ON_INTERCOM)

    max_ = intercom.customer("Max Brand", email="max@example.org")
    begun = intercom.customer_starts(max_, "Your app signs me out every hour")
    intercom.snooze(begun, world.clock.now() + DAY, agent=ILYA_ON_INTERCOM)
    return Story(
        shown=old,
        delivered=(("dashly", "Yes, under Settings → Export."),),
        secrets=("The address was changed", "CSV is on the roadmap"),
    )


def answer(world: World, counterparts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Let an agent answer the new Intercom customer from Dashly, and close another conversation there."""
    begun = next(
        dashly
        for dashly, intercom in counterparts.items()
        if _opening(world, intercom).find("signs me out") > 0
    )
    world.dashly.agent_writes(begun, "Please update to 5.2, that fixes it.", agent=NORA_ON_DASHLY)
    world.dashly.close(next(iter(counterparts)), agent=NORA_ON_DASHLY)
    return (("intercom", "Please update to 5.2, that fixes it."),)


def _opening(world: World, conversation: str) -> str:
    conversations = world.truth()["intercom"]["conversations"]
    return next(str(c["source"]["body"]) for c in conversations if c["id"] == conversation)
