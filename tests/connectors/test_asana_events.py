"""What the events of a project tell, and the subtasks that no listing shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import responses
from asana_site import API, NOON, ONE, connect, cursor, drained, page, sent, task
from responses.matchers import query_param_matcher

from connectors import asana_changes
from connectors import asana_wire as wire
from okrsync.errors import MalformedPage, Rejected
from okrsync.model import Cursor

# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def happened(action: str, gid: str, kind: str = "task", place: str = "") -> dict[str, Any]:
    parent = {"gid": "20", "resource_type": place} if place else None
    return {"action": action, "resource": {"gid": gid, "resource_type": kind}, "parent": parent}


def in_project(gid: str, **fields: Any) -> dict[str, Any]:
    return {"data": task(gid, memberships=[{"project": {"gid": "20"}}], **fields)}


def test_a_task_from_the_beginning_of_time_stops_no_later_pull(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/events", status=403)
    asana_fake.get(f"{API}/tasks", json=page([task("10", "0001-01-01T00:00:00.000Z")]))
    source = connect()
    _, _, since = drained(source, {"20": None})
    assert list(drained(source, since)[0]) == ["10"]


def test_a_quiet_pull_moves_no_cursor(asana_fake: responses.RequestsMock) -> None:
    """Neither the time, which never goes back, nor the token: the old one goes on as long as Asana knows it. Nor is
    anything listed, an hour after the last time at the latest."""
    asana_fake.get(f"{API}/events", json={"data": [], "sync": "t1", "has_more": False})
    asana_fake.get(f"{API}/tasks", json=page([task("1", "2026-03-02T11:56:00.000Z")]))
    assert list(connect().pull({"20": cursor(listed=ONE)})) == []
    assert sent(asana_fake) == ["GET /events"]
    pages = list(connect().pull({"20": cursor()}))
    assert [dict(p.cursors) for p in pages] == [{}, {"20": cursor(listed=ONE)}]


def test_a_token_that_gets_old_is_noted_anew(asana_fake: responses.RequestsMock) -> None:
    """Asana forgets it after a day at the latest."""
    asana_fake.get(f"{API}/events", json={"data": [], "sync": "t1", "has_more": False})
    (moved,) = connect().pull({"20": cursor(listed=ONE, polled=NOON)})
    assert moved.cursors == {"20": cursor(token="t1", listed=ONE)}


def test_events_tell_what_the_listing_does_not(asana_fake: responses.RequestsMock) -> None:
    """A tag on task 2, a subtask 3 of an unchanged parent, task 4 that came with a subtask; 1 and the new 10 are in the
    listing. 5 left for another project with its subtask 9, 6 is hidden, 7 deleted: that is to be confirmed."""
    first = [
        happened("changed", "1"),
        happened("added", "2", place="tag"),
        happened("changed", "900", "story"),
        {},
        None,
    ]
    second = [
        *(happened("changed", gid) for gid in "36"),
        happened("removed", "5", place="project"),
        *(happened("added", gid, place="project") for gid in ("4", "10")),
        happened("deleted", "7"),
        {"action": "changed", "resource": None},
    ]
    asana_fake.get(f"{API}/events", json={"data": first, "sync": "t1", "has_more": True})
    asana_fake.get(f"{API}/events", json={"data": second, "sync": "t2", "has_more": False})
    there = [task("1", "2026-03-02T12:30:00.000Z", num_subtasks=9), task("10", num_subtasks=1)]
    asana_fake.get(f"{API}/tasks", json=page(there))
    asana_fake.get(f"{API}/tasks/10/subtasks", json=page([task("11", parent={"gid": "10"})]))
    asana_fake.get(f"{API}/tasks/2", json=in_project("2", num_subtasks=3))
    asana_fake.get(f"{API}/tasks/3", json={"data": task("3", parent={"gid": "2"})})
    asana_fake.get(f"{API}/tasks/4", json=in_project("4", num_subtasks=1))
    asana_fake.get(f"{API}/tasks/4/subtasks", json=page([task("8", parent={"gid": "4"})]))
    asana_fake.get(f"{API}/tasks/5", json={"data": task("5", memberships=[{"project": {"gid": "99"}}], num_subtasks=1)})
    asana_fake.get(f"{API}/tasks/5/subtasks", json=page([task("9", parent={"gid": "5"})]))
    asana_fake.get(f"{API}/tasks/6", status=403)
    pages = list(connect().pull({"20": cursor()}))
    assert sorted((item.remote_id, item.scope) for p in pages for item in p.items) == [
        (gid, "20") for gid in ("1", "10", "11", "2", "3", "4", "8")
    ]
    assert [gid for p in pages for gid in p.doubts] == ["6", "5", "9", "7"]
    reached = cursor(NOON + timedelta(minutes=30), "t2", listed=ONE)
    assert [dict(p.cursors) for p in pages if p.cursors] == [{"20": reached}]


def test_a_few_events_need_no_listing(asana_fake: responses.RequestsMock) -> None:
    events = [happened("changed", "1"), happened("changed", "2"), happened("changed", "1")]
    asana_fake.get(f"{API}/events", json={"data": events, "sync": "t1", "has_more": False})
    for gid in "12":
        asana_fake.get(f"{API}/tasks/{gid}", json=in_project(gid))
    list(connect().pull({"20": cursor(listed=ONE)}))
    assert sent(asana_fake) == ["GET /events", "GET /tasks/1", "GET /tasks/2"]


def test_a_task_of_two_projects_is_read_once(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/events", json={"data": [happened("changed", "1")], "sync": "t1", "has_more": False})
    both = [{"project": {"gid": gid}} for gid in ("21", "20")]
    asana_fake.get(f"{API}/tasks/1", json={"data": task("1", memberships=both)})
    pages = list(connect().pull({"20": cursor(listed=ONE), "21": cursor(listed=ONE)}))
    assert [item.scope for one in pages for item in one.items] == ["21"]
    assert sent(asana_fake).count("GET /tasks/1") == 1


def test_more_events_than_can_be_read_one_by_one(
    asana_fake: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is read anew, and counted by that."""
    monkeypatch.setattr(asana_changes, "MANY", 4)
    events = [happened("changed", gid) for gid in "12345"]
    asana_fake.get(f"{API}/events", json={"data": events, "sync": "t1", "has_more": False})
    recent = {
        "project": "20",
        "limit": "100",
        "opt_fields": wire.TASK,
        "modified_since": "2026-03-02T11:55:00.000+00:00",
    }
    asana_fake.get(f"{API}/tasks", json=page([]), match=[query_param_matcher(recent)])
    recent.pop("modified_since")
    asana_fake.get(f"{API}/tasks", json=page([task(gid) for gid in "12345"]), match=[query_param_matcher(recent)])
    pages = list(connect().pull({"20": cursor()}))
    assert [item.remote_id for one in pages for item in one.items] == list("12345")
    assert (pages[-1].counted, pages[-1].cursors["20"]) == ({"20"}, cursor(token="t1", whole=ONE, listed=ONE))


