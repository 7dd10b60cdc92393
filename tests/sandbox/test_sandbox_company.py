"""The sample company: the same for one instant, telling on any date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config import load
from connectors.jira import JiraSettings
from okrsync.model import GoalState, KeyResultKind
from okrsync.sandbox.company import SITE, TRACED_EXAMPLE, company, company_config, cycle, readings
from okrsync.sandbox.company_metadata import FLAGGED
from okrsync.sandbox.jira.issue import Issue, millis
from okrsync.sandbox.jira.site import Site

DATES = [
    datetime(2026, 11, 22, 11, 4, tzinfo=UTC),
    datetime(2027, 1, 1, 0, 5, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2026, 3, 30, 0, 30, tzinfo=UTC),  # the Monday after a clock change
]


def of(now: datetime) -> Site:
    return company(now).jira.sites[SITE]


def top(site: Site, issue: Issue) -> Issue:
    while parent := issue.fields.get("parent"):
        found = site.find(parent["id"])
        assert found is not None
        issue = found
    return issue


def test_one_instant_gives_one_company() -> None:
    first, second = of(DATES[0]), of(DATES[0])
    assert [issue.raw() for issue in first.issues.values()] == [issue.raw() for issue in second.issues.values()]


@pytest.mark.parametrize("now", DATES)
def test_nothing_happens_after_now(now: datetime) -> None:
    site = of(now)
    limit = round(now.timestamp() * 1000)
    for issue in site.issues.values():
        assert issue.created_ms <= issue.updated_ms <= limit
        stamps = [issue.created_ms, *(millis(history["created"]) for history in issue.histories)]
        assert stamps == sorted(stamps)
        assert stamps[-1] <= limit
    assert all(at <= now for _, at, _, _ in readings(now))


@pytest.mark.parametrize("now", DATES)
def test_the_configuration_holds_and_the_cycle_is_two_thirds_over(now: datetime, tmp_path: Path) -> None:
    file = tmp_path / "okrsync.toml"
    file.write_text(company_config("http://127.0.0.1:1", "sqlite:///okrsync.db", now), encoding="utf-8")
    loaded = load(file, {}, {"jira": JiraSettings})
    window = loaded.goals.cycles[next(name for name in loaded.goals.cycles if not name.startswith("CAP"))].window
    assert window.start is not None
    assert window.end is not None
    assert 0.6 <= (now - window.start) / (window.end - window.start) <= 0.7
    kinds = {kr.kind for kr in loaded.goals.key_results.values()}
    assert kinds == set(KeyResultKind)
    assert loaded.goals.objectives["O-MARKETPLACE"].state is GoalState.DROPPED
    site = of(now)
    for key_result in loaded.goals.key_results.values():
        for named in (*key_result.epics, *key_result.write_to):
            epic = site.find(named.key)
            assert epic is not None
            assert epic.fields["issuetype"]["name"] == "Epic"
    assert {name for name, *_ in readings(now)} <= set(loaded.goals.key_results)


def test_it_holds_what_the_demonstration_shows() -> None:
    now = DATES[0]
    site = of(now)
    flagged = [issue for issue in site.issues.values() if issue.fields.get(FLAGGED)]
    assert {top(site, issue).key for issue in flagged} == {"PAY-1"}
    ages = [now - datetime.fromisoformat(issue.histories[-1]["created"]) for issue in flagged]
    assert len(ages) == 15
    assert all(timedelta(days=4) <= age < timedelta(days=5) for age in ages)
    example = site.find(TRACED_EXAMPLE)
    assert example is not None
    assert example.fields["issuetype"]["subtask"]
    assert top(site, example).key == "SHOP-1"
    assert not site.sees(site.account, site.issues[top(site, site.find("PAY-43") or example).id])
    assert site.find("DATA-1") is not None


@pytest.mark.parametrize("now", DATES)
def test_about_a_third_of_the_effort_serves_no_objective(now: datetime) -> None:
    site = of(now)
    parents = {issue.fields["parent"]["id"] for issue in site.issues.values() if "parent" in issue.fields}
    goals = {"okr:KR-ONBOARDING", "okr:KR-K8S", "okr:KR-RETENTION"}
    start = datetime.combine(cycle(now)[0], datetime.min.time(), UTC)
    orphans = served = 0
    for issue in site.issues.values():
        fields = issue.fields
        cancelled = (fields["resolution"] or {}).get("name") == "Won't Do"
        if issue.id in parents or cancelled or fields["status"]["statusCategory"]["key"] == "new":
            continue
        if fields["resolutiondate"] and millis(fields["resolutiondate"]) < start.timestamp() * 1000:
            continue
        root = top(site, issue)
        if "ktlo" in fields["labels"] or root.key.startswith("SEC"):
            continue
        if root.key in ("SHOP-1", "PAY-1") or goals & {*fields["labels"], *root.fields["labels"]}:
            served += 1
        else:
            orphans += 1
    assert 0.3 < orphans / (orphans + served) < 0.42
