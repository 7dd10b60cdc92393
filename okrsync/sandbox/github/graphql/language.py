"""The query language of GraphQL: text → operations and fragments. What GitHub's API takes and nobody here asks for
(directives, subscriptions, block strings) is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import orjson

_TOKEN = re.compile(
    r"[\s,﻿]+|#[^\n\r]*"
    r"|(?P<punctuation>\.\.\.|[!$&():=@\[\]{|}])|(?P<name>[_A-Za-z]\w*)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")'
)


class SyntaxFault(Exception):
    """A document that cannot be read. ``line`` and ``column`` count from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Enum:
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a selection. ``place`` is its line and column."""

    name: str
    key: str
    arguments: Mapping[str, Any]
    selections: tuple[Selection, ...]
    place: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Fragment:
    """``... on Type {…}``; without a type the fields of the type around it."""

    type: str | None
    selections: tuple[Selection, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """``...name``"""

    name: str


Selection = Field | Fragment | Spread


@dataclass(frozen=True, slots=True)
class Operation:
    kind: str
    name: str | None
    defaults: Mapping[str, Any]
    selections: tuple[Selection, ...]


@dataclass(slots=True)
class Document:
    operations: list[Operation] = field(default_factory=list)
    fragments: dict[str, Fragment] = field(default_factory=dict)


def parse(text: str) -> Document:
    """The document that a text holds; SyntaxFault where it cannot be read."""
    return _Parser(text).document()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._scan())
        self._at = 0

    def _scan(self) -> Iterator[_Token]:
        start = 0
        while start < len(self._text):
            match = _TOKEN.match(self._text, start)
            if match is None:
                self._fail(f"Expected one of SCHEMA, SCALAR, QUERY, actual: {self._text[start]!r}", start)
            if match.lastgroup:
                yield _Token(match.lastgroup, match[0], start)
            start = match.end()
        yield _Token("end", "", len(self._text))

    def _fail(self, message: str, start: int | None = None) -> NoReturn:
        raise SyntaxFault(message, *self._place(self._tokens[self._at].start if start is None else start))

    def _place(self, start: int) -> tuple[int, int]:
        before = self._text[:start]
        return before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1

    # ── tokens ──

    def _peek(self, text: str) -> bool:
        token = self._tokens[self._at]
        return token.kind != "string" and token.text == text

    def _skip(self, text: str) -> bool:
        found = self._peek(text)
        self._at += found
        return found

    def _expect(self, text: str) -> None:
        if not self._skip(text):
            self._fail(f'Expected "{text}", found "{self._tokens[self._at].text or "end of the document"}"')

    def _name(self) -> str:
        token = self._tokens[self._at]
        if token.kind != "name":
            self._fail(f'Expected a name, found "{token.text or "end of the document"}"')
        self._at += 1
        return token.text

    # ── the grammar ──

    def document(self) -> Document:
        found = Document()
        while self._tokens[self._at].kind != "end":
            if self._peek("{"):
                found.operations.append(Operation("query", None, {}, self._selections()))
                continue
            word = self._name()
            if word == "fragment":
                name = self._name()
                self._expect("on")
                found.fragments[name] = Fragment(self._name(), self._selections())
            elif word in ("query", "mutation"):
                named = self._name() if self._tokens[self._at].kind == "name" else None
                found.operations.append(Operation(word, named, self._defaults(), self._selections()))
            else:
                self._fail(f'Expected a definition, found "{word}"')
        return found

    def _defaults(self) -> dict[str, Any]:
        """The variables of an operation with their defaults; one that must be given has none."""
        found: dict[str, Any] = {}
        if self._skip("("):
            while not self._skip(")"):
                self._expect("$")
                name = self._name()
                self._expect(":")
                required = self._type()
                if self._skip("="):
                    found[name] = self._value()
                elif not required:
                    found[name] = None
        return found

    def _type(self) -> bool:
        """Skips a type; whether it is one that forbids null."""
        if self._skip("["):
            self._type()
            self._expect("]")
        else:
            self._name()
        return self._skip("!")

    def _selections(self) -> tuple[Selection, ...]:
        self._expect("{")
        found: list[Selection] = []
        while not self._skip("}"):
            found.append(self._fragment() if self._skip("...") else self._field())
        if not found:
            self._fail("A selection cannot be empty")
        return tuple(found)

    def _fragment(self) -> Selection:
        if self._peek("{"):
            return Fragment(None, self._selections())
        if self._skip("on"):
            return Fragment(self._name(), self._selections())
        return Spread(self._name())

    def _field(self) -> Field:
        place = self._place(self._tokens[self._at].start)
        name = key = self._name()
        if self._skip(":"):
            name = self._name()
        arguments: dict[str, Any] = {}
        if self._skip("("):
            while not self._skip(")"):
                argument = self._name()
                self._expect(":")
                arguments[argument] = self._value()
        return Field(name, key, arguments, self._selections() if self._peek("{") else (), place)

    def _value(self) -> Any:
        token = self._tokens[self._at]
        if self._skip("$"):
            return Variable(self._name())
        if self._skip("["):
            values = []
            while not self._skip("]"):
                values.append(self._value())
            return values
        if self._skip("{"):
            found = {}
            while not self._skip("}"):
                name = self._name()
                self._expect(":")
                found[name] = self._value()
            return found
        self._at += 1
        if token.kind in ("string", "number"):
            return orjson.loads(token.text)
        if token.kind == "name":
            return {"true": True, "false": False, "null": None}.get(token.text, Enum(token.text))
        return self._fail(f'Expected a value, found "{token.text or "end of the document"}"', token.start)
