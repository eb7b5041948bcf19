"""Nobody's absence stops a conversation: agents who left, people deleted or merged, bad addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.sandbox.switches import FormerAdmin, IntercomSwitches, MergedContact
from tests.faults import lab as laboratory
from tests.faults.lab import NORA, NORA_THERE
from tests.outcome import plain

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.lab import Lab


def said(lab: Lab, side: str) -> list[str]:
    """Return everything that is in the conversations of a side."""
    return [
        plain(part["body"]) for talk in lab.world.truth()[side]["conversations"] for part in talk["parts"]
    ]


def made(folder: Path, version: str = "2.16", **world: Any) -> Lab:
    """Return a connector that is bound, with Nora mapped and somebody else as the default."""
    lab = laboratory.make(folder, settings={"intercom": {"api_version": version}}, **world)
    lab.init()
    return lab


@pytest.mark.parametrize("refusal", FormerAdmin)
def test_a_teammate_who_left_intercom_stops_nothing(tmp_path: Path, refusal: FormerAdmin) -> None:
    """Their colleague on Dashly goes on, in the default's voice with the name in front."""
    lab = laboratory.make(
        tmp_path,
        settings={"map": {"admins": {NORA: "814861"}}},
        intercom_switches=IntercomSwitches(former_admin=refusal),
    )
    lab.world.intercom.hire(814861, "Leaver", "leaver@shop.example")
    lab.init()
    dashly = lab.world.dashly
    talk = dashly.customer_starts(dashly.customer("Dana"), "one")
    lab.until_clean(lab.sync)
    lab.world.intercom.agent_leaves("814861")
    dashly.agent_writes(talk, "two", agent=NORA)
    dashly.customer_writes(talk, "three")
    lab.until_clean(lab.sync)

    assert [text for text in said(lab, "intercom") if "two" in text or "three" in text] == [
        "Nora Field (agent): two",
        "three",
    ]
    with lab.memory() as store:
        assert store.quarantine.items() == []
    assert lab.differences() == []


def test_an_operator_who_left_dashly_stops_nothing(tmp_path: Path) -> None:
    """Dashly refuses the write: the default says it, once, with the name in front, and a person is told."""
    lab = laboratory.make(tmp_path, settings={"map": {"admins": {"999999": NORA_THERE}}})
    lab.init()
    dashly, intercom = lab.world.dashly, lab.world.intercom
    talk = dashly.customer_starts(dashly.customer("Dana"), "one")
    lab.until_clean(lab.sync)
    (mirror,) = [one["id"] for one in lab.world.truth()["intercom"]["conversations"]]
    intercom.agent_writes(mirror, "two", agent=NORA_THERE)
    lab.time.sleep(2)
    ran = lab.sync()
    intercom.customer_writes(mirror, "three")
    lab.until_clean(lab.sync)

    texts = said(lab, "dashly")
    assert [text.rpartition(": ")[2] for text in texts if "two" in text or "three" in text] == [
        "two",
        "three",
    ]
    assert any("999999" in line for line in ran.attention)
    assert dashly.state.conversations[int(talk)].id
    with lab.memory() as store:
        assert store.quarantine.items() == []
    assert lab.differences() == []


@pytest.mark.parametrize("version", ["2.16", "1.4"])
@pytest.mark.parametrize("phone", [None, "15550100"])
def test_a_bad_address_stops_nothing(tmp_path: Path, version: str, phone: str | None) -> None:
    """With a phone and without one, in both generations."""
    lab = made(tmp_path, version, intercom_switches=IntercomSwitches(bad_email_refused=True))
    dashly = lab.world.dashly
    dashly.customer_starts(dashly.customer("Dana", email="not an address", phone=phone), "one")
    lab.until_clean(lab.sync)

    assert len(lab.world.truth()["intercom"]["conversations"]) == 1
    with lab.memory() as store:
        assert store.quarantine.items() == []
    assert lab.differences() == []


@pytest.mark.parametrize("merged", MergedContact)
@pytest.mark.parametrize("version", ["2.16", "2.10"])
def test_a_contact_who_was_merged_stops_nothing(tmp_path: Path, merged: MergedContact, version: str) -> None:
    """Their conversation goes on as whom it shows, or in notes that name them."""
    lab = made(tmp_path, version, intercom_switches=IntercomSwitches(merged_contact=merged))
    dashly, intercom = lab.world.dashly, lab.world.intercom
    talk = dashly.customer_starts(dashly.customer("Dana"), "one")
    lab.until_clean(lab.sync)
    (ours,) = intercom.state.contacts
    intercom.merge_contacts(ours, intercom.customer("Survivor", user_id="acct-1"))
    dashly.customer_writes(talk, "two")
    lab.until_clean(lab.sync)

    assert [text.rpartition(": ")[2] for text in said(lab, "intercom") if "two" in text] == ["two"]
    with lab.memory() as store:
        assert store.quarantine.items() == []
    assert lab.differences() == []


@pytest.mark.long
@pytest.mark.parametrize("version", ["2.16", "1.4"])
def test_a_contact_who_was_deleted_stops_nothing(tmp_path: Path, version: str) -> None:
    """The old conversation goes on in notes that name the customer, and a new one begins as somebody new."""
    lab = made(tmp_path, version)
    dashly, intercom = lab.world.dashly, lab.world.intercom
    dana = dashly.customer("Dana")
    talk = dashly.customer_starts(dana, "one")
    lab.until_clean(lab.sync)
    (ours,) = intercom.state.contacts.values()
    ours.archived = ours.deleted = True
    dashly.customer_writes(talk, "two")
    lab.until_clean(lab.sync)
    dashly.customer_starts(dana, "again")
    lab.until_clean(lab.sync)

    assert [text for text in said(lab, "intercom") if "two" in text] == ["Dana (customer): two"]
    assert len(lab.world.truth()["intercom"]["conversations"]) == 2
    with lab.memory() as store:
        assert store.quarantine.items() == []
    assert lab.differences() == []
