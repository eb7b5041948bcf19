"""Dashly's endpoints, raw: parameters in, JSON out. Form-encoded, ``/v2`` pinned, ids as text.

Nothing here probes a user with ``by_user_id``, since some of those calls create users: only the list of a
user's conversations creates nobody.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from connector.dashly.answers import next_cursor, read_answer
from connector.host.spool import content
from connector.http.failures import Question, unreadable
from connector.http.lists import Json, Lists, Page
from connector.http.service import segment
from mappings.wire.values import read_fields, read_optional_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from connector.errors import RemoteError
    from connector.helpdesk.port import File
    from connector.http.service import Service

# The most that the API returns at once.
PAGE_SIZE = 50
_IDS_AS_TEXT = {"id_as_string": "true"}

Form = dict[str, str]
Rows = Page[str]
Files = dict[str, tuple[str, bytes, str]]


class DashlyClient:
    """One app of Dashly over HTTP."""

    def __init__(self, http: httpx.Client, service: Service, *, app_id: str) -> None:
        self._http = http
        self._service = service
        self.app_id = app_id
        self.lists = Lists(_key)

    def conversations(
        self, filters: Mapping[str, str], *, position: str | None = None, count: int = PAGE_SIZE
    ) -> Rows:
        """Return a page of the app's conversations, last changed first."""
        params = {"include_not_assigned": "true", "include_channel": "true", **filters}
        path = f"/v2/apps/{_quoted(self.app_id)}/conversations"
        return self._told_apart(
            self._page(path, params, position=position, count=count, asked="the list of conversations")
        )

    def user_conversations(self, user: str, *, by_user_id: bool, position: str | None = None) -> Rows:
        """Return a page of one user's conversations, last changed first."""
        params = {"include_channel": "true"} | ({"by_user_id": "true"} if by_user_id else {})
        path = f"/v2/users/{_quoted(user)}/conversations"
        return self._told_apart(
            self._page(path, params, position=position, asked="the conversations of a user")
        )

    def parts(self, conversation: str, *, position: str | None = None) -> Rows:
        """Return a page of a conversation's parts, newest first."""
        path = f"/v2/conversations/{_quoted(conversation)}/parts"
        return self._page(path, {}, position=position, asked="the parts of a conversation")

    def conversation(self, conversation: str) -> Json:
        """Return one conversation."""
        path = f"/v2/conversations/{_quoted(conversation)}"
        asked = "a conversation"
        data = read_answer(self._service, self._get(path, asked=asked))
        if not isinstance(data, dict):
            raise self.unreadable(asked, "other data than expected")
        return data

    def channels(self) -> list[Json]:
        """Return the app's channels, each with its operators; a list that comes in pages is followed."""
        path = f"/v2/apps/{_quoted(self.app_id)}/channels"
        asked = "the list of channels"

        def page(position: str | None) -> Rows:
            if position is None:
                return self._read_page(self._get(path, asked=asked), asked=asked)
            return self._page(path, {}, position=position, asked=asked)

        return [row for row in self.lists.rows(page) if isinstance(row, dict)]

    def reply(self, conversation: str, form: Form, *, file: File | None = None) -> Json:
        """Send what a form of ``forms`` says into a conversation."""
        files = {"attachment": (file.name, content(file.path), file.content_type)} if file else None
        return self._write("POST", f"{_path(conversation)}/reply", form, asked="a reply", files=files)

    def assign(self, conversation: str, form: Form) -> Json:
        """Assign a conversation; a form without ``admin`` takes it from everybody."""
        return self._write("POST", f"{_path(conversation)}/assign", form, asked="an assignment")

    def close(self, conversation: str, form: Form) -> Json:
        """Close a conversation."""
        return self._write(
            "POST", f"{_path(conversation)}/close", form, asked="the closing of a conversation"
        )

    def add_tag(self, conversation: str, form: Form) -> Json:
        """Put a tag on."""
        return self._write("POST", f"{_path(conversation)}/tag", form, asked="the adding of a tag")

    def remove_tag(self, conversation: str, form: Form) -> Json:
        """Take a tag off."""
        return self._write("DELETE", f"{_path(conversation)}/tag", form, asked="the removal of a tag")

    def start_conversation(self, user: str, form: Form) -> Json:
        """Open a conversation as a user."""
        path = f"/v2/users/{_quoted(user)}/startconversation"
        return self._write("POST", path, form, asked="the start of a conversation")

    def user(self, user: str, *, by_user_id: bool) -> Json:
        """Return a user with the properties of the app's own. An unknown one by ``by_user_id`` is created."""
        params = {"props_custom": "true"} | ({"by_user_id": "true"} if by_user_id else {})
        asked = "a user"
        data = read_answer(
            self._service,
            self._get(f"/v2/users/{_quoted(user)}", asked=asked, params={**params, **_IDS_AS_TEXT}),
        )
        if not isinstance(data, dict):
            raise self.unreadable(asked, "other data than expected")
        return data

    def set_props(self, user: str, form: Form) -> Json:
        """Set properties of a user, who is created when ``by_user_id`` names an unknown one."""
        return self._write("POST", f"/v2/users/{_quoted(user)}/props", form, asked="the properties of a user")

    def _told_apart(self, page: Rows) -> Rows:
        return Page(self.lists.told_apart(page.rows), page.next)

    def _page(
        self, path: str, params: Form, *, position: str | None, asked: str, count: int = PAGE_SIZE
    ) -> Rows:
        paging = {"paginate_count": str(count), "paginate_direction": "before"}
        if position is not None:
            paging["paginate_position"] = position
        return self._read_page(
            self._get(path, asked=asked, params={**params, **paging, **_IDS_AS_TEXT}), asked=asked
        )

    def _read_page(self, response: httpx.Response, *, asked: str) -> Rows:
        rows = read_answer(self._service, response)
        if not isinstance(rows, list):
            raise self.unreadable(asked, "other data than expected")
        try:
            return Page(tuple(rows), next_cursor(response.content))
        except ValueError:
            raise self.unreadable(asked, "a page without a usable cursor") from None

    def _write(self, method: str, path: str, form: Form, *, asked: str, files: Files | None = None) -> Json:
        response = self._http.request(
            method, path, data={**form, **_IDS_AS_TEXT}, files=files, extensions={"asked": asked}
        )
        data = read_answer(self._service, response)
        return data if isinstance(data, dict) else {}

    def _get(self, path: str, *, asked: str, params: Form = _IDS_AS_TEXT) -> httpx.Response:
        return self._http.get(path, params=params, extensions={"asked": asked})

    def close_connections(self) -> None:
        """Close the connections to Dashly."""
        self._http.close()

    def unreadable(self, asked: str, why: str) -> RemoteError:
        """Return the error for an answer to a read that is not what the API promises."""
        return unreadable(Question(self._service, asked, read=True), why)


def as_json(value: object) -> str:
    """Return a list or object parameter in the form that Dashly takes."""
    return json.dumps(value, ensure_ascii=False)


def _key(row: Json) -> str | None:
    return read_optional_id(read_fields(row))


def _quoted(text: str) -> str:
    return segment(text, safe=":@$")


def _path(conversation: str) -> str:
    return f"/v2/conversations/{_quoted(conversation)}"
