"""An export that replaces one side of a backfill."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import ConfigError, PersonNeeded
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from connector.app.machine.environment import Environment
    from connector.archive.reading import Archive
    from connector.engine.past.choice import Choice
    from connector.engine.sync.run import Run
    from connector.helpdesk.port import Helpdesk
    from mappings.model import Side


@contextmanager
def read_from_file(environment: Environment, choice: Choice) -> Generator[tuple[Environment, Archive | None]]:
    """Open the export that was chosen, if one was, and see its side through it.

    ConfigError for the export of the other side.
    """
    if choice.file is None:
        yield environment, None
        return
    from connector.archive.helpdesk import ArchivedHelpdesk  # noqa: PLC0415 - few runs read a file
    from connector.archive.reading import Archive  # noqa: PLC0415 - same

    with closing(Archive(choice.file)) as archive:
        side = archive.header.side
        if side is not choice.source:
            raise ConfigError(
                f"{choice.file} holds conversations of {TITLES[side]}, not of {TITLES[choice.source]}",
                hint=f"connector backfill --from {side} --source {choice.file}",
            )

        def through(helpdesks: Mapping[Side, Helpdesk]) -> Mapping[Side, Helpdesk]:
            return {**helpdesks, side: ArchivedHelpdesk(helpdesks[side], archive, choice.folder)}

        yield replace(environment, through=through), archive


def refuse_foreign(run: Run, archive: Archive | None) -> None:
    """Raise PersonNeeded for the export of another account than the bound one."""
    if archive is None:
        return
    side, account = archive.header.side, archive.header.account
    bound = run.store.meta.workspace(side)
    if account != bound:
        raise PersonNeeded(
            f"{archive.path} is an export of {TITLES[side]} {account}, but this state file belongs to "
            f"{bound}; nothing was written",
            hint="use the export of the bound account",
        )
