"""Metrics and alerts against a real receiver on loopback; neither can change or hold up a run."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from connector.app.monitoring.alerts import DEADLINE, send_alerts
from connector.app.monitoring.metrics import write_metrics
from connector.app.monitoring.outcome import Outcome
from connector.config.model import AlertsConfig
from tests.receiver import Receiver, listening

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FINE = Outcome(
    "r1", "sync", 0, 100.0, 103.0, {"dashly": 2}, {"dashly": 0, "intercom": 4}, {"seen": 3}, {"copied": 4}
)
ATTENTION = replace(FINE, exit_code=1)
FAILED = replace(FINE, exit_code=7, finished=200.0, error="the token was refused", hint="renew it")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server on loopback."""
    with listening() as server:
        yield server


def alerts(receiver: Receiver, *, ping: str = "/ping/uuid?x=1", webhook: str = "/hook") -> AlertsConfig:
    """Return addresses at the receiver; an empty path is nobody."""
    base = f"http://127.0.0.1:{receiver.server_port}"
    return AlertsConfig(
        ping_url=SecretStr(base + ping if ping else ""),
        webhook_url=SecretStr(base + webhook if webhook else ""),
    )


@pytest.mark.long
def test_a_run_without_trouble_pings_and_says_no_more(receiver: Receiver) -> None:
    """The address itself means success; a run that only needs attention did its work too."""
    send_alerts(alerts(receiver), FINE, [])
    send_alerts(alerts(receiver), replace(FINE, exit_code=1), [])

    assert receiver.got == [("GET", "/ping/uuid?x=1", None)] * 2


@pytest.mark.long
def test_a_failed_run_pings_with_fail_behind_the_path(receiver: Receiver) -> None:
    """As Healthchecks takes it; the query stays where it was."""
    send_alerts(alerts(receiver, webhook=""), FAILED, [])

    assert receiver.got == [("GET", "/ping/uuid/fail?x=1", None)]


@pytest.mark.long
def test_new_trouble_is_posted_as_json(receiver: Receiver) -> None:
    """Title, body and type for Apprise; run, exit code and notices for programs; a line is a line."""
    send_alerts(
        alerts(receiver, ping=""), replace(FINE, exit_code=1), ["conversation 1\n\x1b[2J is in quarantine"]
    )

    ((method, path, body),) = receiver.got
    assert (method, path) == ("POST", "/hook")
    assert body == {
        "title": "connector sync: exit code 1",
        "body": "conversation 1 \ufffd[2J is in quarantine",
        "type": "warning",
        "run": "r1",
        "exit_code": 1,
        "notices": ["conversation 1 \ufffd[2J is in quarantine"],
    }


@pytest.mark.long
def test_a_flood_of_trouble_is_one_small_body(receiver: Receiver) -> None:
    """Twenty sentences and how many more there are."""
    send_alerts(
        alerts(receiver, ping=""), FAILED, ["the token was refused", *(f"trouble {n}" for n in range(499))]
    )

    ((_, _, body),) = receiver.got
    assert len(body["notices"]) == 20
    assert body["notices"][0] == "the token was refused"
    assert body["body"].splitlines()[-2:] == ["and 480 more: connector status", "next: renew it"]
    assert body["type"] == "failure"


@pytest.mark.long
@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_receiver_that_refuses_is_a_line_in_the_log(
    receiver: Receiver, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Redirects are not followed, nothing is raised, and the address is not told."""
    receiver.status = status
    send_alerts(alerts(receiver, webhook=""), FINE, [])

    assert [path for _, path, _ in receiver.got] == ["/ping/uuid?x=1"]
    # Of this receiver: a call that was left behind elsewhere may end in a line of its own meanwhile.
    (record,) = [r for r in caplog.records if getattr(r, "fields", {}).get("reason") == f"status {status}"]
    assert record.getMessage() == "alert.failed"
    assert "uuid" not in str(record.__dict__)


@contextmanager
def dripping() -> Iterator[int]:
    """A server that accepts and then sends a byte of a header now and then, for ever."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            server.settimeout(0.1)
            while not over.is_set():
                try:
                    caller, _ = server.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=drip, args=(caller,), daemon=True).start()

        def drip(caller: socket.socket) -> None:
            with caller:
                while not over.wait(0.1):
                    try:
                        caller.sendall(b"H")
                    except OSError:
                        return

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            serving.join()


