"""Which parts of two conversations are copies of each other, from markers and fingerprints alone.

Used when the state file is rebuilt, when two conversations are linked by hand, and for parts that the state
does not know. A part that cannot be matched and is older than a matched one is left out for good, with its
reason, rather than copied twice.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from connector.engine.plan.recognition.changes import by_changes, by_known_changes, by_told_edits
from connector.engine.plan.recognition.matches import Matching
from connector.engine.plan.recognition.passes import (
    by_app,
    by_fingerprint,
    by_heading,
    by_marker,
    by_opening_line,
    by_place,
    by_sentence,
    leave_out,
    marked_source,
)
from connector.engine.plan.recognition.similarity import Likeness, may_be_answer, may_be_copy, shows_apps
from mappings.model import AuthorKind, Side

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connector.engine.plan.policy import Policy
    from mappings.model import Conversation, Part, Seconds
    from state.records import LedgerRow


def match_conversations(
    views: Mapping[Side, Conversation], origin: Side, policy: Policy, *, tolerance: Seconds = 0.0
) -> Matching:
    """Match the parts of two conversations; ``tolerance`` allows copies that other hands made later.

    The passes go from proof to guess, and each sees only what the earlier ones left.
    """
    found = Matching()
    dashly, intercom = views[Side.DASHLY].parts, views[Side.INTERCOM].parts
    # 1. The opening line copies nothing, but two openings count as near whatever their times: take it out.
    by_opening_line(found, views[origin.other].parts)
    # 2. A marker is proof, so it comes before everything that only resembles.
    by_marker(found, dashly, {part.id: part for part in intercom}, policy.own_marker)
    # 3. A transcript covers whatever is older than itself. No later pass may pair one of those parts with an
    #    equal text that a person typed later.
    by_heading(found, dashly, intercom)
    by_sentence(found, intercom)
    # 4. Words, time and voice: the origin's parts first, since nearly all copies are theirs.
    copies = {Side.INTERCOM: intercom, Side.DASHLY: _unmarked_copies(dashly, policy.own_marker)}
    for source in (origin, origin.other):
        by_fingerprint(found, views[source].parts, copies[source.other], Likeness(policy, tolerance))
    # Copies by other tools have neither our second nor our app.
    if not tolerance:
        # 5. Time and voice alone, for words that were edited since: only where the same words claim nothing.
        by_place(found, dashly, intercom, policy)
    # 6. What has a mark of neither kind, but a note says that it was edited: only we write such notes.
    by_told_edits(found, dashly, intercom, policy)
    if not tolerance:
        # 7. What our app wrote and nothing explains: our app is known by what was found to be ours before.
        by_app(found, intercom, _codes(found, intercom))
    # 8. What people have since done to the parts that were found must not count as carried.
    by_changes(found, dashly, intercom, policy)
    by_changes(found, intercom, dashly, policy)
    # 9. The verdict on the rest needs the newest explained part of each side, so it comes last.
    apps_shown = shows_apps(intercom, policy)
    answers = tuple(part for part in views[origin.other].parts if not found.is_ours(part))
    may_be_ours: dict[Side, Callable[[Part], bool]] = {
        origin: partial(may_be_answer, answers=answers, policy=policy, apps_shown=apps_shown),
        origin.other: partial(
            may_be_copy, sources=views[origin].parts, seconds=(), policy=policy, apps_shown=apps_shown
        ),
    }
    for side in Side:
        leave_out(found, views[side].parts, may_be_ours[side])
    return found


def match_news(
    news: Mapping[Side, tuple[Part, ...]],
    all_parts: Mapping[Side, tuple[Part, ...]],
    changed: Mapping[Side, Iterable[tuple[Part, LedgerRow]]],
    policy: Policy,
) -> Matching:
    """Match new parts that surely are copies of each other, though the state does not know it.

    A marker is proof, and so is Intercom's word that an app wrote the copy. While the state is in doubt, the
    same words by the same person in the same second are enough, or at any later time where a copy has that
    of the copying. ``changed`` are known parts that were removed or have other words.
    """
    found = Matching()
    dashly, intercom = news[Side.DASHLY], news[Side.INTERCOM]
    by_marker(found, dashly, {part.id: part for part in all_parts.get(Side.INTERCOM, ())}, policy.own_marker)
    written_by_app = tuple(part for part in intercom if _is_by_our_app(part, policy))
    doubtful = tuple(part for part in intercom if part.created < policy.trusted_from)
    perhaps_ours = tuple(p for p in intercom if _is_by_our_app(p, policy) or p.created < policy.trusted_from)
    by_fingerprint(found, dashly, written_by_app, Likeness(policy, same_voice=True))
    by_fingerprint(found, dashly, doubtful, Likeness(policy, same_voice=True, any_later=True))
    by_heading(found, dashly, written_by_app)
    by_sentence(found, perhaps_ours)
    by_place(found, dashly, perhaps_ours, policy)
    by_told_edits(found, dashly, perhaps_ours, policy)
    by_app(found, intercom, {policy.app_code} if policy.app_code else set())
    by_changes(found, all_parts.get(Side.DASHLY, ()), intercom, policy)
    by_changes(found, all_parts.get(Side.INTERCOM, ()), dashly, policy)
    by_known_changes(found, changed[Side.DASHLY], perhaps_ours, policy)
    by_known_changes(found, changed[Side.INTERCOM], dashly, policy)
    return found


def _codes(found: Matching, intercom: Iterable[Part]) -> set[str]:
    """Return how Intercom marks what our token wrote, from the agents' parts that were found to be ours."""
    ours = (part for part in intercom if found.is_ours(part) and part.author.kind is not AuthorKind.CUSTOMER)
    return {part.app_code for part in ours if part.app_code is not None}


def _unmarked_copies(dashly: tuple[Part, ...], own_marker: str) -> tuple[Part, ...]:
    """Return the Dashly parts that may be ours without a marker: the opening, and all where none is shown."""
    marked = any(marked_source(part, own_marker) for part in dashly)
    return tuple(p for p in dashly if p.opening or (not marked and p.by_api is not False))


def _is_by_our_app(part: Part, policy: Policy) -> bool:
    """Tell whether Intercom says that our app wrote a part, or at least that some app did."""
    if part.app_code is None:
        return False
    return policy.app_code is None or part.app_code == policy.app_code
