"""Runs as every caller opens them: in any thread, stopped by a value, each telling what it did."""

from __future__ import annotations

import io
import json
import logging
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connector.app import passes
from connector.engine.run.report import Account
from connector.engine.sync.conversation import ConversationWork
from connector.errors import STOPPED, Stopped
from connector.helpdesk.query import HistoryQuery
from connector.host.log import LogFormat, configure
from mappings.model import Side
from tests.faults import lab as laboratory
from tests.faults.lab import NORA, NORA_THERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.engine.sync.failures import Result
    from tests.faults.lab import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    """A bound connector in this process."""
    with tempfile.TemporaryDirectory(dir=laboratory.quick_folder()) as folder:
        made = laboratory.make(Path(folder))
        made.init()
        yield made


def begin_talk(lab: Lab) -> str:
    """Let a customer begin a conversation on Dashly that an agent answers."""
    customer = lab.world.dashly.customer("Ines", email="ines@example.net")
    talk = lab.world.dashly.customer_starts(customer, "Where is my order?")
    lab.world.dashly.agent_writes(talk, "On its way.", agent=NORA)
    lab.world.dashly.agent_notes(talk, "A good customer.", agent=NORA)
    return talk


def done(caplog: Any) -> list[tuple[str, dict[str, object]]]:
    """Return what a run logged that it did."""
    return [(r.getMessage(), r.fields) for r in caplog.records if r.name == "connector.run"]


def test_a_run_counts_what_it_changed(lab: Lab) -> None:
    """The first pass carries the conversation, the next one finds nothing to do in it."""
    begin_talk(lab)
    lab.time.sleep(300)

    first, second = (passes.sync(lab.config, lab.environment).report for _ in range(2))

    assert (first.changed, second.changed) == (1, 0)


def test_two_pairs_are_synced_in_two_threads(tmp_path: Path) -> None:
    """Nothing of a run is shared, and no signal handler is asked for outside the main thread."""
    labs = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        labs.append(laboratory.make(tmp_path / name))
        labs[-1].init()
        begin_talk(labs[-1])
    results: dict[int, Any] = {}
    threads = [
        threading.Thread(target=lambda n=n, lab=lab: results.update({n: lab.sync()}))
        for n, lab in enumerate(labs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert [results[n].code for n in range(2)] == [0, 0]
    assert all(results[n].writes for n in range(2))
    assert [lab.differences() for lab in labs] == [[], []]


def test_a_stopped_clock_ends_a_run_before_it_writes(lab: Lab) -> None:
    """Stopping is a value: whoever holds the clock stops the run, and the next one goes on."""
    begin_talk(lab)
    lab.time.stopped = True

    stopped = lab.sync()

    assert (stopped.writes, stopped.code) == (0, 0)
    assert isinstance(stopped.error, Stopped)
    assert (str(stopped.error), stopped.error.hint) == ("stopped; nothing is lost", "connector sync")
    lab.time.stopped = False
    assert lab.sync().writes > 0
    assert lab.differences() == []


def test_what_is_finished_beside_a_stop_is_done_and_not_left(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One conversation waits for its turn and is given up; the other one's last write was under way."""
    for _ in range(3):
        begin_talk(lab)
    lab.config = lab.config.model_copy(update={"sync": lab.config.sync.model_copy(update={"workers": 2})})
    written, given_up = threading.Event(), threading.Event()
    work = ConversationWork.work

    def beside(self: ConversationWork, row: int, **how: bool) -> Result:
        if not begun.acquire(blocking=False):
            written.wait(60)
            lab.time.stopped = True
            given_up.set()
            raise Stopped(STOPPED)
        result = work(self, row, **how)
        written.set()
        given_up.wait(60)
        return result

    begun = threading.Semaphore(1)
    monkeypatch.setattr(ConversationWork, "work", beside)

    choice = passes.Choice(Side.DASHLY, HistoryQuery())
    report = passes.backfill(lab.config, lab.environment, choice).report

    assert report.account == Account(chosen=3, done=1, put_aside=0)
    assert any("left for the next run: 2" in told for told in report.attention)


def test_each_action_is_logged_once_without_words_or_people(lab: Lab, caplog: Any) -> None:
    """The log names run, pair and part, and a quiet pass adds nothing to it."""
    talk = begin_talk(lab)
    lab.world.dashly.tag(talk, "VIP", agent=NORA)
    caplog.set_level(logging.INFO, "connector.run")

    lab.sync()

    told = done(caplog)
    counted = [name for name, _ in told]
    assert counted.count("conversation.created") == 1
    assert counted.count("message.copied") == 1
    assert counted.count("note.copied") == 1
    assert counted.count("register.set") == 1
    (mirror,) = lab.world.truth()["intercom"]["conversations"]
    assert {fields["run"] for _, fields in told} == {"run-1"}
    assert {fields["pair"] for _, fields in told} == {f"{talk}/{mirror['id']}"}
    assert all(fields.get("part") for name, fields in told if name.endswith((".copied", ".created")))
    line = repr(told)
    assert not any(word in line for word in ("order", "way", "good", "Ines", "ines@", "Nora", "VIP"))

    lab.time.sleep(200)
    lab.sync()
    caplog.clear()
    lab.time.sleep(200)
    lab.sync()
    assert done(caplog) == []


def test_a_quarantine_is_logged(lab: Lab, caplog: Any) -> None:
    """With the part at which the conversation stops, and on which side that conversation began."""
    talk = begin_talk(lab)
    lab.sync()
    (mirror,) = lab.world.truth()["intercom"]["conversations"]
    lab.world.fault("status", side="dashly", method="POST", path="/reply$", status=422)
    caplog.set_level(logging.INFO, "connector.run")
    caplog.clear()
    lab.world.intercom.agent_writes(mirror["id"], "It left today.", agent=NORA_THERE)

    root, told = logging.getLogger(), io.StringIO()
    kept = root.handlers
    configure(1, form=LogFormat.JSON, stream=told)
    root.handlers = [*kept, *root.handlers]

    lab.sync()

    root.handlers = kept
    assert json.loads(told.getvalue())["conversation"] == f"dashly:{talk}"
    assert [name for name, _ in done(caplog)] == ["conversation.quarantined"]
