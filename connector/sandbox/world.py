"""Both helpdesks with their people, on one clock and with one record of what really happened."""

from __future__ import annotations

import inspect
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from connector.sandbox.clock import Clock, SideClock
from connector.sandbox.dashly.api import DashlyApi
from connector.sandbox.dashly.model import DashlyState, IdSeries
from connector.sandbox.dashly.panel import DashlyPanel
from connector.sandbox.exchange import Upload
from connector.sandbox.faults import Fault, Faults, Outcome
from connector.sandbox.files import FileStore
from connector.sandbox.intercom.api import IntercomApi
from connector.sandbox.intercom.inbox import IntercomInbox
from connector.sandbox.intercom.model import IntercomState, Series
from connector.sandbox.pushes import Disturbance, PushLog
from connector.sandbox.record import LoggedRequest, Notification, Record
from connector.sandbox.staff import staff
from connector.sandbox.switches import DashlySwitches, IntercomSwitches

if TYPE_CHECKING:
    from connector.sandbox.exchange import JsonObject, Request, Response
    from connector.sandbox.pushes import Trouble


class World:
    """The sandbox's whole state, staffed but without conversations.

    People act through `dashly` and `intercom`.
    """

    def __init__(
        self,
        *,
        dashly_switches: DashlySwitches | None = None,
        intercom_switches: IntercomSwitches | None = None,
        dashly_limit: int = 60,
        intercom_limit: int = 10_000,
        seed: int = 1,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = Clock()
        self.record = Record()
        self._faults = Faults(self.clock, self.act)
        near, far = SideClock(self.clock), SideClock(self.clock)
        dashly_switches = dashly_switches or DashlySwitches()
        dashly = DashlyState(
            near,
            dashly_switches,
            FileStore(near, signed=dashly_switches.files_signed),
            self.record,
            IdSeries(seed),
            PushLog(near),
        )
        intercom = IntercomState(
            far,
            intercom_switches or IntercomSwitches(),
            FileStore(far, signed=True),
            self.record,
            Series(seed),
            PushLog(far),
        )
        dashly.files.secret = "" if dashly.switches.files_public else dashly.token
        self.dashly = DashlyPanel(dashly, self.lock)
        self.intercom = IntercomInbox(intercom, self.lock)
        intercom.files.peer = dashly.files
        staff(self.dashly, self.intercom)
        self.dashly_api = DashlyApi(dashly, dashly_limit)
        self.intercom_api = IntercomApi(intercom, intercom_limit)

    def desk(self, side: str) -> DashlyPanel | IntercomInbox:
        """Return the people of one side."""
        return self.dashly if side == "dashly" else self.intercom

    def skew(self, side: str, seconds: float, date: float = 0.0) -> None:
        """Set one side's clock wrong by some seconds, and its `Date` header by `date` more."""
        clock = self._clock(side)
        clock.skew, clock.date_skew = seconds, date

    def jump(self, side: str, seconds: float) -> None:
        """Let one side's clock jump, forward or back."""
        self._clock(side).skew += seconds

    def act(self, side: str, name: str, arguments: JsonObject) -> object:
        """Run a command: one about the clocks, or any public action of the side's desk."""
        with self.lock:
            if name in {"skew", "jump"}:
                action = getattr(self, name)
                return action(side, **arguments)
            action = None if name.startswith("_") else getattr(self.desk(side), name, None)
            if not inspect.ismethod(action):
                raise ValueError(f"{side} has no action {name}")
            if "attachments" in arguments:
                arguments["attachments"] = [Upload.of_json(item) for item in arguments["attachments"]]
            result: object = action(**arguments)
            return result

    def advance(self, seconds: float) -> float:
        """Move the virtual time forward, let late requests arrive and return the time."""
        with self.lock:
            now = self.clock.advance(seconds)
            self._faults.deliver(self._handle)
            return now

    def truth(self) -> JsonObject:
        """Dump both sides: people, conversations, parts, who was notified."""
        with self.lock:
            return {"dashly": self.dashly.truth(), "intercom": self.intercom.truth(), "now": self.clock.now()}

    def notifications(self, side: str | None = None, via: str | None = None) -> list[Notification]:
        """Return what real customers would have been told."""
        found = list(self.record.notifications)
        return [item for item in found if side in {None, item.side} and via in {None, item.via}]

    def requests(self, side: str | None = None) -> list[LoggedRequest]:
        """Return the API requests in the order of their arrival."""
        return [item for item in list(self.record.requests) if side in {None, item.side}]

    def fault(self, kind: str, **details: Any) -> Fault:  # noqa: ANN401 - the fields of a rule differ in type
        """Add a fault rule and return it; its `used` tells how often it struck."""
        rule = Fault(kind=kind, **details)  # type: ignore[arg-type]
        with self.lock:
            self._faults.rules.append(rule)
        return rule

    def disturb(self, side: str, kind: Trouble, **details: Any) -> Disturbance:  # noqa: ANN401 - as in `fault`
        """Add a rule for the pushes of a side and return it."""
        rule = Disturbance(kind, **details)
        self.desk(side).state.pushes.rules.append(rule)
        return rule

    def clear_faults(self) -> None:
        """Remove every fault rule; late requests stay under way."""
        with self.lock:
            self._faults.rules.clear()

    def download(self, side: str, request: Request) -> Outcome:
        """Answer the download of a file, which is no API request."""
        with self.lock:
            return self._faults.exchange(side, request, self._serve)

    def exchange(self, side: str, request: Request) -> Outcome:
        """Answer one API request with its faults and log it."""
        with self.lock:
            outcome = self._faults.exchange(side, request, self._handle)
            self.record.requests.append(self._logged(side, request, outcome))
            return outcome

    def snapshot(self) -> JsonObject:
        """Return the record of notifications, requests and own errors as JSON."""
        return {
            "notifications": [asdict(item) for item in self.notifications()],
            "requests": [asdict(item) for item in self.requests()],
            "deliveries": [asdict(item) for item in list(self.record.deliveries)],
            "made_by_reading": list(self.record.made_by_reading),
            "crashes": list(self.record.crashes),
        }

    def _handle(self, side: str, request: Request) -> Response:
        return self.dashly_api.handle(request) if side == "dashly" else self.intercom_api.handle(request)

    def _serve(self, side: str, request: Request) -> Response:
        return self.desk(side).state.files.serve(request)

    def _clock(self, side: str) -> SideClock:
        return self.desk(side).state.clock

    def _logged(self, side: str, request: Request, outcome: Outcome) -> LoggedRequest:
        return LoggedRequest(
            side=side,
            method=request.method,
            path=request.path,
            params=request.summary(),
            version=request.headers.get("intercom-version", ""),
            status=outcome.response.status,
            at=self.clock.now(),
            fault=outcome.fault,
        )
