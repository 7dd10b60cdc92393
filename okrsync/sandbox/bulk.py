"""Large worlds for benchmarks: many alike issues of about 1.2 KB, made fast and held small."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from okrsync.sandbox.company.jira_metadata import FIELDS, ISSUE_TYPES, POINTS, STATUSES
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.adf import document
from okrsync.sandbox.jira.issue import Issue, stamp
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.world import World

SITE = "bulk"
PER_EPIC = 50  # an epic and what is below it
KEY_RESULTS = 20
BORN = datetime(2026, 1, 5, 8, tzinfo=UTC)
_STEP = timedelta(seconds=40)
_PEOPLE = tuple(Account(f"acc-{number:02d}", f"Person {number}").user("") for number in range(40))
_TEXTS = tuple(
    document(f"As a user of module {number} I want the list to load quickly. " + "Acceptance criteria apply. " * 2)
    for number in range(25)
)
_TODO, _DOING, _, _DONE = STATUSES
_EPIC, _STORY, _TASK, _BUG, _SUBTASK = ISSUE_TYPES
_PRIORITY = {"id": "3", "name": "Medium"}
_FIXED = {"id": "10000", "name": "Done"}


def many(n: int, *, projects: int = 2) -> World:
    """A world of exactly ``n`` issues in projects P0, P1 …: epics labelled ``okr:KR-k``, stories and sub-tasks below.

    Always the same for the same ``n``. Three issues in a row share an update time, so that equal times meet the edge of
    pages; seven of ten have a history of two entries.
    """
    known = [_project(number) for number in range(projects)]
    site = Site(SITE, projects=known, statuses=STATUSES, issue_types=ISSUE_TYPES, fields=FIELDS)
    numbers = [0] * projects
    epic: dict[str, Any] | None = None
    story: dict[str, Any] | None = None
    for place in range(n):
        which = (place // PER_EPIC) % projects
        numbers[which] += 1
        within = place % PER_EPIC
        above = None if within == 0 else story if within % 5 == 0 else epic
        kind = _EPIC if within == 0 else _SUBTASK if within % 5 == 0 else _BUG if within % 7 == 0 else _STORY
        issue = _issue(place, f"P{which}-{numbers[which]}", known[which], kind, above)
        if within == 0:
            epic = _stub(issue)
        elif kind is _STORY:
            story = _stub(issue)
        site.put(issue)
    return World([site])


def _project(number: int) -> dict[str, Any]:
    return {
        "id": str(number + 1),
        "key": f"P{number}",
        "name": f"Project {number}",
        "projectTypeKey": "software",
        "simplified": False,
        "style": "classic",
        "isPrivate": False,
    }


def _issue(place: int, key: str, project: dict[str, Any], kind: dict[str, Any], above: dict[str, Any] | None) -> Issue:
    status = (_DONE, _DOING, _DONE, _TODO, _DONE)[place % 5]
    born = BORN + _STEP * place
    moved = BORN + timedelta(days=1) + _STEP * (place - place % 3)
    started, updated = stamp(born + timedelta(hours=1)), stamp(moved + timedelta(hours=2))
    done = status is _DONE
    person = _PEOPLE[place % len(_PEOPLE)]
    fields: dict[str, Any] = {
        "summary": f"Issue {place} of a large backlog: make the list of module {place % 97} load quickly",
        "project": project,
        "issuetype": kind,
        "status": status,
        "statuscategorychangedate": updated,
        "resolution": _FIXED if done else None,
        "resolutiondate": updated if done else None,
        "labels": [f"okr:KR-{place // PER_EPIC % KEY_RESULTS}"] if kind is _EPIC and place % 3 else [],
        "issuelinks": [],
        "subtasks": [],
        "assignee": person,
        "reporter": None,
        "creator": person,
        "priority": _PRIORITY,
        "description": _TEXTS[place % len(_TEXTS)],
        "duedate": None,
        "created": stamp(born),
        "updated": updated,
        POINTS: float(place % 5 + 1),
    }
    if above is not None:
        fields["parent"] = above
    return Issue(str(100_000 + place), key, fields, _histories(place, status, started, updated, person))


def _stub(issue: Issue) -> dict[str, Any]:
    """The issue as it stands in its children, short."""
    shown = {name: issue.fields[name] for name in ("summary", "issuetype")}
    return {"id": issue.id, "key": issue.key, "fields": shown}


def _histories(
    place: int, status: dict[str, Any], started: str, updated: str, person: dict[str, Any]
) -> list[dict[str, Any]]:
    if place % 10 >= 7 or status is _TODO:
        return []
    found = [{"id": str(10_000_000 + 2 * place), "author": person, "created": started, "items": _STARTED}]
    if status is _DONE:
        found.append({"id": str(10_000_001 + 2 * place), "author": person, "created": updated, "items": _FINISHED})
    return found


def _moved(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {
        "field": "status",
        "fieldtype": "jira",
        "fieldId": "status",
        "from": before["id"],
        "fromString": before["name"],
        "to": after["id"],
        "toString": after["name"],
    }


_STARTED = [_moved(_TODO, _DOING)]
_FINISHED = [_moved(_DOING, _DONE)]
