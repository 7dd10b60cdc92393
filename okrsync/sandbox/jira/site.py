"""One Jira site: what it holds, found by id and by every key that an issue ever had."""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from okrsync.errors import UsageError
from okrsync.sandbox import lines
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.jira import adf, derive
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.limits import Bucket, Limits
from okrsync.sandbox.post import Post

if TYPE_CHECKING:
    from okrsync.sandbox.jira.hooks import Hook, Seen

Json = dict[str, Any]
SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
_COMMENT_OF = re.compile(r"/issue/([^/]+)/comment/")


class Site:
    """The state of one site. Hold ``lock`` around any use; ``revision`` moves with every change that a search may see.

    ``datacenter``: the site is Jira Data Center, version 2 of the interface; otherwise Cloud, version 3.
    ``page_limits``: the most issues that a search answers at once, taken in turn (Jira shrinks pages as it likes).
    ``epoch_histories``: changelog/bulkfetch dates its entries in epoch milliseconds, as the example of Atlassian's
    specification does, instead of in text, as its schema says.
    ``epochs``: how JQL reads a bare number as a date: exactly, as far in the future or the past, or not at all.
    ``index_lag``: searches find an issue so long after it was updated, direct reads at once.
    ``count_off_by``: by so much search/approximate-count is wrong.
    ``histories_shown``: so many entries a search of Data Center gives of each changelog, None for all.
    ``token_expires``: when the token of Data Center ends; ``bucket``: the limit of its users, None without one.
    """

    def __init__(
        self,
        name: str,
        issues: Iterable[Issue] = (),
        *,
        projects: Iterable[Json] = (),
        statuses: Iterable[Json] = (),
        issue_types: Iterable[Json] = (),
        fields: Iterable[Json] = (),
        sprints: Iterable[Json] = (),
        account: Account | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.account = account or Account("acc-okrsync", "okrsync", "okrsync@example.test")
        self.accounts: dict[str, Account] = {}
        self.datacenter = False
        self.page_limits: tuple[int, ...] = ()
        self.pages_served = 0
        self.epoch_histories = False
        self.epochs = "exact"
        self.index_lag = timedelta()
        self.count_off_by = 0
        self.histories_shown: int | None = None
        self.token_expires: datetime | None = None
        self.bucket: Bucket | None = None
        self.limits = Limits()
        self.revision = 0
        self.post = Post()  # by which webhooks leave
        self.hooks: dict[int, Hook] = {}
        self.noticed: tuple[int, dict[str, Seen]] | None = None  # revision and issues when webhooks told last
        self.issues: dict[str, Issue] = {}
        self._ids: dict[str, str] = {}  # key in capitals, old ones too → id
        self.comments: dict[str, list[Json]] = {}
        self._old_projects: dict[str, str] = {}  # key in lower case → id
        self._last_number: dict[str, int] = {}
        self._last_id = 10_000
        self.searches: dict[tuple[object, ...], tuple[int, list[Any], list[Issue]]] = {}
        self.archived: set[str] = set()  # ids of issues
        self.sprints: dict[int, Json] = {}
        self.link_type: Json = {"id": "10000", "name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
        for issue in issues:
            self.put(issue)
        self.projects = derive.projects(projects, self.issues.values())
        self.statuses = derive.statuses(statuses, self.issues.values())
        self.issue_types = derive.issue_types(issue_types, self.issues.values())
        self.options: dict[str, list[Json]] = {}  # of select fields, by id of the field
        self.off_screens: dict[str, set[str]] = {}  # id of a field → ids of projects whose screens lack it
        self.fields = [self._described(row) for row in derive.fields(fields, self.issues.values())]
        self._adopt_sprints(sprints)

    @property
    def cloud_id(self) -> str:
        """What names the site behind the gateway: always the same for the same name."""
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.atlassian.test"))

    # ── issues ──

    def put(self, issue: Issue) -> None:
        """The site holds this issue, under its key."""
        self.issues[issue.id] = issue
        self._ids[issue.key.upper()] = issue.id
        self._last_id = max(self._last_id, issue.numeric_id)
        project = issue.project_id
        self._last_number[project] = max(self._last_number.get(project, 0), issue.number)
        (self.archived.add if issue.fields.get("archiveddate") else self.archived.discard)(issue.id)
        self.revision += 1

    def find(self, id_or_key: str) -> Issue | None:
        """By id, key or any key that it had before, in any case."""
        return self.issues.get(id_or_key) or self.issues.get(self._ids.get(id_or_key.upper(), ""))

    def drop(self, issue: Issue) -> None:
        """The issue, its keys and its comments are gone."""
        del self.issues[issue.id]
        self._ids = {key: found for key, found in self._ids.items() if found != issue.id}
        self.comments.pop(issue.id, None)
        self.archived.discard(issue.id)
        self.revision += 1

    def next_id(self) -> str:
        """An id that nothing has yet: issues, comments and histories share one row of numbers."""
        self._last_id += 1
        return str(self._last_id)

    def next_key(self, project: Mapping[str, Any]) -> str:
        number = self._last_number.get(project["id"], 0) + 1
        self._last_number[project["id"]] = number
        return f"{project['key']}-{number}"

    def rekey(self, issue: Issue, key: str) -> None:
        """The issue has a new key; the old one still leads to it."""
        issue.old_keys.append(issue.key)
        issue.rename(key)
        self.put(issue)

    # ── metadata ──

    def project(self, id_or_key: str) -> Json | None:
        """By id, key or name; keys and names in any case."""
        if found := self.projects.get(id_or_key):
            return found
        wanted = id_or_key.casefold()
        for project in self.projects.values():
            if wanted in (project["key"].casefold(), project.get("name", "").casefold()):
                return project
        return self.projects.get(self._old_projects.get(wanted, ""))

    def rename_project(self, project: Json, key: str) -> None:
        """The project has another key, and so have its issues; the old ones still lead to them, and none is updated."""
        self._old_projects[project["key"].casefold()] = project["id"]
        for issue in [issue for issue in self.issues.values() if issue.project_id == project["id"]]:
            issue.fields["project"] = project
            self.rekey(issue, f"{key}-{issue.number}")
        project["key"] = key

    def status(self, id_or_name: str) -> Json | None:
        wanted = id_or_name.casefold()
        return next((s for s in self.statuses if s["id"] == id_or_name or s["name"].casefold() == wanted), None)

    def issue_type(self, id_or_name: str) -> Json | None:
        wanted = id_or_name.casefold()
        return next((t for t in self.issue_types if t["id"] == id_or_name or t["name"].casefold() == wanted), None)

    def field(self, id_or_name: str) -> Json | None:
        wanted = id_or_name.casefold()
        return next((f for f in self.fields if f["id"] == id_or_name or f["name"].casefold() == wanted), None)

    def next_limit(self, usual: int) -> int:
        """The most issues of the next page: one of ``page_limits`` in turn, or what is usual."""
        self.pages_served += 1
        return self.page_limits[(self.pages_served - 1) % len(self.page_limits)] if self.page_limits else usual

    def custom_field(self, kind: str) -> Json | None:
        """The field of this kind (the end of ``schema.custom``)."""
        return next((f for f in self.fields if f.get("schema", {}).get("custom", "").endswith(kind)), None)

    def sprint_field(self) -> Json:
        """The field that holds sprints; made where there was none."""
        if found := self.custom_field(SPRINT):
            return found
        found = derive.custom_field(self.free_field(10020), "Sprint", "array", "json", SPRINT)
        self.fields.append(found)
        return found

    def free_field(self, number: int) -> str:
        """The id of a custom field that the site does not have, from this number on."""
        taken = {field["id"] for field in self.fields}
        while f"customfield_{number}" in taken:
            number += 1
        return f"customfield_{number}"

    def choose(self, field: str, options: Iterable[str | Json]) -> None:
        """A select field has these options, each with an id of its own; ``{"value": …, "disabled": true}`` is one that
        nobody can choose any more."""
        known = {one["value"]: one["id"] for one in self.options.get(field, ())}
        given = [one if isinstance(one, dict) else {"value": one} for one in options]
        number = max((int(identity) for identity in known.values()), default=10_200)
        found: list[Json] = []
        for one in given:
            number += one["value"] not in known
            found.append({**one, "id": known.get(one["value"], str(number))})
        self.options[field] = found

    def _described(self, row: Json) -> Json:
        """A field without what only the sandbox knows of it: its options, the projects whose screens lack it."""
        found = dict(row)
        if "options" in found:
            self.choose(found["id"], found.pop("options"))
        if "off_screens" in found:
            self.off_screens[found["id"]] = set(found.pop("off_screens"))
        return found

    def _field_rows(self) -> Iterator[Json]:
        for row in self.fields:
            off = self.off_screens.get(row["id"])
            options = self.options.get(row["id"])
            yield row | ({"options": options} if options else {}) | ({"off_screens": sorted(off)} if off else {})

    def _adopt_sprints(self, known: Iterable[Json]) -> None:
        """The sprints of the file and of the issues, which hold the site's own, so that all change at once."""
        self.sprints = {int(sprint["id"]): sprint for sprint in known}
        field = self.custom_field(SPRINT)
        for issue in self.issues.values() if field else ():
            held = issue.fields.get(field["id"]) if field else None
            if isinstance(held, list) and all(isinstance(sprint, dict) for sprint in held):
                held[:] = [self.sprints.setdefault(int(sprint["id"]), sprint) for sprint in held]

    # ── who sees what ──

    def account_of(self, email: str | None) -> Account:
        """The account of this e-mail address; the site's own where none is set up."""
        return self.accounts.get(email or "", self.account)

    def sees_project(self, account: Account, project: Mapping[str, Any]) -> bool:
        return not account.anonymous and project["id"] not in account.hidden_projects and account.may("BROWSE_PROJECTS")

    def sees(self, account: Account, issue: Issue) -> bool:
        if account.anonymous or issue.id in account.hidden_issues:
            return False
        return issue.project_id not in account.hidden_projects and account.may("BROWSE_PROJECTS")

    def found(self, account: Account) -> Iterator[Issue]:
        """What a search may find: what the account sees and nobody archived."""
        archived = {project["id"] for project in self.projects.values() if project.get("archived")}
        if not (self.archived or archived):
            return self.visible(account)
        return (i for i in self.visible(account) if i.id not in self.archived and i.project_id not in archived)

    def visible(self, account: Account) -> Iterator[Issue]:
        if not (account.hidden_projects or account.hidden_issues or account.anonymous or account.denied):
            return iter(self.issues.values())
        return (issue for issue in self.issues.values() if self.sees(account, issue))

    def hide(self, name: str, account: Account | None = None) -> None:
        """The account (the site's own by default) may no longer read this project or issue."""
        self._hidden(name, account or self.account, hide=True)

    def show(self, name: str, account: Account | None = None) -> None:
        """The account may read this project or issue again."""
        self._hidden(name, account or self.account, hide=False)

    def _hidden(self, name: str, account: Account, *, hide: bool) -> None:
        with self.lock:
            self.revision += 1
            if issue := self.find(name):
                (account.hidden_issues.add if hide else account.hidden_issues.discard)(issue.id)
            elif project := self.project(name):
                (account.hidden_projects.add if hide else account.hidden_projects.discard)(project["id"])
            else:
                raise UsageError(f"{self.name} has neither a project nor an issue {name!r}")

    # ── comments ──

    def comments_of(self, issue: Issue) -> list[Json]:
        return self.comments.setdefault(issue.id, [])

    # ── folders ──

    @classmethod
    def load(cls, folder: Path, clock: Clock) -> Site:
        """The site that a folder of JSON Lines describes; UsageError names the file and line that is broken."""
        found: dict[str, Issue] = {}
        embedded: dict[str, list[Json]] = {}
        for place, raw in _rows(folder / "issues.jsonl"):
            found[place] = issue = _issue(place, raw)
            page = issue.fields.pop("comment", None)
            if page:
                embedded[issue.id] = page.get("comments", [])
        site = cls(
            folder.name,
            found.values(),
            projects=_described(folder / "projects.jsonl", "id", "key", "name"),
            statuses=_described(folder / "statuses.jsonl", "id", "name"),
            issue_types=_described(folder / "issue_types.jsonl", "id", "name"),
            fields=_described(folder / "fields.jsonl", "id", "name"),
            sprints=(row for _, row in _rows(folder / "sprints.jsonl")),
            clock=clock,
        )
        for place, issue in found.items():
            site._complete(place, issue.fields, "parent")
            for link in issue.fields.get("issuelinks") or ():
                site._complete(place, link, "inwardIssue")
                site._complete(place, link, "outwardIssue")
        for issue_id, comments in embedded.items():
            for comment in comments:
                site._adopt(site.issues[issue_id], comment)
        for place, comment in _rows(folder / "comments.jsonl"):
            owner = site.find(str(comment.get("issueId") or _owner(comment)))
            if owner is None or "id" not in comment:
                raise UsageError(f"{place}: a comment needs an id and the issue that it is on (issueId, or its self)")
            comment.pop("issueId", None)
            site._adopt(owner, comment)
        return site

    def _complete(self, place: str, holder: Json, name: str) -> None:
        """The issue that the holder names by its key or its id alone stands there as Jira shows it."""
        named = holder.get(name)
        if not named or {"id", "key"} <= named.keys():
            return
        known = self.find(str(named.get("id") or named.get("key")))
        if known is None:
            raise UsageError(f"{place}: {name} names no issue of the site, and tells no id and key of another")
        holder[name] = known.stub()

    def _adopt(self, issue: Issue, comment: Json) -> None:
        if isinstance(comment.get("body"), str):
            comment["body"] = adf.document(comment["body"])
        self._last_id = max(self._last_id, int(comment["id"]))
        self.comments_of(issue).append(comment)

    def save(self, folder: Path) -> None:
        """Write the site back, in the form that :meth:`load` reads."""
        with self.lock:
            lines.write(folder / "issues.jsonl", (issue.raw() for issue in self.issues.values()))
            lines.write(folder / "projects.jsonl", self.projects.values())
            lines.write(folder / "statuses.jsonl", self.statuses)
            lines.write(folder / "issue_types.jsonl", self.issue_types)
            lines.write(folder / "fields.jsonl", self._field_rows())
            if self.sprints:
                lines.write(folder / "sprints.jsonl", self.sprints.values())
            lines.write(
                folder / "comments.jsonl",
                ({"issueId": issue, **comment} for issue, all_ in self.comments.items() for comment in all_),
            )


def _rows(path: Path) -> Iterator[tuple[str, Json]]:
    for number, row in lines.read(path):
        yield f"{path}, line {number}", row


def _described(path: Path, *required: str) -> Iterator[Json]:
    for place, row in _rows(path):
        for name in required:
            if not isinstance(row.get(name), str):
                raise UsageError(f"{place}: {name!r} is missing or no text")
        yield row


def _issue(place: str, raw: Json) -> Issue:
    try:
        histories = sorted(
            (raw.get("changelog") or {}).get("histories", []),
            key=lambda history: (history["created"], int(history["id"])),
        )
        issue = Issue(raw["id"], raw["key"], raw["fields"], histories, raw.get("properties"))
        for name in ("project", "status", "issuetype"):
            if "id" not in issue.fields[name]:
                raise ValueError(f"the {name} has no id")
        return issue
    except (KeyError, TypeError, ValueError) as error:
        what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise UsageError(f"{place}: not an issue as Jira lists them: {what}") from None


def _owner(comment: Json) -> str:
    found = _COMMENT_OF.search(str(comment.get("self", "")))
    return found.group(1) if found else ""
