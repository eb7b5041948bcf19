"""The probe: asks both sides on a test conversation each, and keeps the answers in the state file.

The test people have a name and no address, so nothing can reach anybody. Their conversations are closed at
the end and recorded as gone, so that no run copies them.
"""

from __future__ import annotations

import json
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.doctor import ask_dashly, ask_intercom
from connector.doctor.forwards import Forwards
from connector.doctor.trial import Trial, clean_up
from connector.engine.sync.identity import check_identity, identities
from connector.errors import ConnectorError
from connector.http.network import network
from connector.intercom.versions import Version
from connector.wiring import Wiring, open_dashly, open_intercom
from mappings.keyed import keyed_id
from mappings.model import Side
from mappings.persons import FOR_PROBE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from pydantic import SecretStr

    from connector.config.model import Config
    from connector.dashly.helpdesk import DashlyHelpdesk
    from connector.doctor.trial import Answer
    from connector.helpdesk.port import Person
    from connector.host.clock import Clock
    from connector.intercom.helpdesk import IntercomHelpdesk
    from state.store import Store

PREFIX = "probe:"

Answers = dict[str, "Answer"]


@dataclass(frozen=True)
class Probe:
    """Who takes part in a probe."""

    config: Config
    store: Store
    clock: Clock
    tokens: Mapping[Side, SecretStr]
    run: str

    def carry_out(self) -> dict[Side, ConnectorError]:
        """Ask both sides and keep the answers; return the error of each side that could not answer all."""
        forwards = Forwards(network())
        log = self.store.budgets[Side.DASHLY]
        ours = self.store.our_people
        wiring = Wiring(self.clock, transport=forwards, ours=ours)
        # Only Dashly's pages have a direction to turn.
        plain = Wiring(self.clock, ours=ours)
        with (
            closing(open_dashly(self.config, self.tokens[Side.DASHLY], log, wiring)) as dashly,
            closing(open_intercom(self.config, self.tokens[Side.INTERCOM], plain)) as intercom,
        ):
            # Before anybody is created: a probe in a stranger's workspace could not be taken back.
            found = identities({Side.DASHLY: dashly, Side.INTERCOM: intercom})
            check_identity(self.store, found)
            names = {side: self._name(f"{side}:{found[side.other].id}") for side in Side}  # never equal
            asked = {
                Side.DASHLY: _collected(self._dashly(dashly, forwards, names[Side.DASHLY])),
                Side.INTERCOM: _collected(self._intercom(intercom, names[Side.INTERCOM])),
            }
        self._keep({side: answers for side, (answers, _) in asked.items()})
        return {side: error for side, (_, error) in asked.items() if error is not None}

    def _name(self, original: str) -> str:
        """Return the external id of a test person, which nobody can choose."""
        return keyed_id(self.store.key, FOR_PROBE, original)

    def _dashly(
        self, helpdesk: DashlyHelpdesk, forwards: Forwards, name: str
    ) -> Iterator[tuple[str, Answer]]:
        person, agent = ask_dashly.make_person(helpdesk, name), self.config.dashly.default_admin
        with self._trial(helpdesk, person, agent) as trial:
            marker = f"{PREFIX}{self.run}"
            yield from ask_dashly.DashlyQuestions(trial, helpdesk, forwards, marker).ask()

    def _intercom(self, helpdesk: IntercomHelpdesk, name: str) -> Iterator[tuple[str, Answer]]:
        person, agent = ask_intercom.make_person(helpdesk, name), self.config.intercom.default_admin
        version = Version.parse(self.config.intercom.api_version)
        yield "api_version", str(version)
        with self._trial(helpdesk, person, agent) as trial:
            yield from ask_intercom.IntercomQuestions(trial, helpdesk, version).ask()

    @contextmanager
    def _trial(
        self, helpdesk: DashlyHelpdesk | IntercomHelpdesk, person: Person, agent: str
    ) -> Generator[Trial]:
        """Open a test conversation; however it ends, it is closed and none of them is ever copied."""
        try:
            trial = Trial.begin(helpdesk, self.store, self.clock, person=person, agent=agent)
            try:
                yield trial
            finally:
                # Twice on purpose: this closes the trial that is known,
                trial.end()
        finally:
            # and this whatever an unclear start, or a probe that was killed, left open.
            clean_up(helpdesk, self.store, person, agent)

    def _keep(self, answers: Mapping[Side, Answers]) -> None:
        at = datetime.fromtimestamp(self.clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        told = {"at": at, **{side.value: answers[side] for side in Side}}
        # A sync that knows it recognises its own writes from the first one on.
        code = answers[Side.INTERCOM].get("app_package_code")
        with self.store.transaction():
            self.store.meta.set_probe(json.dumps(told))
            if isinstance(code, str):
                self.store.meta.set_app_code(code)


def _collected(asked: Iterator[tuple[str, Answer]]) -> tuple[Answers, ConnectorError | None]:
    """Return the answers up to the first error, and that error."""
    answers: Answers = {}
    try:
        for name, answer in asked:
            # One at a time: what was answered before an error is worth keeping.
            answers[name] = answer
    except ConnectorError as error:
        return answers, error
    return answers, None


def kept_answers(store: Store) -> dict[str, object] | None:
    """Return what the last probe learnt, with its time; None when there was none."""
    text = store.meta.probe()
    if text is None:
        return None
    told = json.loads(text)
    return told if isinstance(told, dict) else None
