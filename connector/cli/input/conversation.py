"""The conversation of `init`: asks for what it was not told, and tries each answer at once.

An answer that was wrong is asked for again, the others are kept. Where nobody can be asked, a missing answer
is an error that names the option.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from connector.app.setting_up import Proposal, Seen, Settings, look_at, propose, refuse_address
from connector.cli.input.answers import PLACES, TIMERS, address
from connector.cli.input.asking import LeftOff
from connector.cli.input.questions import answer_to, tell, until_it_fits
from connector.cli.input.stops import asking
from connector.cli.input.token_files import file_for_token, pasted_token
from connector.cli.output import render
from connector.config.file import DEFAULT_FILE
from connector.config.tokens import read_token, token_variable
from connector.engine.sync.identity import NAMES
from connector.errors import AccessDenied, ConfigError, ConnectorError, PersonNeeded, Rejected
from connector.host.amounts import counted
from connector.host.rights import open_private
from mappings.model import Side
from mappings.names import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import SecretStr

    from connector.app.machine.environment import Environment
    from mappings.model import Seconds

T = TypeVar("T")

_APP = re.compile(r"app\.(\w+)\.")
_KEYS = {Side.DASHLY: ("dashly", "app_id"), Side.INTERCOM: ("intercom", "default_admin")}
_QUESTIONS = {"app_id": "Id of the Dashly app", "default_admin": "Which teammate, by number or id"}

_HINTS = {
    True: "check the address; then name another file, or paste the token again, whole",
    False: "give the token that right, or use another token; the address and the token are asked for again",
}
"""What to do about a token, by whether it was refused as such: no file holds what was just pasted."""
_WHICH_APP = "type the id of the app that the token is for; Ctrl-C leaves"


@dataclass
class Conversation:
    """What was told, asked and found so far; ``asks`` says whether a person answers."""

    path: Path
    told: dict[str, str | None]
    environment: Environment
    asks: bool
    since: Seconds | None = None
    settings: Settings = field(default_factory=dict)
    seen: dict[Side, Seen] = field(default_factory=dict)
    files: dict[Side, Path] = field(default_factory=dict)
    _pasted: dict[Side, str] = field(default_factory=dict)
    _tokens: dict[Side, SecretStr] = field(default_factory=dict)
    _before: dict[str, str] = field(default_factory=dict)
    """What Enter alone answers where a question is asked again."""

    def hold(self) -> tuple[Proposal, ...]:
        """Ask for everything that is needed and return who may be who."""
        try:
            with asking():
                return self._hold()
        except (click.Abort, KeyboardInterrupt):
            raise LeftOff("aborted; nothing was written", hint=self._so_far()) from None

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

    def _hold(self) -> tuple[Proposal, ...]:
        for side in Side:
            while side not in self.seen:
                self._look(side)
        self._choose_teammate()
        if (state := self.told["state"]) is not None:
            self.settings["state", "path"] = state
        return propose(self.seen)

    def _look(self, side: Side) -> None:
        self.settings[side.value, "base_url"] = self._place(side)
        self._tokens[side] = token = self._token(side)
        if side is Side.DASHLY:
            named = _APP.match(token.get_secret_value())
            self.settings[_KEYS[side]] = self._needed("app_id", named[1] if named else "")
        try:
            self.seen[side] = found = look_at(side, self.settings, token, self.environment, self.path)
        except ConnectorError as error:
            if not self.asks:
                raise
            if isinstance(error, AccessDenied):
                error.hint = _HINTS[error.status == HTTPStatus.UNAUTHORIZED]
            elif side is Side.DASHLY and isinstance(error, PersonNeeded):
                error.hint = _WHICH_APP
            tell(error)
            self._ask_again(side, error)
            return
        if self.asks:
            render.console().print(
                f"It works: {NAMES[side]} {found.workspace.id}, {counted(len(found.people), 'teammate')}."
            )

    def _ask_again(self, side: Side, error: ConnectorError) -> None:
        """Forget the answers that an error makes doubtful; Enter gives each of them once more."""
        if side is Side.DASHLY and isinstance(error, PersonNeeded | ConfigError):
            self.told["app_id"] = None
            return
        if side is Side.DASHLY and isinstance(error, Rejected):
            self.told["app_id"] = None
        doubtful = [f"{side}_url"]
        if isinstance(error, AccessDenied | PersonNeeded):
            # It may be right at another address: each region and product has its own.
            doubtful.append(f"{side}_token_file")
            del self._tokens[side]
        for name in doubtful:
            if (given := self.told[name]) is not None:
                self._before[name], self.told[name] = given, None
        if side not in self._tokens:
            self._before.setdefault(f"{side}_token_file", str(self.files.get(side, self._usual(side))))

    def _place(self, side: Side) -> str:
        name, places = f"{side}_url", PLACES[side]

        def check(given: str) -> str:
            found = address(side, given)
            # Without a question the vendor's own host is asked with the token at once.
            if self.asks or found not in places.values():
                refuse_address(side, found, self.environment, self.path)
            return found

        first = next(iter(places))
        if self.told[name] is None and not self.asks:
            return address(side, first)
        return self._answered(name, f"{TITLES[side]}: {', '.join(places)}, or an address", first, check)

    def _token(self, side: Side) -> SecretStr:
        """Return the token from what was told, else from the file that is named now, else as it is pasted."""
        name, variable = f"{side}_token_file", token_variable(side)
        if (known := self._tokens.get(side)) is not None:
            return known
        if self.told[name] is None and name not in self._before:
            if named := os.environ.get(f"{variable}_FILE"):
                self.files[side] = Path(named).absolute()
            try:
                return read_token(side, pair=self.path.stem)
            except ConfigError as error:
                if not self.asks:
                    raise
                if named or os.environ.get(variable):
                    tell(error)
                self._before[name] = named or self._usual(side)

        def check(given: str) -> SecretStr:
            others = {path for other, path in self.files.items() if other is not side}
            self.files[side] = file = file_for_token(given, others)
            self._pasted.pop(side, None)
            if file.exists() or not self.asks:
                return read_token(side, {f"{variable}_FILE": str(file)})
            token = until_it_fits("Paste the token; it is not shown", "", pasted_token, hidden=True)
            self._pasted[side] = token.get_secret_value()
            return token

        return self._answered(name, f"File with the token of {TITLES[side]}", self._usual(side), check)

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
        by_number = {str(number): one.id for number, one in enumerate(people, 1)} if self.asks else {}

        def check(given: str) -> str:
            chosen = given if given in known else by_number.get(given, given)
            if known and chosen not in known:
                hint = (
                    "type a number or an id of the list" if self.asks else "choose one with --default-admin"
                )
                raise ConfigError(f"{chosen} is not a teammate of this workspace", hint=hint)
            return chosen

        chosen = self._needed("default_admin", "1" if people else "", check)
        self.settings[_KEYS[Side.INTERCOM]] = self.told["default_admin"] = chosen

    def _needed(self, name: str, otherwise: str, check: Callable[[str], str] = str) -> str:
        if self.told[name] is None and not self.asks:
            option = f"--{name.replace('_', '-')}"
            raise ConfigError(
                f"{option} is missing, and there is no terminal to ask on", hint=f"add {option}"
            )
        return self._answered(name, _QUESTIONS[name], otherwise, check)

    def _answered(self, name: str, question: str, otherwise: str, check: Callable[[str], T]) -> T:
        """Return what ``check`` makes of the answer, which is kept once it is right."""
        given = self.told[name]
        while True:
            try:
                if given is None:
                    given = answer_to(question, self._before.get(name, otherwise))
                found = check(given)
            except ConnectorError as error:
                if not self.asks:
                    raise
                tell(error)
                if given is not None and not isinstance(error, ConfigError):  # a later try may succeed
                    self._before[name] = given
                given = None
            else:
                self.told[name] = given
                return found

    def _so_far(self) -> str:
        """Return the command that goes on with what was given already; a token is never part of it."""
        words = ["connector"] if str(self.path) == DEFAULT_FILE else ["connector", "--config", str(self.path)]
        words.append("init")
        if self.since is not None:
            words += ["--since", render.iso(self.since) or ""]
        for name, told in self.told.items():
            # An address that was answered, and is asked for again since a token was refused, is kept.
            given = told or (self._before.get(name) if name.endswith("_url") else None)
            if given is not None:
                words += [f"--{name.replace('_', '-')}", given]
        return shlex.join(words)


def anything_told(told: Mapping[str, str | None]) -> bool:
    """Tell whether any answer came on the line or by the environment, tokens apart."""
    return any(value for name, value in told.items() if not name.endswith("_token_file"))
