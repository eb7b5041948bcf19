"""Cuts what the contract tests need out of Intercom's official OpenAPI descriptions, mended by rules.

    python -m tests.contract.kit.vendor DIRECTORY_OF_THE_YAML_FILES

writes `tests/contract/intercom/<version>.json`, every change with its proof in `mends.json`, and a summary
in `README.md`. The YAML files are those of github.com/intercom/Intercom-OpenAPI (MIT),
`descriptions/<version>/`, named `intercom-<version>.yaml`.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import yaml

from tests.contract.kit.mend import KINDS, Widener, each_example, mend_schemas, methods
from tests.contract.kit.translate import translate

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

VERSIONS = ("2.7", "2.11", "2.16")
TARGET = Path(__file__).parents[1] / "intercom"
LICENCE = "LICENSE-Intercom-OpenAPI.md"
COMMIT = "8889625a7b931d8649e18726e7f872ff073520fc"

# What the connector calls and the sandbox serves; the parameters' names differ between versions.
WANTED = """
GET /me
GET /admins
GET /admins/{}
GET /teams
GET /teams/{}
GET /tags
POST /tags
GET /tags/{}
DELETE /tags/{}
GET /contacts
POST /contacts
GET /contacts/{}
PUT /contacts/{}
DELETE /contacts/{}
POST /contacts/search
POST /contacts/merge
GET /contacts/find_by_external_id/{}
POST /contacts/{}/archive
POST /contacts/{}/unarchive
GET /conversations
POST /conversations
POST /conversations/search
POST /conversations/redact
GET /conversations/deleted
GET /conversations/{}
PUT /conversations/{}
DELETE /conversations/{}
POST /conversations/{}/reply
POST /conversations/{}/parts
POST /conversations/{}/merge
POST /conversations/{}/tags
DELETE /conversations/{}/tags/{}
POST /conversations/{}/customers
DELETE /conversations/{}/customers/{}
POST /messages
""".strip().splitlines()


def read(folder: Path, version: str) -> Json:
    """Read one official description."""
    text = (folder / f"intercom-{version}.yaml").read_text("utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    description: Json = yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders
    return description


def vendor(description: Json, version: str) -> tuple[Json, Json]:
    """Return the cut and mended description, and the account of what was changed."""
    _cut(description)
    examples, before = _failing(description)
    mends = mend_schemas(description)
    schemas = _translated(description)
    operations = list(_operations(description))
    widener = Widener(schemas, lambda schema, value: _accepts(schemas, schema, value))
    messages = list(_messages(description, operations))
    for place, schema, value in messages:
        widener.fit(schema, value, place.partition(" (")[0], place)
    after = sum(not _accepts(schemas, schema, value) for _, schema, value in messages)
    mends += widener.mends
    account = {
        "examples": {"all": examples, "failed": before, "fail when mended": after},
        "counts": dict(sorted(Counter(mend.kind for mend in mends).items())),
        "changes": [[mend.kind, mend.where, mend.proof] for mend in sorted(mends)],
    }
    kept = {
        "version": version,
        "source": f"github.com/intercom/Intercom-OpenAPI, descriptions/{version}, commit {COMMIT}, MIT",
        "operations": operations,
        "schemas": {name: schemas[name] for name in sorted(schemas)},
    }
    return kept, account


def nameless(path: str) -> str:
    """Return a path template without the names of its parameters."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _cut(description: Json) -> None:
    """Leave only the wanted operations and the schemas that they reach."""
    paths: Json = {}
    for path, item in description["paths"].items():
        kept = {m: o for m, o in methods(item) if f"{m.upper()} {nameless(path)}" in WANTED}
        if kept:
            paths[path] = kept
    description["paths"] = paths
    everything = description["components"]["schemas"]
    reached: dict[str, Json] = {}
    names = sorted(_references([paths, {"$ref": "#/components/schemas/error"}]))
    while names:
        name = names.pop()
        if name in everything and name not in reached:
            reached[name] = everything[name]
            names += sorted(_references(everything[name]))
    description["components"]["schemas"] = reached


def _references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(_references(inner) for inner in value))
    return set()


def _translated(description: Json) -> Json:
    schemas = description["components"]["schemas"]
    return {name: translate(schema, schemas) for name, schema in schemas.items()}


