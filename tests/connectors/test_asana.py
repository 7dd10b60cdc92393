"""What is Asana's own: settings, listings whose offsets die, odd answers, the ways a write can go."""

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
from asana_site import API, ONE, UPDATE, connect, cursor, page, push, stands, task, write
from contract import Contract
from pydantic import ValidationError

from connectors import asana_changes, registry
from connectors import asana_wire as wire
from connectors.asana import Asana, AsanaSettings
from okrsync.errors import AuthError, MalformedPage, Rejected, ToolError
from okrsync.model import Scope, Slot, Surface
from okrsync.ports import HasGoals, HasHistory, HasMetadata, Sink

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


def test_requests_keep_to_four_fifths_of_the_quota(asana_fake: responses.RequestsMock) -> None:
    """60 a minute: a burst of 6, then one each 1.25 s, written or read."""
    asana_fake.get(f"{API}/tasks/1", status=404)
    source: Any = connect(requests_per_minute=60)
    waits: list[float] = []
    source._api._transport._wait = waits.append
    list(source.fetch(["1"] * 7))
    assert 1.0 < sum(waits) <= 1.25


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_a_request_looks_like(asana_fake: responses.RequestsMock) -> None:
    body = '{"data": [{"gid": "7", "name": "a\u00a0b"}], "next_page": null}'.encode()
    asana_fake.get(f"{API}/events", json={"data": [], "sync": "t1", "has_more": False})
    asana_fake.get(f"{API}/tasks", body=body, content_type="application/json")
    ((item,),) = [p.items for p in connect().pull({"20": cursor()}) if p.items]
    assert item.title == "a\u00a0b"
    events, request = (call.request for call in asana_fake.calls)
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
def test_pages_that_lead_nowhere_are_an_error(answers: list[Any], asana_board: responses.RequestsMock) -> None:
    for answer in answers:
        asana_board.get(f"{API}/tasks", json=answer)
    asana_board.assert_all_requests_are_fired = False
    with pytest.raises(MalformedPage):
        list(connect().pull({"20": None}))


def test_a_listing_whose_offset_died_starts_once_more(asana_board: responses.RequestsMock) -> None:
    expired = {"errors": [{"message": "offset: Your pagination token has expired."}]}
    asana_board.get(f"{API}/tasks", json=page([task("1")], "a"))
    asana_board.get(f"{API}/tasks", json=expired, status=400)
    asana_board.get(f"{API}/tasks", json=page([task("1")], "b"))
    asana_board.get(f"{API}/tasks", json=page([task("2")]))
    pages = list(connect().pull({"20": None}))
    assert {item.remote_id for p in pages for item in p.items} == {"1", "2"}
    assert [bool(p.cursors) for p in pages] == [False, False, False, True]


def test_a_listing_whose_offsets_always_die_is_given_up(asana_board: responses.RequestsMock) -> None:
    for _ in range(2):
        asana_board.get(f"{API}/tasks", json=page([task("1")], "a"))
        asana_board.get(f"{API}/tasks", status=400)
    asana_board.get(f"{API}/projects/20/sections", json=page([{"gid": "201"}]))
    with pytest.raises(Rejected):
        list(connect().pull({"20": None}))


def test_the_cursor_waits_for_the_whole_project(asana_board: responses.RequestsMock) -> None:
    first, last = "2026-03-05T10:00:00.000Z", "2026-03-01T10:00:00.000Z"
    asana_board.get(f"{API}/tasks", json=page([task("1", first)], "a"))
    asana_board.get(f"{API}/tasks", json=page([task("2", last, num_subtasks=1)]))
    asana_board.get(f"{API}/tasks/2/subtasks", json=page([task("3", "2026-03-09T10:00:00.000Z")]))
    pages = list(connect().pull({"20": None}))
    assert [[item.remote_id for item in p.items] for p in pages] == [["1"], ["2"], ["3"], []]
    reached = cursor(datetime(2026, 3, 5, 10, tzinfo=UTC), "first", whole=ONE, listed=ONE)
    assert [dict(p.cursors) for p in pages] == [{}, {}, {}, {"20": reached}]


def test_what_changed_while_a_listing_was_read_slowly_is_read_again(
    asana_board: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,000 s went by between first and last page: the cursor stands as far back as the overlap does not reach."""
    asana_board.get(f"{API}/tasks", json=page([task("1", "2026-03-05T10:00:00.000Z")]))
    ticks = iter((0.0, 1000.0))
    monkeypatch.setattr(asana_changes, "monotonic", lambda: next(ticks))
    (reached,) = (p.cursors["20"] for p in connect().pull({"20": None}) if p.cursors)
    began = datetime(2026, 3, 5, 10, tzinfo=UTC) - timedelta(seconds=1000)
    assert reached.at - asana_changes.OVERLAP < began < reached.at


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
        *(lambda it, surface=surface: stands(it, replace(slot, surface=surface)) for surface in Surface),
        *(lambda it, surface=surface: push(it, write(surface, "x", "y")) for surface in Surface),
        lambda it: push(it, write(Surface.METRIC, "metric", 1)),
        lambda it: push(it, write(Surface.UPDATE, "acme", UPDATE)),
    ]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST", "PUT", "DELETE"):
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
