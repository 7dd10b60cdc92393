"""What people read before they let okrsync write: every write, what is left to them, and what waits for what."""

from __future__ import annotations

import re
from typing import Any

from installation import Installation

from okrsync.model import Surface


def test_every_write_stands_in_the_plan_with_its_address_and_only_reads_are_sent(ormeraie: Installation) -> None:
    ormeraie.edit('mode = "apply"', 'mode = "apply"\njira = { surfaces = ["comment", "objective_label"] }')
    answer = ormeraie.json("plan")
    shown = ormeraie.ok("plan").replace("\u00a0", " ")
    assert ormeraie.sandbox.unsafe_requests() == []
    assert {one["source"] for one in answer["writes"]} == {"jira", "github", "asana"}
    assert {one["surface"] for one in answer["writes"] if one["source"] == "jira"} == {"comment", "objective_label"}
    few = [one for one in answer["writes"] if one["surface"] in (Surface.COMMENT, Surface.STATUS, Surface.METRIC)]
    assert few
    for one in few:
        assert re.search(rf"^{re.escape(one['target'])}(  \S.*)?\n  {re.escape(one['url'])}$", shown, re.M)
        assert one["title"]
        assert one["title"] in shown
    counts = re.findall(r"^(asana|github|jira) : (\d+) écritures$", shown, re.M)
    assert {source: int(count) for source, count in counts} == {
        source: sum(one["source"] == source for one in answer["writes"]) for source in ("asana", "github", "jira")
    }
    objectives = {objective for one in answer["writes"] for objective in one["objectives"]}
    (told,) = re.findall(r"^Par objectif : ([^:]+)\nPour", shown, re.M)
    assert objectives == set(re.findall(r"O-[A-Z]+", told))
    assert "Rien n’a été envoyé" in shown


def test_a_second_plan_is_empty_after_apply(office: Any) -> None:
    run = office.installed.json("plan")["run"]
    writes = office.installed.json("plan")["writes"]
    done = office.installed.json("apply", str(run), "--yes")
    assert [(one["id"], one["state"]) for one in done["writes"]] == [(one["id"], "applied") for one in writes]
    again = office.installed.json("plan")
    assert (again["writes"], again["left"], again["run"]) == ([], [], None)
    assert "Nothing to write" in office.installed.ok("plan")


def test_what_people_changed_is_listed_with_what_hands_it_back(office: Any) -> None:
    office.installed.ok("apply", "--yes")
    for words in ("I know better", "I still do"):  # it is put back once
        office.company.edit(office.company.site.find("SHOP-1"), comment=words)
        comment = office.company.site.comments_of(office.company.site.find("SHOP-1"))
        comment[0]["body"], _ = comment[-1]["body"], comment.pop()
        office.later(days=2)
        plan = office.installed.json("plan")
        office.installed.ok("apply", "--yes")
    (left,) = plan["left"]
    assert (left["source"], left["target"], left["surface"], left["approve"]) == (
        "jira",
        "SHOP-1",
        "comment",
        "jira:SHOP-1",
    )
    assert "$ okrsync approve jira:SHOP-1" in office.installed.ok("plan")
    assert "SHOP-1" in office.installed.ok("plan", "--format", "md")


def test_a_tool_that_is_down_is_planned_from_what_is_known_and_named(office: Any) -> None:
    office.installed.ok("apply", "--yes")
    office.company.edit(office.company.site.find("SHOP-3"), status="Terminé")
    office.later(days=2)
    office.company.sandbox.fault(kind="answer", status=503, path=".*/rest/.*", times=100)
    done = office.installed.run("plan")
    assert done.code == 0
    assert "jira could not be looked at now" in done.out
    assert office.installed.json("plan")["writes"]


def test_new_orphans_are_counted_while_they_are_left_alone(office: Any) -> None:
    office.company.create("PAY", summary="Just now")
    office.later(minutes=5)
    assert office.installed.json("plan")["resting"] == 1
    assert "left alone until writeback.quiet is over: 1" in office.installed.ok("plan")
    office.edit('mode = "apply"', 'mode = "apply"\nonly = ["jira:SHOP"]')
    assert office.installed.json("plan")["resting"] == 0


def test_runs_tell_every_write_and_its_fate(office: Any) -> None:
    office.installed.ok("apply", "--yes")
    run = office.installed.json("runs", "1")
    assert {one["state"] for one in run["writes"]} == {"applied"}
    shown = office.installed.ok("runs", "1")
    marked = [one for one in run["writes"] if one["name"] == "okr-orphan"]
    assert re.search(rf"^\+ label okr-orphan \({len(marked)}\)  ✔ applied  ", shown, re.M)
    for one in run["writes"]:
        assert one["target"] in shown
    assert "To take it back: okrsync undo 1" in shown
    assert office.installed.run("runs", "9").code == 2
    for form in ("csv", "md", "html"):
        assert "okr-orphan" in office.installed.ok("runs", "1", "--format", form)
        assert office.installed.ok("runs", "--format", form)


def test_what_a_newer_plan_replaced_waits_no_more_and_can_be_sent_all_the_same(office: Any) -> None:
    office.installed.ok("plan")
    office.edit('title = "The new checkout is live"', 'title = "It is live"')
    office.installed.ok("plan")
    newer, older = office.installed.json("runs")["runs"]
    assert (older["replaced"], older["waiting"]) == (older["writes"], 0)
    assert (newer["replaced"], newer["waiting"]) == (0, newer["writes"])
    assert "replaced by a newer plan" in office.installed.ok("runs")
    assert {one["state"] for one in office.installed.json("runs", "1")["writes"]} == {"replaced"}
    assert "replaced by a newer plan" in office.installed.ok("runs", "1")
    assert office.installed.json("apply", "1", "--yes")["applied"] == older["writes"]
    assert office.installed.json("runs")["runs"][1]["replaced"] == 0
