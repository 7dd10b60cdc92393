"""Sprints: what a site holds of them, which issues are in them, and how Jira writes that into histories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site

STATES = frozenset({"future", "active", "closed"})
_BOARD = 1
_JAVA = "com.atlassian.greenhopper.service.sprint.Sprint"
_DATES = ("startDate", "endDate", "completeDate")
_CHANGEABLE = frozenset({"name", "state", "goal", *_DATES})


def create(site: Site, name: str, **more: Any) -> dict[str, Any]:
    """A new sprint of the site, in the future unless ``state`` says otherwise."""
    identity = max(site.sprints, default=0) + 1
    site.sprints[identity] = {"id": identity, "name": name, "state": "future", "boardId": _BOARD, "goal": ""}
    site.sprint_field()
    return change(site, identity, **more)


def change(site: Site, identity: int, **wanted: Any) -> dict[str, Any]:
    """The sprint says this now, in every issue that was ever in it; none of them is updated by it.

    ValueError for a key or state that no sprint has.
    """
    sprint = _sprint(site, identity)
    if unknown := sorted(set(wanted) - _CHANGEABLE):
        raise ValueError(f"a sprint has no {', '.join(unknown)}; there are {', '.join(sorted(_CHANGEABLE))}")
    if wanted.get("state", "future") not in STATES:
        raise ValueError(f"state {wanted['state']!r}: one of {', '.join(sorted(STATES))}")
    sprint.update(wanted)
    site.revision += 1
    return sprint


def put(site: Site, issue: Issue, identity: int, hand: Hand) -> None:
    """The issue is in this sprint too; its closed sprints stay, an open one that it was in does not."""
    held = _held(site, issue)
    sprint = _sprint(site, identity)
    if sprint not in held:
        _become(site, issue, [*(one for one in held if one["state"] == "closed"), sprint], hand)


def take(site: Site, issue: Issue, identity: int, hand: Hand) -> None:
    """The issue is no longer in this sprint."""
    _sprint(site, identity)
    _become(site, issue, [one for one in _held(site, issue) if one["id"] != identity], hand)


def _sprint(site: Site, identity: int) -> dict[str, Any]:
    if identity not in site.sprints:
        raise ValueError(f"{site.name} has no sprint {identity}")
    return site.sprints[identity]


def _held(site: Site, issue: Issue) -> list[dict[str, Any]]:
    return list(issue.fields.get(site.sprint_field()["id"]) or ())


def _become(site: Site, issue: Issue, sprints: list[dict[str, Any]], hand: Hand) -> None:
    before, field = _held(site, issue), site.sprint_field()
    if before == sprints:
        return
    issue.fields[field["id"]] = sprints or None
    item = {"field": field["name"], "fieldtype": "custom", "fieldId": field["id"]}
    item |= {"from": _ids(before), "fromString": _names(before), "to": _ids(sprints), "toString": _names(sprints)}
    changes.record(site, issue, [item], hand)


def _ids(sprints: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(str(sprint["id"]) for sprint in sprints)


def _names(sprints: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(sprint["name"] for sprint in sprints)


def java(sprint: Mapping[str, Any]) -> str:
    """The sprint as Data Center shows it: what Java makes of the object, with keys in the order of its version."""
    number = int(sprint["id"])
    parts = {
        "id": str(number),
        "rapidViewId": str(sprint.get("boardId") or sprint.get("originBoardId") or _BOARD),
        "state": str(sprint.get("state", "")).upper(),
        "name": str(sprint.get("name", "")),
        **{name: sprint.get(name) or "<null>" for name in _DATES},
        "sequence": str(number),
        "goal": sprint.get("goal") or "<null>",
    }
    order = list(parts) if number % 2 else [*list(parts)[1:], "id"]
    inside = ",".join(f"{name}={parts[name]}" for name in order)
    return f"{_JAVA}@{number * 0x9E3779B1 & 0xFFFFFFFF:x}[{inside}]"
