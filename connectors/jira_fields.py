"""What a Jira site reads its issues by: custom fields, statuses, link types. Pure.

Names are in the language of whoever set the site up and may be changed, so fields are known by ``schema.custom``,
statuses by their category, link types by their id or inward text; a name counts only where Jira has nothing better.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.raw import inner, text
from okrsync.model import COMPONENTS, State

STATES = {"new": State.TODO, "indeterminate": State.IN_PROGRESS, "done": State.DONE}
CATEGORIES = {"2": "new", "4": "indeterminate", "3": "done"}  # ids of the categories, where one has no key
FIELDS = (
    "summary",
    "status",
    "issuetype",
    "project",
    "parent",
    "labels",
    "issuelinks",
    "resolution",
    "resolutiondate",
    "statuscategorychangedate",
    "created",
    "updated",
    "duedate",
    "assignee",
    "reporter",
    "description",
)
_POINTS = "com.pyxis.greenhopper.jira:jsw-story-points"
_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
_EPIC = "com.pyxis.greenhopper.jira:gh-epic-link"
_EPIC_NAME = "com.pyxis.greenhopper.jira:gh-epic-label"
_PARENT = "com.atlassian.jpo:jpo-custom-field-parent"
_VALUES = (":select", ":multiselect", ":radiobuttons", ":textfield")  # of schema.custom; no long text
_INWARD = "is blocked by"
_BLOCKS = "blocks"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Ids that the configuration names; they win over what is found."""

    points: str | None = None
    flagged: str | None = None
    sprint: str | None = None
    epic_link: str | None = None
    parent_link: str | None = None


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of a site hold what, by id. ``linked``: parents stand in fields of their own, as in Data
    Center; Jira Cloud has them all in ``parent``."""

    points: tuple[str, ...] = ()  # the first that is not null counts
    flagged: str | None = None
    sprint: str | None = None
    epic: str | None = None
    epic_name: str | None = None  # what only an epic has
    parent: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)  # id → name: components, select and short text
    names: Mapping[str, str] = field(default_factory=dict)  # name, case-folded → id: some changelogs tell no ids
    foreign: frozenset[str] = frozenset()  # those that only a project has that is none of ours
    linked: bool = False

    @property
    def asked(self) -> list[str]:
        """What a search or fetch has to ask for."""
        links = (self.epic, self.epic_name, self.parent) if self.linked else ()
        custom = (*self.points, self.flagged, self.sprint, *links, *self.values)
        return [*FIELDS, *dict.fromkeys(each for each in custom if each)]

    def described(self) -> dict[str, str]:
        """What our issues are read by, as metadata: where an entry changes, each of them says something else."""
        single = {"flagged": self.flagged, "sprint": self.sprint}
        if self.linked:
            single |= {"epic link": self.epic, "epic name": self.epic_name, "parent link": self.parent}
        return {
            "points": " ".join(each for each in self.points if each not in self.foreign),
            **{name: identity or "" for name, identity in single.items()},
            **{f"field {each}": name for each, name in self.values.items() if each not in self.foreign},
        }


def read_fields(
    answer: object,
    chosen: Chosen = Chosen(),
    *,
    linked: bool = False,
    projects: Collection[str] = (),
    written: Collection[str] = (),
) -> Fields:
    """The custom fields of ``GET /field``, and components; ``projects`` are the ids of ours. Those that okrsync itself
    fills, ``written``, are none: what stands there is no fact."""
    found: dict[str, str] = {}
    jsw: list[str] = []
    named: list[str] = []
    values: dict[str, str] = {}
    names: dict[str, str] = {}
    foreign: set[str] = set()
    for one in answer if isinstance(answer, list) else ():
        schema = inner(one, "schema")
        identity, name, custom = text(one, "id"), text(one, "name"), text(schema, "custom")
        if identity == COMPONENTS and name:
            values[identity] = name
        if not (identity and name and custom) or identity in written:
            continue
        names[identity] = name
        if _is_foreign(one, projects):
            foreign.add(identity)
        if custom == _POINTS:
            jsw.append(identity)
        elif custom in (_SPRINT, _EPIC, _EPIC_NAME, _PARENT):
            found.setdefault(custom, identity)
        elif name == "Story Points" and text(schema, "type") == "number":
            named.append(identity)
        elif name == "Flagged" and custom.endswith(":multicheckboxes"):
            found.setdefault("flagged", identity)
        elif custom.endswith(_VALUES):
            values[identity] = name
    points = (chosen.points,) if chosen.points else (*jsw, *named)
    flagged = chosen.flagged or found.get("flagged")
    sprint = chosen.sprint or found.get(_SPRINT)
    epic = chosen.epic_link or found.get(_EPIC)
    parent = chosen.parent_link or found.get(_PARENT)
    single = {*points, flagged, sprint, epic, parent}
    values = {identity: name for identity, name in values.items() if identity not in single}
    return Fields(
        points=points,
        flagged=flagged,
        sprint=sprint,
        epic=epic,
        epic_name=found.get(_EPIC_NAME),
        parent=parent,
        values=values,
        names=_by_name(names, values, single),
        foreign=frozenset(foreign),
        linked=linked,
    )


def _by_name(names: Mapping[str, str], values: Collection[str], single: Collection[str | None]) -> dict[str, str]:
    """Name, case-folded → id. Names are free: of several fields of one name it is the one that we read by, if any."""
    ranked = sorted(names, key=lambda identity: (identity in single, identity in values))
    return {names[identity].casefold(): identity for identity in ranked}


def _is_foreign(row: object, projects: Collection[str]) -> bool:
    """Whether only a project has this that is none of these: a team-managed one keeps fields and statuses of its own,
    which change as often as that team likes."""
    project = id_of(inner(inner(row, "scope"), "project"))
    return bool(project) and project not in projects


def state_of(status: object) -> State:
    """The state that a status stands for, by the key of its category, else by the id; UNKNOWN where it has neither."""
    category = status.get("statusCategory") if isinstance(status, dict) else None
    key = text(category, "key")
    if key:
        return STATES.get(key, State.UNKNOWN)
    return STATES.get(CATEGORIES.get(id_of(category), ""), State.UNKNOWN)


def read_statuses(answer: object) -> dict[str, State]:
    """Status id → state, of ``GET /status``."""
    return {identity: state_of(row) for identity, row in _rows(answer)}


def status_meanings(answer: object, projects: Collection[str] = ()) -> dict[str, str]:
    """Status id → its category and name, of ``GET /status``: what one of our issues says by being in it."""
    ours = ((identity, row) for identity, row in _rows(answer) if not _is_foreign(row, projects))
    return {identity: f"{state_of(row)} {text(row, 'name')}" for identity, row in ours}


@dataclass(frozen=True, slots=True)
class Blocking:
    """Which links say that an issue is blocked: those of these type ids, or with one of these inward texts."""

    ids: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset({_INWARD})  # case-folded

    def holds(self, kind: Mapping[str, Any]) -> bool:
        """Whether a link of this type is one: the issue that it calls inward is the blocker."""
        return (
            id_of(kind) in self.ids
            or text(kind, "inward").casefold() in self.words
            or (not self.ids and text(kind, "name").casefold() == _BLOCKS)
        )

    def said(self, words: str, key: str) -> bool:
        """Whether a line of a changelog, "This issue is blocked by SHOP-1", tells of one."""
        before = words.casefold().removesuffix(key.casefold()).rstrip()
        return any(before == known or before.endswith(f" {known}") for known in self.words)


def link_types(answer: object) -> dict[str, Any]:
    """Id → type of link, of ``GET /issueLinkType``."""
    return dict(_rows(inner(answer, "issueLinkTypes")))


def read_blocking(answer: object, chosen: str | None = None) -> Blocking:
    """The types of ``GET /issueLinkType`` that block: the chosen one, else those that say so in English."""
    rows = link_types(answer)
    default = Blocking(words=frozenset() if chosen else frozenset({_INWARD}))
    kinds = {
        identity: row for identity, row in rows.items() if identity == chosen or (not chosen and default.holds(row))
    }
    words = {text(row, "inward").casefold() for row in kinds.values()} - {""}
    return Blocking(frozenset(kinds) | ({chosen} if chosen else set()), default.words | words)


def id_of(holder: object) -> str:
    """The id of a JSON object as text, "" where it has none."""
    value = inner(holder, "id")
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _rows(answer: object) -> Iterable[tuple[str, Any]]:
    rows = answer if isinstance(answer, list) else ()
    return ((identity, row) for row in rows if (identity := id_of(row)))
