"""Jira's JSON → the model's values. Pure and total: a missing, null or mistyped field never stops an issue.

Jira writes instants as ``2024-09-19T22:00:08.689-0500``; here all are UTC. Names of statuses and types are in the
language of the account and are kept for people; meaning is taken from category keys and levels only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from connectors.adf import from_adf
from connectors.jira_changes import SHORT, container, number, sprint_ids, string
from connectors.jira_fields import Blocking, Fields, id_of, state_of
from connectors.raw import instant, text
from okrsync.errors import MalformedPage
from okrsync.model import FieldValue, Item, ItemKind, Reference, ReferenceKind, State, is_managed

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """What reading an issue takes besides the issue."""

    source: str
    browse: str  # ".../browse/"
    fields: Fields = field(default_factory=Fields)
    projects: Mapping[str, str] = field(default_factory=dict)  # key → id, of the configured ones
    blocking: Blocking = field(default_factory=Blocking)
    epics: Mapping[str, str] = field(default_factory=dict)  # key → id, of epics that a field of their own names


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
    state = state_of(status)
    created, updated = instant(f.get("created")), instant(f.get("updated"))
    updated = updated or created or _EPOCH
    custom = site.fields
    return Item(
        source=site.source,
        remote_id=remote_id,
        key=key,
        kind=ItemKind.TICKET,
        title=string(f.get("summary")),
        url=site.browse + key,
        state=state,
        status=text(status, "name"),
        created_at=created or updated,
        updated_at=updated,
        scope=id_of(project) or site.projects.get(project_key, ""),
        project=project_key,
        type=text(kind, "name"),
        level=_level(kind, f, custom),
        body=from_adf(f.get("description")),
        resolution=text(f.get("resolution"), "name") or None,
        completed_at=(
            (instant(f.get("statuscategorychangedate")) or instant(f.get("resolutiondate")) or updated)
            if state is State.DONE
            else None
        ),
        due=_day(f.get("duedate")),
        points=_points(f, custom.points),
        assignee=person(f.get("assignee")) or None,
        author=person(f.get("reporter")),
        labels=_labels(f.get("labels")),
        fields=_values(f, custom.values) if custom.values else (),
        flagged=bool(f.get(custom.flagged)) if custom.flagged else False,
        references=_references(f, site),
    )


def issue_id(issue: object) -> str:
    """The immutable id of an issue; MalformedPage where it has none."""
    found = id_of(issue)
    if not found:
        raise MalformedPage("Jira gave an issue without an id")
    return found


def person(user: object) -> str:
    """How people know an account: its name as shown, else the one that it signs in by (Data Center)."""
    return (text(user, "displayName") or text(user, "name") or text(user, "key")) if user else ""


def count(holder: object, name: str) -> int:
    """A whole number member; 0 where there is none."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, int) else 0


def _level(kind: Any, f: Mapping[str, Any], fields: Fields) -> int | None:
    """As Cloud tells it; Data Center does not, and its only sure signs are sub-tasks and the name that epics have."""
    if not isinstance(kind, dict):
        return None
    level = kind.get("hierarchyLevel")
    if isinstance(level, int) and not isinstance(level, bool):
        return level
    if kind.get("subtask") is True:
        return -1
    return None if not fields.linked else 1 if fields.epic_name and f.get(fields.epic_name) else 0


def _points(f: Mapping[str, Any], fields: Iterable[str]) -> float | None:
    for each in fields:
        if (figure := number(f.get(each))) is not None:
            return figure
    return None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _labels(value: object) -> tuple[str, ...]:
    if not value or not isinstance(value, list):
        return ()
    return tuple(label for label in value if isinstance(label, str) and label and not is_managed(label))


def _values(f: Mapping[str, Any], names: Mapping[str, str]) -> tuple[FieldValue, ...]:
    found = []
    for identity, name in names.items():
        held = f.get(identity)
        if not held:
            continue
        for one in held if isinstance(held, list) else (held,):
            value = (one if isinstance(one, str) else text(one, "value") or text(one, "name")).strip()
            if 0 < len(value) <= SHORT:
                found.append(FieldValue(identity, name, value))
    return tuple(found)


def _references(f: Mapping[str, Any], site: Site) -> tuple[Reference, ...]:
    found = []
    fields = site.fields
    if parent := f.get("parent"):
        key, identity = text(parent, "key"), id_of(parent)
        if key or identity:
            found.append(Reference(ReferenceKind.PARENT, key or identity, identity or None, evidence="parent"))
    if fields.linked:
        found += _linked(f, site)
    links = f.get("issuelinks")
    if links and isinstance(links, list):
        for link in links:
            blocker, kind = (link.get("inwardIssue"), link.get("type")) if isinstance(link, dict) else (None, None)
            if isinstance(blocker, dict) and isinstance(kind, dict) and site.blocking.holds(kind):
                key, identity = text(blocker, "key"), id_of(blocker)
                if key or identity:
                    words = text(kind, "inward")
                    found.append(Reference(ReferenceKind.BLOCKED_BY, key or identity, identity or None, evidence=words))
    if fields.sprint and (sprints := f.get(fields.sprint)):
        found += [Reference(ReferenceKind.MEMBER, container(one), evidence="sprint") for one in sprint_ids(sprints)]
    return tuple(found)


def epic_keys(issues: Iterable[Any], fields: Fields) -> set[str]:
    """The keys that fields of their own name as epics and parents."""
    found = set()
    for issue in issues if fields.linked else ():
        f = issue.get("fields") if isinstance(issue, dict) else None
        for identity in (fields.epic, fields.parent):
            if identity and isinstance(f, dict):
                key, known = _named(f.get(identity))
                if key and not known:
                    found.add(key)
    return found


def _linked(f: Mapping[str, Any], site: Site) -> list[Reference]:
    """Epic Link and Parent Link: the key of the epic, of the parent above."""
    found = []
    for field_id, kind, words in (
        (site.fields.epic, ReferenceKind.EPIC, "epic link"),
        (site.fields.parent, ReferenceKind.PARENT, "parent link"),
    ):
        key, identity = _named(f.get(field_id)) if field_id else ("", "")
        if key or identity:
            identity = identity or site.epics.get(key, "")
            found.append(Reference(kind, key or identity, identity or None, evidence=words))
    return found


def _named(value: object) -> tuple[str, str]:
    """Key and id of the issue that a field holds: as a key, as an object, or as an object around one."""
    if isinstance(value, str):
        return value.strip(), ""
    held = value.get("data") if isinstance(value, dict) and isinstance(value.get("data"), dict) else value
    return text(held, "key"), id_of(held)
