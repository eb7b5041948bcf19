"""The count of what one reply passes."""

from __future__ import annotations

from tests.meta.follow_reply import follow


def test_a_reply_is_followed_from_its_conversation_to_the_wire() -> None:
    """Planning and writing are on the way, the polls before it and the emulators are not."""
    followed = follow()

    whole, path = followed.whole.modules, followed.path.modules
    assert path < whole
    assert {"connector/engine/plan/planner.py", "connector/engine/write/protocol.py"} <= path
    assert "connector/engine/sync/poll.py" in whole - path
    assert not [module for module in whole if "sandbox" in module]
