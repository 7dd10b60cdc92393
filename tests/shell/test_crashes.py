"""P2: a process that dies between a remote write and its record repeats no visible write (design: promises, P2)."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from installation import Installation
from trio import Trio, adds_up, three_tools

CRASHING = Path(__file__).with_name("crashing.py")

SURFACES = [
    *product(["jira"], ["label", "property", "comment"]),
    *product(["github"], ["label", "comment", "status"]),
    *product(["asana"], ["label", "metric", "update"]),
]
MOMENTS = ["before-post", "after-post", "before-commit", "after-commit"]
CASES = [(*surface, moment) for surface, moment in product(SURFACES, MOMENTS)]


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    ("source", "surface", "moment"),
    [pytest.param(*case, marks=[] if number % 5 == 1 else pytest.mark.soak) for number, case in enumerate(CASES)],
)
def test_a_crash_around_a_write_is_mended_by_the_next_run(
    trio: Trio, source: str, surface: str, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "good")
    store = trio.synced()
    planned = trio.company.plan(store).writes
    assert (source, surface) in {(write.slot.source, write.slot.surface.value) for write in planned}
    trio.company.replace("unused.db", "okrsync-0.db")
    assert trio.company.config.sources, "the file is written"
    about = [str(trio.company.folder / "okrsync.toml"), trio.company.now().isoformat(), source, surface, moment]
    crash = subprocess.run([sys.executable, str(CRASHING), *about], capture_output=True, check=False)
    assert crash.returncode == 9, crash.stderr
    trio.company.apply(store)
    assert trio.company.plan(store).writes == ()
    trio.is_written_once(planned)
    adds_up(store)


def test_a_lost_answer_leaves_one_comment(synced: Installation) -> None:
    planned = synced.json("plan")["writes"]
    synced.sandbox.fault("reset", method="POST", path=".*/comment", after=True)
    assert synced.run("apply", "--yes").code == 69
    synced.ok("apply", "--yes")
    assert synced.json("plan")["writes"] == []
    _as_planned(synced, planned)


def test_an_interrupted_apply_ends_what_is_left(synced: Installation) -> None:
    planned = synced.json("plan")["writes"]
    synced.sandbox.fault("answer", method="PUT|POST|DELETE", path=".*/issue/.*", status=503, skip=4, times=None)
    assert synced.run("apply", "--yes").code == 69
    synced.sandbox.clear()
    synced.ok("apply", "--yes")
    assert synced.json("plan")["writes"] == []
    _as_planned(synced, planned)


def _as_planned(installed: Installation, planned: list[dict[str, object]]) -> None:
    """Each object carries what the plan said, once."""
    site = next(iter(installed.sandbox.world.jira.sites.values()))
    comments = Counter(str(write["target"]) for write in planned if write["surface"] == "comment")
    for key in comments:
        assert len(site.comments_of(site.find(key))) == 1
    for write in planned:
        issue = site.find(str(write["target"]))
        if write["surface"] == "label":
            assert issue.fields["labels"].count(write["name"]) == 1
        if write["surface"] == "property":
            assert issue.properties[str(write["name"])] == write["after"]
