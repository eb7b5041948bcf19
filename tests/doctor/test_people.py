"""What the mapping names against whom both sides have, as values."""

from __future__ import annotations

from connector.config.model import Config
from connector.doctor.people import gaps
from connector.doctor.sides import Look
from mappings.model import Agent, Side

NORA, ILYA = Agent("11", "Nora Field"), Agent("12", "Ilya Brandt")
NORA_THERE, ILYA_THERE = Agent("81", "Nora Field"), Agent("82", "Ilya Brandt")
CONFIG = Config.model_validate(
    {
        "dashly": {"base_url": "https://api.dashly.app", "app_id": "1"},
        "intercom": {"base_url": "https://api.intercom.io", "default_admin": "82", "bot_admin": "81"},
        "map": {"admins": {"12": "82"}},
    }
)


def looks(*, dashly: tuple[Agent, ...], intercom: tuple[Agent, ...]) -> dict[Side, Look]:
    """Return what both sides list."""
    return {
        Side.DASHLY: Look(Side.DASHLY, agents=dashly),
        Side.INTERCOM: Look(Side.INTERCOM, agents=intercom),
    }


def test_who_left_intercom_is_nobody_there_any_more() -> None:
    """That somebody once was a teammate says nothing: the list does, and a write as them is refused."""
    found = {
        finding.check: finding
        for finding in gaps(CONFIG, looks(dashly=(NORA, ILYA), intercom=(NORA_THERE,)), ())
    }

    assert found["[intercom] default_admin"].level == "fail"
    assert found["[intercom] bot_admin"].level == "ok"
    assert found["[map.admins] intercom"].level == "fail"
    assert found["[map.admins] intercom"].detail == "Intercom has no teammate 82"
    assert "connector mapping check" in found["[map.admins] intercom"].advice


def test_an_operator_of_no_channel_is_known_from_before() -> None:
    """Dashly lists operators of channels only."""
    found = {
        finding.check: finding
        for finding in gaps(CONFIG, looks(dashly=(NORA,), intercom=(NORA_THERE, ILYA_THERE)), (ILYA,))
    }

    assert found["[map.admins] dashly"].level == "ok"
