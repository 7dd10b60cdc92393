"""Whatever is missing, null or of another type in any answer of GitHub: an item without it, or an error of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import orjson
import pytest
from damaged import damaged
from github_world import Connect
from requests.structures import CaseInsensitiveDict

from connectors.transport import Answer, Lane
from okrsync.errors import Rejected, ToolError
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

MOST = 60  # requests of one run; whoever sends more goes round in circles


HOLES = {
    "errors": [
        {"type": "NOT_FOUND", "path": path, "message": "Could not resolve"}
        for path in (["r0", "issues"], ["repository", "n2"], ["nodes", 0])
    ]
}
"""What stands beside the data of a query."""


class Again:
    """What was once answered, answered again: one of the answers damaged. Anything else is not there."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.kept: dict[tuple[str, str, bytes], Answer] = {}
        self.damage: tuple[Any, Any] = (None, None)
        self.sent = 0
        self._send: Any = source._api._send
        source._api._send = self.send
        source._api._searches = Lane(rate=1e9, burst=1)

    def send(self, method: str, path: str, params: Any = None, body: Any = None, etag: str = "") -> Answer:
        key = (method, path, orjson.dumps([params, body]))
        self.sent += 1
        assert self.sent <= MOST, f"{method} {path} again and again"
        if key not in self.kept:
            if self._send is None:
                raise Rejected(f"{method} {path}", status=404)
            self.kept[key] = self._send(method, path, params, body)
        found = Answer()
        found.__dict__.update(self.kept[key].__dict__)
        found.headers = CaseInsensitiveDict({name: said for name, said in found.headers.items() if name != "ETag"})
        if key == self.damage[0]:
            found.decoded = self.damage[1]
            found._content = orjson.dumps(found.decoded)
        return found

    def damaged(self, method: str) -> Iterator[None]:
        """Time after time, with every damage that one answer to this method can have."""
        self._send = None
        for key in [key for key in self.kept if key[0] == method]:
            whole = self.kept[key].decoded
            for value in damaged({"answer": whole | HOLES if method == "POST" else whole}):
                self.damage, self.sent = (key, value.get("answer")), 0
                self.forget()
                yield

    def forget(self) -> None:
        """What the server knows is asked anew."""
        queries = self.source._timelines._queries
        queries._known_until = 0.0
        queries._refused.clear()


@pytest.fixture
def rich(shop: Repository, plan: Repository, hub: Sandbox) -> Repository:
    """One of everything that an answer can hold."""
    shop.commit("Begin")
    milestone = shop.milestone("v1")
    plan.issue("Parent")
    shop.issue("Issue", labels=["bug"], milestone=milestone.number, parent="acme/plan#1", type="Bug")
    shop.block(1, "acme/plan#1")
    shop.pull("Pull", head="topic", commits=["Work"], draft=True, closes=["acme/shop#1"])
    shop.edit(1, state="closed")
    hub.world.clock.advance(timedelta(days=1))
    return shop


def _read(source: Any) -> None:
    list(source.pull({scope.id: None for scope in source.scopes() if scope.readable}))


RUNS: dict[str, Callable[[Any, str], object]] = {
    "pull": lambda source, _: _read(source),
    "fetch": lambda source, place: list(source.fetch([f"{place}#1", f"{place}#2"])),
    "history": lambda source, place: list(source.history([f"{place}#1", f"{place}#2"])),
    "census": lambda source, _: [list(source.census(scope)) for scope in source.scopes()],
    "count": lambda source, _: source.count("repo:acme/shop"),
    "check": lambda source, _: source.check(),
}


@pytest.mark.parametrize("method", ["POST", pytest.param("GET", marks=pytest.mark.soak)])
@pytest.mark.parametrize("what", RUNS)
def test_nothing_damaged_raises_but_an_error_of_ours(
    what: str, method: str, rich: Repository, hub: Sandbox, connect: Connect
) -> None:
    """POST: the queries. GET: all else, on a server without queries."""
    source = connect("acme/shop", "acme/sh*")
    again = Again(source)
    hub.fault("answer", status=404, body="{}", path=r".*/graphql", times=None)
    RUNS[what](source, str(rich.id))
    hub.faults.clear()
    if method == "POST":
        again.kept = {key: answer for key, answer in again.kept.items() if key[0] == "GET"}
        again.forget()
        RUNS[what](source, str(rich.id))
    for _ in again.damaged(method):
        with suppress(ToolError):
            RUNS[what](source, str(rich.id))
