"""The search as a gate: what it tells, what it must not be trusted with, and what then tells it instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import responses
from asana_site import API, FIRST, NOON, ONE, PAY, SHOP, WORKSPACE, Site, connect, cursor, drained, page, sent, task

from connectors import asana_search
from connectors.asana_search import Search, Walk

SEARCH = f"/workspaces/{WORKSPACE}/tasks/search"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that gives four tasks at most."""
    monkeypatch.setattr(asana_search, "FOUND", 4)


@pytest.fixture
def begun(asana_at: Site) -> tuple[Any, dict[str, Any], list[str]]:
    """A connector that read twelve tasks of two projects an hour ago, its cursors, the tasks."""
    gids = [asana_at.task(f"Task {n}", project=(SHOP, PAY)[n % 2]) for n in range(12)]
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    _, _, since = drained(source, since)
    asana_at.advance(hours=1)
    asana_at.asked()
    return source, since, gids


def test_one_search_tells_of_every_project(asana_at: Site, begun: Any) -> None:
    """And the events of those projects alone in which it found something."""
    source, since, gids = begun
    asana_at.edit(f"tasks/{gids[1]}", name="touched")
    asana_at.advance(minutes=2)
    items, _, since = drained(source, since)
    assert {gid: item.title for gid, item in items.items()} == {gids[1]: "touched"}
    assert asana_at.asked() == [SEARCH, "/events"]
    asana_at.advance(minutes=2)
    items, _, later = drained(source, since)
    assert (items, later, asana_at.asked()) == ({}, since, [SEARCH])


def test_what_the_index_does_not_know_yet_is_found_when_it_does(asana_at: Site, begun: Any) -> None:
    source, since, gids = begun
    asana_at.workspace.index_lag = timedelta(minutes=3)
    asana_at.edit(f"tasks/{gids[0]}", name="late")
    asana_at.advance(minutes=2)
    asana_at.workspace.index_lag = timedelta()
    asana_at.edit(f"tasks/{gids[2]}", name="quick")
    asana_at.workspace.index_lag = timedelta(minutes=3)
    found: dict[str, str] = {}
    for _ in range(4):
        items, _, since = drained(source, since)
        found |= {gid: item.title for gid, item in items.items()}
        asana_at.advance(minutes=1)
    assert found == {gids[0]: "late", gids[2]: "quick"}


@pytest.mark.usefixtures("small")
def test_a_walk_goes_on_from_change_to_change(asana_at: Site, begun: Any) -> None:
    source, since, gids = begun
    for number, gid in enumerate(gids):
        asana_at.advance(seconds=number % 2)
        asana_at.edit(f"tasks/{gid}", name=f"touched {number}")
    asana_at.advance(minutes=2)
    items, _, _ = drained(source, since)
    assert {item.title for item in items.values()} == {f"touched {number}" for number in range(12)}
    asked = asana_at.asked()
    assert 3 < asked.count(SEARCH) <= 7
    assert asked.count("/events") == 2


@pytest.mark.usefixtures("small")
def test_more_than_a_page_of_one_instant(asana_at: Site, begun: Any) -> None:
    """No search can tell them all: events do, or listings, and the walks after it begin later."""
    source, since, gids = begun
    for gid in gids:
        asana_at.edit(f"tasks/{gid}", name="all at once")
    asana_at.advance(minutes=2)
    items, _, since = drained(source, since)
    assert {item.title for item in items.values()} == {"all at once"}
    assert len(items) == 12
    for _ in range(2):  # the first notes that listings told more
        asana_at.advance(minutes=6)
        asana_at.asked()
        items, _, since = drained(asana_at.connect(), since)
    assert (items, asana_at.asked()) == ({}, [SEARCH])


@pytest.mark.usefixtures("small")
def test_a_search_that_finds_too_much(asana_at: Site, begun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asana_search, "PAGES", 2)
    source, since, gids = begun
    for gid in gids:
        asana_at.advance(seconds=1)
        asana_at.edit(f"tasks/{gid}", name="touched")
    items, _, _ = drained(source, since)
    assert sorted(items) == sorted(gids)


@pytest.mark.usefixtures("small")
def test_a_task_that_changed_since_it_was_indexed_hides_no_other() -> None:
    """The last of a full page is as new as now: whoever went on from there would miss the rest."""
    fresh = NOON + timedelta(minutes=30)
    old = [(str(number), NOON + timedelta(seconds=number)) for number in range(8)]
    asked: list[str] = []

    class Index:
        date = None

        def search(self, _: str, query: Any) -> list[Any]:
            asked.append(query["modified_at.after"])
            rows = [(gid, at) for gid, at in old if at.isoformat() > query["modified_at.after"]][:4]
            times = [fresh if gid == "3" else at for gid, at in rows]
            return [task(gid, at.isoformat()) for (gid, _), at in zip(rows, times, strict=True)]

    search: Any = Search(Index(), "1", lambda: ONE)  # type: ignore[arg-type]
    walk = Walk(frozenset({"20"}), NOON - timedelta(minutes=5))
    found = {one["gid"] for tasks in search.changed(walk) for one in tasks}
    assert found == {gid for gid, _ in old}
    assert walk.until == fresh


