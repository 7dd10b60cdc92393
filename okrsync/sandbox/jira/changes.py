"""Changes to issues, as Jira makes them: the field, the history, ``updated``, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okrsync.sandbox.jira import values
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.issue import Issue, linked, stamp
from okrsync.sandbox.jira.site import Site

_SHOWN_ELSEWHERE = frozenset({"summary", "status", "priority", "issuetype"})


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes something, and when."""

    account: Account
    at: datetime
    base: str = ""

    def stamp(self) -> str:
        return stamp(self.at, self.account.zone)


def create(site: Site, fields: Mapping[str, Any], hand: Hand, key: str | None = None) -> Issue:
    """A new issue; ValueError where its project, type or summary is missing or unknown."""
    given = dict(fields)
    project = site.project(values.name_of(given.pop("project", None)))
    if project is None:
        raise ValueError("valid project is required")
    kind = values.stored("issuetype", given.pop("issuetype", "Task"), site)
    status = values.stored("status", given.pop("status", _first_status(site)), site)
    now = hand.stamp()
    held: dict[str, Any] = {
        "summary": values.stored("summary", given.pop("summary", None), site),
        "project": project,
        "issuetype": kind,
        "status": status,
        "statuscategorychangedate": now,
        "resolution": None,
        "resolutiondate": None,
        "labels": [],
        "issuelinks": [],
        "subtasks": [],
        "assignee": None,
        "priority": {"id": "3", "name": "Medium"},
        "description": None,
        "duedate": None,
        "creator": hand.account.user(hand.base),
        "reporter": hand.account.user(hand.base),
        "created": now,
        "updated": now,
    }
    for field, value in given.items():
        held[field] = values.stored(field, value, site)
    if held.get("parent") is None:
        held.pop("parent", None)
    if _category(status) == "done":
        held["resolution"] = held["resolution"] or values.stored("resolution", "Done", site)
        held["resolutiondate"] = now
    issue = Issue(site.next_id(), key or site.next_key(project), held)
    site.put(issue)
    return issue


def _first_status(site: Site) -> str:
    fresh = (row for row in site.statuses if _category(row) == "new")
    found = next(fresh, None)
    if found is None:
        raise ValueError("The status selected is invalid.")
    return str(found["id"])


def _category(status: Mapping[str, Any]) -> str:
    return str(status.get("statusCategory", {}).get("key", ""))


def change(site: Site, issue: Issue, wanted: Mapping[str, Any], hand: Hand) -> bool:
    """The fields hold these stored values. False where they did already: then nothing moved, not even ``updated``."""
    items = []
    for field, new in _with_consequences(issue, wanted, hand, site).items():
        old = issue.fields.get(field)
        if old == new:
            continue
        if field not in ("resolutiondate", "statuscategorychangedate"):
            items.append(values.item(field, old, new, site))
        if field == "parent" and new is None:
            issue.fields.pop(field, None)
        else:
            issue.fields[field] = new
    if not items:
        return False
    record(site, issue, items, hand)
    if _SHOWN_ELSEWHERE & set(wanted):
        _refresh_stubs(site, issue)
    return True


def _with_consequences(issue: Issue, wanted: Mapping[str, Any], hand: Hand, site: Site) -> dict[str, Any]:
    """A status that enters or leaves the category *done* sets or clears resolution and its date."""
    found = dict(wanted)
    if "status" not in found or found["status"] == issue.fields["status"]:
        return found
    before, after = _category(issue.fields["status"]), _category(found["status"])
    if before != after:
        found["statuscategorychangedate"] = hand.stamp()
    if after == "done":
        found.setdefault("resolution", issue.fields.get("resolution") or values.stored("resolution", "Done", site))
        found["resolutiondate"] = issue.fields.get("resolutiondate") or hand.stamp()
    elif before == "done":
        found["resolution"] = found["resolutiondate"] = None
    return found


def record(site: Site, issue: Issue, items: list[dict[str, Any]], hand: Hand) -> None:
    """A history entry, and ``updated`` with it."""
    issue.histories.append(
        {"id": site.next_id(), "author": hand.account.user(hand.base), "created": hand.stamp(), "items": items}
    )
    touch(site, issue, hand)


def touch(site: Site, issue: Issue, hand: Hand) -> None:
    """``updated`` moves, and searches see it."""
    issue.touch(hand.at, hand.account.zone)
    site.revision += 1


