"""One pass of one pair; whatever happens in it is an outcome, and stays that pair's."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from connector.app import passes
from connector.app.exit_codes import exit_code_of
from connector.engine.sync.mapping_change import MappingChanged
from connector.errors import ConnectorError, ExitCode
from connector.fleet.breaker import Ended
from connector.fleet.machine import machine_of
from connector.host.log import about, event
from connector.host.redaction import REDACTOR
from state.errors import StateError, StateNewer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.fleet.pairs import Pair
    from connector.host.clock import Clock
    from mappings.model import Seconds, Side

_LOG = logging.getLogger(__name__)
_TROUBLE = {ExitCode.USAGE, ExitCode.FAILED, ExitCode.RAIL, ExitCode.PERSON}


def carry_out(pair: Pair, clock: Clock) -> Ended:
    """Pass a pair once and return how that ended; nothing is raised."""
    began = clock.monotonic()
    with about(pair_name=pair.file.name):
        error, code, writes, lag = _passed(pair, clock)
        ended = Ended(
            exit_code=code,
            at=clock.now(),
            seconds=clock.monotonic() - began,
            error="" if error is None else _sentence(error),
            hint=REDACTOR.clean(getattr(error, "hint", "")),
            mapping_changed=isinstance(error, MappingChanged),
            changed=writes > 0,
            outdated=isinstance(error, StateNewer),
            lag=lag,
        )
        spent = round(ended.seconds, 2)
        event(_LOG, _level(ended), "pass.ended", exit_code=code, seconds=spent, error=ended.error)
    return ended


def _level(ended: Ended) -> int:
    """Return how loudly the end of a pass is told; quiet ones may be hundreds a minute."""
    if ended.exit_code in _TROUBLE:
        return logging.WARNING
    return logging.INFO if ended.changed or ended.exit_code != ExitCode.CLEAN else logging.DEBUG


def _passed(pair: Pair, clock: Clock) -> tuple[Exception | None, int, int, Mapping[Side, Seconds]]:
    """Return the error of a pass, its exit code, how much it wrote, and how far behind each side is."""
    try:
        result = passes.sync(pair.usable(), machine_of(pair.file, clock))
    except (ConnectorError, StateError, OSError) as error:
        return error, exit_code_of(error), 0, {}
    except Exception as error:  # noqa: BLE001 - one pair's fault, and no other's
        _LOG.exception("pass.broken")
        return error, exit_code_of(error), 0, {}
    return result.error, result.exit_code, sum(result.writes.values()), result.lag


def _sentence(error: Exception) -> str:
    # A stranger's error may quote what a customer wrote.
    told = str(error) if isinstance(error, ConnectorError | StateError) else type(error).__name__
    return REDACTOR.clean(told)
