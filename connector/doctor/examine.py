"""The whole examination, as far as it can go: what fails leaves out only what depends on it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.config import file as configuration
from connector.config.ineffective import without_effect
from connector.config.tokens import exposed_token_file, read_token
from connector.doctor import host, memory, people, sides, verdict
from connector.doctor.database import examine_database
from connector.doctor.findings import Finding, fail, failed, ok, skip, warn
from connector.doctor.growth import growth
from connector.doctor.notifications import notifications
from connector.doctor.probe import kept_answers
from connector.errors import ConnectorError
from connector.http.pace import WINDOW
from connector.http.trusted_time import trusted_now
from connector.intercom.versions import Version
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pydantic import SecretStr

    from connector.config.ineffective import Ineffective
    from connector.config.model import Config
    from connector.doctor.sides import Look
    from connector.host.clock import Clock
    from mappings.model import Seconds
    from state.store import Store


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A line for everything that a run needs, and what the last probe learnt."""

    findings: list[Finding]
    answers: dict[str, object] | None = None


def examine(path: Path, clock: Clock, token: Callable[[Side], SecretStr] = read_token) -> Diagnosis:
    """Look at everything that a run needs, as far as it can be looked at."""
    findings = [host.packages()]
    try:
        config = configuration.load(path)
    except ConnectorError as error:
        tokens = [_token(side, token, path.stem)[0] for side in Side]
        # Tokens are kept elsewhere, so they are checked even without a configuration.
        rest = skip("all else", "no configuration")
        return Diagnosis([*findings, failed("configuration", error), *tokens, rest])
    with ExitStack() as stack:
        findings.append(ok("configuration", str(path)))
        findings += [_ineffective(found) for found in without_effect(config)]
        findings += notifications(config)
        # It leaves an older schema alone: a doctor must not migrate the file of a run that is at work.
        state, database = config.state.path, config.state.url_file
        if database is None:
            local, store = memory.examine_file(state, path)
        else:
            local, store = examine_database(state, database, path)
        if store is not None:
            stack.callback(store.close)
        found = _Examination(config, store, clock, token, path.stem)
        # Before the sides are asked: what the last probe learnt needs no network.
        answers = kept_answers(store) if store else None
        lines = [*findings, *found.here(local), *found.there(), *verdict.judge(answers, config)]
        return Diagnosis(lines, answers)


def _token(side: Side, read: Callable[[Side], SecretStr], pair: str) -> tuple[Finding, SecretStr | None]:
    try:
        token = read(side)
    except ConnectorError as error:
        return failed(f"{side} token", error), None
    exposed = exposed_token_file(side, pair=pair)
    if exposed is not None:
        return fail(f"{side} token", f"everybody may read {exposed}", f"chmod 600 {exposed}"), token
    return ok(f"{side} token", "there"), token


def _ineffective(found: Ineffective) -> Finding:
    return warn("configuration", f"{found.key} does nothing: {found.why}", f"remove {found.key}")


class _Examination:
    def __init__(
        self,
        config: Config,
        store: Store | None,
        clock: Clock,
        token: Callable[[Side], SecretStr],
        pair: str,
    ) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._read_token = token
        self._pair = pair

    def here(self, file: list[Finding]) -> Iterator[Finding]:
        """Look at this machine and at the state file."""
        path = self._config.state.path
        yield from (host.disk(path), host.folder(path), host.lock(path, self._clock.now()), *file)
        if self._store is None:
            yield from memory.nothing_to_examine("no state file that can be read")
        else:
            now = self._clock.now()
            yield from memory.examine_memory(self._store, now)
            if not self._config.state.url_file:
                yield growth(self._store, backups=self._config.state.backup == "daily", now=now)

    def there(self) -> Iterator[Finding]:
        """Look at both sides and at the mapping between them."""
        looks: dict[Side, Look] = {}
        for side in Side:
            finding, token = _token(side, self._read_token, self._pair)
            yield finding
            if token is None:
                yield skip(f"{side}", "no token")
                continue
            looks[side] = look = self._look(side, token)
            yield from look.findings
            bound = self._store.meta.get(f"{side}_workspace") if self._store else None
            yield sides.bound(look, bound)
        # After the sides were asked: the looks themselves cost requests of the same minute.
        yield sides.dashly_limit(self._config, self._used())
        skews = {side: look.skew for side, look in looks.items()}
        yield from (*sides.clocks(skews), self._watermarks(skews))
        yield from self._versions()
        met = self._store.people.agents(Side.DASHLY) if self._store else ()
        yield from people.gaps(self._config, looks, met)

    def _watermarks(self, skews: Mapping[Side, Seconds | None]) -> Finding:
        now = self._clock.now()
        shown = {side: None if skew is None else now + skew for side, skew in skews.items()}
        agreed = trusted_now(now, shown.get(Side.DASHLY), shown.get(Side.INTERCOM)).now
        if self._store is None or agreed is None:
            return skip("watermarks", "no state file" if self._store is None else "no two clocks agree")
        return memory.watermarks(self._store, agreed)

    def _look(self, side: Side, token: SecretStr) -> Look:
        look = sides.look_at_dashly if side is Side.DASHLY else sides.look_at_intercom
        return look(self._config, token, self._store, self._clock)

    def _used(self) -> int:
        if self._store is None:
            return 0
        return self._store.budgets[Side.DASHLY].used(now=self._clock.monotonic(), window=WINDOW)

    def _versions(self) -> Iterator[Finding]:
        chosen = self._config.intercom
        version = Version.parse(chosen.api_version)
        lost = version.shortcomings(
            loud_mirror=chosen.loud_mirror, tags_elsewhere=bool(chosen.tag_api_version)
        )
        if not lost:
            yield ok("intercom version", f"{version}: nothing is lost")
        advice = "a later api_version in [intercom] changes that; nothing else needs to be done"
        yield from (warn("intercom version", f"{version}: {sentence}", advice) for sentence in lost)
