"""P2: a process that dies between a remote write and its record repeats no visible write (design: promises, P2)."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from installation import Installation

CRASHING = Path(__file__).with_name("crashing.py")


@pytest.mark.parametrize("moment", ["before-post", "after-post", "before-commit", "after-commit"])
@pytest.mark.parametrize("surface", ["label", "property", "comment"])
def test_a_crash_around_a_write_is_mended_by_the_next_run(synced: Installation, surface: str, moment: str) -> None:
    planned = synced.json("plan")["writes"]
    assert surface in {write["surface"] for write in planned}
    crash = subprocess.run(
        [sys.executable, str(CRASHING), str(synced.config), surface, moment], capture_output=True, check=False
    )
    assert crash.returncode == 9, crash.stderr
    synced.ok("apply", "--yes")
    assert synced.json("plan")["writes"] == []
    _as_planned(synced, planned)


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
