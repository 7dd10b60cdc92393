"""What is remembered of sources and scopes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from okrsync.model import Cursor, Page, Scope, SourceState
from okrsync.store import pages, sources

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_source_tells_how_its_last_cycle_went(store):
    with store.begin() as tx:
        assert [(status.id, status.state) for status in sources.statuses(tx)] == [
            ("jira", SourceState.NEVER),
            ("other", SourceState.NEVER),
        ]
        sources.mark(tx, "jira", SourceState.OK, T0, success=True)
        sources.mark(tx, "jira", SourceState.AUTH_FAILED, T0 + HOUR, error="401 \ud800")
        status = sources.statuses(tx)[0]
    assert (status.state, status.last_success, status.error) == (SourceState.AUTH_FAILED, T0, "401 \ufffd")


def test_a_scope_that_is_hidden_keeps_its_cursor_and_tells_since_when(store, make):
    shop = Scope("10000", "SHOP", "Shop")
    with store.begin() as tx:
        pages.save_page(tx, "jira", Page((make(1),), {"10000": Cursor(T0)}), T0)
        sources.mark(tx, "jira", SourceState.OK, T0, success=True)
        sources.save_scopes(tx, "jira", [replace(shop, readable=False, why="403")], T0 + HOUR)
        sources.mark(tx, "jira", SourceState.OK, T0 + HOUR, success=True)
        (scope,) = sources.scopes(tx, "jira")
        assert (scope.readable, scope.error, scope.last_success, scope.cursor) == (False, "403", T0, Cursor(T0))
        assert sources.cursors(tx, "jira") == {}
        assert sources.statuses(tx)[0].items == 1
        sources.save_scopes(tx, "jira", [shop], T0 + 2 * HOUR)
        (scope,) = sources.scopes(tx, "jira")
        assert (scope.readable, scope.error, scope.last_success) == (True, "", T0 + HOUR)
        assert sources.cursors(tx, "jira") == {"10000": Cursor(T0)}


def test_a_census_is_due_until_it_was_taken(store):
    with store.begin() as tx:
        assert sources.census_due(tx, "jira", HOUR, T0) == ["10000"]
        sources.census_done(tx, "jira", "10000", T0)
        assert sources.census_due(tx, "jira", HOUR, T0 + HOUR - timedelta(seconds=1)) == []
        assert sources.census_due(tx, "jira", HOUR, T0 + HOUR) == ["10000"]
        assert sources.census_due(tx, "other", HOUR, T0) == ["10000"]
