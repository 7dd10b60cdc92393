"""What is written into the tools, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from okrsync.model.goals import ItemRef
from okrsync.model.words import Json, Say


class Surface(StrEnum):
    """A place in a tool that okrsync may own."""

    LABEL = "label"  # okr-orphan, okr-dangling; an Asana tag is one too
    OBJECTIVE_LABEL = "objective_label"  # the objective that a ticket serves, as a label or tag
    OBJECTIVE_FIELD = "objective_field"  # the same in a select or text field
    PROPERTY = "property"
    COMMENT = "comment"
    NUMBER = "number"  # the progress of a key result, in percent, in a number field
    BLOCK = "block"  # a marked part of the description of a milestone
    STATUS = "status"  # the commit status of an open pull request
    METRIC = "metric"  # the current value of a goal's metric
    UPDATE = "update"  # a status update of a goal


UNASKED = frozenset(Surface) - {Surface.OBJECTIVE_LABEL}
"""What is written where ``surfaces`` is not set; the fields beside them still need their ids."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that okrsync owns on one object: this label, this property, its one comment."""

    source: str
    remote_id: str
    surface: Surface
    name: str  # the label, the property key, the id of the field, the instance that marks a text, the sha of a status


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one slot: ``value`` stands there now, ``ours`` is what okrsync last wrote there.

    ``ours`` is None where okrsync never wrote: what stands was found, and is not its to take away. Where the two differ
    somebody changed it since; ``restored`` counts how often okrsync put its own back.
    """

    value: Json
    ours: Json
    at: datetime  # when ``ours`` was confirmed, or what was found was found
    restored: int = 0
    seen_at: datetime | None = None  # when the slot was last read or confirmed


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a tool refused last in a slot: ``after`` was to stand there, ``note`` is what the tool said."""

    after: Json
    note: str
    at: datetime
    run: int


@dataclass(frozen=True, slots=True)
class Write:
    """One intended change. ``None`` is absence: before, nothing stood there; after, nothing will."""

    slot: Slot
    key: str  # of the object, for people
    url: str
    before: Json
    after: Json
    why: Say
    id: int | None = None  # the journal's number, once planned


class WriteState(StrEnum):
    PLANNED = "planned"
    INTENDED = "intended"  # committed before the request; after a crash its outcome is unknown
    APPLIED = "applied"
    SKIPPED = "skipped"  # somebody changed the target since, or it holds the value already
    FAILED = "failed"
    UNKNOWN = "unknown"  # sent, and the answer was lost
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the tool confirmed: ``value`` as it stands there now, ``handle`` its id of what was written."""

    value: Json
    handle: str | None = None


class WriteMode(StrEnum):
    OFF = "off"
    PLAN = "plan"
    DRAFT = "draft"  # applied once a person has approved it
    APPLY = "apply"


class Deleted(StrEnum):
    """What becomes of something of ours that a person took away."""

    LEAVE = "leave"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """``[writeback.SOURCE]``: what holds for one source; None: what holds everywhere."""

    mode: WriteMode | None = None
    surfaces: frozenset[Surface] | None = None
    objective_field: str = ""  # the id of the select or text field that is filled with the objective of a ticket
    progress_field: str = ""  # the id of the number field that is filled with the progress of a key result


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which nothing is sent; ``end`` is not part of it, None: until somebody ends it."""

    start: datetime
    end: datetime | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class WritebackPolicy:
    """``[writeback]``: what may be written where."""

    mode: WriteMode = WriteMode.PLAN
    sources: Mapping[str, SourcePolicy] = field(default_factory=dict)
    targets: Mapping[ItemRef, WriteMode] = field(default_factory=dict)  # of single objects of ``write_to``
    surfaces: frozenset[Surface] = UNASKED
    only: tuple[ItemRef, ...] = ()  # projects; empty: everywhere
    cap: int = 50
    quiet: timedelta = timedelta(hours=24)
    daily: int = 3  # runs a day that may touch one object
    deleted: Deleted = Deleted.LEAVE
    pauses: tuple[Pause, ...] = ()

    def source(self, source: str) -> SourcePolicy:
        return self.sources.get(source, SourcePolicy())

    def of(self, source: str) -> WriteMode:
        return self.source(source).mode or self.mode

    def at(self, source: str, key: str) -> WriteMode:
        """What holds for one object, by its key in any case."""
        folded = key.casefold()
        named = (mode for ref, mode in self.targets.items() if ref.source == source and ref.key.casefold() == folded)
        return next(named, self.of(source)) if self.targets else self.of(source)

    def surfaces_of(self, source: str) -> frozenset[Surface]:
        """What may be written in a source: a field only where its id is given."""
        mine = self.source(source)
        without = {Surface.OBJECTIVE_FIELD} if not mine.objective_field else set()
        without |= {Surface.NUMBER} if not mine.progress_field else set()
        return (self.surfaces if mine.surfaces is None else mine.surfaces) - without


MANAGED_LABELS = frozenset({"okr-orphan", "okr-dangling"})
"""Labels that okrsync itself writes on work that is not linked."""

OBJECTIVE_LABEL = "okr-objective:"
"""What the labels begin with that name the objective of a ticket."""


def is_managed(label: str) -> bool:
    """Whether okrsync itself writes labels of this name: they are no references, and their coming and going is no
    change."""
    folded = label.casefold()
    return folded in MANAGED_LABELS or folded.startswith(OBJECTIVE_LABEL)
