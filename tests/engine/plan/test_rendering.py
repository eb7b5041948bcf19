"""What a part says on the other side."""

from __future__ import annotations

from typing import Any

import pytest

from connector.engine.plan.actions import Form
from connector.engine.plan.planner import plan
from mappings.model import ChannelChanged, Side
from tests.engine.plan.plans import conversation, posts

D, IC = Side.DASHLY, Side.INTERCOM


@pytest.mark.parametrize(
    ("channel", "words"), [("3012", "Moved to channel 3012"), (None, "out of its channel")]
)
def test_an_unmapped_channel_is_told(make: Any, channel: str | None, words: str) -> None:
    """A channel that stands for no team is a line for agents."""
    part = make.part(D, 1, ChannelChanged(channel), by=make.agent)

    (post,) = posts(plan(conversation(make, part), make.policy()))

    assert post.form is Form.NOTE
    assert words in post.text
