"""The page of the orphans: what the report says, every cut of it, exempt work beside it, and nothing lost between
pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from documents import Document
from web_server import Served, served

from okrsync.dashboard.drawing.weeks import bars
from okrsync.reports import orphans, suggest
from okrsync.reports.common import percent, short
from okrsync.texts import speaker

EN = speaker("en")


def page(site: Served, path: str = "/orphans", language: str = "en") -> Document:
    answer = site.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, path)
    assert found.faults == []
    return found


def told(site: Served, language: str = "en", **how: Any) -> dict[str, Any]:
    """What the command says."""
    asked = {"group_by": "fix", "since": None, "team": None, "sources": None, **how}
    with site.store.read() as tx:
        answer = orphans.answer(tx, site.config, site.now, speaker(language), **asked)
        return {**answer, "items": list(answer["items"])}


def listed(site: Served, path: str) -> list[str]:
    """The threads that the list of items leads to, in its order; what stands above it left out."""
    text = site.get(path, headers={"Accept-Language": "en"}).text
    assert 'id="items"' in text
    found = Document(f"<h1></h1><main><h1 {text[text.index('id=' + chr(34) + 'items') :]}", path)
    return [one.get("href") for one in found.links() if one.get("class") == "key"]


def test_it_says_what_the_report_says(site: Served) -> None:
    for language in ("en", "fr"):
        answer, found = told(site, language), page(site, "/orphans", language)
        totals = answer["totals"]
        counted = ("traced", "exempt", "orphan", "unresolvable")
        assert sum(totals[name] for name in counted) == totals["items"]
        for sentence in (answer["sentence"], orphans.trend(answer, speaker(language))):
            assert " ".join(sentence.split()) in found.main
        for name in (*counted, "items"):
            assert str(totals[name]) in found.main
        for group in answer["groups"][:10]:
            assert f"{short(group['name'])} {' '.join(group['title'].split())}" in found.main
            assert " ".join(group["hint"].split())[1:] in found.main
            assert all(" ".join(step.split())[1:] in found.main for step in group["steps"])
            assert f"okrsync link {group['source']}:{short(group['name'])} " in found.main.replace("'", "")
        for row in answer["exempt"]:
            assert row["reason"] in found.main
        assert all(one["title"] in found.main for one in answer["items"][:50] if one["title"].isascii())


def test_every_row_of_every_cut_leads_to_just_its_items(site: Served) -> None:
    found, answer = page(site), told(site)
    links = {one.text: one.get("href") for one in found.links()}
    for name, rows in answer["cuts"].items():
        for row in rows[:3]:
            called = row["title"] or row["name"]
            if called not in links:
                assert row["name"].startswith("(")  # a group of those that have none
                continue
            narrowed = page(site, links[called])
            assert f"{name}=" in links[called]
            figures = [one.text for one in narrowed.all("td") if "number" in one.get("class")]
            assert str(row["items"]) in figures
            assert str(row["of_items"]) in figures


def test_projects_and_ages_add_up_to_all(site: Served) -> None:
    whole = told(site)["totals"]
    projects = [row["name"] for row in told(site)["cuts"]["project"]]
    for cuts in ([{"projects": [one]} for one in projects], [{"age": one} for one in orphans.AGES]):
        parts = [told(site, **cut)["totals"] for cut in cuts]
        for name in ("items", "orphan", "exempt", "traced"):
            assert sum(part[name] for part in parts) == whole[name]
        assert sum(part["effort"] for part in parts) == pytest.approx(whole["effort"])


def test_each_grouping_stands_with_its_figures(site: Served) -> None:
    for by in orphans.groupings(site.config)[1:]:
        found = page(site, f"/orphans?group_by={by}")
        for group in told(site, group_by=by)["groups"][:10]:
            assert orphans.called(group, EN) in found.main
            assert percent(group["effort_share_orphan"], EN) in found.main


def test_pages_of_the_list_hold_each_item_once(site: Served) -> None:
    answer = told(site, team="boutique")
    path = "/orphans?team=boutique&limit=40"
    seen: list[str] = []
    while path:
        seen += listed(site, path)
        after = [one for one in page(site, path).links() if one.get("rel") == "next"]
        path = after[0].get("href") if after else ""
    assert len(seen) == answer["item_count"] == len(set(seen)) > 80
    first, last = answer["items"][0], answer["items"][-1]
    assert seen[0].endswith(first["key"].replace("#", "%23"))
    assert seen[-1].endswith(last["key"].replace("#", "%23"))


def test_places_to_mend_are_shown_until_there_are_no_more(site: Served) -> None:
    answer = told(site)
    few, more = page(site), page(site, "/orphans?mends=500")
    assert f"mends={50}" in next(one.get("href") for one in few.links() if "mends=" in one.get("href"))
    assert not [one for one in more.links() if "mends=540" in one.get("href")]
    for group in answer["groups"]:
        assert short(group["name"]) in more.main


def test_exempt_work_is_listed_one_by_one(site: Served) -> None:
    answer = told(site)
    path = next(one.get("href") for one in page(site).links() if "verdict=exempt" in one.get("href"))
    exempt = [one for one in answer["items"] if one["verdict"] == "exempt"]
    assert len(listed(site, path.partition("#")[0] + "&limit=500")) == len(exempt) == answer["totals"]["exempt"]


def test_likely_parents_stand_with_how_sure_that_is(site: Served) -> None:
    without, found = page(site), page(site, "/orphans?suggest=1")
    assert any("suggest=1" in one.get("href") for one in without.links())
    assert "have a likely parent, learnt from" in found.main
    assert "was right in" in found.main


def test_a_likely_parent_is_named_whatever_its_title(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's company is sure of none: here the page shows what it would else keep back."""
    sure = suggest.answer

    def unsure(*told: Any, **how: Any) -> dict[str, Any]:
        answer = sure(*told, **{**how, "least": 0.4})
        for one in answer["suggestions"]:
            one["candidate"]["title"] = "\u202e<b>" + "x" * 5000
        return answer

    monkeypatch.setattr(suggest, "answer", unsure)
    with served(site.config, site.store, site.now) as other:
        found = page(other, "/orphans?suggest=1&mends=500")
        assert "Likely parent: " in found.main
        told = [one for one in found.links() if one.get("href").startswith("/trace?item=")]
        named = next(one for one in found.all("tr") if "Likely parent: " in one.text)
        item = next(one.get("href") for one in told if one.text in named.text)
        for one in (found, page(other, f"{item}&suggest=1")):
            assert "Likely parent: " in one.main
            assert "<b>xxx" in one.main
            assert "\u202e" not in one.main
            assert "x" * 201 not in one.main
            assert any(code.text.startswith("okrsync link ") for code in one.all("code"))


