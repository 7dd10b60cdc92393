"""Jira's JSON → the model's values. Pure and total: a missing, null or mistyped field never stops an issue.

Jira writes instants as ``2024-09-19T22:00:08.689-0500``; here all are UTC. Names of statuses and types are in the
language of the account and are kept for people; meaning is taken from category keys and levels only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

from connectors.adf import from_adf
from connectors.raw import instant, text
from okrsync.errors import MalformedPage
from okrsync.model import (
    MANAGED_LABELS,
    Change,
    ChangeKind,
    FieldValue,
    Item,
    ItemKind,
    Reference,
    ReferenceKind,
    State,
)

FIELDS = (
    "summary",
    "status",
    "issuetype",
    "project",
    "parent",
    "labels",
    "issuelinks",
    "resolution",
    "resolutiondate",
    "statuscategorychangedate",
    "created",
    "updated",
    "duedate",
    "assignee",
    "reporter",
    "description",
)
STATES = {"new": State.TODO, "indeterminate": State.IN_PROGRESS, "done": State.DONE}

_EPOCH = datetime.fromtimestamp(0, UTC)
_POINTS = "com.pyxis.greenhopper.jira:jsw-story-points"
_VALUES = (":select", ":multiselect", ":radiobuttons", ":textfield")  # of schema.custom; no long text
_SHORT = 255  # characters; a longer text is no id
_PARENT_FIELDS = frozenset({"issueparentassociation", "parent", "parent issue", "epic link", "parent link"})
_BLOCKED_BY = "is blocked by"


Dated: TypeAlias = tuple[datetime, int, Change]
"""A change with its instant and the number of its changelog entry, which order it among its like."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Which custom fields of a site hold what."""

    points: tuple[str, ...] = ()  # ids, the first that is not null counts
    flagged: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)  # id → name: select and short text

    @property
    def asked(self) -> list[str]:
        """What a search or fetch has to ask for."""
        custom = (*self.points, *((self.flagged,) if self.flagged else ()), *self.values)
        return [*FIELDS, *dict.fromkeys(custom)]


@dataclass(frozen=True, slots=True)
class Site:
    """What reading an issue takes besides the issue."""

    source: str
    browse: str  # ".../browse/"
    fields: Fields = Fields()
    projects: Mapping[str, str] = field(default_factory=dict)  # key → id, of the configured ones


def read_fields(answer: object, points: str | None = None, flagged: str | None = None) -> Fields:
    """The custom fields of ``GET /field``; a configured id wins over what is found."""
    jsw: list[str] = []
    named: list[str] = []
    flags: list[str] = []
    values: dict[str, str] = {}
    for one in answer if isinstance(answer, list) else ():
        schema = one.get("schema") if isinstance(one, dict) else None
        identity, name, custom = text(one, "id"), text(one, "name"), text(schema, "custom")
        if not (identity and name and custom):
            continue
        if custom == _POINTS:
            jsw.append(identity)
        elif name == "Story Points" and text(schema, "type") == "number":
            named.append(identity)
        elif name == "Flagged" and custom.endswith(":multicheckboxes"):
            flags.append(identity)
        elif custom.endswith(_VALUES):
            values[identity] = name
    return Fields(
        points=(points,) if points else (*jsw, *named),
        flagged=flagged or (flags[0] if flags else None),
        values={identity: name for identity, name in values.items() if identity not in (points, flagged)},
    )


def read_statuses(answer: object) -> dict[str, State]:
    """Status id → state, of ``GET /status``."""
    rows = answer if isinstance(answer, list) else ()
    return {identity: _state(row) for row in rows if (identity := id_of(row))}


def status_meanings(answer: object) -> dict[str, str]:
    """Status id → its category and name, of ``GET /status``: what an issue says by being in it."""
    rows = answer if isinstance(answer, list) else ()
    return {identity: f"{_state(row)} {text(row, 'name')}" for row in rows if (identity := id_of(row))}


def read_issue(issue: Any, site: Site) -> Item:
    """The item of one issue of a search or fetch; MalformedPage where it has no id."""
    remote_id = issue_id(issue)
    key, f = issue.get("key"), issue.get("fields")
    if not isinstance(key, str) or not key:
        key = remote_id
    if not isinstance(f, dict):
        f = {}
    status, kind, project = f.get("status"), f.get("issuetype"), f.get("project")
    project_key = text(project, "key") or key.rpartition("-")[0]
    state = _state(status)
    created, updated = instant(f.get("created")), instant(f.get("updated"))
    updated = updated or created or _EPOCH
    custom = site.fields
    return Item(
        source=site.source,
        remote_id=remote_id,
        key=key,
        kind=ItemKind.TICKET,
        title=_string(f.get("summary")),
        url=site.browse + key,
        state=state,
        status=text(status, "name"),
        created_at=created or updated,
        updated_at=updated,
        scope=id_of(project) or site.projects.get(project_key, ""),
        project=project_key,
        type=text(kind, "name"),
        level=_level(kind),
        body=from_adf(f.get("description")),
        resolution=text(f.get("resolution"), "name") or None,
        completed_at=(
            (instant(f.get("statuscategorychangedate")) or instant(f.get("resolutiondate")) or updated)
            if state is State.DONE
            else None
        ),
        due=_day(f.get("duedate")),
        points=next((value for each in custom.points if (value := _number(f.get(each))) is not None), None),
        assignee=text(f.get("assignee"), "displayName") or None,
        author=text(f.get("reporter"), "displayName"),
        labels=_labels(f.get("labels")),
        fields=_values(f, custom.values) if custom.values else (),
        flagged=bool(f.get(custom.flagged)) if custom.flagged else False,
        references=_references(f),
    )


