"""An older folder put back where no mark is shown: the last run that wrote is known by its generation."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from connector.sandbox.switches import DashlySwitches, IntercomSwitches
from tests.faults.conversations import begin, bodies, mirror, told
from tests.faults.lab import IC, NORA, Crash, D, Lab
from tests.faults.test_doubt import keep_folder, put_back

if TYPE_CHECKING:
    from mappings.model import Side
    from tests.faults.conftest import Theatre

VERSIONS = ("2.16", "2.10", "1.4")
TO_INTERCOM = {"sync": {"directions": ["dashly-to-intercom"]}}


def unmarked(theatre: Theatre, version: str, settings: dict[str, Any] | None = None) -> Lab:
    """Return a connector between two sides that show no mark of ours."""
    return theatre.bound(
        settings={"intercom": {"api_version": version}, **(settings or {})},
        dashly_switches=DashlySwitches(external_id_returned=False),
        intercom_switches=IntercomSwitches(app_package_code=False),
    )


def technical(lab: Lab) -> list[Any]:
    """Return the technical people of both sides, who have no address."""
    users = [one for one in lab.world.dashly.state.users.values() if one.props_custom]
    named = lab.world.intercom.state.contacts.values()
    return users + [one for one in named if (one.name or "").startswith("Sync connector")]


@pytest.mark.long
@pytest.mark.parametrize("version", VERSIONS)
def test_a_folder_put_back_is_known_without_marks(theatre: Theatre, version: str) -> None:
    """The first run that would write ends with 7 and writes nothing; those behind it mail nobody again."""
    lab = unmarked(theatre, version)
    talk = begin(lab, "dashly", "question.")
    lab.until_clean(lab.sync)
    kept = keep_folder(lab)
    lab.time.sleep(3_000)
    lab.world.intercom.agent_writes(mirror(lab, "intercom"), "the answer.")
    lab.world.dashly.customer_writes(talk, "more.")
    lab.until_clean(lab.sync)
    before = bodies(lab, "intercom"), bodies(lab, "dashly")
    mailed = len(lab.world.notifications(via="api"))
    put_back(lab, kept)
    lab.time.sleep(600)

    ran = lab.sync()

    assert (ran.code, ran.writes) == (7, 0)
    assert "an older state file was put back" in str(ran.error)
    lab.time.sleep(300)
    lab.until_clean(lab.sync)
    assert (bodies(lab, "intercom"), bodies(lab, "dashly")) == before
    assert len(lab.world.notifications(via="api")) == mailed
    lab.world.dashly.customer_writes(talk, "later.")
    assert lab.until_clean(lab.sync).code == 0
    assert told(lab, "intercom", "later.") == 1


@pytest.mark.long
@pytest.mark.parametrize("version", VERSIONS)
def test_one_direction_keeps_it_where_it_writes(theatre: Theatre, version: str) -> None:
    """Where only Intercom is written, a contact's name has it; Dashly is left alone."""
    lab = unmarked(theatre, version, TO_INTERCOM)
    talk = begin(lab, "dashly", "question.")
    lab.until_clean(lab.sync)
    kept = keep_folder(lab)
    lab.world.dashly.agent_writes(talk, "an answer.", agent=NORA)
    lab.until_clean(lab.sync)
    before = bodies(lab, "intercom")
    put_back(lab, kept)
    lab.time.sleep(600)

    ran = lab.sync()

    assert (ran.code, ran.writes) == (7, 0)
    lab.recover()
    lab.time.sleep(300)
    lab.until_clean(lab.sync)
    assert bodies(lab, "intercom") == before
    assert [method for side, method, _ in lab.requests if side is D and method != "GET"] == []


@pytest.mark.long
def test_it_costs_one_read_and_one_write_a_run_that_writes(theatre: Theatre) -> None:
    """A quiet run asks nothing, and the person is made once, without an address."""
    lab = unmarked(theatre, "2.16")
    talk = begin(lab, "dashly", "question.")
    for text in ("one.", "two.", "three."):
        lab.until_clean(lab.sync)
        lab.world.dashly.customer_writes(talk, text)
    lab.requests.clear()

    lab.sync()

    asked = [(method, path) for side, method, path in lab.requests if side is D and "/users/" in path]
    assert [method for method, _ in asked] == ["GET", "POST"]
    (person,) = technical(lab)
    assert (person.props["$name"], person.reachable) == ("Sync connector", False)
    assert not person.made_by_reading
    lab.until_clean(lab.sync)
    lab.requests.clear()
    lab.sync()
    assert not [path for _, _, path in lab.requests if "/users/" in path]


