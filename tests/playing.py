"""What people do in three tools of two scopes each, tool by tool but by the same words.

Whatever an act cannot do where it is asked for, it leaves: it returns what was done in words, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from every_surface import Everywhere
from small_company import Company
from trio import ARCHIVE, BOARD, CAMPAIGNS, READ

from okrsync.errors import UsageError
from okrsync.sandbox.asana.records import projects_of
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.values import Issue as HubIssue
from okrsync.sandbox.jira.issue import Issue

POINTS = "customfield_10016"
FEW = 4  # so many items of a tool are not deleted
STATES = ("todo", "doing", "done", "cancelled")
LABELS = ("okr:KR-UX", "OKR-kr-pay", "okr:KR-UXX", "ktlo", "blue")
SCOPES = {"jira": ("SHOP", "PAY"), "github": ("acme/shop", "acme/tools"), "asana": (BOARD, CAMPAIGNS)}
REVOCABLE = {"jira": "PAY", "github": "acme/tools", "asana": CAMPAIGNS}

Done: TypeAlias = "str | None"
"""What was done, in words; None: nothing."""


class Jira:
    """Tickets of the site: two projects are configured, and a third one is not."""

    def __init__(self, company: Company) -> None:
        self.company, self.site = company, company.site
        self.revoked = False

    def all(self) -> list[Issue]:
        return [self.site.issues[key] for key in sorted(self.site.issues)]

    def hidden(self, issue: Issue) -> bool:
        return self.revoked and issue.fields["project"]["key"] == REVOCABLE["jira"]

    def create(self, place: int, label: str | None, points: int | None) -> Done:
        made = self.company.create(("SHOP", "PAY", "SHOP", "PLAT")[place % 4], labels=[label] if label else [])
        if points is not None:
            self.company.edit(made, fields={POINTS: points})
        return made.key

    def retitle(self, issue: Issue, words: str) -> Done:
        self.company.edit(issue, fields={"summary": words, "description": f"Say {words}"})
        return issue.key

    def estimate(self, issue: Issue, points: int | None) -> Done:
        self.company.edit(issue, fields={POINTS: points})
        return issue.key

    def work(self, issue: Issue, state: str) -> Done:
        if state == "cancelled":
            self.company.edit(issue, status="Terminé", fields={"resolution": {"name": "Won't Do"}})
        else:
            if issue.fields["resolution"]:
                self.company.edit(issue, fields={"resolution": None})
            self.company.edit(issue, status={"todo": "À faire", "doing": "En cours", "done": "Terminé"}[state])
        return issue.key

    def relabel(self, issue: Issue, label: str) -> Done:
        had = label in issue.fields["labels"]
        self.company.edit(issue, labels={"remove" if had else "add": [label]})
        return f"{issue.key} {'-' if had else '+'}{label}"

    def reparent(self, issue: Issue, above: Issue | None) -> Done:
        if above is not None and (above is issue or self._below(above, issue)):
            return None
        self.company.edit(issue, fields={"parent": above and {"key": above.key}})
        return f"{issue.key} below {above and above.key}"

    def _below(self, issue: Issue, other: Issue) -> bool:
        """Whether one stands below the other, at any depth."""
        seen = set()
        one: Issue | None = issue
        while one is not None and one.id not in seen:
            seen.add(one.id)
            parent = one.fields.get("parent")
            one = self.site.issues.get(parent["id"]) if parent else None
            if one is other:
                return True
        return False

    def move(self, issue: Issue, place: int) -> Done:
        was = issue.key
        if self.hidden(issue):
            return None
        self.company.edit(issue, project=("SHOP", "PAY", "PLAT")[place % 3])
        return f"{was} → {issue.key}"

    def delete(self, issue: Issue) -> Done:
        self.company.edit(issue, delete=True)
        return issue.key

    def revoke(self, revoked: bool) -> Done:
        (self.site.hide if revoked else self.site.show)(REVOCABLE["jira"])
        self.revoked = revoked
        return REVOCABLE["jira"]


class GitHub:
    """Issues and pull requests of two repositories."""

    def __init__(self, shop: Repository, tools: Repository) -> None:
        self.repositories = (shop, tools)
        self.revoked = False

    def all(self, *, pulls: bool = False) -> list[tuple[Repository, HubIssue]]:
        return [
            (where, where.issues[number])
            for where in self.repositories
            for number in sorted(where.issues)
            if (where.issues[number].pull is not None) == pulls
        ]

    def hidden(self, entry: tuple[Repository, HubIssue]) -> bool:
        return entry[0].hidden

    def create(self, place: int, label: str | None, points: int | None) -> Done:
        where = self.repositories[place % 2]
        made = where.issue("Work", body="What is to be done", labels=[label] if label else [])
        return f"{where.full_name}#{made.number}"

    def retitle(self, entry: tuple[Repository, HubIssue], words: str) -> Done:
        return self._edit(entry, title=words, body=f"Say {words}")

    def estimate(self, entry: tuple[Repository, HubIssue], points: int | None) -> Done:
        return None  # GitHub has no points

    def work(self, entry: tuple[Repository, HubIssue], state: str) -> Done:
        if state == "cancelled":
            return self._edit(entry, state="closed", state_reason="not_planned")
        if state == "done":
            return self._edit(entry, state="closed", state_reason="completed")
        return self._edit(entry, state="open")

    def relabel(self, entry: tuple[Repository, HubIssue], label: str) -> Done:
        where, issue = entry
        names = {where.labels[one].name for one in issue.labels}
        twin = next((one for one in names if one.casefold() == label.casefold()), label)
        return self._edit(entry, labels=sorted(names ^ {twin}))

    def reparent(self, entry: tuple[Repository, HubIssue], above: tuple[Repository, HubIssue] | None) -> Done:
        """In one repository: what two interfaces tell of a parent in a hidden one differs."""
        if above is None:
            return self._edit(entry, parent=None)
        where, issue = entry
        if above[0] is not where:
            return None
        one, seen = above[1], set()
        while one.number not in seen:
            seen.add(one.number)
            if one is issue:
                return None
            ref = one.parent and where.directory.current(one.parent)
            if not ref or ref.repository != where.full_name or ref.number not in where.issues:
                break
            one = where.issues[ref.number]
        return self._edit(entry, parent=f"{where.full_name}#{above[1].number}")

    def move(self, entry: tuple[Repository, HubIssue], place: int) -> Done:
        """Alone: who moves takes no children along."""
        where, issue = entry
        to = self.repositories[1 - self.repositories.index(where)]
        refs = [one.parent and where.directory.current(one.parent) for _, one in self.all()]
        below = [ref for ref in refs if ref and (ref.repository, ref.number) == (where.full_name, issue.number)]
        if where.hidden or to.hidden or below:
            return None
        self._edit(entry, parent=None)
        moved = where.transfer(issue.number, to)
        return f"{where.full_name}#{issue.number} → {to.full_name}#{moved.number}"

    def delete(self, entry: tuple[Repository, HubIssue]) -> Done:
        entry[0].delete(entry[1].number)
        return f"{entry[0].full_name}#{entry[1].number}"

    def revoke(self, revoked: bool) -> Done:
        self.repositories[1].hide(revoked)
        self.revoked = revoked
        return REVOCABLE["github"]

    def _edit(self, entry: tuple[Repository, HubIssue], **wanted: Any) -> str:
        where, issue = entry
        where.edit(issue.number, **wanted)
        return f"{where.full_name}#{issue.number} {wanted}"

    # ── what is no ticket ──

    def open_pull(self, place: int, words: str) -> Done:
        where = self.repositories[place % 2]
        made = where.pull(words, body=f"Closes #{1 + place % 4}", head=f"b{len(where.branches)}", commits=[words])
        return f"{where.full_name}#{made.number}"

    def settle_pull(self, place: int, how: str) -> Done:
        pulls = [one for one in self.all(pulls=True) if not one[1].pull or not one[1].pull.merged_at]
        if not pulls:
            return None
        where, issue = pulls[place % len(pulls)]
        if how == "merge" and issue.state == "open":
            where.merge(issue.number, method="squash")
        elif how != "merge":
            where.edit(issue.number, state="closed" if issue.state == "open" else "open")
        return f"{how} {where.full_name}#{issue.number}"

    def push(self, place: int, words: str) -> Done:
        where = self.repositories[place % 2]
        (made,) = where.push([f"{words} (#{1 + place % 4})"])
        return f"{where.full_name} {made.sha[:7]}"


class Asana:
    """Tasks of two projects, and of a third one that is not configured."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.revoked = False

    def all(self) -> list[Any]:
        return [self.workspace.held["task"][gid] for gid in sorted(self.workspace.held["task"])]

    def hidden(self, task: Any) -> bool:
        return not self.workspace.sees(task)

    def create(self, place: int, label: str | None, points: int | None) -> Done:
        more = {"tags": [label]} if label else {}
        return self.workspace.task("Work", project=(BOARD, CAMPAIGNS, ARCHIVE)[place % 3], **more)

    def retitle(self, task: Any, words: str) -> Done:
        return self._edit(task, name=words, notes=f"Say {words}")

    def estimate(self, task: Any, points: int | None) -> Done:
        return None  # no project has such a field

    def work(self, task: Any, state: str) -> Done:
        return self._edit(task, completed=state in ("done", "cancelled"))

    def relabel(self, task: Any, label: str) -> Done:
        has = any(tag["name"] == label for tag in task.get("tags") or ())
        return self._edit(task, tags={"remove" if has else "add": [label]})

    def reparent(self, task: Any, above: Any) -> Done:
        if above is not None and (above is task or self.hidden(task) or self.hidden(above)):
            return None
        return self._edit(task, parent=above and above["gid"])

    def move(self, task: Any, place: int) -> Done:
        if self.revoked or not projects_of(task):
            return None
        if place % 4 == 3:
            return self._edit(task, remove_from=projects_of(task)[0]["gid"])
        return self._edit(task, project=(BOARD, CAMPAIGNS, ARCHIVE)[place % 4])

    def delete(self, task: Any) -> Done:
        return self._edit(task, delete=True)

    def revoke(self, revoked: bool) -> Done:
        (self.workspace.hide if revoked else self.workspace.show)(CAMPAIGNS)
        self.revoked = revoked
        return CAMPAIGNS

    def _edit(self, task: Any, **wanted: Any) -> Done:
        try:
            self.workspace.edit(f"tasks/{task['gid']}", wanted)
        except UsageError as refusal:
            return f"refused: {refusal}"
        return f"{task['gid']} {wanted}"


