"""Two runs of one command are told as one: what both met is said once."""

from __future__ import annotations

from connector.app.migration.canary import together
from connector.app.runs import FirstLook, RunResult
from connector.engine.plan.notices import Notice, NoticeKind
from connector.engine.run.report import Account, Report
from mappings.model import Side

MET = Notice(NoticeKind.LIST_REFUSED, Side.INTERCOM, part="teams", detail="teams")
OTHER = Notice(NoticeKind.NOT_SENT, Side.DASHLY, "7", "1")


def ended(run: str, *notices: Notice, news: tuple[bool, ...], created: int, waiting: int = 0) -> RunResult:
    """Return how a run ended that met these notices."""
    report = Report(run, "backfill", 0.0, created=created, account=Account(created, created, 0))
    report.notice(*notices)
    report.waiting = frozenset((1, Side.INTERCOM, str(part)) for part in range(waiting))
    return RunResult(report, 9.0, dict.fromkeys(Side, 2), dict.fromkeys(Side, 1), news=news)


def test_what_both_runs_met_is_told_once_and_is_new_if_either_said_so() -> None:
    """The counts are sums, the account is that of the second run, which counts the first as well."""
    first = ended("one", MET, news=(True,), created=1, waiting=2)
    rest = ended("two", MET, OTHER, news=(False, False), created=4, waiting=3)

    whole = together(first, rest)

    assert whole.report.notices == [MET, OTHER]
    assert whole.news == (True, False)
    assert (whole.report.created, whole.requests[Side.DASHLY], whole.writes[Side.INTERCOM]) == (5, 4, 2)
    assert (whole.report.account, whole.report.parts_waiting) == (rest.report.account, 3)
    assert (whole.report.run_id, whole.first) == ("two", FirstLook("one", 1))


def test_a_second_run_that_never_began_leaves_the_account_of_the_first() -> None:
    """Its token expired meanwhile, say: what the first one did is not denied."""
    first = ended("one", news=(), created=1, waiting=2)
    rest = ended("two", news=(), created=0)
    rest.report.account = None

    whole = together(first, rest)

    assert (whole.report.account, whole.report.parts_waiting) == (first.report.account, 2)
