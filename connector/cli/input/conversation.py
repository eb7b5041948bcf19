"""The conversation of `init`: asks for what it was not told, and tries each answer at once.

Where nobody can be asked, a missing answer is an error that names the option.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import SecretStr

from connector.app.setting_up import Proposal, Seen, Settings, look_at, propose
from connector.cli.input.answers import PLACES, TIMERS, address
from connector.cli.input.stops import asking
from connector.cli.output import render
from connector.cli.output.explain import explain
from connector.config.tokens import checked_token, read_token, token_variable
from connector.engine.sync.identity import NAMES
from connector.errors import ConfigError, ConnectorError
from connector.host.amounts import counted
from connector.host.rights import open_private
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.app.machine.environment import Environment

_APP = re.compile(r"app\.(\w+)\.")
_KEYS = {Side.DASHLY: ("dashly", "app_id"), Side.INTERCOM: ("intercom", "default_admin")}
_QUESTIONS = {"app_id": "Id of the Dashly app", "default_admin": "Which teammate, by number or id"}


@dataclass
class Conversation:
    """What was told, asked and found so far; ``asks`` says whether a person answers."""

    path: Path
    told: dict[str, str | None]
    environment: Environment
    asks: bool
    settings: Settings = field(default_factory=dict)
    seen: dict[Side, Seen] = field(default_factory=dict)
    files: dict[Side, Path] = field(default_factory=dict)
    _pasted: dict[Side, str] = field(default_factory=dict)
    _tokens: dict[Side, SecretStr] = field(default_factory=dict)

    def hold(self) -> tuple[Proposal, ...]:
        """Ask for everything that is needed and return who may be who."""
        for side in Side:
            self._until_it_works(side)
        self._choose_teammate()
        if (state := self.told["state"]) is not None:
            self.settings["state", "path"] = state
        return propose(self.seen)

    def with_tokens(self) -> Environment:
        """Return the environment with the tokens that were found to work."""
        return replace(self.environment, token=self._tokens.__getitem__)

    def keep_tokens(self) -> None:
        """Write the tokens that were pasted, each into a file for this user only."""
        for side, text in self._pasted.items():
            with os.fdopen(open_private(self.files[side], os.O_EXCL | os.O_WRONLY), "w") as file:
                file.write(f"{text}\n")

    def timer(self) -> str:
        """Return what will start the connector again and again."""
        if (told := self.told["timer"]) is not None or not self.asks:
            return told or "none"
        with asking():
            chosen: str = click.prompt(
                "What will run it regularly", type=click.Choice(TIMERS), default="cron", err=True
            )
        return chosen

    def _until_it_works(self, side: Side) -> None:
        while True:
            try:
                self._look(side)
            except ConnectorError as error:
                if not self.asks:
                    raise
                # What was told did not work: from here on a person is asked.
                explain(error, as_json=False, verbose=False)
                self.told |= {f"{side}_url": None, f"{side}_token_file": None}
                self.told |= {"app_id": None} if side is Side.DASHLY else {}
                self._tokens[side] = SecretStr("")
            else:
                return

    def _look(self, side: Side) -> None:
        places = PLACES[side]
        first = next(iter(places))
        where = self._answer(f"{side}_url", f"{TITLES[side]}: {', '.join(places)}, or an address", first)
        self.settings[side.value, "base_url"] = address(side, where or first)
        token = self._token(side)
        if side is Side.DASHLY:
            of_token = _APP.match(token.get_secret_value())
            self.settings[_KEYS[side]] = self._needed("app_id", of_token[1] if of_token else None)
        found = look_at(side, self.settings, token, self.environment, self.path)
        self.seen[side], self._tokens[side] = found, token
        if self.asks:
            render.console().print(
                f"It works: {NAMES[side]} {found.workspace.id}, {counted(len(found.people), 'teammate')}."
            )

    def _token(self, side: Side) -> SecretStr:
        """Return the token from what was told, else from the file that is named now, else as it is pasted."""
        name = self.told[f"{side}_token_file"]
        if name is None and side not in self._tokens:
            if named := os.environ.get(f"{token_variable(side)}_FILE"):
                self.files[side] = Path(named).absolute()
            try:
                return read_token(side, pair=self.path.stem)
            except ConfigError:
                if not self.asks:
                    raise
        file = Path(name or self._asked(f"File with the token of {TITLES[side]}", self._usual(side)))
        variable = token_variable(side)
        self.files[side] = file.absolute()
        self._pasted.pop(side, None)
        if file.exists() or not self.asks:
            return read_token(side, {f"{variable}_FILE": str(file)})
        token = checked_token(self._asked("Paste the token; it is not shown", hidden=True), variable)
        self._pasted[side] = token.get_secret_value()
        return token

    def _usual(self, side: Side) -> str:
        return str(self.path.with_name(f"{self.path.stem}.{side}_token"))

    def _choose_teammate(self) -> None:
        people = self.seen[Side.INTERCOM].people
        known = {agent.id for agent in people}
        if self.asks and self.told["default_admin"] is None:
            rows = [(number, one.id, one.name) for number, one in enumerate(people, 1)]
            out = render.console()
            out.print(
                "People without a counterpart in Intercom speak through a teammate, with their name in front."
            )
            out.print(render.table("Teammates in Intercom", ["number", "id", "name"], rows))
        while True:
            chosen = self._needed("default_admin", "1" if people else None)
            by_number = {str(number): one.id for number, one in enumerate(people, 1)} if self.asks else {}
            chosen = chosen if chosen in known else by_number.get(chosen, chosen)
            if chosen in known or not known:
                self.settings[_KEYS[Side.INTERCOM]] = chosen
                return
            error = ConfigError(
                f"{chosen} is not a teammate of this workspace", hint="choose one with --default-admin"
            )
            if not self.asks:
                raise error
            explain(error, as_json=False, verbose=False)
            self.told["default_admin"] = None

    def _needed(self, name: str, otherwise: str | None) -> str:
        found = self._answer(name, _QUESTIONS[name], otherwise)
        if found is None:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(
                f"{option} is missing, and there is no terminal to ask on", hint=f"add {option}"
            )
        return found

    def _answer(self, name: str, question: str, otherwise: str | None) -> str | None:
        told = self.told[name]
        return self._asked(question, otherwise) if told is None and self.asks else told

    def _asked(self, question: str, otherwise: str | None = None, *, hidden: bool = False) -> str:
        with asking():
            given: str = click.prompt(question, default=otherwise, hide_input=hidden, err=True)
        return given.strip()


def anything_told(told: Mapping[str, str | None]) -> bool:
    """Tell whether any answer came on the line or by the environment, tokens apart."""
    return any(value for name, value in told.items() if not name.endswith("_token_file"))
