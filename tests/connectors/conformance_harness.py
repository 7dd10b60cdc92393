"""What the conformance suite needs of a tool, and how it reads through a connector.

A harness is the tool as a person and as the weather see it. What its tool cannot do, or its stand-in cannot show, it
names in ``cannot`` with the reason; the case is then skipped with these words. :class:`SandboxHarness` holds what all
harnesses over the sandbox share.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import orjson
import pytest

from okrsync.errors import ToolError
from okrsync.model import Cursor, Item, Json, Say, Slot, Write
from okrsync.ports import HasMetadata
from okrsync.sandbox import Sandbox

TOKEN = "canary-0123456789"


@dataclass(frozen=True)
class Trial:
    """One surface as the suite tries it: ``first`` and ``second`` are written, then it is put back as it was."""

    slot: Slot
    first: Json
    second: Json
    before: Json = None  # what stands there untouched
    left: Json = None  # what is read where ``before`` was put back, if the tool cannot quite forget


class Harness(Protocol):
    """Ids are remote ids. ``cannot`` holds names of methods below, of faults, or of cases, each with the reason."""

    page: int  # items of one page
    unknown: str  # an id that names nothing
    quiet: int  # requests, at most, of a cycle in which nothing happened, by a connector that is kept
    cannot: Mapping[str, str]
    indispensable: frozenset[str]  # members of a page without which it is no page
    open_query: str  # finds what is not done, in the words of the tool; for a source that counts
    bad_query: str  # is refused
    timeout: timedelta  # of the sources that it connects

    def connect(self, token: str = TOKEN) -> Any: ...
    def seed(self, count: int, *, at: datetime | None = None) -> list[str]: ...
    def touch(self, remote_id: str) -> None: ...
    def label(self, remote_id: str, name: str) -> None: ...
    def finish(self, remote_id: str) -> None: ...
    def reword(self) -> None: ...  # something that items are read by is called otherwise, and no item is updated
    def delete(self, remote_id: str) -> None: ...
    def move(self, remote_id: str) -> tuple[str, str]: ...  # key before, key after
    def hide(self, remote_id: str) -> None: ...
    def hide_scope(self) -> str: ...  # its key
    def advance(self, by: timedelta) -> None: ...
    def trials(self) -> Sequence[Trial]: ...  # one a surface; makes what they are written on
    def fail(self, fault: str, where: str) -> None: ...  # where: "pull" or "write"
    def fail_from(self, request: int, *, lasting: bool) -> None: ...  # that many pass first
    def edit_answers(self, where: str, **edit: str) -> None: ...
    def members(self, where: str) -> AbstractContextManager[list[str]]: ...
    def heal(self) -> None: ...
    def unsafe(self) -> int: ...  # requests so far that may have changed something


FAULTS: Mapping[str, dict[str, Any]] = {
    "401": {"kind": "answer", "status": 401},
    "400": {"kind": "answer", "status": 400},
    "403": {"kind": "answer", "status": 403},
    "500": {"kind": "answer", "status": 500},
    "503": {"kind": "answer", "status": 503},
    "500 once": {"kind": "answer", "status": 500, "times": 1},
    "429 once": {"kind": "answer", "status": 429, "headers": {"Retry-After": "0.05"}, "times": 1},
    "429 for an hour": {"kind": "answer", "status": 429, "headers": {"Retry-After": "3600"}},
    "html": {"kind": "answer", "status": 200, "body": "<html>down", "headers": {"Content-Type": "text/html"}},
    "login page": {"kind": "login_page"},
    "logged out": {"kind": "logged_out"},
    "truncated": {"kind": "truncated"},
    "redirect to another host": {"kind": "redirect", "location": "http://127.0.0.1:9/steal"},
    "reset": {"kind": "reset"},
    "reset once": {"kind": "reset", "times": 1},
    "wrong length": {"kind": "wrong_length"},
    "hang": {"kind": "hang", "seconds": 20},
    "drip headers": {"kind": "drip_headers", "seconds": 0.05},
    "drip body": {"kind": "drip_body", "seconds": 0.05},
    "repeated token": {"kind": "repeated_token"},
    "empty pages": {"kind": "empty_page"},
    "empty page once": {"kind": "empty_page", "times": 1, "skip": 1},
    "short pages": {"kind": "short_page", "rows": 2, "skip": 1},
    "cycle of pages": {"kind": "page_cycle", "rows": 3},
    "402": {"kind": "answer", "status": 402},
    "404": {"kind": "answer", "status": 404},
    "410": {"kind": "answer", "status": 410},
    "451": {"kind": "answer", "status": 451},
    "502 html": {"kind": "answer", "status": 502, "body": "<html>", "headers": {"Content-Type": "text/html"}},
    "gzip bomb": {"kind": "gzip_bomb", "megabytes": 70},
    "503 from the second on": {"kind": "answer", "status": 503, "skip": 1},
    "lost answer once": {"kind": "reset", "after": True, "times": 1, "method": "POST|PUT|PATCH"},
}
"""Fault → how the sandbox is told to make it."""


class SandboxHarness:
    """What every harness over the sandbox shares. ``pulls`` matches the paths of what a pull asks page by page."""

    pulls: ClassVar[str]
    cannot: ClassVar[Mapping[str, str]] = {}
    indispensable: ClassVar[frozenset[str]] = frozenset()  # members of a page without which it is no page
    open_query: ClassVar[str] = ""
    bad_query: ClassVar[str] = ""
    timeout = timedelta(seconds=20)  # a busy machine costs no second try

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.opened: list[Any] = []

    def close(self) -> None:
        for source in self.opened:
            source.close()

    def advance(self, by: timedelta) -> None:
        self.sandbox.world.clock.advance(by)

    def fail(self, fault: str, where: str) -> None:
        if fault == "bad token":
            self.sandbox.fault("answer", status=401, body='{"message": "no"}', times=None)
            return
        path = {"pull": self.pulls, "write": ".*"}[where]
        self.sandbox.fault(**{"times": None, "path": path, **FAULTS[fault]})

    def heal(self) -> None:
        self.sandbox.faults.clear()

    def fail_from(self, request: int, *, lasting: bool) -> None:
        self.sandbox.fault("answer", status=503, skip=request, times=None if lasting else 1)

    def edit_answers(self, where: str, **edit: str) -> None:
        """From now on the JSON of answers is edited; ``where``: "pull" or "everything"."""
        path = {"pull": self.pulls, "everything": ".*"}[where]
        self.sandbox.fault("edited", times=None, path=path, **edit)

    @contextmanager
    def members(self, where: str) -> Iterator[list[str]]:
        """The names of all members in the JSON of what is answered in the block."""
        found: dict[str, None] = {}
        pattern = re.compile({"pull": self.pulls, "everything": ".*"}[where])
        names: list[str] = []
        answer = self.sandbox.answer

        def noting(request: Any) -> Any:
            response = answer(request)
            if pattern.fullmatch(request.path) and response.body:
                _note(orjson.loads(response.body), found)
            return response

        self.sandbox.answer = noting  # type: ignore[method-assign]
        yield names
        self.sandbox.answer = answer  # type: ignore[method-assign]
        names += found

    def unsafe(self) -> int:
        return len(self.sandbox.unsafe_requests())


Cursors = dict[str, Cursor | None]


def start(source: Any) -> Cursors:
    return {scope.id: None for scope in source.scopes() if scope.readable}


def drain(source: Any, since: Cursors) -> tuple[list[Item], Cursors]:
    """Everything that a pull gives, and where to go on."""
    items: list[Item] = []
    for page in source.pull(since):
        items += page.items
        since = {**since, **page.cursors}
    return items, since


def read(source: Any, since: Cursors | None) -> tuple[list[Item], Cursors, ToolError | None]:
    """What a pull gives before it fails, if it does; from the beginning where ``since`` is None."""
    items: list[Item] = []
    reached: Cursors = {}
    try:
        reached = start(source) if since is None else since
        for page in source.pull(reached):
            items += page.items
            reached = {**reached, **page.cursors}
    except ToolError as failure:
        return items, reached, failure
    return items, reached, None


def cycle(source: Any, since: Mapping[str, Cursor | None]) -> tuple[list[Item], Cursors]:
    """What a connector is asked in a cycle: its scopes, what items are read by, what changed."""
    scopes = source.scopes()
    if isinstance(source, HasMetadata):
        source.metadata()
    return drain(source, {scope.id: since.get(scope.id) for scope in scopes if scope.readable})


def ids(items: Sequence[Item]) -> list[str]:
    return sorted(item.remote_id for item in items)


def needs(harness: Harness, *names: str) -> None:
    """The test goes on where the tool can do all of these."""
    for name in names:
        if name in harness.cannot:
            pytest.skip(f"{name}: {harness.cannot[name]}")


def write(trial: Trial, before: Json, after: Json) -> Write:
    return Write(trial.slot, "key", "url", before, after, Say("why"))


def _note(value: Any, found: dict[str, None]) -> None:
    if isinstance(value, list):
        for entry in value:
            _note(entry, found)
    if isinstance(value, dict):
        for name, entry in value.items():
            found[name] = None
            _note(entry, found)
