"""The facts of the report, gathered from the state file and the configuration; asks no remote."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.app.status import status
from connector.config.place import place_of
from connector.engine.plan.policy import match_agents
from mappings.model import AuthorKind, Side
from state.counts.figures import Figures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.app.machine.environment import Environment
    from connector.app.status import Status
    from connector.config.model import Config
    from mappings.model import Agent, LossKind
    from state.counts.figures import Fate, Totals
    from state.records import Conflict
    from state.store import Store

MOST_CONFLICTS = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """One pair of workspaces at a moment, and its history.

    ``days`` holds the figures of each day by command, ``unmapped`` the agents without a counterpart who were
    met on each side.
    """

    name: str
    status: Status
    days: Mapping[str, Mapping[str, Totals]]
    fates: tuple[Fate, ...]
    losses: Mapping[LossKind, int]
    conflicts: tuple[Conflict, ...]
    unmapped: Mapping[Side, tuple[Agent, ...]]


def gather(config: Config, environment: Environment) -> Facts:
    """Return what there is to report."""
    now = status(config, environment)
    with closing(environment.open_state(place_of(config))) as store:
        figures = Figures(store.file)
        return Facts(
            name=environment.pair or config.state.path.stem,
            status=now,
            days=figures.by_day(),
            fates=figures.fates(),
            losses=figures.losses(),
            conflicts=tuple(store.conflicts.last(MOST_CONFLICTS)),
            unmapped=_unmapped(config, store),
        )


def _unmapped(config: Config, store: Store) -> dict[Side, tuple[Agent, ...]]:
    met = {side: store.people.agents(side) for side in Side}
    matched = match_agents(met, config.map.admins)
    return {
        side: tuple(
            agent
            for agent in met[side]
            if agent.kind is AuthorKind.AGENT and matched.of(side, agent.id) is None
        )
        for side in Side
    }
