"""Counts what docs/architecture.md says of the code's shape: `python -m tests.meta.count_code`."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from pathlib import Path
from statistics import median

PACKAGES = ("connector", "state", "mappings")
EMULATORS = "sandbox"


def modules(root: Path) -> list[Path]:
    """Return the product's modules, without the emulators."""
    found = (path for package in PACKAGES for path in sorted((root / package).rglob("*.py")))
    return [path for path in found if EMULATORS not in path.parts]


def comments(text: str) -> int:
    """Return how many comments a module has that address a reader, not a tool."""
    found = (
        t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.COMMENT
    )
    return sum(bool(re.sub(r"#\s*(noqa|type: ignore|pragma)[^-]*-?", "", line).strip(" #")) for line in found)


def literal_comparisons(tree: ast.Module) -> int:
    """Return how many comparisons name a value by a string literal of letters."""
    return sum(
        isinstance(side, ast.Constant) and isinstance(side.value, str) and side.value.isidentifier()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
    )


def calls(tree: ast.Module, name: str) -> int:
    """Return how many calls of a plain function there are."""
    return sum(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(tree)
    )


def text_ids(tree: ast.Module) -> int:
    """Return how many parameters and fields that name an id are plain text."""
    named = re.compile(r"^(conversation|part|person|agent|assignee|actor|customer|id|source)$")
    annotated = [(n.arg, n.annotation) for n in ast.walk(tree) if isinstance(n, ast.arg)]
    annotated += [
        (n.target.id, n.annotation)
        for n in ast.walk(tree)
        if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    ]
    return sum(
        bool(named.match(name)) and note is not None and ast.unparse(note) in {"str", "str | None"}
        for name, note in annotated
    )


def function_lengths(tree: ast.Module) -> list[int]:
    """Return the length of every function in lines."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [(n.end_lineno or n.lineno) - n.lineno + 1 for n in ast.walk(tree) if isinstance(n, kinds)]


def count(root: Path) -> dict[str, object]:
    """Return every number, by its name."""
    paths = modules(root)
    texts = [path.read_text("utf-8") for path in paths]
    trees = [ast.parse(text) for text in texts]
    folders = Counter(path.parent.relative_to(root).as_posix() for path in paths)
    fullest = folders.most_common(3)
    lines = [text.count("\n") for text in texts]
    functions = [length for tree in trees for length in function_lengths(tree)]
    return {
        "modules": len(paths),
        "lines": sum(lines),
        "median lines of a module": int(median(lines)),
        "median lines of a function": int(median(functions)),
        "files in the fullest folders": ", ".join(f"{name} {n}" for name, n in fullest),
        "comments per 100 lines": round(100 * sum(map(comments, texts)) / sum(lines), 1),
        "ids that are plain text": sum(map(text_ids, trees)),
        "getattr calls": sum(calls(tree, "getattr") for tree in trees),
        "comparisons with a literal": sum(map(literal_comparisons, trees)),
        "log events": sum(calls(tree, "event") for tree in trees),
    }


if __name__ == "__main__":
    for name, value in count(Path(sys.argv[1] if sys.argv[1:] else ".")).items():
        sys.stdout.write(f"{name}: {value}\n")
