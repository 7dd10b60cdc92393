"""GitHub as it really behaves: lists that move, names that change, what a query says and what it leaves out."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from conformance import drain, start
from github_world import Connect, push, read, references, stands, write
from misbehaving import Loopback, reply
from pydantic import ValidationError

from connectors.github import GitHubSettings
from okrsync.errors import Rejected
from okrsync.model import Item, Reference, ReferenceKind, Slot, Surface
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

# ── configuration ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("entry", ["shop", "*/shop", "acme/", "acme/shop/x", "https://github.com/acme/shop", "a b/c"])
def test_what_names_no_repository_is_refused(entry: str) -> None:
    with pytest.raises(ValidationError):
        GitHubSettings(repositories=(entry,))


def test_settings() -> None:
    settings = GitHubSettings(repositories=("acme/shop", "acme/mobile-*"))
    assert (settings.entries, settings.branches) == (("acme/shop", "acme/mobile-*"), ())
    assert (settings.takes_email, settings.container_kinds) == (False, ("milestone",))
    for twice in ({"repositories": ("a/b", "a/b")}, {"repositories": ("a/b",), "branches": ("x", "x")}):
        with pytest.raises(ValidationError, match="named twice"):
            GitHubSettings(**twice)


def test_settings_load_no_library() -> None:
    code = "import sys; from connectors import registry; registry.settings(); assert 'github' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_library_writes_no_lines_of_its_own(connect: Connect) -> None:
    connect()
    assert logging.getLogger("github").handlers == []


# ── repositories ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_patterns_find_repositories_once_in_any_case(hub: Sandbox, connect: Connect) -> None:
    for name in ("acme/Mobile-ios", "acme/mobile-web", "acme/desktop"):
        hub.world.github.add(Repository(name))
    scopes = connect("acme/Mobile-*", "acme/mobile-web", "acme/nothing-*", "acme/gone").scopes()
    assert [(scope.key, scope.readable, scope.configured) for scope in scopes] == [
        ("acme/Mobile-ios", True, "acme/Mobile-*"),
        ("acme/mobile-web", True, "acme/Mobile-*"),
        ("acme/nothing-*", False, "acme/nothing-*"),
        ("acme/gone", False, "acme/gone"),
    ]
    assert all(scope.why for scope in scopes if not scope.readable)


def test_the_repositories_of_a_person(hub: Sandbox, connect: Connect) -> None:
    hub.world.github.add(Repository("ada/notes", repo={"owner": {"login": "ada", "type": "User"}}))
    assert [scope.key for scope in connect("ada/n*").scopes()] == ["ada/notes"]


def test_a_renamed_repository_is_the_same(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    milestone = shop.milestone("v1")
    for number in range(40):
        shop.issue(f"Issue {number}", milestone=milestone.number)
    source = connect()
    (before,) = source.scopes()
    shop.rename("store")
    (scope,) = source.scopes()
    assert (scope.id, scope.key, scope.configured) == (before.id, "acme/store", "acme/shop")
    items, _ = read(source)
    assert len(items) == 40
    assert references(items["acme/store#1"], ReferenceKind.MEMBER) == [
        "milestone:acme/store#1",
        "milestone:acme/shop#1",
    ]


def test_a_rename_in_mid_cycle_drops_no_query(shop: Repository, connect: Connect) -> None:
    """The old address leads on with 301: state, order and page size must go along."""
    closed = shop.issue("Closed")
    shop.edit(closed.number, state="closed")
    for number in range(40):
        shop.issue(f"Issue {number}")
    source = connect()
    since = start(source)
    shop.rename("store")
    items, _ = drain(source, since)
    assert len(items) == 41


def test_an_empty_repository(shop: Repository, connect: Connect) -> None:
    source = connect()
    items, since = read(source)
    assert items == {}
    source.scopes()
    count = source.requests()
    assert read(source, since) == ({}, since)
    assert source.requests() == count  # the gate of scopes() finds it as it was
    shop.commit("Begin")
    source.scopes()
    items, since = read(source, since)
    assert [item.title for item in items.values()] == ["Begin"]
    shop.empty()
    assert read(connect(), since)[0] == {}


# ── issues and pull requests ─────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_lost_while_the_list_moves(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """Three issues change between two pages, each time: all are read, in their last state."""
    for number in range(450):
        hub.world.clock.advance(timedelta(seconds=30))
        shop.issue(f"Issue {number}")
    source = connect()
    held: dict[str, Item] = {}
    for turn, page in enumerate(source.pull(start(source))):
        held |= {item.key: item for item in page.items}
        for number in (turn * 90 + 5, turn * 90 + 6, turn * 90 + 107):
            hub.world.clock.advance(timedelta(seconds=1))
            if turn < 4:
                shop.edit(number, title=f"Changed in turn {turn}")
    assert {key: item.title for key, item in held.items()} == {
        f"acme/shop#{number}": issue.title for number, issue in shop.issues.items()
    }


def test_a_label_that_is_renamed_or_deleted_is_read_again(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """GitHub updates no issue for that. A walk that is cut short begins again; a new label is no reason for one."""
    for number in range(130):
        hub.world.clock.advance(timedelta(minutes=1))
        shop.issue(f"Issue {number}", labels=["okr:KR-A"] if number % 2 else ["bug"])
    hub.world.clock.advance(timedelta(days=1))
    shop.issue("Last")
    source = connect()
    _, since = read(source)
    assert len(read(source, since)[0]) == 1
    _, since = read(source, since)
    shop.label("chore").id = 10**18  # GitHub counts upwards
    shop.issue("Newer", labels=["chore"])
    items, since = read(source, since)
    assert [item.labels for item in items.values()] == [(), ("chore",)]
    shop.rename_label("okr:KR-A", "okr:KR-B")
    (first, *_) = source.pull(since)
    items, after = read(source, {**since, **first.cursors})
    assert sum(item.labels == ("okr:KR-B",) for item in items.values()) == 65
    assert len(read(source, after)[0]) == 2
    del shop.labels["bug"]
    for issue in shop.issues.values():
        issue.labels = [name for name in issue.labels if name != "bug"]
    shop.changed()
    items, after = read(source, after)
    assert len(items) == 132
    assert len(read(source, after)[0]) == 2


@pytest.mark.parametrize("cut", [False, True])
def test_a_label_that_is_renamed_during_the_first_read_is_read_again(
    cut: bool, shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    for number in range(130):
        hub.world.clock.advance(timedelta(minutes=1))
        shop.issue(f"Issue {number}", labels=["okr:KR-A"])
    since = start(connect())
    pages = connect().pull(since)
    since = {**since, **next(pages).cursors}
    shop.rename_label("okr:KR-A", "okr:KR-B")
    for page in () if cut else pages:
        since = {**since, **page.cursors}
    items, _ = read(connect(), since)
    assert [item.labels for item in items.values()] == [("okr:KR-B",)] * 130


def test_what_updates_no_issue_is_seen_by_the_daily_read(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """A walk over all that is cut short begins again; the next one is due a day after that."""
    for number in range(130):
        hub.world.clock.advance(timedelta(minutes=1))
        shop.issue(f"Issue {number}", type="Bug")
    hub.world.clock.advance(timedelta(days=1))
    source = connect()
    _, since = read(source)
    for issue in shop.issues.values():
        issue.type = None
    shop.changed()
    assert len(read(source, since)[0]) < 10
    later = source._clock() + timedelta(hours=25)
    source._clock = lambda: later
    (first, *_) = source.pull(since)
    items, after = read(source, {**since, **first.cursors})
    assert len(items) == 130
    assert not any(item.type for item in items.values())
    assert len(read(source, after)[0]) < 10


@pytest.mark.parametrize("renamed", [True, False])
def test_a_milestone_that_is_renamed_or_deleted_is_read_again(
    renamed: bool, shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """GitHub updates no issue for that."""
    milestone = shop.milestone("v1")
    for number in range(30):
        hub.world.clock.advance(timedelta(minutes=1))
        shop.issue(f"Issue {number}", milestone=milestone.number)
    hub.world.clock.advance(timedelta(days=1))
    source = connect()
    _, since = read(source)
    assert len(read(source, since)[0]) < 10
    if renamed:
        shop.edit_milestone(milestone.number, title="v2")
    else:
        for issue in shop.issues.values():
            issue.milestone = None
        shop.milestones.clear()
        shop.changed()
    items, since = read(source, since)
    found = {r.evidence for item in items.values() for r in item.references if r.kind is ReferenceKind.MEMBER}
    assert (len(items), found) == (30, {"v2"} if renamed else set())
    assert len(read(source, since)[0]) < 10


def test_many_changes_in_one_second(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.issue("Before")
    hub.world.clock.advance(timedelta(minutes=1))
    for number in range(250):
        shop.issue(f"Issue {number}")
    hub.world.clock.advance(timedelta(minutes=1))
    shop.issue("After")
    source = connect()
    (scope,) = start(source)
    read_pages = list(source.pull({scope: None}))
    assert sum(len(page.items) for page in read_pages) == 252
    for page in read_pages[:-1]:
        resumed, _ = drain(connect(), dict(page.cursors))
        assert {item.key for item in resumed} | {item.key for item in page.items} >= {"acme/shop#252"}


def test_what_a_pull_request_becomes(shop: Repository, plan: Repository, connect: Connect) -> None:
    shop.commit("Begin")
    issue, other = shop.issue("Issue"), plan.issue("Elsewhere")
    shop.pull(
        "Open", head="open", commits=["Work"], body=f"Fixes #{issue.number}", closes=[f"acme/plan#{other.number}"]
    )
    shop.pull("Draft", head="draft", draft=True)
    squashed = shop.pull("Squashed", head="squash", commits=["a", "b"])
    refused = shop.pull("Refused", head="no")
    commit = shop.merge(squashed.number, method="squash")
    shop.edit(refused.number, state="closed")
    items, _ = read(connect())
    found = {item.title: item for item in items.values()}
    assert found["Open"].head == shop.branches["open"]
    assert (found["Open"].branch, found["Open"].base) == ("open", "main")
    assert [(r.target, r.target_id) for r in found["Open"].references] == [
        (f"acme/shop#{issue.number}", f"{shop.id}#{issue.number}"),
        (f"acme/plan#{other.number}", f"{plan.id}#{other.number}"),
    ]
    assert [(found[title].status, found[title].resolution) for title in ("Draft", "Squashed", "Refused")] == [
        ("draft", None),
        ("merged", None),
        ("closed", "not_merged"),
    ]
    (became,) = [r for r in found["Squashed"].references if r.kind is ReferenceKind.MERGED_AS]
    assert became == Reference(ReferenceKind.MERGED_AS, commit.sha, f"{shop.id}@{commit.sha}", "merge commit")
    assert commit.sha in items
    assert references(found["Refused"], ReferenceKind.MERGED_AS) == []


def test_everything_that_a_pull_request_closes(shop: Repository, connect: Connect) -> None:
    shop.commit("Begin")
    closes = [f"acme/shop#{shop.issue(f'Issue {number}').number}" for number in range(125)]
    pull = shop.pull("Many", head="many", closes=closes)
    items, _ = read(connect())
    assert references(items[f"acme/shop#{pull.number}"], ReferenceKind.CLOSES) == closes


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404, "body": '{"message": "Not Found"}'},
        {"status": 200, "body": '{"errors": [{"message": "Something went wrong"}], "data": {"nodes": [null]}}'},
        {"status": 200, "body": '{"errors": [{"message": "Field does not exist"}]}'},
    ],
)
def test_a_server_without_such_queries_is_asked_one_by_one(
    answer: dict[str, Any], shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.commit("Begin")
    issue = shop.issue("Issue")
    merged = shop.pull("Pull", head="topic", commits=["Work"], body=f"Fixes #{issue.number}")
    shop.merge(merged.number)
    source = connect()
    whole, _ = read(source)
    hub.fault("answer", path=r".*/graphql", times=None, headers={"Content-Type": "application/json"}, **answer)
    items, _ = read(connect())
    key = f"acme/shop#{merged.number}"
    closes = [r for r in whole[key].references if r.kind is ReferenceKind.CLOSES]
    assert [r for r in whole[key].references if r not in closes] == list(items[key].references)
    assert (items[key].head, items[key].base) == (whole[key].head, whole[key].base)
    found = list(source.fetch([f"{shop.id}#{issue.number}", f"{shop.id}#{merged.number}", f"{shop.id}#999"]))
    assert [item.key for item in found] == [f"acme/shop#{issue.number}", key]


def test_parents_elsewhere_cost_one_request_a_repository(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    secret = Repository("acme/secret")
    hub.world.github.add(secret)
    secret.hide()
    for number in range(5):
        plan.issue(f"Parent {number}")
        shop.issue(f"Child {number}", parent=f"acme/plan#{number + 1}")
    secret.hide(False)
    secret.issue("Parent")
    shop.issue("Child", parent="acme/secret#1")
    secret.hide()
    source = connect()
    items, _ = read(source)
    parents = [item.references[0] for item in items.values() if item.references]
    assert [one.target_id for one in parents] == [f"{plan.id}#{n}" for n in range(1, 6)] + ["acme/secret#1"]
    asked = [one.path for one in hub.requests if one.path.endswith(("/acme/plan", "/acme/secret"))]
    assert len(asked) == 2
    assert [item.key for item in source.fetch([one.target_id for one in parents])] == [
        f"acme/plan#{n}" for n in range(1, 6)
    ]


def test_a_query_that_leads_to_where_an_issue_was_transferred(loopback: Loopback, connect: Connect) -> None:
    """Its number there is the number of another issue here."""
    there = {"__typename": "Issue", "number": 2, "title": "Elsewhere"}
    entry = {"number": 2, "repository_url": "https://api.github.com/repos/acme/plan"}
    url = loopback.script(
        reply({"id": 10, "full_name": "acme/shop"}),
        reply({"data": {"repository": {"n1": there}}}),
        reply(entry),
    )
    assert list(connect(url=url).fetch(["10#1"])) == []


def test_the_gone_and_the_transferred_are_left_out(shop: Repository, plan: Repository, connect: Connect) -> None:
    kept, gone, moved = (shop.issue(title) for title in ("Kept", "Gone", "Moved"))
    ids = [f"{shop.id}#{issue.number}" for issue in (kept, gone, moved)]
    shop.delete(gone.number)
    landed = shop.transfer(moved.number, plan)
    source = connect("acme/shop", "acme/plan")
    assert [item.title for item in source.fetch([*ids, "1#1", "junk", f"{shop.id}@{'0' * 40}"])] == ["Kept"]
    census = {scope.key: sorted(source.census(scope)) for scope in source.scopes()}
    assert census == {"acme/shop": [ids[0]], "acme/plan": [f"{plan.id}#{landed.number}"]}
    for slot in (ids[1], ids[2]):
        with pytest.raises(Rejected) as caught:
            stands(source, Slot("github", slot, Surface.LABEL, "okr-orphan"))
        assert caught.value.status in (404, 410)


def test_what_was_just_read_whole_needs_no_census(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    shop.issue("Issue")
    source = connect()
    (scope,) = source.scopes()
    items, since = read(source, {scope.id: None})
    count = source.requests()
    assert sorted(source.census(scope)) == sorted(item.remote_id for item in items.values())
    assert source.requests() == count
    read(source, since)
    assert sorted(source.census(scope)) == sorted(item.remote_id for item in items.values())
    assert source.requests() > count


# ── renamed in mid-cycle ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("queries", [True, False])
def test_a_rename_in_mid_cycle_takes_nothing_for_gone(
    queries: bool, shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.commit("Begin")
    shop.issue("Here")
    moved = shop.issue("Moved")
    source = connect()
    items, _ = read(source)
    ids = [item.remote_id for item in items.values()]
    if not queries:
        hub.fault("answer", status=404, body="{}", path=r".*/graphql", times=None)
    shop.rename("store")
    shop.transfer(moved.number, plan)
    assert sorted(item.title for item in source.fetch(ids)) == ["Begin", "Here"]
    (scope,) = source.scopes()
    assert {*source.census(scope)} == {f"{shop.id}#1", f"{shop.id}@{shop.head}"}


def test_a_rename_in_mid_cycle_loses_no_write(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """GitHub answers a write under the old name with 307, which nobody follows: writes go by the id."""
    issue = shop.issue("Issue")
    source = connect()
    source.scopes()
    shop.rename("store")
    push(source, write(shop, issue.number, Surface.COMMENT, "acme", "KR-UX: 50 %"))
    push(source, write(shop, issue.number, Surface.LABEL, "okr-orphan", True))
    assert (len(issue.comments), list(issue.labels)) == (1, ["okr-orphan"])
    assert not any(one.status == 307 for one in hub.requests)
