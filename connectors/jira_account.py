"""Who we are on a Jira site, what we may do there, and what the configuration names and the site lacks: for people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from connectors import jira_wire as wire
from connectors.jira_screens import KIND, NEITHER, Screen, Screens, lacking, misnamed, option_of, surface_of
from connectors.jira_sink import FIELDS, LABELS
from connectors.raw import inner, text
from okrsync.errors import Rejected
from okrsync.model import Account, Lack, Surface

if TYPE_CHECKING:
    from connectors.jira_api import Api  # loads the jira package
    from connectors.jira_edition import Edition

_EDITS = LABELS | FIELDS
_COMMENTS = frozenset({Surface.COMMENT})
RIGHTS: Mapping[str, tuple[str, frozenset[Surface]]] = {
    "BROWSE_PROJECTS": ("nothing can be read", frozenset()),
    "EDIT_ISSUES": ("labels, fields and properties cannot be written", _EDITS | {Surface.PROPERTY}),
    "ADD_COMMENTS": ("comments cannot be written", _COMMENTS),
    "EDIT_OWN_COMMENTS": ("comments cannot be kept up to date", _COMMENTS),
    "DELETE_OWN_COMMENTS": ("comments cannot be taken back", _COMMENTS),
    "ADMINISTER_PROJECTS": ("watchers get a mail for each label or field that is written", _EDITS),
}
"""Project permission → what is not possible without it, and on which surfaces."""


def account(api: Api, edition: Edition, projects: Sequence[str], written: frozenset[str]) -> Account:
    """The account of the token in these projects; ``written`` are the fields that okrsync is to fill."""
    me = api.get("myself")
    rights: dict[str, bool] = {}
    lacks = [lack for key in projects for lack in _of_project(edition, key, rights)]
    if written:
        lacks += _of_fields(api, edition, [key for key in projects if rights.get(f"{key} EDIT_ISSUES")], written)
    return Account(
        name=wire.person(me) or text(me, "accountId"),
        product=edition.product,
        timezone=text(me, "timeZone") or "UTC",
        rights=rights,
        lacks=tuple(lacks),
        limits=api.limits(),
        expires_at=edition.expires_at(),
    )


def _of_project(edition: Edition, key: str, rights: dict[str, bool]) -> Iterator[Lack]:
    try:
        given = edition.permissions(key, list(RIGHTS))
    except Rejected as error:
        rights[f"{key} BROWSE_PROJECTS"] = False
        yield Lack(f"{key}: nothing can be read ({error})")
        return
    for right, (without, surfaces) in RIGHTS.items():
        held = inner(given.get(right), "havePermission") is True
        rights[f"{key} {right}"] = held
        if not held:
            yield Lack(f"{key}: without {right}, {without}", surfaces)


def _of_fields(api: Api, edition: Edition, projects: Sequence[str], written: frozenset[str]) -> Iterator[Lack]:
    """The fields that okrsync is to fill, and that the site does not have, or not on the screen of the newest issue of
    a project."""
    rows = {text(row, "id"): row for row in api.rows("field")}
    for field in sorted(written - rows.keys()):
        yield Lack(f"this site has no field {field}, or does not show it: it cannot be filled", FIELDS)
    there = {field: surface_of(rows[field]) for field in sorted(written & rows.keys())}
    for field, surface in there.items():
        if surface is None:
            yield Lack(f"field {text(rows[field], 'name')} ({field}) is {NEITHER}: it cannot be filled", FIELDS)
    for key, issue, screen in _screens(api, edition, projects):
        for field, surface in there.items():
            if surface is not None and field not in screen:
                where = f"{text(rows[field], 'name')} ({field}) is not on the edit screen of {text(issue, 'key')}"
                advice = "a Jira admin adds it there (Project settings, Screens)"
                yield Lack(f"{key}: field {where}; {advice}", frozenset({surface}))


def unfit(
    api: Api, edition: Edition, projects: Sequence[str], fields: Mapping[Surface, str], objectives: Collection[str]
) -> Iterator[Lack]:
    """What keeps these fields from taking numbers, or one of these objectives: one of another kind, or a select list
    without an option for it, as the newest issue of each project shows it."""
    rows = {text(row, "id"): row for row in api.rows("field")}
    for surface, field in fields.items():
        there = surface_of(rows[field]) if field in rows else None
        if there is not None and there is not surface:
            yield Lack(f"field {text(rows[field], 'name')} ({field}) {misnamed(surface)}", frozenset({surface}))
    select = fields.get(Surface.OBJECTIVE_FIELD, "")
    if text(inner(rows.get(select), "schema"), "type") != "option":
        return
    for key, _, screen in _screens(api, edition, projects):
        missing = [one for one in objectives if option_of(screen[select], one) is None] if select in screen else []
        if missing:
            named = f"{key}: field {text(rows[select], 'name')} ({select})"
            yield Lack(f"{named} {lacking(missing)}", frozenset({Surface.OBJECTIVE_FIELD}))


def _screens(api: Api, edition: Edition, projects: Sequence[str]) -> Iterator[tuple[str, object, Screen]]:
    """Of each project where one can be edited: its newest issue, and the edit screen of that."""
    screens = Screens(api)
    for key in projects:
        try:
            newest = next(edition.search(f'project = "{key}" ORDER BY created DESC', KIND, 1), [])
            for issue in newest[:1]:
                screens.note(wire.issue_id(issue), inner(issue, "fields"))
            shown = [(key, issue, screens.of(wire.issue_id(issue))) for issue in newest[:1]]
        except Rejected:
            continue  # not for this account; or closed for good, or gone since: the next issue may be open
        yield from shown