def test_an_event_is_not_taken_for_told_by_a_search_before_it(asana_at: Site, begun: Any) -> None:
    """A tag moves no time: the search finds the task as it did before, and does not tell it again."""
    source, since, gids = begun
    asana_at.edit(f"tasks/{gids[0]}", name="touched")
    asana_at.advance(minutes=2)
    _, _, since = drained(source, since)
    asana_at.edit(f"tasks/{gids[0]}", tags=["okr:KR-1"])
    asana_at.advance(minutes=2)
    asana_at.later = timedelta(hours=1)
    items, _, _ = drained(source, since)
    assert items[gids[0]].labels == ("okr:KR-1",)


def test_a_task_of_two_projects_is_told_as_it_is_last(asana_at: Site, begun: Any) -> None:
    """First the search finds it, then an event says that it changed again."""
    source, since, gids = begun
    both = gids[0]
    asana_at.edit(f"tasks/{both}", project=PAY)
    asana_at.advance(minutes=2)
    _, _, since = drained(source, since)
    asana_at.edit(f"tasks/{both}", name="touched")
    asana_at.sandbox.fault("answer", status=503, path=".*/events", times=1)  # a moment between the two
    pages = source.pull(since)
    first = next(pages)
    asana_at.edit(f"tasks/{both}", tags=["okr:KR-1"])
    told = [item for one in (first, *pages) for item in one.items if item.remote_id == both]
    assert told[-1].labels == ("okr:KR-1",)


def test_a_search_that_is_refused_for_a_project_closes_nothing(asana_at: Site, begun: Any) -> None:
    """One of them was hidden meanwhile: events say so, and the next cycle searches without it."""
    source, since, gids = begun
    asana_at.workspace.hide(PAY)
    asana_at.edit(f"tasks/{gids[0]}", name="touched")
    pages = list(source.pull(since))
    assert [item.title for one in pages for item in one.items] == ["touched"]
    assert [list(one.refused) for one in pages if one.refused] == [[PAY]]
    asana_at.edit(f"tasks/{gids[0]}", name="again")
    asana_at.asked()
    assert [scope.readable for scope in source.scopes()] == [True, False]
    items, _, _ = drained(source, {SHOP: since[SHOP]})
    assert items[gids[0]].title == "again"
    assert asana_at.asked()[2] == SEARCH


def test_what_changed_while_a_project_was_not_searched_is_found_when_it_is_again(asana_at: Site, begun: Any) -> None:
    """Refused or archived for a while, it was in no search: what those told is not what happened in it. Whether the
    connector is the same or another."""
    source, since, gids = begun
    asana_at.edit(f"tasks/{gids[1]}", name="touched")
    asana_at.edit(f"tasks/{gids[0]}", name="touched")
    _, _, since = drained(source, since)
    asana_at.advance(minutes=1)
    asana_at.edit(f"tasks/{gids[1]}", name="unseen")
    for minute in range(2):
        asana_at.advance(minutes=8)
        asana_at.edit(f"tasks/{gids[0]}", name=f"touched {minute}")
        _, _, one = drained(source, {SHOP: since[SHOP]})
        since |= one
    asana_at.advance(minutes=2)
    for either in (source, asana_at.connect()):
        items, _, _ = drained(either, since)
        assert items[gids[1]].title == "unseen"


@pytest.mark.parametrize("status", [500, 504])
def test_a_search_that_breaks_stops_nothing(status: int, asana_at: Site, begun: Any) -> None:
    source, since, gids = begun
    asana_at.sandbox.fault("answer", status=status, path=".*/tasks/search", times=None)
    asana_at.edit(f"tasks/{gids[0]}", name="touched")
    items, _, _ = drained(source, since)
    assert items[gids[0]].title == "touched"


def test_a_quiet_account_without_events_writes_nothing() -> None:
    """Its listing is looked at in each cycle, and noted once an hour."""
    with responses.RequestsMock() as fake:
        fake.get(f"{API}/tasks", json=page([]))
        assert [dict(one.cursors) for one in connect().pull({"20": cursor(token="", listed=ONE)})] == []
        assert sent(fake) == ["GET /tasks"]
