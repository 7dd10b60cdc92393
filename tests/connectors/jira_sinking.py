"""What tests of writing into Jira share: a write to every surface, and what was asked because of it."""

from __future__ import annotations

import pytest
from jira_site import OBJECTIVE, PROGRESS, DataCenterHarness, JiraHarness

from okrsync.model import Json, Say, Slot, Surface, Write

EDITIONS = pytest.mark.parametrize("made_by", [JiraHarness, DataCenterHarness])
CLOUD, DATACENTER = (pytest.mark.parametrize("made_by", [one]) for one in (JiraHarness, DataCenterHarness))


def write(issue: str, surface: Surface, after: Json, name: str = "", key: str = "SHOP-1") -> Write:
    names = {
        Surface.LABEL: "okr-orphan",
        Surface.OBJECTIVE_LABEL: "okr-objective:O-UX",
        Surface.OBJECTIVE_FIELD: OBJECTIVE,
        Surface.NUMBER: PROGRESS,
        Surface.PROPERTY: "okrsync-acme",
        Surface.COMMENT: "acme",
    }
    return Write(Slot("it", issue, surface, name or names[surface]), key, "url", None, after, Say("why"))


def everything(issue: str) -> list[Write]:
    values: dict[Surface, Json] = {
        Surface.LABEL: True,
        Surface.OBJECTIVE_LABEL: True,
        Surface.OBJECTIVE_FIELD: "O-UX",
        Surface.NUMBER: 62,
        Surface.PROPERTY: {"version": 1},
        Surface.COMMENT: "KR-UX: 62 %\n- one",
    }
    return [write(issue, surface, value) for surface, value in values.items()]


def asked(site: JiraHarness) -> list[str]:
    """What was asked since the last time, without what a site is found out by."""
    found = [f"{one.method} {one.path.rpartition('/rest/api/')[2][2:]}" for one in site.sandbox.requests]
    site.sandbox.clear_requests()
    return [one for one in found if one not in ("GET serverInfo", "GET myself")]
