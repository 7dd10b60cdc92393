"""Jira's changelogs → changes, and the sprints that an issue is in. Pure and total.

Entries name fields by id where they do (Cloud), else by name (Data Center), and what is no field by words of their own:
"Link", "Key", "IssueParentAssociation". A custom field may bear any of these names; ``fieldtype`` tells it apart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeAlias

from connectors.jira_fields import Blocking, Fields, id_of
from connectors.raw import instant
from okrsync.model import Change, ChangeKind, State, is_managed

SHORT = 255  # characters of a value; a longer text is no id

_PARENTS = frozenset({"issueparentassociation", "parent", "parent issue"})
_PARENT_LINKS = frozenset({"epic link", "parent link"})  # custom fields, which not every account is shown
_SPRINT_ID = re.compile(r"(?:^|,)id=(\d+)(?=,|$)")
_FIGURES = frozenset({int, float, str})
_IDS = re.compile(r"\d+")

Dated: TypeAlias = tuple[datetime, int, Change]
"""A change with its instant and the number of its changelog entry, which order it among its like."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a changelog takes besides the changelog."""

    fields: Fields = field(default_factory=Fields)
    statuses: Mapping[str, State] = field(default_factory=dict)  # id → state
    blocking: Blocking = field(default_factory=Blocking)


def read_changes(histories: Iterable[object], reading: Reading) -> Iterator[Dated]:
    """The changes that matter in entries of one issue's changelog; what moves nothing is left out."""
    for entry in histories:
        if not isinstance(entry, dict):
            continue
        at, items, number = instant(entry.get("created")), entry.get("items"), _order(entry.get("id"))
        if at is not None and isinstance(items, list):
            for item in items:
                if isinstance(item, dict):
                    for change in _change(at, item, reading):
                        yield at, number, change


def in_order(found: Iterable[Dated]) -> tuple[Change, ...]:
    """The changes of one issue, oldest first, whatever the order of the pages that brought them.

    Cloud writes some changes of parent down twice, under its name of now and under that of before.
    """
    kept: list[Change] = []
    parent: Change | None = None
    for _, _, change in sorted(found, key=itemgetter(0, 1)):
        if change.kind is ChangeKind.PARENT:
            if parent is not None and (parent.before, parent.after) == (change.before, change.after):
                continue
            parent = change
        kept.append(change)
    return tuple(kept)


def _change(at: datetime, item: Mapping[str, Any], reading: Reading) -> Iterable[Change]:
    fields = reading.fields
    name, kind = string(item.get("field")).casefold(), item.get("fieldtype")
    identity = string(item.get("fieldId")) or (name if kind == "jira" else fields.names.get(name, name))
    if identity == "status":
        old = reading.statuses.get(string(item.get("from")), State.UNKNOWN)
        new = reading.statuses.get(string(item.get("to")), State.UNKNOWN)
        return _moved(at, ChangeKind.STATE, old.value, new.value)
    before, after = string(item.get("from")), string(item.get("to"))
    before_text, after_text = string(item.get("fromString")), string(item.get("toString"))
    if identity == "labels":
        gone, come = ({one for one in text.split() if not is_managed(one)} for text in (before_text, after_text))
        return [
            *(Change(at, ChangeKind.LABEL_REMOVED, label, None) for label in sorted(gone - come)),
            *(Change(at, ChangeKind.LABEL_ADDED, None, label) for label in sorted(come - gone)),
        ]
    if identity == fields.sprint or (fields.sprint is None and name == "sprint"):
        return _sprints(at, _IDS.findall(before), _IDS.findall(after))
    if identity == fields.flagged or (fields.flagged is None and name == "flagged"):
        return _moved(at, ChangeKind.FLAG, "1" if before_text else None, "1" if after_text else None)
    if identity in fields.points:
        return _moved(at, ChangeKind.POINTS, _figure(before_text or before), _figure(after_text or after))
    if identity in (fields.epic, fields.parent) or name in _PARENT_LINKS or (name in _PARENTS and kind != "custom"):
        return _moved(at, ChangeKind.PARENT, before or before_text or None, after or after_text or None)
    if name == "key" and kind != "custom":
        return _moved(at, ChangeKind.KEY, before_text or None, after_text or None)
    if name == "link" and kind != "custom":
        old_key = before if reading.blocking.said(before_text, before) else None
        new_key = after if reading.blocking.said(after_text, after) else None
        return _moved(at, ChangeKind.BLOCKED_BY, old_key or None, new_key or None)
    if identity in fields.values:
        return _moved(at, ChangeKind.FIELD, _assigned(identity, before_text), _assigned(identity, after_text))
    return ()


def _moved(at: datetime, kind: ChangeKind, before: str | None, after: str | None) -> Iterable[Change]:
    return () if before == after else (Change(at, kind, before, after),)


def _assigned(identity: str, value: str) -> str | None:
    return f"{identity}={value}" if 0 < len(value) <= SHORT else None


# ── sprints ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def container(sprint: str) -> str:
    """The name of a sprint as a container."""
    return f"sprint:{sprint}"


def sprint_ids(value: object) -> tuple[str, ...]:
    """The ids in the sprint field of an issue, past sprints too: objects in Cloud, lines of Java in Data Center."""
    rows = value if isinstance(value, list) else (value,)
    found = (_java_id(row) if isinstance(row, str) else id_of(row) for row in rows)
    return tuple(dict.fromkeys(identity for identity in found if identity))


def _java_id(row: str) -> str:
    """The id in "…Sprint@1f[id=7,state=ACTIVE,name=a, b],goal=<null>]". The members come in any order; a name may hold
    commas, brackets and what looks like another member, so the id in front counts before one in the middle."""
    inside = row.partition("[")[2].removesuffix("]")
    found = _SPRINT_ID.findall(inside)
    return found[0 if inside.startswith("id=") else -1] if found else ""


def _sprints(at: datetime, before: list[str], after: list[str]) -> list[Change]:
    return [
        *(Change(at, ChangeKind.MEMBER, container(left), None) for left in before if left not in after),
        *(Change(at, ChangeKind.MEMBER, None, container(joined)) for joined in after if joined not in before),
    ]


# ── values ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def string(value: object) -> str:
    """A text, or a whole number as text; "" for anything else."""
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def number(value: object) -> float | None:
    """A figure that can be an estimate: finite and not negative, also where it came as text."""
    if type(value) not in _FIGURES:
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and found >= 0 else None


def _figure(value: object) -> str | None:
    found = number(value)
    return None if found is None else f"{found:g}"


def _order(value: object) -> int:
    try:
        return int(value) if isinstance(value, (str, int)) else 0
    except ValueError:
        return 0
