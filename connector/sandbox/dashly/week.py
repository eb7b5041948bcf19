"""A week of conversations that began on Dashly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.sandbox.staging import DAY, HOUR, picture, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.staging import Timeline
    from connector.sandbox.world import World

NORA, ILYA, MIKA, TESS = "151204", "151377", "151590", "151702"


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


WEEK: tuple[Callable[[World, Timeline], None], ...] = (
    _export_button,
    _bot_first,
    _right_to_left,
    _long_thread,
    _campaign_answered,
    _by_mail,
    _stale_type,
    _fresh,
)
