"""What a sync promises, whatever the tool, the clock and the database do meanwhile (design: promises)."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from typing import Any

import pytest
from disk import failing
from looking import the_verdict
from small_company import Company, differences

from okrsync.connections import once
from okrsync.errors import ConfigError, Problem, RateLimited, StoreError, Unavailable
from okrsync.linking import relink
from okrsync.model import OrphanClass, Page, SourceState, VerdictKind
from okrsync.store import Store, queries, sources, tickets
from okrsync.sync import Options, Watcher, reconcile

HOUR = timedelta(hours=1)
WAYS = ("truncated", "login_page", "reset", "503", "400", "logged_out")


def keys(company: Company, store: Store, source: str = "jira") -> set[str]:
    """The keys of all that counts and is judged."""
    return set(labels(company, store, source))


def labels(company: Company, store: Store, source: str = "jira") -> dict[str, tuple[str, ...]]:
    """Key → labels of all that counts and is judged."""
    with store.begin() as tx:
        relink(tx, company.config, company.now())
        return {one.key: one.labels for one in queries.decided(tx) if one.source == source}


def verdict(company: Company, store: Store, key: str) -> Any:
    with store.read() as tx:
        (found,) = queries.find(tx, key)
        return the_verdict(tx, company.config, found.uid, company.now())


# ── P4: whatever call or statement fails, one clean run mends it ──


def a_day_of_work(company: Company) -> None:
    """One change of every kind that a sync has a step for."""
    company.wait(hours=3)
    company.edit(company.site.find("SHOP-1"), labels={"remove": ["okr:KR-UX"], "add": ["okr:KR-PAY"]})
    company.edit(company.site.find("PLAT-1"), labels={"remove": ["okr:KR-UX"]})
    company.edit(company.site.find("PAY-2"), project="PLAT")
    company.edit(company.site.find("PAY-4"), delete=True)
    company.site.hide("SHOP-2")
    above = company.create("DATA", summary="Elsewhere", labels=["KR-PAY"])
    company.create("PAY", summary="New", parent=above.key)
    company.edit(company.site.find("PAY-3"), blocked_by=above.key)


def synced_copy(company: Company, path: Any) -> Store:
    store = company.store()
    store.close()
    shutil.copy(path, company.folder / f"okrsync-{len(company.stores) - 1}.db")
    return store


@pytest.fixture
def before_and_after(small: Company) -> tuple[Any, dict[str, Any], int]:
    """The database of yesterday, today's fault-free state, and how many requests lead there."""
    store = small.store()
    small.sync(store)
    store.close()
    a_day_of_work(small)
    path = small.folder / "okrsync-0.db"
    calm = synced_copy(small, path)
    small.sandbox.clear_requests()
    small.sync(calm)
    return path, small.state(calm), len(small.sandbox.requests)


def armed(company: Company, number: int, way: str) -> None:
    how = {"kind": "answer", "status": int(way), "times": 5} if way.isdecimal() else {"kind": way, "times": 2}
    company.sandbox.fault(skip=number, path=".*/rest/.*", **how)


@pytest.mark.parametrize("ways", [WAYS[:1], pytest.param(WAYS, marks=pytest.mark.soak)])
def test_any_request_may_fail(small: Company, before_and_after: Any, ways: tuple[str, ...]) -> None:
    path, expected, requests = before_and_after
    settings = small.config
    for number in range(requests):
        for way in ways if len(ways) > 1 else (WAYS[number % len(WAYS)],):
            store = synced_copy(small, path)
            armed(small, number, way)
            (result,) = small.sync(store, config=settings)
            small.sandbox.clear()
            assert (result.state is SourceState.OK) == (result.error == ""), (number, way)
            small.sync(store, config=settings)
            assert differences(small.state(store, config=settings), expected) == [], (number, way)


@pytest.mark.parametrize("step", [19, pytest.param(1, marks=pytest.mark.soak)])
def test_any_statement_may_fail(small: Company, before_and_after: Any, step: int) -> None:
    path, expected, _ = before_and_after
    settings = small.config
    number = failures = 0
    while True:
        number += step
        store = synced_copy(small, path)
        with failing(store, number) as came:
            try:
                small.sync(store, config=settings)
            except StoreError:
                failures += 1
        if len(came) < number:
            break
        small.sync(store, config=settings)
        assert differences(small.state(store, config=settings), expected) == [], came[number - 1]
    assert failures > 50 / step


