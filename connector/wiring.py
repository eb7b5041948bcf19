"""The one place that wires token, transport stack, client and helpdesk of each side."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.config.tokens import place_of
from connector.dashly.client import DashlyClient
from connector.dashly.helpdesk import DashlyHelpdesk
from connector.host.progress import AloudClock, Cause, in_silence
from connector.host.replaced import Network
from connector.host.spool import Spool, folder_beside
from connector.http.adaptive import HeaderPace
from connector.http.files.download import Downloader
from connector.http.files.hosts import FileHosts
from connector.http.kept import KeptLists
from connector.http.pace import MemoryRequestLog, RequestLog, WindowPace
from connector.http.server_time import ServerTime
from connector.http.service import Service
from connector.http.stack import Meters, build_client
from connector.intercom.client import IntercomClient
from connector.intercom.helpdesk import IntercomHelpdesk
from connector.intercom.versions import Settings, Version
from mappings.model import Side
from mappings.persons import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    import httpx
    from pydantic import SecretStr

    from connector.config.model import Config
    from connector.helpdesk.port import Helpdesk
    from connector.host.clock import Clock
    from connector.host.progress import Wait
    from connector.http.fence import BeforeWrite
    from connector.http.kept import KeptText
    from connector.http.turns import Pace
    from mappings.persons import OurPeople


@dataclass(frozen=True, slots=True)
class Wiring:
    """How a helpdesk reaches its side: the clock, whether it may write, and what replaces the network.

    ``spool`` keeps the files in flight; without one they go to a temporary folder. ``before_write`` is called
    right before a write leaves and may raise to keep it back. ``ours`` tells which people we made. ``waits``
    hears of each wait before it begins. ``lists`` keeps lists that change seldom.
    """

    clock: Clock
    read_only: bool = False
    transport: httpx.BaseTransport | None = None
    spool: Spool | None = None
    before_write: BeforeWrite | None = None
    ours: OurPeople = NOBODY
    waits: Callable[[Wait], None] = in_silence
    lists: KeptText | None = None

    def kept(self) -> KeptLists | None:
        """Return the lists that an earlier process read, where they are kept."""
        return None if self.lists is None else KeptLists(self.lists, self.clock)

    def aloud(self, cause: Cause, side: Side) -> AloudClock:
        """Return the clock by which a side is waited for."""
        return AloudClock(self.clock, cause, side, self.waits)


@contextmanager
def open_helpdesks(  # noqa: PLR0913 - all that both sides are made of
    config: Config,
    tokens: Mapping[Side, SecretStr],
    *,
    clock: Clock,
    budgets: Mapping[Side, RequestLog] | None = None,
    network: Network | None = None,
    ours: OurPeople = NOBODY,
    before_write: BeforeWrite | None = None,
    read_only: bool = False,
    waits: Callable[[Wait], None] = in_silence,
    lists: Mapping[Side, KeptText] | None = None,
) -> Generator[Mapping[Side, Helpdesk]]:
    """Open both sides and close their connections at the end; nothing is sent by opening.

    Without ``budgets``, where no state file is open yet, the requests are counted in memory only. Who may
    write holds the lock: files in flight lie beside the state file.
    """
    reached = network or Network()
    spool = None if read_only else reached.spool(folder_beside(config.state.path))
    wiring = {
        side: Wiring(
            clock,
            read_only,
            reached.transports.get(side),
            spool,
            before_write,
            ours,
            waits,
            None if lists is None else lists[side],
        )
        for side in Side
    }
    log = MemoryRequestLog() if budgets is None else budgets[Side.DASHLY]
    with ExitStack() as stack:
        dashly = open_dashly(config, tokens[Side.DASHLY], log, wiring[Side.DASHLY])
        stack.callback(dashly.close)
        intercom = open_intercom(config, tokens[Side.INTERCOM], wiring[Side.INTERCOM])
        stack.callback(intercom.close)
        yield {Side.DASHLY: dashly, Side.INTERCOM: intercom}


def open_dashly(config: Config, token: SecretStr, log: RequestLog, wiring: Wiring) -> DashlyHelpdesk:
    """Return the Dashly side, paced by the request log of its key."""
    service = _service(Side.DASHLY, config, config.dashly.base_url, token, "Token")
    meters = Meters(ServerTime(wiring.clock))
    pace = WindowPace(
        log, limit=config.dashly.requests_per_minute, clock=wiring.aloud(Cause.LIMIT, Side.DASHLY)
    )
    client = DashlyClient(_client(service, pace, meters, wiring), service, app_id=config.dashly.app_id)
    client.lists.kept = wiring.kept()
    return DashlyHelpdesk(
        client,
        _downloader(service, config, wiring),
        meters,
        full_contacts=config.dashly.contact_details == "full",
        table=config.kind_table(),
        ours=wiring.ours,
    )


def open_intercom(config: Config, token: SecretStr, wiring: Wiring) -> IntercomHelpdesk:
    """Return the Intercom side, paced by what its answers say."""
    service = _service(Side.INTERCOM, config, config.intercom.base_url, token, "Bearer")
    meters = Meters(ServerTime(wiring.clock))
    pace = HeaderPace(clock=wiring.aloud(Cause.LIMIT, Side.INTERCOM), server_time=meters.server_time)
    version = Version.parse(config.intercom.api_version)
    tag_version = config.intercom.tag_api_version if version.legacy else ""
    client = IntercomClient(_client(service, pace, meters, wiring), service, version=version)
    client.lists.kept = wiring.kept()
    return IntercomHelpdesk(
        client,
        _downloader(service, config, wiring),
        meters,
        wiring.clock,
        settings=Settings(
            loud_mirror=config.intercom.loud_mirror,
            tag_version=Version.parse(tag_version) if tag_version else None,
            table=config.kind_table(),
            ours=wiring.ours,
        ),
    )


def _service(side: Side, config: Config, base_url: str, token: SecretStr, scheme: str) -> Service:
    return Service(
        base_url=base_url,
        section=side.value,
        token_place=place_of(token, side),
        timeout=config.sync.timeout,
        headers={"Authorization": f"{scheme} {token.get_secret_value()}"},
    )


def _client(service: Service, pace: Pace, meters: Meters, wiring: Wiring) -> httpx.Client:
    return build_client(
        service,
        pace=pace,
        clock=wiring.aloud(Cause.ANSWER, Side(service.section)),
        meters=meters,
        before_write=wiring.before_write,
        read_only=wiring.read_only,
        transport=wiring.transport,
    )


def _downloader(service: Service, config: Config, wiring: Wiring) -> Downloader:
    return Downloader(
        service,
        clock=wiring.clock,
        spool=wiring.spool,
        transport=wiring.transport,
        hosts=FileHosts(config.files.hosts),
    )
