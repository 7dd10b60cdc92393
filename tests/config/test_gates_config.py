"""``[[gates]]``: read with their defaults, and all that is wrong with them told at once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import config
from connectors import registry
from okrsync.model import Gate, Measure

TEAMS = """
[teams]
mobile = { projects = ["jira:SHOP"] }
"""
FOUR = """
[[gates]]
id = "pilot"
measure = "coverage"
at_least = 0.8
team = "mobile"
of = "items"
why = "before the second wave"

[[gates]]
id = "syncs"
measure = "sync_success"
at_least = 0.99
window = "7d"
source = "jira"

[[gates]]
id = "links"
measure = "false_links"
at_most = 0.02
sample = "labelled.csv"
fewest = 50

[[gates]]
id = "writes"
measure = "reverted_writes"
at_most = 0.01
"""


def test_gates_are_read_in_the_order_of_the_file_with_their_defaults(load) -> None:
    month = timedelta(days=28)
    assert load(TEAMS + FOUR).gates == (
        Gate("pilot", Measure.COVERAGE, 0.8, None, month, "items", "mobile", why="before the second wave"),
        Gate("syncs", Measure.SYNC_SUCCESS, 0.99, None, timedelta(days=7), source="jira"),
        Gate("links", Measure.FALSE_LINKS, None, 0.02, month, sample="labelled.csv", fewest=50),
        Gate("writes", Measure.REVERTED_WRITES, None, 0.01, month),
    )
    assert load("").gates == ()


def test_every_fault_is_told_at_once_with_what_was_meant(faults) -> None:
    told = faults(
        TEAMS
        + """
[[gates]]
id = "a"
measure = "coverge"
team = "mobil"
[[gates]]
id = "A"
measure = "false_links"
at_least = 0.02
window = "3d"
[[gates]]
measure = "sync_success"
at_least = 1.5
team = "mobile"
sources = "jira"
[[gates]]
id = "d d"
measure = "reverted_writes"
source = "jra"
fewest = 0
sample = "x.csv"
"""
    )
    place = "okrsync.toml: [gates"
    assert told == [
        f'{place}.A] id: "A" differs only by case or Unicode form from "a" of [gates.a] in okrsync.toml',
        f'{place}.a] measure: must be one of "coverage", "sync_success", "false_links", "reverted_writes"; found '
        '"coverge" (did you mean "coverage"?)',
        f'{place}.a] team: there is no team of this id; found "mobil" (did you mean "mobile"?)',
        f"{place}.A] at_least: of false_links, less is better: write at_most in its place",
        f"{place}.A] window: a gate of false_links has none; it belongs to coverage or reverted_writes or sync_success",
        f'{place}.A] sample: missing; it names a CSV or TOML file, such as sample = "labelled.csv"',
        f'{place}.#3] id: missing; write for example: id = "pilot-coverage"',
        f"{place}.#3] at_least: must be at most 1; found 1.5",
        f"{place}.#3] team: a gate of sync_success has none; it belongs to coverage",
        f'{place}.#3] sources: unknown option (did you mean "source"?)',
        f'{place}.#4] id: must be a name without spaces, such as "pilot-coverage"; found "d d"',
        f"{place}.#4] at_most: missing; write for example: at_most = 0.01",
        f'{place}.#4] source: there is no source of this id; found "jra" (did you mean "jira"?)',
        f"{place}.#4] sample: a gate of reverted_writes has none; it belongs to false_links",
        f"{place}.#4] fewest: must be at least 1; found 0",
    ]


def test_gates_stand_in_the_main_file_alone(faults) -> None:
    told = faults('[okrsync]\ninclude = ["more.toml"]\n', files={"more.toml": '[[gates]]\nid = "x"\n'})
    assert told == ["more.toml: [gates]: belongs to the main file; an included file may hold cycles, objectives, teams"]


def test_the_example_of_the_documentation_is_valid(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "rollout.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    path = tmp_path / "okrsync.toml"
    path.write_text(example, encoding="utf-8")
    assert {gate.measure for gate in config.load(path, {}, registry.settings()).gates} == set(Measure)
