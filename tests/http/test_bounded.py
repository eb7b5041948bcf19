"""Bodies that are made to exhaust whoever reads them."""

import json
from decimal import Decimal

import pytest

from connector.http.bounded import MOST_VALUES, parsed


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[" + b"9" * 6000 + b"]",
        b"[" + b"[]," * MOST_VALUES + b"[]]",
        b'{"":' * 100_000,
    ],
)
def test_what_cannot_be_held_is_no_json(body):
    """Nested, endless or swollen: one kind of error, before memory or stack are gone."""
    with pytest.raises(ValueError, match=r".*"):
        parsed(body)


def test_a_number_beyond_all_numbers_is_no_json():
    """Where figures are kept digit by digit, an exponent may be too large for any."""
    with pytest.raises(ValueError, match="no usable JSON"):
        parsed(b"[1e99999999999999999999]", parse_float=Decimal)


def test_an_honest_answer_is_read_as_it_is():
    """A thousand conversations of a thousand parts would fit."""
    honest = {"parts": [{"id": str(n), "body": "yes, of course, [1]"} for n in range(1000)]}

    assert parsed(json.dumps(honest).encode()) == honest
