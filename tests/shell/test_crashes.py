"""P2: a process that dies between a remote write and its record repeats no visible write (design: promises, P2)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
from every_surface import PLACES, Everywhere, all_ours, every_surface
from installation import Installation
from trio import adds_up

from okrsync.store import journal

CRASHING = Path(__file__).with_name("crashing.py")

MOMENTS = ["before-post", "after-post", "before-commit", "after-commit"]
CASES = [(*place, moment) for place, moment in product(PLACES, MOMENTS)]
EACH = (1, 18, 35, 52)  # each of the moments, each in another place


@pytest.fixture
def everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Everywhere]:
    monkeypatch.setenv("TOKEN", "good")
    with every_surface(tmp_path) as found:
        yield found


@pytest.mark.parametrize(
    ("source", "surface", "moment"),
    [pytest.param(*case, marks=[] if number in EACH else pytest.mark.soak) for number, case in enumerate(CASES)],
)
def test_a_crash_around_a_write_is_mended_by_the_next_run(
    everywhere: Everywhere, source: str, surface: str, moment: str
) -> None:
    company = everywhere.company
    store = everywhere.synced()
    planned = company.plan(store).writes
    assert (source, surface) in {(write.slot.source, write.slot.surface.value) for write in planned}
    crashed(everywhere, source, surface, moment)
    with store.read() as tx:
        pending = {(one.write.slot.source, one.write.slot.surface.value) for one in journal.pending(tx)}
    assert ((source, surface) in pending) is (moment != "after-commit")
    company.apply(store)
    assert company.plan(store).writes == ()
    everywhere.is_written_once(planned)
    assert all_ours(store, planned)
    adds_up(store)


@pytest.mark.parametrize(
    ("source", "surface"),
    [
        pytest.param(*place, marks=[] if place[1] == "update" else pytest.mark.soak)
        for place in PLACES
        if place[1] in ("comment", "status", "update", "label", "block")
    ],
)
def test_what_a_dead_process_sent_may_show_late(everywhere: Everywhere, source: str, surface: str) -> None:
    """The process is gone right after the POST, which shows 100 ms later: what looks for it waits for that (P3)."""
    company = everywhere.company
    store = everywhere.synced()
    planned = company.plan(store).writes
    company.sandbox.fault("late", method="POST", times=None, seconds=0.1)
    crashed(everywhere, source, surface, "after-post")
    company.sandbox.clear()
    company.apply(store, wait=everywhere.passing)
    assert company.plan(store).writes == ()
    everywhere.is_written_once(planned)
    assert all_ours(store, planned)


def crashed(everywhere: Everywhere, source: str, surface: str, moment: str) -> None:
    """``okrsync apply`` died then."""
    company = everywhere.company
    company.replace("unused.db", "okrsync-0.db")
    assert company.config.sources, "the file is written"
    about = [str(company.folder / "okrsync.toml"), company.now().isoformat(), source, surface, moment]
    tests = os.environ | {"PYTHONPATH": str(CRASHING.parents[1])}
    crash = subprocess.run([sys.executable, str(CRASHING), *about], capture_output=True, check=False, env=tests)
    assert crash.returncode == 9, crash.stderr


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
