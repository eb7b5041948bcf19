"""Rate limits by virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Served

APP = "/apps/48213/conversations"


def test_dashly_allows_sixty_in_any_minute(served: Served) -> None:
    """The 61st is a named 429 without advice; a minute later it works again."""
    statuses = [served.dashly.get("/apps/48213/channels").status_code for _ in range(60)]
    refused = served.dashly.get(APP)
    served.world.advance(61)
    assert ({200}, 429, "TooManyRequests") == (
        set(statuses),
        refused.status_code,
        refused.json()["meta"]["error"],
    )
    assert "retry-after" not in refused.headers
    assert served.dashly.get(APP).status_code == 200


def test_dashlys_window_slides(serve: Callable[..., Served]) -> None:
    """Capacity comes back one by one, not all at once."""
    served = serve(dashly_limit=2)
    for seconds in (30, 31):
        assert served.dashly.get(APP).status_code == 200
        served.world.advance(seconds)
    assert [served.dashly.get(APP).status_code for _ in range(2)] == [200, 429]


def test_intercom_counts_in_windows_of_ten_seconds(serve: Callable[..., Served]) -> None:
    """Headers tell allowance, rest and the window's end; the excess is a 429."""
    served = serve(intercom_limit=12)
    served.world.advance(10 - served.world.clock.now() % 10)
    first, second, third = (served.intercom.get("/me") for _ in range(3))
    headers = [answer.headers for answer in (first, second, third)]
    assert [header["x-ratelimit-limit"] for header in headers] == ["2", "2", "2"]
    assert [header["x-ratelimit-remaining"] for header in headers] == ["1", "0", "0"]
    assert (third.status_code, third.json()["errors"][0]["code"]) == (429, "rate_limit_exceeded")
    served.world.advance(int(headers[2]["x-ratelimit-reset"]) - served.world.clock.now())
    assert served.intercom.get("/me").status_code == 200


def test_every_answer_carries_the_virtual_date(served: Served) -> None:
    """Both sides share the clock unless one is set wrong."""
    served.world.advance(86_400)
    same = [client.get("/me").headers["date"][:16] for client in (served.dashly, served.intercom)]
    served.world.skew("intercom", -86_400 * 2)
    assert same[0] == same[1] != served.intercom.get("/me").headers["date"][:16]
