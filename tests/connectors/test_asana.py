"""What is Asana's own: settings, listings whose offsets die, subtasks, odd answers, the ways a write can go."""

from __future__ import annotations

import contextlib
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import responses
from asana_site import API, NOON, ONE, UPDATE, connect, cursor, drained, page, sent, task, write
from contract import Contract
from pydantic import ValidationError
from responses.matchers import query_param_matcher

from connectors import asana_changes, registry
from connectors import asana_wire as wire
from connectors.asana import Asana, AsanaSettings
from okrsync.errors import AuthError, MalformedPage, Rejected, ToolError, Unavailable
from okrsync.model import Cursor, Scope, Slot, Surface
from okrsync.ports import HasGoals, HasHistory, HasMetadata, Sink


@pytest.fixture
def fake(asana_fake: responses.RequestsMock) -> responses.RequestsMock:
    return asana_fake


@pytest.fixture
def board(fake: responses.RequestsMock) -> responses.RequestsMock:
    """A project that was never read: its events answer with a first token."""
    fake.get(f"{API}/events", status=412, json={"errors": [{"message": "no token"}], "sync": "first"})
    return fake


# ── settings and registry ────────────────────────────────────────────────────────────────────────────────────────────


def test_settings() -> None:
    model = registry.settings()["asana"]
    given: Any = model.model_validate({"workspace": "1", "projects": ["20"], "goals": True, "fields": {"points": "9"}})
    assert (given.entries, given.goals, given.fields.points) == (("20", "goals"), True, "9")
    every: Any = model.model_validate({"workspace": "1", "projects": "*"})
    assert every.entries == ("*",)
    within: Any = model.model_validate({"workspace": "1", "portfolios": ["30", "31"]})
    assert within.entries == ("portfolio:30/*", "portfolio:31/*")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"workspace": "1"},
        {"projects": ["20"]},
        {"workspace": "acme", "projects": ["20"]},
        {"workspace": "1", "projects": []},
        {"workspace": "1", "projects": ["shop"]},
        {"workspace": "1", "projects": "20"},
        {"workspace": "1", "projects": ["20", "20"]},
        {"workspace": "1", "projects": ["*", "20"]},
        {"workspace": "1", "projects": ["20"], "fields": {"points": "Story Points"}},
        {"workspace": "1", "projects": ["20"], "requests_per_minute": 0},
        {"workspace": "1", "projects": ["20"], "project": "21"},
        {"workspace": "1", "portfolios": []},
        {"workspace": "1", "portfolios": "*"},
        {"workspace": "1", "portfolios": ["20", "20"]},
        {"workspace": "1", "portfolios": ["one"]},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        AsanaSettings.model_validate(wrong)


