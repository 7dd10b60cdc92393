"""JQL: text to a syntax tree, with the words that Jira has for what it cannot read.

The grammar is the part that programs send: clauses, AND, OR, NOT, parentheses, lists, functions, ORDER BY. What a field
means is none of its business (:mod:`okrsync.sandbox.jira.query`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


class JqlError(Exception):
    """A query that Jira refuses; the message is Jira's."""


@dataclass(frozen=True, slots=True)
class Value:
    """One operand as written. ``quoted`` tells ``"5"`` from ``5``."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """``now()``, ``startOfMonth("-1M")``."""

    name: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Empty:
    """``EMPTY`` or ``NULL``."""


Operand: TypeAlias = "Value | Function | Empty"


@dataclass(frozen=True, slots=True)
class Clause:
    """``field operator operands``; the operators are ``= != < > <= >= in not in is is not``."""

    field: str
    operator: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Node: TypeAlias = "Clause | And | Or | Not"


@dataclass(frozen=True, slots=True)
class Sort:
    """One field of ORDER BY; ``descending`` is None where the query leaves it to the field."""

    field: str
    descending: bool | None


@dataclass(frozen=True, slots=True)
class Query:
    where: Node | None
    order: tuple[Sort, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # "word", "string", "operator", "end"
    text: str
    at: int


_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<operator>!=|<=|>=|!~|&&|\|\||[=<>~!&|(),])
      | (?P<word>(?:[^\s"'{}^$%\#@\[\];?*/\\+!=<>~|&(),]|\\.)+(?:\[\d+\])?)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_OPERATORS = "'=', '!=', '<', '>', '<=', '>=', '~', '!~', 'IN', 'NOT IN', 'IS' and 'IS NOT'"
MAX_ORDER = 7


def parse(text: str) -> Query:
    """The tree of a query; JqlError where Jira would refuse its syntax."""
    return _Parser(text).query()


def _unescape(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        escaped = found.group(1)
        return chr(int(escaped[1:], 16)) if len(escaped) == 5 else _PLAIN_ESCAPES.get(escaped, escaped)

    return _ESCAPE.sub(plain, text)


def _tokens(text: str) -> Iterator[_Token]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise JqlError(_unreadable(text, at))
        if found.lastgroup == "string":
            yield _Token("string", _unescape(found.group()[1:-1]), at)
        elif found.lastgroup == "word":
            yield _Token("word", _unescape(found.group()), at)
        elif found.lastgroup == "operator":
            yield _Token("operator", found.group(), at)
        at = found.end()
    yield _Token("end", "", len(text))


def _unreadable(text: str, at: int) -> str:
    character = text[at]
    if character in "\"'":
        return (
            f"Error in the JQL Query: The quoted string '{text[at + 1 :]}' has not been completed. {_where(text, at)}"
        )
    return (
        f"Error in the JQL Query: The character '{character}' is a reserved JQL character. You must enclose it in a "
        f"string or use the escape '\\u{ord(character):04x}' instead. {_where(text, at)}"
    )


def _where(text: str, at: int) -> str:
    before = text[:at]
    return f"(line {before.count(chr(10)) + 1}, character {at - (before.rfind(chr(10)) + 1) + 1})"


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._now
        self._at += token.kind != "end"
        return token

    def _is_word(self, *words: str) -> bool:
        return self._now.kind == "word" and self._now.text.casefold() in words

    def _take_word(self, *words: str) -> bool:
        return bool(self._is_word(*words) and self._next())

    def _take(self, *operators: str) -> bool:
        return bool(self._now.kind == "operator" and self._now.text in operators and self._next())

    def _expect(self, operator: str) -> None:
        if not self._take(operator):
            self._fail(f"Expecting '{operator}'")

    def _fail(self, expected: str) -> None:
        token = self._now
        if token.kind == "end":
            raise JqlError(f"Error in the JQL Query: {expected} before the end of the query.")
        raise JqlError(f"Error in the JQL Query: {expected} but got '{token.text}'. {_where(self._text, token.at)}")

    def query(self) -> Query:
        where = None if self._now.kind == "end" or self._is_word("order") else self._or()
        order: tuple[Sort, ...] = ()
        if self._take_word("order"):
            if not self._take_word("by"):
                self._fail("Expecting 'by'")
            order = self._order()
        if self._now.kind != "end":
            self._fail("Expecting either 'OR' or 'AND'")
        return Query(where, order)

    def _order(self) -> tuple[Sort, ...]:
        found: list[Sort] = []
        while not found or self._take(","):
            if self._now.kind not in ("word", "string"):
                self._fail("Expecting a field name")
            field = self._next().text
            descending = True if self._take_word("desc") else False if self._take_word("asc") else None
            found.append(Sort(field, descending))
        if len(found) > MAX_ORDER:
            raise JqlError(f"The ORDER BY clause can contain a maximum of {MAX_ORDER} fields.")
        return tuple(found)

    def _or(self) -> Node:
        parts = [self._and()]
        while self._take_word("or") or self._take("||", "|"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Node:
        parts = [self._not()]
        while self._take_word("and") or self._take("&&", "&"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _not(self) -> Node:
        if self._take_word("not") or self._take("!"):
            return Not(self._not())
        if self._take("("):
            inner = self._or()
            self._expect(")")
            return inner
        return self._clause()

    def _clause(self) -> Clause:
        if self._now.kind not in ("word", "string"):
            self._fail("Expecting a field name")
        field = self._next().text
        operator = self._operator()
        if operator in ("in", "not in"):
            return Clause(field, operator, self._list())
        return Clause(field, operator, (self._operand(),))

    def _operator(self) -> str:
        if self._now.kind == "operator" and self._now.text in ("=", "!=", "<", ">", "<=", ">=", "~", "!~"):
            return self._next().text
        if self._take_word("in"):
            return "in"
        if self._take_word("is"):
            return "is not" if self._take_word("not") else "is"
        if self._is_word("not"):
            self._next()
            if self._take_word("in"):
                return "not in"
            self._fail("Expecting 'IN'")
        token = self._now
        if token.kind == "end":
            raise JqlError(
                f"Error in the JQL Query: Expecting operator before the end of the query. "
                f"The valid operators are {_OPERATORS}."
            )
        raise JqlError(
            f"Error in the JQL Query: Expecting operator but got '{token.text}'. The valid operators are {_OPERATORS}. "
            f"{_where(self._text, token.at)}"
        )

    def _list(self) -> tuple[Operand, ...]:
        """The operands after IN: a list, or the function that stands for one."""
        if self._now.kind == "word" and self._tokens[self._at + 1].text == "(":
            return (self._operand(),)
        self._expect("(")
        found = [self._operand()]
        while self._take(","):
            found.append(self._operand())
        self._expect(")")
        return tuple(found)

    def _operand(self) -> Operand:
        if self._now.kind == "string":
            return Value(self._next().text, quoted=True)
        if self._now.kind != "word":
            self._fail("Expecting either a value, list or function")
        if self._take_word("empty", "null"):
            return Empty()
        word = self._next().text
        if not self._take("("):
            return Value(word)
        arguments: list[str] = []
        while self._now.kind in ("word", "string"):
            arguments.append(self._next().text)
            if not self._take(","):
                break
        self._expect(")")
        return Function(word, tuple(arguments))
