"""Single-point mutants of a module: each changes one expression or drops one statement."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed place of a source: ``new`` instead of ``old`` from byte ``start`` to ``end``."""

    function: str
    line: int
    start: int
    end: int
    old: str
    new: str

    def applied_to(self, source: str) -> str:
        """Return the source with the change."""
        raw = source.encode()
        return (raw[: self.start] + self.new.encode() + raw[self.end :]).decode()

    def __str__(self) -> str:
        return f"{self.function}: {_short(self.old)} -> {_short(self.new)}"


def mutants(source: str) -> list[Mutant]:
    """Return every mutant of a module; what only tells of types or documents is left alone."""
    starts = _line_starts(source)
    found = []
    for function, node, new in _changes(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        old = source.encode()[start:end].decode()
        found.append(Mutant(function, node.lineno, start, end, old, new))
    return sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.new))


def _changes(tree: ast.Module) -> Iterator[tuple[str, ast.expr | ast.stmt, str]]:
    for name, function in _functions(tree):
        has_docstring = ast.get_docstring(function) is not None
        for statement in function.body[int(has_docstring) :]:
            for node in _evaluated(statement):
                yield from ((name, node, new) for new in _changed(node))


def _functions(node: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of a tree, nested ones too, with their full names."""
    for child in ast.iter_child_nodes(node):
        name = outer
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            name = f"{outer}.{child.name}".lstrip(".")
        if isinstance(child, ast.FunctionDef):
            yield name, child
        yield from _functions(child, name)


def _evaluated(statement: ast.stmt) -> Iterator[ast.expr | ast.stmt]:
    """Yield a statement and what is evaluated in it: neither annotations nor the words of an error."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Raise | ast.FunctionDef | ast.ClassDef | ast.JoinedStr):
            continue
        if isinstance(node, ast.expr | ast.stmt):
            yield node
        annotation = getattr(node, "annotation", None)
        waiting.extend(child for child in ast.iter_child_nodes(node) if child is not annotation)


def _changed(node: ast.expr | ast.stmt) -> Iterator[str]:
    return _other_statements(node) if isinstance(node, ast.stmt) else _other_values(node)


def _other_statements(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Return(value=ast.Constant(value=bool())):
            pass  # the other truth is a mutant of its own, and None is as false as False
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            yield "return None"
        case ast.Expr(value=ast.Call()) | ast.Continue() | ast.Break():
            yield "pass"


def _other_values(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in SWAPPED:
            yield ast.unparse(ast.Compare(node.left, [_swap(operator)], node.comparators))
        case ast.BoolOp():
            yield f"({ast.unparse(ast.BoolOp(_swap(node.op), node.values))})"
        case ast.BinOp(op=ast.Add() | ast.Sub()) if not _is_text(node):
            yield f"({ast.unparse(ast.BinOp(node.left, _swap(node.op), node.right))})"
        case ast.UnaryOp(op=ast.Not()):
            yield f"({ast.unparse(node.operand)})"
        case ast.Constant(value=bool()):
            yield str(not node.value)
        case ast.Constant(value=int() | float() as number):
            yield str(number + 1)
        case ast.IfExp():
            yield f"({ast.unparse(ast.IfExp(node.test, node.orelse, node.body))})"


def _swap(operator: ast.AST) -> Any:
    return SWAPPED[type(operator)]()


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.JoinedStr) or (isinstance(side, ast.Constant) and isinstance(side.value, str))
        for side in (node.left, node.right)
    )


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.encode().splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"{line[:67]}..."
