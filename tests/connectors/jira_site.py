"""Jira as the conformance suite and other tests know it: a site of the sandbox, Cloud or Data Center."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from conformance_harness import TOKEN, SandboxHarness, Trial
from contract import Contract
from lumen_metadata import PROJECTS

from connectors import registry
from connectors.jira import JiraSettings
from okrsync.model import Secret, SecretRef, Slot, SourceConfig, Surface
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.company.jira_metadata import FIELDS, ISSUE_TYPES, STATUSES
from okrsync.sandbox.jira import admin, changes, screens, values
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site

PERSON = Account("acc-1", "Ada")
OBJECTIVE, PROGRESS = "customfield_10100", "customfield_10101"
OPTIONS = ("O-PAY · Getting paid", "O-UX", "O-SHOP · A shop that *sells*")


class JiraHarness(SandboxHarness):
    page = 5
    unknown = "999999999"
    quiet = 4  # projects, fields, statuses, one search
    pulls = r".*/search/jql"
    counts = r".*/search/approximate-count"
    indispensable = frozenset({"id", "issues"})
    open_query = "project in (SHOP, PAY) AND statusCategory != Done"
    bad_query = "project = ("
    email: str | None = "okrsync@example.test"

    def __init__(self, sandbox: Sandbox, site: Site, clock: Clock) -> None:
        super().__init__(sandbox)
        self.site, self.clock = site, clock

    def connect(
        self, token: str = TOKEN, *, url: str = "", written: frozenset[str] = frozenset(), **settings: Any
    ) -> Any:
        source = SourceConfig(
            id="it",
            kind="jira",
            url=url or f"{self.sandbox.url}/jira/acme",
            email=self.email,
            token=SecretRef("env", "JIRA_TOKEN"),
            settings=JiraSettings(**{"projects": ("SHOP", "PAY"), **settings}),
            timeout=self.timeout,
            written=written,
        )
        made: Any = registry.connect(source, Secret(token))
        made._api._transport._wait = lambda seconds: False  # tries again at once
        self.opened.append(made)
        return made

    def _hand(self, at: datetime | None = None) -> Hand:
        return Hand(PERSON, at or self.clock())

    def create(self, summary: str = "Something", **fields: Any) -> Issue:
        """One more issue, of SHOP and a bug unless ``fields`` say otherwise."""
        self.clock.advance(timedelta(minutes=1))
        return changes.create(
            self.site, {"summary": summary, "project": "SHOP", "issuetype": "Bug", **fields}, self._hand()
        )

    def edit(self, issue: Issue, **body: Any) -> None:
        """An edit as a person makes it, a minute later."""
        self.clock.advance(timedelta(minutes=1))
        admin.change(self.site, issue, body)

    def seed(self, count: int, *, at: datetime | None = None) -> list[str]:
        found = []
        for number in range(count):
            self.clock.advance(timedelta(minutes=7))
            fields = {"summary": f"Issue {number}", "project": ("SHOP", "PAY")[number % 2], "issuetype": "Bug"}
            found.append(changes.create(self.site, fields, self._hand(at)).id)
        self.clock.advance(timedelta(hours=1))
        return found

    def touch(self, remote_id: str) -> None:
        issue = self.site.issues[remote_id]
        labels = [*issue.fields["labels"], f"label-{len(issue.fields['labels'])}"]
        changes.change(self.site, issue, {"labels": labels}, self._hand())

    def label(self, remote_id: str, name: str) -> None:
        issue = self.site.issues[remote_id]
        changes.change(self.site, issue, {"labels": [*issue.fields["labels"], name]}, self._hand())

    def finish(self, remote_id: str) -> None:
        done = values.stored("status", "Terminé", self.site)
        changes.change(self.site, self.site.issues[remote_id], {"status": done}, self._hand())

    def reword(self) -> None:
        status = next(one for one in self.site.statuses if one["name"] == "Terminé")
        status["name"] = "Fini"

    def delete(self, remote_id: str) -> None:
        changes.delete(self.site, self.site.issues[remote_id])

    def move(self, remote_id: str) -> tuple[str, str]:
        issue = self.site.issues[remote_id]
        before, project = issue.key, self.site.project("PAY" if issue.key.startswith("SHOP") else "SHOP")
        assert project is not None
        changes.move(self.site, issue, project, self._hand())
        return before, issue.key

    def hide(self, remote_id: str) -> None:
        self.site.hide(self.site.issues[remote_id].key)

    def hide_scope(self) -> str:
        self.site.hide("PAY")
        return "PAY"

    def fields(self) -> None:
        """The fields that okrsync fills: a select list with options, and a number."""
        screens.define(self.site, {"id": OBJECTIVE, "name": "Objective", "type": "select", "options": OPTIONS})
        screens.define(self.site, {"id": PROGRESS, "name": "OKR progress", "type": "number"})

    def trials(self) -> Sequence[Trial]:
        """Each on an issue of its own: an issue takes 20 writes in 2 s."""
        self.fields()
        issues = iter(self.seed(6))
        text = "KR-UX: 50 %\n- one [~admin] @bo {panel}\n- two\n\n<!-- acme -->"
        tried: tuple[tuple[Surface, str, Any, Any], ...] = (
            (Surface.LABEL, "okr-orphan", True, True),
            (Surface.OBJECTIVE_LABEL, "okr-objective:O-UX", True, True),
            (Surface.OBJECTIVE_FIELD, OBJECTIVE, "O-UX", "O-SHOP"),
            (Surface.NUMBER, PROGRESS, 62, 12.5),
            (Surface.PROPERTY, "okrsync.acme", {"p": 0.5, "items": ["é"]}, {"p": 1}),
            (Surface.COMMENT, "acme", text, "Done"),
        )
        return tuple(
            Trial(Slot("it", next(issues), surface, name), first, second) for surface, name, first, second in tried
        )


class DataCenterHarness(JiraHarness):
    """With a personal access token, and below a path."""

    pulls = counts = r".*/rest/api/2/search"
    indispensable = frozenset({"id", "issues", "total"})
    email = None
    cannot: ClassVar[Mapping[str, str]] = {
        "batched reads": "only a search gives many issues at once, and its index may lag behind a write",
        "repeated token": "pages go by offset; those that lead nowhere are tried in test_jira_datacenter.py",
    }


def stands(source: Any, slot: Slot) -> Any:
    """What stands in one slot; raises where it cannot be read."""
    found = source.read([slot])[slot]
    if isinstance(found, Exception):
        raise found
    return found


@contextmanager
def serving(
    made_by: type[JiraHarness], watch: Callable[[Contract, str], None], agreed: Contract
) -> Iterator[JiraHarness]:
    """An empty site of this edition; all that is sent to it is held against Atlassian's specification."""
    clock = Clock(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    site = Site("acme", projects=PROJECTS, statuses=map(dict, STATUSES), issue_types=ISSUE_TYPES, fields=FIELDS)
    site.datacenter = made_by is DataCenterHarness
    site.page_limits = (made_by.page,)
    with Sandbox(World([site], clock=clock)) as sandbox:
        watch(agreed, f"{sandbox.url}/jira/acme")
        made = made_by(sandbox, site, clock)
        yield made
        made.close()
