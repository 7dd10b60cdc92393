"""What okrsync wrote is taken back, where nobody changed it since: one run, an undo itself, or everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from installation import Installation
from small_company import Company, at_once
from trio import GOAL, three_tools

from okrsync.errors import Refused
from okrsync.model import WriteState
from okrsync.sandbox.jira import adf
from okrsync.store import Store, journal
from okrsync.writing import undoing


def stands(office: Any) -> dict[str, Any]:
    """What okrsync wrote, as the site has it."""
    return traces(office.company)


def traces(company: Company) -> dict[str, Any]:
    found = {
        issue.key: (
            sorted(label for label in issue.fields["labels"] if label.startswith("okr-")),
            [str(comment["body"]) for comment in company.site.comments_of(issue)],
            dict(issue.properties),
        )
        for issue in company.site.issues.values()
    }
    return {key: one for key, one in found.items() if one != ([], [], {})}


def test_an_undo_can_be_undone_and_done_again(office: Any) -> None:
    installed = office.installed
    installed.ok("apply", "--yes")
    written = stands(office)
    assert installed.json("undo", "1")["run"] == 2
    assert stands(office) == {}
    assert installed.json("undo", "2")["run"] == 3
    assert stands(office) == written
    assert {one["run"]: (one["applied"] > 0, one["undone"] > 0) for one in installed.json("runs")["runs"]} == {
        3: (True, False),
        2: (False, True),
        1: (True, False),
    }
    assert installed.json("undo", "1")["applied"] > 0, "the first run stands again, and can be taken back again"
    assert stands(office) == {}
    kinds = [(one["kind"], one["undoes"]) for one in installed.json("runs")["runs"]]
    assert kinds == [("undo", 1), ("undo", 2), ("undo", 1), ("plan", None)]


def test_what_somebody_changed_since_stays_and_is_said(office: Any) -> None:
    installed = office.installed
    installed.ok("apply", "--yes")
    comment = office.company.site.comments_of(office.company.site.find("SHOP-1"))[0]
    comment["body"] = adf.document("We meet on Monday")
    undone = installed.json("undo", "1")
    (skipped,) = [one for one in undone["writes"] if one["state"] == "skipped"]
    assert (skipped["target"], skipped["surface"]) == ("SHOP-1", "comment")
    assert list(stands(office)) == ["SHOP-1"]
    assert "Monday" in office.text("SHOP-1")
    again = installed.json("undo", "1")
    assert (again["run"], [(one["target"], one["surface"]) for one in again["left"]]) == (None, [("SHOP-1", "comment")])


def test_a_later_run_is_undone_first(office: Any) -> None:
    installed = office.installed
    installed.ok("apply", "--yes")
    first = office.text("SHOP-1")
    for number in (10, 11, 12, 13):
        office.company.edit(office.company.site.find(f"SHOP-{number - 3}"), status="Terminé")
    office.later(days=2)
    installed.ok("apply", "--yes")
    assert office.text("SHOP-1") != first
    left = installed.json("undo", "1")["left"]
    assert {(one["target"], one["surface"]) for one in left} >= {("SHOP-1", "comment")}
    assert left[0]["why"].endswith("to take that back first: okrsync undo 2")
    installed.ok("undo", "2")
    assert office.text("SHOP-1") == first
    installed.ok("undo", "1")
    assert stands(office) == {}


@pytest.fixture
def store(small: Company) -> Store:
    for number in range(6):
        small.create(summary=f"Step {number}", parent="SHOP-1", status="Terminé" if number < 2 else "À faire")
    small.wait(days=20)
    found = small.store()
    small.sync(found)
    return found


@pytest.mark.parametrize("after", [False, True], ids=["not sent", "answer lost"])
def test_an_undo_that_failed_in_part_goes_on_where_it_stopped(small: Company, store: Store, after: bool) -> None:
    run, _ = small.apply(store)
    for skip in range(1, 12, 2):
        small.sandbox.clear()
        small.sandbox.fault(kind="reset", skip=skip, times=3, after=after, path=".*/rest/.*")
        small.undo(store, run)
    small.sandbox.clear()
    small.undo(store, run)
    assert traces(small) == {}
    with store.read() as tx:
        assert {entry.state for entry in journal.entries(tx, run)} == {WriteState.UNDONE}
        assert journal.pending(tx) == []
        assert {slot for slot, one in journal.standing(tx).items() if one.value is not None} == set()


def test_everything_is_taken_back_but_what_people_made_their_own(ormeraie: Installation) -> None:
    world = ormeraie.sandbox.world
    before = everything(world)
    ormeraie.ok("apply", "--yes")
    refused = ormeraie.run("undo", "--all")
    assert (refused.code, "okrsync undo --all --yes" in refused.err) == (1, True)
    assert ormeraie.run("undo").code == ormeraie.run("undo", "1", "--all").code == 2
    ormeraie.ok("undo", "--all", "--yes")
    assert everything(world) == before
    assert ormeraie.run("apply", "--yes").code == 1, "a pause is left behind"
    assert ormeraie.json("undo", "--all", "--yes")["run"] is None
    ormeraie.ok("resume")
    assert ormeraie.json("plan")["writes"], "what should stand there is planned as if it had never been"


def everything(world: Any) -> dict[str, Any]:
    """What Jira holds that okrsync could have made."""
    return {
        issue.key: (sorted(issue.fields["labels"]), dict(issue.properties), len(site.comments_of(issue)))
        for site in world.jira.sites.values()
        for issue in site.issues.values()
    }


def test_no_trace_is_left_in_any_of_the_tools(tmp_path: Path) -> None:
    with three_tools(tmp_path) as trio:
        store = trio.synced()
        company, hub, workspace = trio.company, trio.repository, trio.workspace
        before, made = trio.stands(), (set(hub.labels), set(workspace.held["tag"]))
        company.apply(store)
        for issue in company.site.issues.values():
            if issue.fields["summary"].startswith(("Step", "Basket", "Ledger")):
                company.edit(issue, status="Terminé")
        company.wait(days=2)
        company.sync(store)
        company.apply(store)
        assert len(trio.updates(GOAL)) == 2, "each run left its own"
        undone = undoing.undo_all(
            store,
            company.config,
            connect=company.connect,
            clock=company.now,
            by="test",
            confirmed=True,
            wait=at_once,
        )
        assert {one.state for one in undone.outcomes} == {WriteState.APPLIED}
        assert trio.stands() == before
        assert (set(hub.labels), set(workspace.held["tag"])) == made, "labels and tags made for it are gone, too"
        assert undone.swept > 0
        assert trio.status(4)[-1] == ("success", "Withdrawn by okrsync")
        with store.read() as tx:
            assert journal.first_values(tx) == {}, "by the journal nothing of ours is left"


def test_of_everything_what_a_person_changed_is_left_and_listed(office: Any) -> None:
    installed = office.installed
    installed.ok("apply", "--yes")
    office.company.edit(office.company.site.find("PAY-2"), labels=["okr-orphan", "mine"])
    comment = office.company.site.comments_of(office.company.site.find("SHOP-1"))[0]
    comment["body"] = adf.document("We meet on Monday")
    office.later(hours=1)
    installed.json("plan")
    undone = installed.json("undo", "--all", "--yes")
    assert [(one["target"], one["surface"]) for one in undone["left"]] == [("SHOP-1", "comment")]
    assert office.labels("PAY-2") == ["mine"]
    assert list(stands(office)) == ["SHOP-1"]


def test_an_undo_of_everything_is_refused_until_confirmed(small: Company, store: Store) -> None:
    small.apply(store)
    kept = traces(small)
    with pytest.raises(Refused, match="places"):
        undoing.undo_all(
            store,
            small.config,
            connect=small.connect,
            clock=small.now,
            by="test",
            confirmed=False,
            wait=at_once,
        )
    assert traces(small) == kept
