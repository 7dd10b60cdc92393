"""The conformance suite over Jira, served by the sandbox; its requests are held against Atlassian's specification."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conformance import TOKEN, SandboxHarness, SourceConformance, Trial, drain, ids, start
from contract import Contract
from lumen_metadata import PROJECTS

from connectors import registry
from connectors.jira import JiraSettings
from okrsync.errors import AuthError
from okrsync.model import Secret, SecretRef, Slot, SourceConfig, Surface
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.company.jira_metadata import FIELDS, ISSUE_TYPES, STATUSES
from okrsync.sandbox.jira import changes
from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.changes import Hand
from okrsync.sandbox.jira.site import Site

PERSON = Account("acc-1", "Ada")


class JiraHarness(SandboxHarness):
    page = 5
    unknown = "999999999"
    pulls = r".*/search/jql"

    def __init__(self, sandbox: Sandbox, site: Site, clock: Clock) -> None:
        super().__init__(sandbox)
        self.site, self.clock = site, clock

    def connect(self, token: str = TOKEN) -> Any:
        source = SourceConfig(
            id="it",
            kind="jira",
            url=f"{self.sandbox.url}/jira/acme",
            email="okrsync@example.test",
            token=SecretRef("env", "JIRA_TOKEN"),
            settings=JiraSettings(projects=("SHOP", "PAY")),
            timeout=self.timeout,
        )
        made: Any = registry.connect(source, Secret(token))
        made._api._transport._wait = lambda seconds: False  # tries again at once
        self.opened.append(made)
        return made

    def _hand(self, at: datetime | None = None) -> Hand:
        return Hand(PERSON, at or self.clock())

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

    def trials(self) -> Sequence[Trial]:
        (issue,) = self.seed(1)
        text = "KR-UX: 50 %\n- one [~admin] @bo {panel}\n- two\n\n<!-- acme -->"
        return (
            Trial(Slot("it", issue, Surface.LABEL, "okr-orphan"), True, True),
            Trial(Slot("it", issue, Surface.PROPERTY, "okrsync.acme"), {"p": 0.5, "items": ["é"]}, {"p": 1}),
            Trial(Slot("it", issue, Surface.COMMENT, "acme"), text, "Done"),
        )


@pytest.fixture
def harness(watch: Callable[[Contract, str], None], jira_contract: Contract) -> Iterator[JiraHarness]:
    clock = Clock(datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    site = Site("acme", projects=PROJECTS, statuses=STATUSES, issue_types=ISSUE_TYPES, fields=FIELDS)
    site.page_limits = (JiraHarness.page,)
    with Sandbox(World([site], clock=clock)) as sandbox:
        watch(jira_contract, f"{sandbox.url}/jira/acme")
        made = JiraHarness(sandbox, site, clock)
        yield made
        made.close()


class TestJira(SourceConformance):
    """Jira Cloud."""

    def test_a_shrinking_page_loses_nothing(self, harness: JiraHarness) -> None:
        seeded = harness.seed(20)
        harness.site.page_limits = (5, 1, 3)
        source = harness.connect()
        assert ids(drain(source, start(source))[0]) == sorted(seeded)

    def test_no_request_an_item(self, harness: JiraHarness) -> None:
        """A first pull: serverInfo, projects, fields, estimate, pages. A quiet one: projects, fields, one page."""
        seeded = harness.seed(4 * harness.page)
        source = harness.connect()
        _, since = drain(source, start(source))
        assert source.requests() == len(harness.sandbox.requests) == 4 + 4
        start(source)
        drain(source, since)
        assert source.requests() == 4 + 4 + 3
        list(source.history(seeded))
        assert source.requests() == 4 + 4 + 3 + 2  # statuses, and all histories at once

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns"])
    def test_the_time_zone_of_the_account_loses_nothing(self, zone: str, harness: JiraHarness) -> None:
        harness.site.account.time_zone = zone
        seeded = harness.seed(3)
        source = harness.connect()
        _, since = drain(source, start(source))
        harness.clock.set(datetime(2026, 3, 8, 9, 59, 59, 900_000, tzinfo=UTC))
        harness.touch(seeded[1])
        changed, _ = drain(source, since)
        assert seeded[1] in [item.remote_id for item in changed]

    def test_an_expired_token_is_never_an_empty_site(self, harness: JiraHarness) -> None:
        harness.seed(3)
        source = harness.connect()
        since: dict[str, Any] = {scope.id: None for scope in source.scopes()}
        harness.fail("logged out", "write")
        for ask in (source.check, source.scopes, lambda: list(source.pull(since))):
            with pytest.raises(AuthError, match="credentials were refused"):
                ask()
