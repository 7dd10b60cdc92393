"""P26: ten thousand labels on one item, a description of a megabyte, a hundred thousand items: all of it completes, in
less than 300 MB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hostile_sizes
import pytest

from okrsync.sandbox import Sandbox
from okrsync.sandbox.bulk import SITE, many
from okrsync.sandbox.jira.adf import document

MEGABYTES = 300
LABELS, LETTERS = 10_000, 1_000_000
CONFIG = """
[okrsync]
database = "sqlite:///okrsync.db"
language = "en"

[[sources]]
id = "jira"
kind = "jira"
url = "{url}/jira/{site}"
auth = {{ email = "bot@acme.test", token = {{ env = "TOKEN" }} }}
projects = ["P0", "P1"]

[[cycles]]
id = "2026"
start = 2026-01-01
end = 2026-12-31

[[objectives]]
id = "O-1"
title = "One"
cycle = "2026"

[[objectives.key_results]]
id = "KR-1"
title = "First"
write_to = ["jira:P0-1"]
"""


@contextmanager
def uneven(folder: Path, items: int) -> Iterator[None]:
    """So many items, of which one bears ten thousand labels and others a megabyte of text or of title."""
    world = many(items)
    site = world.jira.sites[SITE]
    first, second, third = list(site.issues.values())[:3]
    first.fields["labels"] = ["okr:KR-1", *(f"label-{number}" for number in range(LABELS))]
    second.fields["description"] = document("word " * (LETTERS // 5))
    third.fields["description"] = document("x" * LETTERS)
    with Sandbox(world) as sandbox:
        (folder / "okrsync.toml").write_text(CONFIG.format(url=sandbox.url, site=SITE), encoding="utf-8")
        yield


def measured(folder: Path) -> dict[str, int]:
    """The peaks of memory of a process that did it all, in MB."""
    done = subprocess.run(
        [sys.executable, hostile_sizes.__file__, str(folder)],
        cwd=folder,
        env={**os.environ, "TOKEN": "good"},
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    peaks = {name: int(peak) for name, peak in (line.split() for line in done.stdout.splitlines()[-2:])}
    print(peaks)
    return peaks


def completes(folder: Path, items: int) -> None:
    with uneven(folder, items):
        assert max(measured(folder).values()) < MEGABYTES
    status = json.loads((folder / "answer-0.json").read_text("utf-8"))
    assert [source["items"] for source in status["sources"]] == [items]


def test_labels_and_texts_without_end_complete_in_little_memory(tmp_path: Path) -> None:
    completes(tmp_path, 2_000)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_hundred_thousand_items_complete_in_little_memory(tmp_path: Path) -> None:
    completes(tmp_path, 100_000)
