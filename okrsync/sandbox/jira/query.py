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
from okrsync.sandbox.jira.jql import And, Clause, Empty, Function, JqlError, Node, Not, Or, Value
from okrsync.sandbox.jira.site import SPRINT, Site
from okrsync.sandbox.jira.wiki import wiki

Test: TypeAlias = Callable[[Issue], bool]
Reader: TypeAlias = Callable[[Issue], Collection[str]]

KEY_FIELDS = frozenset({"key", "issuekey", "issue", "id"})
DATES = {
    "updated": "updated",
    "updateddate": "updated",
    "created": "created",
    "createddate": "created",
    "resolutiondate": "resolutiondate",
    "resolved": "resolutiondate",
    "due": "duedate",
    "duedate": "duedate",
}
ALIASES = {"type": "issuetype", "fixversion": "fixVersions", "component": "components"}
_PLAIN = frozenset({"assignee", "reporter", "creator", "priority", "fixversion", "component"})
_TEXTS = {"summary": ("summary",), "description": ("description",), "text": ("summary", "description")}
_OPEN = {"opensprints": "active", "closedsprints": "closed", "futuresprints": "future"}
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
    strict: bool = True

    def unknown(self, message: str) -> str:
        """A value that nothing has, where the query is not to be validated; JqlError with the message otherwise."""
        if self.strict:
            raise JqlError(message)
        return ""

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
    if name in DATES:
        return _ordered(clause, date_reader(DATES[name]), lambda value: _instant(value, clause, asker))
    if name in KEY_FIELDS:
        return _key(clause, asker)
    if name == "project":
        return _within(clause, lambda issue: (issue.fields["project"]["id"],), lambda v: _project(v, asker))
    if name in ("parent", "epic link", "parent link"):
        return _within(clause, _parent_ids, lambda v: {_issue_id(v, clause, asker)})
    if name == "labels":
        return _within(
            clause,
            lambda i: [label.casefold() for label in i.fields.get("labels") or ()],
            lambda v: _text(v, asker),
        )
    if name == "status":
        statuses = asker.site.statuses
        return _within(clause, lambda i: (i.fields["status"]["id"],), lambda v: _named(v, clause, asker, statuses))
    if name == "statuscategory":
        categories = list(CATEGORIES.values())
        return _within(clause, _category, lambda v: _named(v, clause, asker, categories, result="key"))
    if name in ("issuetype", "type"):
        types = asker.site.issue_types
        return _within(clause, lambda i: (i.fields["issuetype"]["id"],), lambda v: _named(v, clause, asker, types))
    if name == "resolution":
        return _within(clause, _texts_of("resolution"), lambda v: _resolution(v, clause, asker))
    if name in _TEXTS:
        return _containing(clause, _TEXTS[name])
    if name in _PLAIN:
        return _within(clause, _texts_of(ALIASES.get(name, name)), lambda v: _text(v, asker))
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


def _containing(clause: Clause, fields: tuple[str, ...]) -> Test:
    """The test of a text that holds every word of the operand, in any case."""
    operand = clause.operands[0]
    if clause.operator not in ("~", "!~") or not isinstance(operand, Value):
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    words, wanted = operand.text.casefold().split(), clause.operator == "~"

    def test(issue: Issue) -> bool:
        held = [value for field in fields if (value := issue.fields.get(field))]
        text = " ".join(wiki(value) if isinstance(value, dict) else value for value in held).casefold()
        return all(word in text for word in words) is wanted

    return test


def date_reader(field: str) -> Callable[[Issue], int | None]:
    if field == "updated":
        return lambda issue: issue.updated_ms
    if field == "created":
        return lambda issue: issue.created_ms
    if field == "duedate":
        return lambda issue: _millis(f"{due}T00:00:00Z") if (due := issue.fields.get("duedate")) else None
    return lambda issue: _millis(at) if (at := issue.fields.get(field)) else None


def _millis(text: str) -> int | None:
    """Epoch milliseconds; None for the dates without sense that an issue may hold."""
    try:
        return millis(text)
    except ValueError:
        return None


