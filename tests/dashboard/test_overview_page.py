"""The overview: the sentence first, how the goals stand, what changed, and all of them in one picture."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from documents import Document
from hypothesis import given
from hypothesis import strategies as st
from web_server import BEGAN, Served, installed

from okrsync.assess import assess
from okrsync.dashboard.drawing import spark, trend
from okrsync.history import assess_at, burn_ups
from okrsync.model import GoalState, Point, Relation, Say, Window
from okrsync.origins import origins
from okrsync.reports import orphans, status, week
from okrsync.store import workload
from okrsync.texts import speaker
from okrsync.worked import period_of, work_of
from rollup.scope import scope

WEEK = timedelta(weeks=1)
ROW = re.compile(r'<li class="goal">.*?</li>', re.DOTALL)


def page(site: Served, path: str = "/", language: str = "en") -> Document:
    answer = site.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, path)
    assert found.faults == []
    return found


def told(site: Served) -> dict[str, Any]:
    """What the command says of the goals."""
    with site.store.read() as tx:
        return status.asked(tx, site.config, site.now, speaker("en"), told=False)


def changed(site: Served, **goals: Any) -> None:
    """From now on these goals are others."""
    known = site.config.goals
    objectives = {name: goals.get(name, one) for name, one in known.objectives.items()}
    key_results = {name: goals.get(name, one) for name, one in known.key_results.items()}
    held = replace(known, objectives=MappingProxyType(objectives), key_results=MappingProxyType(key_results))
    site.config = replace(site.config, goals=held)


def rows(found: Document) -> dict[str, str]:
    """The key results of the picture: id → all that is said of each."""
    known, text = {}, ""
    for one in found.all("li", "a"):
        if one.tag == "li":
            text = one.text if one.get("class") == "goal" else ""
        elif text and one.get("href").startswith("/key-results/"):
            known[one.get("href").rpartition("/")[2]] = text
    return known


# ── what served no objective ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["en", "fr"])
def test_it_leads_with_the_sentence_of_the_orphans_and_their_weeks(site: Served, language: str) -> None:
    with site.store.read() as tx:
        known = orphans.answer(
            *(tx, site.config, site.now, speaker(language)),
            group_by="fix",
            since=None,
            team=None,
            sources=None,
            brief=True,
        )
        worked = work_of(tx, site.config, period_of(site.config, site.now))
    summary = orphans.summary(site.config, worked, speaker(language))
    assert summary == {name: known[name] for name in summary}, "told without the mends, it is the same"
    found = page(site, language=language)
    lead = next(one for one in found.all("p") if one.get("class") == "lead")
    assert lead.text == " ".join(known["sentence"].split())
    assert found.main.index(lead.text) < 100, "nothing but the heading stands above it"
    drawn = next(one for one in found.all("svg") if one.get("role") == "img")
    shares = [one["effort_share_orphan"] for one in known["trend"]]
    assert len(re.findall(r"\d+\s?%|—", drawn.get("aria-label"))) == len(shares)


def test_the_parts_of_the_effort_fill_their_bar(site: Served) -> None:
    text = site.get("/").text
    bar = text[text.index('class="segments"') :].partition("</svg>")[0]
    parts = [(float(x), float(wide)) for x, wide in re.findall(r'x="([\d.]+)" width="([\d.]+)"', bar)]
    assert len(parts) > 2
    assert sum(wide for _, wide in parts) == pytest.approx(100, abs=0.6), "less what rounds to nothing"
    ends = [x + wide for x, wide in parts]
    assert ends[:-1] == pytest.approx([x for x, _ in parts[1:]], abs=0.02)


# ── how many stand how, and what changed ─────────────────────────────────────────────────────────────────────────────


def test_every_goal_is_counted_once_and_a_count_leads_to_those_goals(site: Served) -> None:
    objectives = told(site)["objectives"]
    found = page(site)
    counted = [re.match(r"(\d+) \S+ (.+)", one.text) for one in found.links() if "?status=" in one.get("href")]
    known = [goal["status"] for _, goal in week.goals(objectives)]
    assert sum(int(one[1]) for one in counted if one) == len(known)
    for name in sorted(set(known)):
        only = page(site, f"/?status={name}")
        mine = {kr["id"] for one in objectives for kr in one["key_results"] if kr["status"] == name}
        assert set(rows(only)) == mine
        assert {one["id"] for one in objectives if one["status"] == name} <= only.ids, "objectives too"
        assert [one.get("aria-current") for one in only.links() if f"status={name}#" in one.get("href")].count("true")
    assert "No goal stands so now." in page(site, "/?status=missed").main
    assert site.get("/?status=well").status_code == 422


def test_what_changed_in_a_week_is_told_the_worse_first(site: Served) -> None:
    with site.store.read() as tx:
        answer = status.answer(site.config, assess(tx, site.config, site.now), speaker("en"))
        week.compare(answer["objectives"], assess_at(tx, site.config, site.now - WEEK, site.now))
    expected = week.changes(answer["objectives"])
    assert {one["direction"] for one in expected} >= {"worse", "better", "moved"}, "or this shows little"
    found = page(site)
    section = found.main.partition("What changed since ")[2].partition("From the mission")[0]
    places = [section.index(f" {one['id']} ") for one in expected]
    assert places == sorted(places)
    words = [speaker("en")(Say.of(f"week.direction.{name}")) for name in ("worse", "better")]
    assert section.index(words[0]) < section.index(words[1])
    for one in expected:
        where = f"/key-results/{one['id']}" if one["kind"] == "key_result" else f"/#{one['id']}"
        assert where in [link.get("href") for link in found.links()]


# ── the picture ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_objective_stands_below_what_it_serves_and_every_key_result_below_its_own(site: Served) -> None:
    goals = site.config.goals
    above: dict[str, str | None] = {}
    text = site.get("/").text
    inside: list[str] = []
    for tag in re.finditer(
        r'<li id="([^"]+)">|href="/key-results/([^"]+)">|</details></li>', text.partition('"tree"')[2]
    ):
        if tag[1]:
            above[tag[1]] = inside[-1] if inside else None
            inside.append(tag[1])
        elif tag[2]:
            above[tag[2]] = inside[-1]
        else:
            inside.pop()
    parents = {one.id: one.parent for one in goals.objectives.values()}
    assert above == {**parents, **{kr.id: kr.objective for kr in goals.key_results.values()}}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_key_result_tells_status_progress_forecast_and_cause(site: Served, language: str) -> None:
    with site.store.read() as tx:
        answer = status.asked(tx, site.config, site.now, speaker(language), told=False)
    shown = rows(page(site, language=language))
    key_results = [kr for one in answer["objectives"] for kr in one["key_results"]]
    assert set(shown) == {kr["id"] for kr in key_results}
    for kr in key_results:
        text = shown[kr["id"]]
        assert " ".join(speaker(language)(Say.of(f"status.{kr['status']}")).split()) in text
        assert not kr["cause"] or any(" ".join(one["text"].split()) in text for one in kr["cause"])
        if kr["forecast"]["date"]:
            assert ("at this pace" if language == "en" else "à ce rythme") in text
        if kr["forecast"]["probability"] is not None:
            assert re.search(r"likely|chance", text)


def test_a_cause_of_trouble_goes_before_the_chance(site: Served) -> None:
    blocked = rows(page(site))["KR-3X"]
    assert "Blocked items" in blocked
    assert "% likely" in blocked, "which stands beside it"


def test_what_was_planned_and_reached_is_drawn_where_there_is_a_past(site: Served) -> None:
    with site.store.read() as tx:
        known = burn_ups(tx, site.config, site.now)
    drawn = {
        name: "<svg class=" in row
        for row in ROW.findall(site.get("/").text)
        for name in re.findall(r'"/key-results/([^"]+)"', row)
    }
    several = {name: sum(one.progress is not None for one in points) > 1 for name, points in known.items()}
    assert drawn == several
    assert sum(several.values()) > 10


def test_it_tells_which_tools_and_teams_the_items_come_from(site: Served) -> None:
    with site.store.read() as tx:
        work = workload.read(tx, site.config.goals)
        found = origins(site.config, work, work_of(tx, site.config, period_of(site.config, site.now)))
    for kr in site.config.goals.key_results.values():
        leaves = scope(work.linked(kr.id), kr.counts, site.config.thresholds).leaves
        known = found.get(kr.id)
        tools = Counter(str(work.sources[place]) for place in leaves["source"].tolist())
        assert (dict(known.sources) if known else {}) == tools
        assert sum(known.teams.values() if known else ()) == len(leaves)
    both = next(name for name, one in found.items() if len(one.sources) > 1 and len(one.teams) > 1)
    text = rows(page(site))[both]
    counted = [
        " · ".join(f"{name} {count}" for name, count in one.items()) for one in (found[both].sources, found[both].teams)
    ]
    assert " ".join(counted) in text, "and one apart from the other"


def test_a_draft_a_closed_and_a_dropped_goal_are_shown_as_such(site: Served) -> None:
    goals = site.config.goals
    own = {"O-APPLI": replace(goals.objectives["O-APPLI"], state=GoalState.DRAFT, relation=Relation.SUPPORTS)}
    own |= {"KR-GUIDES": replace(goals.key_results["KR-GUIDES"], state=GoalState.CLOSED)}
    changed(site, **own)
    found = page(site)
    objective = next(one for one in found.all("summary") if "O-APPLI" in one.text)
    assert "draft" in objective.text
    assert "supports O-FIDELITE" in objective.text
    assert "closed" in rows(found)["KR-GUIDES"]
    assert "dropped" in rows(found)["KR-VENDEURS"]


# ── how far it can be trusted ────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_not_read_in_time_is_named_at_the_top(site: Served) -> None:
    assert not [one for one in page(site).all("p") if one.get("class") == "alert" and "main" in one.inside]
    site.now, site.config = site.now + timedelta(days=3), replace(site.config, instance="later")
    found = page(site)
    first = next(one for one in found.all("p") if "main" in one.inside)
    assert first.get("class") == "alert"
    assert all(source.id in first.text for source in site.config.sources)


def test_a_fresh_installation_says_what_to_type_and_nothing_else(fresh: Served) -> None:
    found = page(fresh)
    assert "okrsync" in " ".join(one.text for one in found.all("code"))
    assert not found.all("svg")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_before_the_first_sync_the_goals_are_there_and_no_figure(unread: Served, language: str) -> None:
    found = page(unread, language=language)
    assert "okrsync sync" in [one.text for one in found.all("code")]
    assert set(rows(found)) == set(unread.config.goals.key_results)
    assert not [one for one in found.all("p") if one.get("class") == "lead"]
    assert not [one for one in found.ids if one == "changed"], "nothing is known of a week ago"


# ── large, deep, hostile ─────────────────────────────────────────────────────────────────────────────────────────────


BARE = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "Europe/Paris"
language = "en"
instance = "big"

[[sources]]
id = "jira"
kind = "jira"
url = "http://127.0.0.1:1/jira"
auth = { email = "okrsync@acme.test", token = { file = "token" } }
projects = ["SHOP"]
"""
KEY_RESULT = '[[objectives.key_results]]\nid = "KR-{id}"\ntitle = "A title as long as people write them, {id}"\n'


