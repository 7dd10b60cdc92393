"""What is remembered of sources and scopes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from okrsync.model import Cursor, Page, RemoteGoal, SaidStatus, Scope, SourceState
from okrsync.store import goals, pages, queries, sources

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
        sources.census_done(tx, "jira", ["10000"], T0)
        assert sources.census_due(tx, "jira", HOUR, T0 + HOUR - timedelta(seconds=1)) == []
        assert sources.census_due(tx, "jira", HOUR, T0 + HOUR) == ["10000"]
        assert sources.census_due(tx, "other", HOUR, T0) == ["10000"]


def test_a_mark_stands_beside_the_cursor_and_goes_with_it(store, make):
    read = Page((make(1),), {"10000": Cursor(T0, '{"main": "abc"}')})
    with store.begin() as tx:
        pages.save_page(tx, "jira", read, T0)
        assert sources.cursors(tx, "jira") == {"10000": Cursor(T0, '{"main": "abc"}')}
        pages.save_page(tx, "jira", replace(read, cursors={"10000": Cursor(T0, "later")}), T0)
        assert sources.cursors(tx, "jira") == {"10000": Cursor(T0, "later")}
        sources.forget(tx, "jira")
        assert sources.cursors(tx, "jira") == {"10000": None}


def test_a_scope_that_was_refused_stays_so_until_it_was_read(store, make):
    """The tool names it all the while: only a reading tells."""
    shop = Scope("10000", "SHOP", "Shop")
    with store.begin() as tx:
        pages.save_page(tx, "jira", Page((make(1),), {"10000": Cursor(T0)}), T0)
        sources.mark(tx, "jira", SourceState.OK, T0, success=True)
        sources.mark_scopes(tx, "jira", [], {"10000": "403 \ud800"})
        sources.mark(tx, "jira", SourceState.OK, T0 + HOUR, success=True)
        sources.save_scopes(tx, "jira", [shop], T0 + HOUR)
        (scope,) = sources.scopes(tx, "jira")
        assert (scope.readable, scope.error, scope.last_success) == (False, "403 \ufffd", T0)
        assert sources.refused(tx, "jira") == {"10000"}
        assert sources.cursors(tx, "jira") == {"10000": Cursor(T0)}, "it is tried again"
        assert sources.census_due(tx, "jira", HOUR, T0 + HOUR) == []
        assert sources.statuses(tx)[0].items == 1
        assert queries.unreachable(tx) == {("jira", "1001")}
        assert pages.stale_history(tx, "jira", 10) == []
        sources.mark_scopes(tx, "jira", ["10000"], {})
        (scope,) = sources.scopes(tx, "jira")
        assert (scope.readable, scope.error, scope.last_success) == (True, "", T0 + HOUR)
        assert pages.stale_history(tx, "jira", 10) == ["1001"]


# ── scopes and the entries that name them ────────────────────────────────────────────────────────────────────────────


def named(key, entry, id_=None, **more):
    return Scope(id_ or f"id of {key}", key, configured=entry, **more)


def hidden(entry):
    """What a connector says of an entry when the tool shows nothing for it."""
    return Scope(entry, entry, readable=False, why="404", configured=entry)


def states(tx):
    return {scope.key: scope.readable for scope in sources.scopes(tx, "other")}


@pytest.fixture
def two(store, make):
    """One scope named by its key, two by a pattern, an item in each; ``other`` is their source."""
    listed = [named("acme/shop", "acme/shop"), named("acme/m-a", "acme/m-*"), named("acme/m-b", "acme/m-*")]
    items = [make(n, source="other", scope=scope.id) for n, scope in enumerate(listed)]
    with store.begin() as tx:
        sources.save_scopes(tx, "other", listed, T0)
        pages.save_page(tx, "other", Page(tuple(items), {scope.id: Cursor(T0, "m") for scope in listed}), T0)
    return listed


def live(tx):
    return next(status.items for status in sources.statuses(tx) if status.id == "other")


def test_a_renamed_scope_that_is_hidden_is_known_by_the_entry_that_names_it(store, two):
    renamed = replace(two[0], key="acme/store")
    with store.begin() as tx:
        sources.save_scopes(tx, "other", [renamed, *two[1:]], T0)
        pages.save_page(tx, "other", Page((), {renamed.id: Cursor(T0)}), T0)
        assert sources.save_scopes(tx, "other", [hidden("acme/shop"), *two[1:]], T0) == 0
        assert states(tx) == {"acme/store": False, "acme/m-a": True, "acme/m-b": True}
        assert live(tx) == 3
        assert sources.save_scopes(tx, "other", [renamed, *two[1:]], T0) == 0
        assert sources.cursors(tx, "other")[renamed.id] == Cursor(T0)


def test_a_hidden_pattern_hides_all_that_it_named_and_one_hidden_scope_no_other(store, two):
    with store.begin() as tx:
        assert sources.save_scopes(tx, "other", [two[0], hidden("acme/m-*")], T0) == 0
        assert states(tx) == {"acme/shop": True, "acme/m-a": False, "acme/m-b": False}
        assert live(tx) == 3
        sources.save_scopes(tx, "other", [*two[:2], replace(two[2], readable=False, why="403")], T0)
        assert states(tx) == {"acme/shop": True, "acme/m-a": True, "acme/m-b": False}
        assert sources.cursors(tx, "other") == {scope.id: Cursor(T0, "m") for scope in two[:2]}


def test_what_a_pattern_lists_no_more_keeps_its_items_until_a_person_confirms(store, two):
    with store.begin() as tx:
        for _ in range(2):
            assert sources.save_scopes(tx, "other", two[:2], T0) == 0
            (lost,) = (scope for scope in sources.scopes(tx, "other") if not scope.readable)
            assert (lost.key, lost.error) == ("acme/m-b", "no longer among what acme/m-* names")
            assert live(tx) == 3
        assert sources.save_scopes(tx, "other", two[:2], T0, confirmed=True) == 1
        assert states(tx) == {"acme/shop": True, "acme/m-a": True}
        assert live(tx) == 2


def test_what_was_never_seen_leaves_nothing_when_it_is(store, two):
    new = [named("acme/x-1", "acme/x-*"), named("acme/y", "acme/y")]
    with store.begin() as tx:
        for _ in range(2):
            sources.save_scopes(tx, "other", [*two, hidden("acme/x-*"), hidden("acme/y")], T0)
            assert {key for key, readable in states(tx).items() if not readable} == {"acme/x-*", "acme/y"}
            sources.save_scopes(tx, "other", [*two, *new], T0)
            assert states(tx) == dict.fromkeys(("acme/shop", "acme/m-a", "acme/m-b", "acme/x-1", "acme/y"), True)
            sources.save_scopes(tx, "other", two, T0, confirmed=True)


def test_an_entry_that_leaves_the_file_takes_its_scopes_along_at_once(store, two, make):
    configured = {"jira": (), "other": ("ACME/shop", "acme/m-*")}
    with store.begin() as tx:
        assert sources.retire(tx, configured, T0) == 0
        assert sources.retire(tx, {"jira": (), "other": ("acme/shop",)}, T0) == 2
        assert states(tx) == {"acme/shop": True}
        assert live(tx) == 1
        assert sources.retire(tx, configured, T0) == 0
        assert sources.save_scopes(tx, "other", two, T0) == 0
        assert sources.cursors(tx, "other") == {two[0].id: Cursor(T0, "m"), two[1].id: None, two[2].id: None}
        items = tuple(make(n, source="other", scope=scope.id) for n, scope in enumerate(two))
        pages.save_page(tx, "other", Page(items, {}), T0)
        assert live(tx) == 3


def test_entries_that_nobody_tells_retire_nothing(store, two):
    with store.begin() as tx:
        assert sources.retire(tx, {"jira": ("NEW",), "other": ()}, T0) == 0
        assert live(tx) == 3
        assert len(sources.scopes(tx, "jira")) == 1, "whose entry is not known before the next sync"


# ── goals that a tool keeps itself ───────────────────────────────────────────────────────────────────────────────────


def test_goals_of_tools_are_kept_as_they_were_last_seen(store):
    churn = RemoteGoal("7", "Churn \ud800", "https://x", "percentage", 2, 0.8, 0.85, 0.81, True)
    other = RemoteGoal("8", "No metric", "", why_not="no metric")
    with store.begin() as tx:
        assert goals.save_goals(tx, "jira", [churn, other]) is True
        assert goals.save_goals(tx, "jira", [churn, other]) is False
        assert goals.save_goals(tx, "other", []) is False
        found = goals.goals(tx)
        assert found == {("jira", "7"): replace(churn, name="Churn \ufffd"), ("jira", "8"): other}
        assert goals.save_goals(tx, "jira", [replace(churn, current=0.82)]) is True
        assert [goal.current for goal in goals.goals(tx).values()] == [0.82]
        sources.retire(tx, {"other": ()}, T0)
        assert goals.goals(tx) == {}


def test_the_newest_word_on_a_goal_is_kept_to_the_microsecond(store):
    goal = RemoteGoal("7", "Churn", "https://x", said=SaidStatus("70", "at_risk", "Ana \ud800", T0, "acme"))
    with store.begin() as tx:
        assert goals.save_goals(tx, "jira", [goal]) is True
        assert goals.save_goals(tx, "jira", [goal]) is False, "a quiet sync writes nothing"
        assert goals.goals(tx) == {("jira", "7"): replace(goal, said=replace(goal.said, by="Ana \ufffd"))}
        assert goals.save_goals(tx, "jira", [replace(goal, said=replace(goal.said, id="71"))]) is True
        assert goals.save_goals(tx, "jira", [replace(goal, said=None)]) is True
        assert goals.goals(tx) == {("jira", "7"): replace(goal, said=None)}
