"""What every connector must do when it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from conformance_harness import TOKEN, Harness, cycle, drain, ids, needs, start

from okrsync.errors import AuthError, Rejected
from okrsync.model import ChangeKind, Item, State
from okrsync.ports import HasCounts, HasGoals, HasHistory, HasMetadata, Sink


class Reading:
    """Who we are, what there is, what changed."""

    # ── who ──

    def test_the_account_is_named(self, harness: Harness) -> None:
        account = harness.connect().check()
        assert account.name
        assert account.product
        assert account.lacks == ()
        assert all(account.rights.values())
        assert all(0 <= limit.left <= limit.limit for limit in account.limits)

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
        assert any(hidden in lack.text and not lack.surfaces for lack in account.lacks)

    def test_every_scope_names_its_entry_of_the_configuration(self, harness: Harness) -> None:
        source = harness.connect()
        assert all(scope.configured for scope in source.scopes())

    def test_a_scope_that_is_refused_midway_stops_no_other(self, harness: Harness) -> None:
        """P21: it is named with a reason, its cursor stays, and the others are read whole."""
        needs(harness, "hide_scope", "refused midway")
        harness.seed(3 * harness.page)
        source = harness.connect()
        since, keys = start(source), {scope.id: scope.key for scope in source.scopes()}
        hidden = harness.hide_scope()
        found: list[Item] = []
        refused: dict[str, str] = {}
        for page in source.pull(since):
            found += page.items
            refused |= page.refused
            since = {**since, **page.cursors}
        assert [keys[scope] for scope in refused] == [hidden]
        assert all(why and "\n" not in why for why in refused.values())
        assert all(since[scope] is None for scope in refused)
        fresh = harness.connect()
        others, _ = drain(fresh, start(fresh))
        assert others
        assert ids(found) == ids(others)

    # ── cycle after cycle ──

    def test_a_connector_serves_many_cycles(self, harness: Harness) -> None:
        """Nothing that it remembers of one cycle is taken for true in the next."""
        seeded = harness.seed(4)
        source = harness.connect()
        items, since = cycle(source, {})
        held = {item.remote_id: item for item in items}
        for identity in seeded[:3]:
            harness.advance(timedelta(hours=1))
            harness.touch(identity)
            harness.advance(timedelta(minutes=10))
            (added,) = harness.seed(1)
            items, since = cycle(source, since)
            held |= {item.remote_id: item for item in items}
            assert {identity, added} <= set(ids(items))
        fresh, _ = cycle(harness.connect(), {})
        assert held == {item.remote_id: item for item in fresh}

    def test_a_scope_that_is_hidden_between_two_cycles(self, harness: Harness) -> None:
        needs(harness, "hide_scope")
        harness.seed(3)
        source = harness.connect()
        _, since = cycle(source, {})
        hidden = harness.hide_scope()
        assert [scope.key for scope in source.scopes() if not scope.readable] == [hidden]
        items, _ = cycle(source, since)
        assert all(item.project != hidden for item in items)

    def test_a_quiet_cycle_costs_few_requests(self, harness: Harness) -> None:
        harness.seed(7)
        source = harness.connect()
        _, since = cycle(source, {})
        _, since = cycle(source, since)
        before = source.requests()
        harness.advance(timedelta(minutes=5))
        _, later = cycle(source, since)
        assert {scope: cursor.at for scope, cursor in later.items() if cursor} == {
            scope: cursor.at for scope, cursor in since.items() if cursor
        }
        assert source.requests() - before <= harness.quiet

    # ── abilities ──

    def test_histories_tell_what_happened_in_bulk(self, harness: Harness) -> None:
        """In order, one an item, and for seven items as many requests as for one."""
        seeded = harness.seed(7)
        source = harness.connect()
        if not isinstance(source, HasHistory):
            pytest.skip("this connector tells no history: the store notes what it sees change")
        for identity in seeded:
            harness.advance(timedelta(minutes=1))
            harness.label(identity, "conformance")
            harness.advance(timedelta(minutes=1))
            harness.finish(identity)
        list(source.history(seeded[:1]))
        before = source.requests()
        list(source.history(seeded[:1]))
        one, before = source.requests() - before, source.requests()
        histories = list(source.history(seeded))
        assert source.requests() - before <= one
        assert [history.remote_id for history in histories] == seeded
        for history, item in zip(histories, _by_id(source.fetch(seeded), seeded), strict=True):
            assert [change.at for change in history.changes] == sorted(change.at for change in history.changes)
            said = [(change.kind, change.after) for change in history.changes]
            assert said.index((ChangeKind.LABEL_ADDED, "conformance")) < said.index((ChangeKind.STATE, State.DONE))
            assert not any(change.observed for change in history.changes)
            assert item.state is State.DONE
            assert "conformance" in item.labels
        assert list(source.history([])) == []

    def test_a_query_is_counted_without_a_pull(self, harness: Harness) -> None:
        seeded = harness.seed(harness.page + 2)
        harness.finish(seeded[0])
        source = harness.connect()
        if not isinstance(source, HasCounts):
            pytest.skip("this connector counts nothing")
        harness.advance(timedelta(minutes=5))
        source.scopes()
        before, written = source.requests(), harness.unsafe()
        assert source.count(harness.open_query) == len(seeded) - 1
        assert source.requests() - before == 1
        with pytest.raises(Rejected):
            source.count(harness.bad_query)
        assert harness.unsafe() == written

    def test_metadata_tells_what_no_item_does(self, harness: Harness) -> None:
        """Something that items are read by is called otherwise: an entry changes, and a kept connector sees it too."""
        seeded = harness.seed(2)
        source = harness.connect()
        if not isinstance(source, HasMetadata):
            pytest.skip("nothing here comes to say something else without being updated")
        needs(harness, "reword")
        harness.label(seeded[0], "okr:KR-1")
        source.scopes()
        before = source.metadata()
        harness.reword()
        source.scopes()
        after = source.metadata()
        assert any(after.get(name) != said for name, said in before.items())
        assert harness.connect().metadata() == after

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
        if isinstance(source, HasCounts):
            source.count(harness.open_query)
        if isinstance(source, Sink):
            for trial in trials:
                source.read([trial.slot])
        assert harness.unsafe() == before


def _by_id(items: Iterable[Item], order: Sequence[str]) -> list[Item]:
    found = {item.remote_id: item for item in items}
    return [found[identity] for identity in order]
