"""JQL evaluated: a syntax tree and a site to a test of issues and an order."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from okrsync.sandbox.jira import dates
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.derive import CATEGORIES
from okrsync.sandbox.jira.issue import Issue, millis
from okrsync.sandbox.jira.jql import And, Clause, Empty, Function, JqlError, Node, Not, Or, Query, Sort, Value
from okrsync.sandbox.jira.site import Site

Test: TypeAlias = Callable[[Issue], bool]
Reader: TypeAlias = Callable[[Issue], Collection[str]]

_KEY_FIELDS = frozenset({"key", "issuekey", "issue", "id"})
_DATES = {
    "updated": "updated",
    "updateddate": "updated",
    "created": "created",
    "createddate": "created",
    "resolutiondate": "resolutiondate",
    "resolved": "resolutiondate",
    "due": "duedate",
    "duedate": "duedate",
}
_ALIASES = {"type": "issuetype", "fixversion": "fixVersions", "component": "components"}
_PLAIN = frozenset({"assignee", "reporter", "creator", "priority", "fixversion", "component"})
_CUSTOM = re.compile(r"cf\[(\d+)\]", re.IGNORECASE)
_EQUALITY = frozenset({"=", "!=", "in", "not in", "is", "is not"})
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
_OPPOSITE = {
    "=": "!=",
    "!=": "=",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "~": "!~",
    "!~": "~",
}


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom and when a query is evaluated."""

    site: Site
    account: Account
    now: datetime

    def sees(self, found: Issue | None) -> bool:
        return found is not None and self.site.sees(self.account, found)


def test(node: Node, asker: Asker) -> Test:
    """The test that a tree describes; JqlError where a field, value or operator is none of this site."""
    match node:
        case And(parts):
            tests = [test(part, asker) for part in parts]
            if len(tests) == 2:
                first, second = tests
                return lambda issue: first(issue) and second(issue)
            return lambda issue: all(check(issue) for check in tests)
        case Or(parts):
            tests = [test(part, asker) for part in parts]
            return lambda issue: any(check(issue) for check in tests)
        case Not(part):
            return test(_negated(part), asker)
        case Clause():
            return _clause(node, asker)


def _negated(node: Node) -> Node:
    """NOT pushed into the operators, as Jira does: ``NOT labels = x`` leaves out issues without labels."""
    match node:
        case And(parts):
            return Or(tuple(_negated(part) for part in parts))
        case Or(parts):
            return And(tuple(_negated(part) for part in parts))
        case Not(part):
            return part
        case Clause(field, operator, operands):
            return Clause(field, _OPPOSITE[operator], operands)


def depends_on_time(node: Node | None) -> bool:
    """Whether the same query may mean something else a moment later."""
    match node:
        case And(parts) | Or(parts):
            return any(depends_on_time(part) for part in parts)
        case Not(part):
            return depends_on_time(part)
        case Clause(_, _, operands):
            return any(
                isinstance(operand, Function) or (isinstance(operand, Value) and dates.relative(operand))
                for operand in operands
            )
    return False


# ── clauses ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _clause(clause: Clause, asker: Asker) -> Test:
    name = clause.field.casefold()
    if name in _DATES:
        return _ordered(clause, _date_reader(_DATES[name]), lambda value: _instant(value, clause, asker))
    if name in _KEY_FIELDS:
        return _key(clause, asker)
    if name == "project":
        return _within(clause, lambda issue: (issue.fields["project"]["id"],), lambda v: _project(v, asker))
    if name == "parent":
        return _within(clause, _parent_ids, lambda v: {_issue_id(v, clause, asker)})
    if name == "labels":
        return _within(
            clause,
            lambda i: [label.casefold() for label in i.fields.get("labels") or ()],
            lambda v: _text(v, asker),
        )
    if name == "status":
        return _within(clause, lambda i: (i.fields["status"]["id"],), lambda v: _named(v, clause, asker.site.statuses))
    if name == "statuscategory":
        return _within(clause, _category, lambda v: _named(v, clause, list(CATEGORIES.values()), result="key"))
    if name in ("issuetype", "type"):
        types = asker.site.issue_types
        return _within(clause, lambda i: (i.fields["issuetype"]["id"],), lambda v: _named(v, clause, types))
    if name == "resolution":
        return _within(clause, _texts_of("resolution"), lambda v: _resolution(v, clause, asker))
    if name in _PLAIN:
        return _within(clause, _texts_of(_ALIASES.get(name, name)), lambda v: _text(v, asker))
    return _custom(clause, asker)


def _within(clause: Clause, read: Reader, known: Callable[[Value | Function], Collection[str]]) -> Test:
    """The test of a field whose values are compared for equality. ``known`` turns an operand into accepted values."""
    if clause.operator not in _EQUALITY:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    wanted: set[str] = set()
    empty = False
    for operand in clause.operands:
        if isinstance(operand, Empty):
            empty = True
        elif clause.operator in ("is", "is not"):
            raise JqlError(_only_empty(clause))
        else:
            accepted = known(operand)
            empty = empty or not accepted
            wanted.update(accepted)
    if clause.operator in ("!=", "not in", "is not"):
        return lambda issue: bool(values := read(issue)) and wanted.isdisjoint(values)
    if not empty:
        return lambda issue: not wanted.isdisjoint(read(issue))
    return lambda issue: not (values := read(issue)) or not wanted.isdisjoint(values)


