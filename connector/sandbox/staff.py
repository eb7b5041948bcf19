"""The people and places that a fresh sandbox has: operators, channels, teams and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.sandbox.dashly.panel import DashlyPanel
    from connector.sandbox.intercom.inbox import IntercomInbox

_OPERATORS = (
    (151204, "Nora Field", "Nora F. (tier 2)"),
    (151377, "Ilya Brandt", "Ilya B."),
    (151590, "Mika", "mika.sand@shop.example"),
    (151702, "Tess Quill", "Tess (weekends)"),
)
_TEAMMATES = (
    (814860, "Nora Field", "nora.field@shop.example"),
    (814872, "Ilya Brandt", "ilya.brandt@shop.example"),
    (814885, "Mika Sand", "mika.sand@shop.example"),
    (814893, "Priya Raman", "priya.raman@shop.example"),
)
_OPERATOR_BOT = (814899, "Operator", "operator+sbx9k2ra@intercom.io")
_CHANNELS = ((3012, "Billing", "manual"), (3013, "Shop bot", "telegram"), (3014, "Support mailbox", "email"))
_TEAMS = ((9001, "Billing", (814860, 814885)), (9002, "Technical", (814872, 814893)))
_TAGS = ("VIP", "bug", "refund", "export")


def staff(dashly: DashlyPanel, intercom: IntercomInbox) -> None:
    """Hire everybody; some names and addresses meet on both sides, some do not."""
    for operator in _OPERATORS:
        dashly.hire(*operator)
    for channel in _CHANNELS:
        dashly.add_channel(*channel)
    for teammate in _TEAMMATES:
        intercom.hire(*teammate)
    intercom.hire(*_OPERATOR_BOT, bot=True)
    for team in _TEAMS:
        intercom.add_team(*team)
    for tag in _TAGS:
        intercom.add_tag(tag)