class Play:
    """The three tools, each by its name."""

    def __init__(self, trio: Everywhere) -> None:
        self.trio, self.company = trio, trio.company
        tools = Repository("acme/tools")
        self.company.sandbox.world.github.add(tools)
        tools.push(["Begin"])
        tools.issue("Elsewhere", labels=["okr:KR-UX"])
        self.company.replace('repositories = ["acme/shop"]', 'repositories = ["acme/shop", "acme/tools"]')
        self.company.replace(f'projects = ["{BOARD}"]', f'projects = ["{BOARD}", "{CAMPAIGNS}"]')
        for gid in (CAMPAIGNS, ARCHIVE):
            trio.workspace.edit(f"projects/{gid}", {"fields": [{"name": "Objective"}, {"name": "OKR progress"}]})
        trio.workspace.task("Posters", project=CAMPAIGNS, tags=["OKR-kr-pay"])
        reader = f'metric = {{{{ from = "asana_goal", goal = "asana:goal:{READ}" }}}}\n'
        self.company.replace(reader, "")  # a reading is of when it was first seen
        self.jira = Jira(self.company)
        self.github = GitHub(trio.repository, tools)
        self.asana = Asana(trio.workspace)
        self.tools: dict[str, Any] = {"jira": self.jira, "github": self.github, "asana": self.asana}

    def do(self, tool: str, act: str, place: int, *what: Any) -> Done:
        """An act on one of the items of a tool."""
        played = self.tools[tool]
        items = played.all()
        if not items or (act == "delete" and len(items) <= FEW):
            return None
        one: Callable[..., Done] = getattr(played, act)
        return one(items[place % len(items)], *what)

    def reparent(self, tool: str, place: int, above: int | None) -> Done:
        items = self.tools[tool].all()
        other = items[above % len(items)] if items and above is not None else None
        return self.do(tool, "reparent", place, other)