# ── P7, P8: no clock but the tool's moves a cursor ──


def test_a_wrong_clock_misses_nothing(small: Company) -> None:
    small.census = timedelta(days=365)
    store = small.store()
    skews = [HOUR, -HOUR, timedelta(), 48 * HOUR, -48 * HOUR]
    for number in range(10):
        small.skew = skews[number % len(skews)]
        for _ in range(3):
            small.create(summary=f"In round {number}")
            small.wait(seconds=7)
        small.sync(store)
        assert len(keys(small, store)) == sum(issue.key[:4] in ("SHOP", "PAY-") for issue in small.site.issues.values())


def test_a_clock_that_jumps_in_mid_sync_misses_nothing(small: Company) -> None:
    small.census = timedelta(days=365)
    store = small.store()
    small.site.page_limits = (2,)
    served = type(small).now

    def jumping(self: Company) -> datetime:
        self.skew = -self.skew or HOUR
        return served(self)

    for number in range(6):
        small.create(summary=f"In round {number}")
        small.wait(seconds=30)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Company, "now", jumping)
            small.sync(store)
        small.skew = timedelta()
        assert len(keys(small, store)) == 8 + number + 1


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Pacific/Kiritimati", "2026-10-25T00:59:59.900+00:00"),
        ("America/St_Johns", "2026-11-01T04:29:59.900+00:00"),
        ("America/St_Johns", "2027-03-14T05:29:59.900+00:00"),
        ("Europe/Paris", "2026-10-25T00:59:59.900+00:00"),
    ],
)
def test_no_time_zone_and_no_minute_hides_an_update(small: Company, zone: str, day: str) -> None:
    nothing_is_hidden(small, zone, datetime.fromisoformat(day) - 3 * HOUR, step=HOUR, count=7)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("datacenter", [False, True])
