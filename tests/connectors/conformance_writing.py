"""What every connector must do when it writes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from conformance_harness import Harness, Trial, needs, write

from okrsync.errors import Rejected, Unavailable
from okrsync.model import Slot, State, Surface
from okrsync.ports import Sink


class Writing:
    """Read back, idempotent, never twice."""

    def test_every_surface_is_tried(self, harness: Harness) -> None:
        sink = harness.connect()
        offered = sink.surfaces() if isinstance(sink, Sink) else frozenset()
        assert sorted(trial.slot.surface for trial in harness.trials()) == sorted(offered)

    def test_a_write_is_read_back_and_idempotent(self, harness: Harness) -> None:
        sink = harness.connect()
        for trial in harness.trials():
            assert sink.read(trial.slot) == trial.before
            steps = (trial.before, trial.first, trial.second, trial.before)
            for before, after in pairwise(steps):
                receipt = sink.push(write(trial, before, after))
                stands = trial.left if after is None else after
                assert receipt.value == stands
                assert sink.read(trial.slot) == stands
                assert sink.push(write(trial, before, after)) == receipt
                assert harness.connect().read(trial.slot) == stands

    def test_a_write_to_what_is_gone_is_rejected(self, harness: Harness) -> None:
        sink = harness.connect()
        trials = [one for one in harness.trials() if f"delete under {one.slot.surface}" not in harness.cannot]
        for remote_id in {trial.slot.remote_id for trial in trials}:
            harness.delete(remote_id)
        for trial in trials:
            with pytest.raises(Rejected):
                sink.read(trial.slot)
            with pytest.raises(Rejected):
                sink.push(write(trial, None, trial.first))

    def test_what_is_not_there_cannot_be_written(self, harness: Harness) -> None:
        sink = harness.connect()
        if not isinstance(sink, Sink):
            pytest.skip("this connector does not write")
        before = harness.unsafe()
        for surface in sorted(set(Surface) - sink.surfaces()):
            trial = Trial(Slot("it", harness.unknown, surface, "x"), "x", "y")
            with pytest.raises(Rejected):
                sink.read(trial.slot)
            with pytest.raises(Rejected):
                sink.push(write(trial, None, "x"))
        assert harness.unsafe() == before

    def test_a_lost_answer_is_not_written_again(self, harness: Harness) -> None:
        needs(harness, "lost answer once")
        sink = harness.connect()
        for trial in harness.trials():
            sink.read(trial.slot)
            harness.fail("lost answer once", "write")
            count = harness.unsafe()
            with pytest.raises(Unavailable) as caught:
                sink.push(write(trial, trial.before, trial.first))
            assert caught.value.sent
            assert harness.unsafe() == count + 1
            assert sink.read(trial.slot) == trial.first
            sink.push(write(trial, trial.before, trial.first))
            assert sink.read(trial.slot) == trial.first

    def test_own_writes_are_no_labels_of_the_item(self, harness: Harness) -> None:
        sink = harness.connect()
        labels = [trial for trial in harness.trials() if trial.slot.surface is Surface.LABEL]
        if not labels:
            pytest.skip("this connector writes no labels")
        for trial in labels:
            (before,) = sink.fetch([trial.slot.remote_id])
            sink.push(write(trial, None, True))
            (after,) = sink.fetch([trial.slot.remote_id])
            assert after.labels == before.labels
            assert after.state in State
