"""What holds of every key result of work, and a naive reading of the status page that must agree with the engine."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import timedelta

from cases import cases
from hypothesis import given
from hypothesis import strategies as st

from okrsync.model import Blocker, Commitment, State, Status, Thresholds, Ticket

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LIMITS = Thresholds()


@st.composite
def scopes(draw):
    """(share of the window that has passed, facts of up to 60 tickets)."""
    share = draw(st.floats(0.0, 1.05))
    by_points = draw(st.booleans())
    count = draw(st.integers(0, 60))
    rows = []
    for _ in range(count):
        state = draw(st.sampled_from(list(State)))
        rows.append(
            {
                "state": state,
                "points": draw(st.sampled_from([None, 1.0, 2.0, 5.0])) if by_points else None,
                "linked": draw(st.floats(-0.2, 1.0)) * share,
                "done": draw(st.floats(-0.1, 1.0)) * share,
                "blocked": draw(st.sampled_from([None, None, None, 1, 3, 9])),
                "resolution": draw(st.sampled_from([None, None, None, None, "Fixed", "Duplicate"])),
            }
        )
    return share, rows


def tickets_of(make, share, rows) -> list[Ticket]:
    now = make.at(share)
    made = []
    for uid, row in enumerate(rows, start=1):
        age = row["blocked"]
        blockers = () if age is None else (Blocker("PAY-1", True, now - 30 * DAY, since=now - age * DAY),)
        made.append(
            make.ticket(
                uid,
                row["state"],
                points=row["points"],
                linked_since=make.at(row["linked"]),
                completed_at=make.at(row["done"]) if row["state"] is State.DONE else None,
                blockers=blockers,
                resolution=row["resolution"],
            )
        )
    return made


def naive(make, tickets, now, tau) -> tuple[Status, float | None]:
    """The page, line by line, for flat scopes: no cleverness, no sharing with the engine."""
    live = [one for one in tickets if one.resolution != "Duplicate"]
    known = sorted(one.points for one in live if one.points is not None)
    if live and len(known) / len(live) >= 0.8:
        half = len(known) // 2
        middle = known[half] if len(known) % 2 else (known[half - 1] + known[half]) / 2
        weight = {one.uid: middle if one.points is None else one.points for one in live}
    else:
        weight = {one.uid: 1.0 for one in live}
    total = sum(weight.values())
    if now < make.start:
        return Status.NOT_STARTED, None
    if total == 0:
        return Status.NO_DATA, None
    done = sum(weight[one.uid] for one in live if one.state is State.DONE)
    p = done / total
    if p >= 1:
        return Status.DONE, None
    if now >= make.end:
        return (Status.ACHIEVED if p >= tau - 1e-9 else Status.MISSED), None
    e = (now - make.start) / (make.end - make.start)
    n = total**2 / sum(one**2 for one in weight.values())
    if e < 0.15 or e * n < 2:
        return Status.TOO_EARLY, None
    mean = total / len(live)
    e_done = e_added = e_weeks = 0.0
    for k in range(60):
        fade, newest, oldest = 2 ** (-k / 8), now - k * WEEK, now - (k + 1) * WEEK
        for one in live:
            if one.completed_at and one.completed_at > make.start and oldest < one.completed_at <= newest:
                e_done += fade * weight[one.uid] / mean
            if one.linked_since > make.start and oldest < one.linked_since <= newest:
                e_added += fade * weight[one.uid] / mean
        e_weeks += fade * max((newest - max(oldest, make.start)) / WEEK, 0)
    initial = sum(weight[one.uid] for one in live if one.linked_since <= make.start) / mean
    length, left = (make.end - make.start) / WEEK, (make.end - now) / WEEK
    rate = (2 + e_weeks) / 1.5
    odds = left / (rate + left)

    def pmf(shape, count):
        if shape == 0:
            return float(count == 0)
        log = math.lgamma(shape + count) - math.lgamma(shape) - math.lgamma(count + 1)
        return math.exp(log + shape * math.log(1 - odds) + count * math.log(odds))

    done_shape, added_shape = (2 * initial / length + e_done) / 1.5, (0.2 * initial / length + e_added) / 1.5
    below, cumulated = [0.0], 0.0
    for count in range(700):
        cumulated += pmf(done_shape, count)
        below.append(cumulated)
    chance = 0.0
    for more in range(500):
        needed = math.ceil(tau * (total / mean + more) - done / mean - 1e-9)
        chance += pmf(added_shape, more) * (1 - below[min(max(needed, 0), 700)])
    known = min(max(chance, 0.005), 0.995)
    odds = math.sqrt(known / (1 - known))
    chance = odds / (1 + odds)
    if chance < 0.25:
        return Status.OFF_TRACK, chance
    blocked = [
        one for one in live if one.state is not State.DONE and one.blockers and now - one.blockers[0].since >= 3 * DAY
    ]
    ceiling = (total - sum(weight[one.uid] for one in blocked)) / total
    finished = [one.completed_at for one in live if one.completed_at]
    idle = now - max([make.start, *finished])
    stalled = idle >= max(14 * DAY, 0.2 * (make.end - make.start))
    if chance < 0.55 or (blocked and ceiling < tau - 1e-9) or stalled:
        return Status.AT_RISK, chance
    return Status.ON_TRACK, chance


@cases(120)
@given(scopes(), st.sampled_from(Commitment))
def test_the_engine_agrees_with_a_naive_reading_of_the_page(make, drawn, commitment):
    share, rows = drawn
    tickets, now = tickets_of(make, share, rows), make.at(share)
    tau = LIMITS.committed if commitment is Commitment.COMMITTED else LIMITS.aspirational
    status, chance = naive(make, tickets, now, tau)
    known = make.measure(make.kr(commitment=commitment), tickets, now=now)
    assert known.status is status
    if chance is None:
        assert known.forecast is None
    else:
        assert abs(known.forecast.probability - chance) < 1e-8


@cases(100)
@given(scopes(), st.integers(0, 10_000))
def test_the_order_of_the_items_is_irrelevant(make, drawn, seed):
    share, rows = drawn
    tickets = tickets_of(make, share, rows)
    shuffled = tickets[:]
    random.Random(seed).shuffle(shuffled)
    assert make.measure(make.kr(), tickets, now=make.at(share)) == make.measure(make.kr(), shuffled, now=make.at(share))


@cases(100)
@given(scopes())
def test_progress_is_null_or_a_share_and_never_nothing_for_zero(make, drawn):
    share, rows = drawn
    known = make.measure(make.kr(), tickets_of(make, share, rows), now=make.at(share))
    assert (known.progress is None) == (known.scope == 0)
    assert known.progress is None or 0 <= known.progress == known.done / known.scope <= 1
    assert (known.status is Status.NO_DATA) <= (known.progress is None)
    assert known.initial + known.added == math.fsum([known.scope])


@cases(100)
@given(scopes(), st.integers(0, 59))
def test_finishing_an_item_never_lowers_progress(make, drawn, index):
    share, rows = drawn
    tickets, now = tickets_of(make, share, rows), make.at(share)
    if not tickets:
        return
    one = tickets[index % len(tickets)]
    finished = [replace(t, state=State.DONE, completed_at=now) if t is one else t for t in tickets]
    before, after = make.measure(make.kr(), tickets, now=now), make.measure(make.kr(), finished, now=now)
    assert (before.progress is None) == (after.progress is None)
    assert before.progress is None or after.progress >= before.progress


@cases(100)
@given(scopes(), st.integers(0, 59))
def test_finishing_an_item_never_lowers_the_chance(make, drawn, index):
    share, rows = drawn
    tickets, now = tickets_of(make, share, rows), make.at(share)
    if not tickets:
        return
    one = tickets[index % len(tickets)]
    finished = [replace(t, state=State.DONE, completed_at=now) if t is one else t for t in tickets]
    before, after = make.measure(make.kr(), tickets, now=now), make.measure(make.kr(), finished, now=now)
    if before.forecast is not None and after.forecast is not None:
        assert 0 <= before.forecast.probability <= after.forecast.probability + 1e-12 <= 1 + 1e-12


@cases(100)
@given(scopes(), st.sampled_from([0.1, 0.5, 3.0, 100.0]))
def test_points_have_no_scale(make, drawn, factor):
    share, rows = drawn
    tickets = tickets_of(make, share, rows)
    scaled = [replace(one, points=None if one.points is None else one.points * factor) for one in tickets]
    plain = make.measure(make.kr(), tickets, now=make.at(share))
    other = make.measure(make.kr(), scaled, now=make.at(share))
    assert plain.unit == other.unit
    if plain.progress is not None:
        assert abs(plain.progress - other.progress) < 1e-9
    if plain.forecast is not None and other.forecast is not None:
        assert abs(plain.forecast.probability - other.forecast.probability) < 1e-6
