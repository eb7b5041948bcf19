"""The mapping table: total, safe, and overridden only within what is safe."""

import re
from importlib import resources

import pytest

from mappings.describe import describe, markdown
from mappings.kinds import ANYTHING_ELSE, PUBLIC, TYPES, Carried, Meaning
from mappings.model import Side
from mappings.table import DEFAULT, KindTable, load

SOURCE = resources.files("mappings").joinpath("kinds.toml").read_text(encoding="utf-8")
ROWS = [row for side in Side for row in DEFAULT.rows[side].values()]


@pytest.mark.parametrize("side", Side)
def test_total(side: Side) -> None:
    """Every known type of a side has a row, and so has anything else."""
    assert set(DEFAULT.rows[side]) == {*TYPES[side], ANYTHING_ELSE}


def test_seed_sizes() -> None:
    """The table knows Dashly's documented types with the seed's stale one, and all of Intercom's."""
    assert len(TYPES[Side.DASHLY]) == 17
    assert len(set(TYPES[Side.INTERCOM])) == len(TYPES[Side.INTERCOM]) == 54


def test_nothing_internal_is_public() -> None:
    """No row shows a note, an event or an unknown type to the customer."""
    public = {(row.side, row.type) for row in ROWS if any(meaning.public for meaning in row.means)}
    assert public <= {(side, kind) for side in Side for kind in PUBLIC[side]}
    assert not any(kind.startswith("note") or kind == ANYTHING_ELSE for _, kind in public)


def test_losses_are_told() -> None:
    """Whatever is not carried as it is records a loss, and whatever is skipped a reason."""
    for row in ROWS:
        told = row.losses or row.possible
        assert row.carried in {Carried.MESSAGE, Carried.NOTE, Carried.STATE} or told, row.type
        assert row.carried is not Carried.SKIP or row.reason


@pytest.mark.parametrize("kind", ["hologram", "", ANYTHING_ELSE, "note_of_the_future"])
def test_fallback(kind: str) -> None:
    """A type that is not listed gets the row for anything else."""
    assert DEFAULT.row(Side.INTERCOM, kind).means == (Meaning.UNKNOWN,)


@pytest.mark.parametrize(
    ("found", "replaced", "reason"),
    [
        ('type = "vote"', 'type = "poll"', "no row for vote"),
        ('type = "vote"', 'type = "note"', "two rows"),
        ('carried = "event"', 'carried = "whisper"', "must be one of"),
        ('means = ["note"]', 'means = ["message"]', "may not be shown"),
        ('means = ["unknown"]', 'means = ["message"]', "may not be shown"),
        ('carried = "note"', 'carried = "message"', "may not be shown"),
        ('say = "rating"', "", "without a line"),
        ('reason = "a service action of an integration says nothing to agents"', "", "without a reason"),
        ('say = "rating"', 'say = "poetry"', "no sentence of sentences.toml"),
        ('kind = "rating"', 'kind = "mood"', "must be one of"),
        ('bare = "rating_asked"', 'colour = "red"', "unknown field colour"),
        ('means = ["event"]', "means = []", "must say what it means"),
    ],
)
def test_broken_tables_are_refused(found: str, replaced: str, reason: str) -> None:
    """A table that is incomplete, unsafe or misspelt does not load."""
    broken = SOURCE.replace(found, replaced, 1)
    assert broken != SOURCE
    with pytest.raises(ValueError, match=reason):
        load(broken)


def test_unlisted_row_is_refused() -> None:
    """A row for a type that the program does not list is an error, since nobody checked that it is safe."""
    extra = re.sub(
        r'type = "vote"', 'type = "poll"', SOURCE[SOURCE.index('[[dashly]]\ntype = "vote"') :], count=1
    )
    row = extra[: extra.index("[[dashly]]", 5)]
    with pytest.raises(ValueError, match="unlisted poll"):
        load(row + SOURCE)


def test_overrides() -> None:
    """An override skips a row, makes it a note, or leaves it alone."""
    table = DEFAULT.with_overrides(
        {"dashly.vote": "skip", "intercom.operator_workflow_event": "note", "dashly.article": "default"}
    )
    assert table.row(Side.DASHLY, "vote").carried is Carried.SKIP
    assert table.row(Side.INTERCOM, "operator_workflow_event").carried is Carried.NOTE
    assert table.row(Side.DASHLY, "article") == DEFAULT.row(Side.DASHLY, "article")
    assert DEFAULT.row(Side.DASHLY, "vote").carried is Carried.EVENT


@pytest.mark.parametrize(
    ("name", "choice", "reason"),
    [
        ("dashly.note", "message", "never shown to the customer"),
        ("intercom.note_and_reopen", "message", "never shown to the customer"),
        ("intercom.*", "message", "never shown to the customer"),
        ("intercom.participant_added", "public", "never shown to the customer"),
        ("dashly.reply_admin", "message", "cannot be 'message'"),
        ("dashly.vote", "loud", "one of skip, note, default"),
        ("dashly.votes", "skip", "nearest is 'dashly.vote'"),
        ("intercom.vote", "skip", "no type of part"),
        ("vote", "skip", "no type of part"),
        ("", "skip", "no type of part"),
        ("zendesk.note", "skip", "no type of part"),
        ("intercom.source", "skip", "opens the conversation"),
    ],
)
def test_unsafe_overrides_are_refused(name: str, choice: str, reason: str) -> None:
    """No override makes anything public, misspells a type, or says nonsense."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        DEFAULT.with_overrides({name: choice})


def test_override_shows_in_description() -> None:
    """The tables as in force tell what was overridden."""
    table = DEFAULT.with_overrides({"dashly.vote": "skip", "dashly.closed": "note"})
    shown = {f"{row.side}.{row.type}": row for row in describe(table)}
    assert shown["dashly.vote"].overridden
    assert shown["dashly.vote"].on_the_other_side == "Nothing: left out by [map.parts]."
    assert shown["dashly.closed"].on_the_other_side == "An internal note, by [map.parts]."
    assert not shown["dashly.note"].overridden


@pytest.mark.parametrize("table", [DEFAULT])
def test_description_is_complete(table: KindTable) -> None:
    """Every row is described in both forms, by direction."""
    rows = describe(table)
    assert len(rows) == len(ROWS)
    assert {row.direction for row in rows} == {"Dashly → Intercom", "Intercom → Dashly"}
    text = markdown(table)
    assert all(f"| `{row.type}` | {row.meaning} |" in text for row in rows)
