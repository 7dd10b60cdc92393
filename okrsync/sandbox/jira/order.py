"""ORDER BY: a query and a site to a sort key of issues, and the key as a token holds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.jql import JqlError, Query, Sort
from okrsync.sandbox.jira.query import ALIASES, DATES, KEY_FIELDS, custom_field, date_reader, number
from okrsync.sandbox.jira.site import Site

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
    return sort.field.casefold() in DATES if sort.descending is None else sort.descending


def _sort_reader(sort: Sort, site: Site) -> Callable[[Issue], Any]:
    name = sort.field.casefold()
    if name in DATES:
        return date_reader(DATES[name])
    if name == "id":
        return lambda issue: issue.numeric_id
    if name in KEY_FIELDS:
        return lambda issue: (issue.key.rpartition("-")[0], issue.number)
    if name in ("project", "status", "issuetype", "type", "priority", "assignee", "resolution", "summary"):
        return lambda issue: _shown(issue.fields.get(ALIASES.get(name, name)))
    field = custom_field(sort.field, site)
    if field is None:
        raise JqlError(f"Not able to sort using field '{sort.field}'.")
    return lambda issue: number(issue.fields.get(field["id"]))


def _shown(value: Any) -> str | None:
    """The text by which people know a value."""
    shown = (value.get("name") or value.get("displayName")) if isinstance(value, dict) else value
    return str(shown).casefold() if shown is not None else None
