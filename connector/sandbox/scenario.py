"""A lifelike week on both helpdesks, the same in every run but for the date."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from connector.sandbox.exchange import Upload

if TYPE_CHECKING:
    from connector.sandbox.world import World

HOUR = 3600.0
DAY = 24 * HOUR
NORA, ILYA, MIKA, TESS = "151204", "151377", "151590", "151702"
NORA_IC, ILYA_IC, MIKA_IC, PRIYA_IC = "814860", "814872", "814885", "814893"
BILLING_TEAM = "team:9001"


class Timeline:
    """Hands out ever later moments."""

    def __init__(self, start: float) -> None:
        self.at = start

    def after(self, minutes: float) -> float:
        """Return the moment so many minutes later."""
        self.at += minutes * 60
        return self.at


def populate(world: World) -> None:
    """Fill a staffed world with the past days' conversations."""
    now = float(int(world.clock.now()))
    for number, tell in enumerate(_DASHLY):
        tell(world, Timeline(now - (8 - number) * DAY + number * HOUR))
    for number, tell in enumerate(_INTERCOM):
        tell(world, Timeline(now - (8 - number) * DAY + (number + 5) * HOUR))


def _export_button(world: World, time: Timeline) -> None:
    desk = world.dashly
    dana = desk.customer("Dana Ortiz", email="dana@example.org", user_id="acct-20917", created=time.at)
    talk = desk.customer_starts(
        dana, "The export button does nothing", attachments=[picture("screen.png")], created=time.after(1)
    )
    desk.auto_reply(talk, "Thanks, we answer within the hour.", created=time.after(0.1))
    desk.assign(talk, NORA, agent=NORA, created=time.after(12))
    desk.tag(talk, "export", agent=NORA, created=time.after(1))
    desk.agent_notes(talk, "Looks like ticket 8841, checking with dev", agent=NORA, created=time.after(2))
    desk.agent_writes(talk, "Thanks, we are looking into it.", agent=NORA, created=time.after(1))
    desk.snooze(talk, time.at + 4 * HOUR, agent=NORA, created=time.after(1))
    desk.customer_writes(talk, "Works again 🎉 thank you!", created=time.after(90))
    desk.untag(talk, "export", agent=ILYA, created=time.after(1))
    desk.change_channel(talk, "3012", agent=ILYA, created=time.after(1))
    desk.close(talk, agent=ILYA, created=time.after(3))
    desk.rate(talk, 5, "quick fix", created=time.after(2))


def _bot_first(world: World, time: Timeline) -> None:
    desk = world.dashly
    guest = desk.customer(None, created=time.at)
    talk = desk.customer_starts(guest, "hi", created=time.after(1))
    desk.bot_writes(talk, "Hello! I am a bot.", created=time.after(0.1))
    asked = desk.bot_writes(talk, "What is it about?", choices=("Order", "Refund"), created=time.after(0.1))
    desk.bot_choice(talk, asked, "Refund")
    desk.customer_writes(talk, "I want a refund for order 5531", created=time.after(1))
    desk.article(
        talk, "How refunds work", "https://help.shop.example/refunds", agent=MIKA, created=time.after(9)
    )
    desk.customer_writes(talk, "ok", created=time.after(2))
    desk.customer_writes(talk, "ok", created=time.after(0.2))
    desk.tag(talk, "refund", agent=MIKA, created=time.after(1))


def _right_to_left(world: World, time: Timeline) -> None:
    desk = world.dashly
    lina = desk.customer("לינה כהן", email="lina@example.org", created=time.at)
    talk = desk.customer_starts(lina, "שלום, איפה ההזמנה שלי? (#4471)", created=time.after(1))
    desk.agent_writes(
        talk, "Hi Lina, it left today: https://track.example/4471?a=1&b=2", agent=TESS, created=time.after(8)
    )
    desk.customer_writes(talk, "תודה 🙏", created=time.after(3))
    desk.change_channel(talk, "3013", agent=TESS, created=time.after(1))
    desk.change_channel(talk, None, agent=TESS, created=time.after(1))


def _long_thread(world: World, time: Timeline) -> None:
    desk = world.dashly
    omar = desk.customer("Omar Haddad", email="omar@example.org", phone="+15550101", created=time.at)
    talk = desk.customer_starts(omar, "Question 1 about the API", created=time.after(1))
    desk.assign(talk, ILYA, agent=ILYA, created=time.after(1))
    for number in range(1, 35):
        desk.agent_writes(talk, f"Answer {number}", agent=ILYA, created=time.after(2))
        desk.customer_writes(talk, f"Question {number + 1} about the API", created=time.after(3))
    desk.agent_notes(talk, "Long one. <b>Not</b> a bug & done.", agent=ILYA, created=time.after(1))


