"""Commits on branches that grow, are forced, appear and go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from conformance import drain, start
from github_world import NOW, Connect, Since, pages, read

from okrsync.errors import Rejected
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository


def test_commits_come_once_and_every_page_can_resume(shop: Repository, connect: Connect) -> None:
    shop.push(f"Commit {number}" for number in range(250))
    source = connect()
    since = start(source)
    found = list(pages(source, since))
    assert [len(keys) for keys, _ in found] == [100, 100, 50]
    everything = {key for keys, _ in found for key in keys}
    shop.push(["One more", "And one"])
    for stop in range(1, 4):
        stored = {key for keys, _ in found[:stop] for key in keys}
        again, cursors = read(connect(), found[stop - 1][1])
        assert stored | again.keys() == everything | {commit.sha for commit in shop.history.log(shop.head or "")}
        assert len(again) == 252 - len(stored)
        assert read(connect(), cursors)[0] == {}


def test_a_push_in_mid_walk_moves_no_page(shop: Repository, connect: Connect) -> None:
    shop.push(f"Commit {number}" for number in range(150))
    source = connect()
    since = start(source)
    seen: list[str] = []
    for keys, since in pages(source, since):  # noqa: B007, B020 (the last cursor is used below)
        seen += keys
        if len(seen) == 100:
            shop.push(f"Later {number}" for number in range(30))
    assert len(seen) == len(set(seen)) == 150
    later, _ = read(source, since)
    assert [item.title for item in later.values()] == [f"Later {number}" for number in range(30)]


def test_what_was_written_early_and_merged_late_is_read(shop: Repository, connect: Connect) -> None:
    shop.commit("Begin")
    shop.push(["Early work"], branch="topic", at=NOW - timedelta(days=30))
    source = connect()
    _, since = read(source)
    pull = shop.pull("Topic", head="topic")
    shop.merge(pull.number)
    items, _ = read(source, since)
    assert {"Early work", f"Merge pull request #{pull.number} from acme/topic"} <= {one.title for one in items.values()}
    assert {one.type for one in items.values()} == {"", "merge"}


@pytest.mark.parametrize("forget", [False, True])
def test_a_branch_that_is_forced(forget: bool, shop: Repository, connect: Connect) -> None:
    """New commits come; the dropped ones are in no census and no fetch, whether or not GitHub still keeps them."""
    shop.push(["One", "Two", "Three"])
    source = connect()
    before, since = read(source)
    shop.force_push(["Two again"], drop=2, forget=forget)
    after, since = read(source, since)
    assert "Two again" in {item.title for item in after.values()}
    assert read(source, since)[0] == {}
    (scope,) = source.scopes()
    ids = {item.title: item.remote_id for item in (*before.values(), *after.values())}
    fresh = connect()
    assert sorted(fresh.census(scope)) == sorted([ids["One"], ids["Two again"]])
    assert [item.title for item in fresh.fetch(list(ids.values()))] == ["One", "Two again"]
    shop.force_push(drop=1)
    assert read(source, since)[0] == {}


def doubted(source: Any, since: Since) -> tuple[set[str], bool, int]:
    """The titles of the commits that a pull calls into doubt, whether it wants a census, and its requests."""
    source.scopes()
    count = source.requests()
    pages = list(source.pull(since))
    asked = source.requests() - count
    since |= {scope: cursor for page in pages for scope, cursor in page.cursors.items()}
    doubts = [identity for page in pages for identity in page.doubts]
    assert list(source.fetch(doubts)) == [], "they are gone"
    return {identity.partition("@")[2] for identity in doubts}, any(page.counted for page in pages), asked


def test_what_a_forced_branch_leaves_behind_is_in_doubt_at_once(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.push(["One"])
    shop.push(["Merged"], branch="release/1")
    (squashed,) = shop.push(["Squashed"], branch="release/2")
    _, three = shop.push(["Two", "Three"])
    hub.world.clock.advance(timedelta(days=1))
    source = connect(branches=("main", "release/*"))
    _, since = read(source)
    (four,) = shop.push(["Four"])
    assert doubted(source, since) == (set(), False, 1), "what only moves on costs nothing more"
    shop.force_push(["Two again"], drop=2)
    lost, census, asked = doubted(source, since)
    assert (lost, census, asked) == ({three.sha, four.sha}, False, 2)
    shop.force_push(drop=1)
    assert doubted(source, since)[1:] == (False, 2), "a branch that was only set back"
    shop.force_push(["Other"], drop=1, forget=True)
    assert doubted(source, since)[:2] == (set(), True), "GitHub knows the old head no more"
    shop.merge(shop.pull("Release", head="release/1").number)
    shop.delete_branch("release/1")
    assert doubted(source, since)[0] == set(), "another branch reaches them"
    shop.delete_branch("release/2")
    assert doubted(source, since)[0] == {squashed.sha}
    assert doubted(source, since)[:2] == (set(), False)


def test_a_default_branch_that_is_called_otherwise_is_not_read_anew(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.push([f"Commit {number}" for number in range(5)])
    hub.world.clock.advance(timedelta(days=1))
    source = connect()
    _, since = read(source)
    shop.branch("trunk")
    shop.default("trunk")
    shop.delete_branch("main")
    shop.push(["News"], branch="trunk")
    source.scopes()
    items, since = read(source, since)
    assert [item.title for item in items.values()] == ["News"]
    source.scopes()
    assert read(source, since)[0] == {}


def test_a_walk_whose_head_is_gone_begins_again(shop: Repository, connect: Connect) -> None:
    shop.push(f"Commit {number}" for number in range(150))
    source = connect()
    _, since = next(pages(source, start(source)))
    shop.force_push([f"Instead {number}" for number in range(5)], drop=100, forget=True)
    items, _ = read(connect(), since)
    assert {commit.sha for commit in shop.history.log(shop.head or "")} <= items.keys()


@pytest.mark.parametrize("name", ["acme/compare", "compare/shop"])
def test_a_repository_whose_name_is_a_word_of_the_interface(name: str, hub: Sandbox, connect: Connect) -> None:
    repository = Repository(name)
    hub.world.github.add(repository)
    repository.push(f"Commit {number}" for number in range(120))
    items, since = read(connect(name))
    repository.commit("Later")
    assert (len(items), [item.title for item in read(connect(name), since)[0].values()]) == (120, ["Later"])


def test_commits_of_a_branch_that_is_gone_cost_no_request_each(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.push(["One", "Two"])
    branches = tuple(f"release/{number}" for number in range(4))
    for branch in branches:
        shop.push([f"On {branch}"], branch=branch)
    shop.push([f"Gone {number}" for number in range(150)], branch="gone")
    items, _ = read(connect(branches=("*",)))
    del shop.branches["gone"]
    shop.changed()
    source = connect(branches=("*",))
    source.scopes()
    hub.clear_requests()
    found = list(source.fetch([item.remote_id for item in items.values()]))
    assert sorted(item.title for item in found) == sorted(["One", "Two", *(f"On {branch}" for branch in branches)])
    assert set(found) <= set(items.values())
    assert len(hub.requests) < 15


def test_branches_by_name_and_pattern(shop: Repository, connect: Connect) -> None:
    shop.push(["One", "Two"])
    shop.push(["On release"], branch="release/1")
    shop.push(["On topic"], branch="topic")
    titles = {
        branches: sorted(item.title for item in read(connect(branches=branches))[0].values())
        for branches in ((), ("main", "release/1"), ("release/*",), ("*",), ("nowhere",))
    }
    assert titles == {
        (): ["One", "Two"],
        ("main", "release/1"): ["On release", "One", "Two"],
        ("release/*",): ["On release", "One", "Two"],
        ("*",): ["On release", "On topic", "One", "Two"],
        ("nowhere",): [],
    }
    source = connect(branches=("*",))
    items, since = drain(source, start(source))
    assert len(items) == 4  # what two branches reach comes once
    del shop.branches["topic"]
    shop.changed()
    _, later = read(source, since)
    assert later != since
    assert read(source, later)[1] == later


def test_what_github_cannot_compare_is_read_as_at_first(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """Not for ever in vain: a comparison that fails try after try is done without."""
    shop.push(["One", "Two"])
    source = connect()
    _, since = read(source)
    shop.push(["Three"])
    hub.fault("answer", status=500, body="<html>", path=r".*/compare/.*", times=None)
    source.scopes()
    again, since = read(source, since)
    assert {item.title for item in again.values()} == {"One", "Two", "Three"}
    source.scopes()
    assert read(source, since) == ({}, since)
    shop.push([f"Later {number}" for number in range(150)])
    hub.faults.clear()
    source.scopes()
    _, midway = next(pages(source, since))
    hub.fault("answer", status=502, body="<html>", path=r".*/compare/.*", times=None)  # the page that comes next, too
    rest, _ = read(connect(), midway)
    assert len(rest) == 153


@pytest.mark.parametrize("queries", [True, False])
def test_commits_stay_where_their_branch_is_called_otherwise(
    queries: bool, shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """As long as the default branch reaches them: the configuration is behind, and nothing was deleted."""
    shop.push(["One", "Two"])
    shop.branch("develop")
    shop.push(["On develop"], branch="develop")
    if not queries:
        hub.fault("answer", status=404, body="{}", path=r".*/graphql", times=None)
    source = connect(branches=("develop",))
    items, since = read(source)
    assert len(items) == 3
    shop.delete_branch("develop")
    source.scopes()
    assert read(source, since)[0] == {}
    (scope,) = source.scopes()
    assert list(source.census(scope)) == []
    kept = list(source.fetch([item.remote_id for item in items.values()]))
    assert sorted(item.title for item in kept) == ["One", "Two"]
    shop.empty()
    source.scopes()
    assert list(source.fetch([item.remote_id for item in items.values()])) == []


def test_whether_commits_are_gone_is_not_guessed(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """Neither the branch nor the list of commits is shown: an error, and nothing is taken for deleted."""
    shop.push(["One", "Two"])
    source = connect()
    items, _ = read(source)
    source.scopes()
    hub.fault("answer", status=404, body="{}", path=r".*/(branches|commits)(/.*)?", times=None)
    with pytest.raises(Rejected):
        list(source.fetch([item.remote_id for item in items.values()]))
