"""The page of the teams: what their effort served, coverage over the weeks, the pilot against the rest, the gates."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from documents import Document
from hypothesis import given
from hypothesis import strategies as st
from web_server import Served

from okrsync.assess import assess
from okrsync.dashboard.drawing import coverage
from okrsync.model import Gate, Measure
from okrsync.reports import effort, gates, waves
from okrsync.texts import speaker
from rollup import percent, period_start


def page(site: Served, path: str, language: str = "en") -> Document:
    answer = site.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, path)
    assert found.faults == []
    return found


def cards(found: Document) -> list[str]:
    return [one.text for one in found.all("li") if one.get("class") == "card"]


def spent(site: Served, by: str = "team") -> dict[str, Any]:
    """What the command says."""
    with site.store.read() as tx:
        assessment = assess(tx, site.config, site.now)
        since = period_start(site.config.goals, site.now)
        return effort.answer(tx, site.config, assessment, speaker("en"), group_by=by, since=since)


def test_teams_stand_in_the_order_of_the_file_whatever_they_did(site: Served) -> None:
    teams = [team.id for team in site.config.teams]
    for language in ("en", "fr"):
        assert [one.split()[0] for one in cards(page(site, "/teams", language))] == teams
    reversed_ = replace(site.config, teams=tuple(reversed(site.config.teams)))
    site.config = reversed_
    assert [one.split()[0] for one in cards(page(site, "/teams"))] == teams[::-1]


def test_a_bar_is_the_effort_of_a_team_in_words_too(site: Served) -> None:
    groups = {group["owner"]: group for group in spent(site)["groups"]}
    found = page(site, "/teams")
    for team, card in zip(site.config.teams, cards(found), strict=True):
        group = groups[team.id]
        assert f"{percent(group['share'])}% of all effort, {percent(group['coverage'])}% of it covered" in card
        for goal in group["goals"]:
            assert f"{percent(goal['effort'] / group['effort'])}% {goal['title']}" in card
        lost = percent(group["verdicts"]["orphan"] / group["effort"])
        assert f"{lost}% serves no objective" in card
    widths: list[float] = []
    for one in found.elements:
        if one.tag == "svg" and one.get("class") == "segments":
            widths.append(0.0)
        if one.tag == "rect" and one.get("height") == "8" and "x" in one.attributes:
            widths[-1] += float(one.get("width"))
    assert widths == pytest.approx([100.0] * len(site.config.teams), abs=0.1)


def test_value_streams_take_the_place_of_teams(site: Served) -> None:
    streams = list(dict.fromkeys(team.value_stream for team in site.config.teams if team.value_stream))
    assert len(streams) > 1
    found = page(site, "/teams?by=value_stream")
    assert [one.split()[0] for one in cards(found)][: len(streams)] == streams
    site.config = replace(site.config, teams=tuple(replace(team, value_stream="") for team in site.config.teams))
    assert "value_stream" not in site.get("/teams").text


def test_no_person_is_named(site: Served) -> None:
    owners = {one.owner for one in site.config.goals.key_results.values() if one.owner}
    told = site.get("/teams").text
    assert owners
    assert not [owner for owner in owners if owner in told]


def test_the_pilot_is_compared_with_the_rest(site: Served) -> None:
    assert "No pilot is named" in page(site, "/teams").main
    with site.store.read() as tx:
        told = waves.answer(tx, site.config, site.now, speaker("en"), teams=("mobile",))
    found = page(site, "/teams?team=mobile")
    assert told["sentence"] in found.main
    [chart] = [one for one in found.all("svg") if one.get("role") == "img"]
    assert chart.get("aria-label") == told["sentence"]
    ended = [week for week in told["weeks"] if week["whole"]]
    assert f"pilot {percent(ended[-1]['pilot'])}%" in found.main
    rows = [one.text for one in found.all("tr") if "tbody" in one.inside]
    assert [row.split()[0] for row in rows] == [week["week"] for week in told["weeks"]]
    [chosen] = [one for one in found.all("input") if one.get("type") == "checkbox" and "checked" in one.attributes]
    assert chosen.get("value") == "mobile"
    assert site.get("/teams?team=mobil").status_code == 422


def test_the_pilot_is_by_default_the_teams_that_gates_name(site: Served) -> None:
    gate = replace(site.config.gates[0], id="first-wave", team="paiement")
    site.config = replace(site.config, gates=(gate,))
    assert "Pilot (paiement)" in page(site, "/teams").main


def test_gates_stand_with_their_verdict(site: Served) -> None:
    with site.store.read() as tx:
        [row] = gates.answer(tx, site.config, site.now, speaker("en"))["gates"]
    found = page(site, "/teams")
    [head] = [one.text for one in found.all("h3") if one.text.startswith(row["id"])]
    assert gates.verdict(row, speaker("en")) in head
    assert gates.measured(row, speaker("en")) in found.main


def test_a_sample_that_cannot_be_read_hides_nothing_else(site: Served) -> None:
    gate = Gate("links", Measure.FALSE_LINKS, at_most=0.02, sample="nowhere.csv")
    site.config = replace(site.config, gates=(gate,))
    found = page(site, "/teams")
    assert "nowhere.csv" in next(one.text for one in found.all("p") if one.get("class") == "alert")
    assert cards(found)


def test_without_teams_it_says_what_to_write(fresh: Served, unread: Served) -> None:
    for language, words in (("en", "No team is configured yet."), ("fr", "Aucune équipe n’est encore configurée.")):
        found = page(fresh, "/teams", language)
        assert words in found.main
        [code] = [one.text for one in found.all("pre")]
        assert code.startswith("[teams]")
    bare = page(unread, "/teams")
    assert "No effort in this period." in bare.main
    assert len(cards(bare)) == len(unread.config.teams)


def test_teams_and_value_streams_add_up_to_all_work(site: Served) -> None:
    totals = spent(site)["totals"]
    for by in ("team", "value_stream"):
        groups = spent(site, by)["groups"]
        for kind in ("traced", "exempt", "orphan", "unresolvable"):
            assert sum(group["verdicts"][kind] for group in groups) == pytest.approx(totals[kind])
    with site.store.read() as tx:
        told = waves.answer(tx, site.config, site.now, speaker("en"), teams=("mobile",))
    for by in ("team", "value_stream"):
        owners = [one["weeks"] for one in told["owners"] if one["by"] == by]
        for place, week in enumerate(told["weeks"]):
            whole = week["pilot_effort"] + week["rest_effort"]
            assert sum(weeks[place]["effort"] for weeks in owners) == pytest.approx(whole, abs=0.05)
    [mine] = [one["weeks"] for one in told["owners"] if one["name"] == "mobile"]
    assert [week["coverage"] for week in mine] == [week["pilot"] for week in told["weeks"]]


# ── the drawings ─────────────────────────────────────────────────────────────────────────────────────────────────────

SHARES = st.lists(st.none() | st.floats(0, 1), max_size=31)


@given(SHARES, SHARES)
def test_lines_stay_in_their_frame_and_words_apart(pilot: list[float | None], rest: list[float | None]) -> None:
    count = max(len(pilot), len(rest))
    pilot, rest = ([*side, *[None] * (count - len(side))] for side in (pilot, rest))
    drawn = coverage.against(pilot, rest, [f"W{place}" for place in range(count)])
    for line, shares in ((drawn.pilot, pilot), (drawn.rest, rest)):
        points = [tuple(map(float, point.split(","))) for run in line.runs for point in run.split()]
        points += line.alone
        assert len(points) == sum(share is not None for share in shares)
        assert all(0 <= x <= drawn.frame.width and 0 <= y <= drawn.frame.height for x, y in points)
    if None not in drawn.words:
        assert abs(drawn.words[0] - drawn.words[1]) >= coverage.APART - 0.2  # type: ignore[operator]
    assert len(drawn.weeks) <= coverage.NAMED


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=9))
def test_pieces_fill_the_bar_one_after_the_other(parts: list[float]) -> None:
    found = coverage.served(parts)
    for (begin, length), (after, _) in pairwise(found):
        assert begin + length == pytest.approx(after, abs=0.011)
        assert length >= 0
    if sum(parts) > 0:
        assert sum(found[-1]) == pytest.approx(100, abs=0.02)
