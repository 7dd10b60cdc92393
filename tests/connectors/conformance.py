"""What every connector must do, whatever its tool: inherit :class:`SourceConformance` and give it a ``harness``.

A harness is the tool as a person and as the weather see it. What its tool cannot do, or its stand-in cannot show, it
names in ``cannot`` with the reason; the case is then skipped with these words. :class:`SandboxHarness` holds what all
harnesses over the sandbox share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar, Protocol

import pytest

from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable
from okrsync.model import Cursor, Item, Json, Say, Slot, State, Surface, Write
from okrsync.ports import HasGoals, HasHistory, HasMetadata, Sink
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
    cannot: Mapping[str, str]

    def connect(self, token: str = TOKEN) -> Any: ...
    def seed(self, count: int, *, at: datetime | None = None) -> list[str]: ...
    def touch(self, remote_id: str) -> None: ...
    def delete(self, remote_id: str) -> None: ...
    def move(self, remote_id: str) -> tuple[str, str]: ...  # key before, key after
    def hide(self, remote_id: str) -> None: ...
    def hide_scope(self) -> str: ...  # its key
    def advance(self, by: timedelta) -> None: ...
    def trials(self) -> Sequence[Trial]: ...  # one a surface; makes what they are written on
    def fail(self, fault: str, where: str) -> None: ...  # where: "pull" or "write"
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
    "lost answer once": {"kind": "reset", "after": True, "times": 1, "method": "POST|PUT|PATCH"},
}
"""Fault → how the sandbox is told to make it."""


class SandboxHarness:
    """What every harness over the sandbox shares. ``pulls`` matches the paths of what a pull asks page by page."""

    pulls: ClassVar[str]
    cannot: ClassVar[Mapping[str, str]] = {}
    timeout = timedelta(seconds=0.3)  # of the sources that it connects

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


def ids(items: Sequence[Item]) -> list[str]:
    return sorted(item.remote_id for item in items)


def needs(harness: Harness, *names: str) -> None:
    """The test goes on where the tool can do all of these."""
    for name in names:
        if name in harness.cannot:
            pytest.skip(f"{name}: {harness.cannot[name]}")


def write(trial: Trial, before: Json, after: Json) -> Write:
    return Write(trial.slot, "key", "url", before, after, Say("why"))


class SourceConformance:
    """Inherit, and provide a fixture ``harness``."""

    # ── who ──

    def test_the_account_is_named(self, harness: Harness) -> None:
        account = harness.connect().check()
        assert account.name
        assert account.product
        assert account.lacks == ()
        assert all(account.rights.values())

    def test_a_refused_token_is_an_auth_error_that_does_not_name_it(self, harness: Harness) -> None:
        harness.fail("bad token", "pull")
        source = harness.connect()
        asks: list[Callable[[], Any]] = [source.check, source.scopes, lambda: list(source.fetch([harness.unknown]))]
        for ask in asks:
            with pytest.raises(AuthError) as caught:
                ask()
            assert TOKEN not in f"{caught.value} {caught.value!r} {caught.value.__context__!r}"

    def test_nothing_shows_the_token(self, harness: Harness) -> None:
        source = harness.connect()
        source.check()
        assert TOKEN not in repr(source) + repr(vars(source))

    # ── reading ──

    def test_an_empty_scope(self, harness: Harness) -> None:
        source = harness.connect()
        items, cursors = drain(source, start(source))
        assert items == []
        seeded = harness.seed(2)
        assert ids(drain(source, cursors)[0]) == sorted(seeded)

    def test_nothing_asked_nothing_given(self, harness: Harness) -> None:
        harness.seed(1)
        source = harness.connect()
        assert list(source.pull({})) == []
        assert source.requests() == 0
        assert list(source.fetch([])) == []

    @pytest.mark.parametrize("count", [1, 2, 3, 7, "page", "2 pages", "page + 1"])
    def test_each_item_once(self, count: int | str, harness: Harness) -> None:
        wanted = {"page": harness.page, "2 pages": 2 * harness.page, "page + 1": harness.page + 1}.get(
            str(count), count
        )
        seeded = harness.seed(int(wanted))
        source = harness.connect()
        items, _ = drain(source, start(source))
        assert ids(items) == sorted(seeded)

    def test_every_pages_cursor_resumes_without_loss(self, harness: Harness) -> None:
        seeded = harness.seed(3 * harness.page + 1)
        source = harness.connect()
        since = start(source)
        pages = list(source.pull(since))
        assert len(pages) >= 4
        cursors = since
        for stop in range(1, len(pages)):
            stored = {item.remote_id for page in pages[:stop] for item in page.items}
            cursors = {**cursors, **pages[stop - 1].cursors}
            resumed, _ = drain(harness.connect(), cursors)
            assert stored | {item.remote_id for item in resumed} == set(seeded)

    def test_equal_times_across_the_edge_of_a_page(self, harness: Harness) -> None:
        seeded = harness.seed(harness.page + 3, at=datetime.fromisoformat("2026-03-01T10:00:59.900+00:00"))
        source = harness.connect()
        since = start(source)
        first = next(iter(source.pull(since)))
        resumed, _ = drain(harness.connect(), {**since, **first.cursors})
        assert {item.remote_id for item in (*first.items, *resumed)} == set(seeded)

    def test_a_second_pull_brings_only_what_changed(self, harness: Harness) -> None:
        seeded = harness.seed(7)
        source = harness.connect()
        _, since = drain(source, start(source))
        harness.advance(timedelta(hours=1))
        harness.touch(seeded[2])
        changed, since = drain(source, since)
        assert seeded[2] in ids(changed)
        assert len(changed) < len(seeded)
        harness.advance(timedelta(hours=1))
        again, later = drain(source, since)
        assert set(ids(again)) <= set(ids(changed))
        assert later == since

    def test_equal_states_equal_items(self, harness: Harness) -> None:
        harness.seed(3)
        one, other = harness.connect(), harness.connect()
        items, cursors = drain(one, start(one))
        again, later = drain(other, start(other))
        assert items == again
        assert {scope: cursor.at for scope, cursor in cursors.items() if cursor} == {
            scope: cursor.at for scope, cursor in later.items() if cursor
        }
        assert [hash(item) for item in items]
        if isinstance(one, HasMetadata):
            assert one.metadata() == other.metadata() == one.metadata()

    def test_fetch_gives_the_same_items_and_leaves_out_the_unreadable(self, harness: Harness) -> None:
        seeded = harness.seed(5)
        source = harness.connect()
        items, _ = drain(source, start(source))
        assert sorted(source.fetch(seeded), key=lambda item: item.remote_id) == sorted(
            items, key=lambda item: item.remote_id
        )
        gone = []
        for way in (harness.hide, harness.delete):
            if way.__name__ not in harness.cannot:
                gone.append(seeded[len(gone)])
                way(gone[-1])
        assert ids(list(source.fetch([*seeded, harness.unknown]))) == sorted(set(seeded) - set(gone))

    @pytest.mark.parametrize("way", ["hide", "delete"])
    def test_the_census_knows_what_is_left(self, way: str, harness: Harness) -> None:
        needs(harness, way)
        seeded = harness.seed(harness.page + 2)
        source = harness.connect()
        scopes = source.scopes()
        getattr(harness, way)(seeded[0])
        found = [identity for scope in scopes for identity in source.census(scope)]
        assert sorted(found) == sorted(seeded[1:])

    def test_what_is_gone_disturbs_no_pull(self, harness: Harness) -> None:
        needs(harness, "delete")
        seeded = harness.seed(4)
        source = harness.connect()
        _, since = drain(source, start(source))
        harness.delete(seeded[0])
        harness.advance(timedelta(hours=1))
        harness.touch(seeded[1])
        changed = ids(drain(source, since)[0])
        assert seeded[0] not in changed
        assert seeded[1] in changed

    def test_a_moved_item_keeps_its_identity(self, harness: Harness) -> None:
        """A tool whose pull does not tell of a move leaves it to the census and a fetch."""
        needs(harness, "move")
        seeded = harness.seed(1)
        source = harness.connect()
        (held,), since = drain(source, start(source))
        harness.advance(timedelta(hours=1))
        before, after = harness.move(seeded[0])
        pulled, _ = drain(source, since)
        if "pull a move" not in harness.cannot:
            assert ids(pulled) == seeded
        for item in (*pulled, *source.fetch(seeded)):
            assert (item.remote_id, item.key) == (seeded[0], after)
            assert item.scope != held.scope
        census = {scope.id: list(source.census(scope)) for scope in source.scopes()}
        (holder,) = (scope for scope, found in census.items() if seeded[0] in found)
        assert holder != held.scope
        if isinstance(source, HasHistory):
            (history,) = source.history(seeded)
            assert ("key", before, after) in [(c.kind, c.before, c.after) for c in history.changes]

    def test_a_hidden_scope_is_marked_and_the_others_go_on(self, harness: Harness) -> None:
        needs(harness, "hide_scope")
        harness.seed(3)
        hidden = harness.hide_scope()
        source = harness.connect()
        scopes = source.scopes()
        assert [scope.key for scope in scopes if not scope.readable] == [hidden]
        assert all(scope.why for scope in scopes if not scope.readable)
        assert any(scope.readable for scope in scopes)
        drain(source, start(source))
        account = harness.connect().check()
        assert any(hidden in lack for lack in account.lacks)

    def test_every_scope_names_its_entry_of_the_configuration(self, harness: Harness) -> None:
        source = harness.connect()
        assert all(scope.configured for scope in source.scopes())

    def test_histories_are_in_order_and_one_an_item(self, harness: Harness) -> None:
        seeded = harness.seed(3)
        source = harness.connect()
        if not isinstance(source, HasHistory):
            pytest.skip("this connector tells no history in bulk")
        for _ in range(3):
            harness.advance(timedelta(minutes=1))
            for identity in seeded:
                harness.touch(identity)
        histories = list(source.history(seeded))
        assert [history.remote_id for history in histories] == seeded
        for history in histories:
            assert len(history.changes) >= 3
            assert [c.at for c in history.changes] == sorted(c.at for c in history.changes)

    def test_reading_never_writes(self, harness: Harness) -> None:
        seeded = harness.seed(5)
        trials = harness.trials()
        before = harness.unsafe()
        source = harness.connect()
        source.check()
        drain(source, start(source))
        list(source.fetch(seeded))
        list(source.census(source.scopes()[0]))
        if isinstance(source, HasMetadata):
            source.metadata()
        if isinstance(source, HasHistory):
            list(source.history(seeded))
        if isinstance(source, HasGoals):
            source.goals()
        if isinstance(source, Sink):
            for trial in trials:
                source.read(trial.slot)
        assert harness.unsafe() == before

    # ── faults ──

    @pytest.mark.parametrize(
        ("fault", "meaning"),
        [
            ("401", AuthError),
            ("login page", AuthError),
            ("logged out", AuthError),
            ("html", MalformedPage),
            ("truncated", MalformedPage),
            ("redirect to another host", MalformedPage),
            ("429 for an hour", RateLimited),
            ("500", Unavailable),
            ("503", Unavailable),
            ("reset", Unavailable),
            ("wrong length", Unavailable),
            ("hang", Unavailable),
            ("drip headers", Unavailable),
            ("drip body", Unavailable),
            ("400", Rejected),
            ("403", Rejected),
        ],
    )
    def test_each_failure_has_one_meaning(self, fault: str, meaning: type[ToolError], harness: Harness) -> None:
        needs(harness, fault)
        seeded = harness.seed(2)
        source = harness.connect()
        since = start(source)
        harness.fail(fault, "pull")
        with pytest.raises(ToolError) as caught:
            drain(source, since)
        assert type(caught.value) is meaning
        assert "\n" not in str(caught.value)
        assert TOKEN not in str(caught.value)
        harness.heal()
        assert ids(drain(source, since)[0]) == sorted(seeded)

    def test_a_passing_failure_is_not_noticed(self, harness: Harness) -> None:
        faults = ("500 once", "reset once", "429 once")
        needs(harness, *faults)
        seeded = harness.seed(2 * harness.page)
        source = harness.connect()
        since = start(source)
        for fault in faults:
            harness.fail(fault, "pull")
        assert ids(drain(source, since)[0]) == sorted(seeded)

    @pytest.mark.parametrize("loop", ["repeated token", "empty pages"])
    def test_a_paging_loop_is_an_error(self, loop: str, harness: Harness) -> None:
        needs(harness, loop)
        harness.seed(3 * harness.page)
        source = harness.connect()
        since = start(source)
        harness.fail(loop, "pull")
        with pytest.raises(MalformedPage):
            drain(source, since)

    def test_an_empty_page_in_between_loses_nothing(self, harness: Harness) -> None:
        needs(harness, "empty page once")
        seeded = harness.seed(3 * harness.page)
        source = harness.connect()
        since = start(source)
        harness.fail("empty page once", "pull")
        assert ids(drain(source, since)[0]) == sorted(seeded)

    # ── writing ──

    def test_every_surface_is_tried(self, harness: Harness) -> None:
        sink = harness.connect()
        offered = sink.surfaces() if isinstance(sink, Sink) else frozenset()
        assert sorted(trial.slot.surface for trial in harness.trials()) == sorted(offered)

    def test_a_write_is_read_back_and_idempotent(self, harness: Harness) -> None:
        sink = harness.connect()
        for trial in harness.trials():
            assert sink.read(trial.slot) == trial.before
            steps = (trial.before, trial.first, trial.second, trial.before)
            for before, after in pairwise(steps):
                receipt = sink.push(write(trial, before, after))
                stands = trial.left if after is None else after
                assert receipt.value == stands
                assert sink.read(trial.slot) == stands
                assert sink.push(write(trial, before, after)) == receipt
                assert harness.connect().read(trial.slot) == stands

    def test_a_write_to_what_is_gone_is_rejected(self, harness: Harness) -> None:
        sink = harness.connect()
        trials = [one for one in harness.trials() if f"delete under {one.slot.surface}" not in harness.cannot]
        for remote_id in {trial.slot.remote_id for trial in trials}:
            harness.delete(remote_id)
        for trial in trials:
            with pytest.raises(Rejected):
                sink.read(trial.slot)
            with pytest.raises(Rejected):
                sink.push(write(trial, None, trial.first))

    def test_what_is_not_there_cannot_be_written(self, harness: Harness) -> None:
        sink = harness.connect()
        if not isinstance(sink, Sink):
            pytest.skip("this connector does not write")
        before = harness.unsafe()
        for surface in sorted(set(Surface) - sink.surfaces()):
            trial = Trial(Slot("it", harness.unknown, surface, "x"), "x", "y")
            with pytest.raises(Rejected):
                sink.read(trial.slot)
            with pytest.raises(Rejected):
                sink.push(write(trial, None, "x"))
        assert harness.unsafe() == before

    def test_a_lost_answer_is_not_written_again(self, harness: Harness) -> None:
        needs(harness, "lost answer once")
        sink = harness.connect()
        for trial in harness.trials():
            sink.read(trial.slot)
            harness.fail("lost answer once", "write")
            count = harness.unsafe()
            with pytest.raises(Unavailable) as caught:
                sink.push(write(trial, trial.before, trial.first))
            assert caught.value.sent
            assert harness.unsafe() == count + 1
            assert sink.read(trial.slot) == trial.first
            sink.push(write(trial, trial.before, trial.first))
            assert sink.read(trial.slot) == trial.first

    def test_own_writes_are_no_labels_of_the_item(self, harness: Harness) -> None:
        sink = harness.connect()
        labels = [trial for trial in harness.trials() if trial.slot.surface is Surface.LABEL]
        if not labels:
            pytest.skip("this connector writes no labels")
        for trial in labels:
            (before,) = sink.fetch([trial.slot.remote_id])
            sink.push(write(trial, None, True))
            (after,) = sink.fetch([trial.slot.remote_id])
            assert after.labels == before.labels
            assert after.state in State
