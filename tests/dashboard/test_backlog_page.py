"""The page of the open work: what it lists is what the command lists, in that order, and it can be narrowed."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from documents import Document
from sqlalchemy import update
from web_server import Served

from okrsync.assess import assess
from okrsync.model import Say
from okrsync.reports import backlog
from okrsync.store import tables as t
from okrsync.texts import speaker

HOSTILE = '<script>alert(1)</script> "quoted" & <b>bold</b>'


def page(site: Served, path: str, language: str = "en") -> Document:
    answer = site.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, path)
    assert found.faults == []
    return found


def told(site: Served, **cut: Any) -> dict[str, Any]:
    """What the command says."""
    with site.store.read() as tx:
        assessment = assess(tx, site.config, site.now)
        answer = backlog.answer(tx, site.config, assessment, speaker("en"), cut=backlog.Cut(**cut))
        return {**answer, "items": list(answer["items"])}


def threads(found: Document) -> list[str]:
    """Which items are listed, in order."""
    return [one.get("href") for one in found.links() if "key" in one.get("class") and "td" in one.inside]


def thread(item: dict[str, Any]) -> str:
    return f"/trace?item={item['source']}:{item['key']}".replace("#", "%23")


def test_it_lists_what_the_command_lists_page_by_page(site: Served) -> None:
    every = told(site)["items"]
    assert len(every) > 60
    listed: list[str] = []
    path: str | None = "/backlog?limit=50"
    while path:
        found = page(site, path)
        listed += threads(found)
        path = next((one.get("href") for one in found.links() if one.get("rel") == "next"), None)
    assert listed == [thread(item) for item in every]


@pytest.mark.parametrize(("language", "words"), [("en", "open: "), ("fr", "ouverts\u00a0: ")])
def test_objectives_stand_with_their_status_the_worst_first(site: Served, language: str, words: str) -> None:
    answer, found = told(site), page(site, "/backlog?limit=500", language)
    statuses = {one["id"]: speaker(language)(Say.of(f"status.{one['status']}")) for one in answer["objectives"]}
    counts = {one["id"]: one["open"] for one in answer["objectives"]}
    order = list(dict.fromkeys(item["objective"] for item in answer["items"] if item["objective"]))
    heads = [one.text for one in found.all("h2") if one.text.split()[0] in counts]
    assert [head.split()[0] for head in heads] == order
    for name, head in zip(order, heads, strict=True):
        assert statuses[name] in head
        assert head.endswith(f"{words.replace(chr(160), ' ')}{counts[name]}")


def test_each_item_says_why_it_stands_there(site: Served) -> None:
    item = told(site)["items"][0]
    found = page(site, "/backlog?limit=1")
    assert item["of_goal"] in found.main
    assert item["of_item"][1:] in found.main
    [row] = [one for one in found.all("tr") if item["key"] in one.text]
    assert f"{item['age_days']} d" in row.text
    assert item["key_result"] in {one.text for one in found.links()}


def test_it_is_narrowed_to_an_objective_a_team_and_a_source(site: Served) -> None:
    every = told(site)["items"]
    objective, team, source = (
        next(item[name] for item in every if item[name]) for name in ("objective", "team", "source")
    )
    asked = {"objective": objective, "team": team, "source": source}
    for name, value in asked.items():
        found = page(site, f"/backlog?{name}={value}&limit=500")
        wanted = [item for item in every if item[name] == value]
        assert threads(found) == [thread(item) for item in wanted]
        assert f"Open items: {len(wanted)}." in found.main
        [chosen] = [one for one in found.all("option") if "selected" in one.attributes and one.get("value")]
        assert chosen.get("value") == value


def test_what_is_not_there_is_said_with_what_was_likely_meant(site: Served) -> None:
    answer = site.get("/backlog?team=mobil")
    assert answer.status_code == 422
    assert "did you mean" in answer.text
    assert site.get("/backlog?limit=0").status_code == 422
    assert site.get("/backlog?who=ada").status_code == 422


def test_it_can_be_taken_along_whole(site: Served) -> None:
    rows = list(csv.DictReader(io.StringIO(site.get("/backlog.csv?source=jira").text)))
    assert [row["key"] for row in rows] == [item["key"] for item in told(site)["items"] if item["source"] == "jira"]
    links = [one.get("href") for one in page(site, "/backlog?source=jira&offset=50").links()]
    assert "/backlog.csv?source=jira" in links


def test_where_nothing_was_read_it_says_so_kindly(fresh: Served, unread: Served) -> None:
    for one in (fresh, unread):
        assert "Nothing is open." in page(one, "/backlog").main
        assert "Rien n’est ouvert." in page(one, "/backlog", "fr").main
        assert not [link for link in page(one, "/backlog").links() if "limit" in link.get("href")]


def test_titles_that_are_markup_are_shown_as_they_are(site: Served) -> None:
    [first] = told(site, limit=1)["items"]
    mine = (t.item.c.source == first["source"]) & (t.item.c.key == first["key"])
    _retitle(site, mine, HOSTILE)
    try:
        found = page(site, "/backlog?limit=1")
        assert HOSTILE in found.main
        assert not [one for one in found.all("script") if "main" in one.inside]
    finally:
        _retitle(site, mine, first["title"])


def _retitle(site: Served, mine: Any, title: str) -> None:
    with site.store.begin() as tx:
        tx.execute(update(t.item).where(mine).values(title=title))