def _only_empty(clause: Clause) -> str:
    return f"The operator '{clause.operator}' only supports the value EMPTY or NULL for field '{clause.field}'."


def _ordered(clause: Clause, read: Callable[[Issue], Any], known: Callable[[Value | Function], Any]) -> Test:
    """The test of a field whose values can be compared; what has none matches only ``is empty``."""
    operator = clause.operator
    if operator in ("is", "is not") or (operator in ("=", "!=") and clause.operands == (Empty(),)):
        if clause.operands != (Empty(),):
            raise JqlError(_only_empty(clause))
        wants_none = operator in ("is", "=")
        return lambda issue: (read(issue) is None) is wants_none
    bounds = [known(operand) for operand in clause.operands if not isinstance(operand, Empty)]
    if operator in ("in", "not in", "!="):
        outside = operator != "in"
        return lambda issue: (value := read(issue)) is not None and (value in bounds) is not outside
    if operator not in _COMPARISONS or not bounds:
        raise JqlError(f"The operator '{operator}' is not supported by the '{clause.field}' field.")
    compare, bound = _COMPARISONS[operator], bounds[0]
    return lambda issue: (value := read(issue)) is not None and compare(value, bound)


def _date_reader(field: str) -> Callable[[Issue], int | None]:
    if field == "updated":
        return lambda issue: issue.updated_ms
    if field == "created":
        return lambda issue: issue.created_ms
    if field == "duedate":
        return lambda issue: millis(f"{due}T00:00:00Z") if (due := issue.fields.get("duedate")) else None
    return lambda issue: millis(at) if (at := issue.fields.get(field)) else None


def _instant(operand: Value | Function, clause: Clause, asker: Asker) -> int:
    if isinstance(operand, Function):
        if operand.name.casefold() != "now":
            raise JqlError(f"Unable to find JQL function '{operand.name}()'.")
        return round(asker.now.timestamp() * 1000)
    return dates.instant(operand, clause.field, asker.account.zone, asker.now)


def _key(clause: Clause, asker: Asker) -> Test:
    if clause.operator in _EQUALITY:
        return _within(clause, lambda issue: (issue.id,), lambda v: {_issue_id(v, clause, asker)})
    if clause.operator not in _COMPARISONS or len(clause.operands) != 1:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    (operand,) = clause.operands
    bound = asker.site.issues[_issue_id(operand, clause, asker)]
    compare = _COMPARISONS[clause.operator]
    return lambda issue: issue.project_id == bound.project_id and compare(issue.number, bound.number)


def _issue_id(operand: Value | Function | Empty, clause: Clause, asker: Asker) -> str:
    if not isinstance(operand, Value):
        raise JqlError(f"The value given for field '{clause.field}' is not supported.")
    found = asker.site.find(operand.text)
    if found is None or not asker.sees(found):
        if operand.text.isdecimal():
            raise JqlError(f"A value with ID '{operand.text}' does not exist for the field '{clause.field}'.")
        raise JqlError(f"An issue with key '{operand.text}' does not exist for field '{clause.field}'.")
    return found.id


def _project(operand: Value | Function, asker: Asker) -> set[str]:
    text = operand.text if isinstance(operand, Value) else f"{operand.name}()"
    found = asker.site.project(text)
    if found is None or not asker.site.sees_project(asker.account, found):
        if text.isdecimal():
            raise JqlError(f"A value with ID '{text}' does not exist for the field 'project'.")
        raise JqlError(f"The value '{text}' does not exist for the field 'project'.")
    return {found["id"]}


def _named(operand: Value | Function, clause: Clause, known: list[dict[str, Any]], result: str = "id") -> set[str]:
    """Values of ``result`` of every row whose id, key or name is the operand."""
    text = operand.text if isinstance(operand, Value) else f"{operand.name}()"
    wanted = text.casefold()
    found = {
        str(row[result])
        for row in known
        if wanted in (str(row["id"]), str(row.get("key", "")), row.get("name", "").casefold())
    }
    if not found:
        raise JqlError(f"The value '{text}' does not exist for the field '{clause.field}'.")
    return found


def _resolution(operand: Value | Function, clause: Clause, asker: Asker) -> set[str]:
    """Accepted texts; none for the word Unresolved, which stands for an empty resolution."""
    (wanted,) = _text(operand, asker)
    if wanted == "unresolved":
        return set()
    read = _texts_of("resolution")
    if not any(wanted in read(issue) for issue in asker.site.issues.values()):
        text = operand.text if isinstance(operand, Value) else operand.name
        raise JqlError(f"The value '{text}' does not exist for the field '{clause.field}'.")
    return {wanted}


