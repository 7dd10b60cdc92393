"""Writes tickets into Jira with their lives, each change at its own time, through the code that serves edits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from okrsync.sandbox.company.jira_metadata import (
    DOING,
    DONE,
    EPIC,
    FIELDS,
    FLAGGED,
    ISSUE_TYPES,
    POINTS,
    REVIEW,
    STATUSES,
    STORY,
    SUBTASK,
    TODO,
    project,
)
from okrsync.sandbox.company.lives import Life, Lives
from okrsync.sandbox.company.people import TEAMS, Person
from okrsync.sandbox.company.quarter import Quarter
from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.adf import document
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.jira.values import stored

SITE = "ormeraie"
PROJECTS = (
    project("10001", "BOUT", "Boutique en ligne"),
    project("10002", "APP", "Application mobile"),
    project("10003", "PAY", "Paiement"),
    project("10004", "PLAT", "Plateforme"),
    project("10005", "CAT", "Catalogue"),
    project("10006", "SEC", "Sécurité"),
)
SECRET = "SEC"  # noqa: S105
_ESTIMATES = (1, 2, 2, 3, 3, 5, 8)


@dataclass
class Draft:
    """A ticket to be. It has its ``key`` from the start or once it is written."""

    project: str
    kind: str
    title: str
    life: Life
    person: Person
    parent: Draft | None = None
    labels: Sequence[str] = ()
    points: int | None = None
    key: str = ""
    held_up: datetime | None = None
    description: str = ""
    issue: Issue | None = field(default=None, repr=False)

    def hold_up(self, since: datetime, why: str) -> None:
        """It is flagged as blocked since then."""
        self.held_up, self.description = since, why


class Jira:
    """Collects drafts, team by team, and writes them in the order in which they were opened."""

    def __init__(self, quarter: Quarter) -> None:
        self._quarter = quarter
        self._epics: list[Draft] = []
        self._drafts: list[Draft] = []
        self.site = Site(
            SITE,
            projects=PROJECTS,
            statuses=STATUSES,
            issue_types=ISSUE_TYPES,
            fields=FIELDS,
            account=Account("acc-okrsync", "okrsync", "okrsync@ormeraie.test", "Europe/Paris"),
        )

    def begin(self, project: str, team: str, lives: Lives, *, points: bool) -> None:
        """What follows is a team's, in a project; ``points``: whether they estimate."""
        self._project, self._people, self._lives, self._points = project, TEAMS[team], lives, points

    def epic(self, key: str, title: str, labels: Sequence[str] = ()) -> Draft:
        opened = self._quarter.working(self._quarter.start - timedelta(days=self._lives.random.uniform(30, 45)))
        life = Life(opened, self._quarter.working(self._quarter.start + timedelta(hours=2)))
        epic = Draft(key.partition("-")[0], EPIC, title, life, self._person(), labels=labels, key=key)
        self._epics.append(epic)
        return epic

    def batch(
        self,
        titles: Iterable[str],
        *,
        kind: str = STORY,
        parent: Draft | None = None,
        labels: Sequence[str] = (),
        done: int = 0,
        doing: int = 0,
        planned: bool = True,
    ) -> list[Draft]:
        """Tickets in order: the first ``done`` are finished evenly over the quarter, then ``doing`` are at work."""
        names = tuple(titles)
        lives = self._lives.many(len(names), done, doing, planned=planned)
        made = [
            Draft(self._project, kind, title, life, self._person(), parent, labels, self._estimate())
            for title, life in zip(names, lives, strict=True)
        ]
        self._drafts += made
        return made

    def part(self, title: str, whole: Draft) -> Draft:
        """A sub-task that is as far as its story."""
        life = whole.life
        opened = self._quarter.working(life.opened + timedelta(hours=30))
        part = Draft(whole.project, SUBTASK, title, Life(opened, life.started, life.done), self._person(), whole)
        part.points = 1 if self._points else None
        self._drafts.append(part)
        return part

    def write(self) -> None:
        """Every draft is an issue, with its history; what lies in the secret project is out of sight."""
        for draft in (*self._epics, *sorted(self._drafts, key=lambda one: (one.life.opened, one.title))):
            self._write(draft)
        self.site.hide(SECRET)

    def _write(self, draft: Draft) -> None:
        life = draft.life
        fields: dict[str, Any] = {"project": draft.project, "issuetype": draft.kind, "summary": draft.title}
        fields |= {"status": TODO, "assignee": draft.person.account.user("")}
        if draft.description:
            fields["description"] = document(draft.description)
        if draft.points is not None:
            fields[POINTS] = float(draft.points)
        if draft.parent is not None and draft.parent.issue is not None:
            fields["parent"] = draft.parent.issue.id
        hand = Hand(draft.person.account, life.opened)
        draft.issue = changes.create(self.site, fields, hand, draft.key or None)
        draft.key = draft.issue.key
        if draft.labels:
            self._change(draft, life.opened + timedelta(hours=1), labels=list(draft.labels))
        if draft.held_up is not None:
            self._change(draft, draft.held_up, **{FLAGGED: [{"id": "10019", "value": "Impediment"}]})
        if life.started is not None:
            self._change(draft, max(life.started, life.opened + timedelta(hours=2)), status=DOING)
        if life.done is not None:
            self._change(draft, max(life.done - timedelta(hours=5), life.opened + timedelta(hours=3)), status=REVIEW)
            self._change(draft, max(life.done, life.opened + timedelta(hours=4)), status=DONE, resolution="Done")

    def _change(self, draft: Draft, at: datetime, **fields: Any) -> None:
        assert draft.issue is not None
        wanted = {name: stored(name, value, self.site) for name, value in fields.items()}
        changes.change(self.site, draft.issue, wanted, Hand(draft.person.account, min(at, self._quarter.now)))

    def _person(self) -> Person:
        return self._lives.random.choice(self._people)

    def _estimate(self) -> int | None:
        return self._lives.random.choice(_ESTIMATES) if self._points else None
