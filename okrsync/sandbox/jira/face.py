"""The two faces of a site: how Jira Cloud and Jira Data Center show what is held in one way, that of Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from okrsync.sandbox.jira import adf, derive, language, sprints
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.derive import EPIC_LINK
from okrsync.sandbox.jira.issue import RICH_FIELDS, Issue
from okrsync.sandbox.jira.site import SPRINT, Site
from okrsync.sandbox.jira.wiki import wiki

Json = dict[str, Any]
RECENT_HISTORIES = 100
EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"
PARENT_LINK = "com.atlassian.jpo:jpo-custom-field-parent"
_ONLY_CLOUD = frozenset({"parent", "statuscategorychangedate"})  # fields that Data Center does not list
_POINTS = "com.pyxis.greenhopper.jira:jsw-story-points"
_NUMBER = "com.atlassian.jira.plugin.system.customfieldtypes:float"
_USERS = ("assignee", "reporter", "creator")
_NOT_A_DOCUMENT = "Comment body is not valid!"


class Face(Protocol):
    """How one kind of Jira shows and takes what a site holds."""

    version: str

    def held(self, issue: Issue) -> Mapping[str, Any]:
        """The fields of an issue, without its comments, from which a caller chooses."""
        ...

    def history(self, issue: Issue) -> Json:
        """What ``expand=changelog`` gives."""
        ...

    def fields(self) -> list[Json]:
        """Every field, as ``GET field`` lists them."""
        ...

    def row(self, row: Mapping[str, Any]) -> Json:
        """A status, an issue type, a project or a kind of link."""
        ...

    def user(self, user: Mapping[str, Any]) -> Json:
        """A person, by account on Cloud and by name on Data Center."""
        ...

    def text(self, comment: Mapping[str, Any]) -> Any:
        """The body of a comment."""
        ...

    def comment(self, body: Any) -> Json:
        """What to hold of a body that was sent; ValueError in Jira's words where it is none."""
        ...

    def taken(self, field: str, value: Any, /) -> Any:
        """The value of a field that was sent, as it would be sent to Cloud."""
        ...


class Cloud:
    """Version 3: as it is held, with names in the language of the account."""

    version = "3"

    def __init__(self, site: Site, account: Account) -> None:
        self._site, self._language = site, account.language

    def held(self, issue: Issue) -> Mapping[str, Any]:
        return language.fields(issue.fields, self._language) if self._language else issue.fields

    def history(self, issue: Issue) -> Json:
        """The newest hundred, newest first."""
        recent = issue.histories[: -RECENT_HISTORIES - 1 : -1]
        return {"startAt": 0, "maxResults": len(recent), "total": len(issue.histories), "histories": recent}

    def fields(self) -> list[Json]:
        return self._site.fields

    def row(self, row: Mapping[str, Any]) -> Json:
        return language.named(row, self._language) if self._language else dict(row)

    def user(self, user: Mapping[str, Any]) -> Json:
        return dict(user)

    def text(self, comment: Mapping[str, Any]) -> Any:
        return comment["body"]

    def comment(self, body: Any) -> Json:
        if not adf.is_document(body):
            raise ValueError(_NOT_A_DOCUMENT)
        return {"body": adf.kept(body)}

    def taken(self, _: str, value: Any, /) -> Any:
        return value


