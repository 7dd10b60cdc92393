"""All weeks of a key result at once: each point is what its instant tells by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

from okrsync.model import ItemKind, KeyResultKind, Reading, State
from rollup import burn_up as module
from rollup.burn_up import burn_up
from rollup.history import CHANGE, ITEM, PERIOD, Past, lives
from rollup.metric import raw_progress
from rollup.scope import scope
from rollup.span import micros
from rollup.workload import KINDS, NEVER, NOBODY, STATES, Names

DAY = timedelta(days=1)
DAYS = st.integers(-20, 100)
RESOLUTIONS = (None, "Done", "Won't Do", "duplicate")


@st.composite
def items(draw):
    """One item: parent, points, kind, state, resolution, and the days of its birth, completion, end and changes."""
    return {
        "parent": draw(st.integers(0, 9)),
        "points": draw(st.sampled_from([float("nan"), -1.0, 0.0, 1.0, 2.5, 3.0, 8.0])),
        "kind": draw(st.sampled_from(KINDS)),
        "state": draw(st.sampled_from([State.TODO, State.IN_PROGRESS, State.DONE])),
        "resolution": draw(st.sampled_from(RESOLUTIONS)),
        "created": draw(DAYS),
        "completed": draw(st.none() | DAYS),
        "gone": draw(st.none() | DAYS),
        "changes": draw(st.lists(st.tuples(DAYS, st.sampled_from(STATES), st.sampled_from(STATES)), max_size=4)),
        "periods": draw(st.lists(st.tuples(DAYS, st.none() | DAYS, st.booleans()), min_size=1, max_size=3)),
    }


def past_of(start, drawn):
    """A past in which uids have gaps, and parents are anything: among the others, above themselves, or nobody."""

    def at(day):
        return NEVER if day is None else micros(start + day * DAY)

    resolutions, rows, changes, periods = Names(), [], [], []
    for place, one in enumerate(drawn):
        uid = 10 * (place + 1)
        parent = NOBODY if one["parent"] == 0 else 10 * one["parent"]
        told = (at(one["created"]), at(one["completed"]), at(one["gone"]), resolutions.place(one["resolution"]))
        rows.append((uid, parent, one["points"], *told, 0, KINDS.index(one["kind"]), STATES.index(one["state"])))
        changes += [(uid, at(day), STATES.index(was), STATES.index(now)) for day, was, now in one["changes"]]
        periods += [(uid, at(since), at(until), int(other)) for since, until, other in one["periods"]]
    found = np.array(rows, ITEM)
    served = np.array(periods, PERIOD)
    return Past(found, lives(found, np.array(changes, CHANGE)), served, ("jira",), resolutions.known, ("KR-1", "KR-2"))


@pytest.mark.parametrize("cells", [1, module.CELLS], ids=["one instant at once", "all at once"])
@pytest.mark.parametrize("credit", [0.0, 0.3])
@cases(150)
@given(drawn=st.lists(items(), max_size=9), tickets_only=st.booleans(), day=st.integers(0, 110))
def test_each_point_is_what_its_instant_tells(make, cells, credit, drawn, tickets_only, day):
    known = past_of(make.start, drawn)
    counts = frozenset({ItemKind.TICKET}) if tickets_only else frozenset(KINDS)
    kr = replace(make.kr(), counts=counts)
    thresholds = replace(make.thresholds, in_progress_credit=credit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", cells)
        points = burn_up(kr, known, (), thresholds, make.start + day * DAY, "Europe/Paris")
    alone = [scope(known.of(kr.id).at(micros(one.at)).linked(kr.id), counts, thresholds) for one in points]
    assert points
    assert [(one.done, one.scope, one.progress) for one in points] == [
        (one.earned, one.total, one.progress) for one in alone
    ]


def test_a_mixed_one_tells_its_metric_and_its_work(make):
    at = make.start + 3 * DAY
    done = {"parent": 0, "points": 1.0, "kind": ItemKind.TICKET, "state": State.DONE, "resolution": None}
    done |= {"created": 0, "completed": 10, "gone": None, "changes": [], "periods": [(0, None, False)]}
    kr = make.metric(id="KR-1", kind=KeyResultKind.MIXED, baseline=10.0, target=20.0)
    given_ = [Reading(kr.id, at, 15.0, "ada"), Reading("KR-2", at, 19.0, "ada")]
    *_, last = burn_up(kr, past_of(make.start, [done]), given_, make.thresholds, make.start + 20 * DAY, "Europe/Paris")
    assert (last.value, last.progress, last.done, last.scope) == (15.0, raw_progress(kr, given_[0]), 1.0, 1.0)