def _instant(operand: Value | Function, clause: Clause, asker: Asker) -> int:
    if isinstance(operand, Function):
        found = dates.called(operand, asker.account.zone, asker.now)
        if found is None:
            raise JqlError(f"Unable to find JQL function '{operand.name}()'.")
        return found
    return dates.instant(operand, clause.field, asker.account.zone, asker.now, asker.site.epochs)


def _key(clause: Clause, asker: Asker) -> Test:
    if clause.operator in _EQUALITY:
        return _within(clause, lambda issue: (issue.id,), lambda v: {_issue_id(v, clause, asker)})
    if clause.operator not in _COMPARISONS or len(clause.operands) != 1:
        raise JqlError(f"The operator '{clause.operator}' is not supported by the '{clause.field}' field.")
    (operand,) = clause.operands
    bound = asker.site.issues.get(_issue_id(operand, clause, asker))
    if bound is None:
        return lambda _: False
    compare = _COMPARISONS[clause.operator]
    return lambda issue: issue.project_id == bound.project_id and compare(issue.number, bound.number)


def _issue_id(operand: Value | Function | Empty, clause: Clause, asker: Asker) -> str:
    if not isinstance(operand, Value):
        raise JqlError(f"The value given for field '{clause.field}' is not supported.")
    found = asker.site.find(operand.text)
    if found is None or not asker.sees(found):
        if operand.text.isdecimal():
            return asker.unknown(f"A value with ID '{operand.text}' does not exist for the field '{clause.field}'.")
        return asker.unknown(f"An issue with key '{operand.text}' does not exist for field '{clause.field}'.")
    return found.id


def _project(operand: Value | Function, asker: Asker) -> set[str]:
    text = operand.text if isinstance(operand, Value) else f"{operand.name}()"
    found = asker.site.project(text)
    if found is None or found.get("archived") or not asker.site.sees_project(asker.account, found):
        if text.isdecimal():
            return {asker.unknown(f"A value with ID '{text}' does not exist for the field 'project'.")}
        return {asker.unknown(f"The value '{text}' does not exist for the field 'project'.")}
    return {found["id"]}


def _named(
    operand: Value | Function, clause: Clause, asker: Asker, known: list[dict[str, Any]], result: str = "id"
) -> set[str]:
    """Values of ``result`` of every row whose id, key or name is the operand."""
    text = operand.text if isinstance(operand, Value) else f"{operand.name}()"
    wanted = text.casefold()
    found = {
        str(row[result])
        for row in known
        if wanted in (str(row["id"]), str(row.get("key", "")), row.get("name", "").casefold())
    }
    return found or {asker.unknown(f"The value '{text}' does not exist for the field '{clause.field}'.")}


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
    field = custom_field(clause.field, asker.site)
    if field is None:
        raise JqlError(f"Field '{clause.field}' does not exist or you do not have permission to view it.")
    name = field["id"]
    if field.get("schema", {}).get("type") == "number":
        return _ordered(clause, lambda issue: number(issue.fields.get(name)), lambda v: _number_operand(v, clause))
    if field.get("schema", {}).get("custom") == SPRINT:
        return _within(clause, _texts_of(name), lambda v: _sprints(v, asker))
    return _within(clause, _texts_of(name), lambda v: _text(v, asker))


def _sprints(operand: Value | Function, asker: Asker) -> set[str]:
    """Accepted texts; the ids of all sprints that are open, closed or to come for the functions that mean them."""
    if isinstance(operand, Function) and (state := _OPEN.get(operand.name.casefold())):
        return {str(sprint["id"]) for sprint in asker.site.sprints.values() if sprint["state"] == state} or {""}
    return _text(operand, asker)


def custom_field(name: str, site: Site) -> dict[str, Any] | None:
    if found := _CUSTOM.fullmatch(name):
        return next((field for field in site.fields if field["id"] == f"customfield_{found.group(1)}"), None)
    wanted = name.casefold()
    return next((f for f in site.fields if f.get("custom") and f["name"].casefold() == wanted), None)


def number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except ValueError:
        return None


def _number_operand(operand: Value | Function, clause: Clause) -> float:
    found = number(operand.text) if isinstance(operand, Value) else None
    if found is None:
        text = operand.text if isinstance(operand, Value) else f"{operand.name}()"
        raise JqlError(f"The value '{text}' for the field '{clause.field}' is invalid: a number is expected.")
    return found


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
