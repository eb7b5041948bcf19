"""What the answers of a probe mean for the connector: lines of the doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.doctor.findings import Finding, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from connector.config.model import Config

CHECK = "probe"
_SWEPT = "raise [sync] sweep if tags matter to you: the sweep finds what changes no time stamp"


def judge(answers: Mapping[str, object] | None, config: Config) -> Iterator[Finding]:
    """Yield when the sides were asked, and every answer that has a consequence."""
    if answers is None:
        yield ok(CHECK, "the sides were not asked yet: connector doctor --probe")
        return
    yield ok(CHECK, f"the sides were asked at {answers.get('at')}")
    yield from _of_dashly(_side(answers, "dashly"))
    yield from _of_intercom(_side(answers, "intercom"), config)


def _side(answers: Mapping[str, object], side: str) -> Mapping[str, object]:
    found = answers.get(side)
    return found if isinstance(found, dict) else {}


def _of_dashly(said: Mapping[str, object]) -> Iterator[Finding]:
    if said.get("external_id_returned") is False:
        told = "Dashly does not show external_id: our copies are recognised by text and time only"
        yield warn(CHECK, told, "back up the state file often: recover finds less without the markers")
    if said.get("tag_moves_last_update") is False:
        yield warn(CHECK, "tags on Dashly do not move last_update", _SWEPT)
    if said.get("text_escaped") is True:
        told = "Dashly keeps < and & of our texts escaped"
        yield warn(CHECK, told, "nothing: agents see &lt; where customers wrote <")


def _of_intercom(said: Mapping[str, object], config: Config) -> Iterator[Finding]:
    # Answers of another version may be wrong for this one: Intercom changes by version.
    if said.get("api_version") != config.intercom.api_version:
        told = f"Intercom was asked in version {said.get('api_version')}"
        yield warn(
            CHECK, told, f"ask again in version {config.intercom.api_version}: connector doctor --probe"
        )
    if said.get("back_dating") is False:
        told = "Intercom ignores created_at: copies of old messages show the time of copying"
        yield warn(CHECK, told, 'consider [history] to_intercom = "transcript"')
    if said.get("tag_moves_updated_at") is False:
        yield warn(CHECK, "tags on Intercom do not move updated_at", _SWEPT)
    yield from _search(said, config.sync.overlap)


def _search(said: Mapping[str, object], overlap: float) -> Iterator[Finding]:
    if "search_delay" not in said:
        return
    delay = said["search_delay"]
    if not isinstance(delay, int):
        told = "Intercom's search did not show a change within a minute"
        yield warn(CHECK, told, "raise [sync] overlap to 30m or more, and ask again")
    # Changes that a search shows later than the overlap reaches back are never listed.
    elif delay > overlap:
        told = f"Intercom's search shows a change after {delay} s, later than the overlap of {overlap:.0f} s"
        yield warn(CHECK, told, f"set [sync] overlap to {4 * delay}s or more")
