"""The company of the demo, read over the three real connectors: every story that it is made for comes out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_company import NOW
from installation import Installation

from okrsync.sandbox import Sandbox
from okrsync.sandbox.company import (
    STRATEGY,
    TRACED_EXAMPLE,
    UNTRACED_EXAMPLE,
    company,
    company_config,
    readings,
)

TYPOS = {
    "okr:KR-TUNEL": "KR-TUNNEL",
    "okr:KR-RECHERHCE": "KR-RECHERCHE",
    "okr:KR-FRAUDES": "KR-FRAUDE",
    "okr:KR-PREVISON": "KR-PREVISION",
    "okr:KR-GUIDE": "KR-GUIDES",
    "okr:KR-CASE": "KR-CASSE",
    "okr:KR-PARAINAGE": "KR-PARRAINAGE",
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    """A folder with a configuration, and the sandbox that it names."""
    folder = tmp_path_factory.mktemp("ormeraie")
    with Sandbox(company(NOW)) as sandbox:
        sandbox.world.clock.set(NOW)
        (folder / "token").write_text("good\n")
        config = company_config(sandbox.url, "sqlite:///okrsync.db", NOW)
        (folder / "okrsync.toml").write_text(config, encoding="utf-8")
        yield folder, sandbox


@pytest.fixture
def synced_once(
    played: tuple[Path, Sandbox], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Installation:
    """The company of the demo, synced by the first test, for those that change nothing."""
    for name in [name for name in os.environ if name.startswith("OKRSYNC_")]:
        monkeypatch.delenv(name)
    installed = Installation(*played, capsys, monkeypatch)
    installed.stop_clock(NOW)
    if not (installed.folder / "okrsync.db").exists():
        installed.ok("sync")
    return installed


def test_everything_is_classified_and_about_a_third_of_the_effort_is_orphan(synced_once: Installation) -> None:
    answer = synced_once.json("orphans")
    totals = answer["totals"]
    verdicts = [totals[name] for name in ("traced", "exempt", "orphan", "unresolvable")]
    assert answer["complete"] is True
    assert 1_150 <= totals["items"] == sum(verdicts) <= 1_250
    assert min(verdicts) > 0
    assert 0.30 <= totals["effort_share_orphan"] <= 0.40
    orphans = [item for item in answer["items"] if item["verdict"] == "orphan"]
    assert {item["class"] for item in orphans} == {"dangling", "dead", "transitive", "direct"}
    assert {item["kind"] for item in orphans} == {"ticket", "pull_request", "commit"}
    assert answer["groups"][0]["fix"] == "BOUT-1219", "the epic that nobody linked comes first"
    by_team = {group["name"]: group["effort"] for group in synced_once.json("orphans", "--group-by", "team")["groups"]}
    assert len(by_team) == 9
    assert min(by_team.values()) > 0
    for source in synced_once.json("sync")["sources"]:
        assert (source["state"], source["changed"]) == ("ok", 0), source["id"]


def test_a_key_result_is_counted_by_its_tool(synced_once: Installation) -> None:
    found = [kr for objective in synced_once.json("status")["objectives"] for kr in objective["key_results"]]
    (anomalies,) = [kr for kr in found if kr["id"] == "KR-ANOMALIES"]
    assert anomalies["read_at"] is not None
    assert anomalies["baseline"] > anomalies["value"] > anomalies["target"]


def test_the_chain_crosses_the_tools(synced_once: Installation) -> None:
    path = synced_once.json("trace", TRACED_EXAMPLE)["links"][0]["path"]
    assert [hop["kind"] for hop in path] == [
        "commit",
        "pull_request",
        "ticket",
        "ticket",
        "key_result",
        "objective",
        "objective",
    ]
    assert [hop["source"] for hop in path[:4]] == ["github", "github", "jira", "jira"]
    assert [hop["key"] for hop in path[3:]] == ["BOUT-1187", "KR-TUNNEL", "O-PARCOURS", "O-FIDELITE"]
    shared = {"O-CLOTURE": {"jira", "asana"}}
    for objective, tools in shared.items():
        items = synced_once.json("backlog", "--objective", objective)["items"]
        assert {item["source"] for item in items} >= tools
    assert synced_once.json("trace", "PAY-388")["links"][0]["rule"] == "label"


def test_a_large_pull_request_is_stopped_before_it_is_merged(synced_once: Installation) -> None:
    found = synced_once.json("trace", UNTRACED_EXAMPLE)
    assert (found["verdict"], found["class"]) == ("orphan", "direct")
    assert UNTRACED_EXAMPLE in found["broken_at"]["fix"]
    writes = [write for write in synced_once.json("plan")["writes"] if write["source"] == "github"]
    (status,) = [write for write in writes if write["target"] == UNTRACED_EXAMPLE]
    assert (status["surface"], status["after"]["state"]) == ("status", "failure")
    assert {write["after"]["state"] for write in writes if write["surface"] == "status"} == {"success", "failure"}
    assert len(writes) <= 6, "GitHub takes a second for each"


def test_the_goals_stand_as_they_would_in_a_company(ormeraie: Installation) -> None:
    for one in readings(NOW):
        ormeraie.ok("metric", "set", one.key_result, f"{one.value:g}", "--at", f"{one.at:%Y-%m-%d}", "--why", one.why)
    objectives = {one["id"]: one for one in ormeraie.json("status")["objectives"]}
    results = {kr["id"]: kr for one in objectives.values() for kr in one["key_results"]}
    assert {kr["status"] for kr in results.values()} == {
        *("on_track", "at_risk", "off_track", "done", "achieved", "no_data", "too_early", "not_started", "dropped"),
    }
    assert {objectives[one]["status"] for one in STRATEGY} == {"on_track", "at_risk", "off_track"}

    blocked = results["KR-3X"]
    assert blocked["status"] == "at_risk"
    (cause,) = [cause for cause in blocked["cause"] if len(cause["items"]) == 15]
    assert "4 j" in cause["text"]
    assert "output_without_outcome" in results["KR-RECHERCHE"]["flags"]
    assert results["KR-NPS"]["value"] == 49, "read from the goal in Asana"

    gaps = ormeraie.json("gaps")["gaps"]
    typos = {gap["subject"]: gap["fix"] for gap in gaps if gap["kind"] == "dangling_label"}
    for typo, meant in TYPOS.items():
        assert f"okr:{meant}" in typos[typo], typo
    assert {gap["kind"] for gap in gaps} >= {"dead_goal", "kr_without_work", "scope_growth"}
