"""The examination of `doctor`, and the probe that asks both sides what no document says."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from connector.app.machine.alone import alone
from connector.config import file as configuration
from connector.config.place import place_of
from connector.doctor.examine import Diagnosis, examine
from connector.doctor.findings import exit_code, failed, skip
from connector.doctor.probe import Probe, kept_answers
from connector.doctor.verdict import CHECK, judge

if TYPE_CHECKING:
    from pathlib import Path

    from connector.app.machine.environment import Environment


def diagnose(path: Path, environment: Environment) -> Diagnosis:
    """Look at everything that a run needs; ``path`` is the configuration, which may be what is wrong."""
    return examine(path, environment.clock, environment.token)


def probe(path: Path, environment: Environment) -> Diagnosis:
    """Examine, then probe when nothing failed, and replace what was known with what was learnt."""
    diagnosis = diagnose(path, environment)
    others = [finding for finding in diagnosis.findings if finding.check != CHECK]
    # A probe writes: not with a token, a binding or a file that is in doubt.
    if exit_code(others):
        return Diagnosis([*others, skip(CHECK, "fix what fails first")], diagnosis.answers)
    config, run_id = configuration.load(path), environment.new_run_id()
    tokens, clock = environment.tokens(), environment.clock
    with (
        alone(place_of(config), environment.clock) as lock,
        closing(environment.open_state(place_of(config))) as store,
    ):
        # The probe spends the same budget and records its conversations, as a run does.
        lock.take_over(store, run_id)
        store.runs.begin(run_id, "probe", clock.now())
        errors = Probe(config, store, clock, tokens, run_id).carry_out()
        unanswered = [failed(f"{side} probe", error) for side, error in errors.items()]
        report: dict[str, object] = {"attention": [finding.detail for finding in unanswered]}
        store.runs.finish(run_id, clock.now(), exit_code(unanswered), report)
        answers = kept_answers(store)
    return Diagnosis([*others, *judge(answers, config), *unanswered], answers)