def move(site: Site, issue: Issue, project: Mapping[str, Any], hand: Hand) -> None:
    """The issue belongs to another project: a new key, the same id; the old key still leads here."""
    old_project, old_key = issue.fields["project"], issue.key
    if old_project["id"] == project["id"]:
        return
    issue.fields["project"] = dict(project)
    site.rekey(issue, site.next_key(project))
    record(
        site,
        issue,
        [
            values.line("project", "jira", "project", old_project, project),
            {
                "field": "Key",
                "fieldtype": "jira",
                "from": None,
                "fromString": old_key,
                "to": None,
                "toString": issue.key,
            },
        ],
        hand,
    )
    _refresh_stubs(site, issue)


def delete(site: Site, issue: Issue) -> None:
    """The issue is gone without a trace: its sub-tasks with it, and what named it names it no more."""
    for other in [i for i in site.issues.values() if i.fields.get("parent", {}).get("id") == issue.id]:
        if other.fields["issuetype"].get("subtask"):
            delete(site, other)
        else:
            del other.fields["parent"]
    site.drop(issue)
    for other in site.issues.values():
        if links := other.fields.get("issuelinks"):
            other.fields["issuelinks"] = [link for link in links if linked(link)["id"] != issue.id]


def has_subtasks(site: Site, issue: Issue) -> bool:
    return any(
        other.fields.get("parent", {}).get("id") == issue.id and other.fields["issuetype"].get("subtask")
        for other in site.issues.values()
    )


def block(site: Site, issue: Issue, by: Issue, hand: Hand) -> None:
    """The issue is blocked by another: a link of the type Blocks at both ends, in both histories."""
    kind = dict(site.link_type)
    link = site.next_id()
    for end, side, other in ((issue, "inwardIssue", by), (by, "outwardIssue", issue)):
        end.fields.setdefault("issuelinks", []).append({"id": link, "type": kind, side: other.stub()})
        record(site, end, [_linked(None, values.link_line(kind, side, other.key))], hand)


def unblock(site: Site, issue: Issue, by: Issue, hand: Hand) -> None:
    """The issue is no longer blocked by the other; ValueError where it was not."""
    links = issue.fields.get("issuelinks") or ()
    held = next((one for one in links if one.get("inwardIssue", {}).get("id") == by.id), None)
    if held is None:
        raise ValueError(f"{issue.key} is not blocked by {by.key}")
    for end, side, other in ((issue, "inwardIssue", by), (by, "outwardIssue", issue)):
        kept = [one for one in end.fields.get("issuelinks") or () if one["id"] != held["id"]]
        end.fields["issuelinks"] = kept
        record(site, end, [_linked(values.link_line(held["type"], side, other.key), None)], hand)


def _linked(before: tuple[str, str] | None, after: tuple[str, str] | None) -> dict[str, Any]:
    """A line of a history about a link that came or went."""
    old, new = before or (None, None), after or (None, None)
    ends = {"from": old[0], "fromString": old[1], "to": new[0], "toString": new[1]}
    return {"field": "Link", "fieldtype": "jira", **ends}


def archive(site: Site, issue: Issue, archived: bool, hand: Hand) -> None:
    """Searches no longer find the issue (or do again); who has its key still reads it."""
    if archived:
        issue.fields |= {"archiveddate": hand.stamp(), "archivedby": hand.account.user(hand.base)}
    else:
        issue.fields.pop("archiveddate", None)
        issue.fields.pop("archivedby", None)
    site.put(issue)


def _refresh_stubs(site: Site, *changed: Issue) -> None:
    """Other issues that show these show what they are now; their ``updated`` stays, as in Jira."""
    shown = {issue.id: issue.stub() for issue in changed}
    for other in site.issues.values():
        if above := shown.get(other.fields.get("parent", {}).get("id", "")):
            other.fields["parent"] = above
        for link in other.fields.get("issuelinks") or ():
            for side in ("inwardIssue", "outwardIssue"):
                if end := shown.get(link.get(side, {}).get("id", "")):
                    link[side] = end
    site.revision += 1


def rename(site: Site, project: dict[str, Any], key: str) -> None:
    """The project and its issues have other keys, everywhere; no history tells of it."""
    site.rename_project(project, key)
    _refresh_stubs(site, *(issue for issue in site.issues.values() if issue.project_id == project["id"]))
