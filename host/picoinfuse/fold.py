"""What of the firmware's source is only for who reads it, and is folded away before it is compiled for a board.

MicroPython keeps each name for ever, once for all files. A constant is also a row in the table of its module, and each
use of it is a look-up. That took 30 kB of a Pico's memory, and a part of every poll. So

- a constant is written out where it is used, and is gone where nothing asks for it any more. It has a name in capitals,
  is bound once, at the left margin of its module, and is a whole number, a truth or a short text: written so, or
  reckoned from others. In a file that binds its name otherwise as well it is left alone.
- a method that only raises NotImplementedError is left out: it says what a board has to have.
- private attributes that only one file knows are called _a, _b, ... in each; functions keep their names, so a traceback
  still says where. Files whose classes derive from each other are left alone.

The source keeps all of it, and a board that gets the source does the same, with less memory.
"""

from __future__ import annotations

import ast
import operator
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from string import ascii_lowercase

SHORT = 9  # characters: so short a text MicroPython keeps only once, wherever it is written
_CAPITALS = re.compile(r"_?[A-Z][A-Z0-9_]*")
_PRIVATE = re.compile(r"_[a-z]")
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
    _shorten([file.tree for file in files.values()])
    asked = {one for name, file in files.items() for one in file.asked(name)}
    return {file.path: file.without(name, asked) for name, file in files.items()}


def module_name(path: str) -> str:
    """Return the name that imports give a file: a.b of a/b.py, a of a/__init__.py."""
    return ".".join(part for part in PurePosixPath(path).with_suffix("").parts if part != "__init__")


class _File(ast.NodeTransformer):
    """One file as a syntax tree, and what its names mean."""

    def __init__(self, path: str, source: str) -> None:
        self.path = path
        self.tree = ast.parse(source, path)
        self._bound = Counter(_bound(self.tree))
        self.constants: dict[str, Value] = {}  # what a name means here: of its own, and imported
        self._own: set[str] = set()
        self._modules: dict[str, _File] = {}  # imported ones, by their names here

    def learn(self, files: Mapping[str, _File]) -> bool:
        """Find what the names of this file mean, as far as the others know by now; return whether that is more."""
        before = len(self.constants) + len(self._modules)
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._import(alias, self._origin(node), files)
        for statement in self.tree.body:
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
        self.visit(self.tree)

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
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                yield its_name, node.id
            elif isinstance(node, ast.Attribute):
                yield "", node.attr
            elif isinstance(node, ast.ImportFrom):
                yield from [(self._origin(node), alias.name) for alias in node.names]

    def without(self, its_name: str, asked: set[tuple[str, str]]) -> str:
        """Return the source, without the constants of its own that nobody asks for."""
        kept = []
        for statement in self.tree.body:
            names = [name for name, _ in _assigned(statement)]
            its_own = bool(names) and self._own.issuperset(names)
            if not its_own or any((module, name) in asked for name in names for module in (its_name, "")):
                kept.append(statement)
        self.tree.body = kept
        return ast.unparse(ast.fix_missing_locations(self.tree)) + "\n"


def _shorten(trees: list[ast.Module]) -> None:
    """Call private attributes that occur in one file only by short names, the same ones in each file."""
    files = Counter(name for tree in trees for name in set(_names(tree)))
    short = ["_" + first + second for first in ("", *ascii_lowercase) for second in ascii_lowercase]
    free = [name for name in short if name not in files]
    for tree in _unrelated(trees):
        attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
        roles = Counter(_names(tree))
        uses = Counter(node.attr for node in attributes)
        bound = {node.attr for node in attributes if isinstance(node.ctx, ast.Store) and _PRIVATE.match(node.attr)}
        mine = sorted(name for name in bound if files[name] == 1 and roles[name] == uses[name])
        new = dict(zip(mine, free, strict=False))
        for node in attributes:
            node.attr = new.get(node.attr, node.attr)


def _unrelated(trees: list[ast.Module]) -> list[ast.Module]:
    """Return the files none of whose classes derives from a class of another file, or is derived from there."""
    classes = [[node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)] for tree in trees]
    theirs = [{one.name for one in its} for its in classes]
    bases = [{name for one in its for base in one.bases for name in _names(base)} for its in classes]
    foreign = [its - own for its, own in zip(bases, theirs, strict=True)]
    asked = set().union(*foreign)
    return [tree for tree, own, its in zip(trees, theirs, foreign, strict=True) if not its and not own & asked]


def _names(tree: ast.AST) -> Iterator[str]:
    """Yield every name in a file, as often as it stands there; a text that could be one too, for getattr."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, (ast.arg, ast.keyword)):
            yield node.arg or ""  # None: `**values`
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield from (node.name, node.asname or "")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


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
