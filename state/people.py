"""People met on either side, so that nobody is searched for twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mappings.model import Agent, AuthorKind, Customer, Side
from state.records import ToTell

if TYPE_CHECKING:
    from state.access.transactions import Transactions

OLD_SHADOW = "intercom:"  # how the external id of a shadow user began before ids were keyed
_SHADOW = "shadow"
_AGENTS = (AuthorKind.AGENT, AuthorKind.BOT, AuthorKind.TEAM)


class People:
    """Reads and writes people."""

    def __init__(self, file: Transactions) -> None:
        self._file = file

    def put_agents(self, side: Side, agents: tuple[Agent, ...]) -> None:
        """Remember the teammates of a side."""
        with self._file.write() as db:
            for agent in agents:
                db.execute(
                    "INSERT INTO people(side, id, kind, name, email) VALUES (?, ?, ?, ?, ?) "
                    "ON CONFLICT(side, id) DO UPDATE SET "
                    "name = excluded.name, email = coalesce(excluded.email, people.email)",
                    [side, agent.id, agent.kind, agent.name, agent.email],
                )

    def agents(self, side: Side) -> tuple[Agent, ...]:
        """Return the teammates of a side that were met."""
        rows = self._file.read(
            "SELECT * FROM people WHERE side = ? AND kind IN (?, ?, ?) ORDER BY id", [side, *_AGENTS]
        )
        return tuple(Agent(r["id"], r["name"] or "", r["email"], AuthorKind(r["kind"])) for r in rows)

    def put_customer(self, side: Side, customer: Customer) -> None:
        """Remember that a customer exists on a side, by id and external id only."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO people(side, id, kind, external_id) VALUES (?, ?, 'customer', ?) "
                "ON CONFLICT(side, id) DO UPDATE SET "
                "external_id = coalesce(excluded.external_id, people.external_id)",
                [side, customer.id, customer.external_id],
            )

    def by_external_id(self, side: Side, external_id: str) -> str | None:
        """Return the id of the customer whom a side knows by an external id, if we met just one."""
        return self._only(
            "SELECT id FROM people WHERE side = ? AND external_id = ? AND kind = 'customer' LIMIT 2",
            [side, external_id],
        )

    def standing_for(self, side: Side, person: str) -> str | None:
        """Return the one customer of a side for whom a person of the other side stands."""
        return self._only(
            "SELECT id FROM people WHERE side = ? AND counterpart = ? AND kind = 'customer' LIMIT 2",
            [side, person],
        )

    def bearers(self, contact: str) -> int:
        """Return for how many users of Dashly a contact stands."""
        row = self._file.first(
            "SELECT count(*) AS n FROM people WHERE side = ? AND counterpart = ? AND kind = 'customer'",
            [Side.DASHLY, contact],
        )
        return int(row["n"]) if row else 0

    def set_shadow(self, external_id: str, contact: str) -> None:
        """Remember under which external id a shadow user on Dashly stands for a contact."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO people(side, id, kind, counterpart) VALUES (?, ?, ?, ?) "
                "ON CONFLICT(side, id) DO UPDATE SET counterpart = excluded.counterpart",
                [Side.DASHLY, external_id, _SHADOW, contact],
            )

    def contact_of_shadow(self, external_id: str) -> str | None:
        """Return the contact for whom a shadow user with this external id stands."""
        row = self._file.first(
            "SELECT counterpart FROM people WHERE side = ? AND id = ? AND kind = ?",
            [Side.DASHLY, external_id, _SHADOW],
        )
        if row is not None:
            return str(row["counterpart"])
        prefix, _, contact = external_id.partition(OLD_SHADOW)
        return contact if contact and not prefix else None

    def own_id(self, side: Side, person: str) -> str | None:
        """Return the external id of a customer, where one was met or given."""
        row = self._file.first("SELECT external_id FROM people WHERE side = ? AND id = ?", [side, person])
        return row["external_id"] if row else None

    def is_made(self, side: Side, person: str) -> bool:
        """Tell whether a run made this customer of a side."""
        row = self._file.first("SELECT made_by FROM people WHERE side = ? AND id = ?", [side, person])
        return row is not None and row["made_by"] is not None

    def is_old_shadow(self, user: str, external_id: str) -> bool:
        """Tell whether a Dashly user is a shadow user from before ids were keyed: a pair of ours has them.

        Anybody may choose such an id, and so may a contact with it: then it is not a shadow's.
        """
        if not external_id.startswith(OLD_SHADOW):
            return False
        found = self._file.first(
            "SELECT 1 FROM conversations WHERE dashly_person = ? AND origin = ? "
            "AND NOT EXISTS (SELECT 1 FROM people WHERE side = ? AND external_id = ?)",
            [user, Side.INTERCOM, Side.INTERCOM, external_id],
        )
        return found is not None

    def _only(self, query: str, values: list[str]) -> str | None:
        rows = list(self._file.read(query, values))
        return str(rows[0]["id"]) if len(rows) == 1 else None

    def counterpart(self, side: Side, person: str) -> str | None:
        """Return who stands for this customer on the other side, when that was found out before."""
        row = self._file.first("SELECT counterpart FROM people WHERE side = ? AND id = ?", [side, person])
        return row["counterpart"] if row else None

    def forget_counterpart(self, side: Side, person: str) -> bool:
        """Forget who stands for a customer on the other side; tell whether anybody was known."""
        known = self.counterpart(side, person) or self.standing_for(side.other, person)
        with self._file.write() as db:
            db.execute("UPDATE people SET counterpart = NULL WHERE side = ? AND id = ?", [side, person])
            db.execute(
                "UPDATE people SET counterpart = NULL, external_id = NULL "
                "WHERE side = ? AND kind = 'customer' AND (counterpart = ? OR id = ?)",
                [side.other, person, known],
            )
        return known is not None

    def set_made(self, side: Side, person: str, run: str) -> None:
        """Remember that a run made a person of a side."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO people(side, id, kind, made_by) VALUES (?, ?, 'customer', ?) "
                "ON CONFLICT(side, id) DO UPDATE SET made_by = excluded.made_by",
                [side, person, run],
            )

    def set_begun(self, user: str, *, begun: bool) -> None:
        """Remember that a contact is being made for a user of whose address agents may have to hear."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO people(side, id, kind, to_tell) VALUES (?, ?, 'customer', ?) "
                "ON CONFLICT(side, id) DO UPDATE SET to_tell = excluded.to_tell",
                [Side.DASHLY, user, ToTell.WITHHELD if begun else None],
            )

    def is_begun(self, user: str) -> bool:
        """Tell whether a contact was being made for a Dashly user, and nobody knows what became of it."""
        return self.to_tell(Side.DASHLY, user) is not None

    def set_to_tell(self, side: Side, person: str, what: ToTell) -> None:
        """Remember what agents are to be told of a person; what they were told before is not told again."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO people(side, id, kind, to_tell) VALUES (?, ?, 'customer', ?) "
                "ON CONFLICT(side, id) DO UPDATE SET to_tell = excluded.to_tell, "
                "told = CASE WHEN people.to_tell = excluded.to_tell THEN people.told ELSE 0 END",
                [side, person, what],
            )

    def to_tell(self, side: Side, person: str) -> ToTell | None:
        """Return what agents are still to be told of a person."""
        row = self._file.first(
            "SELECT to_tell FROM people WHERE side = ? AND id = ? AND told = 0", [side, person]
        )
        return ToTell(row["to_tell"]) if row and row["to_tell"] else None

    def set_told(self, side: Side, person: str) -> None:
        """Remember that agents were told."""
        with self._file.write() as db:
            db.execute("UPDATE people SET told = 1 WHERE side = ? AND id = ?", [side, person])

    def left_over(self, side: Side) -> list[str]:
        """Return the persons of a side whom a run made and who have no conversation of a pair any more."""
        rows = self._file.read(
            "SELECT id FROM people WHERE made_by IS NOT NULL AND side = ? AND NOT EXISTS "  # noqa: S608 - a Side
            f"(SELECT 1 FROM conversations WHERE {side}_person = people.id) ORDER BY id",
            [side],
        )
        return [row["id"] for row in rows]

    def forget_made(self, side: Side, person: str) -> None:
        """Forget a person whom a run made and who does not exist any more, and for whom they stood."""
        with self._file.write() as db:
            db.execute("DELETE FROM people WHERE side = ? AND id = ?", [side, person])
            db.execute(
                "UPDATE people SET counterpart = NULL WHERE side = ? AND counterpart = ?",
                [side.other, person],
            )

    def forget_external_id(self, side: Side, external_id: str) -> bool:
        """Forget which customer a side knows by an external id; tell whether anybody was known."""
        with self._file.write() as db:
            found = db.execute(
                "UPDATE people SET external_id = NULL "
                "WHERE side = ? AND external_id = ? AND kind = 'customer'",
                [side, external_id],
            )
            return bool(found.rowcount)

    def merged(self, side: Side, was: str, now: str) -> None:
        """Replace the person ``was`` of a side with ``now`` wherever they stand for somebody."""
        with self._file.write() as db:
            db.execute(
                "UPDATE people SET counterpart = ? WHERE side != ? AND counterpart = ?", [now, side, was]
            )
            db.execute(f"UPDATE conversations SET {side}_person = ? WHERE {side}_person = ?", [now, was])  # noqa: S608 - a Side

    def set_counterpart(self, side: Side, person: str, counterpart: str) -> None:
        """Remember who stands for a customer on the other side."""
        with self._file.write() as db:
            db.execute(
                "INSERT INTO people(side, id, kind, counterpart) VALUES (?, ?, 'customer', ?) "
                "ON CONFLICT(side, id) DO UPDATE SET counterpart = excluded.counterpart",
                [side, person, counterpart],
            )
