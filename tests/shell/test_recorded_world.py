"""9,807 real items of three tools, served over HTTP, pulled by the real libraries, every one stored and classified."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import Installation

import mapping
from okrsync.cli.session import Session
from okrsync.sandbox import Sandbox, World
from okrsync.store import Store, graph

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

[[sources]]
id = "github"
kind = "github"
url = "{url}/github"
auth = {{ token = {{ file = "token" }} }}
repositories = ["tidev/alloy", "simonw/datasette", "panjf2000/ants"]

[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ file = "token" }} }}
workspace = "1100000000000000"
projects = "*"

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


TOLD = {"appcelerator": 1816, "merico": 33, "github": 26 + 49 + 7880, "asana": 3}


def test_every_recorded_item_is_stored_and_classified(recorded: Installation) -> None:
    first = recorded.json("sync")["sources"]
    assert {source["id"]: source["state"] for source in first} == dict.fromkeys(TOLD, "ok")
    items = {source["id"]: source["items"] for source in recorded.json("status")["sources"]}
    assert items == TOLD
    answer = recorded.json("orphans")
    totals = answer["totals"]
    assert totals["items"] == sum(TOLD.values()) == 9807
    assert sum(totals[name] for name in ("traced", "exempt", "orphan", "unresolvable")) == 9807
    assert answer["complete"] is True
    # 14 epics, their 88 children with the sub-tasks below these, are traced; 11 parents lie outside the world
    assert totals["traced"] >= 14 + 88 - 11
    assert totals["unresolvable"] >= 1
    second = recorded.json("sync")["sources"]
    assert {source["id"]: source["changed"] for source in second} == dict.fromkeys(TOLD, 0)
    assert recorded.json("orphans") == {**answer, "as_of": recorded.json("orphans")["as_of"]}


def test_every_commit_that_names_a_ticket_is_found_and_no_other(shared: Path, recorded: Installation) -> None:
    """1,124 of Alloy's commits hold "ALOY-" and a number. Ten write "ALOY-378b" and the like, which is no key; six have
    theirs in an address of a host that is not configured here."""
    recorded.ok("sync")
    named = named_by_commits(shared)
    assert len(named) == 1108
    store = Store.open(f"sqlite:///{recorded.folder / 'okrsync.db'}")
    with store.read() as tx:
        sources = {one.id: one.kind for one in Session(str(recorded.config)).config.sources}
        read = mapping.Reader(graph.places(tx, sources))
        found = {
            text.key: {reference.target for reference in read.read(text) if "-" in reference.target}
            for text in graph.texts(tx, everything=True)
            if text.project == "tidev/alloy"
        }
    store.close()
    assert {sha: keys for sha, keys in found.items() if keys} == named


ADDRESS = re.compile(r"https?://\S+")
KEY = re.compile(r"(?<![A-Za-z0-9_])(?:ALOY|DAEMON|EE|K5)-[1-9][0-9]*(?![A-Za-z0-9_])", re.IGNORECASE)


def named_by_commits(shared: Path) -> dict[str, set[str]]:
    """sha → keys in its message, read by other means than okrsync's."""
    path = shared / "recorded" / "world" / "github" / "tidev" / "alloy" / "commits.jsonl"
    every = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    named = {
        raw["sha"]: {key.upper() for key in KEY.findall(ADDRESS.sub("", raw["commit"]["message"]))} for raw in every
    }
    return {sha: keys for sha, keys in named.items() if keys}


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
