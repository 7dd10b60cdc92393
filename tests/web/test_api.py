"""``/api/v1``: what the commands answer, over HTTP; each answer fits its model."""

from __future__ import annotations

from typing import Any

import pytest
from installation import Installation
from web_server import Served

from okrsync.model import Limit
from okrsync.store import alerts
from okrsync.web import answers
from okrsync.web.language import preferred

ALL = {"limit": 1000}


def of(site: Served, path: str, model: type[Any], **params: Any) -> dict[str, Any]:
    """The answer, which fits its model."""
    found: dict[str, Any] = site.json(f"/api/v1/{path}", params=params)
    model.model_validate(found)
    return found


@pytest.mark.parametrize(
    ("path", "model", "params", "command"),
    [
        ("status", answers.StatusAnswer, {}, ["status"]),
        ("status", answers.StatusAnswer, {"objective": "O-FIABLE"}, ["status", "--objective", "O-FIABLE"]),
        ("status", answers.StatusAnswer, {"at": "DAY"}, ["status", "--at", "DAY"]),
        ("effort", answers.EffortAnswer, {}, ["effort"]),
        ("effort", answers.EffortAnswer, {"group_by": "team"}, ["effort", "--group-by", "team"]),
        ("effort", answers.EffortAnswer, {"since": "DAY"}, ["effort", "--since", "DAY"]),
        ("orphans", answers.OrphansAnswer, ALL, ["orphans"]),
        ("orphans", answers.OrphansAnswer, {**ALL, "source": "github"}, ["orphans", "--source", "github"]),
        ("orphans", answers.OrphansAnswer, {**ALL, "group_by": "team"}, ["orphans", "--group-by", "team"]),
        ("orphans", answers.OrphansAnswer, {**ALL, "team": "TEAM"}, ["orphans", "--team", "TEAM"]),
        ("backlog", answers.BacklogAnswer, ALL, ["backlog"]),
        ("backlog", answers.BacklogAnswer, {**ALL, "team": "TEAM"}, ["backlog", "--team", "TEAM"]),
    ],
)
def test_it_says_what_the_command_says(
    site: Served, typed: Installation, path: str, model: type[Any], params: dict[str, Any], command: list[str]
) -> None:
    goals = site.config.goals
    meant = {
        "O-FIABLE": next(iter(goals.objectives)),
        "DAY": f"{site.now:%Y-%m}-01",
        "TEAM": site.config.teams[0].id,
    }
    params = {name: meant.get(str(value), value) for name, value in params.items()}
    assert of(site, path, model, **params) == typed.json(*(meant.get(one, one) for one in command))


def test_gaps(site: Served, typed: Installation) -> None:
    told = typed.json("gaps", "--group-by", "source")
    found = of(site, "gaps", answers.GapsAnswer, group_by="source", **ALL)
    assert found.pop("gap_count") == len(told["gaps"]) > 10
    assert found == told


def test_every_kind_of_verdict_is_traced(site: Served, typed: Installation) -> None:
    listed = site.json("/api/v1/orphans", params=ALL)["items"]
    linked = site.json("/api/v1/backlog", params=ALL)["items"]
    chosen = {one["verdict"]: one for one in listed} | {"traced": linked[0]}
    assert chosen.keys() >= {"traced", "exempt", "orphan"}
    for verdict, one in chosen.items():
        name = f"{one['source']}:{one['key']}"
        found = of(site, f"trace/{name.replace('#', '%23')}", answers.TraceAnswer)
        assert found["verdict"] == verdict
        assert found == typed.json("trace", name)
    by_address = f"trace/{linked[0]['url']}"
    assert of(site, by_address, answers.TraceAnswer)["key"] == linked[0]["key"]


def test_runs_and_the_plan(site: Served, typed: Installation) -> None:
    told = typed.json("runs")
    found = of(site, "runs", answers.RunsAnswer, **ALL)
    assert found == {"run_count": len(told["runs"]), **told}
    for run in found["runs"]:
        each = of(site, f"runs/{run['run']}", answers.RunAnswer)
        assert each == typed.json("runs", str(run["run"]))
        assert len(each["writes"]) == run["writes"]
    assert any(run["applied"] for run in found["runs"])
    plan = of(site, "plan", answers.PlanAnswer)
    newest = found["runs"][0]
    assert plan["run"] == (newest["run"] if newest["waiting"] else None)
    assert len(plan["writes"]) == newest["waiting"]
    assert {"left", "unread"}.isdisjoint(plan), "what nobody saved cannot be told"


def test_sources_tell_what_is_left(site: Served) -> None:
    site.beside.counted = {"github": 7}
    site.beside.limited = {"github": [Limit("core", 5000, 12, site.now)]}
    found = of(site, "sources", answers.SourcesAnswer)
    by_id = {one["id"]: one for one in found["sources"]}
    assert by_id.keys() == {one.id for one in site.config.sources}
    assert by_id["github"]["requests"] == by_id["github"]["skipped"] == 7
    assert by_id["github"]["limits"] == [
        {"name": "core", "limit": 5000, "left": 12, "resets_at": f"{site.now:%Y-%m-%dT%H:%M:%SZ}"}
    ]
    assert all(one["state"] == "ok" and one["items"] > 0 for one in by_id.values())


