"""What a sync makes of what is hidden, moved, renamed or gone: P21, P22, P24."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from judged import keys, verdict
from small_company import Company, differences

from okrsync.errors import Unavailable
from okrsync.model import OrphanClass, Page, SourceState, VerdictKind
from okrsync.store import queries, sources


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
