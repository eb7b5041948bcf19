"""What a backfill says at its end adds up, and agrees with what the state file knows."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import pytest

from connector.sandbox.scenario import populate
from mappings.model import LossKind
from mappings.names import LOSSES_SHOWN
from state import store as states
from state.counts.figures import Figures


@pytest.fixture
def past(place: Any) -> Any:
    """A bound place with a past of many kinds on both sides, which is copied in one order."""
    place.config.write_text(place.config.read_text() + "workers = 1\n")
    populate(place.world)
    place.wait(5)
    assert place.run("init").code == 0
    return place


def known(place: Any) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many parts the ledger holds by disposition, and how many losses by kind."""
    key = bytes.fromhex((place.folder / "connector.key").read_text().strip())
    with closing(states.open_existing(place.state, key=key)) as store:
        parts = {one.value: n for one, n in store.ledger.counts().items()}
        return parts, {kind.value: n for kind, n in Figures(store.file).losses().items()}


def refuse_one(place: Any) -> None:
    """Let Intercom refuse one answer for good."""
    place.world.fault(kind="status", status=422, side="intercom", method="POST", path=".*reply", times=1)


@pytest.mark.long
@pytest.mark.parametrize("refused", [False, True])
def test_every_conversation_and_part_is_in_one_place(past: Any, *, refused: bool) -> None:
    """Parts by disposition are the parts seen, losses those of the ledger, conversations those chosen."""
    if refused:
        refuse_one(past)

    told = past.run("backfill", "--from", "dashly", "--yes", "--json").json

    parts, losses = known(past)
    assert told["parts"] == parts
    assert told["losses"] == losses
    assert told["parts_seen"] == sum(parts.values()) + told["parts_waiting"]
    talks = told["conversations"]
    assert talks["chosen"] == talks["done"] + talks["put_aside"] + talks["left"] == 8
    assert (talks["put_aside"], talks["left"]) == (int(refused), 0)


@pytest.mark.long
def test_what_failed_before_is_none_of_the_chosen(past: Any) -> None:
    """It is tried again, and done; nothing is left, and no number is below zero."""
    past.world.fault(kind="status", status=500, side="intercom", method="POST", path=".*reply", times=40)
    first = past.run("backfill", "--from", "dashly", "--yes", "--json").json["conversations"]
    past.world.clear_faults()
    past.wait(86400)

    talks = past.run("backfill", "--from", "dashly", "--yes", "--json").json["conversations"]

    assert first["put_aside"] > 0
    assert (talks["chosen"], talks["left"]) == (talks["done"] + talks["put_aside"], 0), (first, talks)


@pytest.mark.long
def test_the_page_shows_the_same_sums(past: Any) -> None:
    """One page without anything from elsewhere; the sums are in its first rows."""
    page = past.folder / "end.html"

    told = past.run("backfill", "--from", "intercom", "--yes", "--json", "--report", str(page)).json

    html = page.read_text()
    rows = re.findall(r"<bdi>([a-z_ -]+)</bdi></td><td class=\"n\"><bdi>([0-9,]+)</bdi>", html)
    shown = {what: int(count.replace(",", "")) for what, count in rows}
    assert shown["all"] == told["parts_seen"]
    assert {what: shown[what] for what in told["parts"]} == told["parts"]
    kinds = re.findall(r"<bdi>([0-9,]+)</bdi></td><td[^>]*><bdi>([A-Za-z -]+)</bdi>", html)
    losses = {kind: int(count.replace(",", "")) for count, kind in kinds}
    assert {kind: losses[LOSSES_SHOWN[LossKind(kind)]] for kind in told["losses"]} == told["losses"]
    assert (shown["chosen"], shown["done"]) == (
        told["conversations"]["chosen"],
        told["conversations"]["done"],
    )
    assert "http" not in html.replace("http-equiv", "")


@pytest.mark.parametrize("target", [".", "nowhere/end.html"])
def test_a_page_that_cannot_be_written_is_refused_before_the_work(bound: Any, target: str) -> None:
    """Not after hours of it."""
    asked = len(bound.world.requests())

    ended = bound.run("backfill", "--from", "dashly", "--yes", "--report", target)

    assert (ended.code, ended.is_told()) == (2, True)
    assert len(bound.world.requests()) == asked
