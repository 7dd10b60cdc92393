"""Writing back into three tools at once: every surface through the journal, one dead tool of three, echoes, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from trio import AUTOMATIC, GOAL, LINKED, READ, TASK, Trio, three_tools

from okrsync.assess import assess, freshness, shown
from okrsync.errors import ConfigError, Problem
from okrsync.model import ItemRef, Progress, Reading, RemoteGoal, Surface, WriteState
from okrsync.store import Store, journal, people, queries


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        yield found


@pytest.fixture
def store(trio: Trio) -> Store:
    return trio.synced()


def by_surface(writes: Any) -> set[tuple[str, str, Surface]]:
    return {(one.slot.source, one.key, one.slot.surface) for one in writes}


def test_the_plan_holds_every_surface_and_sends_reads_only(trio: Trio, store: Store) -> None:
    trio.company.sandbox.clear_requests()
    writes = trio.company.plan(store).writes
    assert [one.method for one in trio.company.sandbox.requests] == ["GET"], "the metric was never looked at"
    assert by_surface(writes) == {
        ("jira", "PAY-2", Surface.LABEL),
        ("jira", "PAY-3", Surface.LABEL),
        ("jira", "SHOP-1", Surface.PROPERTY),
        ("jira", "SHOP-1", Surface.COMMENT),
        ("github", "acme/shop#1", Surface.COMMENT),
        ("github", "acme/shop#2", Surface.LABEL),
        ("github", "acme/shop#3", Surface.STATUS),
        ("github", "acme/shop#4", Surface.STATUS),
        ("asana", TASK, Surface.LABEL),
        ("asana", f"goal:{GOAL}", Surface.METRIC),
        ("asana", f"goal:{GOAL}", Surface.UPDATE),
        ("asana", f"goal:{READ}", Surface.UPDATE),
    }


def test_what_the_plan_says_is_what_stands_there(trio: Trio, store: Store) -> None:
    writes = {(one.key, one.slot.surface): one for one in trio.company.plan(store).writes}
    _, outcomes = trio.company.apply(store)
    assert {one.state for one in outcomes} == {WriteState.APPLIED}
    assert trio.status(3) == [
        ("success", "KR-UX · The new checkout is live → O-SHOP · A shop that people come back to")
    ]
    assert trio.status(4)[0][0] == "failure"
    metric = writes[f"goal:{GOAL}", Surface.METRIC]
    assert (metric.before, metric.after) == (0.05, trio.current(GOAL))
    (update,) = trio.updates(GOAL)
    assert update["text"] == writes[f"goal:{GOAL}", Surface.UPDATE].after["text"]
    assert [one["name"] for one in trio.workspace.held["task"][TASK]["tags"]] == ["okr-orphan"]
    assert list(trio.repository.find(2).labels) == ["okr-orphan"]
    (comment,) = trio.repository.find(1).comments
    assert "KR-UX" in comment.body


def test_nothing_comes_back_as_news(trio: Trio, store: Store) -> None:
    """After an apply the plan is empty, after the next sync too; and what we wrote is no change of anything."""
    trio.company.apply(store)
    assert trio.company.plan(store).writes == ()
    trio.company.wait(minutes=10)
    before = trio.company.state(store)
    with store.read() as tx:
        readings = people.readings(tx)
    trio.company.sync(store)
    assert trio.company.plan(store).writes == ()
    assert trio.company.state(store)["verdicts"] == before["verdicts"]
    with store.read() as tx:
        assert people.readings(tx) == readings
    trio.company.sandbox.clear_requests()
    assert trio.company.apply(store) == (None, [])
    assert trio.company.sandbox.unsafe_requests() == []


def test_undo_takes_everything_back(trio: Trio, store: Store) -> None:
    before = trio.stands()
    run, _ = trio.company.apply(store)
    assert trio.stands() != before
    _, outcomes = trio.company.undo(store, run)
    assert {one.state for one in outcomes} == {WriteState.APPLIED}
    assert trio.stands() == before
    assert trio.current(GOAL) == 0.05
    assert trio.status(4)[-1] == ("success", "Withdrawn by okrsync")
    assert trio.company.undo(store, run) == (None, [])
    trio.company.apply(store)
    assert trio.company.plan(store).writes == ()


def test_undo_of_a_change_puts_the_earlier_word_back(trio: Trio, store: Store) -> None:
    trio.company.apply(store)
    (first,) = trio.updates(GOAL)
    told, value = trio.status(4)[-1], trio.current(GOAL)
    trio.repository.edit(4, body="SHOP-4 as well")
    for issue in trio.company.site.issues.values():
        if issue.fields["summary"].startswith(("Step", "Basket", "Ledger")):
            trio.company.edit(issue, status="Terminé")
    trio.workspace.edit(f"tasks/{LINKED}", {"completed": True})
    trio.repository.edit(1, state="closed")
    trio.company.wait(days=1)
    trio.company.sync(store)
    run, _ = trio.company.apply(store)
    assert [one["status_type"] for one in trio.updates(GOAL)][1:] == ["achieved"]
    assert trio.current(GOAL) == 1
    assert trio.status(4)[-1][0] == "success"
    trio.company.undo(store, run)
    assert trio.updates(GOAL) == [first]
    assert trio.current(GOAL) == value
    assert trio.status(4)[-1] == told


def test_a_new_commit_bears_a_status_of_its_own_and_undo_still_works(trio: Trio, store: Store) -> None:
    run, _ = trio.company.apply(store)
    pull = trio.repository.find(4).pull
    assert pull is not None
    old = pull.head_sha
    trio.repository.push(["OKR: KR-UX"], branch="refactoring")
    trio.company.wait(minutes=10)
    trio.company.sync(store)
    trio.company.apply(store)
    assert trio.repository.statuses[old][-1].state == "failure"
    assert len(trio.repository.statuses[old]) == 1
    trio.repository.merge(4)
    trio.company.sync(store)
    assert trio.company.plan(store).writes == ()
    _, outcomes = trio.company.undo(store, run)
    assert {one.state for one in outcomes} == {WriteState.APPLIED}


def test_a_pull_request_weighs_nothing_and_never_left_the_scope(trio: Trio, store: Store) -> None:
    before = progress(trio, store)
    trio.repository.edit(3, body="")
    trio.company.wait(minutes=10)
    trio.company.sync(store)
    after = progress(trio, store)
    assert (after.scope, after.done, after.removed) == (before.scope, before.done, 0)
    title = 'title = "The new checkout is live"'
    trio.company.replace(title, f'{title}\ncounts = ["ticket", "pull_request"]')
    assert progress(trio, store).removed == 1
    trio.repository.edit(3, body="SHOP-3")
    trio.company.wait(minutes=10)
    trio.company.sync(store)
    assert progress(trio, store).scope == (before.scope or 0) + 1


def progress(trio: Trio, store: Store) -> Progress:
    with store.read() as tx:
        return assess(tx, trio.company.config, trio.company.now()).progress["KR-UX"]


# ── one of three is dead ──


def fresh(trio: Trio, store: Store) -> tuple[bool, set[str]]:
    with store.read() as tx:
        found = freshness(tx, trio.company.config, trio.company.now())
    return found.complete, set(found.late)


@pytest.mark.parametrize("dead", ["jira", "github", "asana"])
@pytest.mark.parametrize("way", ["503", "401", "reset"])
def test_a_dead_tool_fails_its_own_writes_and_no_others(trio: Trio, store: Store, dead: str, way: str) -> None:
    trio.company.plan(store)
    how: dict[str, Any] = {"kind": "answer", "status": int(way)} if way.isdecimal() else {"kind": way}
    trio.company.sandbox.fault(path=f"/{dead}/.*", times=10_000, **how)
    _, outcomes = trio.company.apply(store)
    for state in WriteState.FAILED, WriteState.APPLIED:
        assert {one.write.slot.source for one in outcomes if one.state is state} == (
            {dead} if state is WriteState.FAILED else {"jira", "github", "asana"} - {dead}
        )
    trio.company.sync(store)
    answer = trio.company.plan(store)
    assert {one.slot.source for one in answer.writes} == {dead}, "the others are done, and nothing of them is in doubt"
    assert fresh(trio, store) == (False, {dead})
    trio.company.sandbox.clear()
    trio.company.sync(store)
    assert fresh(trio, store) == (True, set())
    trio.company.apply(store)
    assert trio.company.plan(store).writes == ()


def test_a_missing_secret_fails_one_source_only(trio: Trio, store: Store) -> None:
    def connect(source: Any) -> Any:
        if source.id == "github":
            raise ConfigError([Problem("okrsync.toml: [sources.github] auth.token", "TOKEN is not set")])
        return trio.company.connect(source)

    _, outcomes = trio.company.apply(store, connect=connect)
    assert {one.write.slot.source for one in outcomes if one.failed} == {"github"}
    assert {one.write.slot.source for one in outcomes if one.state is WriteState.APPLIED} == {"jira", "asana"}


def test_a_pull_request_is_not_held_to_blame_for_a_tool_that_was_never_read(trio: Trio) -> None:
    store = trio.company.store()
    trio.company.sandbox.fault(path="/jira/.*", times=10_000, kind="answer", status=503)
    trio.company.sync(store)
    found = {
        one.key: one.after["state"] for one in trio.company.plan(store).writes if one.slot.surface is Surface.STATUS
    }
    assert found == {"acme/shop#3": "pending", "acme/shop#4": "pending"}
    trio.company.apply(store)
    trio.company.sandbox.clear()
    trio.company.sync(store)
    trio.company.apply(store)
    assert (trio.status(3)[-1][0], trio.status(4)[-1][0]) == ("success", "failure")
    assert trio.company.plan(store).writes == ()


# ── goals of Asana ──


def readings(store: Store) -> list[tuple[float, str]]:
    with store.read() as tx:
        return [(one.value, one.by) for one in people.readings(tx).get("KR-CHURN", ())]


def test_a_goal_is_read_when_it_moves_and_never_written(trio: Trio, store: Store) -> None:
    assert readings(store) == [(82.0, "asana")]
    trio.company.apply(store)
    trio.company.sync(store)
    assert readings(store) == [(82.0, "asana")]
    assert trio.current(READ) == 0.82
    trio.workspace.edit(f"goals/{READ}", {"metric": {"current_number_value": 0.835}})
    trio.company.wait(days=1)
    trio.company.sync(store)
    assert readings(store) == [(82.0, "asana"), (83.5, "asana")]
    assert Surface.METRIC not in {one.slot.surface for one in trio.company.plan(store).writes}


def test_what_a_person_records_holds_until_the_goal_moves(trio: Trio, store: Store) -> None:
    trio.company.wait(hours=1)
    with store.begin() as tx:
        people.add_reading(tx, Reading("KR-CHURN", trio.company.now(), 84.0, "ada"))
    trio.company.wait(hours=1)
    trio.company.sync(store)
    assert readings(store)[-1] == (84.0, "ada")
    trio.workspace.edit(f"goals/{READ}", {"metric": {"current_number_value": 0.821}})
    trio.company.sync(store)
    assert readings(store)[-1] == (82.1, "asana")


@pytest.mark.parametrize(
    ("unit_there", "unit_here", "value", "found"),
    [
        ("percentage", "%", 0.29, 29.0),
        ("percentage", "", 0.29, 0.29),
        ("none", "%", 29.0, 29.0),
        ("currency", "€", 3, 3),
    ],
)
def test_a_percentage_is_read_in_the_unit_of_the_key_result(
    unit_there: str, unit_here: str, value: float, found: float
) -> None:
    assert shown(value, RemoteGoal("1", "", "", unit_there), unit_here) == found


def test_a_goal_that_cannot_be_written_or_is_not_there(trio: Trio, store: Store) -> None:
    trio.company.replace(f"asana:goal:{GOAL}", f"asana:goal:{AUTOMATIC}")
    found = {one.slot.surface for one in trio.company.plan(store).writes if one.key == f"goal:{AUTOMATIC}"}
    assert found == {Surface.UPDATE}
    trio.company.replace(f"asana:goal:{AUTOMATIC}", "asana:goal:404")
    assert "goal:404" not in {one.key for one in trio.company.plan(store).writes}


def test_what_a_person_set_meanwhile_is_seen_before_it_is_replaced(trio: Trio, store: Store) -> None:
    run = trio.company.plan(store).run
    trio.workspace.edit(f"goals/{GOAL}", {"metric": {"current_number_value": 0.5}})
    _, outcomes = trio.company.apply(store, run=run)
    assert [one.state for one in outcomes if one.write.slot.surface is Surface.METRIC] == [WriteState.SKIPPED]
    assert trio.current(GOAL) == 0.5
    with store.read() as tx:
        (stands,) = (one for slot, one in journal.standing(tx).items() if slot.surface is Surface.METRIC)
    assert (stands.value, stands.ours) == (0.5, None)


def test_a_commit_is_no_place_for_progress(trio: Trio, store: Store) -> None:
    sha = trio.repository.branches["main"]
    trio.company.replace("github:acme/shop#1", f"github:{sha}")
    with store.read() as tx:
        assert len(queries.find(tx, str(ItemRef("github", sha)))) == 1
    assert sha not in {one.key for one in trio.company.plan(store).writes}
