"""The configuration file as frozen values, and every way it can be wrong as one sentence.

Unknown keys are errors that name the nearest known key. Paths are relative to the file. Tokens are not here.
"""

from datetime import UTC
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
)

from connector.config.choices import Backup, Edits, HistoryMode, MatchEmail, Prefer, Removals
from connector.config.values import (
    Address,
    Count,
    Duration,
    FilePath,
    Flag,
    Hook,
    Host,
    Id,
    Listen,
    OptionalId,
    OptionalPath,
    Positive,
    Push,
    TagVersion,
    Team,
    Version,
    Workers,
    Zone,
)
from mappings.languages import Language
from mappings.model import Side
from mappings.table import DEFAULT, KindTable
from mappings.wording import Wording

_HOUR = 3600.0
Direction = Literal["dashly-to-intercom", "intercom-to-dashly"]


def _distinct(directions: tuple[Direction, ...]) -> tuple[Direction, ...]:
    if not directions or len(set(directions)) < len(directions):
        raise ValueError("one or both directions, each once")
    return directions


def _or_default_admin(value: str, info: ValidationInfo) -> str:
    return value or str(info.data.get("default_admin", ""))


class Section(BaseModel):
    """A table of the file: frozen, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class DashlyConfig(Section):
    """The address of Dashly, and who speaks there."""

    base_url: Address = Field(
        "https://api.dashly.app", description="Carrot quest: `https://api.carrotquest.io`"
    )
    app_id: Id = Field(description="the Dashly app")
    requests_per_minute: Positive = Field(60, description="Dashly's limit for your key")
    default_admin: Id = Field(
        "default_admin", description="who speaks for agents that `[map.admins]` does not name"
    )
    contact_details: Literal["name", "full"] = Field(
        "name",
        description='`"full"` also gives shadow users e-mail and phone; agents\' copies then become notes',
    )


class IntercomConfig(Section):
    """The address of Intercom, the version of its API, and who speaks there."""

    base_url: Address = Field(
        "https://api.intercom.io",
        description="Europe: `https://api.eu.intercom.io`, Australia: `https://api.au.intercom.io`",
    )
    api_version: Version = Field("2.16", description="1.0 to 1.4, or 2.x")
    tag_api_version: TagVersion = Field("", description="with 1.x: the 2.x version for tag calls")
    default_admin: Id = Field(description="who speaks for agents without a counterpart")
    bot_admin: Annotated[OptionalId, AfterValidator(_or_default_admin)] = Field(
        "", description="who speaks for bots; empty: `default_admin`"
    )
    loud_mirror: Flag = Field(
        default=False,
        description="before 2.15: copy agents' messages as messages, although that notifies customers",
    )


class StateConfig(Section):
    """Where the state is kept, and how it is backed up."""

    path: FilePath = Field(
        Path("connector.db"),
        description="relative to this file; with `url_file`, the schema has its name without `.db`, "
        "and what belongs to this machine alone is kept beside it",
    )
    url_file: OptionalPath = Field(
        None,
        description="a file with the address of a PostgreSQL database, `postgresql://…`, that holds the "
        "state instead: see docs/fleet.md",
    )
    backup: Backup = Field(
        Backup.DAILY,
        description='`sync` keeps seven backups in a private folder; `"never"` switches this off',
    )


class SyncConfig(Section):
    """How a run behaves."""

    directions: Annotated[tuple[Direction, ...], AfterValidator(_distinct)] = Field(
        ("dashly-to-intercom", "intercom-to-dashly"), description="both, or one of them"
    )
    prefer: Prefer = Field(
        Prefer.NEWER,
        description='who wins when both sides changed a thing; or `"dashly"`, `"intercom"`, `"manual"`',
    )
    max_age: Duration = Field(
        24 * _HOUR, description="agents' messages older than this are never delivered to customers"
    )
    settle: Duration = Field(120.0, description="how long to wait before an unclear write is looked for")
    overlap: Duration = Field(300.0, description="by how much each poll overlaps the last one")
    every: Annotated[Duration, Field(ge=1)] = Field(
        60.0, description="the pause between two passes of `sync --every`, and of a long backfill"
    )
    sweep: Count = Field(5, description="pairs that each run rereads to find edits and removals")
    timeout: Annotated[Duration, Field(gt=0)] = Field(30.0, description="the time limit of one request")
    edits: Edits = Field(Edits.NOTE, description='an edit is carried as a note; or `"ignore"`')
    removals: Removals = Field(
        Removals.REDACT,
        description="erase the copy in Intercom of what was removed or deleted in Dashly; "
        'or `"note"`, `"ignore"`',
    )
    workers: Workers = Field(
        "auto",
        description="conversations worked on at once, up to 64; `auto` adapts to response times and limits",
    )

    def copies_from(self, side: Side) -> bool:
        """Tell whether what happens on this side is carried to the other."""
        return f"{side}-to-{side.other}" in self.directions


class HistoryConfig(Section):
    """How old conversations are carried over."""

    to_intercom: HistoryMode = Field(
        HistoryMode.NATIVE, description='each part by itself; or `"transcript"`, `"none"`'
    )
    to_dashly: Literal[HistoryMode.TRANSCRIPT, HistoryMode.NONE] = Field(
        HistoryMode.TRANSCRIPT, description='notes with a transcript; or `"none"`'
    )
    timezone: Zone = Field(
        "UTC", description="the time zone of the times that the connector writes into conversations"
    )


class LimitsConfig(Section):
    """How much a run may do."""

    max_writes: Count = Field(5000, description="writes in a run")
    max_creates: Count = Field(1000, description="conversations created in a run")
    max_removals: Count = Field(20, description="erasures in a run; a deleted conversation counts as one")
    breaker_writes: Positive = Field(
        10, description="a conversation is held after this many writes that look like a machine's answers"
    )
    breaker_window: Duration = Field(600.0, description="the time within which they must come")


class MapConfig(Section):
    """Who and what corresponds to whom and what: Dashly on the left."""

    admins: dict[str, Id] = Field(
        {},
        description='`"Dashly id" = "Intercom id"`; others are matched by equal e-mail, then by equal name',
    )
    channels: dict[str, Team] = Field(  # kept without "team:"
        {}, description='`"Dashly channel" = "team:Intercom team"`'
    )
    tags: dict[str, str] = Field({}, description='`"Dashly tag" = "Intercom tag"`; others keep their name')
    parts: dict[str, str] = Field(
        {},
        description='`"dashly.vote" = "skip"`, `"note"` or `"default"`: overrides a row of '
        "`connector mapping`, never to public",
    )


class PeopleConfig(Section):
    """How a customer of one side is matched to one of the other."""

    match_email: MatchEmail = Field(
        MatchEmail.NEVER,
        description='or `"users"`, for migrations: a Dashly user is taken for the one contact of role user '
        "with the same address and no external id (2.x). An address proves nothing: see docs/security.md",
    )


class FilesConfig(Section):
    """Which files are fetched."""

    hosts: tuple[Host, ...] = Field(
        (), description="further hosts of images in texts; the vendors' own are always allowed"
    )


class TextsConfig(Section):
    """What the connector itself writes into conversations."""

    language: Language = Field(
        Language.ENGLISH,
        description='the language of the sentences that the connector writes into conversations; or `"ru"`',
    )


class AlertsConfig(Section):
    """Who is told how a run ended; empty means nobody."""

    ping_url: Hook = Field(
        SecretStr(""),
        description="called after each run, with `/fail` appended when it failed or could not begin "
        "(as for healthchecks.io)",
    )
    webhook_url: Hook = Field(
        SecretStr(""),
        description="receives a JSON body when there is new trouble; what it does not take is sent again "
        "after the next run",
    )


class HooksConfig(Section):
    """Whether to listen to what the helpdesks push, as hints to look sooner."""

    dashly: Flag = Field(
        default=True,
        description="listen to Dashly's realtime service; only `sync --every` and `fleet run` do",
    )
    dashly_url: Push = Field(
        "",
        description="its address; empty: `base_url` with `wss://realtime-services.` for `https://api.`, "
        "else none",
    )
    listen: Listen = Field("127.0.0.1:8470", description="where `hooks serve` receives Intercom's webhooks")


class MetricsConfig(Section):
    """Where the metrics file goes; empty means nowhere."""

    textfile: OptionalPath = Field(
        None, description="a file `….prom` in the folder of node-exporter's textfile collector"
    )


class Config(Section):
    """The whole file."""

    dashly: DashlyConfig
    intercom: IntercomConfig
    state: StateConfig = StateConfig()
    sync: SyncConfig = SyncConfig()
    history: HistoryConfig = HistoryConfig()
    limits: LimitsConfig = LimitsConfig()
    map: MapConfig = MapConfig()
    people: PeopleConfig = PeopleConfig()
    files: FilesConfig = FilesConfig()
    texts: TextsConfig = TextsConfig()
    alerts: AlertsConfig = AlertsConfig()
    hooks: HooksConfig = HooksConfig()
    metrics: MetricsConfig = MetricsConfig()

    def wording(self) -> Wording:
        """Return the language and the time zone of our own sentences."""
        name = self.history.timezone
        return Wording(self.texts.language, UTC if name == "UTC" else ZoneInfo(name))

    def kind_table(self) -> KindTable:
        """Return the mapping table with the overrides of ``[map.parts]``."""
        return DEFAULT.with_overrides(self.map.parts)