def test_a_filter_that_takes_everything_says_so(site: Served) -> None:
    every = {"source": "toutes", "project": "tous", "team": "toutes", "age": "tous", "verdict": "tous"}
    offered = [
        one for one in page(site, "/orphans", "fr").all("option") if one.get("value") == "" and "form" in one.inside
    ]
    assert [one.text for one in offered[1:]] == list(every.values())


def test_what_is_not_there_is_told(site: Served) -> None:
    for path in (
        "team=nobody",
        "source=none",
        "project=jira:NONE",
        "group_by=mood",
        "since=2999-01-01",
        "assignee=ada",
    ):
        answer = site.get(f"/orphans?{path}", headers={"Accept-Language": "en"})
        assert answer.status_code == 422, path
    for path in ("age=old", "verdict=traced", "mends=0", "limit=0", "offset=-1", "colour=red"):
        assert site.get(f"/orphans?{path}").status_code == 422, path


def test_a_choice_left_empty_chooses_nothing_and_takes_nothing_back(site: Served) -> None:
    only = page(site, "/orphans?source=jira").main
    assert only != page(site).main
    for path in ("source=&source=jira", "source=jira&source=", "source=jira&team=", "team=&source=jira&age="):
        assert page(site, f"/orphans?{path}").main == only


def test_people_are_told_apart_only_where_that_is_allowed(site: Served) -> None:
    assert "assignee" not in page(site).main.lower()
    site.config = replace(site.config, reports=replace(site.config.reports, by_assignee=True))
    rows = told(site)["cuts"]["assignee"]
    found = page(site, f"/orphans?assignee={rows[0]['name']}")
    assert str(rows[0]["items"]) in [one.text for one in found.all("td")]


def test_a_new_installation_has_a_page_too(fresh: Served, unread: Served) -> None:
    for one in (fresh, unread):
        for path in ("/orphans", "/orphans?group_by=team", "/orphans?suggest=1"):
            found = page(one, path)
            assert "No effort since" in found.main
            assert "No item here." in found.main


def test_since_another_day(site: Served) -> None:
    day = site.now - timedelta(days=20)
    answer = told(site, since=datetime.combine(day.date(), time()))
    assert answer["sentence"] in page(site, f"/orphans?since={day:%Y-%m-%d}").main


def test_bars_stand_on_the_line_and_keep_their_shares() -> None:
    drawn = bars([(0.25, 0.25), (None, None), (0.0, 0.0), (0.5, None)])
    known = drawn.bars[0]
    assert known.first is not None
    assert known.second is not None
    assert known.first.y + known.first.height == pytest.approx(drawn.base)
    assert known.second.y + known.second.height == pytest.approx(known.first.y)
    assert known.first.height == pytest.approx(known.second.height)
    assert drawn.bars[1].first is None
    last = drawn.bars[3].first
    assert last is not None
    assert last.height == pytest.approx(2 * known.first.height)
    assert [share for share, _ in drawn.lines] == [0.0, 0.25, 0.5]
    assert bars([]).bars == ()
