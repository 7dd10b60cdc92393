"""Writing into Asana: a tag on a task, the metric value and the status updates of a goal.

Twice is the same as once: a tag and a value are looked at before they are set, a status update is looked for by its
mark before it is posted. How people see it: docs/writing-back.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import asana_wire as wire
from connectors.raw import member, text
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, RemoteGoal, Slot, Surface, Write

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

SURFACES = frozenset({Surface.LABEL, Surface.METRIC, Surface.UPDATE})
GOAL = "goal:"  # before the gid, in the slots of a goal
STATUSES = frozenset({"on_track", "at_risk", "off_track", "achieved", "partial", "missed", "dropped"})
"""What a status update of a goal may say; Asana has others for projects."""


class AsanaSink:
    """The writing half of a workspace; implements the port Sink for :class:`connectors.asana.Asana`."""

    def __init__(self, api: Api, workspace: str) -> None:
        self._api, self._workspace = api, workspace
        self._tags: dict[str, str] = {}  # folded name → gid, of the tags that were written
        self._me = ""  # the gid of our account, once asked

    def read(self, slot: Slot) -> Json:
        match slot.surface:
            case Surface.LABEL:
                return True if self._own_tags(slot) else None
            case Surface.METRIC:
                goal = self._goal(slot)
                return None if goal.current is None else wire.rounded(goal, goal.current)
            case Surface.UPDATE:
                own = self._own_updates(slot)
                return _said(own[0]) if own else None
            case _:
                raise self._no_such_surface(slot)

    def push(self, write: Write) -> Receipt:
        match write.slot.surface:
            case Surface.LABEL:
                return self._push_tag(write.slot, write.after)
            case Surface.METRIC:
                return self._push_metric(write.slot, write.after)
            case Surface.UPDATE:
                return self._push_update(write.slot, write.after)
            case _:
                raise self._no_such_surface(write.slot)

    def _no_such_surface(self, slot: Slot) -> Rejected:
        return Rejected(f"{self._api.host}: Asana has no {slot.surface.value}")

    # ── a tag ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _push_tag(self, slot: Slot, value: Json) -> Receipt:
        own = self._own_tags(slot)
        if value and not own:
            self._api.post(f"{_task(slot)}/addTag", {"tag": self._tag(slot.name)})
        for gid in () if value else own:
            self._api.post(f"{_task(slot)}/removeTag", {"tag": gid})
        return Receipt(value)

    def _own_tags(self, slot: Slot) -> list[str]:
        """The tags of this name on the task: names are not unique in Asana."""
        task = self._api.get(_task(slot), {"opt_fields": "tags.name"})
        return _named(member(task, "tags", list), slot.name)

    def _tag(self, name: str) -> str:
        """The tag of this name, made where the workspace has none."""
        folded = _folded(name)
        if folded not in self._tags:
            query = {"workspace": self._workspace, "opt_fields": "name", "limit": "100"}
            found = _named((tag for page in self._api.pages("/tags", query) for tag in page), name)
            if not found:
                found = [wire.gid_of(self._api.post("/tags", {"name": name, "workspace": self._workspace}))]
            self._tags[folded] = found[0]
        return self._tags[folded]

    # ── a metric ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _push_metric(self, slot: Slot, value: Json) -> Receipt:
        goal = self._goal(slot)
        if not goal.writable:
            why = wire.WHY_NOT[goal.why_not]
            raise Rejected(f"{self._api.host}: the metric of goal {goal.name!r} cannot be set: {why}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Rejected(
                f"{self._api.host}: the metric of goal {goal.name!r} takes a number, which cannot be taken away again"
            )
        wanted = wire.rounded(goal, value)
        if goal.current is None or wire.rounded(goal, goal.current) != wanted:
            self._api.post(f"/goals/{_gid(slot)}/setMetricCurrentValue", {"current_number_value": wanted})
        return Receipt(wanted)

    def _goal(self, slot: Slot) -> RemoteGoal:
        return wire.read_goal(self._api.get(f"/goals/{_gid(slot)}", {"opt_fields": wire.GOAL}), self._api.host)

    # ── a status update ──────────────────────────────────────────────────────────────────────────────────────────────

    def _push_update(self, slot: Slot, value: Json) -> Receipt:
        """Posts stay as they were written, and are the history of the goal: what changed is posted anew, what is put
        back to the post before takes the newest away."""
        own = self._own_updates(slot)
        if value is None:
            for update in own:
                self._delete(update)
            return Receipt(None)
        if not isinstance(value, Mapping) or value.get("status_type") not in STATUSES:
            raise Rejected(f"{self._api.host}: a goal has no status {value!r:.40}")
        if own and _same(own[0], value):
            return Receipt(value, wire.gid_of(own[0]))
        if len(own) > 1 and _same(own[1], value):
            self._delete(own[0])
            return Receipt(value, wire.gid_of(own[1]))
        posted = self._api.post("/status_updates", {**value, "parent": _goal_gid(slot)})
        return Receipt(value, wire.gid_of(posted))

    def _own_updates(self, slot: Slot) -> list[Any]:
        """Our updates of a goal, the newest first: those that we posted and whose last line is our mark."""
        query = {"parent": _goal_gid(slot), "opt_fields": wire.UPDATE, "limit": "100"}
        found = [update for page in self._api.pages("/status_updates", query) for update in page]
        marked = [update for update in found if _is_marked(update, slot.name)]
        own = [update for update in marked if wire.gid_of(update.get("created_by")) == self._account()]
        return sorted(own, key=lambda update: text(update, "created_at"), reverse=True)

    def _account(self) -> str:
        if not self._me:
            self._me = member(self._api.me(), "gid", str)
        return self._me

    def _delete(self, update: Any) -> None:
        self._api.delete(f"/status_updates/{quote(wire.gid_of(update), safe='')}")


def _task(slot: Slot) -> str:
    return f"/tasks/{quote(slot.remote_id, safe='')}"


def _goal_gid(slot: Slot) -> str:
    return slot.remote_id.removeprefix(GOAL)


def _gid(slot: Slot) -> str:
    return quote(_goal_gid(slot), safe="")


def _folded(name: str) -> str:
    return wire.plain(name).casefold()


def _named(tags: Iterator[Any] | list[Any], name: str) -> list[str]:
    """Gids of the tags of this name."""
    return [gid for tag in tags if _folded(text(tag, "name")) == _folded(name) and (gid := wire.gid_of(tag))]


def _is_marked(update: Any, instance: str) -> bool:
    last = wire.plain(text(update, "text")).rstrip().rpartition("\n")[2]
    return last.startswith(wire.plain(f"okrsync · {instance} · "))


def _said(update: Any) -> dict[str, Json]:
    return {name: text(update, name) for name in ("status_type", "title", "text")}


def _same(update: Any, value: Mapping[str, Json]) -> bool:
    """Whether an update says this, no-break spaces aside."""
    return all(wire.plain(text(update, name)) == wire.plain(str(value.get(name, ""))) for name in _said(update))
