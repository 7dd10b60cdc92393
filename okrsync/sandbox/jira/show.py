"""How an issue is shown: which fields, which expansions, for whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from okrsync.sandbox.jira.call import Call, refuse
from okrsync.sandbox.jira.issue import Issue, linked, stamp

_EXPANDABLE = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
_NOT_NAVIGABLE = frozenset({"comment", "attachment", "worklog"})
MAX_PROPERTIES = 5
COMMENTS_SHOWN = 20

Chooser = Callable[[Issue], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """What a caller wants to see of each issue."""

    choose: Chooser | None
    changelog: bool
    properties: tuple[str, ...]


def view(fields: Sequence[str], expand: Sequence[str], properties: Sequence[str], call: Call) -> View:
    """The view for the parameters of a search, a bulk fetch or a read: by default all fields."""
    if len(properties) > MAX_PROPERTIES:
        raise refuse(400, f"You may request a maximum of {MAX_PROPERTIES} issue properties.")
    names = [name.strip() for name in fields]
    only_keys = bool(names) and set(names) <= {"id", "key"}
    return View(
        choose=None if only_keys else _chooser(names, call),
        changelog="changelog" in expand,
        properties=tuple(properties),
    )


def _chooser(names: Sequence[str], call: Call) -> Chooser:
    """A function from an issue to the fields that were asked for."""
    excluded = {name[1:] for name in names if name.startswith("-")}
    wanted = [name for name in names if not name.startswith("-") and name not in ("id", "key")]
    if not wanted or "*all" in wanted or "*navigable" in wanted:
        if "*all" not in wanted:
            excluded = excluded | _NOT_NAVIGABLE
        return _all_but(excluded, call)
    kept = [name for name in dict.fromkeys(wanted) if name not in excluded]
    special = {name: reader for name, reader in _special(call).items() if name in kept}
    held = call.face.held

    def chosen(issue: Issue) -> dict[str, Any]:
        fields = held(issue)
        found = {name: fields[name] for name in kept if name in fields}
        for name, read in special.items():
            if (value := read(issue, fields.get(name))) is not None:
                found[name] = value
        return found

    return chosen


def _all_but(excluded: set[str], call: Call) -> Chooser:
    special = {name: reader for name, reader in _special(call).items() if name not in excluded}

    def chosen(issue: Issue) -> dict[str, Any]:
        fields = call.face.held(issue)
        found = {name: value for name, value in fields.items() if name not in excluded}
        for name, read in special.items():
            if (value := read(issue, fields.get(name))) is not None:
                found[name] = value
        return found

    return chosen


def _special(call: Call) -> dict[str, Callable[[Issue, Any], Any]]:
    """Fields that are not served as they are held: what becomes of the value of an issue."""
    found: dict[str, Callable[[Issue, Any], Any]] = {"comment": lambda issue, _: comment_page(issue, call)}
    if call.account.hidden_projects or call.account.hidden_issues:
        found["parent"] = lambda _, parent: _parent(parent, call)
        found["issuelinks"] = lambda _, links: _links(links, call)
    return found


def visible(issue: Issue, call: Call) -> list[dict[str, Any]]:
    """The comments of an issue that can be seen by now."""
    now = stamp(call.site.clock())
    return [comment for comment in call.site.comments_of(issue) if comment.get("visibleAt", "") <= now]


def comment_page(issue: Issue, call: Call) -> dict[str, Any]:
    """The comments that stand among the fields of an issue: on Cloud no more than some."""
    held = visible(issue, call)
    given = held if call.site.datacenter else held[:COMMENTS_SHOWN]
    return {
        "comments": [comment_of(comment, issue, call) for comment in given],
        "self": f"{call.api}/issue/{issue.id}/comment",
        "maxResults": len(given),
        "total": len(held),
        "startAt": 0,
    }


def comment_of(comment: Mapping[str, Any], issue: Issue, call: Call, *, properties: bool = False) -> dict[str, Any]:
    """A comment as Jira shows it; its properties only where they are asked for."""
    shown = {name: value for name, value in comment.items() if name not in ("properties", "visibleAt", "wiki")}
    shown["self"] = f"{call.api}/issue/{issue.id}/comment/{comment['id']}"
    shown["body"] = call.face.text(comment)
    for name in ("author", "updateAuthor"):
        if user := shown.get(name):
            shown[name] = call.face.user(user)
    if properties:
        shown["properties"] = comment.get("properties", [])
    return shown


def _parent(parent: dict[str, Any] | None, call: Call) -> dict[str, Any] | None:
    """The parent; of one that the account may not see only what names it."""
    if parent is None:
        return None
    found = call.site.find(parent["id"])
    if found is None or call.site.sees(call.account, found):
        return parent
    return {"id": parent["id"], "key": parent["key"], "self": f"{call.api}/issue/{parent['id']}"}


def _links(links: list[dict[str, Any]] | None, call: Call) -> list[dict[str, Any]]:
    """Links to issues that the account may see; the others are not shown at all."""
    return [
        link
        for link in links or []
        if (found := call.site.find(linked(link)["id"])) is None or call.site.sees(call.account, found)
    ]


def issue_of(issue: Issue, view_: View, call: Call) -> dict[str, Any]:
    """The issue as Jira shows it."""
    shown: dict[str, Any] = {
        "expand": _EXPANDABLE,
        "id": issue.id,
        "self": f"{call.api}/issue/{issue.id}",
        "key": issue.key,
    }
    if view_.properties:
        shown["properties"] = {key: issue.properties[key] for key in view_.properties if key in issue.properties}
    if view_.changelog:
        shown["changelog"] = call.face.history(issue)
    if view_.choose is not None:
        shown["fields"] = view_.choose(issue)
    return shown


def expansions(expand: Sequence[str], call: Call) -> dict[str, Any]:
    """The ``names`` and ``schema`` that stand beside the issues, where they are asked for."""
    found: dict[str, Any] = {}
    if "names" in expand:
        found["names"] = {field["id"]: field["name"] for field in call.face.fields()}
    if "schema" in expand:
        found["schema"] = {field["id"]: field["schema"] for field in call.face.fields() if "schema" in field}
    return found
