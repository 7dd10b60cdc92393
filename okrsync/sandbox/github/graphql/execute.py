"""Runs a document against a schema: fields, aliases, arguments, variables, fragments, ``__typename``.

A schema is a table: type → field → (type of what it gives, resolver). Fields that the table does not have are refused
before anything runs, as GitHub does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from okrsync.sandbox.github.graphql.cost import MOST_NODES, Price, priced
from okrsync.sandbox.github.graphql.introspection import described
from okrsync.sandbox.github.graphql.language import (
    Document,
    Enum,
    Field,
    Fragment,
    Operation,
    Selection,
    Spread,
    Variable,
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """How a field finds its value, and the type of that; None for a scalar.

    ``resolve`` gets the value that has the field and the arguments, where ``rooted`` the root as well. ``words`` are
    the enumerations that arguments take: argument → name of the enumeration. Where a field that is ``required`` has no
    value, what holds the field has none either.
    """

    resolve: Callable[..., Any]
    type: str | None = None
    rooted: bool = False
    required: bool = False
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schema:
    """``abstract`` types with the concrete ones that each may be; ``type_of`` gives the concrete type of a value;
    ``words`` are the members of enumerations."""

    types: Mapping[str, Mapping[str, Kind]]
    abstract: Mapping[str, frozenset[str]]
    type_of: Callable[[Any], str]
    words: Mapping[str, frozenset[str]] = field(default_factory=dict)


class Problem(Exception):
    """Why a field is null. ``type`` is GitHub's word for it."""

    def __init__(self, type: str, message: str) -> None:  # noqa: A002
        super().__init__(message)
        self.type = type


class _NoValue(Exception):
    """A required field is null: so is what holds it."""


def run(
    schema: Schema,
    document: Document,
    variables: Mapping[str, Any],
    name: str | None,
    root_of: Callable[[Price], Any],
) -> Json:
    """The whole answer: data, errors, or both. ``root_of`` gives the root of a query that costs so much."""
    chosen = [one for one in document.operations if name in (None, one.name)]
    if len(chosen) != 1:
        return {"errors": [{"message": "An operation name is required" if chosen else f'No operation named "{name}"'}]}
    run_ = _Run(schema, document, chosen[0], variables)
    if run_.errors:
        return {"errors": run_.errors}
    price = priced(chosen[0].selections, document.fragments, run_.filled)
    if price.nodes > MOST_NODES:
        words = f"This query requests up to {price.nodes:,} possible nodes which exceeds the maximum limit of "
        return {"errors": [{"type": "MAX_NODE_LIMIT_EXCEEDED", "message": f"{words}{MOST_NODES:,}."}]}
    return run_.answer(root_of(price))


