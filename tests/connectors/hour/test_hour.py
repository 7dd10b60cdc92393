"""The page "a connector in an hour" holds the code that is tested, and its connector carries a whole sync."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from demo_company import NOW
from installation import Installation
from redmine_server import RedmineServer

from connectors import registry
from okrsync.cli.session import Session
from okrsync.sandbox import Sandbox, World
from okrsync.sandbox.clock import Clock

HERE = Path(__file__).parent
PAGE = HERE.parents[2] / "docs" / "a-connector-in-an-hour.md"

CONFIG = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "UTC"
language = "en"
instance = "acme"

{source}
[[cycles]]
id = "now"
start = 2026-01-01
end = 2026-12-31

[[objectives]]
id = "O-SHOP"
title = "A shop that people come back to"
owner = "cpo@acme.test"
cycle = "now"

[[objectives.key_results]]
id = "KR-UX"
title = "The new checkout is live"
owner = "cpo@acme.test"
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def lines(*texts: str) -> list[str]:
    return [line for text in texts for line in text.splitlines() if line.strip()]


def test_the_code_of_the_page_is_the_code_that_is_tested() -> None:
    code = [(HERE / name).read_text(encoding="utf-8") for name in ("redmine.py", "test_hour_conformance.py")]
    assert lines(*blocks("python")) == lines(*code)


def test_the_line_of_the_page_is_one_of_the_registry() -> None:
    (diff,) = blocks("diff")
    told = [line[1:].strip() for line in diff.splitlines() if line.startswith(" ")]
    registered = Path(registry.__file__).read_text(encoding="utf-8")
    assert all(line in registered for line in told)


@pytest.fixture
def installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[tuple[Installation, RedmineServer]]:
    monkeypatch.setitem(registry.KINDS, "redmine", ("redmine:RedmineSettings", "redmine:connect"))
    monkeypatch.setenv("REDMINE_KEY", "good")
    clock = Clock(NOW)
    monkeypatch.setattr(Session, "now", lambda _: clock())
    server, world = RedmineServer(clock), World(clock=clock)
    world.served["redmine"] = server
    with Sandbox(world) as sandbox:
        (source,) = blocks("toml")
        text = CONFIG.format(source=source.replace("https://redmine.acme.test", f"{sandbox.url}/redmine"))
        (tmp_path / "okrsync.toml").write_text(text, encoding="utf-8")
        yield Installation(tmp_path, sandbox, capsys, monkeypatch), server


def test_a_whole_sync_with_the_connector_of_the_page(installed: tuple[Installation, RedmineServer]) -> None:
    """Signing in, a first sync, links by label and by parent, a second sync, a status that is renamed, a deletion."""
    okrsync, server = installed
    now = server.clock
    epic = server.create(1, now(), subject="Checkout", category={"id": 1, "name": "okr:KR-UX"})
    story = server.create(1, now(), subject="Basket", parent={"id": epic})
    loose = server.create(2, now(), subject="Loose ends")
    assert "okrsync" in okrsync.ok("check-config", "--online")
    (synced,) = okrsync.json("sync")["sources"]
    assert (synced["id"], synced["state"], synced["pulled"]) == ("redmine", "ok", 3)
    links = {number: okrsync.json("trace", f"redmine:shop#{number}")["links"] for number in (epic, story)}
    assert {number: [(link["target"], link["rule"]) for link in held] for number, held in links.items()} == {
        epic: [("KR-UX", "label")],
        story: [("KR-UX", "parent")],
    }
    assert [row["key"] for row in okrsync.json("orphans")["items"]] == [f"pay#{loose}"]

    now.advance(timedelta(hours=1))
    server.close_issue(story)
    (again,) = okrsync.json("sync")["sources"]
    assert (again["state"], again["changed"]) == ("ok", 1)
    (objective,) = okrsync.json("status")["objectives"]
    (key_result,) = objective["key_results"]
    assert (key_result["done"], key_result["scope"]) == (1, 1)

    server.statuses[5] = "Done"
    (reworded,) = okrsync.json("sync")["sources"]
    assert reworded["pulled"] == 3, "everything is read again"

    del server.issues[loose]
    assert okrsync.json("sync", "--full", "--allow-mass-delete")["sources"][0]["state"] == "ok"
    assert okrsync.json("orphans")["items"] == []
