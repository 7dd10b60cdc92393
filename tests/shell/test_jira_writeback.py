"""The objective of a ticket in a label and a field of Jira, and the echo of what was written there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from small_company import Company, differences

from okrsync.model import WriteState
from okrsync.sandbox.jira import screens
from okrsync.store import Store

OBJECTIVE, PROGRESS = "customfield_10100", "customfield_10101"
WRITEBACK = f"""mode = "apply"
surfaces = ["label", "objective_label", "objective_field", "number", "property", "comment"]

[writeback.jira]
objective_field = "{OBJECTIVE}"
progress_field = "{PROGRESS}"
"""


@pytest.fixture(params=[False, True], ids=["cloud", "datacenter"])
def store(small: Company, request: pytest.FixtureRequest) -> Store:
    """Synced in the middle of the quarter, with fields to fill."""
    small.site.datacenter = request.param
    for row in (
        {"id": OBJECTIVE, "name": "Objective", "type": "select", "options": ["O-SHOP · People *come* back"]},
        {"id": PROGRESS, "name": "OKR progress", "type": "number"},
    ):
        screens.define(small.site, row)
    small.replace('mode = "apply"\n', WRITEBACK)
    for number in range(6):
        small.create(summary=f"Step {number}", parent="SHOP-1", status="Terminé" if number < 2 else "À faire")
    small.wait(days=20)
    found = small.store()
    small.sync(found)
    return found


def test_teams_filter_their_backlog_by_objective(small: Company, store: Store) -> None:
    """One edit an issue, whatever stands on it; a second plan is empty."""
    small.sandbox.clear_requests()
    run, outcomes = small.apply(store)
    assert run is not None
    assert {one.state for one in outcomes} == {WriteState.APPLIED}
    edits = [one.path for one in small.sandbox.unsafe_requests() if one.method == "PUT" and "/propert" not in one.path]
    assert len(edits) == len(set(edits))
    served = [one for one in small.site.issues.values() if "okr-objective:O-SHOP" in one.fields["labels"]]
    assert len(served) >= 5
    for issue in served:
        assert issue.fields[OBJECTIVE]["value"] == "O-SHOP · People *come* back"
        assert issue.fields["status"]["statusCategory"]["key"] != "done"
    assert isinstance(small.site.issues[served[0].id].fields["labels"], list)
    epic = small.site.find("SHOP-1")
    assert epic is not None
    assert isinstance(epic.fields[PROGRESS], float)
    assert small.plan(store).writes == ()


def test_the_echo_of_a_write_changes_nothing(small: Company, store: Store) -> None:
    """The next sync meets each issue once more, and finds none changed; its history costs one request for all."""
    before = small.state(store)
    small.apply(store)
    written = {one.id for one in small.site.issues.values() if one.histories}
    small.wait(minutes=30)
    small.sandbox.clear_requests()
    (result,) = small.sync(store)
    assert len(written) >= 5
    assert result.changed == 0
    histories = [one for one in small.sandbox.requests if b"changelog" in one.body or "changelog" in one.path]
    assert len(histories) == 1
    assert small.plan(store).writes == ()
    echoed = small.state(store)
    differing = [line for line in differences(echoed, before) if not line.startswith(("progress", "objectives"))]
    assert differing == [], "only time went by"
    small.wait(hours=1)
    small.sandbox.clear_requests()
    small.sync(store)
    assert not [one for one in small.sandbox.requests if b"changelog" in one.body or "changelog" in one.path]


def test_a_field_that_a_person_filled_stays(small: Company, store: Store) -> None:
    small.apply(store)
    issue = next(one for one in small.site.issues.values() if "okr-objective:O-SHOP" in one.fields["labels"])
    screens.define(small.site, {"id": OBJECTIVE, "options": ["O-SHOP", "Marketing"]})
    small.wait(minutes=10)
    small.edit(issue, fields={OBJECTIVE: "Marketing"})
    small.wait(minutes=10)
    small.sync(store)
    assert not [one for one in small.plan(store).writes if one.slot.remote_id == issue.id]
    small.wait(hours=5)
    small.apply(store)
    assert issue.fields[OBJECTIVE]["value"] == "Marketing"


def test_what_an_administrator_has_to_do_is_the_note_of_the_write(small: Company, store: Store) -> None:
    """The labels are written all the same, and once the option is there the field is."""
    screens.define(small.site, {"id": OBJECTIVE, "options": ["O-OTHER"]})
    _, outcomes = small.apply(store)
    failed = [one for one in outcomes if one.state is WriteState.FAILED]
    assert failed
    assert all('a Jira admin adds the option "O-SHOP"' in one.note for one in failed)
    assert all(one.write.slot.name == OBJECTIVE for one in failed)
    screens.define(small.site, {"id": OBJECTIVE, "options": ["O-SHOP"]})
    small.clock.advance(timedelta(hours=25))
    small.sync(store)
    _, outcomes = small.apply(store)
    assert {one.state for one in outcomes} == {WriteState.APPLIED}
    assert small.plan(store).writes == ()
