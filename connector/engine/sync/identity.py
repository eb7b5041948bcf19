"""Which workspaces the tokens belong to, and whether they are those that the state file was bound to."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from connector.errors import AccessDenied, PersonNeeded
from mappings.model import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.helpdesk.port import Helpdesk, Workspace
    from state.store import Store

NAMES = {Side.DASHLY: "Dashly app", Side.INTERCOM: "Intercom workspace"}


def identities(helpdesks: Mapping[Side, Helpdesk]) -> dict[Side, Workspace]:
    """Return the workspaces that the tokens belong to; PersonNeeded when one is shut out of its workspace."""
    return {side: identity_of(side, helpdesks[side]) for side in Side}


def identity_of(side: Side, helpdesk: Helpdesk) -> Workspace:
    """Return the workspace that the token of a side belongs to; PersonNeeded when it is shut out of it."""
    try:
        return helpdesk.identity()
    except AccessDenied as error:
        if error.status != HTTPStatus.FORBIDDEN:  # a wrong token, which is told as such
            raise
        raise PersonNeeded(
            f"the token may not read the {NAMES[side]}: it belongs to another one; nothing was written",
            hint=error.hint,
        ) from error


def check_identity(store: Store, found: Mapping[Side, Workspace]) -> None:
    """Refuse to go on when a token belongs to another workspace than the one bound at `init`."""
    for side in Side:
        bound = store.meta.workspace(side)
        if bound is not None and bound != found[side].id:
            raise PersonNeeded(
                f"this state file belongs to {NAMES[side]} {bound}, but the token is for {found[side].id}; "
                "nothing was written",
                hint="use the right token, or another [state] path for the other pair of workspaces",
            )
