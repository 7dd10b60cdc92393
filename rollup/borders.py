"""Where the chance of a key result parts one state from the next, and how a published state is held there."""

from __future__ import annotations

from dataclasses import dataclass

from okrsync.model import Cause, Say, Status, Thresholds
from rollup.facts import percent

ORDER = (Status.OFF_TRACK, Status.AT_RISK, Status.ON_TRACK)
"""The states that a chance decides, the worst first."""


@dataclass(frozen=True, slots=True)
class Borders:
    """A chance below ``off_track`` is off track, one below ``at_risk`` at risk, and any other on track."""

    off_track: float
    at_risk: float

    @classmethod
    def of(cls, thresholds: Thresholds) -> Borders:
        """Those that are configured, with nothing published."""
        return cls(thresholds.off_track_probability, thresholds.at_risk_probability)

    def status(self, chance: float) -> Status:
        """What a chance says."""
        if chance < self.off_track:
            return Status.OFF_TRACK
        return Status.AT_RISK if chance < self.at_risk else Status.ON_TRACK

    def around(self, published: Status | None, damping: float) -> Borders:
        """The same, each border farther from the state that was published; any state but these three moves none."""
        if published not in ORDER:
            return self
        rank = ORDER.index(published)
        return Borders(
            self.off_track + (damping if rank < 1 else -damping),
            self.at_risk + (damping if rank < 2 else -damping),
        )


def explain_held(kept: Status, alone: Status, borders: Borders) -> Cause:
    """Why a state is kept although the numbers alone say another one, and the chance that would change it;
    ``borders`` are those around the state that was published."""
    better = ORDER.index(alone) > ORDER.index(kept)
    below = kept if better else ORDER[ORDER.index(kept) - 1]  # the worse state at the border that would be crossed
    border = borders.off_track if below is Status.OFF_TRACK else borders.at_risk
    code = f"progress.held.{'better' if better else 'worse'}.{alone}"
    return Cause(Say.of(code, border=percent(max(border, 0.0))))
