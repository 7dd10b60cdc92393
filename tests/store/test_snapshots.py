"""What was published stays; how cycles ended is counted by day, for a while."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from okrsync.model import Snapshot, SourceState, Status
from okrsync.store import Store, attempts, snapshots, sources
from okrsync.store import tables as t

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def said(goal: str, day: int, progress: float | None, status: Status = Status.ON_TRACK) -> Snapshot:
    at = NOON + day * DAY
    return Snapshot(goal, at.date(), at, status, progress, 0.5, 3.0, 6.0, "items")


def test_a_day_is_rewritten_until_it_is_over_and_never_after(store: Store) -> None:
    with store.begin() as tx:
        assert snapshots.publish(tx, [said("KR-1", 0, 0.2), said("O-1", 0, None)]) == 2
        assert snapshots.publish(tx, [said("KR-1", 0, 0.2), said("O-1", 0, None)]) == 0
        assert snapshots.publish(tx, [said("KR-1", 0, 0.3, Status.AT_RISK)]) == 1
        assert snapshots.publish(tx, [said("KR-1", 1, 0.4)]) == 1
        assert snapshots.publish(tx, [said("KR-1", 0, 0.9)]) == 0, "nor when the clock goes back"
    with store.read() as tx:
        yesterday = snapshots.of_day(tx, date(2026, 11, 20))
        assert yesterday == {"KR-1": said("KR-1", 0, 0.3, Status.AT_RISK), "O-1": said("O-1", 0, None)}
        assert snapshots.newest(tx) == {"KR-1": said("KR-1", 1, 0.4), "O-1": said("O-1", 0, None)}
        assert snapshots.newest(tx, NOON) == yesterday
        assert snapshots.newest(tx, NOON - DAY) == {}


def test_a_clock_that_was_far_ahead_for_once_closes_no_day(store: Store) -> None:
    with store.begin() as tx:
        assert snapshots.publish(tx, [said("KR-1", 300, 0.1)]) == 1
        assert snapshots.publish(tx, [said("KR-1", 0, 0.2)]) == 1
        assert snapshots.publish(tx, [said("KR-1", 0, 0.3)]) == 1
        assert snapshots.publish(tx, [said("KR-1", 1, 0.4)]) == 1
        assert snapshots.publish(tx, [said("KR-1", 0, 0.5)]) == 0
        assert snapshots.newest(tx, NOON + DAY) == {"KR-1": said("KR-1", 1, 0.4)}
        assert snapshots.publish(tx, [said("KR-1", 300, 0.6)]) == 1


def test_cycles_are_counted_by_day_and_forgotten_after_a_year(store: Store) -> None:
    def cycle(source: str, at: datetime, state: SourceState) -> None:
        with store.begin() as tx:
            sources.mark(tx, source, state, at, success=state is SourceState.OK)

    def counted(since: datetime) -> dict[str, tuple[int, int]]:
        with store.read() as tx:
            return attempts.counts(tx, since)

    def filed() -> int:
        with store.read() as tx:
            return tx.scalar(select(func.count()).select_from(t.attempt)) or 0

    assert counted(NOON - attempts.KEPT) == {}
    for hours, state in enumerate((SourceState.OK, SourceState.DEGRADED, SourceState.OK)):
        cycle("jira", NOON + timedelta(hours=hours), state)
    cycle("other", NOON.replace(hour=23, minute=59), SourceState.AUTH_FAILED)
    assert (counted(NOON), filed()) == ({"jira": (2, 3), "other": (0, 1)}, 0)
    cycle("jira", NOON + DAY, SourceState.OK)
    assert (counted(NOON + DAY / 4), filed()) == ({"jira": (3, 4), "other": (0, 1)}, 1)
    assert counted(NOON + DAY) == {"jira": (1, 1)}
    cycle("jira", NOON, SourceState.OK)
    cycle("jira", NOON + DAY, SourceState.OK)
    assert counted(NOON) == {"jira": (5, 6), "other": (0, 1)}, "clocks that went back lose none"
    assert (counted(NOON + DAY), filed()) == ({"jira": (2, 2)}, 2)
    cycle("jira", NOON + attempts.KEPT + DAY, SourceState.OK)
    assert (counted(NOON)["jira"], filed()) == ((3, 3), 1)
