"""Which projects there are, which goals, what supports them, and what may be written."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from asana_site import API, connect, cursor, page, task
from responses.matchers import query_param_matcher

from connectors import asana_wire as wire
from okrsync.errors import MalformedPage, Rejected, Unavailable
from okrsync.model import Surface

# ── scopes, goals, metadata ──────────────────────────────────────────────────────────────────────────────────────────


def test_scopes_by_gid(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/projects/20", json={"data": {"gid": "20", "name": "Shop"}})
    asana_fake.get(f"{API}/projects/21", status=402, json={"errors": [{"message": "not in your plan"}]})
    shop, other = connect().scopes()
    assert (shop.id, shop.key, shop.name, shop.readable, shop.configured) == ("20", "20", "Shop", True, "20")
    assert (other.id, other.readable, other.configured) == ("21", False, "21")
    assert "not in your plan" in other.why


def test_every_project_of_a_workspace(asana_fake: responses.RequestsMock) -> None:
    rows = [{"gid": "20", "name": "Shop"}, {"gid": "21", "name": "Old", "archived": True}]
    query = {"workspace": "1", "opt_fields": wire.PROJECT, "limit": "100"}
    asana_fake.get(f"{API}/projects", json=page(rows), match=[query_param_matcher(query)])
    asana_fake.get(f"{API}/events", json={"data": [], "sync": "t1", "has_more": False})
    asana_fake.get(f"{API}/tasks", json=page([task("1")]))
    source = connect(projects="*")
    assert [(scope.id, scope.readable, scope.configured) for scope in source.scopes()] == [
        ("20", True, "*"),
        ("21", True, "*"),
    ]
    list(source.pull({"20": cursor(), "21": cursor()}))
    asked = [call.request.params["project"] for call in asana_fake.calls if "/tasks?" in call.request.url]  # type: ignore[attr-defined]
    assert asked == ["20"]  # the archived one was read once


def test_a_workspace_that_lists_nothing_is_one_unreadable_scope(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/projects", status=403)
    asana_fake.get(f"{API}/users/me", json={"data": {"gid": "7"}})
    (scope,) = connect(projects="*").scopes()
    assert (scope.key, scope.readable, scope.configured) == ("*", False, "*")


def test_a_listing_of_projects_that_moves_or_breaks_off(asana_fake: responses.RequestsMock) -> None:
    """One that slips to the next page is one scope; one that is refused in the middle says nothing of any."""
    asana_fake.get(f"{API}/projects", json=page([{"gid": "20"}], "a"))
    asana_fake.get(f"{API}/projects", json=page([{"gid": "20"}, {"gid": "21"}]))
    assert [scope.id for scope in connect(projects="*").scopes()] == ["20", "21"]
    asana_fake.replace("GET", f"{API}/projects", json=page([{"gid": "20"}], "a"))
    asana_fake.get(f"{API}/projects", status=403)
    asana_fake.get(f"{API}/users/me", json={"data": {"gid": "7"}})
    assert [(scope.id, scope.readable) for scope in connect(projects="*").scopes()] == [("*", False)]


@pytest.mark.parametrize("ask", [lambda it: it.check(), lambda it: it.scopes()], ids=["check", "scopes"])
@pytest.mark.parametrize(
    "said",
    [
        {"status": 404, "json": {"errors": [{"message": "No matching route for request"}]}},
        {"status": 200, "body": "<html>Asana</html>", "content_type": "text/html"},
    ],
    ids=["404", "html"],
)
def test_the_usual_wrong_url_is_recognised(said: Any, ask: Any) -> None:
    words = r"check the url of this source: https://app\.asana\.com/api/1\.0"
    with responses.RequestsMock(assert_all_requests_are_fired=False) as site:
        for path in ("users/me", "projects/20", "projects/21"):
            site.get(f"https://asana.test/{path}", **said)
        with pytest.raises((Rejected, MalformedPage), match=words):
            ask(connect(url="https://asana.test/"))


def test_a_page_of_html_in_the_middle_says_nothing_of_the_url(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/projects/20", json={"data": {"gid": "20"}})
    asana_fake.get(f"{API}/projects/21", body="<html>We are down", content_type="text/html")
    with pytest.raises(MalformedPage) as caught:
        connect().scopes()
    assert "url" not in str(caught.value)


def test_one_project_that_is_refused_stops_no_other(asana_board: responses.RequestsMock) -> None:
    """Such as one with so many tasks that Asana cuts the listing."""
    first = {"project": "20", "limit": "100", "opt_fields": wire.TASK}
    cut = {"errors": [{"message": "The result is too large."}]}
    asana_board.get(f"{API}/tasks", status=400, json=cut, match=[query_param_matcher(first)])
    asana_board.get(f"{API}/tasks", json=page([task("2")]), match=[query_param_matcher({**first, "project": "21"})])
    asana_board.get(f"{API}/projects/20/sections", json=page([{"gid": "201"}]))
    pages = list(connect().pull({"20": None, "21": None}))
    assert "too large" in pages[-1].refused["20"]
    assert [item.remote_id for one in pages for item in one.items] == ["2"]
    assert [scope for one in pages for scope in one.cursors] == ["21"]


@pytest.mark.parametrize("status", [403, 404])
def test_a_goal_that_went_meanwhile_supports_nothing(status: int, asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/goals", json=page([{"gid": "91"}, {"gid": "92"}]))
    relationships = f"{API}/goal_relationships"
    query = {"opt_fields": wire.SUPPORT, "limit": "100"}
    asana_fake.get(relationships, status=status, match=[query_param_matcher({**query, "supported_goal": "91"})])
    rows = [{"supporting_resource": {"gid": "7", "resource_type": "task"}}]
    asana_fake.get(relationships, json=page(rows), match=[query_param_matcher({**query, "supported_goal": "92"})])
    asana_fake.get(f"{API}/tasks/7", json={"data": task("7")})
    (item,) = connect(goals=True).fetch(["7"])
    assert [one.target for one in item.references] == ["goal:92"]


@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_without_goals_has_none(status: int, asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/goals", status=status)
    assert connect(goals=True).goals() == []


def test_goals_that_cannot_be_read_now_are_not_taken_for_none(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/goals", status=503)
    with pytest.raises(Unavailable):
        connect(goals=True).goals()


def test_a_listing_that_starts_again_gives_each_goal_once(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/goals", json=page([{"gid": "91"}], "a"))
    asana_fake.get(f"{API}/goals", status=400)
    asana_fake.get(f"{API}/goals", json=page([{"gid": "92"}, {"gid": "91"}]))
    assert [goal.id for goal in connect(goals=True).goals()] == ["91", "92"]


def test_goals_that_are_not_asked_for_cost_nothing() -> None:
    source = connect()
    assert source.goals() == []
    assert source.requests() == 0


def test_rights_in_words(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/users/me", json={"data": {"gid": "5", "name": "Bot"}})
    asana_fake.get(f"{API}/workspaces/1", status=404)
    asana_fake.get(f"{API}/projects/20", json={"data": {"gid": "20", "name": "Shop"}})
    asana_fake.get(f"{API}/goals", status=402, json={"errors": [{"message": "Payment Required"}]})
    asana_fake.get(f"{API}/workspaces/1/tasks/search", status=402)
    account = connect(projects=("20",), goals=True).check()
    assert (account.name, account.product, account.limits, account.expires_at) == ("Bot", "Asana", (), None)
    assert account.rights == {"1 workspace": False, "20 tasks": True, "1 goals": False}
    assert "1: this account does not see the workspace" in account.lacks[0].text
    assert "1: goals are not in the plan, or not for this account" in account.lacks[1].text
    assert not any(lack.surfaces for lack in account.lacks), (
        "something cannot be read; without search nothing is missing"
    )


def test_what_cannot_be_written_in_words(asana_fake: responses.RequestsMock) -> None:
    asana_fake.get(f"{API}/users/me", json={"data": {"gid": "5", "name": "Bot"}})
    asana_fake.get(f"{API}/workspaces/1", json={"data": {"gid": "1"}})
    asana_fake.get(f"{API}/projects/20", json={"data": {"gid": "20", "name": "Shop"}})
    metric = {"progress_source": "external", "can_manage": False}
    computed = {"gid": "92", "metric": {"progress_source": "subgoal_progress"}}
    goals = page([{"gid": "91", "name": "Keep them", "metric": metric}, computed])
    asana_fake.get(f"{API}/goals", json=goals)
    asana_fake.get(f"{API}/workspaces/1/tasks/search", json={"data": []})
    (lack,) = connect(projects=("20",)).check().lacks
    assert "goal 'Keep them'" in lack.text
    assert lack.surfaces == {Surface.METRIC}
    asana_fake.replace("GET", f"{API}/goals", status=402)
    account = connect(projects=("20",)).check()
    assert account.lacks[0].surfaces == {Surface.METRIC, Surface.UPDATE}, "goals are not read, and cannot be written"
    assert account.rights == {"1 workspace": True, "20 tasks": True, "1 search": True}


def test_supporting_work_changes_the_metadata_whatever_its_order(asana_fake: responses.RequestsMock) -> None:
    def stamp(*supports: tuple[str, str]) -> str:
        asana_fake.get(f"{API}/goals", json=page([{"gid": goal} for goal in dict.fromkeys(g for g, _ in supports)]))
        for goal in sorted({g for g, _ in supports}):
            rows = [{"supporting_resource": {"gid": r, "resource_type": "task"}} for g, r in supports if g == goal]
            query = {"supported_goal": goal, "opt_fields": wire.SUPPORT, "limit": "100"}
            asana_fake.get(f"{API}/goal_relationships", json=page(rows), match=[query_param_matcher(query)])
        asana_fake.get(f"{API}/tags", json=page([{"gid": "3", "name": "KR-1"}]))
        said = connect(goals=True).metadata()
        assert said["tag 3"] == "KR-1"
        assert {"project 20", "project 21"} <= said.keys()
        asana_fake.reset()
        return said["goals"]

    one = stamp(("91", "7"), ("92", "8"))
    assert stamp(("92", "8"), ("91", "7")) == one
    assert stamp(("91", "7"), ("92", "7")) != one
    assert stamp() == ""
    asana_fake.get(f"{API}/goals", json=page([]))
    assert connect(goals=True).goals() == []
