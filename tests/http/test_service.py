"""Ids that a stranger chose as a part of a path."""

import httpx
from hypothesis import example, given
from hypothesis import strategies as st

from connector.errors import Rejected
from connector.http.service import segment


@given(st.text("ab./\\%?#:@ \x00\n\ud800é", min_size=1, max_size=12))
@example("..")
@example("../../conversations")
@example("..\\..\\users")
@example("5?by_user_id=true#")
def test_an_id_is_one_segment_or_nothing(text):
    """No id leads to another call: not for us, and not for a server that takes dots and slashes literally."""
    try:
        path = httpx.URL(f"https://api.test/v2/users/{segment(text)}/conversations").raw_path.decode()
    except Rejected:
        assert {".", ".."} & set(text.replace("\\", "/").split("/"))
        return
    assert path.startswith("/v2/users/")
    assert path.endswith("/conversations")
    assert path.count("/") == 4
    assert "?" not in path
