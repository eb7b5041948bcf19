"""The configuration file as frozen values, and every way it can be wrong as one sentence.

Unknown keys are errors that name the nearest known key. Paths are relative to the file. Tokens are not here.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)

from connector.config.choices import Edits, HistoryMode, Prefer, Removals
from connector.config.values import (
    Address,
    Count,
    Duration,
    Flag,
    Id,
    OptionalId,
    Positive,
    TagVersion,
    Team,
    Version,
    Workers,
)
from mappings.model import Side
from mappings.table import DEFAULT, KindTable

_HOUR = 3600.0
Direction = Literal["dashly-to-intercom", "intercom-to-dashly"]


def _resolved(path: Path, info: ValidationInfo) -> Path:
    base: Path = (info.context or {}).get("base", Path())
    return base / path.expanduser()


def _distinct(directions: tuple[Direction, ...]) -> tuple[Direction, ...]:
    if not directions or len(set(directions)) < len(directions):
        raise ValueError("one or both directions, each once")
    return directions


def _or_default_admin(value: str, info: ValidationInfo) -> str:
    return value or str(info.data.get("default_admin", ""))


def _or_none(value: object) -> object:
    return None if value == "" else value


FilePath = Annotated[Path, AfterValidator(_resolved)]


class Section(BaseModel):
    """A table of the file: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class DashlyConfig(Section):
    """Where Dashly is and who speaks there."""

    base_url: Address = "https://api.dashly.app"
    app_id: Id
    requests_per_minute: Positive = 60
    default_admin: Id = "default_admin"
    contact_details: Literal["name", "full"] = "name"


class IntercomConfig(Section):
    """Where Intercom is, which version of its API is used, and who speaks there."""

    base_url: Address = "https://api.intercom.io"
    api_version: Version = "2.16"
    tag_api_version: TagVersion = ""
    default_admin: Id
    bot_admin: Annotated[OptionalId, AfterValidator(_or_default_admin)] = ""
    loud_mirror: Flag = False


class StateConfig(Section):
    """Where the state file is, and whether runs back it up."""

    path: FilePath = Path("connector.db")
    backup: Literal["daily", "never"] = "daily"


class SyncConfig(Section):
    """How a run behaves."""

    directions: Annotated[tuple[Direction, ...], AfterValidator(_distinct)] = (
        "dashly-to-intercom",
        "intercom-to-dashly",
    )
    prefer: Prefer = Prefer.NEWER
    max_age: Duration = 24 * _HOUR
    settle: Duration = 120.0
    overlap: Duration = 300.0
    sweep: Count = 5
    timeout: Annotated[Duration, Field(gt=0)] = 30.0
    edits: Edits = Edits.NOTE
    removals: Removals = Removals.REDACT
    workers: Workers = "auto"

    def copies_from(self, side: Side) -> bool:
        """Tell whether what happens on this side is carried to the other."""
        return f"{side}-to-{side.other}" in self.directions


class HistoryConfig(Section):
    """How old conversations are carried over."""

    to_intercom: HistoryMode = HistoryMode.NATIVE
    to_dashly: Literal[HistoryMode.TRANSCRIPT, HistoryMode.NONE] = HistoryMode.TRANSCRIPT


class LimitsConfig(Section):
    """Where the limits are."""

    max_writes: Count = 5000
    max_creates: Count = 1000
    max_removals: Count = 20
    breaker_writes: Positive = 30
    breaker_window: Duration = 600.0


class MapConfig(Section):
    """Who and what stands for whom: Dashly on the left. Channels map to team ids, without ``team:``."""

    admins: dict[str, Id] = {}
    channels: dict[str, Team] = {}
    tags: dict[str, str] = {}
    parts: dict[str, str] = {}


class AlertsConfig(Section):
    """Who is told how a run ended; empty means nobody."""

    ping_url: str = ""
    webhook_url: str = ""


class MetricsConfig(Section):
    """Where the metrics file goes; None means nowhere."""

    textfile: Annotated[FilePath | None, BeforeValidator(_or_none)] = None


class Config(Section):
    """The whole file."""

    dashly: DashlyConfig
    intercom: IntercomConfig
    state: StateConfig = StateConfig()
    sync: SyncConfig = SyncConfig()
    history: HistoryConfig = HistoryConfig()
    limits: LimitsConfig = LimitsConfig()
    map: MapConfig = MapConfig()
    alerts: AlertsConfig = AlertsConfig()
    metrics: MetricsConfig = MetricsConfig()

    def kind_table(self) -> KindTable:
        """Return the mapping table with the overrides of ``[map.parts]``."""
        return DEFAULT.with_overrides(self.map.parts)