def read_changes(histories: Iterable[object], fields: Fields, statuses: Mapping[str, State]) -> Iterator[Dated]:
    """The changes that matter in entries of one issue's changelog; what moves nothing is left out."""
    for entry in histories:
        if not isinstance(entry, dict):
            continue
        at, items, number = instant(entry.get("created")), entry.get("items"), _order(entry.get("id"))
        if at is not None and isinstance(items, list):
            for item in items:
                if isinstance(item, dict):
                    for change in _change(at, item, fields, statuses):
                        yield at, number, change


def in_order(found: Iterable[Dated]) -> tuple[Change, ...]:
    """The changes of one issue, oldest first, whatever the order of the pages that brought them."""
    return tuple(change for _, _, change in sorted(found, key=lambda dated: dated[:2]))


def _change(at: datetime, item: Mapping[str, Any], fields: Fields, statuses: Mapping[str, State]) -> Iterable[Change]:
    name = _string(item.get("field")).casefold()
    identity = _string(item.get("fieldId")) or name
    before, after = item.get("from"), item.get("to")
    before_text, after_text = _string(item.get("fromString")), _string(item.get("toString"))
    if identity == "status":
        old, new = (statuses.get(_string(each), State.UNKNOWN).value for each in (before, after))
        return _moved(at, ChangeKind.STATE, old, new)
    if identity == "labels":
        gone, come = set(before_text.split()), set(after_text.split())
        return [
            *(Change(at, ChangeKind.LABEL_REMOVED, label, None) for label in sorted(gone - come - MANAGED_LABELS)),
            *(Change(at, ChangeKind.LABEL_ADDED, None, label) for label in sorted(come - gone - MANAGED_LABELS)),
        ]
    if identity == fields.flagged or (fields.flagged is None and name == "flagged"):
        return _moved(at, ChangeKind.FLAG, "1" if before_text else None, "1" if after_text else None)
    if identity in fields.points:
        return _moved(at, ChangeKind.POINTS, _figure(before_text or before), _figure(after_text or after))
    if name in _PARENT_FIELDS:
        return _moved(at, ChangeKind.PARENT, _string(before) or None, _string(after) or None)
    if name == "key":
        return _moved(at, ChangeKind.KEY, before_text or None, after_text or None)
    if name == "link":
        old_key = _string(before) if _BLOCKED_BY in before_text.casefold() else None
        new_key = _string(after) if _BLOCKED_BY in after_text.casefold() else None
        return _moved(at, ChangeKind.BLOCKED_BY, old_key or None, new_key or None)
    if identity in fields.values:
        return _moved(at, ChangeKind.FIELD, _assigned(identity, before_text), _assigned(identity, after_text))
    return ()


def _moved(at: datetime, kind: ChangeKind, before: str | None, after: str | None) -> Iterable[Change]:
    return () if before == after else (Change(at, kind, before, after),)


def _assigned(identity: str, value: str) -> str | None:
    return f"{identity}={value}" if 0 < len(value) <= _SHORT else None


def id_of(holder: object) -> str:
    """The id of a JSON object as text, "" where it has none."""
    return _string(holder.get("id")) if isinstance(holder, dict) else ""


def issue_id(issue: object) -> str:
    """The immutable id of an issue; MalformedPage where it has none."""
    found = id_of(issue)
    if not found:
        raise MalformedPage("Jira gave an issue without an id")
    return found


def count(holder: object, name: str) -> int:
    """A whole number member; 0 where there is none."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, int) else 0


def _string(value: object) -> str:
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _state(status: Any) -> State:
    category = status.get("statusCategory") if isinstance(status, dict) else None
    return STATES.get(text(category, "key"), State.UNKNOWN)


def _level(kind: Any) -> int | None:
    if not isinstance(kind, dict):
        return None
    level = kind.get("hierarchyLevel")
    if isinstance(level, int) and not isinstance(level, bool):
        return level
    return -1 if kind.get("subtask") is True else None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _figure(value: object) -> str | None:
    number = _number(value)
    return None if number is None else f"{number:g}"


def _order(value: object) -> int:
    try:
        return int(value) if isinstance(value, str | int) else 0
    except ValueError:
        return 0


def _labels(value: object) -> tuple[str, ...]:
    if not value or not isinstance(value, list):
        return ()
    return tuple(label for label in value if isinstance(label, str) and label and label not in MANAGED_LABELS)


def _values(f: Mapping[str, Any], names: Mapping[str, str]) -> tuple[FieldValue, ...]:
    found = []
    for identity, name in names.items():
        held = f.get(identity)
        if not held:
            continue
        for one in held if isinstance(held, list) else (held,):
            value = (one if isinstance(one, str) else text(one, "value")).strip()
            if 0 < len(value) <= _SHORT:
                found.append(FieldValue(identity, name, value))
    return tuple(found)


def _references(f: Mapping[str, Any]) -> tuple[Reference, ...]:
    found = []
    if parent := f.get("parent"):
        key, identity = text(parent, "key"), id_of(parent)
        if key or identity:
            found.append(Reference(ReferenceKind.PARENT, key or identity, identity or None, evidence="parent"))
    links = f.get("issuelinks")
    if links and isinstance(links, list):
        for link in links:
            blocker, kind = (link.get("inwardIssue"), link.get("type")) if isinstance(link, dict) else (None, None)
            if not isinstance(blocker, dict) or not isinstance(kind, dict):
                continue
            inward = text(kind, "inward")
            if inward.casefold() == _BLOCKED_BY or text(kind, "name").casefold() == "blocks":
                key, identity = text(blocker, "key"), id_of(blocker)
                if key or identity:
                    found.append(
                        Reference(ReferenceKind.BLOCKED_BY, key or identity, identity or None, evidence=inward)
                    )
    return tuple(found)