@pytest.mark.long
def test_a_receiver_that_drips_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """The deadline is over the whole call, whatever comes in time; who did not hear is told."""
    with dripping() as port:
        config = AlertsConfig(
            ping_url=SecretStr(f"http://127.0.0.1:{port}/a"),
            webhook_url=SecretStr(f"http://127.0.0.1:{port}/b"),
        )
        began = time.monotonic()
        send_alerts(config, FAILED, ["x"], deadline=0.5)

        assert time.monotonic() - began < DEADLINE
        for thread in threading.enumerate():
            if thread.name in {"ping", "webhook"}:
                thread.join(5.0)
                assert not thread.is_alive()
    told = [record.fields for record in caplog.records]  # type: ignore[attr-defined]
    assert [(one["what"], one["reason"]) for one in told] == [
        ("ping", "no answer within 0.5 s"),
        ("webhook", "no answer within 0.5 s"),
    ]


def test_a_receiver_that_never_answers_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Also in a process that lives on until the call itself gives up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ping = SecretStr(f"http://127.0.0.1:{server.getsockname()[1]}/a")
        send_alerts(AlertsConfig(ping_url=ping), FAILED, ["x"], deadline=0.1)
        for thread in threading.enumerate():
            if thread.name == "ping":
                thread.join()

    assert [record.getMessage() for record in caplog.records] == ["alert.failed"]


def test_nobody_listens() -> None:
    """A refused connection is not an error of the run."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    send_alerts(AlertsConfig(ping_url=SecretStr(f"http://127.0.0.1:{port}/a")), FINE, [])


def samples(path: Path) -> dict[str, float]:
    """Return what the file says, by name and labels."""
    families = text_string_to_metric_families(path.read_text())
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_are_what_the_node_exporter_reads(tmp_path: Path) -> None:
    """Prometheus' own parser reads the file, another user may open it, and nothing is left over."""
    path = tmp_path / "connector.prom"

    assert write_metrics(path, FINE, {"quarantined": 2})

    said = samples(path)
    assert said["connector_last_run_exit_code"] == 0
    assert said["connector_last_run_duration_seconds"] == 3
    assert said["connector_last_success_timestamp_seconds"] == 103
    assert said["connector_last_run_writes intercom"] == 4
    assert said["connector_last_run_parts copied"] == 4
    assert said["connector_quarantined"] == 2
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_run_does_not_forget_the_last_success(tmp_path: Path) -> None:
    """An alarm compares that time with now."""
    path = tmp_path / "connector.prom"
    write_metrics(path, FINE, {})
    write_metrics(path, FAILED, {})
    write_metrics(path, FAILED, {})

    assert samples(path)["connector_last_success_timestamp_seconds"] == 103
    assert samples(path)["connector_last_run_exit_code"] == 7


@pytest.mark.parametrize("before", ["", "no metrics {", "connector_last_success_timestamp_seconds x\n"])
def test_a_file_that_cannot_be_read_is_replaced(tmp_path: Path, before: str) -> None:
    """Whatever stood there."""
    path = tmp_path / "connector.prom"
    path.write_text(before)

    assert write_metrics(path, FAILED, {})
    assert "connector_last_success_timestamp_seconds" not in samples(path)


def test_a_folder_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    """The run ended as it ended; the log says what failed."""
    assert not write_metrics(tmp_path / "none" / "connector.prom", FINE, {})
