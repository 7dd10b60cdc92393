"""Asana as people see it: what okrsync wrote, and took back; a person's word on a goal; echoes of our own writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from installation import Installation
from sqlalchemy import func, select

from okrsync.cli.session import Session
from okrsync.model import Json, Say, Slot, Surface, Write
from okrsync.overriding import overrides
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.store import known
from okrsync.store import tables as t

GOAL, PROJECT = "4001", "51"
CONFIG = """
{language}
[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ file = "token" }} }}
workspace = "5000"
projects = ["51"]
goals = true

[[objectives]]
id = "O-SHOP"
title = "A shop that people come back to"

[[objectives.key_results]]
id = "KR-UX"
title = "The new checkout is live"
containers = ["asana:project:51"]
write_to = ["asana:goal:4001"]

[[objectives.key_results]]
id = "KR-OTHER"
title = "Another"

[writeback]
mode = "plan"

[writeback.asana]
objective_field = "{field}"
"""
SLOT = Slot("asana", f"goal:{GOAL}", Surface.UPDATE, "okrsync")


class Shop(Installation):
    """A project with a goal, after its first sync."""

    workspace: Workspace
    field: str

    def begin(self, language: str = "en") -> None:
        spoken = f'[okrsync]\nlanguage = "{language}"\n'
        text = CONFIG.format(url=self.sandbox.url, field=self.field, language=spoken)
        self.config.write_text(text, encoding="utf-8")
        self.ok("sync")

    def push(self, *writes: tuple[Slot, Json]) -> None:
        """okrsync wrote this, and the journal says so."""
        session = Session(str(self.config))
        sink: Any = session.connect(session.config.sources[0])
        sink.push([Write(slot, "key", "url", None, after, Say("why")) for slot, after in writes])
        with session.store.begin() as tx:
            for slot, after in writes:
                known.wrote(tx, slot, after, after, None, datetime.now(UTC), restored=False)
        sink.close()
        session.store.close()

    def says(self, status: str, who: str, **later: float) -> None:
        """A person says so on the goal, after all that was said before."""
        self.sandbox.world.clock.advance(timedelta(minutes=5, **later))
        update = {"status_type": status, "text": "As I see it"}
        self.workspace.edit(f"goals/{GOAL}", {"status_update": update, "by": who})
        self.ok("sync")

    def seen(self) -> list[Any]:
        """What people see of an epic, of another task and of the goal, its metric besides."""
        paths = ("tasks/6004", "tasks/6003", f"goals/{GOAL}")
        found = [requests.get(f"{self.sandbox.url}/_sandbox/asana/5000/{path}", timeout=5).json() for path in paths]
        metric = self.workspace.held["goal"][GOAL].get("metric")
        return [*found[:2], {**found[2], "metric": metric and metric["current_number_value"]}]

    def override(self) -> Any:
        (objective,) = self.json("status")["objectives"]
        found = {kr["id"]: kr["override"] for kr in objective["key_results"]}
        assert found["KR-OTHER"] is None
        return found["KR-UX"]


@pytest.fixture
def shop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    workspace = Workspace(
        "5000",
        projects=[{"gid": PROJECT, "name": "Shop"}],
        goals=[{"gid": GOAL, "name": "Keep them"}],
        tasks=[{"gid": str(6000 + number), "name": f"Task {number}"} for number in range(5)],
    )
    workspace.edit(f"projects/{PROJECT}", {"fields": [{"name": "Objective", "type": "text"}]})
    with Sandbox(World(asana=[workspace])) as sandbox:
        (tmp_path / "token").write_text("good\n")
        found = Shop(tmp_path, sandbox, capsys, monkeypatch)
        found.workspace, (found.field,) = workspace, workspace.custom.fields
        yield found


def ours(status: str = "at_risk") -> Json:
    return {"status_type": status, "title": "KR-UX", "text": "so far\nokrsync · okrsync · KR-UX"}


def test_a_word_after_ours_is_shown_with_who_said_it_and_where(shop: Shop) -> None:
    shop.begin()
    assert shop.override() is None
    shop.push((SLOT, ours()))
    shop.ok("sync")
    assert shop.override() is None, "the newest word is ours"
    shop.says("on_track", "Ana <b>")
    said = shop.override()
    assert (said["status"], said["by"], said["where"]) == ("on_track", "Ana <b>", f"asana:goal:{GOAL}")
    assert said["url"].startswith("http")
    assert datetime.fromisoformat(said["at"]) > datetime.now(UTC)
    table = " ".join(shop.ok("status").split())
    assert f"Ana <b> says “on track” on asana:goal:{GOAL} since " in table
    assert "type: okrsync approve KR-UX" in table
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(shop.ok("status", "--format", "csv")))}
    assert (rows["KR-UX"]["override_status"], rows["KR-UX"]["override_by"]) == ("on_track", "Ana <b>")
    assert rows["KR-OTHER"]["override_status"] == rows["O-SHOP"]["override_status"] == ""
    assert "on track, Ana &lt;b&gt;" in shop.ok("status", "--format", "html")


def test_in_french(shop: Shop) -> None:
    shop.begin("fr")
    shop.push((SLOT, ours()))
    shop.says("partial", "Ana")
    table = " ".join(shop.ok("status").split())
    assert f"Ana indique « partiellement atteint » sur asana:goal:{GOAL} depuis le " in table


def test_a_word_before_ours_is_none(shop: Shop) -> None:
    shop.begin()
    shop.says("on_track", "Ana", hours=-2)
    assert shop.override() is None, "okrsync never spoke there"
    shop.push((SLOT, ours()))
    shop.ok("sync")
    assert shop.override() is None


def test_it_holds_until_it_is_approved(shop: Shop) -> None:
    shop.begin()
    shop.push((SLOT, ours()))
    shop.says("on_track", "Ana")
    shop.sandbox.world.clock.set(None)
    session = Session(str(shop.config))
    later = datetime.now(UTC) + timedelta(hours=1)
    session_now = pytest.MonkeyPatch()
    session_now.setattr(Session, "now", lambda _: later)
    shop.ok("approve", "KR-UX")
    session_now.undo()
    with session.store.read() as tx:
        assert overrides(tx, session.config) == {}
    session.store.close()
    assert shop.override() is None
    shop.sandbox.world.clock.advance(timedelta(hours=2))
    shop.says("off_track", "Ben")
    assert shop.override()["by"] == "Ben"


def test_a_quiet_sync_writes_nothing_of_what_was_said(shop: Shop) -> None:
    shop.begin()
    shop.push((SLOT, ours()))
    shop.says("on_track", "Ana")
    session = Session(str(shop.config))
    with session.store.read() as tx:
        stored = tx.execute(select(t.goal)).all()
    assert shop.json("sync")["sources"][0]["changed"] == 0
    with session.store.read() as tx:
        assert tx.execute(select(t.goal)).all() == stored
    session.store.close()


def test_what_okrsync_wrote_changes_no_item_and_links_nothing_anew(shop: Shop) -> None:
    shop.begin()
    task = "6001"
    session = Session(str(shop.config))
    assert session.config.sources[0].written == {shop.field}
    with session.store.read() as tx:
        before = tx.execute(select(t.item.c.remote_id, t.item.c.fingerprint).order_by(t.item.c.uid)).all()
    shop.push(
        (Slot("asana", task, Surface.LABEL, "okr-orphan"), True),
        (Slot("asana", task, Surface.OBJECTIVE_LABEL, "okr-objective:O-SHOP"), True),
        (Slot("asana", task, Surface.OBJECTIVE_FIELD, shop.field), "O-SHOP"),
        (Slot("asana", task, Surface.COMMENT, "okrsync"), "KR-UX · 20 %"),
    )
    shop.sandbox.world.clock.advance(timedelta(hours=2))
    done = shop.json("sync")
    assert [one["changed"] for one in done["sources"]] == [0]
    with session.store.read() as tx:
        after = tx.execute(select(t.item.c.remote_id, t.item.c.fingerprint).order_by(t.item.c.uid)).all()
        assert after == before
        assert tx.execute(select(func.count()).select_from(t.dirty)).scalar_one() == 0
    session.store.close()


def test_every_surface_is_written_shown_and_taken_back(shop: Shop) -> None:
    """A title full of addresses, six surfaces: one apply, a plan and a sync without news, and no trace after undo."""
    project = {"fields": [{"name": "OKR %", "type": "number", "format": "percentage", "precision": 0}]}
    shop.workspace.edit(f"projects/{PROJECT}", project)
    metric = {"unit": "percentage", "initial_number_value": 0, "target_number_value": 1}
    shop.workspace.edit(f"goals/{GOAL}", {"metric": metric})
    for number in range(6000, 6003):
        shop.workspace.edit(f"tasks/{number}", {"completed": True})
    before = shop.seen()
    shop.begin()
    progress = next(gid for gid, one in shop.workspace.custom.fields.items() if one["name"] == "OKR %")
    shop.edit("The new checkout is live", "https://app.asana.com/0/0/6001 @Ana")
    today = datetime.now(UTC).date()
    start, end = today - timedelta(days=400), today + timedelta(days=300)
    shop.edit('write_to = ["', f'start = {start}\nend = {end}\nwrite_to = ["asana:6004", "')
    shop.edit('objective_field = "', f'progress_field = "{progress}"\nobjective_field = "')
    every = '"objective_label", "objective_field", "number", "comment", "metric", "update"'
    shop.edit('mode = "plan"', f'mode = "apply"\nsurfaces = [{every}]')
    shop.ok("sync")
    shop.ok("apply", "--yes")
    epic, other, goal = shop.seen()
    assert (epic["fields"], epic["tags"]) == ({"Objective": "O-SHOP", "OKR %": "60%"}, ["okr-objective:O-SHOP"])
    assert (other["fields"], other["tags"]) == ({"Objective": "O-SHOP", "OKR %": None}, ["okr-objective:O-SHOP"])
    (comment,), (update,) = epic["comments"], goal["updates"]
    for text in (comment, update, update["title"]):
        assert (text["links"], text["mentions"]) == ([], [])
    assert "https://app.asana.com/0/0/6001 @Ana" in comment["text"]
    assert comment["pinned"] is True
    assert goal["metric"] == 0.6
    shop.sandbox.clear_requests()
    assert "Nothing to write" in shop.ok("plan")
    shop.sandbox.world.clock.advance(timedelta(minutes=10))
    assert shop.json("sync")["sources"][0]["changed"] == 0
    assert "Nothing to write" in shop.ok("plan")
    assert shop.sandbox.unsafe_requests() == []
    shop.ok("undo", "--all", "--yes")
    assert shop.seen() == before
    assert shop.workspace.held["tag"] == {}
