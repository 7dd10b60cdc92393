"""Asana's own examples and what was recorded of it, through the code that reads it live; what comes out is golden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import golden
import orjson
import pytest
import responses
from asana_site import API, NOON, connect, cursor, push, stands, write

from connectors import asana_wire as wire
from okrsync.errors import AuthError, MalformedPage, Rejected, ToolError, Unavailable
from okrsync.model import Cursor, Item, Slot, Surface
from okrsync.sandbox import Sandbox, World

Examples = dict[tuple[str, str, int], Any]
GID = "12345"  # of everything in Asana's examples


@pytest.fixture
def examples(shared: Path) -> Examples:
    """(method, path, status) → body of the 42 examples."""
    lines = (shared / "recorded" / "asana" / "spec_example_responses.jsonl").read_bytes().splitlines()
    return {(one["method"], one["path"], one["status"]): one["body"] for one in map(orjson.loads, lines)}


@pytest.fixture
def site(examples: Examples) -> Iterator[responses.RequestsMock]:
    """Every example of a success at an address like its own; a listing ends after its page, which no example does."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for (method, path, status), body in examples.items():
            if status < 300:
                listed = {**body, "next_page": None} if "next_page" in body else body
                place = re.sub(r"/(?:1|x)(?=/|$)", "/[^/?]+", path.partition("?")[0])
                mock.add(method, re.compile(rf"{re.escape(API)}{place}(\?.*)?$"), json=listed, status=status)
        mock.get(f"{API}/workspaces/1", json={"data": {"gid": "1", "name": "My Company Workspace"}})  # no example
        yield mock


def shown(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS, default=_plain).decode() + "\n"


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else str(value)


def test_every_example_goes_through_the_connector(examples: Examples, site: responses.RequestsMock) -> None:
    """Scopes, metadata, a pull by search and events, a direct read, goals, the account, and each surface."""
    assert len(examples) == 42
    source = connect(search=True, goals=True, projects=("20",), portfolios=("30",))
    found: dict[str, Any] = {"scopes": [asdict(scope) for scope in source.scopes()]}
    found["goals"] = [asdict(goal) for goal in source.goals()]
    found["metadata"] = dict(source.metadata())
    account = source.check()
    found["account"] = {
        "name": account.name,
        "rights": dict(account.rights),
        "lacks": [lack.text for lack in account.lacks],
    }
    found["fetched"] = [asdict(item) for item in source.fetch([GID])]
    pages = list(source.pull({"20": cursor(began=NOON)}))
    found["pulled"] = [asdict(item) for page in pages for item in page.items]
    found["doubts"] = [gid for page in pages for gid in page.doubts]
    goal = f"goal:{GID}"
    found["read"] = {
        "label": stands(source, Slot("asana", GID, Surface.LABEL, "Grade A")),
        "metric": stands(source, Slot("asana", goal, Surface.METRIC, "metric")),
        "update": stands(source, Slot("asana", goal, Surface.UPDATE, "acme")),
    }
    found["written"] = push(source, write(Surface.METRIC, "metric", 9.123, goal)).value
    golden.check("asana_examples.json", shown(found))


def test_the_events_of_the_example(examples: Examples) -> None:
    said = examples["GET", "/events?resource=1&sync=x", 200]["data"]
    hints = wire.read_events(said)
    assert {gid: (hint.moved, hint.deleted, hint.at is not None) for gid, hint in hints.items()} == {
        GID: (False, False, True)
    }


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(400, Rejected), (401, AuthError), (402, Rejected), (403, Rejected), (404, Rejected), (500, Unavailable)],
)
def test_every_refusal_of_the_examples(status: int, meaning: type[ToolError], examples: Examples) -> None:
    (body,) = [body for (_, _, code), body in examples.items() if code == status]
    with responses.RequestsMock() as mock:
        mock.get(re.compile(rf"{API}/goals.*"), json=body, status=status)
        with pytest.raises(ToolError, match=re.escape(body["errors"][0]["message"])) as caught:
            stands(connect(), Slot("asana", f"goal:{GID}", Surface.METRIC, "metric"))
    assert type(caught.value) is meaning


def test_every_field_that_is_asked_for_is_one_of_asana(shared: Path) -> None:
    """Its file lists too few paths to be held against, but it names every member that an object has."""
    document = orjson.loads((shared / "specs" / "asana-openapi.json").read_bytes())
    known: set[str] = set()
    waiting: list[Any] = [document["components"]["schemas"]]
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, dict):
            known |= set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
        waiting += schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    asked = (wire.TASK, wire.PLACE, wire.PROJECT, wire.ENTRY, wire.GOAL, wire.SUPPORT, wire.UPDATE, wire.EVENT)
    assert {name for fields in asked for path in fields.split(",") for name in path.split(".")} <= known


def test_a_listing_that_never_ends_as_the_examples_have_it(examples: Examples) -> None:
    """Their next page is the same for ever: an error, and no endless loop."""
    body = examples["GET", "/tasks?project=1&limit=100", 200]
    assert body["next_page"]["offset"]
    with responses.RequestsMock() as mock:
        mock.get(f"{API}/events", json=examples["GET", "/events?resource=1", 412], status=412)
        mock.get(f"{API}/tasks", json=body)
        with pytest.raises(MalformedPage, match="circle"):
            list(connect().pull({"20": None}))
        assert len(mock.calls) == 3


def test_golden_items_of_the_recorded_world(shared: Path) -> None:
    """Served by the sandbox, whole, by events and by id: the same items."""
    with Sandbox(World.load(shared / "recorded" / "world")) as sandbox:
        workspace = sandbox.world.asana.workspaces["1100000000000000"]
        (project,) = workspace.held["project"]
        source = connect(url=f"{sandbox.url}/asana/api/1.0", workspace=workspace.gid, projects=(project,))
        since: dict[str, Cursor | None] = {project: None}
        items: list[Item] = []
        for page in source.pull(since):
            items += page.items
            since |= page.cursors
        assert list(source.fetch([item.remote_id for item in items])) == items
        for gid in workspace.held["task"]:
            workspace.edit(f"tasks/{gid}", {"tags": ["okr:KR-1"]})
        again = {item.remote_id: item for page in source.pull(since) for item in page.items}
    assert [again[item.remote_id].title for item in items] == [item.title for item in items]
    golden.check("asana_items.json", shown([asdict(item) for item in items]))
