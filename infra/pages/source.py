"""What a module's source says about its classes: names, types, defaults and the text below each field.

Read with `ast`, since Python forgets the docstrings of fields and of enumerations' values.
"""

import ast
import inspect
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A field of a dataclass, or a value of an enumeration."""

    name: str
    """Its name."""
    kind: str | None
    """Its type as the source writes it; none for an enumeration's value."""
    value: str | None
    """Its default, or the enumeration's value, as the source writes it; none when there is no default."""
    meaning: str
    """Its docstring in one line; empty when there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A class."""

    name: str
    """Its name."""
    meaning: str
    """Its docstring."""
    enumeration: bool
    """Whether its members are values rather than fields."""
    members: tuple[Member, ...]
    """Its fields or values, in order."""


def described(path: Path) -> dict[str, Described]:
    """Return the classes of a module by their names, in order."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: _class(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _class(node: ast.ClassDef) -> Described:
    members = (_member(statement, below) for statement, below in pairwise([*node.body, ast.Pass()]))
    return Described(
        name=node.name,
        meaning=ast.get_docstring(node) or "",
        enumeration=any(ast.unparse(base).endswith("Enum") for base in node.bases),
        members=tuple(member for member in members if member),
    )


def _member(statement: ast.stmt, below: ast.stmt) -> Member | None:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
            default = None if value is None else _default(value)
            return Member(name=name, kind=ast.unparse(annotation), value=default, meaning=_text(below))
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            return Member(name=name, kind=None, value=_default(value), meaning=_text(below))
        case _:
            return None


def _default(value: ast.expr) -> str:
    """Return a default as one would write it when calling; a factory as the call that it makes."""
    match value:
        case ast.Call(
            func=ast.Name(id="field"), keywords=[ast.keyword(arg="default_factory", value=factory)]
        ):
            return f"{ast.unparse(factory)}()"
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return f"{number:_}" if number >= 10_000 else str(number)  # noqa: PLR2004 - as the source does
        case _:
            return ast.unparse(value)


def _text(below: ast.stmt) -> str:
    match below:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return " ".join(inspect.cleandoc(text).split())
        case _:
            return ""
