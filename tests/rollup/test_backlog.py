"""The order of the open work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import rollup
from okrsync.model import (
    Goals,
    ItemKind,
    KeyResult,
    Objective,
    ObjectiveProgress,
    Progress,
    State,
    Status,
    Ticket,
    VerdictKind,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOALS = Goals(
    {},
    {"O-FINE": Objective("O-FINE", "fine"), "O-BAD": Objective("O-BAD", "bad"), "O-ALSO": Objective("O-ALSO", "also")},
    {
        "KR-FINE": KeyResult("KR-FINE", "O-FINE", "fine"),
        "KR-SLOW": KeyResult("KR-SLOW", "O-BAD", "slow"),
        "KR-BAD": KeyResult("KR-BAD", "O-BAD", "bad"),
    },
)
PROGRESS = {
    "KR-FINE": Progress("KR-FINE", Status.ON_TRACK, 0.5),
    "KR-SLOW": Progress("KR-SLOW", Status.AT_RISK, 0.5),
    "KR-BAD": Progress("KR-BAD", Status.OFF_TRACK, 0.1),
}
OBJECTIVES = {
    "O-FINE": ObjectiveProgress("O-FINE", Status.ON_TRACK, 0.5, (1, 1)),
    "O-BAD": ObjectiveProgress("O-BAD", Status.OFF_TRACK, 0.3, (2, 2)),
    "O-ALSO": ObjectiveProgress("O-ALSO", Status.NO_DATA, None, (0, 0)),
}


def item(uid: int, *targets: str, state: State = State.TODO, age: int = 1, flagged: bool = False, kind: str = "traced"):
    ticket = Ticket(
        *(uid, "jira", f"K-{uid}", ItemKind.TICKET, state, NOW - timedelta(days=age)),
        title="t",
        flagged=flagged,
        verdict=VerdictKind(kind),
    )
    return ticket, targets


def ranked(*items: tuple[Ticket, tuple[str, ...]]) -> list[rollup.Entry]:
    return rollup.backlog(items, GOALS, PROGRESS, OBJECTIVES)


def test_the_worst_objective_then_the_worst_key_result_then_what_is_in_progress_then_the_oldest() -> None:
    entries = ranked(
        item(1, "KR-FINE", age=900),
        item(2, "KR-SLOW"),
        item(3, "KR-BAD", age=5),
        item(4, "KR-BAD", age=9),
        item(5, "KR-BAD", state=State.IN_PROGRESS),
        item(6, kind="orphan", age=999),
        item(7, "O-ALSO"),
        item(8, "O-BAD"),
    )
    assert [entry.item.uid for entry in entries] == [8, 5, 4, 3, 2, 1, 7, 6]


def test_an_item_of_several_goals_stands_once_under_the_worst() -> None:
    (entry,) = ranked(item(1, "KR-FINE", "KR-SLOW"))
    assert (entry.objective, entry.key_result) == ("O-BAD", "KR-SLOW")


def test_done_and_exempt_work_is_out_and_a_goal_that_is_gone_leaves_an_orphan() -> None:
    assert ranked(item(1, "KR-BAD", state=State.DONE), item(2, kind="exempt")) == []
    (entry,) = ranked(item(3, "KR-GONE"))
    assert entry.objective is None


def test_the_reason_says_that_it_is_blocked() -> None:
    blocked, free = ranked(item(1, "KR-BAD", flagged=True, age=2), item(2, "KR-BAD"))
    assert blocked.why.code == "backlog.blocked"
    assert free.why.code == "backlog.key_result"
