"""What a sync sees: of several sources, without an update, and from outside the scope (design: promises)."""

from __future__ import annotations

from datetime import timedelta

from judged import keys, verdict
from small_company import Company, differences

from okrsync.model import SourceState, VerdictKind
from okrsync.store import queries, sources, tickets

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