def about_to_write(theatre: Theatre, version: str, settings: dict[str, Any]) -> Lab:
    """Return a connector whose next run asks for the generation, and makes nobody."""
    lab = unmarked(theatre, version, settings)
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.world.dashly.customer_writes(talk, "more.")
    lab.points = 0
    lab.requests.clear()
    return lab


@pytest.mark.long
@pytest.mark.parametrize("settings", [{}, TO_INTERCOM])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_death_around_its_write_is_no_doubt(
    theatre: Theatre, version: str, settings: dict[str, Any]
) -> None:
    """The state file knows the new generation before it leaves, and the old one still."""
    lab = about_to_write(theatre, version, settings)
    asked: list[int] = []

    def watch(number: int, what: str, when: str, lab: Lab = lab) -> bool:
        last = lab.requests[-1][2] if lab.requests else ""
        if (what, when) == ("request", "after") and re.search("/(users|contacts)/?", last):
            asked.append(number)
        return False

    lab.die = watch
    lab.sync()
    read, written = asked[:2]

    for number in range(read, written + 4):
        for moment in ("before", "after"):
            lab = about_to_write(theatre, version, settings)
            lab.die = partial(_at, (number, moment))
            with pytest.raises(Crash):
                lab.sync()
            lab.die = None
            lab.time.sleep(300)
            assert lab.sync().error is None
            assert told(lab, "intercom", "more.") == 1


def _at(moment: tuple[int, str], number: int, _what: str, when: str) -> bool:
    return (number, when) == moment


def test_what_a_visitor_chooses_is_no_doubt(theatre: Theatre) -> None:
    """Neither the name nor a value that was not made with our key says anything."""
    lab = unmarked(theatre, "2.16")
    desk = lab.world.dashly
    talk = desk.customer_starts(desk.customer("Sync connector", user_id="sync-" + "a" * 24), "question.")
    lab.until_clean(lab.sync)
    person = next(one for one in lab.world.dashly.state.users.values() if one.props_custom)
    person.props_custom["connector_generation"] = "sync-" + "a" * 24 + ".1700000000"
    desk.customer_writes(talk, "more.")

    ran = lab.sync()

    assert (ran.code, told(lab, "intercom", "more.")) == (0, 1)


@pytest.mark.parametrize("side", [D, IC])
def test_a_deleted_technical_person_is_made_anew(theatre: Theatre, side: Side) -> None:
    """Nobody's absence stops a run."""
    lab = unmarked(theatre, "2.16", {} if side is D else TO_INTERCOM)
    talk = begin(lab)
    lab.until_clean(lab.sync)
    (person,) = technical(lab)
    shelf: dict[Any, Any] = lab.world.dashly.state.users if side is D else lab.world.intercom.state.contacts
    del shelf[person.id]
    lab.world.dashly.customer_writes(talk, "more.")

    ran = lab.sync()

    assert (ran.code, told(lab, "intercom", "more."), len(technical(lab))) == (0, 1, 1)


def test_a_second_machine_is_told_as_such(theatre: Theatre) -> None:
    """Two machines with one state each, both at work: whoever comes second says so and writes nothing."""
    lab = unmarked(theatre, "1.4")
    talk = begin(lab)
    lab.until_clean(lab.sync)
    copy = keep_folder(lab)
    lab.sync()
    lab.world.dashly.customer_writes(talk, "more.")
    first = keep_folder(lab)
    put_back(lab, copy)
    lab.runs += 100
    lab.until_clean(lab.sync)
    lab.world.dashly.customer_writes(talk, "and more.")
    put_back(lab, first)

    ran = lab.sync()

    assert (ran.code, ran.writes) == (7, 0)
    assert "a second connector" in str(ran.error)
    assert told(lab, "intercom", "more.") == 1


@pytest.mark.parametrize("settings", [{}, TO_INTERCOM])
def test_a_file_recovered_from_nothing_is_trusted(theatre: Theatre, settings: dict[str, Any]) -> None:
    """A recovery knows the last run that wrote, though the file that knew it is lost."""
    lab = unmarked(theatre, "2.16", settings)
    talk = begin(lab)
    lab.until_clean(lab.sync)
    lab.lose()
    lab.recover()
    lab.world.dashly.customer_writes(talk, "more.")

    ran = lab.sync()

    assert ran.error is None
    lab.time.sleep(300)
    lab.until_clean(lab.sync)
    assert (told(lab, "intercom", "more."), len(technical(lab))) == (1, 1)


def test_a_side_that_refuses_it_is_written_all_the_same(theatre: Theatre) -> None:
    """What only protects may be refused: the run goes without it."""
    lab = unmarked(theatre, "2.16")
    talk = begin(lab)
    lab.world.fault("status", side="dashly", path="/users/[^/]*/props$", status=403, times=100)

    ran = lab.sync()

    assert (ran.code, told(lab, "intercom", "question.")) == (0, 1)
    assert talk