class DataCenter(Cloud):
    """Version 2: wiki texts, users with names, epics by a field of their own, sprints as Java prints them."""

    version = "2"

    def __init__(self, site: Site, account: Account, base: str) -> None:
        super().__init__(site, account)
        self._base = base
        self._levels = {kind["id"]: derive.level(kind) for kind in site.issue_types}
        self._own = own_fields(site)
        self._links = {kind: row["id"] for kind, row in self._own.items()}
        sprint, points = site.custom_field(SPRINT), site.custom_field(_POINTS)
        self._sprint = sprint["id"] if sprint else ""
        self._points = points["id"] if points else ""

    def held(self, issue: Issue) -> Mapping[str, Any]:
        found = dict(super().held(issue))
        found.pop("statuscategorychangedate", None)
        for name in RICH_FIELDS:
            if text := found.get(name):
                found[name] = wiki(text)
        for name in _USERS:
            if user := found.get(name):
                found[name] = self.user(user)
        if held := found.get(self._sprint):
            found[self._sprint] = [sprints.java(sprint) for sprint in held]
        for name in ("issuetype", "project"):
            found[name] = self.row(found[name])
        if links := found.get("issuelinks"):
            found["issuelinks"] = [self._link(link) for link in links]
        if subtasks := found.get("subtasks"):
            found["subtasks"] = [self._stub(one) for one in subtasks]
        return self._hung(found, issue)

    def _hung(self, found: Json, issue: Issue) -> Json:
        """The issue below its parent as Data Center has it, by one of three fields."""
        level = self._level(issue.fields["issuetype"])
        parent = found.pop("parent", None)
        for kind in (EPIC_LINK, PARENT_LINK):
            found[self._links[kind]] = None
        if level == 1:
            found[self._links[EPIC_NAME]] = issue.fields.get("summary")
        if parent is not None:
            link = self._kind_of_parent(level, parent["id"])
            found |= {"parent": self._stub(parent)} if link is None else {self._links[link]: parent.get("key")}
        return found

    def _kind_of_parent(self, level: int, parent_id: str) -> str | None:
        """The field that leads to this parent; None for a sub-task, which has a real parent."""
        if level < 0:
            return None
        parent = self._site.issues.get(parent_id)
        above = self._level(parent.fields["issuetype"]) if parent else 1
        return EPIC_LINK if above == 1 and level == 0 else PARENT_LINK

    def _level(self, kind: Mapping[str, Any]) -> int:
        return self._levels.get(kind["id"], 0)

    def _stub(self, issue: Mapping[str, Any]) -> Json:
        fields: Json = dict(issue.get("fields", {}))
        if "issuetype" in fields:
            fields["issuetype"] = self.row(fields["issuetype"])
        return {**issue, "self": f"{self._base}/rest/api/2/issue/{issue['id']}", "fields": fields}

    def _link(self, link: Mapping[str, Any]) -> Json:
        return {side: self._stub(value) if side.endswith("Issue") else value for side, value in link.items()}

    def history(self, issue: Issue) -> Json:
        """All of them, oldest first."""
        level = self._level(issue.fields["issuetype"])
        histories = [
            {
                **history,
                "author": self.user(history.get("author") or {}),
                "items": [self._line(item, level) for item in history["items"]],
            }
            for history in issue.histories
        ]
        count = len(histories)
        return {"startAt": 0, "maxResults": count, "total": count, "histories": histories}

    def _line(self, item: Mapping[str, Any], level: int) -> Json:
        """A line of a history: no ids of fields, and parents by the name of their field."""
        found = {name: value for name, value in item.items() if name not in ("fieldId", "tmpFromAccountId")}
        if item["field"] == "IssueParentAssociation":
            link = self._kind_of_parent(level, str(item.get("to") or item.get("from")))
            found["field"] = self._own[link]["name"] if link else "Parent"
            found["fieldtype"] = "custom" if link else "jira"
        elif item.get("fieldId") == self._points:
            found["field"] = "Story Points"
        return found

    def fields(self) -> list[Json]:
        """As on Cloud, but for what only Cloud has; points have no kind of their own."""
        held = [
            row for row in self._site.fields if row["id"] not in _ONLY_CLOUD and row["id"] not in self._links.values()
        ]
        plain = ({name: value for name, value in row.items() if name != "key"} for row in held)
        return [self._points_field(row) if row["id"] == self._points else row for row in plain] + list(
            self._own.values()
        )

    def _points_field(self, row: Json) -> Json:
        clauses = [row["clauseNames"][0], "Story Points"] if row.get("clauseNames") else ["Story Points"]
        return {
            **row,
            "name": "Story Points",
            "clauseNames": clauses,
            "schema": {**row["schema"], "custom": _NUMBER},
        }

    def row(self, row: Mapping[str, Any]) -> Json:
        left_out = ("hierarchyLevel", "style", "simplified", "isPrivate", "entityId", "uuid", "scope")
        return {name: value for name, value in super().row(row).items() if name not in left_out}

    def user(self, user: Mapping[str, Any]) -> Json:
        name = user.get("name") or user.get("accountId") or ""
        return {
            "self": f"{self._base}/rest/api/2/user?username={name}",
            "name": name,
            "key": name,
            "emailAddress": user.get("emailAddress") or f"{name}@example.test",
            "avatarUrls": {},
            "displayName": user.get("displayName", ""),
            "active": bool(user.get("active", True)),
            "timeZone": user.get("timeZone", "UTC"),
        }

    def text(self, comment: Mapping[str, Any]) -> Any:
        held = comment.get("wiki")
        return wiki(comment["body"]) if held is None else held

    def comment(self, body: Any) -> Json:
        if not isinstance(body, str):
            raise ValueError("Can not deserialize instance of java.lang.String out of START_OBJECT token")
        if not body.strip():
            raise ValueError("Comment body can not be empty!")
        return {"body": adf.document(body), "wiki": body}

    def taken(self, field: str, value: Any, /) -> Any:
        """Texts come as wiki markup, users by name, the keys of epics as text."""
        if field in RICH_FIELDS and value is not None:
            if not isinstance(value, str):
                raise ValueError("Operation value must be a string")
            return adf.document(value)
        if field in _USERS and isinstance(value, Mapping):
            return {"accountId": value.get("name")}
        return value


def own_fields(site: Site) -> dict[str, Json]:
    """The fields by which Data Center hangs issues below others, by kind: the site's own where it has them."""
    found: dict[str, Json] = {}
    taken = 10100
    for kind, name, type_ in (
        (EPIC_LINK, "Epic Link", "any"),
        (EPIC_NAME, "Epic Name", "string"),
        (PARENT_LINK, "Parent Link", "any"),
    ):
        row = site.custom_field(kind)
        if row is None:
            identity = site.free_field(taken)
            taken = int(identity.removeprefix("customfield_")) + 1
            row = derive.custom_field(identity, name, type_, None, kind)
            del row["key"]
        found[kind] = row
    return found


def face_of(site: Site, account: Account, base: str) -> Face:
    """The face that a site shows to an account."""
    return DataCenter(site, account, base) if site.datacenter else Cloud(site, account)
