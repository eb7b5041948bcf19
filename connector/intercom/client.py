"""Intercom over HTTP: one call, and the endpoints that both generations have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.http.failures import Question, unreadable
from connector.http.lists import Lists, Page
from connector.http.service import segment
from connector.intercom.answers import Cursor, Json, following, read_answer
from mappings.text import tag_key
from mappings.wire.values import read_optional_id

if TYPE_CHECKING:
    import httpx

    from connector.errors import RemoteError
    from connector.http.service import Service
    from connector.intercom.versions import Version

_TAGS = "tags"


class IntercomClient:
    """One workspace of Intercom in one version of the API."""

    def __init__(self, http: httpx.Client, service: Service, *, version: Version) -> None:
        self._http = http
        self._service = service
        self.version = version
        self._tags: dict[str, str] = {}
        self.lists = Lists(_kind_and_id)

    def call(
        self,
        method: str,
        path: str,
        *,
        asked: str,
        params: dict[str, str] | None = None,
        body: Json | None = None,
        version: Version | None = None,
    ) -> Json:
        """Send one request and return the object answered; ``asked`` names it in errors."""
        response = self._http.request(
            method,
            path,
            params=params,
            json=body,
            headers={"Accept": "application/json", "Intercom-Version": str(version or self.version)},
            extensions={"asked": asked},
        )
        return read_answer(self._service, response)

    def me(self) -> Json:
        """Return the teammate of the token, with the workspace as ``app``."""
        return self.call("GET", "/me", asked="the workspace of the token")

    def admins(self) -> list[Json]:
        """Return all teammates."""
        return self.all_rows("/admins", "admins", asked="the list of teammates")

    def teams(self) -> list[Json]:
        """Return all teams; versions before 1.4 list them among the teammates."""
        if not self.version.has("teams"):
            return []
        return self.all_rows("/teams", "teams", asked="the list of teams")

    def conversation(self, conversation: str) -> Json:
        """Return one conversation with its newest parts, bodies in HTML."""
        return self.call("GET", f"/conversations/{segment(conversation)}", asked="a conversation")

    def reply(self, conversation: str, body: Json, *, asked: str = "a reply") -> Json:
        """Send a body of ``bodies`` into a conversation and return the conversation."""
        return self.call("POST", f"/conversations/{segment(conversation)}/reply", asked=asked, body=body)

    def redact(self, body: Json) -> Json:
        """Redact a part for good and return the conversation."""
        return self.call("POST", "/conversations/redact", asked="the erasure of a part", body=body)

    def tags(self) -> list[Json]:
        """Return all tags; the key of the list changed with 2.0."""
        return self.all_rows("/tags", "data", "tags", asked="the list of tags")

    def find_tag(self, name: str) -> str | None:
        """Return the id of the tag with this name, or None."""
        if tag_key(name) not in self._tags:
            self._tags = self._read_tags()
        if tag_key(name) not in self._tags:  # a list that was kept may be older than the tag
            self.forget_kept_tags()
        return self._tags.get(tag_key(name))

    def forget_kept_tags(self) -> bool:
        """Ask for the tags again if those known were kept from before; tell whether they were."""
        kept = _TAGS in self.lists.recalled
        if kept:
            self._tags = self._read_tags(fresh=True)
        return kept

    def _read_tags(self, *, fresh: bool = False) -> dict[str, str]:
        rows = self.lists.optional(_TAGS, self.tags, fresh=fresh)
        asked = "the list of tags"
        return {tag_key(str(row.get("name", ""))): self.key(row, asked=asked) for row in rows}

    def find_or_create_tag(self, name: str) -> str:
        """Return the id of the tag with this name, which is created when missing."""
        found = self.find_tag(name)
        if found is None:
            asked = "the creation of a tag"
            made = self.call("POST", "/tags", asked=asked, body={"name": name})
            found = self._tags[tag_key(name)] = self.key(made, asked=asked, read=False)
        return found

    def tag(self, conversation: str, tag: str, *, actor: str, version: Version | None = None) -> None:
        """Put a tag on a conversation."""
        self.call(
            "POST",
            f"/conversations/{segment(conversation)}/tags",
            asked="the adding of a tag",
            body={"id": tag, "admin_id": actor},
            version=version,
        )

    def untag(self, conversation: str, tag: str, *, actor: str, version: Version | None = None) -> None:
        """Take a tag off a conversation."""
        self.call(
            "DELETE",
            f"/conversations/{segment(conversation)}/tags/{segment(tag)}",
            asked="the removal of a tag",
            body={"admin_id": actor},
            version=version,
        )

    def delete_conversation(self, conversation: str) -> None:
        """Delete a conversation for good."""
        self.call("DELETE", f"/conversations/{segment(conversation)}", asked="the deletion of a conversation")

    def contact(self, contact: str) -> Json:
        """Return the record of a contact; Gone when there is none."""
        return self.call("GET", f"/contacts/{segment(contact)}", asked="a contact")

    def delete_contact(self, contact: str) -> None:
        """Delete a contact for good."""
        self.call("DELETE", f"/contacts/{segment(contact)}", asked="the deletion of a contact")

    def all_rows(self, path: str, *keys: str, asked: str) -> list[Json]:
        """Return the rows of a list that comes whole as far as anybody says; further pages are followed."""

        def page(cursor: Cursor | None) -> Page[Cursor]:
            params = None if cursor is None else dict([cursor])
            body = self.call("GET", path, asked=asked, params=params)
            key = next((key for key in keys if key in body), keys[0])
            return Page(tuple(self.rows(body, key, asked=asked)), following(body, cursor))

        return list(self.lists.rows(page))

    def rows(self, body: Json, key: str, *, asked: str) -> list[Json]:
        """Return the rows of a list answer."""
        rows = body.get(key)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.unreadable(asked, f"no {key}")
        return rows

    def listed(self, body: Json, *, asked: str) -> tuple[Json, ...]:
        """Return the conversations of a list answer that have an id."""
        rows = body.get("conversations")
        if not isinstance(rows, list):
            raise self.unreadable(asked, "no conversations")
        return self.lists.told_apart(rows)

    def key(self, row: Json, *, asked: str, read: bool = True) -> str:
        """Return the id of an object that was answered."""
        found = read_optional_id(row.get("id"))
        if found is None:
            raise self.unreadable(asked, "no id", read=read)
        return found

    def close_connections(self) -> None:
        """Close the connections to Intercom."""
        self._http.close()

    def unreadable(self, asked: str, why: str, *, read: bool = True) -> RemoteError:
        """Return the error for an answer that is not what the API promises."""
        return unreadable(Question(self._service, asked, read=read), why)


def _kind_and_id(row: Json) -> str | None:
    """Return what tells rows apart: in 1.x a teammate and a team of one list may share an id."""
    found = read_optional_id(row.get("id"))
    return None if found is None else f"{row.get('type')} {found}"
