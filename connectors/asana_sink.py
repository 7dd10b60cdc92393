"""Writing into Asana: tags, custom fields and one pinned comment on a task, the metric and the updates of a goal.

Twice is the same as once: a tag that a task bears and a value that a field holds are set again without a trace, a
comment and a status update are looked for by their mark. What was read just before a write is not read again for it.
How people see it: docs/writing-back.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors import asana_fields as fields
from connectors.asana_abreast import Boards, abreast
from connectors.asana_goal_sink import GoalSink
from connectors.asana_posts import Account, Comments
from connectors.asana_tags import Tags, named
from connectors.raw import member
from okrsync.errors import Rejected
from okrsync.model import Json, Receipt, Slot, Surface, Write
from okrsync.ports import Budget

if TYPE_CHECKING:
    from connectors.asana_api import Api  # loads the asana package

TAGS = frozenset({Surface.LABEL, Surface.OBJECTIVE_LABEL})
ON_TASKS = TAGS | fields.FIELDS
ON_GOALS = frozenset({Surface.METRIC, Surface.UPDATE})
SURFACES = ON_TASKS | ON_GOALS | {Surface.COMMENT}
TAGGED = "tags.name"
LATELY = 30.0  # seconds for which a listing of tags holds: a tag is set or taken again without a trace
_GONE = (403, 404, 451)  # of the object itself: nothing else on it can be written either


class AsanaSink:
    """The writing half of a workspace; implements the port Sink for :class:`connectors.asana.Asana`."""

    def __init__(self, api: Api, workspace: str, base: str = "") -> None:
        self._api = api
        self._tags = Tags(api, workspace, base)
        self._tagged = Boards(api, TAGGED)
        self._definitions: dict[str, Any] = {}  # gid of a field → what it takes
        account = Account(api)
        self._comments = Comments(api, account)
        self._goals = GoalSink(api, account)

    def surfaces(self) -> frozenset[Surface]:
        return SURFACES

    def budgets(self) -> Sequence[Budget]:
        """None: Asana counts requests alone, and the transport keeps to that."""
        return ()

    # ── read ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, slots: Sequence[Slot]) -> Mapping[Slot, Json | Rejected]:
        unknown = {slot: self._no_such_surface(slot) for slot in slots if slot.surface not in SURFACES}
        return {
            **unknown,
            **self._read_tasks([slot for slot in slots if slot.surface in ON_TASKS]),
            **abreast(self._comments.read, [slot for slot in slots if slot.surface is Surface.COMMENT]),
            **self._goals.read([slot for slot in slots if slot.surface in ON_GOALS]),
        }

    def _read_tasks(self, slots: Sequence[Slot]) -> dict[Slot, Json | Rejected]:
        if not slots:
            return {}
        numbers = dict.fromkeys(slot.name for slot in slots if slot.surface is Surface.NUMBER)
        refused = {gid: fault for gid in numbers if (fault := self._refusal(gid))}
        filled = dict.fromkeys(slot.remote_id for slot in slots if slot.surface in fields.FIELDS)
        tagged = dict.fromkeys(slot.remote_id for slot in slots if slot.remote_id not in filled)
        if monotonic() - self._tagged.began > LATELY:
            self._tagged = Boards(self._api, TAGGED)
        found = {**self._tagged.read(tagged), **Boards(self._api, f"{TAGGED},{fields.VALUES}").read(filled)}
        return {slot: refused.get(slot.name) or self._on_task(found[slot.remote_id], slot) for slot in slots}

    def _on_task(self, task: Any | Rejected, slot: Slot) -> Json | Rejected:
        if isinstance(task, Rejected):
            return task
        if slot.surface in TAGS:
            return True if named(member(task, "tags", list), slot.name) else None
        return fields.stands(task, slot, self._definitions.get(slot.name, {}))

    # ── push ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def push(self, writes: Sequence[Write]) -> Sequence[Receipt]:
        """Fields go in one request; what Asana refuses does not keep it from the rest."""
        filled = [write for write in writes if write.slot.surface in fields.FIELDS]
        steps: list[Callable[[], dict[Slot, Receipt]]] = [
            *(lambda write=write: {write.slot: self._push(write)} for write in writes if write not in filled),
            *([lambda: self._fill(filled)] if filled else ()),
        ]
        done: dict[Slot, Receipt] = {}
        refusals: list[Rejected] = []
        for step in steps:
            try:
                done |= step()
            except Rejected as refusal:
                refusals.append(refusal)
                if refusal.status in _GONE:
                    break
        if refusals:
            raise refusals[0]
        return [done[write.slot] for write in writes]

    def _push(self, write: Write) -> Receipt:
        slot, value = write.slot, write.after
        if slot.surface in TAGS:
            self._tagged.forget(slot.remote_id)
            (self._tags.put if value else self._tags.take)(_task(slot), slot.name)
            return Receipt(value)
        if slot.surface is Surface.COMMENT:
            return self._comments.push(write)
        if slot.surface in ON_GOALS:
            return self._goals.push(slot, value)
        raise self._no_such_surface(slot)

    def _fill(self, writes: Sequence[Write]) -> dict[Slot, Receipt]:
        """The fields of one task that can be filled, in one request; then Rejected, where one cannot."""
        given: dict[str, Json] = {}
        refusals: list[Rejected] = []
        for write in writes:
            try:
                given[write.slot.name] = fields.wanted(write.slot, write.after, self._definition(write.slot.name))
            except Rejected as refusal:
                refusals.append(Rejected(f"{self._api.host}: {refusal}", status=refusal.status))
        if given:
            try:
                self._api.put(_task(writes[0].slot), {"custom_fields": given})
            except Rejected as refusal:
                self._definitions.clear()
                if refusal.status != 400:
                    raise
                how = f"add the field to a project of the task in Asana ({', '.join(given)}), and switch it on there"
                raise Rejected(f"{refusal}; {how}", status=refusal.status) from None
        if refusals:
            raise refusals[0]
        return {write.slot: Receipt(self._filled(write, given[write.slot.name])) for write in writes}

    def _filled(self, write: Write, sent: Json) -> Json:
        """What a field that was sent this stands at: a number is rounded as the field shows it."""
        slot = write.slot
        return fields.percent(sent, self._definition(slot.name)) if slot.surface is Surface.NUMBER else write.after

    # ── sweep ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def sweep(self, slots: Sequence[Slot]) -> int:
        """The tags of these names that no task bears are deleted."""
        return self._tags.sweep(dict.fromkeys(slot.name for slot in slots if slot.surface in TAGS))

    def _definition(self, gid: str) -> Any:
        if gid not in self._definitions:
            try:
                found = self._api.get(f"/custom_fields/{quote(gid, safe='')}", {"opt_fields": fields.DEFINITION})
            except Rejected as refusal:
                if refusal.status not in _GONE:
                    raise
                how = "correct it in okrsync.toml, or give this account access to it"
                raise Rejected(f"Asana shows no custom field {gid!r}: {how}") from None
            self._definitions[gid] = found
        return self._definitions[gid]

    def _refusal(self, gid: str) -> Rejected | None:
        try:
            self._definition(gid)
        except Rejected as refusal:
            return refusal
        return None

    def _no_such_surface(self, slot: Slot) -> Rejected:
        return Rejected(f"{self._api.host}: Asana has no {slot.surface.value}")


def _task(slot: Slot) -> str:
    return f"/tasks/{quote(slot.remote_id, safe='')}"