class _Run:
    def __init__(self, schema: Schema, document: Document, operation: Operation, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._fragments = document.fragments
        self._operation = operation
        self._variables = {**operation.defaults, **variables}
        self._root: Any = None
        self.errors: list[Json] = []
        if operation.kind != "query":
            self.errors.append({"message": "the sandbox runs no mutations"})
            return
        self._check("Query", operation.selections, ("query",))

    # ── before ──

    def _check(self, type_: str, selections: Sequence[Selection], path: tuple[str, ...]) -> None:
        """Every field must be one of its type; every fragment must be there."""
        for one in selections:
            if isinstance(one, Field):
                self._check_field(type_, one, (*path, one.key))
            elif (fragment := self._fragment(one)) is None:
                self.errors.append({"message": f"Fragment {_named(one)} was used, but not defined", "path": path})
            elif fragment.type and fragment.type not in self._schema.types:
                words = f"No such type {fragment.type}, so it can't be a fragment condition"
                code = {"code": "undefinedType", "typeName": fragment.type}
                self.errors.append({"message": words, "path": list(path), "extensions": code})
            else:
                self._check(fragment.type or type_, fragment.selections, path)

    def _check_field(self, type_: str, one: Field, path: tuple[str, ...]) -> None:
        if one.name == "__typename" or (one.name, type_) == ("__type", "Query"):
            return
        kind = self._schema.types[type_].get(one.name)
        if kind is None:
            self._refuse(one, path, "undefinedField", f"Field '{one.name}' doesn't exist on type '{type_}'")
        elif kind.type is None and one.selections:
            self._refuse(one, path, "selectionMismatch", f"Selections can't be made on scalars (field '{one.name}')")
        elif kind.type is not None and not one.selections:
            message = f"Field must have selections (field '{one.name}' returns {kind.type} but has no selections)"
            self._refuse(one, path, "selectionMismatch", message)
        elif kind.type is not None:
            self._check(kind.type, one.selections, path)
        missing = [variable for variable in _variables(one.arguments) if variable not in self._variables]
        for variable in missing:
            self._refuse(one, path, "variableNotDefined", f"Variable ${variable} was not provided")
        if kind is not None and not missing:
            self._check_words(kind, one, path)

    def _check_words(self, kind: Kind, one: Field, path: tuple[str, ...]) -> None:
        """What an argument takes from an enumeration must be one of its words."""
        for name, enumeration in kind.words.items():
            given = self.filled(one.arguments.get(name)) or []
            given = given if isinstance(given, list) else [given]
            if not set(given) <= self._schema.words[enumeration]:
                words = f"Argument '{name}' on Field '{one.name}' has an invalid value ([{', '.join(given)}])."
                self._refuse(one, path, "argumentLiteralsIncompatible", f"{words} Expected type '[{enumeration}!]'.")

    def _refuse(self, one: Field, path: tuple[str, ...], code: str, message: str) -> None:
        line, column = one.place
        self.errors.append(
            {
                "path": list(path),
                "extensions": {"code": code, "fieldName": one.name},
                "locations": [{"line": line, "column": column}],
                "message": message,
            }
        )

    def _fragment(self, one: Fragment | Spread) -> Fragment | None:
        return self._fragments.get(one.name) if isinstance(one, Spread) else one

    # ── run ──

    def answer(self, root: Any) -> Json:
        self._root = root
        data = self._select("Query", root, self._operation.selections, ())
        return {"data": data, "errors": self.errors} if self.errors else {"data": data}

    def _select(self, type_: str, value: Any, selections: Sequence[Selection], path: tuple[str | int, ...]) -> Json:
        fields = self._collect(type_, selections, {})
        return {key: self._value(type_, value, one, (*path, key)) for key, one in fields.items()}

    def _collect(self, type_: str, selections: Sequence[Selection], found: dict[str, Field]) -> dict[str, Field]:
        """The fields of a concrete type by their keys; what is asked twice is asked once, for both its selections."""
        for one in selections:
            if isinstance(one, Field):
                known = found.get(one.key)
                found[one.key] = replace(known, selections=known.selections + one.selections) if known else one
                continue
            fragment = self._fragment(one)
            assert fragment is not None  # checked before
            wanted = fragment.type or type_
            if wanted == type_ or type_ in self._schema.abstract.get(wanted, ()):
                self._collect(type_, fragment.selections, found)
        return found

    def _value(self, type_: str, value: Any, one: Field, path: tuple[str | int, ...]) -> Any:
        if one.name == "__typename":
            return type_
        if one.name == "__type":
            return described(self._schema, str(self.filled(one.arguments).get("name")), one.selections)
        kind = self._schema.types[type_][one.name]
        try:
            arguments = self.filled(one.arguments)
            result = kind.resolve(value, arguments, self._root) if kind.rooted else kind.resolve(value, arguments)
        except Problem as problem:
            self._report(one, path, problem)
            if kind.required:
                raise _NoValue from None
            return None
        return self._complete(kind, result, one, path)

    def _complete(self, kind: Kind, result: Any, one: Field, path: tuple[str | int, ...]) -> Any:
        if isinstance(result, Problem):
            self._report(one, path, result)
            return None
        if kind.type is None or result is None:
            return result
        if isinstance(result, list):
            return [self._complete(kind, entry, one, (*path, place)) for place, entry in enumerate(result)]
        concrete = self._schema.type_of(result) if kind.type in self._schema.abstract else kind.type
        try:
            return self._select(concrete, result, one.selections, path)
        except _NoValue:
            if kind.required:
                raise
            return None

    def _report(self, one: Field, path: tuple[str | int, ...], problem: Problem) -> None:
        line, column = one.place
        self.errors.append(
            {
                "type": problem.type,
                "path": list(path),
                "locations": [{"line": line, "column": column}],
                "message": str(problem),
            }
        )

    def filled(self, value: Any) -> Any:
        """Arguments with the values of their variables; enumerations as their names."""
        if isinstance(value, Variable):
            return self.filled(self._variables[value.name])
        if isinstance(value, Enum):
            return value.name
        if isinstance(value, list):
            return [self.filled(entry) for entry in value]
        if isinstance(value, Mapping):
            return {name: self.filled(entry) for name, entry in value.items()}
        return value


def _named(one: Fragment | Spread) -> str:
    return one.name if isinstance(one, Spread) else str(one.type)


def _variables(value: Any) -> list[str]:
    """The names of the variables inside arguments."""
    if isinstance(value, Variable):
        return [value.name]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [name for entry in value for name in _variables(entry)] if isinstance(value, list) else []
