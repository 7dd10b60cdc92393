"""Writing on the goals of Asana: the current value of a metric, and status updates.

A metric takes a value only where people, or we ourselves, keep it; it is never made or replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors import asana_wire as wire
from connectors.asana_abreast import abreast
from connectors.asana_posts import Account, Updates, goal_gid
from connectors.lately import Lately
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, RemoteGoal, Slot, Surface

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package


class GoalSink:
    """What can be written on goals."""

    def __init__(self, api: Api, account: Account) -> None:
        self._api = api
        self._updates = Updates(api, account)
        self._seen: Lately[Slot, RemoteGoal] = Lately()

    def read(self, slots: Sequence[Slot]) -> dict[Slot, Json | Rejected]:
        return abreast(
            lambda slot: self._metric(slot) if slot.surface is Surface.METRIC else self._updates.read(slot), slots
        )

    def push(self, slot: Slot, value: Json) -> Receipt:
        if slot.surface is Surface.UPDATE:
            return self._updates.push(slot, value)
        goal = self._seen.taken(slot, self._goal)
        if not goal.writable:
            why = wire.WHY_NOT[goal.why_not]
            how = "let people update its progress in Asana, or leave it out of write_to"
            raise Rejected(f"{self._api.host}: the metric of goal {goal.name!r} cannot be set: {why}; {how}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Rejected(
                f"{self._api.host}: the metric of goal {goal.name!r} takes a number, which cannot be taken away again"
            )
        wanted = wire.rounded(goal, value)
        if goal.current is None or wire.rounded(goal, goal.current) != wanted:
            path = f"/goals/{quote(goal_gid(slot), safe='')}/setMetricCurrentValue"
            self._api.post(path, {"current_number_value": wanted})
        return Receipt(wanted)

    def _metric(self, slot: Slot) -> Json:
        goal = self._seen.looked(slot, self._goal)
        return None if goal.current is None else wire.rounded(goal, goal.current)

    def _goal(self, slot: Slot) -> RemoteGoal:
        path = f"/goals/{quote(goal_gid(slot), safe='')}"
        return wire.read_goal(self._api.get(path, {"opt_fields": wire.GOAL}), self._api.host)
