"""What a customer is to a side, and whether we made them."""

from __future__ import annotations

from enum import StrEnum


class Ours(StrEnum):
    """Whether the connector made a person, and whom they stand for."""

    NO = "no"
    SHADOW = "shadow"
    CONTACT = "contact"
    PROBE = "probe"
    CONNECTOR = "connector"


class Role(StrEnum):
    """What a contact of Intercom is; ``UNKNOWN`` where a conversation does not show it."""

    USER = "user"
    LEAD = "lead"
    UNKNOWN = "contact"
