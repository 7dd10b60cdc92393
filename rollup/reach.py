"""What the policy lets okrsync touch: which surfaces of which objects."""

from __future__ import annotations

from dataclasses import dataclass, field

from okrsync.model import Slot, Surface, WritebackPolicy, WriteMode
from rollup.facts import lies_in
from rollup.targets import Offers


@dataclass(frozen=True, slots=True)
class Reach:
    """``offers`` says what the tool of each source has."""

    policy: WritebackPolicy
    offers: Offers
    _surfaces: dict[str, frozenset[Surface]] = field(default_factory=dict)

    def has(self, slot: Slot, key: str, project: str | None) -> bool:
        """Whether this slot of the object called ``key`` may be written; an object of unknown project (None) is beyond
        ``only``."""
        if slot.surface not in self.surfaces(slot.source) or self.policy.at(slot.source, key) is WriteMode.OFF:
            return False
        only = self.policy.only
        return not only or (project is not None and lies_in(only, slot.source, project))

    def surfaces(self, source: str) -> frozenset[Surface]:
        """What may be written in a source, as far as its mode allows any of it."""
        found = self._surfaces.get(source)
        if found is None:
            offered = frozenset(self.offers.get(source, ()))
            found = self._surfaces[source] = self.policy.surfaces_of(source) & offered
        return found
