"""What every connector must do when it writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from conformance_harness import Harness, Trial, needs, write

from okrsync.errors import Rejected, Unavailable
from okrsync.model import Slot, State, Surface
from okrsync.ports import Sink


class Writing:
    """Read in batches, written object by object, read back, never twice."""

    def test_every_surface_is_tried(self, harness: Harness) -> None:
        sink = harness.connect()
        offered = sink.surfaces() if isinstance(sink, Sink) else frozenset()
        assert sorted(trial.slot.surface for trial in harness.trials()) == sorted(offered)

    def test_a_write_is_read_back_and_idempotent(self, harness: Harness) -> None:
        sink = harness.connect()
        for trial in harness.trials():
            assert _stands(sink, trial.slot) == trial.before
            steps = (trial.before, trial.first, trial.second, trial.before)
            for before, after in pairwise(steps):
                (receipt,) = sink.push([write(trial, before, after)])
                stands = trial.left if after is None else after
                assert receipt.value == stands
                assert _stands(sink, trial.slot) == stands
                assert sink.push([write(trial, before, after)]) == [receipt]
                assert _stands(harness.connect(), trial.slot) == stands

    def test_all_slots_are_read_by_one_call(self, harness: Harness) -> None:
        """Several objects and surfaces, in any order, and a slot named twice."""
        sink = harness.connect()
        trials = harness.trials()
        if not trials:
            pytest.skip("this connector does not write")
        for trial in trials:
            sink.push([write(trial, trial.before, trial.first)])
        slots = [trial.slot for trial in reversed(trials)]
        assert dict(harness.connect().read([*slots, slots[0]])) == {trial.slot: trial.first for trial in trials}
        assert dict(sink.read([])) == {}

    def test_a_batch_takes_fewer_requests_than_one_by_one(self, harness: Harness) -> None:
        needs(harness, "batched reads")
        sink = harness.connect()
        labels = [trial.slot for trial in harness.trials() if trial.slot.surface is Surface.LABEL]
        if not labels:
            pytest.skip("this connector writes no labels")
        slots = [replace(labels[0], remote_id=remote_id) for remote_id in harness.seed(20)]
        sink.read(slots[:1])
        before = sink.requests()
        assert dict(sink.read(slots)) == dict.fromkeys(slots)
        assert sink.requests() - before <= 2

    def test_what_is_written_on_one_object_is_pushed_together(self, harness: Harness) -> None:
        sink = harness.connect()
        by_object: dict[str, list[Trial]] = {}
        for trial in harness.trials():
            by_object.setdefault(trial.slot.remote_id, []).append(trial)
        for trials in by_object.values():
            slots = [trial.slot for trial in trials]
            sink.read(slots)
            there = [write(trial, trial.before, trial.first) for trial in trials]
            receipts = sink.push(there)
            assert [receipt.value for receipt in receipts] == [trial.first for trial in trials]
            assert dict(sink.read(slots)) == {trial.slot: trial.first for trial in trials}
            assert sink.push(there) == receipts, "twice is once"
            sink.push([write(trial, trial.first, trial.before) for trial in trials])
            back = {trial.slot: trial.left if trial.before is None else trial.before for trial in trials}
            assert dict(sink.read(slots)) == back

    def test_what_is_gone_is_told_and_the_rest_of_the_batch_read(self, harness: Harness) -> None:
        sink = harness.connect()
        trials = [one for one in harness.trials() if f"delete under {one.slot.surface}" not in harness.cannot]
        if not trials:
            pytest.skip("this connector does not write, or nothing that it writes on can go")
        kept = next((one for one in trials if one.slot.remote_id != trials[0].slot.remote_id), None)
        gone = {one.slot.remote_id for one in trials if kept is None or one.slot.remote_id != kept.slot.remote_id}
        for remote_id in gone:
            harness.delete(remote_id)
        found = sink.read([trial.slot for trial in trials])
        for trial in trials:
            stands = found[trial.slot]
            if trial.slot.remote_id not in gone:
                assert stands == trial.before
                continue
            assert isinstance(stands, Rejected)
            assert stands.status == 404
            with pytest.raises(Rejected):
                sink.push([write(trial, None, trial.first)])

    def test_what_is_not_there_cannot_be_written(self, harness: Harness) -> None:
        sink = harness.connect()
        if not isinstance(sink, Sink):
            pytest.skip("this connector does not write")
        before = harness.unsafe()
        for surface in sorted(set(Surface) - sink.surfaces()):
            trial = Trial(Slot("it", harness.unknown, surface, "x"), "x", "y")
            assert isinstance(sink.read([trial.slot])[trial.slot], Rejected)
            with pytest.raises(Rejected):
                sink.push([write(trial, None, "x")])
        assert harness.unsafe() == before

    def test_a_lost_answer_is_not_written_again(self, harness: Harness) -> None:
        needs(harness, "lost answer once")
        sink = harness.connect()
        for trial in harness.trials():
            sink.read([trial.slot])
            harness.fail("lost answer once", "write")
            count = harness.unsafe()
            with pytest.raises(Unavailable) as caught:
                sink.push([write(trial, trial.before, trial.first)])
            assert caught.value.sent
            assert harness.unsafe() == count + 1
            assert _stands(sink, trial.slot) == trial.first
            sink.push([write(trial, trial.before, trial.first)])
            assert _stands(sink, trial.slot) == trial.first

    def test_own_writes_are_no_labels_of_the_item(self, harness: Harness) -> None:
        sink = harness.connect()
        labels = [trial for trial in harness.trials() if trial.slot.surface is Surface.LABEL]
        if not labels:
            pytest.skip("this connector writes no labels")
        for trial in labels:
            (before,) = sink.fetch([trial.slot.remote_id])
            sink.push([write(trial, None, True)])
            (after,) = sink.fetch([trial.slot.remote_id])
            assert after.labels == before.labels
            assert after.state in State

    def test_a_sweep_takes_what_nothing_bears_and_nothing_else(self, harness: Harness) -> None:
        sink = harness.connect()
        labels = [trial for trial in harness.trials() if trial.slot.surface is Surface.LABEL]
        if not labels:
            pytest.skip("this connector writes no labels")
        (trial,) = labels
        sink.push([write(trial, trial.before, trial.first)])
        assert sink.sweep([trial.slot]) == 0
        assert _stands(sink, trial.slot) == trial.first
        sink.push([write(trial, trial.first, trial.before)])
        swept = sink.sweep([trial.slot])
        assert swept <= 1
        assert sink.sweep([trial.slot]) == 0, "twice is once"
        assert _stands(harness.connect(), trial.slot) == trial.before
        sink.push([write(trial, trial.before, trial.first)])
        assert _stands(sink, trial.slot) == trial.first, "what was swept is made again"

    def test_budgets_are_about_surfaces_that_it_has(self, harness: Harness) -> None:
        sink = harness.connect()
        if not isinstance(sink, Sink):
            pytest.skip("this connector does not write")
        for budget in sink.budgets():
            assert budget.surfaces <= sink.surfaces()
            assert budget.writes > 0
            assert budget.per > timedelta()


def _stands(sink: Any, slot: Slot) -> Any:
    return sink.read([slot])[slot]