def test_no_library_is_loaded_before_somebody_connects() -> None:
    code = (
        "import sys, connectors.registry as r; r.settings(); print(*sorted({'asana', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_its_abilities() -> None:
    source = connect()
    assert isinstance(source, HasMetadata)
    assert isinstance(source, HasGoals)
    assert isinstance(source, Sink)
    assert not isinstance(source, HasHistory)
    assert source.requests() == 0


def test_a_token_that_no_header_can_hold() -> None:
    with pytest.raises(AuthError, match="source asana: the token holds characters") as caught:
        connect("a\nb")
    assert "a\nb" not in str(caught.value)


def test_the_package_leaves_no_threads_and_no_log_handlers() -> None:
    before = set(threading.enumerate())
    loggers = [logging.getLogger(name) for name in ("asana", "urllib3")]
    state = [(logger.level, list(logger.handlers)) for logger in loggers]
    connect()
    assert set(threading.enumerate()) == before
    assert [(logger.level, list(logger.handlers)) for logger in loggers] == state


def test_requests_keep_to_four_fifths_of_the_quota(fake: responses.RequestsMock) -> None:
    """60 a minute: a burst of 6, then one each 1.25 s, written or read."""
    fake.get(f"{API}/tasks/1", status=404)
    source: Any = connect(requests_per_minute=60)
    waits: list[float] = []
    source._api._transport._wait = waits.append
    list(source.fetch(["1"] * 7))
    assert 1.0 < sum(waits) <= 1.25


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_request_looks_like(fake: responses.RequestsMock) -> None:
    body = '{"data": [{"gid": "7", "name": "a\u00a0b"}], "next_page": null}'.encode()
    fake.get(f"{API}/events", json={"data": [], "sync": "t1", "has_more": False})
    fake.get(f"{API}/tasks", body=body, content_type="application/json")
    ((item,),) = [p.items for p in connect().pull({"20": cursor()}) if p.items]
    assert item.title == "a\u00a0b"
    events, request = (call.request for call in fake.calls)
    assert request.headers["Authorization"] == "Bearer t0k3n"
    assert "gzip" in request.headers["Accept-Encoding"]
    assert events.params == {"resource": "20", "sync": "t0", "opt_fields": wire.EVENT}  # type: ignore[attr-defined]
    assert request.params == {  # type: ignore[attr-defined]
        "project": "20",
        "limit": "100",
        "modified_since": "2026-03-02T11:55:00.000+00:00",
        "opt_fields": wire.TASK,
    }


def test_nothing_asked_nothing_sent() -> None:
    source = connect()
    assert list(source.pull({})) == []
    assert source.requests() == 0


@pytest.mark.parametrize(
    "answers",
    [
        [page([task("1")], offset) for offset in "abca"],
        [page([task("1")], "a"), page([task("1")], "a")],
        [page([task("1")], 7)],
        [page([task("1")], "")],
        [{"data": [], "next_page": {}}],
        [{"data": None}],
        [{"errors": []}],
        [[]],
        [page([None])],
        [page([{"name": "no gid"}])],
        [page([], str(n)) for n in range(11)],
    ],
)
def test_pages_that_lead_nowhere_are_an_error(answers: list[Any], board: responses.RequestsMock) -> None:
    for answer in answers:
        board.get(f"{API}/tasks", json=answer)
    board.assert_all_requests_are_fired = False
    with pytest.raises(MalformedPage):
        list(connect().pull({"20": None}))


def test_a_listing_whose_offset_died_starts_once_more(board: responses.RequestsMock) -> None:
    expired = {"errors": [{"message": "offset: Your pagination token has expired."}]}
    board.get(f"{API}/tasks", json=page([task("1")], "a"))
    board.get(f"{API}/tasks", json=expired, status=400)
    board.get(f"{API}/tasks", json=page([task("1")], "b"))
    board.get(f"{API}/tasks", json=page([task("2")]))
    pages = list(connect().pull({"20": None}))
    assert {item.remote_id for p in pages for item in p.items} == {"1", "2"}
    assert [bool(p.cursors) for p in pages] == [False, False, False, True]


def test_a_listing_whose_offsets_always_die_is_given_up(board: responses.RequestsMock) -> None:
    for _ in range(2):
        board.get(f"{API}/tasks", json=page([task("1")], "a"))
        board.get(f"{API}/tasks", status=400)
    board.get(f"{API}/projects/20/sections", json=page([{"gid": "201"}]))
    with pytest.raises(Rejected):
        list(connect().pull({"20": None}))


def test_the_cursor_waits_for_the_whole_project(board: responses.RequestsMock) -> None:
    first, last = "2026-03-05T10:00:00.000Z", "2026-03-01T10:00:00.000Z"
    board.get(f"{API}/tasks", json=page([task("1", first)], "a"))
    board.get(f"{API}/tasks", json=page([task("2", last, num_subtasks=1)]))
    board.get(f"{API}/tasks/2/subtasks", json=page([task("3", "2026-03-09T10:00:00.000Z")]))
    pages = list(connect().pull({"20": None}))
    assert [[item.remote_id for item in p.items] for p in pages] == [["1"], ["2"], ["3"], []]
    reached = cursor(datetime(2026, 3, 5, 10, tzinfo=UTC), "first", whole=ONE, listed=ONE)
    assert [dict(p.cursors) for p in pages] == [{}, {}, {}, {"20": reached}]


def test_what_changed_while_a_listing_was_read_slowly_is_read_again(
    board: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 s went by between first and last page: the cursor stands as far back as the overlap does not reach."""
    board.get(f"{API}/tasks", json=page([task("1", "2026-03-05T10:00:00.000Z")]))
    ticks = iter((0.0, 1000.0))
    monkeypatch.setattr(asana_changes, "monotonic", lambda: next(ticks))
    (reached,) = (p.cursors["20"] for p in connect().pull({"20": None}) if p.cursors)
    began = datetime(2026, 3, 5, 10, tzinfo=UTC) - timedelta(seconds=1000)
    assert reached.at - asana_changes.OVERLAP < began < reached.at


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def happened(action: str, gid: str, kind: str = "task", place: str = "") -> dict[str, Any]:
    parent = {"gid": "20", "resource_type": place} if place else None
    return {"action": action, "resource": {"gid": gid, "resource_type": kind}, "parent": parent}


def in_project(gid: str, **fields: Any) -> dict[str, Any]:
    return {"data": task(gid, memberships=[{"project": {"gid": "20"}}], **fields)}


def test_a_task_from_the_beginning_of_time_stops_no_later_pull(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/events", status=403)
    fake.get(f"{API}/tasks", json=page([task("10", "0001-01-01T00:00:00.000Z")]))
    source = connect()
    _, _, since = drained(source, {"20": None})
    assert list(drained(source, since)[0]) == ["10"]


def test_a_quiet_pull_moves_no_cursor(fake: responses.RequestsMock) -> None:
    """Neither the time, which never goes back, nor the token: the old one goes on as long as Asana knows it. Nor is
    anything listed, an hour after the last time at the latest."""
    fake.get(f"{API}/events", json={"data": [], "sync": "t1", "has_more": False})
    fake.get(f"{API}/tasks", json=page([task("1", "2026-03-02T11:56:00.000Z")]))
    assert list(connect().pull({"20": cursor(listed=ONE)})) == []
    assert sent(fake) == ["GET /events"]
    pages = list(connect().pull({"20": cursor()}))
    assert [dict(p.cursors) for p in pages] == [{}, {"20": cursor(listed=ONE)}]


def test_a_token_that_gets_old_is_noted_anew(fake: responses.RequestsMock) -> None:
    """Asana forgets it after a day at the latest."""
    fake.get(f"{API}/events", json={"data": [], "sync": "t1", "has_more": False})
    (moved,) = connect().pull({"20": cursor(listed=ONE, polled=NOON)})
    assert moved.cursors == {"20": cursor(token="t1", listed=ONE)}


def test_events_tell_what_the_listing_does_not(fake: responses.RequestsMock) -> None:
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
    fake.get(f"{API}/events", json={"data": first, "sync": "t1", "has_more": True})
    fake.get(f"{API}/events", json={"data": second, "sync": "t2", "has_more": False})
    there = [task("1", "2026-03-02T12:30:00.000Z", num_subtasks=9), task("10", num_subtasks=1)]
    fake.get(f"{API}/tasks", json=page(there))
    fake.get(f"{API}/tasks/10/subtasks", json=page([task("11", parent={"gid": "10"})]))
    fake.get(f"{API}/tasks/2", json=in_project("2", num_subtasks=3))
    fake.get(f"{API}/tasks/3", json={"data": task("3", parent={"gid": "2"})})
    fake.get(f"{API}/tasks/4", json=in_project("4", num_subtasks=1))
    fake.get(f"{API}/tasks/4/subtasks", json=page([task("8", parent={"gid": "4"})]))
    fake.get(f"{API}/tasks/5", json={"data": task("5", memberships=[{"project": {"gid": "99"}}], num_subtasks=1)})
    fake.get(f"{API}/tasks/5/subtasks", json=page([task("9", parent={"gid": "5"})]))
    fake.get(f"{API}/tasks/6", status=403)
    pages = list(connect().pull({"20": cursor()}))
    assert sorted((item.remote_id, item.scope) for p in pages for item in p.items) == [
        (gid, "20") for gid in ("1", "10", "11", "2", "3", "4", "8")
    ]
    assert [gid for p in pages for gid in p.doubts] == ["6", "5", "9", "7"]
    reached = cursor(NOON + timedelta(minutes=30), "t2", listed=ONE)
    assert [dict(p.cursors) for p in pages if p.cursors] == [{"20": reached}]


def test_a_few_events_need_no_listing(fake: responses.RequestsMock) -> None:
    events = [happened("changed", "1"), happened("changed", "2"), happened("changed", "1")]
    fake.get(f"{API}/events", json={"data": events, "sync": "t1", "has_more": False})
    for gid in "12":
        fake.get(f"{API}/tasks/{gid}", json=in_project(gid))
    list(connect().pull({"20": cursor(listed=ONE)}))
    assert sent(fake) == ["GET /events", "GET /tasks/1", "GET /tasks/2"]


def test_a_task_of_two_projects_is_read_once(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/events", json={"data": [happened("changed", "1")], "sync": "t1", "has_more": False})
    both = [{"project": {"gid": gid}} for gid in ("21", "20")]
    fake.get(f"{API}/tasks/1", json={"data": task("1", memberships=both)})
    pages = list(connect().pull({"20": cursor(listed=ONE), "21": cursor(listed=ONE)}))
    assert [item.scope for one in pages for item in one.items] == ["21"]
    assert sent(fake).count("GET /tasks/1") == 1


def test_more_events_than_can_be_read_one_by_one(fake: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is read anew, and counted by that."""
    monkeypatch.setattr(asana_changes, "MANY", 4)
    events = [happened("changed", gid) for gid in "12345"]
    fake.get(f"{API}/events", json={"data": events, "sync": "t1", "has_more": False})
    recent = {
        "project": "20",
        "limit": "100",
        "opt_fields": wire.TASK,
        "modified_since": "2026-03-02T11:55:00.000+00:00",
    }
    fake.get(f"{API}/tasks", json=page([]), match=[query_param_matcher(recent)])
    recent.pop("modified_since")
    fake.get(f"{API}/tasks", json=page([task(gid) for gid in "12345"]), match=[query_param_matcher(recent)])
    pages = list(connect().pull({"20": cursor()}))
    assert [item.remote_id for one in pages for item in one.items] == list("12345")
    assert (pages[-1].counted, pages[-1].cursors["20"]) == ({"20"}, cursor(token="t1", whole=ONE, listed=ONE))


@pytest.mark.parametrize(
    "why", ["the token is forgotten", "a day went by", "no mark yet", "a mark of a former version"]
)
def test_everything_is_read_anew(why: str, board: responses.RequestsMock) -> None:
    board.get(f"{API}/tasks", json=page([task("1", "2026-03-01T10:00:00.000Z")]))
    since = {
        "the token is forgotten": cursor(),
        "a day went by": cursor(whole=NOON - timedelta(hours=23)),
        "no mark yet": Cursor(NOON),
        "a mark of a former version": Cursor(NOON, "2026-03-02T12:00:00+00:00 t0"),
    }[why]
    pages = list(connect().pull({"20": since}))
    assert "modified_since" not in board.calls[-1].request.params  # type: ignore[attr-defined]
    reached = cursor(token="first", whole=ONE, listed=ONE)
    assert pages[-1].cursors == {"20": reached}, "its time does not go back"
    assert pages[-1].counted == {"20"}
    assert ("sync" in board.calls[0].request.params) == (why == "the token is forgotten")  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [402, 403])
def test_a_token_that_may_not_read_events_does_without(status: int, fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/events", status=status)
    fake.get(f"{API}/tasks", json=page([task("1")]))
    source = connect()
    (*_, whole) = source.pull({"20": None})
    assert whole.cursors["20"].mark == cursor(token="", whole=ONE, listed=ONE).mark
    list(source.pull(whole.cursors))
    assert "modified_since" in fake.calls[-1].request.params  # type: ignore[attr-defined]
    assert sent(fake) == ["GET /events", "GET /tasks", "GET /tasks"], "asked again in an hour"


def test_events_in_a_circle_are_an_error(fake: responses.RequestsMock) -> None:
    for token in ("t1", "t2", "t1"):
        fake.get(f"{API}/events", json={"data": [], "sync": token, "has_more": True})
    with pytest.raises(MalformedPage, match="circle"):
        list(connect().pull({"20": cursor()}))


# ── subtasks ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_subtasks_of_any_depth_stand_where_their_root_stands(board: responses.RequestsMock) -> None:
    board.get(f"{API}/tasks", json=page([task("1", num_subtasks=2)]))
    below = {"gid": "1"}
    board.get(
        f"{API}/tasks/1/subtasks",
        json=page(
            [
                task("2", parent=below, num_subtasks=1),
                task("3", parent=below, is_rendered_as_separator=True),
                task("4", parent=below, memberships=[{"project": {"gid": "21"}}], num_subtasks=1),
            ]
        ),
    )
    board.get(f"{API}/tasks/2/subtasks", json=page([task("5", parent={"gid": "2"})]))
    board.get(f"{API}/tasks/4/subtasks", json=page([task("6", parent={"gid": "4"})]))
    items = [item for p in connect().pull({"20": None}) for item in p.items]
    assert {item.remote_id: item.scope for item in items} == {"1": "20", "2": "20", "4": "21", "5": "20", "6": "21"}


def test_a_parent_that_went_meanwhile_stops_nothing(board: responses.RequestsMock) -> None:
    board.get(f"{API}/tasks", json=page([task("1", num_subtasks=1), task("2", num_subtasks=1)]))
    board.get(f"{API}/tasks/1/subtasks", json=page([task("3")]))
    board.get(f"{API}/tasks/2/subtasks", status=404)
    items = [item.remote_id for p in connect().pull({"20": None}) for item in p.items]
    assert sorted(items) == ["1", "2", "3"]


def test_subtasks_in_a_circle_end(board: responses.RequestsMock) -> None:
    board.get(f"{API}/tasks", json=page([task("1", num_subtasks=1)]))
    board.get(f"{API}/tasks/1/subtasks", json=page([task("2", num_subtasks=1)]))
    board.get(f"{API}/tasks/2/subtasks", json=page([task("1", num_subtasks=1)]))
    items = [item.remote_id for p in connect().pull({"20": None}) for item in p.items]
    assert set(items) == {"1", "2"}


def test_a_subtask_that_is_read_alone_climbs_to_its_scope_once(fake: responses.RequestsMock) -> None:
    for gid, parent in (("5", "4"), ("6", "4")):
        fake.get(f"{API}/tasks/{gid}", json={"data": task(gid, parent={"gid": parent})})
    fake.get(f"{API}/tasks/4", json={"data": {"gid": "4", "parent": {"gid": "3"}, "memberships": []}})
    fake.get(f"{API}/tasks/3", json={"data": {"gid": "3", "memberships": [{"project": {"gid": "21"}}]}})
    assert [item.scope for item in connect().fetch(["5", "6"])] == ["21", "21"]
    assert [line for line in sent(fake) if "/tasks/" in line] == [f"GET /tasks/{gid}" for gid in "5436"]


@pytest.mark.parametrize(
    ("above", "scope"),
    [
        ({"gid": "4", "memberships": [{"project": {"gid": "99"}}]}, "99"),  # in a project that is not configured
        ({"gid": "4", "memberships": []}, ""),
        ({"gid": "4", "parent": {"gid": "4"}}, ""),
        (None, ""),
    ],
)
def test_context_stands_outside_the_configured_scopes(above: Any, scope: str, fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/tasks/5", json={"data": task("5", parent={"gid": "4"})})
    answer: dict[str, Any] = {"json": {"data": above}} if above else {"status": 403}
    fake.get(f"{API}/tasks/4", **answer)
    (item,) = connect().fetch(["5"])
    assert (item.scope, item.project) == (scope, scope)


def test_only_what_is_hidden_or_gone_is_left_out(fake: responses.RequestsMock) -> None:
    for gid, status in (("1", 404), ("2", 403)):
        fake.get(f"{API}/tasks/{gid}", status=status)
    fake.get(f"{API}/tasks/3", status=402)
    assert list(connect().fetch(["1", "2"])) == []
    with pytest.raises(Rejected, match="402"):
        list(connect().fetch(["3"]))


# ── scopes, goals, metadata ──────────────────────────────────────────────────────────────────────────────────────────


def test_scopes_by_gid(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/projects/20", json={"data": {"gid": "20", "name": "Shop"}})
    fake.get(f"{API}/projects/21", status=402, json={"errors": [{"message": "not in your plan"}]})
    shop, other = connect().scopes()
    assert (shop.id, shop.key, shop.name, shop.readable, shop.configured) == ("20", "20", "Shop", True, "20")
    assert (other.id, other.readable, other.configured) == ("21", False, "21")
    assert "not in your plan" in other.why


def test_every_project_of_a_workspace(fake: responses.RequestsMock) -> None:
    rows = [{"gid": "20", "name": "Shop"}, {"gid": "21", "name": "Old", "archived": True}]
    query = {"workspace": "1", "opt_fields": wire.PROJECT, "limit": "100"}
    fake.get(f"{API}/projects", json=page(rows), match=[query_param_matcher(query)])
    fake.get(f"{API}/events", json={"data": [], "sync": "t1", "has_more": False})
    fake.get(f"{API}/tasks", json=page([task("1")]))
    source = connect(projects="*")
    assert [(scope.id, scope.readable, scope.configured) for scope in source.scopes()] == [
        ("20", True, "*"),
        ("21", True, "*"),
    ]
    list(source.pull({"20": cursor(), "21": cursor()}))
    asked = [call.request.params["project"] for call in fake.calls if "/tasks?" in call.request.url]  # type: ignore[attr-defined]
    assert asked == ["20"]  # the archived one was read once


def test_a_workspace_that_lists_nothing_is_one_unreadable_scope(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/projects", status=403)
    fake.get(f"{API}/users/me", json={"data": {"gid": "7"}})
    (scope,) = connect(projects="*").scopes()
    assert (scope.key, scope.readable, scope.configured) == ("*", False, "*")


def test_a_listing_of_projects_that_moves_or_breaks_off(fake: responses.RequestsMock) -> None:
    """One that slips to the next page is one scope; one that is refused in the middle says nothing of any."""
    fake.get(f"{API}/projects", json=page([{"gid": "20"}], "a"))
    fake.get(f"{API}/projects", json=page([{"gid": "20"}, {"gid": "21"}]))
    assert [scope.id for scope in connect(projects="*").scopes()] == ["20", "21"]
    fake.replace("GET", f"{API}/projects", json=page([{"gid": "20"}], "a"))
    fake.get(f"{API}/projects", status=403)
    fake.get(f"{API}/users/me", json={"data": {"gid": "7"}})
    assert [(scope.id, scope.readable) for scope in connect(projects="*").scopes()] == [("*", False)]


@pytest.mark.parametrize("ask", [lambda it: it.check(), lambda it: it.scopes()], ids=["check", "scopes"])
@pytest.mark.parametrize(
    "said",
    [
        {"status": 404, "json": {"errors": [{"message": "No matching route for request"}]}},
        {"status": 200, "body": "<html>Asana</html>", "content_type": "text/html"},
    ],
    ids=["404", "html"],
)
def test_the_usual_wrong_url_is_recognised(said: Any, ask: Any) -> None:
    words = r"check the url of this source: https://app\.asana\.com/api/1\.0"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as site:
        for path in ("users/me", "projects/20", "projects/21"):
            site.get(f"https://asana.test/{path}", **said)
        with pytest.raises((Rejected, MalformedPage), match=words):
            ask(connect(url="https://asana.test/"))


def test_a_page_of_html_in_the_middle_says_nothing_of_the_url(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/projects/20", json={"data": {"gid": "20"}})
    fake.get(f"{API}/projects/21", body="<html>We are down", content_type="text/html")
    with pytest.raises(MalformedPage) as caught:
        connect().scopes()
    assert "url" not in str(caught.value)


def test_one_project_that_is_refused_stops_no_other(board: responses.RequestsMock) -> None:
    """Such as one with so many tasks that Asana cuts the listing."""
    first = {"project": "20", "limit": "100", "opt_fields": wire.TASK}
    cut = {"errors": [{"message": "The result is too large."}]}
    board.get(f"{API}/tasks", status=400, json=cut, match=[query_param_matcher(first)])
    board.get(f"{API}/tasks", json=page([task("2")]), match=[query_param_matcher({**first, "project": "21"})])
    board.get(f"{API}/projects/20/sections", json=page([{"gid": "201"}]))
    pages = list(connect().pull({"20": None, "21": None}))
    assert "too large" in pages[-1].refused["20"]
    assert [item.remote_id for one in pages for item in one.items] == ["2"]
    assert [scope for one in pages for scope in one.cursors] == ["21"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_goal_that_went_meanwhile_supports_nothing(status: int, fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/goals", json=page([{"gid": "91"}, {"gid": "92"}]))
    relationships = f"{API}/goal_relationships"
    query = {"opt_fields": wire.SUPPORT, "limit": "100"}
    fake.get(relationships, status=status, match=[query_param_matcher({**query, "supported_goal": "91"})])
    rows = [{"supporting_resource": {"gid": "7", "resource_type": "task"}}]
    fake.get(relationships, json=page(rows), match=[query_param_matcher({**query, "supported_goal": "92"})])
    fake.get(f"{API}/tasks/7", json={"data": task("7")})
    (item,) = connect(goals=True).fetch(["7"])
    assert [one.target for one in item.references] == ["goal:92"]


@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_without_goals_has_none(status: int, fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/goals", status=status)
    assert connect(goals=True).goals() == []


def test_goals_that_cannot_be_read_now_are_not_taken_for_none(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/goals", status=503)
    with pytest.raises(Unavailable):
        connect(goals=True).goals()


def test_a_listing_that_starts_again_gives_each_goal_once(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/goals", json=page([{"gid": "91"}], "a"))
    fake.get(f"{API}/goals", status=400)
    fake.get(f"{API}/goals", json=page([{"gid": "92"}, {"gid": "91"}]))
    assert [goal.id for goal in connect(goals=True).goals()] == ["91", "92"]


def test_goals_that_are_not_asked_for_cost_nothing() -> None:
    source = connect()
    assert source.goals() == []
    assert source.requests() == 0


def test_rights_in_words(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/users/me", json={"data": {"gid": "5", "name": "Bot"}})
    fake.get(f"{API}/workspaces/1", status=404)
    fake.get(f"{API}/projects/20", json={"data": {"gid": "20", "name": "Shop"}})
    fake.get(f"{API}/goals", status=402, json={"errors": [{"message": "Payment Required"}]})
    fake.get(f"{API}/workspaces/1/tasks/search", status=402)
    account = connect(projects=("20",), goals=True).check()
    assert (account.name, account.product, account.limits, account.expires_at) == ("Bot", "Asana", (), None)
    assert account.rights == {"1 workspace": False, "20 tasks": True, "1 goals": False}
    assert "1: this account does not see the workspace" in account.lacks[0].text
    assert "1: goals are not in the plan, or not for this account" in account.lacks[1].text
    assert not any(lack.surfaces for lack in account.lacks), (
        "something cannot be read; without search nothing is missing"
    )


def test_what_cannot_be_written_in_words(fake: responses.RequestsMock) -> None:
    fake.get(f"{API}/users/me", json={"data": {"gid": "5", "name": "Bot"}})
    fake.get(f"{API}/workspaces/1", json={"data": {"gid": "1"}})
    fake.get(f"{API}/projects/20", json={"data": {"gid": "20", "name": "Shop"}})
    metric = {"progress_source": "external", "can_manage": False}
    computed = {"gid": "92", "metric": {"progress_source": "subgoal_progress"}}
    goals = page([{"gid": "91", "name": "Keep them", "metric": metric}, computed])
    fake.get(f"{API}/goals", json=goals)
    fake.get(f"{API}/workspaces/1/tasks/search", json={"data": []})
    (lack,) = connect(projects=("20",)).check().lacks
    assert "goal 'Keep them'" in lack.text
    assert lack.surfaces == {Surface.METRIC}
    fake.replace("GET", f"{API}/goals", status=402)
    account = connect(projects=("20",)).check()
    assert account.lacks[0].surfaces == {Surface.METRIC, Surface.UPDATE}, "goals are not read, and cannot be written"
    assert account.rights == {"1 workspace": True, "20 tasks": True, "1 search": True}


def test_supporting_work_changes_the_metadata_whatever_its_order(fake: responses.RequestsMock) -> None:
    def stamp(*supports: tuple[str, str]) -> str:
        fake.get(f"{API}/goals", json=page([{"gid": goal} for goal in dict.fromkeys(g for g, _ in supports)]))
        for goal in sorted({g for g, _ in supports}):
            rows = [{"supporting_resource": {"gid": r, "resource_type": "task"}} for g, r in supports if g == goal]
            query = {"supported_goal": goal, "opt_fields": wire.SUPPORT, "limit": "100"}
            fake.get(f"{API}/goal_relationships", json=page(rows), match=[query_param_matcher(query)])
        fake.get(f"{API}/tags", json=page([{"gid": "3", "name": "KR-1"}]))
        said = connect(goals=True).metadata()
        assert said["tag 3"] == "KR-1"
        assert {"project 20", "project 21"} <= said.keys()
        fake.reset()
        return said["goals"]

    one = stamp(("91", "7"), ("92", "8"))
    assert stamp(("92", "8"), ("91", "7")) == one
    assert stamp(("91", "7"), ("92", "7")) != one
    assert stamp() == ""
    fake.get(f"{API}/goals", json=page([]))
    assert connect(goals=True).goals() == []


# ── odd answers ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "junk", [None, 7, "x", [], [None], {}, {"data": {}}, {"data": []}, {"data": [None]}, {"data": [{"gid": 7}]}]
)
def test_junk_is_an_error_of_ours_or_nothing(junk: Any) -> None:
    """Every operation, with every answer junk: a ToolError or a value, and never anything else."""
    slot = Slot("asana", "10", Surface.LABEL, "acme")
    asks: list[Callable[[Asana], Any]] = [
        lambda it: it.check(),
        lambda it: it.scopes(),
        lambda it: list(it.pull({"1": None})),
        lambda it: list(it.fetch(["1"])),
        lambda it: list(it.census(Scope("1", "1"))),
        lambda it: it.metadata(),
        lambda it: it.goals(),
        *(lambda it, surface=surface: it.read(replace(slot, surface=surface)) for surface in Surface),
        *(lambda it, surface=surface: it.push(write(surface, "x", "y")) for surface in Surface),
        lambda it: it.push(write(Surface.METRIC, "metric", 1)),
        lambda it: it.push(write(Surface.UPDATE, "acme", UPDATE)),
    ]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST", "DELETE"):
            mock.add(method, re.compile(r".*"), json=junk)
        for ask in asks:
            for settings in ({}, {"projects": "*", "goals": True}):
                with contextlib.suppress(ToolError):
                    ask(connect(**settings))  # type: ignore[arg-type]
        assert len(mock.calls) > len(asks)


# ── the specification ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/tasks?limit=500", None),
        ("GET", "/goals/1/subgoals", None),
        ("GET", "/tasks?opt_fields=['name']", None),
        ("POST", "/goals/1/setMetricCurrentValue", {"current_number_value": 1}),
        ("POST", "/goals/1/setMetricCurrentValue", {"data": {"current_number_value": "1"}}),
        ("POST", "/status_updates", {"data": {"status_type": "at_risk", "text": "x"}}),
        ("POST", "/status_updates", {"data": {"status_type": "green", "text": "x", "parent": "1"}}),
        ("POST", "/status_updates", {"data": {"status_type": "at_risk", "text": "x", "parent": "1", "mood": "low"}}),
        ("POST", "/tags", {"name": "x", "workspace": "1"}),
        ("GET", "/tasks?modified_after=2026-01-01", None),
        ("GET", "/workspaces/1/tasks/search?sort_by=name", None),
        ("GET", "/portfolios/1/projects", None),
    ],
)
def test_the_requests_are_checked(method: str, path: str, body: Any, shared: Any, asana_contract: Contract) -> None:
    """The check that every request of these tests passes is one that can fail; skipped where the file is absent."""
    from contract import Sent
    from openapi_core.exceptions import OpenAPIError

    data = b"" if body is None else orjson.dumps(body)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer x"}
    with pytest.raises((OpenAPIError, AssertionError)):
        asana_contract.validate(Sent(method, asana_contract.server + path, headers, data))