@pytest.mark.parametrize("day", ["2026-11-01T00:00:59.900-02:30", "2027-03-14T00:00:59.900-03:30"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns"])
def test_no_minute_of_the_nights_on_which_clocks_are_put_hides_an_update(
    small: Company, zone: str, day: str, datacenter: bool
) -> None:
    """P8: at the end of every minute, from two hours before until two hours after, and in Kiritimati of the same."""
    small.site.datacenter = datacenter
    nothing_is_hidden(small, zone, datetime.fromisoformat(day), step=timedelta(minutes=1), count=240)


def nothing_is_hidden(company: Company, zone: str, start: datetime, *, step: timedelta, count: int) -> None:
    company.census = timedelta(days=3650)
    company.site.account.time_zone = zone
    company.clock.set(start)
    store = company.store()
    company.sync(store)
    for number in range(count):
        company.clock.advance(step)
        assert company.clock().strftime("%S.%f") == "59.900000"
        company.edit(company.site.find("PAY-2"), labels=[f"seen-{number}"])
        issue = company.create(summary="At the edge") if number % 5 == 0 else None
        company.sync(store)
        found = labels(company, store)
        assert issue is None or issue.key in found
        assert found["PAY-2"] == (f"seen-{number}",)


# ── P20: one source's trouble is not another's ──


def test_refused_credentials_stop_one_source_and_a_new_token_heals_it(small: Company) -> None:
    other = small.second_site()
    small.create(site=other, summary="Over there")
    store = small.store()
    small.sandbox.fault("answer", status=401, path="/jira/acme/.*", times=None)
    results = small.sync(store)
    assert [(one.id, one.state) for one in results] == [("jira", SourceState.AUTH_FAILED), ("beta", SourceState.OK)]
    assert results[0].requests <= 2
    assert keys(small, store, "beta") == {"SHOP-1"}
    small.sandbox.clear()
    assert [one.state for one in small.sync(store)] == [SourceState.OK, SourceState.OK]
    assert len(keys(small, store)) == 8


def test_a_missing_secret_stops_one_source_and_is_told_in_the_end(small: Company) -> None:
    other = small.second_site()
    small.create(site=other, summary="Over there")
    store = small.store()
    connect = small.connect

    def half(source: Any) -> Any:
        if source.id == "jira":
            raise ConfigError([Problem("token", "the variable TOKEN is not set")])
        return connect(source)

    small.connect = half  # type: ignore[method-assign]
    with pytest.raises(ConfigError, match="TOKEN"):
        small.sync(store)
    assert keys(small, store, "beta") == {"SHOP-1"}
    assert verdict(small, store, "beta:SHOP-1").kind is VerdictKind.ORPHAN
    with store.read() as tx:
        states = {status.id: status.state for status in sources.statuses(tx)}
    assert states == {"jira": SourceState.AUTH_FAILED, "beta": SourceState.OK}


def test_a_wait_that_a_tool_asked_for_outlives_the_process(small: Company) -> None:
    """P13: the process is told to end just when the tool says when it may be asked again."""
    store, options = small.store(), Options()
    until = small.now() + HOUR

    def limited(_: Any) -> Any:
        options.stop.set()
        raise RateLimited("wait", retry_at=until)

    (source,) = small.config.sources
    with store.begin() as tx:
        sources.register(tx, [source])
    how = {"goals": small.config.goals, "clock": small.now, "watcher": Watcher(), "before": SourceState.OK}
    assert reconcile(store, source, borrow=once(limited), options=options, **how).state is SourceState.OK
    after = reconcile(store, source, borrow=once(small.connect), options=Options(), **how)
    assert (after.state, after.requests) == (SourceState.DEGRADED, 0)


def test_a_cycle_that_takes_too_long_ends_and_the_next_one_goes_on(small: Company) -> None:
    """P18: however many answers come, each just in time, a cycle has an end."""
    store = small.store()
    (source,) = small.config.sources
    with store.begin() as tx:
        sources.register(tx, [source])
    how = {"goals": small.config.goals, "clock": small.now, "watcher": Watcher()}
    small.site.page_limits = (1,)
    cut = reconcile(store, source, borrow=once(small.connect), options=Options(longest=timedelta(0)), **how)
    assert (cut.state, cut.pulled) == (SourceState.DEGRADED, 1)
    assert "the next cycle goes on from there" in cut.error
    after = reconcile(store, source, borrow=once(small.connect), options=Options(), **how)
    assert after.state is SourceState.OK
    assert len(keys(small, store)) > 1


# ── P21, P22, P24: what is hidden, moved, renamed or gone ──


def test_a_project_that_is_hidden_keeps_its_items_and_comes_back(small: Company) -> None:
    store = small.store()
    small.sync(store)
    before = small.state(store)
    small.site.hide("PAY")
    (result,) = small.sync(store, full=True)
    assert result.state is SourceState.OK
    assert differences(small.state(store), before) == []
    small.site.show("PAY")
    late = small.create("PAY", summary="Meanwhile")
    small.sync(store)
    assert late.key in keys(small, store)


def test_an_item_that_moves_keeps_its_identity(small: Company) -> None:
    store = small.store()
    small.sync(store)
    basket = small.site.find("SHOP-3")
    for project, expected in (("PAY", "PAY-5"), ("PLAT", None), ("SHOP", "SHOP-5")):
        small.wait(minutes=1)
        small.edit(basket, project=project)
        small.sync(store)
        found = small.state(store)["items"].get(("jira", basket.id))
        assert (found and found.key) == expected
        with store.read() as tx:
            for name in "SHOP-3", basket.key:
                found_by_name = [one.remote_id for one in queries.find(tx, name)]
                assert found_by_name == ([basket.id] if expected else []), "outside, only what is needed is known"
    assert verdict(small, store, "SHOP-5").links[0].target == "KR-UX"


def test_an_item_that_is_hidden_and_shown_again_comes_back_without_having_been_updated(small: Company) -> None:
    store = small.store()
    small.sync(store)
    before = small.state(store)
    small.wait(days=2)
    small.site.hide("PAY-3")
    small.sync(store)
    assert "PAY-3" not in keys(small, store)
    small.site.show("PAY-3")
    small.sync(store)
    assert keys(small, store) == {one.key for one in before["items"].values()}


def test_a_renamed_project_renames_its_items(small: Company) -> None:
    store = small.store()
    small.sync(store)
    small.wait(days=2)
    small.rename_project("SHOP", "STORE")
    small.replace('"SHOP", "PAY"]', '"STORE", "PAY"]')
    small.sync(store)
    assert {key.partition("-")[0] for key in keys(small, store)} == {"STORE", "PAY"}
    assert len(keys(small, store)) == 8
    assert verdict(small, store, "STORE-4").links[0].target == "KR-PAY", "the configuration may keep the old key"
    assert small.sync(store)[0].pulled < 8, "once is enough"


def test_the_children_of_a_deleted_epic_are_read_again(small: Company) -> None:
    """Jira takes the epic out of them and does not call that an update."""
    store = small.store()
    small.sync(store)
    small.wait(days=2)
    small.edit(small.site.find("SHOP-1"), delete=True)
    small.edit(small.site.find("PLAT-1"), delete=True)
    small.sync(store)
    assert verdict(small, store, "SHOP-3").orphan is OrphanClass.DIRECT
    assert verdict(small, store, "PAY-1").orphan is OrphanClass.DIRECT


def test_the_children_of_an_epic_that_was_hidden_and_then_deleted_are_read_again(small: Company) -> None:
    """Nobody tells that what could not be read is gone; its children say so when they are asked."""
    store = small.store()
    small.site.hide("PLAT-1")
    small.sync(store)
    assert verdict(small, store, "PAY-1").kind is VerdictKind.UNRESOLVABLE
    small.wait(days=2)
    small.edit(small.site.find("PLAT-1"), delete=True)
    small.sync(store)
    assert verdict(small, store, "PAY-1").orphan is OrphanClass.DIRECT


def test_context_that_was_not_needed_for_a_while_is_read_again_when_it_is(small: Company) -> None:
    """An epic outside the scope comes to hang below one that is stored since long, and that changed unseen."""
    store = small.store()
    other = small.create("PLAT", summary="A programme", issuetype="Epic")
    child = small.create("SHOP", summary="Passing by", parent=other.key)
    small.sync(store)
    small.edit(child, fields={"parent": None})
    small.sync(store)
    small.wait(days=2)
    small.edit(other, labels=["KR-PAY"])
    small.edit(small.site.find("PLAT-1"), fields={"parent": other.key})
    small.sync(store)
    assert small.sync(store)[0].changed == 0, "one sync is enough"


def test_more_than_can_be_believed_is_kept_and_the_rest_goes_on(small: Company) -> None:
    for _ in range(30):
        small.create(summary="One of many")
    store = small.store()
    small.sync(store)
    for number in range(5, 20):
        small.site.hide(f"SHOP-{number}")
    late = small.create("PAY", summary="Good news", parent="PLAT-1")
    (result,) = small.sync(store, sure=False)
    assert result.state is SourceState.NEEDS_CONFIRMATION
    assert len(keys(small, store)) == 8 + 30 + 1
    assert verdict(small, store, late.key).links[0].target == "KR-UX"
    small.sync(store, sure=True)
    assert len(keys(small, store)) == 8 + 30 + 1 - 15


class Doubting:
    """A source whose next pull says that these may be gone, and which scopes it read whole; ``fetch`` may fail."""

    def __init__(
        self, remote: Any, doubts: tuple[str, ...], whole: frozenset[str], fetch: Exception | None = None
    ) -> None:
        self._remote, self._doubts, self._whole, self._fetch = remote, doubts, whole, fetch

    def fetch(self, ids: Any) -> Any:
        if self._fetch:
            raise self._fetch
        return self._remote.fetch(ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._remote, name)

    def pull(self, since: Any) -> Any:
        yield from self._remote.pull(since)
        yield Page((), {}, doubts=self._doubts, counted=self._whole)


def doubting(
    company: Company, *doubts: str, whole: frozenset[str] = frozenset(), fetch: Exception | None = None
) -> None:
    """From now on, until ``connect`` is deleted from the company."""
    connect = type(company).connect
    company.connect = lambda source: Doubting(  # type: ignore[method-assign]
        connect(company, source), doubts, whole, fetch
    )


def test_what_a_tool_says_may_be_gone_is_asked_for_and_goes_only_if_it_is(small: Company) -> None:
    small.census = timedelta(days=400)
    store = small.store()
    small.sync(store)
    gone, moved, there = (small.site.find(key) for key in ("PAY-4", "PAY-2", "PAY-3"))
    small.wait(days=2)
    small.edit(gone, delete=True)
    small.edit(moved, project="PLAT")
    doubting(small, gone.id, moved.id, there.id, "987654")
    before = keys(small, store)
    small.sync(store, sure=False)
    assert before - keys(small, store) == {"PAY-4", "PAY-2"}


def test_doubts_are_no_way_around_the_confirmation_of_a_mass_deletion(small: Company) -> None:
    small.census = timedelta(days=400)
    store = small.store()
    made = [small.create(summary=f"Work {number}") for number in range(15)]
    small.sync(store)
    small.wait(days=2)
    for issue in made:
        small.edit(issue, delete=True)
    doubting(small, *(issue.id for issue in made))
    before = keys(small, store)
    (result,) = small.sync(store, sure=False)
    assert (result.state, keys(small, store)) == (SourceState.NEEDS_CONFIRMATION, before)
    del small.connect  # type: ignore[method-assign]
    (result,) = small.sync(store, sure=False)
    assert (result.state, keys(small, store)) == (SourceState.NEEDS_CONFIRMATION, before), "it is not forgotten"
    (result,) = small.sync(store)
    assert before - keys(small, store) == {issue.key for issue in made}


def test_what_was_said_to_be_gone_is_not_forgotten_when_the_cycle_dies_before_it_could_ask(small: Company) -> None:
    small.census = timedelta(days=400)
    store = small.store()
    small.sync(store)
    gone = small.site.find("PAY-4")
    small.wait(days=2)
    small.edit(gone, delete=True)
    doubting(small, gone.id, fetch=Unavailable("the line went dead", sent=False))
    (result,) = small.sync(store, sure=False)
    assert (result.state, "PAY-4" in keys(small, store)) == (SourceState.DEGRADED, True)
    del small.connect  # type: ignore[method-assign]
    small.sync(store, sure=False)
    assert "PAY-4" not in keys(small, store)


def test_a_scope_that_was_read_whole_is_counted_by_the_way(small: Company) -> None:
    small.census = timedelta(days=3)
    store = small.store()
    small.sync(store)
    small.wait(days=2)
    project = small.site.find("PAY-1").project_id
    doubting(small, whole=frozenset({project}))
    small.sync(store)
    with store.read() as tx:
        counted = {scope.id: scope.census_at for scope in sources.scopes(tx, "jira")}
    assert counted.pop(project) == small.now()
    assert set(counted.values()) == {small.now() - timedelta(days=2)}


# ── P31 and the other sources ──


def test_the_same_keys_in_two_sites_stay_apart(small: Company) -> None:
    other = small.second_site()
    epic = small.create(site=other, summary="Another epic", issuetype="Epic", labels=["KR-PAY"])
    child = small.create(site=other, summary="Its child", parent=epic.key)
    assert (epic.key, child.key) == ("SHOP-1", "SHOP-2")
    store = small.store()
    small.sync(store)
    assert verdict(small, store, "beta:SHOP-2").links[0].target == "KR-PAY"
    assert verdict(small, store, "jira:SHOP-3").links[0].target == "KR-UX"
    with store.read() as tx:
        assert {one.source for one in queries.find(tx, "SHOP-1")} == {"jira", "beta"}


def test_a_source_that_is_configured_no_more_counts_no_more_and_comes_back(small: Company) -> None:
    alone = small.text
    other = small.second_site()
    small.create(site=other, summary="Over there")
    both = small.text
    store = small.store()
    small.sync(store)
    small.text = alone
    assert keys(small, store, "beta") == set(), "without a sync"
    small.wait(days=2)
    small.text = both
    small.sync(store)
    assert keys(small, store, "beta") == {"SHOP-1"}


# ── what changes without an update ──


def test_a_status_of_another_category_is_seen_although_no_item_moved(small: Company) -> None:
    store = small.store()
    small.sync(store)
    small.wait(days=2)
    quiet = small.sync(store)[0].pulled
    assert quiet <= 1
    done = next(status for status in small.site.statuses if status["name"] == "Terminé")
    first = next(status for status in small.site.statuses if status["name"] == "À faire")
    first["statusCategory"] = done["statusCategory"]
    for issue in small.site.issues.values():
        if issue.fields["status"]["id"] == first["id"]:
            issue.fields["status"] = dict(first)
    assert small.sync(store)[0].pulled == 8
    fresh = small.store()
    small.sync(fresh)
    assert differences(small.state(store), small.state(fresh)) == []
    assert small.sync(store)[0].pulled == quiet


def test_another_choice_of_fields_reads_everything_again(small: Company) -> None:
    store = small.store()
    small.sync(store)
    small.wait(days=2)
    small.replace('projects = ["SHOP", "PAY"]', 'projects = ["SHOP", "PAY"]\nfields = {{ points = "customfield_1" }}')
    small.sync(store)
    assert {one.points for one in small.state(store)["items"].values()} == {None}


def test_a_new_status_concerns_nothing_that_is_stored(small: Company) -> None:
    store = small.store()
    small.sync(store)
    small.wait(days=2)
    small.site.statuses.append({**small.site.statuses[0], "id": "777", "name": "New here"})
    assert small.sync(store)[0].pulled <= 1


# ── parents and blockers from outside ──


def test_a_parent_that_becomes_readable_later(small: Company) -> None:
    small.site.hide("PLAT-1")
    store = small.store()
    small.sync(store)
    assert verdict(small, store, "PAY-1").kind is VerdictKind.UNRESOLVABLE
    small.wait(days=2)
    small.site.show("PLAT-1")
    small.sync(store)
    assert verdict(small, store, "PAY-1").links[0].target == "KR-UX"
    small.site.hide("PLAT-1")
    small.sync(store)
    assert verdict(small, store, "PAY-1").kind is VerdictKind.UNRESOLVABLE
    fresh = small.store()
    small.sync(fresh)
    assert differences(small.state(store), small.state(fresh)) == []


def test_a_blocker_from_outside_blocks_while_it_is_open(small: Company) -> None:
    blocker = small.create("DATA", summary="Elsewhere")
    small.edit(small.site.find("SHOP-3"), blocked_by=blocker.key)
    store = small.store()
    small.sync(store)

    with store.read() as tx:
        found = {one.key: one for one in tickets.read(tx, blockers=True)}
    assert [(one.key, one.open) for one in found["SHOP-3"].blockers] == [("DATA-1", True)]
    small.wait(days=2)
    small.edit(blocker, status="Terminé")
    small.sync(store)
    with store.read() as tx:
        found = {one.key: one for one in tickets.read(tx, blockers=True)}
    assert [(one.key, one.open) for one in found["SHOP-3"].blockers] == [("DATA-1", False)]


# ── the rest ──


def test_text_that_no_database_takes_goes_all_the_way(small: Company) -> None:
    """P28, from the wire to what is written back."""
    issue = small.site.find("PAY-2")
    issue.fields["summary"] = "nul \0 in the middle"
    issue.fields["labels"] = ["okr:KR-\0X"]
    store = small.store()
    assert small.sync(store)[0].state is SourceState.OK
    title = small.state(store)["items"]["jira", issue.id].title
    assert "\0" not in title
    assert "nul" in title
    small.apply(store)
    assert small.plan(store).writes == ()


def test_cursors_are_of_the_servers_time(small: Company) -> None:
    store = small.store()
    small.skew = timedelta(days=400)
    small.sync(store)
    with store.read() as tx:
        cursors = [cursor.at for cursor in sources.cursors(tx, "jira").values() if cursor]
    assert cursors
    assert max(cursors) <= small.clock()
