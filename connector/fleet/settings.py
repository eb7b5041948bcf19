"""The fleet's own file, `fleet.toml`: where its pairs are, how often and how many at once they are passed."""

import socket
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, ValidationError

from connector.config.file import read_toml
from connector.config.model import Section
from connector.config.problems import first_problem
from connector.config.values import Duration, FilePath, Listen, OptionalPath, Positive
from connector.errors import ConfigError
from connector.fleet.folder import FLEET_FILE

DEFAULT_FOLDER: Final = "pairs.d"


class FleetDatabase(Section):
    """The database of a fleet on several hosts; empty means one host."""

    url_file: OptionalPath = Field(
        None, description="a file with the address postgresql://USER:PASSWORD@HOST/DATABASE"
    )
    host: str = Field("", max_length=100, description="the name of this host; empty: the machine's")

    @property
    def host_name(self) -> str:
        """Return the name by which the others know this host."""
        return self.host or socket.gethostname()


class FleetSection(Section):
    """Which pairs, how often, and how many at once."""

    pairs: FilePath = Field(Path(DEFAULT_FOLDER), description="the folder of pairs, relative to this file")
    every: Annotated[Duration, Field(ge=1)] = Field(60.0, description="from one pass of a pair to its next")
    state: OptionalPath = Field(
        None, description="the folder of the fleet's lock and table; empty: that of the pairs"
    )
    workers: Positive = Field(16, description="passes at once")
    database: FleetDatabase = FleetDatabase()

    @property
    def shared(self) -> bool:
        """Tell whether several hosts keep the fleet."""
        return self.database.url_file is not None

    @property
    def place(self) -> Path:
        """Return the path after which the lock and the published table are named."""
        return (self.state or self.pairs) / ".fleet"


class FleetHooks(Section):
    """Where the webhooks of all pairs are heard."""

    listen: Listen = Field("127.0.0.1:8470", description="of `hooks serve`")


class FleetMetrics(Section):
    """Where the metrics of the whole fleet go; empty means nowhere."""

    textfile: OptionalPath = Field(None, description="a file `….prom`")


class FleetConfig(Section):
    """The whole file; every key may be left out, and so may the file."""

    fleet: FleetSection = FleetSection()
    hooks: FleetHooks = FleetHooks()
    metrics: FleetMetrics = FleetMetrics()


def load(path: Path | None) -> FleetConfig:
    """Read the fleet's file where there is one; ConfigError says what is wrong with it."""
    raw, base = _read(path)
    try:
        return FleetConfig.model_validate(raw, context={"base": base})
    except ValidationError as error:
        raise first_problem(error, path or Path(FLEET_FILE), FleetConfig) from None


def over(config: FleetConfig, **given: object) -> FleetConfig:
    """Return what the file says, with what was given on the line instead."""
    chosen = {key: value for key, value in given.items() if value is not None}
    return config.model_copy(update={"fleet": config.fleet.model_copy(update=chosen)})


def _read(path: Path | None) -> tuple[dict[str, object], Path]:
    chosen = path or Path(FLEET_FILE)
    if path is None and not chosen.exists():
        return {}, Path()
    missing = ConfigError(
        f"There is no fleet file {chosen}.", hint="leave --config out, or name the right file"
    )
    return read_toml(chosen, missing=missing), chosen.resolve().parent
