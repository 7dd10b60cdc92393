"""A person's word: drafts are sent once approved, and what people changed is okrsync's again once handed back."""

from __future__ import annotations

from typing import Any

import pytest
from installation import Installation

from okrsync.sandbox.jira import adf


@pytest.fixture
def drafting(office: Any) -> Any:
    office.edit('mode = "apply"', 'mode = "draft"')
    return office


def unsafe(office: Any) -> int:
    return len(office.company.sandbox.unsafe_requests())


def test_a_draft_waits_until_its_run_is_approved(drafting: Any) -> None:
    installed = drafting.installed
    count = len(installed.json("plan")["writes"])
    assert f"wait for an approval: {count}." in installed.ok("plan")
    waiting = installed.json("apply", "1", "--yes")
    assert (waiting["planned"], waiting["unsent"]["approval"], waiting["writes"]) == (count, count, [])
    assert "okrsync approve 1" in installed.ok("apply", "1", "--yes")
    assert installed.json("runs")["runs"][0]["drafts"] == count
    assert unsafe(drafting) == 0
    said = installed.ok("approve", "1")
    assert f"Approved: {count} writes" in said
    assert said.rstrip().endswith("okrsync apply 1")
    (run,) = installed.json("runs")["runs"]
    assert (run["drafts"], len(run["approved_by"])) == (0, 1)
    assert installed.json("apply", "1", "--yes")["applied"] == count
    assert "Nothing to approve" in installed.ok("approve", "1")


def test_only_what_is_approved_is_sent(drafting: Any) -> None:
    installed = drafting.installed
    count = len(installed.json("plan")["writes"])
    assert "Approved: 2 writes" in installed.ok("approve", "KR-UX"), "the comment and the property of its epic"
    sent = installed.json("apply", "1", "--yes")
    assert {(one["target"], one["surface"], one["state"]) for one in sent["writes"]} == {
        ("SHOP-1", "comment", "applied"),
        ("SHOP-1", "property", "applied"),
    }
    assert sent["unsent"]["approval"] == count - 2
    plan = installed.json("plan")
    assert len(plan["writes"]) == count - 2
    (label,) = [one for one in plan["writes"] if one["target"] == "PAY-2"]
    assert "PAY-2: label okr-orphan" in installed.ok("approve", "pay-2")
    entries = installed.json("runs", str(plan["run"]))["writes"]
    assert [one["id"] for one in entries if one["approved_by"]] == [label["id"]]


def test_a_mode_of_a_single_object(office: Any) -> None:
    office.edit('mode = "apply"', 'mode = "apply"\ntargets = {{ "jira:SHOP-1" = "draft" }}')
    installed = office.installed
    modes = {one["target"]: one["mode"] for one in installed.json("plan")["writes"]}
    assert (modes.pop("SHOP-1"), set(modes.values())) == ("draft", {"apply"})
    installed.ok("apply", "--yes")
    assert (office.text("SHOP-1"), office.labels("PAY-2")) == ("", ["okr-orphan"])
    installed.ok("approve", "jira:SHOP-1")
    installed.ok("apply", "--yes")
    assert office.text("SHOP-1") != ""


def test_what_a_person_changed_is_handed_back(office: Any) -> None:
    installed = office.installed
    installed.ok("apply", "--yes")
    comment = office.company.site.comments_of(office.company.site.find("SHOP-1"))[0]
    for words in "I know better", "I still do":
        comment["body"] = adf.document(words)
        office.later(days=2)
        installed.ok("apply", "--yes")
    office.company.edit(office.company.site.find("PAY-2"), labels={"remove": ["okr-orphan"]})
    office.later(hours=1)
    left = installed.json("plan")["left"]
    assert {(one["target"], one["surface"]) for one in left} == {("SHOP-1", "comment"), ("PAY-2", "label")}
    assert "I still do" in office.text("SHOP-1")
    said = installed.ok("approve", "KR-UX")
    assert "Handed back to okrsync: one place" in said
    assert said.rstrip().endswith("okrsync plan")
    installed.ok("approve", "PAY-2")
    plan = installed.json("plan")
    assert (plan["left"], {one["target"] for one in plan["writes"]}) == ([], {"SHOP-1", "PAY-2"})
    installed.ok("apply", "--yes")
    assert "KR-UX" in office.text("SHOP-1")
    assert office.labels("PAY-2") == ["okr-orphan"]


def test_a_goal_on_which_a_person_spoke_is_named_as_write_to_does(ormeraie: Installation) -> None:
    ormeraie.edit('language = "fr"', 'language = "en"')
    ormeraie.ok("apply", "--yes")
    done = ormeraie.run("approve", "asana:goal:1207400000000202")
    assert (done.code, "Nothing to approve" in done.out) == (0, True)
    assert ormeraie.run("approve", "asana:goal:12").code == 2


@pytest.mark.parametrize(
    ("what", "said"),
    [("99", "there is no run 99"), ("KR-UZ", "KR-UX"), ("SHOP-999", "no item 'SHOP-999' is stored")],
)
def test_what_is_not_there_is_told(office: Any, what: str, said: str) -> None:
    done = office.installed.run("approve", what)
    assert (done.code, said in done.err) == (2, True), done.err