def _campaign_answered(world: World, time: Timeline) -> None:
    desk = world.dashly
    eva = desk.customer("Eva Lind", email="eva@example.org", user_id="acct-77", created=time.at)
    talk = desk.campaign_starts(eva, "New: weekly reports. Want a tour?", created=time.after(1))
    desk.customer_writes(talk, "Yes please, Tuesday?", created=time.after(600))
    silent = desk.customer("Quiet Reader", email="quiet@example.org", created=time.at)
    desk.campaign_starts(silent, "New: weekly reports. Want a tour?", agent=NORA, created=time.after(1))


def _by_mail(world: World, time: Timeline) -> None:
    desk = world.dashly
    jon = desk.customer("Jon Abel", email="jon@example.org", created=time.at)
    talk = desk.customer_starts(
        jon, "Invoice 17 is missing\n\nPlease resend it.\n-- \nJon", created=time.after(1)
    )
    desk.insert_part(talk, "reply_user", "And invoice 18.", created=time.after(4))
    desk.insert_part(talk, "service", "Invoice 17 was opened in the CRM", created=time.after(4))
    desk.agent_writes(
        talk,
        "Here it is.",
        agent=NORA,
        attachments=[text("invoice-17.txt")],
        take=True,
        created=time.after(30),
    )
    desk.close(talk, agent=NORA, created=time.after(1))
    desk.insert_part(talk, "final_closed", created=time.after(0.1))


def _stale_type(world: World, time: Timeline) -> None:
    desk = world.dashly
    ana = desk.customer("Ana Prado", phone="+15550102", created=time.at)
    talk = desk.customer_starts(ana, "Hello from the old widget", created=time.after(1))
    desk.insert_part(
        talk, "reply_django_user", "Still there?", created=time.after(5), fields={"sender": "user"}
    )
    desk.agent_writes(talk, "We are!", agent=MIKA, created=time.after(5))


def _fresh(world: World, time: Timeline) -> None:
    desk = world.dashly
    kim = desk.customer("Kim Doe", email="kim@example.org", created=time.at)
    talk = desk.customer_starts(kim, "Can I pay by invoice?", created=time.after(1))
    desk.snooze(talk, time.at + 30 * DAY, agent=NORA, created=time.after(2))


def _rows(world: World, time: Timeline) -> None:
    desk = world.intercom
    ines = desk.customer("Ines Okafor", email="ines@example.net", role="lead", created=time.at)
    talk = desk.customer_starts(
        ines, "The export stops at row 200", attachments=[picture("rows.png")], created=time.after(1)
    )
    desk.bot_writes(talk, "<p>We answer within the hour.</p>", created=time.after(0.1))
    desk.agent_writes(
        talk, "<p>Which <b>browser</b> is this?</p>", agent=NORA_IC, take=True, created=time.after(9)
    )
    desk.customer_writes(talk, "Firefox", created=time.after(20))
    desk.tag(talk, "export", agent=NORA_IC, created=time.after(1))
    desk.close(talk, agent=NORA_IC, body="<p>Fixed in today's release.</p>", created=time.after(20))
    desk.customer_writes(talk, "Not for me 😕", created=time.after(60))
    desk.close(talk, agent=NORA_IC, created=time.after(60))
    desk.rate(talk, 4, "took a while", created=time.after(5))


def _snoozed(world: World, time: Timeline) -> None:
    desk = world.intercom
    tomas = desk.customer("Tomas Ruiz", email="tomas@example.net", user_id="acct-310", created=time.at)
    talk = desk.customer_starts(tomas, "Please resend invoice 17 & 18", created=time.after(1))
    desk.assign(talk, ILYA_IC, agent=ILYA_IC, created=time.after(5))
    desk.snooze(talk, time.at + 2 * HOUR, agent=ILYA_IC, created=time.after(1))
    desk.insert_part(talk, "timer_unsnooze", created=time.after(119), fields={"author": "bot"})
    desk.reopen(talk, agent=ILYA_IC, created=time.after(1))
    desk.snooze(talk, time.at + 40 * DAY, agent=ILYA_IC, created=time.after(1))
    desk.agent_notes(
        talk,
        "<h2>To do</h2><ul><li>ask billing</li><li>reply</li></ul>",
        agent=ILYA_IC,
        created=time.after(4),
    )


