"""The page of the gaps: each with its evidence, its fix and what to type, by severity and kind."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from documents import Document
from web_server import Served

from okrsync.assess import assess
from okrsync.dashboard.marks import linked
from okrsync.model import Objective, Say
from okrsync.reports import gaps
from okrsync.texts import speaker


def page(site: Served, path: str, language: str = "en") -> Document:
    answer = site.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, path)
    assert found.faults == []
    return found


def told(site: Served, language: str = "en", **cut: Any) -> list[dict[str, Any]]:
    """What the command says."""
    with site.store.read() as tx:
        answer = gaps.answer(tx, site.config, assess(tx, site.config, site.now), speaker(language), cut=gaps.Cut(**cut))
    every: list[dict[str, Any]] = answer["gaps"]
    return every


def subjects(found: Document) -> list[str]:
    return [one.text for one in found.all("h3")]


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_each_gap_stands_with_evidence_fix_steps_and_what_to_type(site: Served) -> None:
    for language in ("en", "fr"):
        every, found = told(site, language), page(site, "/gaps?limit=500", language)
        assert [one.split(" ")[0] for one in subjects(found)] == [gap["subject"].split(" ")[0] for gap in every]
        code = {one.text for one in found.all("code")}
        for gap in every:
            for text in (gap["evidence"], gap["fix"], *gap["steps"]):
                assert one_line(text)[1:] in found.main
            for line in (gap["typed"] or "").splitlines():
                assert any(one_line(line) in one for one in code)
        assert any(gap["typed"] for gap in every)
        assert ":okrsync " not in found.main, "a command stands apart from what it follows"


def test_addresses_in_steps_are_links_and_items_lead_to_their_threads(site: Served) -> None:
    found = page(site, "/gaps?limit=500")
    away = [one for one in found.links() if one.get("href").startswith("http")]
    assert away
    assert all(one.get("rel") == "noreferrer noopener" and one.get("hx-boost") == "false" for one in away)
    keys = {key for gap in told(site) for key in gap["items"][:1]}
    assert keys <= {one.get("href").removeprefix("/trace?item=").replace("%23", "#") for one in found.links()}


def test_counts_at_the_top_lead_to_what_they_count(site: Served) -> None:
    every, found = told(site), page(site, "/gaps")
    speak = speaker("en")
    kinds, severities = Counter(gap["kind"] for gap in every), Counter(gap["severity"] for gap in every)
    chips = {one.text: one.get("href") for one in found.links() if "chip" in one.get("class")}
    for kind, count in kinds.items():
        path = chips[f"{speak(Say.of(f'report.gap_kind.{kind}'))} {count}"]
        narrowed = page(site, path)
        assert len(subjects(narrowed)) == count
        [chosen] = [one for one in narrowed.links() if one.get("aria-current") == "true"]
        assert chosen.get("href") == path
    for severity, count in severities.items():
        [path] = [href for href in chips.values() if f"severity={severity}" in href]
        assert len(subjects(page(site, path))) == count


def test_it_is_narrowed_to_a_team_a_source_and_a_day(site: Served) -> None:
    by_team = told(site, team="paiement")
    assert 0 < len(by_team) < len(told(site))
    assert len(subjects(page(site, "/gaps?team=paiement"))) == len(by_team)
    by_source = told(site, sources=("asana",))
    assert len(subjects(page(site, "/gaps?source=asana"))) == len(by_source) > 0
    day = f"{site.now - timedelta(days=1):%Y-%m-%d}"
    assert f'value="{day}"' in site.get(f"/gaps?since={day}").text
    tomorrow = f"{site.now + timedelta(days=2):%Y-%m-%d}"
    assert "has not come yet" in site.get(f"/gaps?since={tomorrow}").text
    assert site.get("/gaps?kind=strange").status_code == 422


def test_it_is_paged(site: Served) -> None:
    every = told(site)
    first, second = page(site, "/gaps?limit=5"), page(site, "/gaps?limit=5&offset=5")
    assert [len(subjects(one)) for one in (first, second)] == [5, 5]
    assert f"1 to 5 of {len(every)}" in first.main
    beyond = page(site, "/gaps?offset=5000")
    assert subjects(beyond) == []
    assert "No gap here." in beyond.main


def test_what_is_chosen_can_be_taken_along(site: Served) -> None:
    rows = list(csv.DictReader(io.StringIO(site.get("/gaps.csv?severity=high").text)))
    assert [row["subject"] for row in rows] == [gap["subject"] for gap in told(site) if gap["severity"] == "high"]
    assert len(site.get("/gaps.json").json()["gaps"]) == len(told(site))


def test_where_nothing_is_wrong_or_nothing_known_it_says_so(fresh: Served, unread: Served, site: Served) -> None:
    assert "No gap is known yet" in page(fresh, "/gaps").main
    assert "Aucune rupture connue" in page(fresh, "/gaps", "fr").main
    assert subjects(page(unread, "/gaps"))  # what is wrong with the goals themselves is known before the first sync
    goals = site.config.goals
    site.config = replace(site.config, goals=replace(goals, objectives={}, key_results={}), sources=())
    assert "gap" in page(site, "/gaps").main


def test_goals_with_hostile_names_are_shown_as_they_are(site: Served) -> None:
    goals = site.config.goals
    name = '<img src=x onerror="alert(1)">'
    made = replace(next(iter(goals.objectives.values())), id="O-X", title=name, parent=None)
    assert isinstance(made, Objective)
    site.config = replace(site.config, goals=replace(goals, objectives={**goals.objectives, "O-X": made}))
    found = page(site, "/gaps?limit=500")
    assert "O-X" in subjects(found)
    assert not [one for one in found.all("img") if "main" in one.inside]


def test_addresses_are_found_in_sentences() -> None:
    assert linked("open https://a.test/x?y=1, then (b)") == [
        ("open ", ""),
        ("https://a.test/x?y=1", "https://a.test/x?y=1"),
        (", then (b)", ""),
    ]
    assert linked("javascript:alert(1)") == [("javascript:alert(1)", "")]
