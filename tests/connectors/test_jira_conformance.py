"""The conformance suite over Jira, served by the sandbox; its requests are held against Atlassian's specification."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from conformance import SourceConformance, drain, ids, start
from contract import Contract
from jira_site import DataCenterHarness, JiraHarness, serving

from okrsync.errors import AuthError

EPOCHS = ("exact", "refused", "future", "past")  # how the site reads a bare number


@pytest.fixture
def harness(
    request: pytest.FixtureRequest, watch: Callable[[Contract, str], None], jira_contract: Contract
) -> Iterator[JiraHarness]:
    with serving(request.cls.harness_of, watch, jira_contract) as made:
        yield made


class JiraConformance(SourceConformance):
    """What both editions do besides."""

    def test_a_shrinking_page_loses_nothing(self, harness: JiraHarness) -> None:
        seeded = harness.seed(20)
        harness.site.page_limits = (5, 1, 3)
        source = harness.connect()
        assert ids(drain(source, start(source))[0]) == sorted(seeded)

    @pytest.mark.parametrize("epochs", EPOCHS)
    @pytest.mark.parametrize("day", [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns"])
    def test_no_time_zone_loses_anything(self, zone: str, day: datetime, epochs: str, harness: JiraHarness) -> None:
        """Whatever a bare number means to the site, on both days on which clocks are put back or forward (P8): issues
        are updated at the end of a minute, round the clock, and every pull brings what was updated since the last."""
        harness.site.account.time_zone, harness.site.epochs = zone, epochs
        (identity,) = harness.seed(1)
        harness.clock.set(day - timedelta(hours=3))
        source = harness.connect()
        _, since = drain(source, start(source))
        for step in range(1, 41):
            harness.clock.set(day + timedelta(minutes=37 * step, seconds=59.9))
            harness.touch(identity)
            changed, since = drain(source, since)
            assert ids(changed) == [identity], f"step {step}"

    def test_an_expired_token_is_never_an_empty_site(self, harness: JiraHarness) -> None:
        harness.seed(3)
        source = harness.connect()
        since: dict[str, Any] = {scope.id: None for scope in source.scopes()}
        harness.fail("logged out", "write")
        for ask in (source.check, source.scopes, lambda: list(source.pull(since))):
            with pytest.raises(AuthError, match="credentials were refused"):
                ask()


class TestJira(JiraConformance):
    """Jira Cloud."""

    harness_of = JiraHarness

    def test_no_request_an_item(self, harness: JiraHarness) -> None:
        """A first pull: serverInfo, projects, fields, estimate, pages. The next, once an hour, tries by two searches
        how times are read; a quiet one: projects, fields, one page."""
        seeded = harness.seed(4 * harness.page)
        source = harness.connect()
        _, since = drain(source, start(source))
        assert source.requests() == len(harness.sandbox.requests) == 4 + 4
        start(source)
        drain(source, since)
        assert source.requests() == 4 + 4 + 3 + 2
        start(source)
        drain(source, since)
        assert source.requests() == 4 + 4 + 3 + 2 + 3
        list(source.history(seeded))
        assert source.requests() == 4 + 4 + 3 + 2 + 3 + 3  # statuses, link types, and all histories at once


class TestJiraDataCenter(JiraConformance):
    """Jira Data Center."""

    harness_of = DataCenterHarness

    def test_histories_tell_what_happened_in_bulk(self, harness: Any) -> None:
        harness.site.page_limits = ()  # histories come with a search: for as many as it gives at once
        super().test_histories_tell_what_happened_in_bulk(harness)

    def test_no_request_an_item(self, harness: JiraHarness) -> None:
        """As on Cloud, but histories come with a search; pages overlap by one row, and are so much longer."""
        seeded = harness.seed(4 * harness.page)
        harness.site.page_limits = ()
        source = harness.connect()
        _, since = drain(source, start(source))
        assert source.requests() == len(harness.sandbox.requests) == 4 + 1
        for _ in range(2):
            before = source.requests()
            start(source)
            drain(source, since)
        assert source.requests() - before == 3
        before = source.requests()
        list(source.history(seeded))
        assert source.requests() - before == 3
