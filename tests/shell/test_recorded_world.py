"""9,807 real items of three tools, served over HTTP, pulled by the real libraries, every one stored and classified."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import Installation

from benchmarks.recorded import Figures, configured, measure
from okrsync.sandbox import Sandbox, World


@pytest.fixture(scope="module")
def served(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Sandbox]]:
    """A folder with a configuration, and the sandbox that it names."""
    folder = tmp_path_factory.mktemp("recorded")
    with Sandbox(World.load(shared / "recorded" / "world")) as sandbox:
        configured(folder, sandbox)
        yield folder, sandbox


@pytest.fixture
def recorded(
    served: tuple[Path, Sandbox], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Installation:
    """What one test stored is there for the next one, which then reads what changed."""
    return Installation(*served, capsys, monkeypatch)


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
    again = recorded.json("orphans")
    assert again == {**answer, "as_of": again["as_of"]}


@pytest.fixture(scope="module")
def figures(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Figures:
    return measure(shared, tmp_path_factory.mktemp("recorded"))


def test_every_commit_that_names_a_ticket_is_found_and_no_other(figures: Figures) -> None:
    """Read by other means than okrsync's: 1,125 messages seem to hold a key, 1,124 of them in capitals."""
    assert sum("ALOY-" in figures.messages[sha] for sha in figures.said) == 1124
    assert len(figures.said) == 1125
    named = {
        sha: {key.upper() for key in KEY.findall(ADDRESS.sub("", message))} for sha, message in figures.messages.items()
    }
    assert figures.read == {sha: keys for sha, keys in named.items() if keys}
    assert len(figures.read) == 1108


def test_each_message_that_only_seems_to_hold_a_key_has_its_reason(figures: Figures) -> None:
    assert figures.missed() == {
        "only in an address of a host that is not configured": [
            *("0ec1ca1", "303bd3c", "30888f6", "3281db5", "5fdc44c", "6588bcf")
        ],
        "a letter follows: ALOY-378b is no key": [
            *("2ee6d4c", "4e630f0", "52dfe3e", "75af76f", "b345ad0", "b6f4691", "cf92cde", "e015342", "f701e8c"),
            *("fcc4b73", "fe02c65"),
        ],
    }
    assert set(figures.read) <= figures.said


def test_the_linked_share_of_the_commits_and_the_classes_of_the_rest(figures: Figures, shared: Path) -> None:
    """Of 14 epics and what hangs below them few tickets are named; a commit inherits from no others."""
    served = below_epics(shared)
    naming = {sha for sha, keys in figures.read.items() if keys & served}
    assert figures.commits["traced"] == len({sha for sha in naming if not exempt(figures.messages[sha])})
    assert figures.commits == {
        "dangling": 51,  # numbers of pull requests that were not recorded, and six tickets
        "direct": 2618,
        "exempt": 1127,
        "traced": 3,
        "transitive": 587,
        "unresolvable": 2,
    }
    assert figures.tickets == {"direct": 1643, "traced": 91, "transitive": 71, "unresolvable": 11}
    assert figures.tickets["traced"] == len(served)


def below_epics(shared: Path) -> set[str]:
    """The keys of the epics and of all that hangs below one, by the issues as they were recorded."""
    path = shared / "recorded" / "world" / "jira" / "appcelerator" / "issues.jsonl"
    every = {raw["key"]: raw["fields"] for raw in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    served = {key for key, fields in every.items() if fields["issuetype"]["name"] == "Epic"}
    for _ in range(4):
        served |= {key for key, fields in every.items() if (fields.get("parent") or {}).get("key") in served}
    return served


def exempt(message: str) -> bool:
    return message.startswith("Merge ")


ADDRESS = re.compile(r"https?://\S+")
KEY = re.compile(r"(?<![A-Za-z0-9_])(?:ALOY|DAEMON|EE|K5)-[1-9][0-9]*(?![A-Za-z0-9_])", re.IGNORECASE)


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