def test_alerts(site: Served, typed: Installation) -> None:
    with site.store.begin() as tx:
        down = {"state": "unreachable", "error": "no route", "down_since": site.now.isoformat()}
        alerts.begin(tx, "source", "jira", down, site.now)
    assert of(site, "alerts", answers.AlertsAnswer) == typed.json("alerts")
    with site.store.begin() as tx:
        for one in alerts.standing(tx):
            alerts.end(tx, one.id, {**one.document, "end": {"why": "over"}}, site.now)
    assert of(site, "alerts", answers.AlertsAnswer)["alerts"] == []
    assert len(of(site, "alerts", answers.AlertsAnswer, all=True)["alerts"]) == 1


def test_version_and_health(site: Served) -> None:
    assert of(site, "version", answers.VersionAnswer)["instance"] == site.config.instance
    assert site.json("/healthz") == {"alive": True}
    assert site.json("/readyz") == {"ready": True}
    site.beside.well = False
    assert site.get("/healthz").status_code == site.get("/readyz").status_code == 503


# ── parts of long lists ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "lists"),
    [("orphans", ["items", "groups"]), ("gaps", ["gaps"]), ("backlog", ["items"]), ("runs", ["runs"])],
)
def test_pages_are_parts_of_the_whole(site: Served, path: str, lists: list[str]) -> None:
    whole = site.json(f"/api/v1/{path}", params=ALL)
    for name in lists:
        rows, size = whole[name], 60
        pages: list[Any] = []
        for start in range(0, len(rows) + size, size):
            some = site.json(f"/api/v1/{path}", params={"limit": size, "offset": start})
            assert len(some[name]) <= size
            pages += some[name]
            assert {key for key in some if some[key] != whole[key]} <= set(lists), "all else is of the whole"
        assert pages == rows
    far = site.json(f"/api/v1/{path}", params={"offset": 10**9})
    assert all(far[name] == [] for name in lists)


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_language_that_is_asked_for(site: Served, typed: Installation) -> None:
    said = {}
    for asked, language in (("en-GB,en;q=0.9,fr;q=0.1", "en"), ("fr", "fr"), ("de, *", site.config.language)):
        answer = site.get("/api/v1/orphans", headers={"Accept-Language": asked})
        assert answer.headers["Content-Language"] == language
        assert answer.headers["Vary"].lower() == "accept-language"
        assert said.setdefault(language, answer.json()["sentence"]) == answer.json()["sentence"]
    assert said["en"] != said["fr"]
    assert said[site.config.language] == typed.json("orphans")["sentence"]


@pytest.mark.parametrize(
    ("header", "language"),
    [("", None), ("*", None), ("fr;q=0", None), ("en;q=x,fr", "fr"), ("fr;q=0.2,EN-us;q=0.7", "en"), (",;,;;q=", None)],
)
def test_what_languages_people_like(header: str, language: str | None) -> None:
    assert preferred(header) == language


# ── what is asked wrongly ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("status?objective=O-NOTHING", 422, "no objective 'O-NOTHING'"),
        ("status?at=2999-01-01", 422, "at 2999-01-01 has not come yet"),
        ("status?at=0001-01-01", 422, "at 0001-01-01"),
        ("status?at=yesterday", 422, "at yesterday is no day; write it as"),
        ("orphans?since=2999-01-01", 422, "since 2999-01-01 has not come yet"),
        ("orphans?since=0001-01-01", 422, "since 0001-01-01"),
        ("orphans?group_by=%00", 422, "group_by takes one of"),
        ("orphans?team=nobody", 422, "no team 'nobody'"),
        ("gaps?source=jiro", 422, "no source 'jiro' is configured; there are"),
        ("gaps?limit=0", 422, "limit: "),
        ("gaps?limit=9999999", 422, "limit: "),
        ("backlog?offset=-1", 422, "offset: "),
        ("backlog?objectives=O", 422, "objectives: "),
        ("effort?since=2026-13-01", 422, "is no day"),
        ("trace/NOTHING-1", 404, "no item 'NOTHING-1' is stored"),
        ("trace/%00%ff", 404, "no item"),
        ("trace/", 404, ""),
        ("runs/999999", 404, "there is no run 999999"),
        ("runs/x", 422, "run: "),
        ("runs/0", 422, "run: "),
        ("nothing", 404, "Not Found"),
    ],
)
def test_every_fault_is_a_sentence(site: Served, path: str, status: int, words: str) -> None:
    answer = site.get(f"/api/v1/{path}")
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json().keys() == {"error"}
    assert words in answer.json()["error"]
    assert "Traceback" not in answer.text


def test_a_database_that_is_gone_is_told_of(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from okrsync.errors import StoreError

    def gone(*_: object) -> None:
        raise StoreError("the database does not answer")

    monkeypatch.setattr(type(site.store), "read", gone)
    answer = site.get("/api/v1/status")
    assert answer.status_code == 503
    assert answer.json() == {"error": "the database does not answer"}
    assert answer.headers["Retry-After"]
    assert site.get("/healthz").status_code == 200, "and the process lives"
    metrics = site.get("/metrics")
    assert metrics.status_code == 200
    assert "okrsync_database_up 0.0" in metrics.text
    assert "okrsync_requests_total" in metrics.text or "okrsync_build_info" in metrics.text


def test_what_nobody_expected_is_no_traceback(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(type(site.store), "read", broken)
    answer = site.get("/api/v1/status")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.json().keys() == {"error"}
