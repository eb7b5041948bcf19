"""The address of a conversation, where one is known."""

from __future__ import annotations

import pytest

from connector.app.links import NO_LINKS, Links
from mappings.model import Side

IDS = {Side.DASHLY: "238", Side.INTERCOM: "215"}


def test_intercom_has_an_address_for_each_conversation() -> None:
    """By the workspace and the conversation; Dashly's is in no document, so none is made up."""
    links = Links("app.eu.intercom.com", "ab12cd")

    assert links.of(IDS) == {
        "dashly": None,
        "intercom": "https://app.eu.intercom.com/a/inbox/ab12cd/inbox/conversation/215",
    }


@pytest.mark.parametrize("links", [NO_LINKS, Links(None, "ab12cd"), Links("app.intercom.com", None)])
def test_what_is_not_known_gives_no_address(links: Links) -> None:
    """Neither of an emulator nor before `init`."""
    assert links.of(IDS)["intercom"] is None


def test_a_conversation_without_a_copy_has_no_address_there() -> None:
    """Nothing leads to nowhere."""
    assert Links("app.intercom.com", "ab12cd").of({Side.DASHLY: "238"})["intercom"] is None
