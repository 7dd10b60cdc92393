"""One repository: from raw objects in the shape of the API's lists, from a folder, and by hand.

The methods that change something do what a person does in GitHub; each takes ``by`` (a login) and ``at`` (an instant;
the clock of the world otherwise).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from okrsync.errors import UsageError
from okrsync.sandbox import lines
from okrsync.sandbox.github import changes, derive, links, merging, settings, timeline
from okrsync.sandbox.github.changes import Hand
from okrsync.sandbox.github.history import History
from okrsync.sandbox.github.merging import Method
from okrsync.sandbox.github.show import API, Show
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Comment, Commit, Issue, Milestone, Ref, User, born, restamp

Raw = Mapping[str, Any]
PERSON = "a-person"
_FACTS = (
    "private",
    "visibility",
    "description",
    "homepage",
    "language",
    "archived",
    "disabled",
    "topics",
    "has_issues",
)
_OWN = "sandbox"  # a key of repo.json that holds what no list of GitHub's says


class Repository(State):
    """What is missing in the given objects is derived.

    ``commits`` without ``branches`` are what the default branch lists, whole: its head is the newest of them, and tips
    that lead nowhere are reached from there. ``pulls`` may have an entry among ``issues`` or not.
    """

    def __init__(
        self,
        full_name: str,
        *,
        repo: Raw | None = None,
        issues: Iterable[Raw] = (),
        pulls: Iterable[Raw] = (),
        commits: Iterable[Raw] = (),
        labels: Iterable[Raw] = (),
        milestones: Iterable[Raw] = (),
        comments: Iterable[Raw] = (),
        branches: Iterable[Raw] = (),
        statuses: Iterable[Raw] = (),
        events: Iterable[Raw] = (),
    ) -> None:
        pulls = list(pulls)
        described = repo or _base_of(pulls, full_name)
        super().__init__(full_name, described.get("id"))
        self.node_id = described.get("node_id") or self.node_id
        self.owner = derive.user(described.get("owner")) or self._organisation()
        self.facts = {name: described[name] for name in _FACTS if name in described}
        self.default_branch = described.get("default_branch") or "main"
        own: Raw = described.get(_OWN) or {}
        self.old_names = list(own.get("old_names", ()))
        self.hidden = bool(own.get("hidden"))
        self.tags = dict(own.get("tags", {}))
        self.gone = {int(number): Ref.read(to, full_name) if to else None for number, to in own.get("gone", {}).items()}
        for one in labels:
            with _about("labels", one):
                derive.label(one, self)
        for one in milestones:
            with _about("milestones", one):
                derive.milestone(one, self)
        with _about("commits"):
            self._take_commits(list(commits), list(branches), own.get("grafts", {}))
        self._take_issues(list(issues), pulls)
        for raw in comments:
            with _about("comments", raw):
                self._take_comment(raw)
        for raw in statuses:
            with _about("statuses", raw):
                status = derive.status(raw, self)
                self.statuses.setdefault(status.sha, []).append(status)
        for raw in events:
            with _about("events", raw):
                number, event = derive.event(raw, self)
                self.find(number).events.append(event)
        for issue in self.issues.values():
            issue.events = sorted([*issue.events, *derive.ending(issue)], key=lambda one: one.at)
        self._date(described)
        self.directory.add(self)

    def _organisation(self) -> User:
        made = User.named(self.full_name.partition("/")[0])
        return User(made.login, made.id, made.node_id, "Organization")

    def _take_commits(self, raws: list[Raw], branches: list[Raw], grafts: Mapping[str, list[str]]) -> None:
        self.history = History(derive.commits(raws, self))
        self.branches = {raw["name"]: raw["commit"]["sha"] for raw in branches}
        tips = self.history.tips()
        if tips and not branches:
            self.branches[self.default_branch] = tips[0].sha
            grafts = {tips[0].sha: [tip.sha for tip in tips[1:]]}
        for sha, parents in grafts.items():
            self.history.graft(sha, parents)

    def _take_issues(self, issues: list[Raw], pulls: list[Raw]) -> None:
        pull_of = {raw["number"]: raw for raw in pulls if "number" in raw}
        became = derive.became(self.history.commits.values()) if pulls else {}
        listed = {raw["number"] for raw in issues if "number" in raw}
        rows: list[tuple[Raw, Raw | None]] = [(raw, pull_of.get(raw.get("number"))) for raw in issues]
        rows += [({}, raw) for raw in pulls if raw.get("number") not in listed]
        last = max((*listed, *pull_of, *self.gone), default=0)
        for entry, pull in rows:
            raw: Raw = {**_without_id(pull), **entry, "pull_request": {}} if pull is not None else entry
            number = raw.get("number")
            if number is None:
                number = last = last + 1
            with _about("issues" if pull is None else "pulls", raw):
                if number in self.issues:
                    raise ValueError("this number is there twice")
                issue = derive.issue(raw, self, number)
                if "pull_request" in raw:
                    issue.pull = derive.pull(pull or raw, self, issue, became)
                self.issues[number] = issue

    def _take_comment(self, raw: Raw) -> None:
        comment = derive.comment(raw, self)
        if comment.number not in self.issues:
            raise ValueError(f"a comment on #{comment.number}, which is not there")
        self.issues[comment.number].comments.append(comment)

    def _date(self, described: Raw) -> None:
        dates = [commit.committed.date for commit in self.history.commits.values()]
        seen = [*dates, *(issue.created_at for issue in self.issues.values())]
        self.created_at = (
            restamp(described["created_at"]) if described.get("created_at") else min(seen, default=born(0))
        )
        newest = max(dates, default=self.created_at)
        self.pushed_at = restamp(described["pushed_at"]) if described.get("pushed_at") else newest
        self.updated_at = restamp(described["updated_at"]) if described.get("updated_at") else self.pushed_at

    # ── by hand ──

    def _hand(self, by: str | None, at: datetime | None) -> Hand:
        return Hand(User.named(by or PERSON), at or self.directory.clock())

    def find(self, number: int) -> Issue:
        """The issue or pull request; ValueError where there is none."""
        if number not in self.issues:
            raise ValueError(f"{self.full_name} has no #{number}")
        return self.issues[number]

    def issue(
        self, title: str, *, number: int | None = None, by: str | None = None, at: datetime | None = None, **wanted: Any
    ) -> Issue:
        """A new issue; ``wanted`` may hold body, labels, assignees, milestone, type and parent."""
        with self.directory.lock:
            return changes.create(self, self._hand(by, at), {"title": title, **wanted}, number)

    def pull(
        self, title: str, *, number: int | None = None, by: str | None = None, at: datetime | None = None, **wanted: Any
    ) -> Issue:
        """A new pull request from ``head``; besides what an issue takes: base, draft, closes, commits (messages)."""
        with self.directory.lock:
            hand = self._hand(by, at)
            return merging.create(self, hand, {"title": title, **wanted}, number)

    def edit(self, number: int, *, by: str | None = None, at: datetime | None = None, **wanted: Any) -> Issue:
        """The issue or pull request with these values; ``labels`` is the whole list."""
        with self.directory.lock:
            issue, hand = self.find(number), self._hand(by, at)
            if issue.pull is not None:
                merging.edit(self, issue, hand, wanted)
            else:
                changes.edit(self, issue, hand, wanted)
            return issue

    def block(self, number: int, *by: str | int) -> None:
        """These issues (``3`` or ``owner/repo#3``) block it besides those that did; no issue is updated."""
        with self.directory.lock:
            issue = self.find(number)
            links.set_blockers(self, issue, self._hand(None, None), [*issue.blockers, *by])

    def unblock(self, number: int) -> None:
        """Nothing blocks the issue any more."""
        with self.directory.lock:
            links.set_blockers(self, self.find(number), self._hand(None, None), ())

    def comment(self, number: int, body: str, *, by: str | None = None, at: datetime | None = None) -> Comment:
        with self.directory.lock:
            return changes.comment(self, self.find(number), self._hand(by, at), body)

    def milestone(self, title: str, *, by: str | None = None, at: datetime | None = None, **wanted: Any) -> Milestone:
        with self.directory.lock:
            return changes.create_milestone(self, self._hand(by, at), {"title": title, **wanted})

    def edit_milestone(
        self, number: int, *, by: str | None = None, at: datetime | None = None, **wanted: Any
    ) -> Milestone:
        with self.directory.lock:
            return changes.edit_milestone(self, number, self._hand(by, at), wanted)

    def rename_label(self, name: str, new: str) -> None:
        with self.directory.lock:
            changes.rename_label(self, name, new)

    def commit(
        self, message: str, *, branch: str | None = None, by: str | None = None, at: datetime | None = None
    ) -> Commit:
        """One commit on top of a branch, the default one otherwise."""
        return self.push([message], branch=branch, by=by, at=at)[0]

    def push(
        self,
        commits: Iterable[str | Raw],
        *,
        branch: str | None = None,
        by: str | None = None,
        at: datetime | None = None,
    ) -> list[Commit]:
        """These commits on top of a branch, oldest first: messages, or raw objects (dates and shas of their own)."""
        with self.directory.lock:
            return merging.push(self, self._hand(by, at), commits, branch)

    def force_push(
        self,
        commits: Iterable[str | Raw] = (),
        *,
        branch: str | None = None,
        drop: int = 1,
        forget: bool = False,
        by: str | None = None,
        at: datetime | None = None,
    ) -> list[Commit]:
        """The branch without its last ``drop`` commits, with these on top instead; with ``forget`` GitHub no longer
        finds the dropped ones by their sha."""
        with self.directory.lock:
            return merging.force_push(self, self._hand(by, at), commits, branch, drop=drop, forget=forget)

    def merge(
        self, number: int, *, method: Method = "merge", by: str | None = None, at: datetime | None = None
    ) -> Commit:
        """The pull request is merged, and what it closes is closed; the commit by which it came in."""
        with self.directory.lock:
            return merging.merge(self, self.find(number), self._hand(by, at), method)

    def delete(self, number: int) -> None:
        """The issue is gone for good (410)."""
        with self.directory.lock:
            changes.delete(self, self.find(number))

    def transfer(self, number: int, to: State, *, by: str | None = None, at: datetime | None = None) -> Issue:
        """The issue lives in another repository; the old number leads there (301)."""
        with self.directory.lock:
            return changes.transfer(self, self.find(number), to, self._hand(by, at))

    def rename(self, name: str, *, at: datetime | None = None) -> None:
        """The repository has another name (``new`` or ``owner/new``); the old one leads to it (301, 307)."""
        with self.directory.lock:
            settings.rename(self, self._hand(None, at), name)

    def set(self, *, at: datetime | None = None, **facts: Any) -> None:
        """The repository is ``private``, ``archived``, or has another ``description``."""
        with self.directory.lock:
            settings.set_facts(self, self._hand(None, at), **facts)

    def branch(self, name: str, start: str | None = None, *, at: datetime | None = None) -> str:
        """The sha of a new branch that starts where a branch, a tag or a sha stands."""
        with self.directory.lock:
            return settings.branch(self, self._hand(None, at), name, start)

    def delete_branch(self, name: str, *, at: datetime | None = None) -> None:
        with self.directory.lock:
            settings.delete_branch(self, self._hand(None, at), name)

    def default(self, name: str, *, at: datetime | None = None) -> None:
        """Another branch is the default one."""
        with self.directory.lock:
            settings.default(self, self._hand(None, at), name)

    def tag(self, name: str, on: str | None = None, *, at: datetime | None = None) -> str:
        """The sha on which the tag stands now."""
        with self.directory.lock:
            return settings.tag(self, self._hand(None, at), name, on)

    def hide(self, hidden: bool = True) -> None:
        """The account may no longer read the repository (404); with False it may again."""
        with self.directory.lock:
            settings.hide(self, hidden=hidden)

    def remove(self) -> None:
        """The repository is gone for good (404)."""
        with self.directory.lock:
            settings.remove(self)

    def empty(self) -> None:
        """The repository has no commit and no branch (409)."""
        with self.directory.lock:
            self.history, self.branches = History(), {}
            self.changed()

    # ── folders ──

    @classmethod
    def load(cls, folder: Path) -> Repository:
        """The repository that a folder of JSON Lines describes; UsageError names the file that is broken."""
        kinds = ("issues", "pulls", "commits", "labels", "milestones", "comments", "branches", "statuses", "events")
        repo = next(iter(_rows(folder / "repo.json")), None)
        given = {kind: _rows(folder / f"{kind}.jsonl") for kind in kinds}
        try:
            return cls((repo or {}).get("full_name") or f"{folder.parent.name}/{folder.name}", repo=repo, **given)
        except ValueError as error:
            raise UsageError(f"{folder}: {error}") from None

    def save(self, folder: Path) -> None:
        """Write the repository back, in the form that :meth:`load` reads."""
        with self.directory.lock:
            show, all_ = Show(API, self.directory), self.issues.values()
            own = {
                "old_names": self.old_names,
                "hidden": self.hidden,
                "gone": {str(number): str(to) if to else None for number, to in self.gone.items()},
                "grafts": self.history.grafts,
                "tags": self.tags,
            }
            lines.write(folder / "repo.json", [{**show.repository(self), _OWN: own}])
            lines.write(folder / "issues.jsonl", (self._saved_issue(show, one) for one in all_))
            lines.write(folder / "pulls.jsonl", (self._saved_pull(show, one) for one in all_ if one.pull))
            lines.write(folder / "commits.jsonl", (show.commit(self, one) for one in self.history.commits.values()))
            lines.write(folder / "labels.jsonl", (show.label(self, one) for one in self.labels.values()))
            lines.write(folder / "milestones.jsonl", (show.milestone(self, one) for one in self.milestones.values()))
            comments = (one for issue in all_ for one in issue.comments)
            lines.write(folder / "comments.jsonl", (show.comment(self, one) for one in comments))
            lines.write(folder / "branches.jsonl", (show.branch(self, name) for name in self.branches))
            statuses = (one for some in self.statuses.values() for one in some)
            lines.write(folder / "statuses.jsonl", (show.status(self, one) for one in statuses))
            events = ((issue, one) for issue in all_ for one in issue.events)
            lines.write(folder / "events.jsonl", (timeline.saved(show, self, issue, one) for issue, one in events))

    def _saved_issue(self, show: Show, issue: Issue) -> dict[str, Any]:
        blockers = {"blocked_by": [str(ref) for ref in issue.blockers]} if issue.blockers else {}
        return {**show.issue(self, issue), **blockers}

    def _saved_pull(self, show: Show, issue: Issue) -> dict[str, Any]:
        assert issue.pull is not None
        linked = [str(ref) for ref in issue.pull.closes]
        return {
            **show.pull(self, issue),
            "merged_by": show.user(issue.pull.merged_by),
            "closing_issues_references": linked,
        }


def _rows(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in lines.read(path)]


def _base_of(pulls: list[Raw], full_name: str) -> Raw:
    """The repository as its pull requests describe it."""
    for raw in pulls:
        found: Raw = (raw.get("base") or {}).get("repo") or {}
        if found.get("full_name") == full_name:
            return found
    return {}


def _without_id(pull: Raw) -> Raw:
    """A pull request as the list of issues has it: its id there is another one."""
    return {name: value for name, value in pull.items() if name != "id"}


@contextmanager
def _about(kind: str, raw: Raw | None = None) -> Iterator[None]:
    """Whatever is wrong inside is a ValueError that names the object."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        name = next((f" {raw[key]}" for key in ("number", "id", "name") if key in raw), "") if raw else ""
        what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise ValueError(f"{kind}{name}: not as GitHub lists it: {what}") from None
