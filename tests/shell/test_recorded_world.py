"""1,849 real Jira issues, served over HTTP, pulled by the real library, every one stored and classified."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import Installation

from okrsync.sandbox import Sandbox, World

CONFIG = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "UTC"
language = "en"
instance = "recorded"

[[sources]]
id = "appcelerator"
kind = "jira"
url = "{url}/jira/appcelerator"
auth = {{ email = "bot@acme.test", token = {{ file = "token" }} }}
projects = ["ALOY", "DAEMON"]

[[sources]]
id = "merico"
kind = "jira"
url = "{url}/jira/merico"
auth = {{ email = "bot@acme.test", token = {{ file = "token" }} }}
projects = ["EE", "K5"]
fields = {{ points = "customfield_10024" }}

[[cycles]]
id = "all"
start = 2012-01-01
end = 2030-12-31

[[objectives]]
id = "O-ALLOY"
title = "Alloy is the framework that people stay with"
owner = "cto@acme.test"
cycle = "all"

[[objectives.key_results]]
id = "KR-EPICS"
title = "The epics are shipped"
epics = [{epics}]
"""


@pytest.fixture
def recorded(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Installation]:
    with Sandbox(World.load(shared / "recorded" / "world")) as sandbox:
        site = sandbox.world.jira.sites["appcelerator"]
        epics = [issue.key for issue in site.issues.values() if issue.fields["issuetype"]["name"] == "Epic"]
        (tmp_path / "token").write_text("good")
        listed = ", ".join(f'"appcelerator:{key}"' for key in epics)
        (tmp_path / "okrsync.toml").write_text(CONFIG.format(url=sandbox.url, epics=listed), encoding="utf-8")
        yield Installation(tmp_path, sandbox, capsys, monkeypatch)


def test_every_recorded_issue_is_stored_and_classified(recorded: Installation) -> None:
    first = recorded.json("sync")["sources"]
    assert [(source["id"], source["pulled"]) for source in first] == [("appcelerator", 1816), ("merico", 33)]
    totals = recorded.json("orphans")["totals"]
    assert totals["items"] == 1849
    assert sum(totals[name] for name in ("traced", "exempt", "orphan", "unresolvable")) == 1849
    # 14 epics, their 88 children with the sub-tasks below these, are traced; 11 parents lie outside the world
    assert totals["traced"] >= 14 + 88 - 11
    assert totals["unresolvable"] >= 1
    second = recorded.json("sync")["sources"]
    assert [(source["id"], source["changed"]) for source in second] == [("appcelerator", 0), ("merico", 0)]
    assert recorded.json("orphans")["totals"] == totals


def test_the_path_of_a_recorded_child_runs_over_its_epic(recorded: Installation) -> None:
    recorded.ok("sync")
    site = recorded.sandbox.world.jira.sites["appcelerator"]
    child = next(
        issue
        for issue in site.issues.values()
        if (parent := issue.fields.get("parent"))
        and (found := site.find(parent["id"]))
        and found.fields["issuetype"]["name"] == "Epic"
    )
    answer = recorded.json("trace", child.key)
    assert answer["verdict"] == "traced"
    keys = [hop["key"] for hop in answer["links"][0]["path"]]
    assert keys == [child.key, child.fields["parent"]["key"], "KR-EPICS", "O-ALLOY"]