def _operations(description: Json) -> Iterator[Json]:
    schemas = description["components"]["schemas"]
    for path, item in description["paths"].items():
        for method, operation in methods(item):
            parameters = [p for p in operation.get("parameters", ()) if "$ref" not in p]
            request = (operation.get("requestBody") or {}).get("content", {}).get("application/json")
            yield {
                "method": method.upper(),
                "path": path,
                "parameters": {f"{p['in']} {p['name']}": translate(p["schema"], schemas) for p in parameters},
                "required": [f"{p['in']} {p['name']}" for p in parameters if p.get("required")],
                "request": translate(request["schema"], schemas) if request else None,
                "responses": {
                    status: _answer(response, schemas) for status, response in operation["responses"].items()
                },
            }


def _answer(response: Json, schemas: Json) -> Json:
    """Return the schema of an answer; one without a body has none."""
    media: Json = next(iter((response.get("content") or {}).values()), {})
    return translate(media.get("schema", {}), schemas)


def _messages(description: Json, operations: list[Json]) -> Iterator[tuple[str, Json, object]]:
    """Yield every example message with the translated schema that it ought to fit."""
    found = {(o["method"], o["path"]): o for o in operations}
    for place, media, value in each_example(description):
        method, path, side, _ = place.split(" ", 3)
        operation = found[method, path]
        schema = operation["request"] if side == "request" else operation["responses"].get(side)
        if schema is not None and "schema" in media:
            yield place, schema, value


def _failing(description: Json) -> tuple[int, int]:
    """Count the examples, and those that fail their schema as the description stands."""
    schemas = _open(_translated(description))
    dangling = _references(schemas) - set(schemas)
    schemas |= {name: {} for name in dangling}
    found = list(_messages(description, list(_operations(description))))
    return len(found), sum(not _accepts(schemas, _open(schema), value) for _, schema, value in found)


def _open(value: Any) -> Any:
    """Allow unknown keys, as an OpenAPI description does."""
    if isinstance(value, dict):
        return {k: _open(v) for k, v in value.items() if not (k == "additionalProperties" and v is False)}
    return [_open(item) for item in value] if isinstance(value, list) else value


def _accepts(schemas: Json, schema: Json, value: object) -> bool:
    validator = jsonschema_rs.Draft202012Validator({**schema, "schemas": schemas}, validate_formats=True)
    return validator.is_valid(value)


def files(folder: Path) -> dict[str, str]:
    """Return the text of every file that is vendored, by name."""
    made: dict[str, str] = {LICENCE: (folder / LICENCE).read_text("utf-8")}
    accounts = {}
    for version in VERSIONS:
        kept, accounts[version] = vendor(read(folder, version), version)
        made[f"{version}.json"] = lines(kept)
    made["mends.json"] = json.dumps(accounts, indent=1, ensure_ascii=False) + "\n"
    made["README.md"] = summary(accounts)
    return made


def lines(kept: Json) -> str:
    """Return JSON with one operation or schema a line, so that changes show."""

    def rows(items: list[str]) -> str:
        return ",\n".join(items)

    operations = rows([json.dumps(operation) for operation in kept["operations"]])
    schemas = rows([f"{json.dumps(name)}: {json.dumps(schema)}" for name, schema in kept["schemas"].items()])
    head = json.dumps({"version": kept["version"], "source": kept["source"]})[:-1]
    return f'{head},\n"operations": [\n{operations}\n],\n"schemas": {{\n{schemas}\n}}}}\n'


def summary(accounts: Json) -> str:
    """Return the page that counts and explains the changes."""
    about = [account["examples"] for account in accounts.values()]
    counts = [account["counts"] for account in accounts.values()]
    lines = [
        "# Intercom's description, cut and mended",
        "",
        f"From github.com/intercom/Intercom-OpenAPI at commit `{COMMIT[:12]}` (MIT, see {LICENCE}), by",
        "`python -m tests.contract.kit.vendor`; nothing here is edited by hand. Only the operations that the",
        "connector calls or the sandbox serves are kept. Each change with its proof stands in `mends.json`.",
        "",
        _row("example messages", *accounts),
        _row(*["---"] * (1 + len(accounts))),
        *[_row(label, *[found[label] for found in about]) for label in ("all", "failed", "fail when mended")],
        "",
        _row("change", *accounts, "why"),
        _row(*["---"] * (2 + len(accounts))),
        *[_row(kind, *[found.get(kind, 0) for found in counts], why) for kind, why in KINDS.items()],
    ]
    return "\n".join(lines) + "\n"


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Write the vendored files."""
    TARGET.mkdir(exist_ok=True)
    for name, text in files(Path(sys.argv[1])).items():
        (TARGET / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