def many(count: int, each: int) -> str:
    parts = [BARE]
    for number in range(count):
        parts.append(f'[[objectives]]\nid = "O-{number}"\ntitle = "One {number}"\n')
        parts += [KEY_RESULT.format(id=f"{number}-{one}") for one in range(each)]
    return "".join(parts)


def test_a_large_tree_is_folded_where_nothing_is_off_track(tmp_path: Path) -> None:
    with installed(tmp_path, many(60, 5)) as site:
        folded = page(site)
        assert [one.get("open") for one in folded.all("details") if "open" in one.attributes] == []
        assert len(rows(folded)) == 300
        assert all("open" in one.attributes for one in page(site, "/?status=no_data").all("details"))


def test_a_deep_tree_is_drawn_to_its_end(tmp_path: Path) -> None:
    deep = many(1, 1) + "".join(
        f'[[objectives]]\nid = "O-{number}"\ntitle = "Deep"\nparent = "O-{number - 1}"\n' for number in range(1, 150)
    )
    with installed(tmp_path, deep) as site:
        found = page(site)
        assert {f"O-{number}" for number in range(150)} <= found.ids
        assert "No key result yet." in found.main


def test_titles_are_text_whatever_stands_in_them(site: Served) -> None:
    hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\n</li></ul>'
    goals = site.config.goals
    own: dict[str, Any] = {"O-APPLI": replace(goals.objectives["O-APPLI"], title=hostile, owner=hostile)}
    own |= {"KR-3X": replace(goals.key_results["KR-3X"], title=hostile, owner=hostile)}
    changed(site, **own)
    found = page(site)
    assert "<script>alert(1)</script>" in rows(found)["KR-3X"]
    assert not [one for one in found.all("script") if not one.get("src")]
    assert not [one for one in found.all("img") if one.get("src") == "x"]
    assert "\u202e" not in found.main


