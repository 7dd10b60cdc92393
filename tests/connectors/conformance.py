"""What every connector must do, whatever its tool: inherit :class:`SourceConformance` and give it a ``harness``.

A tool that cannot do one of these things overrides the test with ``pytest.skip`` and the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable
from okrsync.model import Cursor, Item, Say, Slot, State, Write
from okrsync.ports import HasHistory, Sink

TOKEN = "canary-0123456789"


class Harness(Protocol):
    """The tool as a person and as the weather see it. Ids are remote ids."""

    page: int  # items of one page
    writes: Sequence[tuple[str, str, Any, Any]]  # surface, name, a value, another value

    def connect(self, token: str = TOKEN) -> Any: ...
    def seed(self, count: int, *, at: datetime | None = None) -> list[str]: ...
    def touch(self, remote_id: str) -> None: ...
    def delete(self, remote_id: str) -> None: ...
    def move(self, remote_id: str) -> tuple[str, str]: ...  # key before, key after
    def hide(self, remote_id: str) -> None: ...
    def hide_scope(self) -> str: ...  # its key
    def advance(self, by: timedelta) -> None: ...
    def fail(self, fault: str, path: str = ".*") -> None: ...
    def heal(self) -> None: ...
    def unsafe(self) -> int: ...  # requests so far that may have changed something


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
    return sorted((item.remote_id for item in items), key=int)


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
        harness.fail("bad token")
        source = harness.connect()
        for ask in (source.check, source.scopes, lambda: list(source.fetch(["1"]))):
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
        assert all(cursor is None for cursor in cursors.values())

    @pytest.mark.parametrize("count", [1, 2, 3, 7, "page", "2 pages", "page + 1"])
    def test_each_item_once(self, count: int | str, harness: Harness) -> None:
        wanted = {"page": harness.page, "2 pages": 2 * harness.page, "page + 1": harness.page + 1}.get(
            str(count), count
        )
        seeded = harness.seed(int(wanted))
        source = harness.connect()
        items, _ = drain(source, start(source))
        assert ids(items) == sorted(seeded, key=int)

    def test_every_pages_cursor_resumes_without_loss(self, harness: Harness) -> None:
        seeded = harness.seed(3 * harness.page + 1)
        source = harness.connect()
        since = start(source)
        pages = list(source.pull(since))
        assert len(pages) >= 4
        for stop in range(1, len(pages)):
            stored = {item.remote_id for page in pages[:stop] for item in page.items}
            resumed, _ = drain(harness.connect(), {**since, **pages[stop - 1].cursors})
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
        assert drain(one, start(one))[0] == drain(other, start(other))[0]
        assert [hash(item) for item in drain(one, start(one))[0]]

    def test_fetch_gives_the_same_items_and_leaves_out_the_unreadable(self, harness: Harness) -> None:
        seeded = harness.seed(5)
        source = harness.connect()
        items, _ = drain(source, start(source))
        assert sorted(source.fetch(seeded), key=lambda item: item.remote_id) == sorted(
            items, key=lambda item: item.remote_id
        )
        harness.hide(seeded[0])
        harness.delete(seeded[1])
        assert ids(list(source.fetch([*seeded, "999999999"]))) == sorted(seeded[2:], key=int)
        assert list(source.fetch([])) == []

    def test_the_census_knows_what_is_left(self, harness: Harness) -> None:
        seeded = harness.seed(harness.page + 2)
        source = harness.connect()
        scopes = source.scopes()
        harness.hide(seeded[0])
        harness.delete(seeded[1])
        found = [identity for scope in scopes for identity in source.census(scope)]
        assert sorted(found, key=int) == sorted(seeded[2:], key=int)

    def test_a_moved_item_keeps_its_identity(self, harness: Harness) -> None:
        seeded = harness.seed(1)
        source = harness.connect()
        _, since = drain(source, start(source))
        harness.advance(timedelta(hours=1))
        before, after = harness.move(seeded[0])
        (item,), _ = drain(source, since)
        assert (item.remote_id, item.key) == (seeded[0], after)
        if isinstance(source, HasHistory):
            (history,) = source.history(seeded)
            assert ("key", before, after) in [(c.kind, c.before, c.after) for c in history.changes]

    def test_a_hidden_scope_is_marked_and_the_others_go_on(self, harness: Harness) -> None:
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

    def test_histories_are_in_order_and_one_an_item(self, harness: Harness) -> None:
        seeded = harness.seed(3)
        source = harness.connect()
        if not isinstance(source, HasHistory):
            pytest.skip("this tool tells no history in bulk")
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
        source = harness.connect()
        source.check()
        drain(source, start(source))
        list(source.fetch(seeded))
        list(source.census(source.scopes()[0]))
        if isinstance(source, HasHistory):
            list(source.history(seeded))
        if isinstance(source, Sink):
            for surface, name, _, _ in harness.writes:
                source.read(Slot("it", seeded[0], surface, name))  # type: ignore[arg-type]
        assert harness.unsafe() == 0

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
        assert ids(drain(source, since)[0]) == sorted(seeded, key=int)

    def test_a_passing_failure_is_not_noticed(self, harness: Harness) -> None:
        seeded = harness.seed(2 * harness.page)
        source = harness.connect()
        since = start(source)
        for fault in ("500 once", "reset once", "429 once"):
            harness.fail(fault, "pull")
        assert ids(drain(source, since)[0]) == sorted(seeded, key=int)

    @pytest.mark.parametrize("loop", ["repeated token", "empty pages"])
    def test_a_paging_loop_is_an_error(self, loop: str, harness: Harness) -> None:
        harness.seed(3 * harness.page)
        source = harness.connect()
        since = start(source)
        harness.fail(loop, "pull")
        with pytest.raises(MalformedPage):
            drain(source, since)

    def test_an_empty_page_in_between_loses_nothing(self, harness: Harness) -> None:
        seeded = harness.seed(3 * harness.page)
        source = harness.connect()
        since = start(source)
        harness.fail("empty page once", "pull")
        assert ids(drain(source, since)[0]) == sorted(seeded, key=int)

    # ── writing ──

    def test_a_write_is_read_back_and_idempotent(self, harness: Harness) -> None:
        (identity,) = harness.seed(1)
        sink = harness.connect()
        if not isinstance(sink, Sink):
            pytest.skip("this connector does not write")
        assert {surface for surface, *_ in harness.writes} == {surface.value for surface in sink.surfaces()}
        for surface, name, first, second in harness.writes:
            slot = Slot("it", identity, surface, name)  # type: ignore[arg-type]
            assert sink.read(slot) is None
            for before, after in ((None, first), (first, second), (second, None)):
                write = Write(slot, "key", "url", before, after, Say("why"))
                receipt = sink.push(write)
                assert receipt.value == after
                assert sink.read(slot) == after
                assert sink.push(write) == receipt
                assert harness.connect().read(slot) == after

    def test_a_write_to_what_is_gone_is_rejected(self, harness: Harness) -> None:
        (identity,) = harness.seed(1)
        sink = harness.connect()
        harness.delete(identity)
        for surface, name, value, _ in harness.writes:
            slot = Slot("it", identity, surface, name)  # type: ignore[arg-type]
            with pytest.raises(Rejected):
                sink.read(slot)
            with pytest.raises(Rejected):
                sink.push(Write(slot, "key", "url", None, value, Say("why")))

    def test_a_lost_answer_is_not_written_again(self, harness: Harness) -> None:
        (identity,) = harness.seed(1)
        sink = harness.connect()
        for surface, name, value, _ in harness.writes:
            slot = Slot("it", identity, surface, name)  # type: ignore[arg-type]
            harness.fail("lost answer once", "write")
            write = Write(slot, "key", "url", None, value, Say("why"))
            count = harness.unsafe()
            with pytest.raises(Unavailable) as caught:
                sink.push(write)
            assert caught.value.sent
            assert harness.unsafe() == count + 1
            assert sink.read(slot) == value
            sink.push(write)
            assert sink.read(slot) == value

    def test_own_writes_are_no_labels_of_the_item(self, harness: Harness) -> None:
        (identity,) = harness.seed(1)
        sink = harness.connect()
        (before,) = sink.fetch([identity])
        sink.push(Write(Slot("it", identity, "label", "okr-orphan"), "key", "url", None, True, Say("why")))  # type: ignore[arg-type]
        (after,) = sink.fetch([identity])
        assert after.labels == before.labels
        assert after.state in State
