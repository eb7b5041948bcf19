"""Both helpdesks: reachable, the right ones, readable, with sound clocks and enough requests."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connector.doctor.findings import Finding, fail, failed, ok, skip, warn
from connector.doctor.witness import Witness
from connector.engine.sync.identity import NAMES
from connector.engine.write.generation import kept_on, technical_id, unknown_since
from connector.errors import AccessDenied, ConnectorError, Rejected
from connector.http.network import network
from connector.http.pace import MemoryRequestLog
from connector.wiring import Wiring, open_dashly, open_intercom
from mappings.model import Side
from mappings.names import TITLES
from mappings.reading import dashly, intercom
from state.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from connector.config.model import Config
    from connector.dashly.helpdesk import DashlyHelpdesk
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from connector.intercom.helpdesk import IntercomHelpdesk
    from mappings.model import Agent, Seconds
    from state.store import Store

# Two servers differ by a second or two; by a minute they differ only when one is wrong.
NOTICED, TOO_MUCH = 5.0, 60.0
DOCUMENTED_LIMIT = 60  # requests a minute and key; a key far beyond it may be blocked for good
_TENTH = 10  # so little is left only where other programs use the same allowance


@dataclass
class Look:
    """What one side showed; ``agents`` and ``channels`` stay None where they could not be read."""

    side: Side
    findings: list[Finding] = field(default_factory=list)
    workspace: str | None = None
    agents: tuple[Agent, ...] | None = None
    channels: tuple[Agent, ...] | None = None
    skew: Seconds | None = None

    def attempt(self, kind: str, read: Callable[[], str]) -> bool:
        """Read something, note the line, and tell whether it went well."""
        check = f"{self.side} {kind}"
        try:
            self.findings.append(ok(check, read()))
        # The budget of requests is kept in the state file, which may be locked or full just now.
        except (ConnectorError, StateError) as error:
            self.findings.append(failed(check, error))
            return False
        return True


def look_at_dashly(config: Config, token: SecretStr, store: Store | None, clock: Clock) -> Look:
    """Ask Dashly for one of everything that a run reads."""
    look = Look(Side.DASHLY)
    # With the kept budget: a doctor counts against Dashly's minute like any run.
    log = store.budgets[Side.DASHLY] if store else MemoryRequestLog()
    wiring = Wiring(clock, read_only=True, transport=Witness(network()))
    with closing(open_dashly(config, token, log, wiring)) as helpdesk:
        # Dashly has no "who am I": that its list can be read proves the token and the app.
        if look.attempt("conversations", lambda: _identity(look, helpdesk)):
            look.attempt("channels", lambda: _channels(look, helpdesk))
            look.findings += _last_writer(config, helpdesk, store)
        look.skew = helpdesk.meters.server_time.skew
    return look


def look_at_intercom(config: Config, token: SecretStr, store: Store | None, clock: Clock) -> Look:
    """Ask Intercom for one of everything that a run reads."""
    look = Look(Side.INTERCOM)
    witness = Witness(network())
    with closing(open_intercom(config, token, Wiring(clock, read_only=True, transport=witness))) as helpdesk:
        if look.attempt("workspace", lambda: _identity(look, helpdesk)):
            look.attempt("conversations", lambda: _conversations(helpdesk))
            look.attempt("contacts", lambda: _contacts(helpdesk))
            look.attempt("teammates and teams", lambda: _teammates(look, helpdesk))
            look.attempt("tags", lambda: _tags(helpdesk))
            look.findings += _last_writer(config, helpdesk, store)
            look.findings.append(_intercom_limit(witness, helpdesk.now()))
        look.skew = helpdesk.meters.server_time.skew
    return look


def _identity(look: Look, helpdesk: DashlyHelpdesk | IntercomHelpdesk) -> str:
    found = helpdesk.identity()
    look.workspace = found.id
    return f"{NAMES[look.side]} {found.id}" + (f" ({found.name})" if look.side is Side.INTERCOM else "")


def _channels(look: Look, helpdesk: DashlyHelpdesk) -> str:
    raw = helpdesk.client.channels()
    look.agents, look.channels = dashly.read_channels(raw), dashly.read_teams(raw)
    return f"{len(look.channels)} channels with {len(look.agents)} operators"


def _conversations(helpdesk: IntercomHelpdesk) -> str:
    found = next(iter(helpdesk.changed_since(helpdesk.now())), None)
    return "can be listed" if found is None else "can be listed; one changed this second"


def _contacts(helpdesk: IntercomHelpdesk) -> str:
    # Nobody has this id: what matters is that the question is allowed.
    helpdesk.find_customer("connector-doctor")
    return "can be searched"


def _teammates(look: Look, helpdesk: IntercomHelpdesk) -> str:
    admins, teams = helpdesk.client.admins(), helpdesk.client.teams()
    look.agents = intercom.read_agents(admins, teams)
    return f"{len(look.agents)} teammates and teams"


def _tags(helpdesk: IntercomHelpdesk) -> str:
    helpdesk.client.find_tag("")
    return "can be listed"


def _intercom_limit(witness: Witness, now: Seconds) -> Finding:
    check, seen = "intercom limit", witness.allowance
    if seen is None:
        return warn(
            check, "its answers name no limit", "nothing: the connector slows down when it is told to"
        )
    told = f"{seen.remaining} of {seen.limit} requests left for {max(0.0, seen.reset - now):.0f} s"
    if seen.remaining * _TENTH < seen.limit:
        return warn(check, told, "look for other programs that use the same token")
    return ok(check, told)


def dashly_limit(config: Config, used: int) -> Finding:
    """Tell how many requests a minute are allowed and used."""
    limit = config.dashly.requests_per_minute
    told = f"{used} of {limit} requests used in the last minute"
    if limit > DOCUMENTED_LIMIT:
        advice = (
            f"Dashly allows {DOCUMENTED_LIMIT} and may block a key for good: keep more only if it was granted"
        )
        return warn("dashly limit", told, advice)
    return ok("dashly limit", told)


def _last_writer(config: Config, helpdesk: Helpdesk, store: Store | None) -> list[Finding]:
    """Look at the generation on the side that keeps it, once the state file is bound."""
    sources = {side for side in Side if config.sync.copies_from(side)}
    if store is None or helpdesk.side is not kept_on(sources):
        return []
    app, workspace = (store.meta.workspace(side) for side in Side)
    if app is None or workspace is None:
        return []
    return [
        _generation(helpdesk, store, technical_id(store.key, helpdesk.side, app=app, workspace=workspace))
    ]


def _generation(helpdesk: Helpdesk, store: Store, person: str) -> Finding:
    """Tell whether a restored state folder would be recognised, and whether this one is such."""
    check, side = "last writer", helpdesk.side
    advice = "give the token the right to read and write people; until then never restore a whole folder"
    try:
        kept = helpdesk.kept(person, store.meta.technical_person(side))
    except (AccessDenied, Rejected):
        return warn(check, f"{TITLES[side]} does not show it: a restored folder is not recognised", advice)
    except ConnectorError as error:
        return failed(check, error)
    if unknown_since(store, side, kept) is not None:
        told = "not known to this state file: it is an older one, or a second connector is at work"
        return fail(check, told, "stop the other connector if there is one; then connector recover")
    if kept is None and store.meta.generations(side):
        return warn(check, f"{TITLES[side]} did not keep it: a restored folder is not recognised", advice)
    return ok(check, "known to this state file" if kept else "no run has written yet")


def bound(look: Look, workspace: str | None) -> Finding:
    """Tell whether the token belongs to the workspace that the state file is bound to."""
    check, name = f"{look.side} binding", NAMES[look.side]
    if look.workspace is None:
        return skip(check, f"{TITLES[look.side]} did not say who it is")
    if workspace is None:
        return skip(check, "no state file that is bound")
    if workspace != look.workspace:
        told = f"the state file belongs to {name} {workspace}, the token to {look.workspace}"
        return fail(check, told, "use the right token, or another [state] path for the other pair")
    return ok(check, f"the {name} that the state file is bound to")


def clocks(skews: dict[Side, Seconds | None]) -> list[Finding]:
    """Compare both sides' clocks with this machine's and with each other."""
    found = [_clock(f"{side} clock", skews.get(side), "this machine's") for side in Side]
    ours, theirs = (skews.get(side) for side in Side)
    apart = None if ours is None or theirs is None else ours - theirs
    return [*found, _clock("clocks apart", apart, "the other side's")]


def _clock(check: str, skew: Seconds | None, whose: str) -> Finding:
    if skew is None:
        return skip(check, "no answer gave the time")
    told = f"{round(skew):+d} s from {whose}"
    advice = "set this machine's clock by NTP; if it is right, the helpdesk's is wrong"
    if abs(skew) > TOO_MUCH:
        return fail(check, told, advice)
    return warn(check, told, advice) if abs(skew) > NOTICED else ok(check, told)
