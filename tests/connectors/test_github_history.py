"""What GitHub tells of the past, by query and without one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from github_world import NOW, Connect, read

from connectors.github_history import Event, Past, changes_of
from connectors.github_wire import Repo
from okrsync.errors import MalformedPage, Unavailable
from okrsync.model import Change, ChangeKind, History, State
from okrsync.sandbox import Sandbox
from okrsync.sandbox.github.repository import Repository

JSON = {"Content-Type": "application/json"}
REPO = Repo("github", "10", "acme/shop", "https://github.com/acme/shop", "main", "acme/store")
GONE = {"status": 404, "body": '{"message": "Not Found"}', "headers": JSON, "path": r".*/graphql", "times": None}


def told(history: History) -> list[tuple[str, str | None, str | None]]:
    return [(change.kind.value, change.before, change.after) for change in history.changes]


@pytest.fixture
def lived(shop: Repository, plan: Repository, hub: Sandbox) -> list[str]:
    """An issue and a pull request to which everything happened, a minute apart; their ids."""

    def later() -> None:
        hub.world.clock.advance(timedelta(minutes=1))

    shop.commit("Begin")
    first, second = shop.milestone("v1"), shop.milestone("v2")
    parent, other = plan.issue("Parent"), plan.issue("Other")
    issue = shop.issue("Issue")
    for wanted in (
        {"labels": ["bug"]},
        {"labels": ["bug", "okr:KR-A", "okr-orphan"]},
        {"labels": ["okr:KR-A"]},
        {"milestone": first.number},
        {"milestone": second.number},
        {"parent": f"acme/plan#{parent.number}"},
        {"parent": f"acme/plan#{other.number}"},
        {"state": "closed", "state_reason": "completed"},
        {"state": "open"},
        {"state": "closed", "state_reason": "not_planned"},
    ):
        later()
        shop.edit(issue.number, **wanted)
    later()
    shop.block(issue.number, f"acme/plan#{other.number}")
    later()
    shop.unblock(issue.number)
    pull = shop.pull("Pull", head="topic", draft=True, commits=["Work"])
    for draft in (False, True, False):
        later()
        shop.edit(pull.number, draft=draft)
    later()
    shop.merge(pull.number)
    return [f"{shop.id}#{issue.number}", f"{shop.id}#{pull.number}"]


@pytest.mark.parametrize("by_query", [True, False])
def test_everything_that_happened(
    by_query: bool, lived: list[str], shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    if not by_query:
        hub.fault("answer", **GONE)
    issue, pull = connect().history(lived)
    assert told(issue) == [
        ("label_added", None, "bug"),
        ("label_added", None, "okr:KR-A"),
        ("label_removed", "bug", None),
        ("member", None, "milestone:acme/shop#1"),
        ("member", "milestone:acme/shop#1", None),
        ("member", None, "milestone:acme/shop#2"),
        ("parent", None, f"{plan.id}#1"),
        ("parent", f"{plan.id}#1", None),
        ("parent", None, f"{plan.id}#2"),
        ("state", "todo", "done"),
        ("state", "done", "todo"),
        ("state", "todo", "done"),
        ("blocked_by", None, "acme/plan#2"),
        ("blocked_by", "acme/plan#2", None),
    ]
    assert told(pull) == [
        ("state", "todo", "in_progress"),
        ("state", "in_progress", "todo"),
        ("state", "todo", "in_progress"),
        ("state", "in_progress", "done"),
    ]
    assert issue.changes[0].at == NOW + timedelta(minutes=1)
    assert not any(change.observed for change in (*issue.changes, *pull.changes))


def test_two_hundred_cost_a_request_for_a_hundred(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    ids = []
    for repository in (shop, plan):
        for number in range(100):
            issue = repository.issue(f"Issue {number}")
            repository.edit(issue.number, labels=["bug"])
            ids.append(f"{repository.id}#{issue.number}")
    source = connect("acme/shop", "acme/plan")
    source.scopes()
    hub.clear_requests()
    found = list(source.history([*ids, f"{shop.id}#999", "1#1", f"{shop.id}@{'0' * 40}", "junk"]))
    assert [history.remote_id for history in found] == ids
    assert {change.kind for history in found for change in history.changes} == {ChangeKind.LABEL_ADDED}
    assert sum(one.path.endswith("/graphql") for one in hub.requests) == 1 + 3  # what the server knows, and 201 numbers
    assert list(source.history([])) == []


def test_more_events_than_a_page(shop: Repository, connect: Connect) -> None:
    shop.issue("Issue")
    for turn in range(230):
        shop.edit(1, state="open" if turn % 2 else "closed")
    (history,) = connect().history([f"{shop.id}#1"])
    assert len(history.changes) == 230
    assert [change.after for change in history.changes[:2]] == ["done", "todo"]


@pytest.mark.parametrize("by_query", [True, False])
def test_many_of_one_repository_without_queries(
    by_query: bool, shop: Repository, hub: Sandbox, connect: Connect
) -> None:
    """One list for all, not one an issue."""
    for number in range(60):
        shop.issue(f"Issue {number}")
        shop.edit(number + 1, state="closed")
        shop.edit(number + 1, labels=["late"])
    if not by_query:
        hub.fault("answer", **GONE)
    found = list(connect().history([f"{shop.id}#{number}" for number in range(1, 61)]))
    assert len(hub.requests) < 8
    assert {tuple(told(one)) for one in found} == {(("state", "todo", "done"), ("label_added", None, "late"))}


def test_a_timeline_that_is_too_much_is_asked_in_halves(lived: list[str], hub: Sandbox, connect: Connect) -> None:
    shop = hub.world.github.directory.named("acme/shop")
    assert shop is not None
    ids = lived + [f"{shop.id}#{number}" for number in range(50, 80)]
    source = connect()
    whole = list(source.history(lived))
    hub.fault("answer", status=502, body="<html>", path=r".*/graphql", times=5)
    assert list(source.history(ids)) == whole
    hub.fault("answer", status=502, body="<html>", path=r".*/graphql", times=None)
    with pytest.raises(Unavailable):
        list(source.history(ids))


def test_a_timeline_that_pages_in_a_circle(lived: list[str], hub: Sandbox, connect: Connect) -> None:
    source = connect()
    source.scopes()
    list(source.history(lived))  # what the server knows is known now
    page = '{"nodes": [], "pageInfo": {"hasNextPage": true, "endCursor": "x"}}'
    number = lived[0].partition("#")[2]
    node = f'{{"__typename": "Issue", "id": "I", "number": {number}, "timelineItems": {page}}}'
    hub.fault(
        "answer",
        body=f'{{"data": {{"r0": {{"n{number}": {node}}}}}}}',
        status=200,
        headers=JSON,
        path=r".*/graphql",
        times=1,
    )
    hub.fault(
        "answer", body=f'{{"data": {{"node": {node}}}}}', status=200, headers=JSON, path=r".*/graphql", times=None
    )
    with pytest.raises(MalformedPage, match="circle"):
        list(source.history(lived[:1]))


def test_a_transferred_issue_takes_its_past_along(
    shop: Repository, plan: Repository, hub: Sandbox, connect: Connect
) -> None:
    """It is another one; GitHub does not say which number it had before, so that no change of key is told."""
    shop.issue("Issue", labels=["bug"])
    shop.edit(1, state="closed")
    hub.world.clock.advance(timedelta(minutes=1))
    landed = shop.transfer(1, plan)
    source = connect("acme/shop", "acme/plan")
    found = list(source.history([f"{shop.id}#1", f"{plan.id}#{landed.number}"]))
    assert [history.remote_id for history in found] == [f"{plan.id}#{landed.number}"]
    assert ("state", "todo", "done") in told(found[0])
    assert not any(change.kind is ChangeKind.KEY for change in found[0].changes)


@pytest.mark.parametrize("by_query", [True, False])
def test_the_past_ends_where_the_item_stands(by_query: bool, lived: list[str], hub: Sandbox, connect: Connect) -> None:
    source = connect("acme/shop")
    items = {item.remote_id: item for item in read(source)[0].values()}
    if not by_query:
        hub.fault("answer", **GONE)
    for history in source.history(lived):
        states = [change for change in history.changes if change.kind is ChangeKind.STATE]
        assert states[-1].after == items[history.remote_id].state.value
        labels: set[str | None] = set()
        for change in history.changes:
            if change.kind is ChangeKind.LABEL_ADDED:
                labels.add(change.after)
            elif change.kind is ChangeKind.LABEL_REMOVED:
                labels.discard(change.before)
        assert labels == set(items[history.remote_id].labels)


# ── events → changes ─────────────────────────────────────────────────────────────────────────────────────────────────


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def test_a_renamed_repository_and_milestone_are_known_by_both_names() -> None:
    """A renamed milestone is known where the issue is still in it; another one nobody knows is left out."""
    events = [Event(at(0), "milestoned", milestone="gone"), Event(at(1), "milestoned", milestone="old name")]
    found = changes_of(Past(pull=False, milestone=3, events=events), REPO, {"new name": 3})
    assert [(change.at, change.after) for change in found] == [
        (at(1), "milestone:acme/shop#3"),
        (at(1), "milestone:acme/store#3"),
    ]


@pytest.mark.parametrize(
    ("draft", "kinds", "states"),
    [
        (False, ["closed"], ["in_progress", "done"]),
        (True, ["closed", "reopened"], ["todo", "done", "todo"]),
        (False, ["ready_for_review", "closed"], ["todo", "in_progress", "done"]),
        (True, ["convert_to_draft"], ["in_progress", "todo"]),
        (False, ["closed", "ready_for_review", "reopened"], ["todo", "done", "in_progress"]),
        (False, ["closed", "closed", "reopened", "reopened"], ["in_progress", "done", "in_progress"]),
    ],
)
def test_states_of_a_pull_request(draft: bool, kinds: list[str], states: list[str]) -> None:
    events = [Event(at(minute), kind) for minute, kind in enumerate(kinds)]
    found = changes_of(Past(pull=True, draft=draft, events=events[::-1]), REPO, {})
    assert [found[0].before, *(change.after for change in found)] == states
    assert all(change.kind is ChangeKind.STATE and State(change.after or "") for change in found)


def test_what_leads_to_the_unreadable_is_left_out() -> None:
    events: list[Any] = [Event(at(0), "parent_issue_added"), Event(at(1), "blocked_by_added"), Event(at(2), "labeled")]
    assert changes_of(Past(pull=False, events=events), REPO, {}) == ()
    assert changes_of(
        Past(pull=False, events=[Event(at(3), "parent_issue_added", other=("a/b#1", "7#1"))]), REPO, {}
    ) == (Change(at(3), ChangeKind.PARENT, None, "7#1"),)
