"""What the connector writes in the chosen language and time zone, and knows again when another is chosen."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from connector.sandbox.exchange import Upload
from mappings.languages import Language
from mappings.sentences import Sentence, beginnings
from state import store as states
from tests.faults.conversations import bodies
from tests.faults.lab import IC, Crash, D
from tests.faults.test_verify import DAY, LIMIT, MAPPED, UNMAPPED, VERSIONS, answer_in_mirror, old, young
from tests.keys import KEY

if TYPE_CHECKING:
    from connector.sandbox.dashly.panel import DashlyPanel
    from mappings.model import Side
    from tests.faults.conftest import Theatre
    from tests.faults.lab import Lab

RUSSIAN = {"texts": {"language": "ru"}, "history": {"timezone": "Europe/Moscow", "to_intercom": "transcript"}}
ENGLISH = {"texts": {"language": "en"}, "history": {"timezone": "UTC", "to_intercom": "transcript"}}
SIDES = [D, IC]
CHANGES = [pytest.param(ENGLISH, RUSSIAN, id="to-ru"), pytest.param(RUSSIAN, ENGLISH, id="to-en")]

Settings = dict[str, dict[str, str]]


def bound(theatre: Theatre, settings: Settings, version: str = "2.16") -> Lab:
    """Return a connector that cuts texts early, so that several pieces and notes are made."""
    legacy = {"api_version": version, "loud_mirror": version != "2.16"}
    lab = theatre.bound(settings={**settings, "intercom": legacy})
    with closing(states.open_existing(lab.path, key=KEY)) as store:
        for side in SIDES:
            store.meta.set(f"{side}_max_text", str(LIMIT))
    return lab


def choose(lab: Lab, settings: Settings) -> None:
    """Let somebody change the configuration between two runs."""
    texts, history = lab.config.texts, lab.config.history
    lab.config = lab.config.model_copy(
        update={
            "texts": texts.model_copy(update={"language": Language(settings["texts"]["language"])}),
            "history": history.model_copy(update={"timezone": settings["history"]["timezone"]}),
        }
    )


def told_of(lab: Lab, origin: Side) -> None:
    """Let everything happen on one side of which our own sentences tell on the other."""
    desk = lab.world.desk(origin.value)
    talk = desk.customer_starts(desk.customer("Ира"), "вопрос")
    lab.time.sleep(5)
    desk.bot_writes(talk, "робот")
    lab.time.sleep(5)
    answer = desk.agent_writes(talk, "цена 100", agent=UNMAPPED[origin])
    lab.time.sleep(5)
    desk.agent_writes(talk, "архив", attachments=[Upload("a.exe", b"MZ\x90", "application/x-msdownload")])
    gone = desk.agent_notes(talk, "лишнее", agent=MAPPED[origin])
    if origin is IC:
        lab.time.sleep(5)
        desk.snooze(talk, lab.time.now() + DAY)
        desk.rate(talk, 4, "хорошо")
    lab.time.sleep(60)
    lab.until_clean(lab.sync)
    desk.edit_part(talk, answer, "цена 1000")
    desk.remove_part(talk, gone)
    lab.time.sleep(60)
    lab.until_clean(lab.sync)


def build(lab: Lab, origin: Side) -> None:
    """Let history and news of one side be copied, with answers in the mirror."""
    old(lab, origin)
    lab.until_clean(lambda: lab.backfill(origin))
    young(lab, origin)
    lab.until_clean(lab.sync)
    answer_in_mirror(lab, origin)
    told_of(lab, origin)


def written(lab: Lab) -> list[str]:
    """Return all that stands on both sides by our hand."""
    return sorted(bodies(lab, "dashly") + bodies(lab, "intercom"))


def recognisable(language: Language) -> list[str]:
    """Return how our longer sentences begin in a language."""
    begun = (beginnings(sentence)[list(Language).index(language)] for sentence in Sentence)
    return [text for text in begun if len(text) > 12]


@pytest.mark.long
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("origin", SIDES)
def test_everything_of_ours_is_russian(theatre: Theatre, origin: Side, version: str) -> None:
    """No English sentence is in either helpdesk, times are those of Moscow, and verify is content."""
    lab = bound(theatre, RUSSIAN, version)

    build(lab, origin)

    ours = "\n".join(written(lab))
    assert [text for text in recognisable(Language.ENGLISH) if text in ours] == []
    assert not re.search(r"\d UTC|\((customer|agent|bot)\)", ours)
    mirror = "Intercom" if origin is IC else "Dashly"
    for text in (f"Диалог скопирован из {mirror}.", f"История диалога из {mirror}, время: Europe/Moscow"):
        assert text in ours
    assert re.search(r"\+03:00 · Ida Past \(клиент\) · сообщение: old words one\.", ours)
    assert "Текст изменён" in ours
    assert lab.differences() == []


@pytest.mark.long
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("before", "after"), CHANGES)
@pytest.mark.parametrize("origin", SIDES)
def test_another_language_doubles_nothing(
    theatre: Theatre,
    origin: Side,
    before: Settings,
    after: Settings,
    version: str,
) -> None:
    """What was written in one language is known in the other, by sync, by backfill and by verify."""
    lab = bound(theatre, before, version)
    build(lab, origin)
    there = written(lab)

    choose(lab, after)
    lab.until_clean(lab.sync)
    lab.until_clean(lambda: lab.backfill(origin))

    assert written(lab) == there
    assert lab.differences() == []


@pytest.mark.long
@pytest.mark.parametrize(("before", "after"), CHANGES)
@pytest.mark.parametrize("origin", SIDES)
def test_a_lost_state_is_rebuilt_in_another_language(
    theatre: Theatre, origin: Side, before: Settings, after: Settings
) -> None:
    """`recover` knows stubs, headings, labels and named files in both languages: nothing is copied again."""
    lab = bound(theatre, before)
    build(lab, origin)
    there = written(lab)
    delivered = len(lab.world.notifications())

    lab.lose()
    choose(lab, after)
    lab.recover()
    lab.until_clean(lab.sync)
    lab.until_clean(lambda: lab.backfill(origin))

    assert written(lab) == there
    assert len(lab.world.notifications()) == delivered


@pytest.mark.parametrize("mode", ["native", "transcript"])
@pytest.mark.parametrize("origin", SIDES)
def test_what_was_begun_in_one_language_ends_in_it(theatre: Theatre, origin: Side, mode: str) -> None:
    """A long text goes on where it was cut when its first piece was sent: no word is lost or told twice."""
    lab = bound(theatre, {"history": {"to_intercom": mode}})
    desk, then = lab.world.desk(origin.value), lab.time.now() - 5 * DAY
    talk = desk.customer_starts(desk.customer("Eva", created=then), "opening", created=then)
    long = " ".join(f"word{number}." for number in range(300))
    desk.bot_writes(talk, long, choices=["by card", "by bill"], created=then + 5)

    def sent() -> int:
        return sum("word" in body for body in written(lab))

    lab.die = lambda _number, what, when: (what, when) == ("commit", "after") and sent() == 1
    with pytest.raises(Crash):
        lab.backfill(origin)
    lab.die = None
    lab.time.sleep(600)
    choose(lab, RUSSIAN)
    lab.until_clean(lambda: lab.backfill(origin))

    found = re.findall(r"word(\d+)\.", "\n".join(parts_in_order(lab, origin.other)))
    assert [int(number) for number in found] == list(range(300))
    assert "Choices offered: by card, by bill" in " ".join(
        "\n".join(parts_in_order(lab, origin.other)).split()
    )
    assert lab.differences() == []


def parts_in_order(lab: Lab, side: Side) -> list[str]:
    """Return what we wrote on a side in the order in which it was written."""
    return bodies(lab, side.value)


def test_choices_of_a_bot_are_told_in_the_chosen_language(theatre: Theatre) -> None:
    """Sentences of ours inside copied words are translated too, and a change of language is not an edit."""
    lab = bound(theatre, RUSSIAN)
    desk: DashlyPanel = lab.world.dashly
    talk = desk.customer_starts(desk.customer("Eva"), "question.")
    desk.bot_writes(talk, "Чем помочь?", choices=["Оплата", "Доставка"])
    lab.time.sleep(60)
    lab.until_clean(lab.sync)

    assert any("Предложены варианты: Оплата, Доставка" in body for body in bodies(lab, "intercom"))
    there = written(lab)
    choose(lab, ENGLISH)
    lab.time.sleep(60)
    lab.until_clean(lab.sync)
    assert written(lab) == there
    assert lab.differences() == []

    lab.lose()
    lab.recover()
    lab.until_clean(lab.sync)
    assert written(lab) == there
    with lab.memory() as store:
        assert "copied" in {
            row.disposition for row in store.ledger.of(1)[D].values() if "chat_bot" in row.type
        }