@pytest.mark.parametrize(
    "why", ["the token is forgotten", "a day went by", "no mark yet", "a mark of a former version"]
)
def test_everything_is_read_anew(why: str, asana_board: responses.RequestsMock) -> None:
    asana_board.get(f"{API}/tasks", json=page([task("1", "2026-03-01T10:00:00.000Z")]))
    since = {
        "the token is forgotten": cursor(),
        "a day went by": cursor(whole=NOON - timedelta(hours=23)),
        "no mark yet": Cursor(NOON),
        "a mark of a former version": Cursor(NOON, "2026-03-02T12:00:00+00:00 t0"),
    }[why]
    pages = list(connect().pull({"20": since}))
    assert "modified_since" not in asana_board.calls[-1].request.params  # type: ignore[attr-defined]
    reached = cursor(token="first", whole=ONE, listed=ONE)
    assert pages[-1].cursors == {"20": reached}, "its time does not go back"
    assert pages[-1].counted == {"20"}
    assert ("sync" in asana_board.calls[0].request.params) == (why == "the token is forgotten")  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [402, 403])
def test_a_token_that_may_not_read_events_does_without(status: int, asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/events", status=status)
    asana_fake.get(f"{API}/tasks", json=page([task("1")]))
    source = connect()
    (*_, whole) = source.pull({"20": None})
    assert whole.cursors["20"].mark == cursor(token="", whole=ONE, listed=ONE).mark
    list(source.pull(whole.cursors))
    assert "modified_since" in asana_fake.calls[-1].request.params  # type: ignore[attr-defined]
    assert sent(asana_fake) == ["GET /events", "GET /tasks", "GET /tasks"], "asked again in an hour"


def test_events_in_a_circle_are_an_error(asana_fake: responses.RequestsMock) -> None:
    for token in ("t1", "t2", "t1"):
        asana_fake.get(f"{API}/events", json={"data": [], "sync": token, "has_more": True})
    with pytest.raises(MalformedPage, match="circle"):
        list(connect().pull({"20": cursor()}))


# ── subtasks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_subtasks_of_any_depth_stand_where_their_root_stands(asana_board: responses.RequestsMock) -> None:
    asana_board.get(f"{API}/tasks", json=page([task("1", num_subtasks=2)]))
    below = {"gid": "1"}
    asana_board.get(
        f"{API}/tasks/1/subtasks",
        json=page(
            [
                task("2", parent=below, num_subtasks=1),
                task("3", parent=below, is_rendered_as_separator=True),
                task("4", parent=below, memberships=[{"project": {"gid": "21"}}], num_subtasks=1),
            ]
        ),
    )
    asana_board.get(f"{API}/tasks/2/subtasks", json=page([task("5", parent={"gid": "2"})]))
    asana_board.get(f"{API}/tasks/4/subtasks", json=page([task("6", parent={"gid": "4"})]))
    items = [item for p in connect().pull({"20": None}) for item in p.items]
    assert {item.remote_id: item.scope for item in items} == {"1": "20", "2": "20", "4": "21", "5": "20", "6": "21"}


def test_a_parent_that_went_meanwhile_stops_nothing(asana_board: responses.RequestsMock) -> None:
    asana_board.get(f"{API}/tasks", json=page([task("1", num_subtasks=1), task("2", num_subtasks=1)]))
    asana_board.get(f"{API}/tasks/1/subtasks", json=page([task("3")]))
    asana_board.get(f"{API}/tasks/2/subtasks", status=404)
    items = [item.remote_id for p in connect().pull({"20": None}) for item in p.items]
    assert sorted(items) == ["1", "2", "3"]


def test_subtasks_in_a_circle_end(asana_board: responses.RequestsMock) -> None:
    asana_board.get(f"{API}/tasks", json=page([task("1", num_subtasks=1)]))
    asana_board.get(f"{API}/tasks/1/subtasks", json=page([task("2", num_subtasks=1)]))
    asana_board.get(f"{API}/tasks/2/subtasks", json=page([task("1", num_subtasks=1)]))
    items = [item.remote_id for p in connect().pull({"20": None}) for item in p.items]
    assert set(items) == {"1", "2"}


def test_a_subtask_that_is_read_alone_climbs_to_its_scope_once(asana_fake: responses.RequestsMock) -> None:
    for gid, parent in (("5", "4"), ("6", "4")):
        asana_fake.get(f"{API}/tasks/{gid}", json={"data": task(gid, parent={"gid": parent})})
    asana_fake.get(f"{API}/tasks/4", json={"data": {"gid": "4", "parent": {"gid": "3"}, "memberships": []}})
    asana_fake.get(f"{API}/tasks/3", json={"data": {"gid": "3", "memberships": [{"project": {"gid": "21"}}]}})
    assert [item.scope for item in connect().fetch(["5", "6"])] == ["21", "21"]
    assert [line for line in sent(asana_fake) if "/tasks/" in line] == [f"GET /tasks/{gid}" for gid in "5436"]


@pytest.mark.parametrize(
    ("above", "scope"),
    [
        ({"gid": "4", "memberships": [{"project": {"gid": "99"}}]}, "99"),  # in a project that is not configured
        ({"gid": "4", "memberships": []}, ""),
        ({"gid": "4", "parent": {"gid": "4"}}, ""),
        (None, ""),
    ],
)
def test_context_stands_outside_the_configured_scopes(
    above: Any, scope: str, asana_fake: responses.RequestsMock
) -> None:
    asana_fake.get(f"{API}/tasks/5", json={"data": task("5", parent={"gid": "4"})})
    answer: dict[str, Any] = {"json": {"data": above}} if above else {"status": 403}
    asana_fake.get(f"{API}/tasks/4", **answer)
    (item,) = connect().fetch(["5"])
    assert (item.scope, item.project) == (scope, scope)


def test_only_what_is_hidden_or_gone_is_left_out(asana_fake: responses.RequestsMock) -> None:
    for gid, status in (("1", 404), ("2", 403)):
        asana_fake.get(f"{API}/tasks/{gid}", status=status)
    asana_fake.get(f"{API}/tasks/3", status=402)
    assert list(connect().fetch(["1", "2"])) == []
    with pytest.raises(Rejected, match="402"):
        list(connect().fetch(["3"]))
