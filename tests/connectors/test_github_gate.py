"""The change gate: a quiet repository costs nothing, and nothing that changed is hidden by that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from conformance import drain
from github_world import Connect, Since, read
from misbehaving import Loopback, reply

from connectors.github_mark import Mark
from okrsync.errors import Unavailable
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

JSON = {"Content-Type": "application/json"}
LONG = timedelta(days=1)  # so long ago that nothing is in motion any more


def cycle(source: Any, since: Since | None) -> tuple[list[str], Since]:
    """Keys of what one cycle reads, and where the next goes on."""
    scopes = {scope.id: (since or {}).get(scope.id) for scope in source.scopes() if scope.readable}
    items, after = drain(source, scopes)
    return sorted(item.key for item in items), after


def asked(hub: Sandbox) -> list[str]:
    found = sorted(one.path.rpartition("/")[2] for one in hub.requests)
    hub.clear_requests()
    return found


@pytest.fixture
def many(hub: Sandbox) -> list[Repository]:
    """Two hundred repositories of one organisation, quiet for a day."""
    found = []
    for number in range(200):
        repository = Repository(f"many/repo-{number:03}")
        hub.world.github.add(repository)
        repository.commit("Begin")
        repository.issue("Issue", labels=["bug"], milestone=repository.milestone("v1").number)
        found.append(repository)
    hub.world.clock.advance(LONG)
    return found


@pytest.mark.parametrize("by_name", [True, False])
def test_a_quiet_cycle_over_200_repositories_costs_two_requests(
    by_name: bool, many: list[Repository], hub: Sandbox, connect: Connect
) -> None:
    source = connect(*(one.full_name for one in many)) if by_name else connect("many/*")
    keys, since = cycle(source, None)
    assert len(keys) == 400
    assert asked(hub) == ["commits"] * 200 + ["graphql"] * 2 + ["issues"] * 200
    for _ in range(2):
        assert cycle(source, since) == ([], since)
        assert asked(hub) == ["graphql"] * 2
    for active in many[::20]:  # five per cent
        active.issue("News")
    keys, since = cycle(source, since)
    assert {*keys} == {f"{one.full_name}#{number}" for one in many[::20] for number in (1, 2)}  # 1: the overlap
    assert asked(hub) == ["graphql"] * 2 + ["issues"] * 10
    hub.world.clock.advance(LONG)
    keys, since = cycle(source, since)  # what was in motion is looked at once more
    assert keys == [f"{one.full_name}#2" for one in many[::20]]
    asked(hub)
    assert cycle(source, since) == ([], since)
    assert asked(hub) == ["graphql"] * 2


CHANGES: dict[str, Callable[[Repository], object]] = {
    "an issue edited": lambda repo: repo.edit(1, title="Another"),
    "an issue opened": lambda repo: repo.issue("Another"),
    "a pull request merged": lambda repo: repo.merge(2),
    "a label renamed": lambda repo: repo.rename_label("bug", "defect"),
    "a milestone renamed": lambda repo: repo.edit_milestone(1, title="v2"),
    "a commit": lambda repo: repo.commit("More"),
    "a branch that is forced": lambda repo: repo.force_push(["Instead"], drop=1),
    "a branch forced back": lambda repo: repo.force_push(drop=1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_that_changes_is_hidden(change: str, shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """After each of these, what is stored is what a new reader finds."""
    milestone = shop.milestone("v1")
    shop.push(["Begin", "More"])
    shop.issue("Issue", labels=["bug"], milestone=milestone.number)
    shop.pull("Pull", head="topic", commits=["Work"])
    hub.world.clock.advance(LONG)
    source = connect()
    held, since = read(source)
    source.scopes()
    assert drain(source, since) == ([], since)
    hub.clear_requests()
    CHANGES[change](shop)
    source.scopes()
    changed, since = drain(source, since)
    now, _ = read(connect())
    held |= {item.key: item for item in changed}
    assert {key: held[key] for key in now} == now
    assert len(hub.requests) <= 8
    hub.world.clock.advance(LONG)
    for _ in range(2):
        source.scopes()
        _, since = drain(source, since)
    source.scopes()
    assert drain(source, since) == ([], since)


def test_a_second_change_in_the_same_second_is_seen(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """Neither the newest update nor the count tells of it; the gate believes only what is some minutes old."""
    shop.issue("One")
    shop.issue("Two")
    hub.world.clock.advance(LONG)
    source = connect()
    _, since = cycle(source, None)
    shop.edit(1, title="First")
    _, since = cycle(source, since)
    shop.edit(2, title="Second")  # the clock of the world stands still meanwhile
    keys, since = cycle(source, since)
    assert "acme/shop#2" in keys


def test_a_change_between_the_gate_and_the_walk_is_read_once_more_not_less(
    shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.issue("One")
    hub.world.clock.advance(LONG)
    source = connect()
    (scope,) = source.scopes()
    shop.issue("Two")
    items, since = drain(source, {scope.id: None})
    assert len(items) == 2
    hub.world.clock.advance(LONG)
    keys, since = cycle(source, since)
    assert keys == ["acme/shop#2"]
    assert cycle(source, since)[0] == []


def test_a_first_read_that_is_cut_short_goes_on(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """What the gate said before it is not taken for read."""
    for number in range(230):
        hub.world.clock.advance(timedelta(minutes=10))
        shop.issue(f"Issue {number}")
    hub.world.clock.advance(LONG)
    source = connect()
    (scope,) = source.scopes()
    first = next(source.pull({scope.id: None}))
    keys, since = cycle(connect(), dict(first.cursors))
    assert {item.key for item in first.items} | set(keys) == {f"acme/shop#{number}" for number in shop.issues}
    assert cycle(connect(), since)[0] == []


DEPARTURES: dict[str, Callable[[Repository, Repository], object]] = {
    "deleted": lambda shop, _: shop.delete(2),
    "transferred": lambda shop, plan: shop.transfer(2, plan),
    "one deleted, another opened": lambda shop, _: (shop.delete(2), shop.issue("Another")),
    "the newest deleted, another opened": lambda shop, _: (shop.delete(3), shop.issue("Another")),
    "one deleted, another transferred here": lambda shop, plan: (shop.delete(2), plan.transfer(1, shop)),
}


@pytest.mark.parametrize("departure", DEPARTURES)
@pytest.mark.parametrize("quiet", [True, False])
def test_an_issue_that_went_is_missed_at_once(
    departure: str, quiet: bool, shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    """No list tells of it; but there is one less than there should be, and a census is taken, once."""
    for title in ("One", "Two", "Three"):
        shop.issue(title)
    plan.issue("Elsewhere", at=hub.world.clock() - LONG)
    hub.world.clock.advance(LONG)
    source = connect()
    _, since = cycle(source, None)
    if not quiet:
        shop.edit(1, title="First")
    DEPARTURES[departure](shop, plan)
    counted, since = missed(source, since)
    assert counted == [str(shop.id)]
    for _ in range(2):
        shop.issue("News")
        counted, since = missed(source, since)
        assert counted == []
    hub.world.clock.advance(LONG)
    cycle(source, since)


def test_nothing_is_missed_where_nothing_went(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    """Neither after a first read that was cut short, nor because of an issue that came between gate and walk."""
    for number in range(130):
        hub.world.clock.advance(timedelta(minutes=1))
        shop.issue(f"Issue {number}", at=hub.world.clock())
    shop.edit(1, title="Late")  # the highest number stands on the first page
    (scope,) = connect().scopes()
    first = next(connect().pull({scope.id: None}))
    since: Since = dict(first.cursors)
    source = connect()
    for turn in range(4):
        (scope,) = source.scopes()
        hub.world.clock.advance(timedelta(seconds=1))
        if turn % 2:
            shop.issue(f"Between {turn}")
        page, *pages = source.pull(since)
        since |= {identity: cursor for one in (page, *pages) for identity, cursor in one.cursors.items()}
        assert not any(one.counted for one in (page, *pages))
        hub.world.clock.advance(timedelta(minutes=1) * turn * 10)
        shop.edit(129, title=f"Turn {turn}")


def missed(source: Any, since: Since) -> tuple[list[str], Since]:
    """The repositories of which a cycle wants a census, and where the next goes on."""
    source.scopes()
    pages = list(source.pull(since))
    after = since | {scope: cursor for page in pages for scope, cursor in page.cursors.items()}
    return [scope for page in pages for scope in page.counted], after


def test_the_daily_read_is_the_census_of_issues_too(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    shop.issue("One")
    shop.issue("Two")
    source = connect()
    _, since = cycle(source, None)
    later = source._clock() + timedelta(hours=25)
    source._clock = lambda: later
    (scope,) = source.scopes()
    assert [one.counted for one in source.pull(since) if one.counted] == [{scope.id}]
    hub.clear_requests()
    assert {*source.census(scope)} == {f"{shop.id}#1", f"{shop.id}#2", f"{shop.id}@{shop.head}"}
    assert "issues" not in asked(hub)


def test_a_clock_that_was_ahead_puts_off_no_daily_read(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.issue("One")
    hub.world.clock.advance(LONG)
    source = connect()
    right = source._clock()
    source._clock = lambda: right + timedelta(days=4000)
    _, since = cycle(source, None)
    source._clock = lambda: right + timedelta(days=2)
    assert cycle(source, since)[0] == ["acme/shop#1"]


def test_a_pull_without_a_new_gate_looks_for_itself(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.issue("One")
    hub.world.clock.advance(LONG)
    source = connect()
    _, since = cycle(source, None)
    shop.issue("Two")
    assert "acme/shop#2" in {item.key for item in drain(source, since)[0]}


# ── what the gate cannot tell ────────────────────────────────────────────────────────────────────────────────────────


def test_more_labels_than_a_page_are_read_by_themselves(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.issue("One", labels=[f"label-{number:03}" for number in range(130)])
    hub.world.clock.advance(LONG)
    source = connect()
    _, since = cycle(source, None)
    asked(hub)
    assert cycle(source, since) == ([], since)
    assert asked(hub) == ["graphql", "labels", "labels", "milestones"]
    shop.rename_label("label-129", "last")
    assert cycle(source, since)[0] == ["acme/shop#1"]


@pytest.mark.parametrize(
    "branches", [("main", "release/1"), ("release/*",), tuple(f"b{number}" for number in range(12))]
)
def test_branches_are_compared_by_their_heads(
    branches: tuple[str, ...], shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.commit("Begin")
    for branch in ("release/1", "b3"):
        shop.push([f"On {branch}"], branch=branch)
    hub.world.clock.advance(LONG)
    source = connect(branches=branches)
    _, since = cycle(source, None)
    assert "branches" not in asked(hub)
    assert cycle(source, since) == ([], since)
    assert asked(hub) == ["graphql"]
    shop.push(["News"], branch="b3" if "b3" in branches else "release/1")
    assert len(cycle(source, since)[0]) == 1


def test_more_branches_than_a_page_are_listed(shop: Repository, hub: Sandbox, connect: Connect) -> None:
    shop.commit("Begin")
    for number in range(120):
        shop.branch(f"topic/{number}")
    hub.world.clock.advance(LONG)
    source = connect(branches=("topic/*",))
    _, since = cycle(source, None)
    shop.push(["Last"], branch="topic/99")
    assert len(cycle(source, since)[0]) == 1
    assert "branches" in asked(hub)


def test_one_that_is_gone_costs_the_others_nothing(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.issue("One")
    plan.hide()
    hub.world.clock.advance(LONG)
    source = connect("acme/plan", "acme/shop", "acme/nothing")
    scopes = source.scopes()
    assert [(scope.key, scope.readable) for scope in scopes] == [
        ("acme/plan", False),
        ("acme/shop", True),
        ("acme/nothing", False),
    ]
    assert all("Could not resolve" in scope.why for scope in scopes if not scope.readable)
    assert asked(hub) == ["graphql"]


@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"message": "Field \'milestones\' doesn\'t exist on type \'Repository\'"}]}',
        '{"message": "Not Found"}',
        '{"data": null}',
    ],
)
def test_a_server_that_refuses_the_gate_is_read_as_ever_and_not_asked_again(
    body: str, shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.issue("One", labels=["bug"])
    plan.issue("Two")
    hub.world.clock.advance(LONG)
    hub.fault("answer", path=r".*/graphql", status=404 if "Not" in body else 200, body=body, headers=JSON, times=1)
    source = connect("acme/shop", "acme/pl*")
    keys, since = cycle(source, None)
    assert keys == ["acme/plan#1", "acme/shop#1"]
    keys, since = cycle(source, since)
    assert asked(hub).count("graphql") == 1
    shop.rename_label("bug", "defect")
    assert "acme/shop#1" in cycle(source, since)[0]
    fresh = connect("acme/shop", "acme/pl*")  # takes the cursors over: the marks are the same by either way
    asked(hub)
    fresh.scopes()
    items, _ = drain(fresh, since)
    assert {item.key: item.labels for item in items}["acme/shop#1"] == ("defect",)


@pytest.mark.parametrize("entry", ["acme/shop", "acme/*"])
def test_a_gate_that_is_too_much_is_asked_in_halves(entry: str, hub: Sandbox, connect: Connect) -> None:
    names = [f"acme/repo-{number:02}" for number in range(40)]
    for name in names:
        hub.world.github.add(Repository(name))
    source = connect(entry, *names)
    hub.fault("answer", status=502, body="<html>", path=r".*/graphql", times=5)
    assert {scope.key for scope in source.scopes()} >= {*names, "acme/shop"}
    hub.fault("answer", status=502, body="<html>", path=r".*/graphql", times=None)
    with pytest.raises(Unavailable):
        source.scopes()


def test_whole_reads_are_spread_and_archived_repositories_need_none(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    shop.issue("One")
    plan.issue("Two")
    plan.set(archived=True)
    hub.world.clock.advance(LONG)
    source = connect("acme/shop", "acme/plan")
    _, since = cycle(source, None)
    began = source._clock()
    turns = {}
    for hours in range(17, 26):
        later = began + timedelta(hours=hours)
        source._clock = lambda later=later: later
        turns[hours] = cycle(source, since)[0]
    assert turns[17] == []
    assert turns[25] == ["acme/shop#1"]
    share = 1 - shop.id % 25 / 100
    assert [hours for hours, keys in turns.items() if keys] == [hours for hours in turns if hours >= 24 * share]


def test_a_mark_is_short(many: list[Repository], connect: Connect) -> None:
    _, since = cycle(connect("many/*"), None)
    marks = [cursor.mark for cursor in since.values() if cursor]
    assert max(map(len, marks)) < 260
    assert all(Mark.load(mark).seen for mark in marks)


def test_one_of_an_owner_that_a_query_does_not_give_is_read_by_itself(loopback: Loopback, connect: Connect) -> None:
    """The others keep their gate."""

    def node(number: int) -> dict[str, Any]:
        none = {"totalCount": 0, "nodes": []}
        names = dict.fromkeys(("issues", "pullRequests", "labels", "milestones"), none)
        return {"databaseId": number, "nameWithOwner": f"acme/repo-{number}", **names}

    listing = {"nodes": [node(1), None, node(3)], "pageInfo": {"hasNextPage": False}}
    path = ["repositoryOwner", "repositories", "nodes", 1, "issues"]
    errors = [{"type": "FORBIDDEN", "path": path, "message": "Resource not accessible"}]
    rows = [{"id": number, "full_name": f"acme/repo-{number}"} for number in (1, 2, 3)]
    answered = {"data": {"repositoryOwner": {"repositories": listing}}, "errors": errors}
    source = connect("acme/*", url=loopback.script(reply(answered), reply(rows)))
    assert [scope.id for scope in source.scopes()] == ["1", "3", "2"]
    assert [source._repositories.gate(identity) is not None for identity in ("1", "2", "3")] == [True, False, True]
