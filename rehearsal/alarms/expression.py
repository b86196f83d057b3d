"""The grammar of metric math: an expression read into a tree.

AWS documentation (CloudWatch user guide, "Using math expressions with CloudWatch metrics", "Metric math
syntax and functions"): numbers, ids that begin with a lowercase letter, functions in capitals, texts, arrays
in brackets, `+ - * / ^`, `== != <= >= < >`, `AND &&`, `OR ||`. It states no precedence; this is the usual.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from rehearsal.alarms.errors import Malformed

Node: TypeAlias = "Number | Text | Name | Array | Minus | Binary | Call"


@dataclass(frozen=True, slots=True)
class Number:
    """A scalar."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Name:
    """An id, or one of the words that FILL knows."""

    value: str


@dataclass(frozen=True, slots=True)
class Array:
    """Several series in brackets."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Minus:
    """Something with its sign turned."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Two things and what is between them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]


_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<word>[A-Za-z][A-Za-z0-9_]*)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^<>()\[\],]))"
)
_SAME: Final[Mapping[str, str]] = {"&&": "AND", "||": "OR"}
_LEVELS: Final = (
    frozenset({"OR"}),
    frozenset({"AND"}),
    frozenset({"==", "!=", "<=", ">=", "<", ">"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/"}),
    frozenset({"^"}),
)
_END: Final = ""


def parse(expression: str) -> Node:
    """Read an expression.

    Raises:
        Malformed: it is none.
    """
    parser = _Parser(expression)
    tree = parser.level(0)
    parser.expect(_END)
    return tree


class _Parser:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = _tokens(expression)
        self._at = 0

    def level(self, number: int) -> Node:
        """Read operands and the operators of this level between them, from the left."""
        if number == len(_LEVELS):
            return self._operand()
        tree = self.level(number + 1)
        while (sign := _SAME.get(self._next, self._next)) in _LEVELS[number]:
            self._at += 1
            tree = Binary(sign, tree, self.level(number + 1))
        return tree

    def expect(self, taken: str) -> None:
        """Go past a token that must be next."""
        if self._next != taken:
            raise self._malformed()
        self._at += 1

    @property
    def _next(self) -> str:
        return self._tokens[self._at]

    def _operand(self) -> Node:
        taken = self._next
        self._at += 1
        if taken == "-":
            return Minus(self._operand())
        if taken == "(":
            inside = self.level(0)
            self.expect(")")
            return inside
        if taken == "[":
            return Array(self._items("]"))
        return self._plain(taken)

    def _plain(self, taken: str) -> Node:
        if taken[:1] in {'"', "'"}:
            return Text(taken[1:-1])
        if taken[:1].isdigit() or taken[:1] == ".":
            return Number(float(taken))
        if not taken[:1].isalpha():
            raise self._malformed()
        if self._next == "(":
            self._at += 1
            return Call(taken, self._items(")"))
        return Name(taken)

    def _items(self, end: str) -> tuple[Node, ...]:
        items: list[Node] = []
        while self._next != end:
            items.append(self.level(0))
            if self._next != end:
                self.expect(",")
        self.expect(end)
        return tuple(items)

    def _malformed(self) -> Malformed:
        return Malformed(f"The expression {self._expression!r} cannot be read as metric math.")


def _tokens(expression: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    text = expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Malformed(f"The expression {expression!r} cannot be read as metric math.")
        tokens.append(match.group().strip())
        at = match.end()
    return [*tokens, _END]
