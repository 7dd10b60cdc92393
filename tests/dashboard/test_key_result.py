"""The page of a key result: its numbers are those of the reports, its drawing tells them, and every case is kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from documents import Document
from web_server import Served

from config import Config
from okrsync.assess import Assessment, assess
from okrsync.dashboard.drawing import course as drawing
from okrsync.dashboard.look import Look
from okrsync.dashboard.pages.goal_lists import Lists
from okrsync.model import (
    GoalState,
    KeyResult,
    KeyResultKind,
    Receipt,
    RemoteGoal,
    Say,
    Slot,
    Surface,
    Window,
    Write,
    WriteMode,
)
from okrsync.reports import common, key_result, linked
from okrsync.store import goals, journal, sources
from okrsync.texts import speaker

WEEK = timedelta(weeks=1)


def page(site: Served, name: str, language: str = "en", query: str = "") -> Document:
    answer = site.get(f"/key-results/{name}{query}", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, f"/key-results/{name}")
    assert found.faults == []
    return found


def assessed(site: Served) -> Assessment:
    """What is known of the goals, made once for each configuration."""
    key = id(site.config), site.now
    if key not in _KNOWN:
        with site.store.read() as tx:
            _KNOWN[key] = site.config, assess(tx, site.config, site.now)
    return _KNOWN[key][1]


_KNOWN: dict[tuple[int, datetime], tuple[Config, Assessment]] = {}


def told(site: Served, name: str, cut: str = "all", language: str = "en") -> dict[str, Any]:
    """The answer behind the page."""
    kr, at = site.config.goals.key_results[name], common.Page(0, 50)
    with site.store.read() as tx:
        return key_result.answer(tx, site.config, assessed(site), speaker(language), kr, cut=cut, page=at)


def edited(config: Config, name: str, **more: Any) -> Config:
    """The configuration in which one key result says something else."""
    krs = config.goals.key_results
    return replace(config, goals=replace(config.goals, key_results={**krs, name: replace(krs[name], **more)}))


def of_kind(site: Served, kind: KeyResultKind) -> list[KeyResult]:
    """Those whose window has begun, not over."""
    krs = site.config.goals.key_results.values()
    return [kr for kr in krs if kr.kind is kind and kr.window.start and kr.window.start < site.now - 3 * WEEK]


def one_of_each(site: Served) -> list[str]:
    """A key result of each kind and status that there is."""
    known = assessed(site).progress
    krs = site.config.goals.key_results.values()
    return list({(kr.kind, known[kr.id].status, bool(kr.write_to)): kr.id for kr in krs}.values())


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_tells_status_causes_and_draft_and_leads_to_its_objective(site, language):
    speak, known = speaker(language), assessed(site).progress
    for name in one_of_each(site):
        kr, found, answer = (
            site.config.goals.key_results[name],
            page(site, name, language),
            told(site, name, "all", language),
        )
        assert found.all("h1")[0].text == " ".join(kr.title.split())
        words = [one.text for one in found.all("span") if one.get("class").startswith("badge")]
        assert common.status_text(known[name].status, speak).plain in words
        for clause in (*answer["cause"], *answer["narrative_clauses"]):
            assert " ".join(clause["text"].split()) in found.main
        assert ("/", kr.objective) in list(found.internal())


def test_the_drawing_of_work_ends_where_the_band_and_the_published_chance_say(site):
    drawn = 0
    for kr in of_kind(site, KeyResultKind.WORK):
        answer = told(site, kr.id)
        if answer["forecast"]["probability"] is None:
            assert not answer["course"]["band"]
            continue
        found = page(site, kr.id)
        drawn += 1
        band, share = answer["course"]["band"], answer["course"]["share"]
        assert band[0]["middle"] == pytest.approx(answer["progress"])
        chance = answer["forecast"]["probability"]
        assert (band[-1]["low"] >= share - 1e-6) == (chance >= 0.9)
        assert (band[-1]["middle"] >= share - 1e-6) == (chance >= 0.5)
        assert (band[-1]["high"] >= share - 1e-6) == (chance >= 0.1)
        for name in ("low", "middle", "high"):
            assert common.percent(band[-1][name], speaker("en")) in found.main
        charts = [one for one in found.all("svg") if one.get("class") == "chart"]
        assert [bool(one.get("aria-label")) for one in charts] == [True, True]
        assert any(one.get("class") == "band" for one in found.all("polygon"))
    assert drawn > 2


def test_what_came_and_went_is_marked_with_its_items(site):
    told_ = 0
    for kr in of_kind(site, KeyResultKind.WORK):
        changes = told(site, kr.id)["course"]["changes"]
        found = page(site, kr.id)
        for one in changes:
            told_ += 1
            assert one["added"]["count"] + one["removed"]["count"] + one["cancelled"]["count"] > 0
            for key in one["added"]["items"][:6]:
                assert any(key == link.text for link in found.links())
        titles = " ".join(one.text for one in found.all("title"))
        assert bool(changes) == ("item added" in titles or "items added" in titles or "cancelled" in titles
                                 or "removed" in titles)  # fmt: skip
    assert told_ > 3


def test_a_metric_is_drawn_by_its_readings_and_no_band_is_invented(site):
    for kr in (*of_kind(site, KeyResultKind.METRIC)[:4], *of_kind(site, KeyResultKind.KEEP)):
        answer, found = told(site, kr.id), page(site, kr.id)
        assert answer["course"]["band"] == []
        readings = [one for one in answer["course"]["readings"] if one["at"] >= answer["course"]["window"]["start"]]
        dots = [one for one in found.all("circle") if one.get("class") == "dot"]
        assert len(dots) == len(readings)
        if not answer["course"]["readings"]:
            assert f"okrsync metric set {kr.id}" in found.main
        corridor = [one for one in found.all("rect") if one.get("class") == "band" and one.get("height") != "12"]
        assert len(corridor) == (1 if kr.kind is KeyResultKind.KEEP and readings else 0)


def test_outcome_and_output_stand_side_by_side(site):
    for kr in of_kind(site, KeyResultKind.MIXED):
        assert {"Outcome", "Output"} <= {one.text for one in page(site, kr.id).all("h3")}
    assert of_kind(site, KeyResultKind.MIXED)
    alone = next(one for one in of_kind(site, KeyResultKind.WORK) if not [
        other for other in told(site, one.id)["siblings"] if other["kind"] != "work"
    ])  # fmt: skip
    assert "No metric stands beside this work" in page(site, alone.id).main


def test_work_without_effect_is_said_on_the_pages_of_its_whole_objective(site):
    mixed = of_kind(site, KeyResultKind.MIXED)[0]
    flagged = {**told(site, mixed.id), "flags": ["output_without_outcome"]}
    with site.store.read() as tx:
        look = Look(tx, site.config, site.now, speaker("en"), "en", site.beside, lambda: assessed(site))
        own = Lists(look, mixed, flagged).beside()["notes"]
        other = next(one for one in told(site, mixed.id)["siblings"])
        answer = {**told(site, other["id"]), "siblings": [flagged]}
        near = Lists(look, site.config.goals.key_results[other["id"]], answer).beside()["notes"]
    for notes in (own, near):
        assert notes[0].startswith(f"{mixed.id}: the work is done and the metric hardly moves")


def test_the_items_of_each_cut_are_those_that_are_counted(site):
    blocked = next(kr.id for kr in of_kind(site, KeyResultKind.WORK) if told(site, kr.id)["blocked"])
    for cut in linked.CUTS:
        found, answer = page(site, blocked, query=f"?show={cut}"), told(site, blocked, cut)
        items, counts = answer["linked"]["items"], answer["linked"]["counts"]
        assert counts["open"] + counts["done"] + counts["cancelled"] == counts["all"]
        assert len(items) == min(counts[cut], 50)
        heads = [one.text for one in found.all("td") if one.get("class") == "what"]
        assert [one["title"] in head for one, head in zip(items, heads, strict=False)] == [True] * len(items)
        if cut == "done" and counts["done"] <= 50:
            assert sum(one["weight"] or 0.0 for one in items) == pytest.approx(answer["done"])
    assert {one["state"] for one in told(site, blocked, "done")["linked"]["items"]} == {"done"}
    assert all(one["blocked_since"] for one in told(site, blocked, "blocked")["linked"]["items"])


def test_the_list_of_items_is_paged(site):
    kr = next(one for one in of_kind(site, KeyResultKind.WORK) if told(site, one.id)["linked"]["counts"]["all"] > 12)
    first, second = page(site, kr.id, query="?limit=5"), page(site, kr.id, query="?limit=5&offset=5")
    (ahead,) = [one for one in first.links() if one.get("rel") == "next"]
    assert f"/key-results/{kr.id}?offset=5" in ahead.get("href")
    assert [one.get("rel") for one in second.links() if one.get("rel") in ("next", "prev")] == ["prev", "next"]


def test_blocked_items_stand_with_their_age_and_what_blocks_them(site):
    seen = 0
    for kr in of_kind(site, KeyResultKind.WORK):
        answer = told(site, kr.id)
        found = page(site, kr.id)
        for one in answer["blocked"]:
            seen += 1
            assert one["flagged"] or one["blockers"]
            assert one["title"] in found.main
            days = (site.now - datetime.fromisoformat(one["blocked_since"])).days
            assert f"for {days} day" in found.main or days == 0
        assert answer["blocked_total"] == answer["linked"]["counts"]["blocked"]
    assert seen


def test_what_was_written_leads_to_its_run_and_into_the_tool(site):
    seen = 0
    for name in [kr.id for kr in site.config.goals.key_results.values() if kr.write_to]:
        answer, found = told(site, name), page(site, name)
        for one in answer["written"]:
            seen += 1
            assert ("/runs/" + str(one["run"]), "") in list(found.internal())
            if one["url"]:
                assert one["url"] in {link.get("href") for link in found.links()}
    assert seen


def test_a_draft_waits_for_approval_and_what_a_person_made_of_it_is_told(unread):
    """Through its life: planned, approved, written, changed by somebody in the tool."""
    kr = next(one for one in unread.config.goals.key_results.values() if str(one.write_to).count("goal:"))
    (ref,) = kr.write_to
    slot = Slot(ref.source, ref.key, Surface.UPDATE, unread.config.instance)
    goal = RemoteGoal(ref.key.removeprefix("goal:"), "Entrepôt", "https://tool.test/1")
    update = {"title": "on track", "text": "<script>so far</script>"}
    write = Write(slot, ref.key, "https://tool.test/1", None, update, Say.of("write.first", id=kr.id))
    unread.config = replace(unread.config, writeback=replace(unread.config.writeback, mode=WriteMode.DRAFT))
    now = unread.now
    with unread.store.begin() as tx:
        sources.register(tx, unread.config.sources)
        goals.save_goals(tx, ref.source, [goal])
        run = journal.save_run(tx, "ada", [write], now)
        (entry,) = journal.entries(tx, run.id)
    waiting = page(unread, kr.id)
    assert "It waits for your word." in waiting.main
    assert f"okrsync approve {kr.id}" in [one.text for one in waiting.all("code")]
    assert "<script>so far</script>" in waiting.main  # as text
    with unread.store.begin() as tx:
        journal.approve(tx, [entry.write.id], "Grace", now)
    approved = page(unread, kr.id)
    assert "Approved by Grace" in approved.main
    assert f"okrsync approve {kr.id}" not in approved.main
    with unread.store.begin() as tx:
        journal.intend(tx, entry.write.id, now)
        journal.confirm(tx, entry.write.id, Receipt(update, "1"), now)
    assert "nothing new is due" in page(unread, kr.id).main
    with unread.store.begin() as tx:
        journal.saw(tx, slot, {"title": "off track", "text": "we know better"}, now)
    theirs = page(unread, kr.id, "fr")
    assert "we know better" in theirs.main
    assert "Quelqu’un l’a modifié sur place" in theirs.main
    assert f"okrsync approve {kr.id}" in [one.text for one in theirs.all("code")]


# ── cases ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_unknown_name_is_told_with_the_likely_one(site):
    name = next(iter(site.config.goals.key_results))
    answer = site.get(f"/key-results/{name}X", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert f'did you mean "{name}"' in Document(answer.text).main
    assert site.get(f"/key-results/{name}?show=nonsense").status_code == 422


@pytest.mark.parametrize(
    ("state", "word"), [(GoalState.DRAFT, "A draft"), (GoalState.DROPPED, "Dropped"), (GoalState.CLOSED, "Closed")]
)
def test_what_its_state_means_is_said_first(site, company, state, word):
    name = of_kind(site, KeyResultKind.WORK)[0].id
    site.config = edited(company.config, name, state=state)
    notes = [one.text for one in page(site, name).all("p") if one.get("class") == "alert"]
    assert notes[0].startswith(word)


def test_before_its_window_it_says_when_it_begins_and_after_it_how_it_ended(site, company):
    kr = of_kind(site, KeyResultKind.WORK)[0]
    start, end = company.now + WEEK, company.now + 9 * WEEK
    site.config = edited(company.config, kr.id, window=Window(start, end))
    assert "It has not begun yet" in page(site, kr.id).main
    site.config = edited(company.config, kr.id, window=Window(company.now - 9 * WEEK, company.now - WEEK))
    over = page(site, kr.id)
    assert "Its window is over" in over.main
    assert "Grade" in over.main
    assert not any(one.get("class") == "band" and one.tag == "polygon" and one.get("points").count(",") < 6
                   for one in over.elements)  # fmt: skip
    assert told(site, kr.id)["course"]["band"] == []


def test_without_a_window_or_without_work_the_page_says_what_is_missing(site, company):
    kr = of_kind(site, KeyResultKind.WORK)[0]
    site.config = edited(company.config, kr.id, window=Window())
    assert "no window" in page(site, kr.id).main
    krs = {**company.config.goals.key_results, "KR-NEW": replace(kr, id="KR-NEW", title="<b>New</b> & empty")}
    site.config = replace(company.config, goals=replace(company.config.goals, key_results=krs))
    found = page(site, "KR-NEW")
    assert found.all("h1")[0].text == "<b>New</b> & empty"
    assert not [one for one in found.all("b") if one.text == "New"]
    assert "Nothing is known yet from which a way could be drawn" in found.main


def test_over_an_empty_store_every_page_is_there(unread):
    kinds = {kr.kind: kr.id for kr in unread.config.goals.key_results.values()}
    for name in kinds.values():
        for language in ("en", "fr"):
            assert page(unread, name, language).all("h1")


# ── the drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def answer_of(**more: Any) -> dict[str, Any]:
    points = [{"at": f"2026-10-{day:02}T00:00:00Z", "progress": share, "planned": share, "scope": 10.0 + day,
               "done": 5.0, "value": None} for day, share in ((1, 0.0), (8, 0.2), (15, 0.3))]  # fmt: skip
    return {
        "now": "2026-10-15T00:00:00Z",
        "window": {"start": "2026-10-01T00:00:00Z", "end": "2026-12-31T00:00:00Z"},
        "share": 0.9,
        "plan": [{"at": "2026-10-01T00:00:00Z", "planned": 0.0}, {"at": "2026-12-31T00:00:00Z", "planned": 0.9}],
        "points": points,
        "changes": [],
        "readings": [],
        "trend": [],
        "band": [],
    } | more


def places(line: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (one.split(",") for one in line.split())]


def test_lines_lie_within_the_frame_and_go_from_left_to_right():
    told_ = answer_of()
    time = drawing.Time.of(told_)
    assert time is not None
    lines = drawing.shares(told_, time)
    (way,) = map(places, lines.way)
    assert [x for x, _ in way] == sorted(x for x, _ in way)
    assert way[0] == (drawing.LEFT, lines.ground)
    for x, y in (*way, *places(lines.plan)):
        assert drawing.LEFT <= x <= drawing.WIDTH - drawing.RIGHT
        assert 0 <= y <= lines.ground
    assert lines.today == way[-1][0]


def test_a_stretch_without_a_value_breaks_the_line():
    points = answer_of()["points"]
    gap = [points[0], points[1], {**points[2], "at": "2026-10-22T00:00:00Z", "progress": None},
           {**points[2], "at": "2026-10-29T00:00:00Z"}, {**points[2], "at": "2026-11-05T00:00:00Z"}]  # fmt: skip
    told_ = answer_of(points=gap)
    time = drawing.Time.of(told_)
    assert time is not None
    assert len(drawing.shares(told_, time).way) == 2


def test_words_at_the_ends_never_stand_over_each_other():
    band = [{"at": "2026-10-15T00:00:00Z", "low": 0.3, "middle": 0.3, "high": 0.3},
            {"at": "2026-12-31T00:00:00Z", "low": 0.88, "middle": 0.89, "high": 0.91}]  # fmt: skip
    told_ = answer_of(band=band)
    time = drawing.Time.of(told_)
    assert time is not None
    heights = sorted(mark.y for mark in drawing.shares(told_, time).ends)
    assert len(heights) == 4
    assert all(later - earlier >= drawing.APART - 0.05 for earlier, later in pairwise(heights))


def test_changes_that_would_stand_over_each_other_are_told_together():
    def change(day: int, added: int) -> Mapping[str, Any]:
        none = {"count": 0, "items": []}
        return {"since": f"2026-10-{day:02}T00:00:00Z", "until": f"2026-10-{day + 1:02}T00:00:00Z",
                "added": {"count": added, "items": []}, "removed": none, "cancelled": none}  # fmt: skip

    told_ = answer_of(changes=[change(1, 2), change(2, 3), change(13, 4)])
    time = drawing.Time.of(told_)
    assert time is not None
    lines = drawing.work(told_, time)
    assert lines is not None
    assert [mark.value["added"] for mark in lines.changes] == [5, 4]


@pytest.mark.parametrize(("least", "most"), [(0, 0), (3, 3), (-4, 7), (0.2, 0.42), (310, 420), (99.9, 100), (0, 1e9)])
def test_scales_bear_round_numbers_around_what_is_drawn(least, most):
    low, high, ticks = drawing._steps(least, most)
    assert low <= least <= most <= high
    assert low < high
    assert 2 <= len(ticks) <= 7
    assert all(len(re.sub(r"[-.]|0+$|^0+", "", f"{one:.10g}")) <= 5 for one in ticks)
