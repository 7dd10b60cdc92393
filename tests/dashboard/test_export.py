"""What a page lists as a file: the same bytes as the command writes, all rows, and nothing that a spreadsheet runs."""

from __future__ import annotations

import asyncio
import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from demo_company import Company
from web_server import Served, served

from okrsync.dashboard import export
from okrsync.reports import orphans
from okrsync.reports.encoding import as_json
from okrsync.reports.sheet import Sheet, as_csv, as_markdown
from okrsync.store import Store
from okrsync.texts import speaker

HOSTILE = '=HYPERLINK("http://evil.test")<script>alert(1)</script>'


def forms(site: Served, language: str, **how: Any) -> dict[str, str]:
    """What the command writes."""
    grouped = "group_by" in how
    asked = {"group_by": "fix", "since": None, "team": None, "sources": None, **how}
    speak = speaker(language)
    with site.store.read() as tx:
        answer = orphans.answer(tx, site.config, site.now, speak, **asked)
        flat = (orphans.group_sheet if grouped else orphans.sheet)(answer, speak)
        return {"csv": as_csv(flat), "md": as_markdown(flat, speak), "json": as_json(answer)}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_files_are_those_of_the_command(site: Served, language: str) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        ("", {}),
        ("?team=boutique&limit=1&offset=5", {"team": "boutique"}),
        ("?source=jira&source=asana", {"sources": ["jira", "asana"]}),
        ("?group_by=team", {"group_by": "team"}),
    ]
    for query, how in asked:
        for form, text in forms(site, language, **how).items():
            answer = site.get(f"/orphans.{form}{query}", headers={"Accept-Language": language})
            assert answer.status_code == 200
            assert answer.content == text.encode()
            assert answer.headers["content-type"] == export.FORMS[form]
            name = f"okrsync-orphans-{site.now:%Y-%m-%d}.{form}"
            assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
            assert answer.headers["content-length"] == str(len(answer.content))


def test_rows_are_all_of_them_however_many_a_page_shows(site: Served) -> None:
    rows = list(csv.DictReader(io.StringIO(site.get("/orphans.csv?limit=3").text)))
    items = orjson.loads(site.get("/orphans.json?limit=3").content)["items"]
    assert [row["key"] for row in rows] == [item["key"] for item in items]
    assert len(rows) > 400


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("team=nobody", "no team 'nobody'"),
        ("colour=red&limit=-1", "colour"),
        ("since=soon", "since soon is no day"),
    ],
)
def test_a_program_is_told_what_is_wrong_as_the_api_tells_it(site: Served, wrong: str, sentence: str) -> None:
    for form in export.FORMS:
        told = site.get(f"/orphans.{form}?{wrong}")
        assert (told.status_code, told.headers["content-type"]) == (422, "application/json")
        assert sentence in told.json()["error"]
        page = site.get(f"/orphans.{form}?{wrong}", headers={"Accept": "text/html,*/*;q=0.8"})
        assert (page.status_code, page.headers["content-type"]) == (422, "text/html; charset=utf-8")


def test_faults_are_those_of_the_page(site: Served) -> None:
    for form in export.FORMS:
        assert site.get(f"/orphans.{form}?team=nobody").status_code == 422
        assert site.get(f"/orphans.{form}?colour=red").status_code == 422
        assert site.get(f"/orphans.{form}", method="POST").status_code == 405
        head = site.get(f"/orphans.{form}", method="HEAD")
        assert (head.status_code, head.content) == (200, b"")
    assert site.get("/orphans.xls").status_code == 404
    assert site.get("/trace.csv").status_code == 404


def test_a_new_installation_gives_files_too(fresh: Served) -> None:
    assert fresh.get("/orphans.csv").text.startswith("source,key,")
    assert orjson.loads(fresh.get("/orphans.json").content)["items"] == []
    assert fresh.get("/orphans.md").text.startswith("# ")


@pytest.fixture
def hostile(company: Company, tmp_path: Path) -> Iterator[Served]:
    """The company, every title and address of which was written by somebody who means harm."""
    path = tmp_path / "hostile.db"
    with closing(sqlite3.connect(str(company.store.path))) as held, closing(sqlite3.connect(path)) as made:
        held.backup(made)
        made.execute("UPDATE item SET title = ?, url = 'javascript:alert(1)'", [HOSTILE])
        made.commit()
    config = replace(company.config, database=f"sqlite:///{path}")
    store = Store.open(config.database)
    with served(config, store, company.now) as found:
        yield found
    store.close()


def test_hostile_text_is_text_in_every_file_and_on_the_pages(hostile: Served) -> None:
    rows = list(csv.DictReader(io.StringIO(hostile.get("/orphans.csv").text)))
    assert {row["title"] for row in rows} == {"'" + HOSTILE}
    assert "<script" not in hostile.get("/orphans.md").text.replace("\\<script", "")
    keys = [row["key"] for row in rows[:3]]
    for path in (
        "/orphans",
        "/orphans?suggest=1",
        "/trace",
        *(f"/trace?item={key.replace('#', '%23')}" for key in keys),
    ):
        text = hostile.get(path).text
        assert "<script>alert" not in text
        assert 'href="javascript' not in text
        assert "HYPERLINK" in text


def test_a_long_file_is_made_on_the_disk_and_closed_whatever_becomes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Watched(export.SpooledTemporaryFile):  # type: ignore[type-arg]
        def __init__(self, size: int) -> None:
            super().__init__(size)
            made.append(self)

    monkeypatch.setattr(export, "SpooledTemporaryFile", Watched)
    rows = [{"key": f"SHOP-{number}", "title": "x" * 90} for number in range(20_000)]
    listing = export.Listing({"rows": rows}, lambda answer, _: Sheet("", (), ("key", "title"), answer["rows"]))

    def file() -> export.Written:
        from datetime import UTC, datetime

        return export.written(listing, "csv", "test", datetime(2026, 11, 23, tzinfo=UTC), speaker("en"))

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def gone(message: Any) -> None:
        raise OSError("the reader is gone")

    asyncio.run(file()({}, None, send))  # type: ignore[arg-type]
    body = b"".join(one.get("body", b"") for one in sent)
    assert body == as_csv(listing.sheet(listing.answer, speaker("en"))).encode()
    assert max(len(one.get("body", b"")) for one in sent) == export.PIECE
    assert made[0]._rolled
    with pytest.raises(OSError, match="gone"):
        asyncio.run(file()({}, None, gone))  # type: ignore[arg-type]

    def breaks(answer: Any, speak: Any) -> Sheet:
        raise ValueError("no sheet")

    with pytest.raises(ValueError, match="no sheet"):
        export.written(replace(listing, sheet=breaks), "csv", "test", None, speaker("en"))  # type: ignore[arg-type]
    assert [one.closed for one in made] == [True] * 3
