"""``/metrics``: what Prometheus reads, as its own tool and its own client understand it."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from installation import Installation
from prometheus_client.parser import text_string_to_metric_families
from web_server import Served, served

from okrsync.model import Limit, Status
from okrsync.store import Store, backup
from okrsync.store.tables import metadata
from okrsync.web import measuring

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long is waited for."""
    monkeypatch.setattr(measuring, "PATIENCE", 20)
    monkeypatch.setattr(measuring, "RESTING", 0)


def samples(site: Served) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Name → labels → value."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(site.get("/metrics").text):
        for one in family.samples:
            found.setdefault(one.name, {})[tuple(sorted(one.labels.items()))] = one.value
    return found


def busy(site: Served) -> None:
    """A daemon that has something to say of everything."""
    site.beside.counted = {source.id: 3 for source in site.config.sources}
    site.beside.limited = {"github": [Limit("core", 5000, 4000, site.now), Limit("search", 30, 29)]}


def test_it_says_what_the_reports_say(site: Served, typed: Installation) -> None:
    busy(site)
    found = samples(site)
    orphans, status = typed.json("orphans"), typed.json("status")
    assert found["okrsync_orphan_ratio"][()] == pytest.approx(orphans["totals"]["effort_share_orphan"])
    by_verdict: dict[str, float] = {}
    for labels, count in found["okrsync_items"].items():
        verdict = dict(labels)["verdict"]
        by_verdict[verdict] = by_verdict.get(verdict, 0) + count
    expected = {name: orphans["totals"][name] for name in ("traced", "exempt", "orphan", "unresolvable")}
    assert by_verdict == {name: count for name, count in expected.items() if count}
    for objective in status["objectives"]:
        for kr in objective["key_results"]:
            labels = ("key_result", kr["id"])
            assert found["okrsync_key_result_status"][labels, ("status", kr["status"])] == 1, kr["id"]
            of_it = [value for name, value in found["okrsync_key_result_status"].items() if labels in name]
            assert (sum(of_it), len(of_it)) == (1, len(Status))
            progress = found["okrsync_key_result_progress_ratio"].get((labels,))
            assert progress == (None if kr["progress"] is None else pytest.approx(kr["progress"]))
    for source in status["sources"]:
        assert found["okrsync_source_up"][(("source", source["id"]),)] == 1
        assert found["okrsync_lag_seconds"][(("source", source["id"]),)] < 3600
    runs = typed.json("runs")["runs"]
    applied = [value for labels, value in found["okrsync_writes"].items() if ("result", "applied") in labels]
    assert sum(applied) == sum(run["applied"] + run["undone"] for run in runs)
    assert found["okrsync_gate_passed"][(("gate", "coverage"),)] in (0, 1)
    assert found["okrsync_requests_remaining"][("quota", "core"), ("source", "github")] == 4000
    assert found["okrsync_requests_total"][(("source", "jira"),)] == 3
    assert found["okrsync_database_up"][()] == found["okrsync_config_reload_success"][()] == 1
    assert found["process_resident_memory_bytes"][()] > 0


def test_a_reading_is_seen_at_once(site: Served) -> None:
    """What is remembered between scrapes is measured anew once anything was said."""
    before = samples(site)
    site.beside.read_well = False
    assert samples(site)["okrsync_config_reload_success"][()] == 0
    site.config = replace(site.config, gates=())
    assert "okrsync_gate_passed" in before
    assert "okrsync_gate_passed" not in samples(site)


FIGURES = {"okrsync_items", "okrsync_orphan_ratio", "okrsync_gate_passed"}
"""What takes a walk over all items."""


def test_a_database_that_fails_in_the_middle_leaves_nothing_half_told(company: Any, tmp_path: Path) -> None:
    """Whichever table cannot be read: what is stored is told whole or not at all, and so are the figures of it."""
    path = tmp_path / "copy.db"
    backup.backup(company.store.path, path)
    store = Store.open(f"sqlite:///{path}")
    with served(company.config, store, company.now) as site:
        with without(path, "verdict"):
            unmeasured = set(samples(site))
        whole = set(samples(site))
        assert unmeasured == whole - FIGURES
        with without(path, "source"):
            alone = set(samples(site))
        broke = set()
        for name in sorted(table.name for table in metadata.sorted_tables):
            with without(path, name):
                found = samples(site)
            assert set(found) in (whole, alone), name
            assert found["okrsync_database_up"][()] == (set(found) == whole), name
            broke |= {name} if set(found) == alone else set()
            assert set(samples(site)) == whole, "as soon as it can be read"
    store.close()
    assert broke > {"source", "alert"}, "the first and the last that is asked for"


@contextmanager
def without(path: Path, name: str) -> Iterator[None]:
    """The table cannot be found."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA legacy_alter_table = ON")  # whatever names it keeps its words
        database.execute(f"ALTER TABLE {name} RENAME TO {name}_away")
        yield
        database.execute(f"ALTER TABLE {name}_away RENAME TO {name}")


def test_no_scrape_waits_for_what_takes_long(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells what was known before, and the next one tells what was measured meanwhile."""
    samples(site)
    measured, let = measuring.measured, threading.Event()

    def slowly(*what: Any) -> measuring.Figures:
        let.wait(20)
        return replace(measured(*what), orphans=0.125)

    monkeypatch.setattr(measuring, "measured", slowly)
    monkeypatch.setattr(measuring, "PATIENCE", 0.05)
    before = samples(site)["okrsync_orphan_ratio"][()]
    site.config = replace(site.config)  # another one, of which nothing is known
    for _ in range(3):
        began = time.monotonic()
        assert samples(site)["okrsync_orphan_ratio"][()] == before
        assert time.monotonic() - began < 5
    assert [one.name for one in threading.enumerate()].count("figures") == 1
    let.set()
    until = time.monotonic() + 10
    while samples(site)["okrsync_orphan_ratio"][()] != 0.125:
        assert time.monotonic() < until


def test_promtool_has_nothing_to_say(site: Served) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: apt-get install prometheus")
    busy(site)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=site.get("/metrics").content, capture_output=True, check=False
    )
    ours = [line for line in (done.stdout + done.stderr).decode().splitlines() if line.startswith("okrsync_")]
    assert not ours
    assert done.returncode == 0, done.stderr.decode()


def test_open_metrics_too(site: Served) -> None:
    answer = site.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_labels_are_few_and_each_family_is_documented(site: Served) -> None:
    """No label holds what grows with the work: items, people, runs."""
    busy(site)
    found = samples(site)
    labels = {name for rows in found.values() for row in rows for name, _ in row}
    assert labels <= {
        *("source", "state", "kind", "verdict", "key_result", "objective", "status", "result", "gate", "quota"),
        *("work", "version", "schema"),
    }
    goals = len(site.config.goals.key_results) + len(site.config.goals.objectives)
    assert sum(map(len, found.values())) < 200 + goals * (len(Status) + 3)
    described = set(re.findall(r"`(okrsync_\w+)", DOCS.read_text(encoding="utf-8")))
    assert {name for name in found if name.startswith("okrsync_")} <= described
    helps = [line for line in site.get("/metrics").text.splitlines() if line.startswith("# HELP okrsync_")]
    assert all(len(line.split(" ", 3)[3]) > 10 for line in helps)
    assert len({line.split(" ", 3)[3] for line in helps}) > len(helps) - 4, "each says what it is"