def _text(operand: Value | Function, asker: Asker) -> set[str]:
    if isinstance(operand, Value):
        return {operand.text.casefold()}
    if operand.name.casefold() != "currentuser":
        raise JqlError(f"Unable to find JQL function '{operand.name}()'.")
    return {asker.account.account_id.casefold()}


def _custom(clause: Clause, asker: Asker) -> Test:
    field = _custom_field(clause.field, asker.site)
    if field is None:
        raise JqlError(f"Field '{clause.field}' does not exist or you do not have permission to view it.")
    name = field["id"]
    if field.get("schema", {}).get("type") == "number":
        return _ordered(clause, lambda issue: _number(issue.fields.get(name)), lambda v: _number_operand(v, clause))
    return _within(clause, _texts_of(name), lambda v: _text(v, asker))


def _custom_field(name: str, site: Site) -> dict[str, Any] | None:
    if found := _CUSTOM.fullmatch(name):
        return next((field for field in site.fields if field["id"] == f"customfield_{found.group(1)}"), None)
    wanted = name.casefold()
    return next((f for f in site.fields if f.get("custom") and f["name"].casefold() == wanted), None)


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


def _number_operand(operand: Value | Function, clause: Clause) -> float:
    number = _number(operand.text) if isinstance(operand, Value) else None
    if number is None:
        text = operand.text if isinstance(operand, Value) else f"{operand.name}()"
        raise JqlError(f"The value '{text}' for the field '{clause.field}' is invalid: a number is expected.")
    return number


def _parent_ids(issue: Issue) -> Collection[str]:
    parent = issue.fields.get("parent")
    return (parent["id"],) if parent else ()


def _category(issue: Issue) -> Collection[str]:
    return (issue.fields["status"].get("statusCategory", {}).get("key", ""),)


def _texts_of(field: str) -> Reader:
    """Everything by which a value of a field can be named: id, name, value, account, e-mail."""
    parts = ("id", "name", "value", "key", "accountId", "displayName", "emailAddress")

    def texts(value: object) -> list[str]:
        if value is None or value == "":
            return []
        if isinstance(value, list):
            return [text for entry in value for text in texts(entry)]
        if isinstance(value, dict):
            return [str(value[part]).casefold() for part in parts if value.get(part) is not None]
        return [str(value).casefold()]

    return lambda issue: texts(issue.fields.get(field))


# ── order ────────────────────────────────────────────────────────────────────────────────────────────────────────────

SortKey: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Descending:
    """A value that sorts the other way round."""

    value: Any

    def __lt__(self, other: _Descending) -> bool:
        return bool(other.value < self.value)


def order(query: Query, site: Site) -> Callable[[Issue], SortKey]:
    """The sort key of an issue; total, because the id stands last. Dates descend where the query does not say."""
    sorts = query.order or (Sort("created", True),)
    readers = [(_sort_reader(sort, site), _descends(sort)) for sort in sorts]

    def key(issue: Issue) -> SortKey:
        parts: list[Any] = []
        for read, descending in readers:
            value = read(issue)
            entry = (value is None, value if value is not None else 0)
            parts.append(_Descending(entry) if descending else entry)
        parts.append(issue.numeric_id)
        return tuple(parts)

    return key


def plain(key: SortKey) -> list[Any]:
    """A sort key as JSON holds it; :func:`restored` is its inverse."""
    return [list(part.value) if isinstance(part, _Descending) else part for part in key]


def restored(values: list[Any], query: Query) -> SortKey:
    sorts = query.order or (Sort("created", True),)
    parts: list[Any] = []
    for value, sort in zip(values[:-1], sorts, strict=True):
        entry = (bool(value[0]), tuple(value[1]) if isinstance(value[1], list) else value[1])
        parts.append(_Descending(entry) if _descends(sort) else entry)
    return (*parts, int(values[-1]))


def _descends(sort: Sort) -> bool:
    return sort.field.casefold() in _DATES if sort.descending is None else sort.descending


def _sort_reader(sort: Sort, site: Site) -> Callable[[Issue], Any]:
    name = sort.field.casefold()
    if name in _DATES:
        return _date_reader(_DATES[name])
    if name == "id":
        return lambda issue: issue.numeric_id
    if name in _KEY_FIELDS:
        return lambda issue: (issue.key.rpartition("-")[0], issue.number)
    if name in ("project", "status", "issuetype", "type", "priority", "assignee", "resolution", "summary"):
        return lambda issue: _shown(issue.fields.get(_ALIASES.get(name, name)))
    field = _custom_field(sort.field, site)
    if field is None:
        raise JqlError(f"Not able to sort using field '{sort.field}'.")
    return lambda issue: _number(issue.fields.get(field["id"]))


def _shown(value: Any) -> str | None:
    """The text by which people know a value."""
    shown = (value.get("name") or value.get("displayName")) if isinstance(value, dict) else value
    return str(shown).casefold() if shown is not None else None