def _woken(world: World, time: Timeline) -> None:
    desk = world.intercom
    sara = desk.customer("Sara Nilsson", email="sara@example.net", created=time.at)
    talk = desk.customer_starts(sara, "ok", created=time.after(1))
    desk.customer_writes(talk, "ok", created=time.after(1))
    desk.assign(talk, MIKA_IC, agent=PRIYA_IC, created=time.after(5))
    desk.snooze(talk, time.at + 3 * DAY, agent=MIKA_IC, created=time.after(1))
    desk.agent_notes(talk, "<p>She called, wake this up</p>", agent=PRIYA_IC, created=time.after(30))
    desk.snooze(talk, time.at + 3 * DAY, agent=MIKA_IC, created=time.after(1))
    desk.assign(talk, BILLING_TEAM, agent=MIKA_IC, created=time.after(30))
    desk.snooze(talk, time.at + 3 * DAY, agent=MIKA_IC, created=time.after(1))
    desk.reopen(talk, agent=MIKA_IC, created=time.after(1))
    desk.insert_part(
        talk,
        "away_mode_assignment",
        created=time.after(5),
        fields={"author": "bot", "assigned_to": {"type": "admin", "id": NORA_IC}},
    )


def _group(world: World, time: Timeline) -> None:
    desk = world.intercom
    ben = desk.customer("Ben Carter", email="ben@example.net", user_id="acct-311", created=time.at)
    talk = desk.customer_starts(ben, "Two of us have this problem", created=time.after(1))
    desk.insert_part(talk, "participant_added", created=time.after(2))
    desk.insert_part(talk, "participant_removed", created=time.after(2))
    desk.close(talk, agent=MIKA_IC, created=time.after(2))
    desk.insert_part(talk, "note_and_reopen", "<p>Reopening, see incident 12</p>", created=time.after(2))
    desk.reopen(talk, agent=MIKA_IC, created=time.after(1))
    desk.agent_writes(
        talk,
        "<p>Please see the log.</p>",
        agent=MIKA_IC,
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
        agent=NORA_IC,
        created=time.after(5),
    )
    second = desk.campaign_starts(
        yuki, "<p>Your trial ends on Friday.</p>", agent=PRIYA_IC, created=time.after(60)
    )
    desk.close(second, agent=PRIYA_IC, created=time.after(1))


def _quick_reply(world: World, time: Timeline) -> None:
    desk = world.intercom
    visitor = desk.customer(None, role="lead", created=time.at)
    talk = desk.customer_starts(visitor, "is anyone there", created=time.after(1))
    desk.bot_writes(talk, "", choices=("Sales", "Support"), created=time.after(0.1))
    desk.customer_writes(talk, "Support", created=time.after(0.5))
    desk.tag(talk, "VIP", agent=PRIYA_IC, created=time.after(1))
    desk.untag(talk, "VIP", agent=PRIYA_IC, created=time.after(1))
    desk.tag(talk, "bug", agent=PRIYA_IC, created=time.after(1))


def _images(world: World, time: Timeline) -> None:
    desk = world.intercom
    leo = desk.customer("Leo Park", email="leo@example.net", created=time.at)
    talk = desk.customer_starts(leo, "Where is the setting?\n\nI looked <everywhere>", created=time.after(1))
    image = f"{world.intercom.state.files.base_url}/missing.png"
    desk.agent_writes(
        talk,
        f'<p>Here:</p><p><img src="{image}"></p><p>See <a href="https://help.shop.example/s?a=1&amp;b=2">this</a></p>',
        agent=ILYA_IC,
        created=time.after(4),
    )
    desk.agent_notes(talk, "<p>Docs should say this</p>", agent=ILYA_IC, created=time.after(1))


def _fresh_lead(world: World, time: Timeline) -> None:
    desk = world.intercom
    noor = desk.customer("Noor", phone="+15550199", role="lead", created=time.at)
    desk.customer_starts(noor, "Do you ship to Iceland?", created=time.after(1))


def picture(name: str) -> Upload:
    """Return a tiny valid PNG."""
    return Upload(name, _png(), "image/png")


def text(name: str) -> Upload:
    """Return a small text file."""
    return Upload(name, f"contents of {name}\n".encode(), "text/plain")


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data).to_bytes(4, "big")
        return len(data).to_bytes(4, "big") + kind + data + check

    header = bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])
    pixels = zlib.compress(b"\x00\xff\x66\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


_DASHLY = (
    _export_button,
    _bot_first,
    _right_to_left,
    _long_thread,
    _campaign_answered,
    _by_mail,
    _stale_type,
    _fresh,
)
_INTERCOM = (_rows, _snoozed, _woken, _group, _campaign, _quick_reply, _images, _fresh_lead)