# ── drawings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def points() -> Callable[[list[float | None]], list[Point]]:
    return lambda drawn: [Point(BEGAN + place * WEEK, one, planned=one) for place, one in enumerate(drawn)]


def places(path: str) -> Iterator[tuple[int, int]]:
    """The places that a path of relative steps goes through."""
    x = y = 0
    for run in path.split("M")[1:]:
        numbers = [int(one) for one in re.findall(r"-?\d+", run)]
        for place in range(0, len(numbers), 2):
            x, y = (x + numbers[place], y + numbers[place + 1]) if place else (numbers[0], numbers[1])
            yield x, y


@given(drawn=st.lists(st.none() | st.floats(-0.5, 2.0), min_size=0, max_size=60), rest=st.integers(0, 20))
def test_a_spark_goes_where_the_numbers_go(points: Any, drawn: list[float | None], rest: int) -> None:
    history = points(drawn)
    end = history[-1].at + rest * WEEK if history else None
    found = spark.spark(history, Window(None, end))
    known = [place for place, one in enumerate(drawn) if one is not None]
    assert (found is None) == (len(known) < 2)
    if found is None:
        return
    through = list(places(found.reached))
    assert all(0 <= x <= spark.WIDTH and 0 <= y <= spark.HEIGHT for x, y in through)
    assert len(through) <= len(known)
    if drawn[known[-1] - 1] is not None:
        assert through[-1] == found.last
    whole = spark.spark(history, Window(None, end))
    assert whole == found
    if len(known) == len(drawn):
        top = max(1.0, *(min(max(one or 0.0, 0.0), spark.HIGHEST) for one in drawn))
        scale = (spark.HEIGHT - 2 * spark.EDGE) / top
        for number, one in enumerate(drawn):
            x = round(spark.EDGE + number / (len(drawn) - 1 + rest) * (spark.WIDTH - 2 * spark.EDGE))
            exact = spark.HEIGHT - spark.EDGE - min(max(one or 0.0, 0.0), spark.HIGHEST) * scale
            assert abs(_at(through, x) - exact) <= spark.BENT + 0.5 + 1e-6


def _at(line: list[tuple[int, int]], x: int) -> float:
    """How high the line is there."""
    for (left, low), (right, high) in pairwise(line):
        if left <= x <= right and left < right:
            return low + (x - left) / (right - left) * (high - low)
    return float(line[-1][1])


@given(st.lists(st.none() | st.floats(0.0, 1.0), max_size=31))
def test_a_trend_has_a_place_for_each_week(shares: list[float | None]) -> None:
    found = trend.trend(shares)
    if found is None:
        assert set(shares) <= {None}
        return
    assert len(found.bars) == len(shares)
    for share, bar in zip(shares, found.bars, strict=True):
        assert trend.TOP - 0.1 <= bar.y <= found.base
        assert bar.y + bar.height == pytest.approx(found.base, abs=0.2)
        assert 0 <= bar.x <= bar.x + bar.width <= trend.WIDTH
        assert (bar.height == 0) if not share else bar.height >= 0
