"""What is wrong with a configuration file, as one sentence and a next step; values are never repeated."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from pydantic import BaseModel

from connector.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_EXPECTED = {
    "int_type": "a whole number",
    "string_type": "text in quotes",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "path_type": "a path in quotes",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}
_TOKEN_HINT = "Tokens are never in this file: put them into DASHLY_TOKEN and INTERCOM_TOKEN."  # noqa: S105


def first_problem(error: ValidationError, path: Path, model: type[BaseModel]) -> ConfigError:
    """Return the error for the first problem; an unknown key comes first, since it explains the others."""
    problems = error.errors(include_url=False)
    unknown = next((found for found in problems if found["type"] == "extra_forbidden"), None)
    if unknown is not None:
        return _unknown_key(unknown, path, model)
    problem = problems[0]
    where = _name(problem["loc"])
    if problem["type"] == "missing":
        return ConfigError(f"{path}: {where} is missing.", hint=f"Add {where} to the file.")
    return ConfigError(f"{path}: {where} must be {_expectation(problem)}.", hint=f"Correct {where}.")


def _unknown_key(problem: ErrorDetails, path: Path, model: type[BaseModel]) -> ConfigError:
    *parents, key = [str(step) for step in problem["loc"]]
    if "token" in key and key != "tag_api_version":
        return ConfigError(f"{path}: {_name(problem['loc'])} is not a known key.", hint=_TOKEN_HINT)
    nearest = get_close_matches(key, _known_keys(model, parents), n=1, cutoff=0.0)
    hint = f"Did you mean {_name([*parents, *nearest])}?" if nearest else ""
    return ConfigError(f"{path}: {_name(problem['loc'])} is not a known key.", hint=hint)


def _known_keys(model: type[BaseModel], parents: Sequence[str]) -> list[str]:
    for parent in parents:
        inner = model.model_fields[parent].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return list(model.model_fields)


def _name(steps: Sequence[str | int]) -> str:
    """Return the place in the words of the file: ``[sync] max_age``, ``[map.admins] 151204``."""
    named = [step for step in steps if isinstance(step, str)]
    if not named:
        return "the file"
    *tables, key = named
    if not tables:
        return f"[{key}]"
    return f"[{'.'.join(tables)}] {key}"


def _expectation(problem: ErrorDetails) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in {"literal_error", "enum"}:
        return f"one of {context['expected']}"
    if kind in {"greater_than_equal", "greater_than"}:
        return f"at least {context['ge']}" if "ge" in context else f"more than {context['gt']}"
    return _EXPECTED.get(kind, "of another kind")
