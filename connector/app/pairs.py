"""Conversation pairs by hand: showing both sides of one, linking and unlinking them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.app.machine.alone import alone
from connector.app.runs import opened
from connector.config.place import place_of
from connector.engine.inspect.timeline import Line, read_pair, timeline
from connector.engine.recover import link as linking
from connector.engine.sync.beginning import begin
from connector.errors import ConfigError, Gone
from connector.host.decisions import Decisions, PairDecision, Tie
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from connector.app.machine.environment import Environment
    from connector.config.model import Config
    from connector.engine.sync.run import Run
    from state.records import Conflict, Pair
    from state.store import Store

SHOWN_CONFLICTS = 20  # a screen


@dataclass(frozen=True, slots=True)
class Shown:
    """One pair: both timelines, and the conflicts of its registers, newest first."""

    pair: Pair
    lines: Mapping[Side, list[Line]]
    conflicts: tuple[Conflict, ...]


def show_pair(config: Config, environment: Environment, conversation: str) -> Shown:
    """Read both conversations of a pair now; ``conversation`` is an id of either side, or `side:id`."""
    with opened(config, environment, read_only=True) as parties:
        pair = find_pair(parties.store, conversation)
        views = read_pair(parties.helpdesks, pair)
        ledger = parties.store.ledger.of(pair.row)
        lines = {side: timeline(view, ledger[side]) for side, view in views.items()}
        conflicts = parties.store.conflicts.last(SHOWN_CONFLICTS, conversation=pair.row)
        return Shown(pair, lines, tuple(conflicts))


def link(config: Config, environment: Environment, dashly: str, intercom: str) -> int:
    """Pair two conversations that exist on both sides already; return how many parts both hold."""
    with _changing(config, environment) as run:
        try:
            found = linking.link(run.recovery, dashly, intercom)
        except Gone as error:
            raise ConfigError(
                f"one of the two conversations does not exist: {error}",
                hint="look up both ids in the helpdesks; Dashly's comes first",
            ) from error
        ids = {Side.DASHLY: dashly, Side.INTERCOM: intercom}
        _keep(config, PairDecision(Tie.LINKED, ids, environment.clock.now()))
        return found.matched


def unlink(config: Config, environment: Environment, conversation: str) -> Mapping[Side, str]:
    """Stop keeping a pair in step and return its conversations; nothing is removed anywhere."""
    with _changing(config, environment) as run:
        pair = find_pair(run.store, conversation)
        linking.unlink(run.recovery, pair.ids[pair.origin], pair.origin)
        _keep(config, PairDecision(Tie.UNLINKED, pair.ids, environment.clock.now()))
        return pair.ids


def _keep(config: Config, decided: PairDecision) -> None:
    """Write a decision beside the state file, so that it outlives it."""
    Decisions.beside(config.state.path).add([decided])


@contextmanager
def _changing(config: Config, environment: Environment) -> Generator[Run]:
    """Open a run that reads both sides and writes only the state file."""
    with (
        alone(place_of(config), environment.clock) as lock,
        opened(config, environment, read_only=True) as parties,
    ):
        run_id = environment.new_run_id()
        lock.take_over(parties.store, run_id)
        # Dry, so that a changed mapping does not prevent undoing a wrong link.
        yield begin(parties, run_id, "pairs", dry=True)


def find_pair(store: Store, conversation: str) -> Pair:
    """Return the pair that holds a conversation: an id, or `side:id`."""
    side, _, rest = conversation.partition(":")
    # A bare id is looked for on both sides: their forms differ, and whoever types it knows only one.
    sides = [Side(side)] if rest and side in [s.value for s in Side] else list(Side)
    for candidate in sides:
        pair = store.pairs.find(candidate, rest or conversation)
        if pair is not None:
            return pair
    raise ConfigError(f"no conversation {conversation} is known", hint="connector pairs list")
