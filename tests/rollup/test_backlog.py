"""The order of the open work, and the reason of each place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.model import (
    Blocker,
    Commitment,
    Goals,
    ItemKind,
    KeyResult,
    Objective,
    ObjectiveProgress,
    OrphanClass,
    Progress,
    Say,
    State,
    Status,
    Thresholds,
    Ticket,
    VerdictKind,
)
from rollup.backlog import (
    HOLDS,
    NO_DAY,
    OPEN,
    ORPHANS,
    SERVES,
    VERDICTS,
    Backlog,
    Unfinished,
    backlog,
    of_goal,
    of_item,
)
from rollup.span import micros
from rollup.workload import KINDS, STATES, workload

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GOALS = Goals(
    {},
    {"O-FINE": Objective("O-FINE", "fine"), "O-BAD": Objective("O-BAD", "bad"), "O-ALSO": Objective("O-ALSO", "also")},
    {
        "KR-FINE": KeyResult("KR-FINE", "O-FINE", "fine"),
        "KR-SLOW": KeyResult("KR-SLOW", "O-BAD", "slow"),
        "KR-BAD": KeyResult("KR-BAD", "O-BAD", "bad"),
        "KR-DREAM": KeyResult("KR-DREAM", "O-FINE", "dream", commitment=Commitment.ASPIRATIONAL),
    },
)
PROGRESS = {
    "KR-FINE": Progress("KR-FINE", Status.ON_TRACK, 0.5),
    "KR-DREAM": Progress("KR-DREAM", Status.ON_TRACK, 0.5),
    "KR-SLOW": Progress("KR-SLOW", Status.AT_RISK, 0.5),
    "KR-BAD": Progress("KR-BAD", Status.OFF_TRACK, 0.1),
}
OBJECTIVES = {
    "O-FINE": ObjectiveProgress("O-FINE", Status.ON_TRACK, 0.5, (1, 1)),
    "O-BAD": ObjectiveProgress("O-BAD", Status.OFF_TRACK, 0.3, (2, 2)),
    "O-ALSO": ObjectiveProgress("O-ALSO", Status.NO_DATA, None, (0, 0)),
}


class Work:
    """Items, put together one by one."""

    def __init__(self) -> None:
        self.tickets: list[Ticket] = []
        self.targets: dict[int, tuple[str, ...]] = {}
        self.due: dict[int, date] = {}

    def add(self, uid: int, *targets: str, age: float = 1, due: date | None = None, **more: Any) -> Ticket:
        facts: dict[str, Any] = {"state": State.TODO, "verdict": VerdictKind.TRACED if targets else VerdictKind.ORPHAN}
        facts |= {"kind": ItemKind.TICKET, **more}
        made = Ticket(uid=uid, source="jira", key=f"K-{uid}", created_at=NOW - timedelta(days=age), title="t", **facts)
        self.tickets.append(made)
        self.targets[uid] = targets
        if due is not None:
            self.due[uid] = due
        return made

    def ranked(self, goals: Goals = GOALS) -> Backlog:
        served: dict[str, list[Ticket]] = {}
        for ticket in self.tickets:
            for target in self.targets[ticket.uid]:
                served.setdefault(target, []).append(ticket)
        names = sorted({target for targets in self.targets.values() for target in targets})
        left = sorted((one for one in self.tickets if one.state is not State.DONE), key=lambda one: one.uid)
        items = np.array([self._row(one) for one in left], OPEN)
        links = [(one.uid, names.index(target)) for one in left for target in sorted(self.targets[one.uid])]
        uids = {one.key: one.uid for one in left}
        holds = [(uids[by.key], one.uid) for one in left for by in one.blockers if by.key in uids]
        found = Unfinished(items, np.array(links, SERVES), np.array(holds, HOLDS), names)
        return backlog(found, goals, PROGRESS, OBJECTIVES, workload(served), Thresholds())

    def _row(self, one: Ticket) -> tuple[int, ...]:
        day = self.due[one.uid].toordinal() if one.uid in self.due else NO_DAY
        said = VERDICTS.index(one.verdict or VerdictKind.ORPHAN), ORPHANS.index(one.orphan)
        return one.uid, micros(one.created_at), day, 0, KINDS.index(one.kind), STATES.index(one.state), *said

    def order(self) -> list[int]:
        found = self.ranked()
        return [int(uid) for uid in found.unfinished.items["uid"][found.ranked["row"]]]

    def why(self, uid: int) -> dict[str, Say]:
        """The clauses of one item, by their codes."""
        found = self.ranked()
        place = self.order().index(uid)
        keys = {ticket.uid: ticket.key for ticket in self.tickets}
        clauses = [*of_goal(found, place, GOALS, PROGRESS, OBJECTIVES), *of_item(found, place, GOALS, keys, NOW)]
        return {clause.code: clause for clause in clauses}


@pytest.fixture
def work() -> Work:
    return Work()


def held_by(uid: int) -> tuple[Blocker, ...]:
    return (Blocker(f"K-{uid}", open=True, created_at=NOW - timedelta(days=9)),)


def test_feature_b_for_a_red_objective_comes_before_feature_a_for_a_loud_customer(work: Work) -> None:
    loud = tuple(f"customer:{name}" for name in ("acme", "globex", "initech", "umbrella"))
    work.add(1, age=400, labels=loud, state=State.IN_PROGRESS)  # linked to nothing
    work.add(2, "KR-DREAM", age=300, labels=loud, state=State.IN_PROGRESS, due=date(2026, 11, 1))
    work.add(3, "KR-BAD")
    assert work.order() == [3, 2, 1]
    assert dict(work.why(3)["backlog.key_result"].args)["objective_status"] == "off_track"
    assert set(work.why(1)) == {"backlog.orphan", "backlog.begun"}


def test_objective_then_key_result_then_what_it_does_then_due_then_age(work: Work) -> None:
    work.add(1, "KR-FINE", age=900)
    work.add(2, "KR-SLOW")
    work.add(3, "KR-BAD", age=5)
    work.add(4, "KR-BAD", age=9)
    work.add(5, "KR-BAD", due=date(2026, 12, 1))
    work.add(6, "KR-BAD", state=State.IN_PROGRESS)
    work.add(7, "KR-BAD", age=2, blockers=held_by(8))
    work.add(8, "KR-BAD")
    work.add(9, age=999)
    work.add(10, "O-ALSO")
    work.add(11, "O-BAD")
    for uid in range(20, 24):
        work.add(uid, "KR-BAD", state=State.DONE)
    assert work.order()[:6] == [8, 7, 6, 5, 4, 3][:6]
    assert work.order()[6:] == [2, 11, 1, 10, 9]
    assert dict(work.why(8)["backlog.frees"].args) == {"items": "K-7"}
    assert dict(work.why(7)["backlog.held"].args) == {"days": 2}
    assert dict(work.why(5)["backlog.due"].args) == {"day": "2026-12-01"}


def test_what_a_key_result_can_do_without_comes_after_all_that_its_objective_needs(work: Work) -> None:
    for uid in range(1, 9):
        work.add(uid, "KR-BAD", state=State.DONE)
    work.add(9, "KR-BAD", age=3)
    work.add(10, "KR-BAD", age=2)
    work.add(11, "KR-SLOW")
    assert work.order() == [9, 11, 10]
    assert dict(work.why(9)["backlog.need_items"].args) == {"left": 1, "open": 2, "share": 90}
    assert "backlog.beyond" in work.why(10)


def test_the_sum_of_others_comes_after_them(work: Work) -> None:
    work.add(1, "KR-BAD", age=90, state=State.IN_PROGRESS)
    work.add(2, "KR-BAD", parent=1)
    assert work.order() == [2, 1]
    assert "backlog.sum" in work.why(1)


def test_what_is_held_up_for_another_goal_frees_nothing_here(work: Work) -> None:
    work.add(1, "KR-BAD")
    work.add(2, "KR-FINE", blockers=held_by(1))
    assert "backlog.frees" not in work.why(1)


def test_an_item_of_several_goals_stands_once_at_its_best_place_and_names_the_others(work: Work) -> None:
    work.add(1, "KR-FINE", "KR-SLOW", "O-ALSO")
    work.add(2, "KR-FINE")
    assert work.order() == [1, 2]
    assert dict(work.why(1)["backlog.also"].args) == {"goals": "KR-FINE, O-ALSO"}


def test_exempt_work_is_out_and_what_serves_no_goal_says_why(work: Work) -> None:
    work.add(1, verdict=VerdictKind.EXEMPT)
    work.add(2, "KR-GONE")
    work.add(3, "KR-BAD", verdict=VerdictKind.ORPHAN, orphan=OrphanClass.DEAD)
    work.add(4, verdict=VerdictKind.UNRESOLVABLE)
    assert work.order() == [2, 3, 4]
    assert [next(iter(work.why(uid))) for uid in (2, 3, 4)] == [
        "backlog.traced",
        "backlog.orphan.dead",
        "backlog.unresolvable",
    ]


def test_the_heavier_of_two_objectives_that_are_alike_comes_first_and_one_that_is_red_itself_before_both() -> None:
    work = Work()
    work.add(1, "KR-A")
    work.add(2, "KR-B")
    work.add(3, "KR-C")
    objectives = {one: Objective(one, "x", weight=weight) for one, weight in (("O-A", 1.0), ("O-B", 2.0), ("O-C", 1.0))}
    krs = {f"KR-{one}": KeyResult(f"KR-{one}", f"O-{one}", "x") for one in "ABC"}
    status = {"KR-A": Status.ON_TRACK, "KR-B": Status.ON_TRACK, "KR-C": Status.OFF_TRACK}
    found = backlog(
        work.ranked().unfinished,
        Goals({}, objectives, krs),
        {kr: Progress(kr, one, 0.5) for kr, one in status.items()},
        {one: ObjectiveProgress(one, Status.OFF_TRACK, 0.5, (1, 1)) for one in objectives},
        workload({f"KR-{one}": [ticket] for one, ticket in zip("ABC", work.tickets, strict=True)}),
        Thresholds(),
    )
    assert [found.goal(place) for place in range(3)] == ["KR-C", "KR-B", "KR-A"]


@given(st.permutations(range(12)), st.data())
def test_the_order_in_which_items_come_is_irrelevant_and_each_comes_once(order: list[int], data: st.DataObject) -> None:
    goals = st.lists(st.sampled_from([*GOALS.key_results, "O-BAD"]), max_size=3, unique=True)
    drawn = [(data.draw(goals), data.draw(st.sampled_from(State))) for _ in range(12)]
    one, other = Work(), Work()
    for work, uids in ((one, list(range(12))), (other, order)):
        for uid in uids:
            work.add(uid + 1, *drawn[uid][0], state=drawn[uid][1])
    assert one.order() == other.order()
    assert sorted(one.order()) == [uid + 1 for uid in range(12) if drawn[uid][1] is not State.DONE]


def test_nothing_to_do() -> None:
    assert Work().order() == []


def test_a_heavier_key_result_of_the_same_status_comes_first(work: Work) -> None:
    work.add(1, "KR-SLOW")
    work.add(2, "KR-BAD")
    slow = replace(GOALS.key_results["KR-BAD"], weight=0.5)
    alike = {**PROGRESS, "KR-BAD": Progress("KR-BAD", Status.AT_RISK, 0.1)}
    goals = replace(GOALS, key_results={**GOALS.key_results, "KR-BAD": slow})
    served = {"KR-SLOW": [work.tickets[0]], "KR-BAD": [work.tickets[1]]}
    found = backlog(work.ranked().unfinished, goals, alike, OBJECTIVES, workload(served), Thresholds())
    assert [found.goal(0), found.goal(1)] == ["KR-SLOW", "KR-BAD"]
