"""What the edit screens of a Jira site let okrsync fill: the select or text field of an objective, a number field.

A screen belongs to a project and a type of issue, so each is asked for once, through the first issue of its kind. What
cannot be filled is refused in words that say which field and which option an administrator has to add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

from connectors.jira_fields import id_of
from connectors.raw import inner, member, text
from okrsync.errors import Rejected
from okrsync.model import Json, Surface, Write

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package

BETWEEN = " · "  # id and title, in an option that holds both
KIND = ("project", "issuetype")  # the fields of an issue that choose its screen
NEITHER = "neither a number field, nor a select list (single choice), nor a short text field"

Kind: TypeAlias = "tuple[str, str]"
Screen: TypeAlias = "Mapping[str, Any]"


def stands(surface: Surface, held: object) -> Json:
    """What a field holds, as a slot has it: a number, or the id of an objective without the title beside it."""
    if surface is Surface.NUMBER:
        if isinstance(held, float) and held.is_integer():
            return int(held)
        return held if isinstance(held, int | float) else None
    values = held if isinstance(held, list) else [held]
    words = ", ".join(filter(None, ((one if isinstance(one, str) else text(one, "value")).strip() for one in values)))
    return words.partition(BETWEEN)[0].strip() or None


def surface_of(field: object) -> Surface | None:
    """The surface that a field can be, by its schema; None for a field that okrsync cannot fill."""
    schema = inner(field, "schema")
    kind = text(schema, "type")
    if kind == "number":
        return Surface.NUMBER
    short = kind == "string" and not text(schema, "custom").endswith(":textarea")
    return Surface.OBJECTIVE_FIELD if short or kind == "option" else None


def misnamed(surface: Surface) -> str:
    """What is wrong with a field that cannot be this surface, and what to do."""
    number = surface is Surface.NUMBER
    wanted = "a number field" if number else "a select list (single choice) or short text"
    return f"is not {wanted}; name another one as {'progress_field' if number else 'objective_field'}"


def lacking(objectives: Sequence[str]) -> str:
    """What is wrong with a select list without options for these objectives, and what to do."""
    options = ", ".join(f'"{one}"' for one in objectives)
    adds = f"the option {options}" if len(objectives) == 1 else f"the options {options}"
    how = "(Settings, Fields, Contexts and default value, Edit options)"
    return f"has no option for {', '.join(objectives)}; a Jira admin adds {adds} to it {how}"


class Screens:
    """The edit screens of one site, as they were when they were first needed."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._kinds: dict[str, Kind] = {}  # of issues, by id
        self._screens: dict[Kind, Screen] = {}

    def note(self, identity: str, fields: object) -> None:
        """The kind of an issue is known from now on, where its fields tell."""
        kind = (id_of(inner(fields, "project")), id_of(inner(fields, "issuetype")))
        if all(kind):
            self._kinds[identity] = kind

    def of(self, identity: str) -> Screen:
        """The screen of an issue, as one of its kind told it that can be edited; Rejected where this one cannot be."""
        kind = self._kind(identity)
        if kind not in self._screens:
            screen = member(self._api.get(f"issue/{quote(identity, safe='')}/editmeta"), "fields", dict)
            if not screen:
                raise Rejected(
                    f"{self._api.host}: the status of this issue lets nobody edit it, or this account may not (Edit "
                    "issues): a Jira admin can tell"
                )
            self._screens[kind] = screen
        return self._screens[kind]

    def value(self, write: Write) -> tuple[Json, Json]:
        """What to send so that the field holds ``write.after``, and what then stands in the slot; Rejected where no
        edit screen lets us."""
        slot, after = write.slot, write.after
        field = self.of(slot.remote_id).get(slot.name)
        if field is None:
            raise Rejected(
                f"{self._api.host}: field {slot.name} is not on the edit screen of {write.key}; a Jira admin adds it "
                "there (Project settings, Screens)"
            )
        named = f"{self._api.host}: field {text(field, 'name')} ({slot.name})"
        if surface_of(field) is not slot.surface:
            raise Rejected(f"{named} {misnamed(slot.surface)}")
        if after is None or text(inner(field, "schema"), "type") != "option":
            return after, after
        option = option_of(field, str(after))
        if option is None:
            raise Rejected(f"{named} {lacking([str(after)])}")
        return {"id": id_of(option)}, stands(slot.surface, option)

    def _kind(self, identity: str) -> Kind:
        if identity not in self._kinds:
            answer = self._api.get(f"issue/{quote(identity, safe='')}", {"fields": ",".join(KIND)})
            self.note(identity, member(answer, "fields", dict))
        return self._kinds.get(identity, ("", identity))


def option_of(field: object, wanted: str) -> object:
    """The option that is this objective: by its id alone, else with a title behind; None where there is none."""
    allowed = inner(field, "allowedValues")
    options = [one for one in allowed if inner(one, "disabled") is not True] if isinstance(allowed, list) else []
    found = {text(one, "value").strip().casefold(): one for one in reversed(options) if id_of(one)}
    titled = {value.partition(BETWEEN)[0]: one for value, one in found.items()}
    return (titled | found).get(wanted.casefold())
