"""Writes repositories: issues, pull requests and the commits that they became, and what machines add."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from okrsync.sandbox.company.jira import Draft
from okrsync.sandbox.company.jira_metadata import BUG
from okrsync.sandbox.company.lives import Life, Lives
from okrsync.sandbox.company.people import TEAMS, Person
from okrsync.sandbox.company.quarter import Quarter
from okrsync.sandbox.company.words import BUMPS, STEPS, UNNAMED_STEPS, lowered, slug
from okrsync.sandbox.github.repository import Repository
from okrsync.sandbox.github.values import sha_of, stamp

ORGANISATION = "ormeraie"
BOT = {"login": "dependabot[bot]", "type": "Bot"}
KEY = "{key}"
"""Stands in a text where the key of the ticket will be, once it has one."""


@dataclass
class IssueDraft:
    """An issue to be; its number comes when the repository is written."""

    title: str
    life: Life
    author: Person
    labels: Sequence[str] = ()
    milestone: int | None = None
    parent: IssueDraft | None = None
    number: int = 0

    @property
    def opened(self) -> datetime:
        return self.life.opened

    @property
    def key(self) -> str:
        return f"#{self.number}"


@dataclass
class CommitDraft:
    """A commit of the default branch, or of a branch that was merged."""

    message: str
    at: datetime
    author: Person | None
    sha: str
    ticket: Draft | IssueDraft | None = None


@dataclass
class PullDraft:
    """A pull request to be: merged where it has a commit, else open. ``branch_commits``: merged as they were."""

    title: str
    opened: datetime
    author: Person | None
    branch: str
    body: str = ""
    ticket: Draft | IssueDraft | None = None
    commit: CommitDraft | None = None
    branch_commits: list[CommitDraft] = field(default_factory=list)
    labels: Sequence[str] = ()
    updated: datetime | None = None
    number: int = 0


class Codebase:
    """One repository of one team; what it does by chance depends on its name alone."""

    def __init__(self, quarter: Quarter, name: str, team: str, *, newest: int) -> None:
        self.full_name = f"{ORGANISATION}/{name}"
        self._quarter, self._name, self._people, self._newest = quarter, name, TEAMS[team], newest
        self._random = Random(self.full_name)
        self._lives = Lives(quarter, f"issues of {self.full_name}")
        self._issues: list[IssueDraft] = []
        self._pulls: list[PullDraft] = []
        self._commits: list[CommitDraft] = []  # of the default branch, besides those of pull requests
        self._milestones: dict[int, str] = {}
        self._begun: list[Draft | IssueDraft] = []
        self._shas: set[str] = set()
        self._machines()

    # ── issues ──

    def milestone(self, number: int, title: str) -> None:
        self._milestones[number] = title

    def tracking(self, title: str, labels: Sequence[str]) -> IssueDraft:
        """An open issue from before the quarter, above others."""
        issue = IssueDraft(title, Life(self._quarter.week(-3)), self._person(), labels)
        self._issues.append(issue)
        return issue

    def issues(
        self,
        titles: Sequence[str],
        *,
        labels: Sequence[str] = (),
        milestone: int | None = None,
        parent: IssueDraft | None = None,
        done: int = 0,
        planned: bool = True,
    ) -> list[IssueDraft]:
        """Issues in order: the first ``done`` are closed evenly over the quarter, the others wait."""
        lives = self._lives.many(len(titles), done, planned=planned)
        made = [
            IssueDraft(title, life, self._person(), labels, milestone, parent)
            for title, life in zip(titles, lives, strict=True)
        ]
        self._issues += made
        return made

    # ── what tickets became ──

    def work_on(self, tickets: Iterable[Draft], scope: str = "") -> None:
        """As people work: most of what is done came by a pull request, some by bare commits, some left no trace.

        ``scope`` is the part of the code, as the titles of some pull requests tell it.
        """
        for ticket in tickets:
            if ticket.life.started is not None and ticket not in self._begun:
                self._work_on(ticket, scope, ticket.life.started)

    def _work_on(self, ticket: Draft, scope: str, started: datetime) -> None:
        chance = self._random.random()
        if ticket.life.done is None:
            if chance < 0.4:
                self.push(f"{KEY} {self._random.choice(STEPS)}", started + timedelta(hours=5), ticket)
        elif chance < 0.32:
            self.squash(ticket, self._random.choice(("title", "brackets", "branch", "body")), scope)
        elif chance < 0.58:
            self.merge(ticket)
        elif chance < 0.76:
            self.push(f"{KEY} {lowered(ticket.title)}", ticket.life.done, ticket)

    def fix(self, issues: Iterable[IssueDraft]) -> None:
        """What is closed was mostly closed by a pull request, else by a commit or by hand."""
        for issue in issues:
            if issue.life.done is None:
                continue
            chance = self._random.random()
            if chance < 0.6:
                self._squash(issue.title, f"Fixes {KEY}", slug(issue.title), issue.life.done, issue)
            elif chance < 0.85:
                self.push(f"{issue.title}\n\nCloses {KEY}", issue.life.done, issue)

    def squash(self, ticket: Draft, how: str, scope: str = "") -> str:
        """The commit of a squashed pull request that names the ticket in its title, branch or body."""
        done = ticket.life.done
        assert done is not None
        kind = "fix" if ticket.kind == BUG else "feat"
        told = f"{kind}({scope}): {lowered(ticket.title)}" if scope else f"{kind}: {lowered(ticket.title)}"
        branch = f"{kind}/{slug(ticket.title)}"
        title, body, branch = {
            "title": (f"{KEY} {ticket.title}", "", branch),
            "brackets": (f"[{KEY}] {ticket.title}", "", branch),
            "branch": (told, "", f"{kind}/{KEY}-{slug(ticket.title)}"),
            "body": (told, f"Ticket : {KEY}\n\nRelu et essayé en recette.", branch),
        }[how]
        return self._squash(title, body, branch, done, ticket)

    def _squash(self, title: str, body: str, branch: str, at: datetime, ticket: Draft | IssueDraft | None) -> str:
        author = self._person()
        commit = CommitDraft(title, at, author, self._sha(title), ticket)
        opened = self._quarter.working(at - timedelta(hours=self._random.uniform(6, 70)))
        self._pulls.append(PullDraft(title, opened, author, branch, body, ticket, commit))
        self._begun += [] if ticket is None else [ticket]
        return commit.sha

    def merge(self, ticket: Draft) -> None:
        """A pull request whose commits stay as they are, below a merge commit."""
        done, author = ticket.life.done, self._person()
        assert done is not None
        named = self._random.sample(STEPS, self._random.randint(1, 2))
        messages = [f"{KEY} : {one}" for one in named]
        if self._random.random() < 0.35:
            messages.append(self._random.choice(UNNAMED_STEPS))
        opened = self._quarter.working(done - timedelta(hours=self._random.uniform(20, 80)))
        branch = f"{KEY}-{slug(ticket.title)}"
        steps = [
            CommitDraft(text, opened - timedelta(hours=2) + timedelta(minutes=25 * place), author, "", ticket)
            for place, text in enumerate(messages)
        ]
        for step in steps:
            step.sha = self._sha(f"{ticket.title}:{step.message}")
        commit = CommitDraft(f"Merge pull request {{number}} from {ORGANISATION}/{branch}", done, author, "", ticket)
        commit.sha = self._sha(f"merge:{ticket.title}")
        title = f"{KEY} {ticket.title}"
        self._pulls.append(PullDraft(title, opened, author, branch, "", ticket, commit, steps))
        self._begun.append(ticket)

    def push(self, message: str, at: datetime, ticket: Draft | IssueDraft | None = None) -> str:
        """A commit on the default branch without a pull request; its sha."""
        commit = CommitDraft(message, self._quarter.working(at), self._person(), self._sha(message), ticket)
        self._commits.append(commit)
        self._begun += [] if ticket is None else [ticket]
        return commit.sha

    def trailer(self, title: str, line: str, share: float) -> str:
        """A commit that names its goal in a trailer."""
        return self.push(f"{title}\n\n{line}", self._quarter.at(share))

    def revert(self, ticket: Draft) -> str:
        """What was done for the ticket is taken back a day later."""
        undone = self.squash(ticket, "brackets")
        assert ticket.life.done is not None
        message = f'Revert "{ticket.title}"\n\nThis reverts commit {undone}.'
        return self.push(message, ticket.life.done + timedelta(days=1))

    def open_pull(
        self,
        title: str,
        *,
        opened: datetime,
        updated: datetime,
        branch: str = "",
        body: str = "",
        ticket: Draft | None = None,
        labels: Sequence[str] = (),
        number: int = 0,
    ) -> str:
        """A pull request that waits to be merged; its key, where the number is given."""
        branch = branch or f"{KEY}-{slug(title)}"
        self._pulls.append(
            PullDraft(title, opened, self._person(), branch, body, ticket, None, [], labels, updated, number)
        )
        self._begun += [] if ticket is None else [ticket]
        return f"{self.full_name}#{number}"

    def _machines(self) -> None:
        """Updates by a robot every other week, releases in between."""
        major = self._random.randint(2, 9)
        for place, bump in enumerate(BUMPS[self._name]):
            opened = self._quarter.week(0.4 + 7 * place / len(BUMPS[self._name]))
            merged = self._quarter.working(opened + timedelta(days=1))
            commit = CommitDraft(bump, merged, None, self._sha(bump))
            self._pulls.append(PullDraft(bump, opened, None, f"dependabot/{place}", commit=commit))
        for number in range(4):
            self.push(f"Release v{major}.{14 + number}.0", self._quarter.week(2 * number + 0.1))

    # ── on paper ──

    def write(self) -> Repository:
        """The repository as GitHub holds it. The tickets that it names have their keys by now."""
        return Repository(
            self.full_name,
            repo={"default_branch": "main", "private": True, "created_at": stamp(self._quarter.week(-120))},
            **self.paper(),
        )

    def paper(self) -> dict[str, list[dict[str, Any]]]:
        """Its parts, each as GitHub lists it."""
        self._count()
        return {
            "issues": [self._issue(one) for one in self._issues],
            "pulls": [self._pull(one) for one in self._pulls],
            "commits": self._history(),
            "milestones": [self._milestone(number, title) for number, title in self._milestones.items()],
        }

    def _count(self) -> None:
        drafts: list[IssueDraft | PullDraft] = [*self._issues, *self._pulls]
        taken = {one.number for one in drafts}
        ordered = sorted(
            (one for one in drafts if not one.number),
            key=lambda one: (one.opened, one.title),
            reverse=True,
        )
        free = (number for number in range(self._newest, 0, -1) if number not in taken)
        for one, number in zip(ordered, free, strict=False):
            one.number = number

    def _issue(self, issue: IssueDraft) -> dict[str, Any]:
        life = issue.life
        found = {
            "number": issue.number,
            "title": issue.title,
            "body": "",
            "user": {"login": issue.author.login, "type": "User"},
            "labels": [{"name": label} for label in issue.labels],
            "created_at": stamp(life.opened),
            "updated_at": stamp(life.done or life.opened),
        }
        if life.done is not None:
            found |= {"state": "closed", "state_reason": "completed", "closed_at": stamp(life.done)}
        if issue.milestone is not None:
            found["milestone"] = {"number": issue.milestone}
        if issue.parent is not None:
            found["parent_issue_url"] = f"https://api.github.com/repos/{self.full_name}/issues/{issue.parent.number}"
        return found

    def _milestone(self, number: int, title: str) -> dict[str, Any]:
        return {"number": number, "title": title, "created_at": stamp(self._quarter.week(-4))}

    def _pull(self, pull: PullDraft) -> dict[str, Any]:
        merged = pull.commit.at if pull.commit else None
        found: dict[str, Any] = {
            "number": pull.number,
            "title": _named(pull.title, pull),
            "body": _named(pull.body, pull),
            "user": _account(pull.author),
            "labels": [{"name": label} for label in pull.labels],
            "created_at": stamp(pull.opened),
            "updated_at": stamp(merged or pull.updated or pull.opened),
            "head": {"ref": _named(pull.branch, pull), "sha": sha_of(f"head:{self.full_name}:{pull.title}")},
            "base": {"ref": "main"},
        }
        if pull.commit is not None and merged is not None:
            found |= {"state": "closed", "closed_at": stamp(merged), "merged_at": stamp(merged)}
            found["merge_commit_sha"] = pull.commit.sha
            if pull.branch_commits:
                found["head"]["sha"] = pull.branch_commits[-1].sha
        return found

    def _history(self) -> list[dict[str, Any]]:
        """Every commit with its parents, newest first."""
        of_pulls = {one.commit.sha: one for one in self._pulls if one.commit is not None}
        main = sorted(
            [*self._commits, *(one.commit for one in of_pulls.values() if one.commit is not None)],
            key=lambda commit: (commit.at, commit.sha),
        )
        instants = [commit.at for commit in main]
        rows: list[tuple[datetime, dict[str, Any]]] = []
        for place, commit in enumerate(main):
            parents = [main[place - 1].sha] if place else []
            pull = of_pulls.get(commit.sha)
            if pull is not None and pull.branch_commits:
                fork = min(bisect_right(instants, pull.branch_commits[0].at), place) - 1
                below = [main[fork].sha] if fork >= 0 else []
                for step in pull.branch_commits:
                    rows.append((step.at, self._commit(step, pull, below)))
                    below = [step.sha]
                parents += below
            rows.append((commit.at, self._commit(commit, pull, parents)))
        return [row for _, row in sorted(rows, key=lambda row: row[0], reverse=True)]

    def _commit(self, commit: CommitDraft, pull: PullDraft | None, parents: Iterable[str]) -> dict[str, Any]:
        message = _named(commit.message, commit)
        if pull is not None and commit is pull.commit:
            merge = bool(pull.branch_commits)
            number = f"#{pull.number}"
            message = f"{message.replace('{number}', number)}" if merge else f"{message} ({number})"
            if merge:
                message += f"\n\n{_named(pull.title, pull)}"
        author = _account(commit.author)
        name = commit.author.name if commit.author else author["login"]
        email = commit.author.email if commit.author else "49699333+dependabot[bot]@users.noreply.github.com"
        signed = {"name": name, "email": email, "date": stamp(commit.at)}
        return {
            "sha": commit.sha,
            "commit": {"message": message, "author": signed, "committer": signed},
            "author": author,
            "committer": author,
            "parents": [{"sha": sha} for sha in parents],
        }

    # ── small things ──

    def _person(self) -> Person:
        return self._random.choice(self._people)

    def _sha(self, text: str) -> str:
        """A sha that depends on the text alone, the first time that the text is used."""
        sha = sha_of(f"{self.full_name}:{text}")
        while sha in self._shas:
            sha = sha_of(sha)
        self._shas.add(sha)
        return sha


def _named(text: str, draft: CommitDraft | PullDraft) -> str:
    return text.replace(KEY, draft.ticket.key) if draft.ticket is not None else text


def _account(person: Person | None) -> dict[str, str]:
    return {"login": person.login, "type": "User"} if person is not None else BOT
