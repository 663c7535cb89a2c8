"""What of the firmware's source is only for who reads it, and is folded away before it is compiled for a board.

On MicroPython a constant of a module is a row of a table, its name is kept for ever, and each use of it is a look-up.
The firmware names each of its numbers: on a Pico that took 20 kB, and a part of every poll. So

- a constant is written out where it is used, and is gone where nothing asks for it any more. It has a name in capitals,
  is bound once, at the left margin of its module, and is a whole number, a truth or a short text: written so, or
  reckoned from others. In a file that binds its name otherwise as well it is left alone.
- a method that only raises NotImplementedError is left out: it says what a board has to have.

The source keeps all of it, and a board that gets the source does the same, with less memory.
"""

from __future__ import annotations

import ast
import operator
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

SHORT = 9  # characters: so short a text MicroPython keeps only once, wherever it is written
_CAPITALS = re.compile(r"_?[A-Z][A-Z0-9_]*")
_OPERATIONS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.BitOr: operator.or_,
}

Value = int | str


def folded(sources: Mapping[str, str]) -> dict[str, str]:
    """Return these files (path -> source) as they are to be compiled.

    Paths are relative to where imports begin. Whoever imports a constant has to be among the files.
    """
    files = {module_name(path): _File(path, source) for path, source in sources.items()}
    while any(file.learn(files) for file in files.values()):
        pass
    for file in files.values():
        file.write_out()
    asked = {one for name, file in files.items() for one in file.asked(name)}
    return {file.path: file.without(name, asked) for name, file in files.items()}


def module_name(path: str) -> str:
    """Return the name that imports give a file: a.b of a/b.py, a of a/__init__.py."""
    return ".".join(part for part in PurePosixPath(path).with_suffix("").parts if part != "__init__")


class _File(ast.NodeTransformer):
    """One file as a syntax tree, and what its names mean."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self._tree = ast.parse(source, path)
        self._bound = Counter(_bound(self._tree))
        self.constants: dict[str, Value] = {}  # what a name means here: of its own, and imported
        self._own: set[str] = set()
        self._modules: dict[str, _File] = {}  # imported ones, by their names here

    def learn(self, files: Mapping[str, _File]) -> bool:
        """Find what the names of this file mean, as far as the others know by now; return whether that is more."""
        before = len(self.constants) + len(self._modules)
        for node in ast.walk(self._tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._import(alias, self._origin(node), files)
        for statement in self._tree.body:
            for name, node in _assigned(statement):
                value = self._value(node)
                if value is not None and self._bound[name] == 1 and _CAPITALS.fullmatch(name):
                    self.constants[name] = value
                    self._own.add(name)
        return len(self.constants) + len(self._modules) > before

    def _import(self, alias: ast.alias, origin: str, files: Mapping[str, _File]) -> None:
        name = alias.asname or alias.name
        if self._bound[name]:
            return
        if f"{origin}.{alias.name}" in files:
            self._modules[name] = files[f"{origin}.{alias.name}"]
        elif origin in files and alias.name in files[origin].constants:
            self.constants[name] = files[origin].constants[alias.name]

    def _origin(self, node: ast.ImportFrom) -> str:
        """Return the full name of what stands behind `from`."""
        parts = PurePosixPath(self.path).parts
        above = parts[: len(parts) - node.level] if node.level else ()
        return ".".join([*above, *([node.module] if node.module else [])])

    def _value(self, node: ast.expr) -> Value | None:
        """Return what an expression is, if that is known before the program runs, and short."""
        if isinstance(node, ast.Constant) and isinstance(node.value, int):  # a bool is one
            return node.value
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= SHORT:
            return node.value
        if isinstance(node, ast.Name):
            return self.constants.get(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in self._modules:
            return self._modules[node.value.id].constants.get(node.attr)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = self._value(node.operand)
            return -value if isinstance(value, int) else None
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
            left, right = self._value(node.left), self._value(node.right)
            if isinstance(left, int) and isinstance(right, int):
                return int(_OPERATIONS[type(node.op)](left, right))
        return None

    # ---- rewriting: ast.NodeTransformer calls the visit_... ------------------------------------------------------

    def write_out(self) -> None:
        """Put the constants where their names stand, and leave out what is only declared."""
        self.visit(self._tree)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._written(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        written = self._written(node)
        return self.generic_visit(node) if written is node else written

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        node.names = [alias for alias in node.names if (alias.asname or alias.name) not in self.constants]
        return node if node.names else ast.Pass()

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.body = [statement for statement in node.body if not _is_only_declared(statement)] or [ast.Pass()]
        return self.generic_visit(node)

    def _written(self, node: ast.Name | ast.Attribute) -> ast.expr:
        value = self._value(node) if isinstance(node.ctx, ast.Load) else None
        if value is None:
            return node
        if isinstance(value, int) and value < 0:
            return ast.UnaryOp(ast.USub(), ast.Constant(-value))
        return ast.Constant(value)

    def asked(self, its_name: str) -> Iterator[tuple[str, str]]:
        """Yield what this file still looks up when it runs: (module, name), with "" for one that is not known."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                yield its_name, node.id
            elif isinstance(node, ast.Attribute):
                yield "", node.attr
            elif isinstance(node, ast.ImportFrom):
                yield from [(self._origin(node), alias.name) for alias in node.names]

    def without(self, its_name: str, asked: set[tuple[str, str]]) -> str:
        """Return the source, without the constants of its own that nobody asks for."""
        kept = []
        for statement in self._tree.body:
            names = [name for name, _ in _assigned(statement)]
            its_own = bool(names) and self._own.issuperset(names)
            if not its_own or any((module, name) in asked for name in names for module in (its_name, "")):
                kept.append(statement)
        self._tree.body = kept
        return ast.unparse(ast.fix_missing_locations(self._tree)) + "\n"


def _assigned(statement: ast.stmt) -> list[tuple[str, ast.expr]]:
    """Return (name, expression) of `NAME = ...` or `NAME, NAME = ..., ...`; nothing of another statement."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return []
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        names = [one.id for one in target.elts if isinstance(one, ast.Name)]
        return list(zip(names, value.elts, strict=True)) if len(names) == len(target.elts) else []
    return []


def _is_only_declared(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.FunctionDef):
        return False
    body = statement.body[1:] if ast.get_docstring(statement, clean=False) is not None else statement.body
    return [ast.unparse(line) for line in body] == ["raise NotImplementedError"]


def _bound(tree: ast.Module) -> Iterator[str]:
    """Yield each name as often as this file binds it, but for `from ... import`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Import):
            yield from [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
        elif isinstance(node, ast.Global):
            yield from node.names
