"""A week of conversations that began on Intercom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.staging import DAY, HOUR, picture, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.staging import Timeline
    from connector.sandbox.world import World

NORA, ILYA, MIKA, PRIYA = "814860", "814872", "814885", "814893"
BILLING_TEAM = "team:9001"


def _rows(world: World, time: Timeline) -> None:
    desk = world.intercom
    ines = desk.customer("Ines Okafor", email="ines@example.net", role="lead", created=time.at)
    talk = desk.customer_starts(
        ines, "The export stops at row 200", attachments=[picture("rows.png")], created=time.after(1)
    )
    desk.bot_writes(talk, "<p>We answer within the hour.</p>", created=time.after(0.1))
    desk.agent_writes(
        talk, "<p>Which <b>browser</b> is this?</p>", agent=NORA, take=True, created=time.after(9)
    )
    desk.customer_writes(talk, "Firefox", created=time.after(20))
    desk.tag(talk, "export", agent=NORA, created=time.after(1))
    desk.close(talk, agent=NORA, body="<p>Fixed in today's release.</p>", created=time.after(20))
    desk.customer_writes(talk, "Not for me 😕", created=time.after(60))
    desk.close(talk, agent=NORA, created=time.after(60))
    desk.rate(talk, 4, "took a while", created=time.after(5))


def _snoozed(world: World, time: Timeline) -> None:
    desk = world.intercom
    tomas = desk.customer("Tomas Ruiz", email="tomas@example.net", user_id="acct-310", created=time.at)
    talk = desk.customer_starts(tomas, "Please resend invoice 17 & 18", created=time.after(1))
    desk.assign(talk, ILYA, agent=ILYA, created=time.after(5))
    desk.snooze(talk, time.at + 2 * HOUR, agent=ILYA, created=time.after(1))
    desk.insert_part(talk, "timer_unsnooze", created=time.after(119), fields={"author": "bot"})
    desk.reopen(talk, agent=ILYA, created=time.after(1))
    desk.snooze(talk, time.at + 40 * DAY, agent=ILYA, created=time.after(1))
    desk.agent_notes(
        talk,
        "<h2>To do</h2><ul><li>ask billing</li><li>reply</li></ul>",
        agent=ILYA,
        created=time.after(4),
    )


def _woken(world: World, time: Timeline) -> None:
    desk = world.intercom
    sara = desk.customer("Sara Nilsson", email="sara@example.net", created=time.at)
    talk = desk.customer_starts(sara, "ok", created=time.after(1))
    desk.customer_writes(talk, "ok", created=time.after(1))
    desk.assign(talk, MIKA, agent=PRIYA, created=time.after(5))
    desk.snooze(talk, time.at + 3 * DAY, agent=MIKA, created=time.after(1))
    desk.agent_notes(talk, "<p>She called, wake this up</p>", agent=PRIYA, created=time.after(30))
    desk.snooze(talk, time.at + 3 * DAY, agent=MIKA, created=time.after(1))
    desk.assign(talk, BILLING_TEAM, agent=MIKA, created=time.after(30))
    desk.snooze(talk, time.at + 3 * DAY, agent=MIKA, created=time.after(1))
    desk.reopen(talk, agent=MIKA, created=time.after(1))
    desk.insert_part(
        talk,
        "away_mode_assignment",
        created=time.after(5),
        fields={"author": "bot", "assigned_to": {"type": "admin", "id": NORA}},
    )


def _group(world: World, time: Timeline) -> None:
    desk = world.intercom
    ben = desk.customer("Ben Carter", email="ben@example.net", user_id="acct-311", created=time.at)
    talk = desk.customer_starts(ben, "Two of us have this problem", created=time.after(1))
    desk.insert_part(talk, "participant_added", created=time.after(2))
    desk.insert_part(talk, "participant_removed", created=time.after(2))
    desk.close(talk, agent=MIKA, created=time.after(2))
    desk.insert_part(talk, "note_and_reopen", "<p>Reopening, see incident 12</p>", created=time.after(2))
    desk.reopen(talk, agent=MIKA, created=time.after(1))
    desk.agent_writes(
        talk,
        "<p>Please see the log.</p>",
        agent=MIKA,
        attachments=[text("log.txt")],
        created=time.after(3),
    )


def _campaign(world: World, time: Timeline) -> None:
    desk = world.intercom
    yuki = desk.customer("Yuki Tan", email="yuki@example.net", user_id="acct-312", created=time.at)
    talk = desk.campaign_starts(yuki, "<p>Hi Yuki, any questions about the trial?</p>", created=time.after(1))
    desk.customer_writes(talk, "مرحبا، نعم", created=time.after(45))
    desk.article(
        talk,
        "Trial & billing",
        "https://help.shop.example/trial?lang=en",
        agent=NORA,
        created=time.after(5),
    )
    second = desk.campaign_starts(
        yuki, "<p>Your trial ends on Friday.</p>", agent=PRIYA, created=time.after(60)
    )
    desk.close(second, agent=PRIYA, created=time.after(1))


def _quick_reply(world: World, time: Timeline) -> None:
    desk = world.intercom
    visitor = desk.customer(None, role="lead", created=time.at)
    talk = desk.customer_starts(visitor, "is anyone there", created=time.after(1))
    desk.bot_writes(talk, "", choices=("Sales", "Support"), created=time.after(0.1))
    desk.customer_writes(talk, "Support", created=time.after(0.5))
    desk.tag(talk, "VIP", agent=PRIYA, created=time.after(1))
    desk.untag(talk, "VIP", agent=PRIYA, created=time.after(1))
    desk.tag(talk, "bug", agent=PRIYA, created=time.after(1))


def _images(world: World, time: Timeline) -> None:
    desk = world.intercom
    leo = desk.customer("Leo Park", email="leo@example.net", created=time.at)
    talk = desk.customer_starts(leo, "Where is the setting?\n\nI looked <everywhere>", created=time.after(1))
    image = f"{world.intercom.state.files.base_url}/files/gone/missing.png"
    desk.agent_writes(
        talk,
        f'<p>Here:</p><p><img src="{image}"></p><p>See <a href="https://help.shop.example/s?a=1&amp;b=2">this</a></p>',
        agent=ILYA,
        created=time.after(4),
    )
    desk.agent_notes(talk, "<p>Docs should say this</p>", agent=ILYA, created=time.after(1))


def _fresh_lead(world: World, time: Timeline) -> None:
    desk = world.intercom
    noor = desk.customer("Noor", phone="+15550199", role="lead", created=time.at)
    desk.customer_starts(noor, "Do you ship to Iceland?", created=time.after(1))


WEEK: tuple[Callable[[World, Timeline], None], ...] = (
    _rows,
    _snoozed,
    _woken,
    _group,
    _campaign,
    _quick_reply,
    _images,
    _fresh_lead,
)
