"""The company of the demo, as its tools hold it: the same for one instant, telling on any date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import load
from connectors import registry
from okrsync.model import GoalState, ItemKind, KeyResultKind
from okrsync.sandbox.company import Quarter, company, company_config, readings, teams
from okrsync.sandbox.company.asana import WORKSPACE
from okrsync.sandbox.company.desk import Desk
from okrsync.sandbox.company.jira import SITE
from okrsync.sandbox.company.jira_metadata import FLAGGED
from okrsync.sandbox.jira.issue import millis
from okrsync.sandbox.world import World

NOW = datetime(2026, 11, 22, 11, 4, tzinfo=UTC)
DATES = [
    NOW,
    datetime(2027, 1, 1, 0, 5, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2026, 3, 30, 0, 30, tzinfo=UTC),  # the Monday after a clock change
]


def saved(now: datetime, folder: Path) -> dict[str, bytes]:
    """Everything that the company holds, file by file."""
    company(now).save(folder)
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.json*"))}


def stamps(value: Any) -> Iterator[datetime]:
    """Every instant in a piece of JSON."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from stamps(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from stamps(inner)
    elif isinstance(value, str) and len(value) >= 20 and value[10:11] == "T" and value[:4].isdecimal():
        yield datetime.fromisoformat(value)


def written(now: datetime) -> Desk:
    desk = Desk(Quarter(now))
    teams.write(desk)
    return desk


def counts(now: datetime) -> dict[str, int]:
    """How much there is of each kind."""
    desk = written(now)
    world = desk.world()
    papers = [codebase.paper() for codebase in desk.repositories]
    found = {name: sum(len(paper[name]) for paper in papers) for name in ("issues", "pulls", "commits")}
    found["tickets"] = len(world.jira.sites[SITE].issues)
    found["tasks"] = len(world.asana.workspaces[WORKSPACE].held["task"])
    return found


@pytest.fixture(scope="module")
def world() -> World:
    return company(NOW)


def test_one_instant_gives_one_company(tmp_path: Path) -> None:
    first, second = saved(NOW, tmp_path / "a"), saved(NOW, tmp_path / "b")
    assert len(first) > 10
    assert first == second


@pytest.mark.parametrize("now", DATES)
def test_nothing_happens_after_now(now: datetime) -> None:
    desk = written(now)
    world = desk.world()
    issues = world.jira.sites[SITE].issues.values()
    for issue in issues:
        own = [issue.created_ms, *(millis(history["created"]) for history in issue.histories), issue.updated_ms]
        assert own == sorted(own), issue.key
        assert own[-1] <= now.timestamp() * 1000
    papers = [codebase.paper() for codebase in desk.repositories]
    latest = max(at for paper in papers for rows in paper.values() for row in rows for at in stamps(row))
    assert latest <= now
    tasks = world.asana.workspaces[WORKSPACE].held["task"].values()
    assert max(datetime.fromisoformat(task["modified_at"]) for task in tasks) <= now
    assert all(one.at <= now for one in readings(now))


def test_twelve_hundred_items_on_any_date() -> None:
    counted = [counts(now) for now in DATES]
    assert counted.count(counted[0]) == len(DATES)
    assert 1_150 <= sum(counted[0].values()) <= 1_250
    assert all(counted[0][name] > 150 for name in ("tickets", "tasks", "pulls", "commits"))


def test_titles_are_not_machine_made(world: World) -> None:
    titles = [issue.fields["summary"] for issue in world.jira.sites[SITE].issues.values()]
    titles += [task["name"] for task in world.asana.workspaces[WORKSPACE].held["task"].values()]
    assert len(set(titles)) >= 0.95 * len(titles), "the steps of a task recur, as they do where a task is copied"
    assert not any(character in title for title in titles for character in "'{}_")


@pytest.mark.parametrize("now", DATES)
def test_the_configuration_holds_and_the_quarter_is_two_thirds_over(now: datetime, tmp_path: Path) -> None:
    file = tmp_path / "okrsync.toml"
    file.write_text(company_config("http://127.0.0.1:1", "sqlite:///okrsync.db", now), encoding="utf-8")
    loaded = load(file, {}, registry.settings())
    goals, quarter = loaded.goals, Quarter(now)
    window = goals.cycles[quarter.name].window
    assert window.start is not None
    assert window.end is not None
    assert 0.6 <= (now - window.start) / (window.end - window.start) <= 0.7

    annual = [one for one in goals.objectives.values() if one.parent is None]
    counts = [sum(kr.objective == one.id for kr in goals.key_results.values()) for one in annual]
    assert len(annual) == 4
    assert all(2 <= count <= 5 for count in counts)
    assert [one.cycle for one in annual] == [quarter.year] * 4
    live = [one for one in goals.objectives.values() if one.parent and one.state is GoalState.APPROVED]
    assert len(live) == len(loaded.teams) == 9
    assert {one.parent for one in live} == {one.id for one in annual}
    assert {kr.kind for kr in goals.key_results.values()} == set(KeyResultKind)
    assert {kr.metric.kind for kr in goals.key_results.values()} == {"manual", "asana_goal", "count"}
    assert {one.key_result for one in readings(now)} <= set(goals.key_results)
    assert {source.kind for source in loaded.sources} == {"jira", "github", "asana"}


def test_what_the_configuration_names_is_there(world: World, tmp_path: Path) -> None:
    file = tmp_path / "okrsync.toml"
    file.write_text(company_config("http://127.0.0.1:1", "sqlite:///okrsync.db", NOW), encoding="utf-8")
    loaded = load(file, {}, registry.settings())
    site = world.jira.sites[SITE]
    workspace = world.asana.workspaces[WORKSPACE]
    for kr in loaded.goals.key_results.values():
        assert kr.counts == {ItemKind.TICKET}
        for named in (*kr.epics, *(one for one in kr.write_to if one.source == "jira")):
            epic = site.find(named.key)
            assert epic is not None
            assert epic.fields["issuetype"]["name"] == "Epic"
        goals = [one.key for one in kr.write_to if one.source == "asana"]
        goals += [kr.metric.goal.key] if kr.metric.goal else []
        for goal in goals:
            assert workspace.find("goal", goal.removeprefix("goal:")) is not None
        for container in kr.containers:
            _, kind, gid = container.split(":", 2)
            assert kind == "milestone" or workspace.find(kind, gid) is not None, container
    for team in loaded.teams:
        for project in team.projects:
            assert site.project(project.key) or workspace.find("project", project.key), project


def test_fifteen_tickets_are_blocked_for_four_days(world: World) -> None:
    site = world.jira.sites[SITE]
    flagged = [issue for issue in site.issues.values() if issue.fields.get(FLAGGED)]
    assert {issue.fields["parent"]["key"] for issue in flagged} == {"PAY-402"}
    ages = [NOW - datetime.fromisoformat(issue.histories[-1]["created"]) for issue in flagged]
    assert len(ages) == 15
    assert all(timedelta(days=4) <= age < timedelta(days=5) for age in ages)


def test_one_parent_is_out_of_sight_and_one_is_on_another_board(world: World) -> None:
    site = world.jira.sites[SITE]
    parents = {issue.fields["parent"]["key"] for issue in site.issues.values() if issue.fields.get("parent")}
    assert {"SEC-12", "CAT-77"} <= parents
    audit = site.find("SEC-12")
    assert audit is not None
    assert not site.sees(site.account, audit)
