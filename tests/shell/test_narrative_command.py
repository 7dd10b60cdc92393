"""Drafts in words, as people and programs get them from ``okrsync status``."""

from __future__ import annotations

import json

import pytest
from installation import Installation
from small_company import Company

from okrsync.assess import assess
from okrsync.history import assess_at
from okrsync.reports.narrative import Narratives, narratives
from okrsync.store import Store, past


def test_json_holds_a_draft_of_every_goal_with_the_items_behind_each_clause(synced: Installation) -> None:
    told = json.loads(synced.ok("status", "--format", "json"))
    for objective in told["objectives"]:
        for goal in (objective, *objective["key_results"]):
            clauses = goal["narrative_clauses"]
            assert goal["narrative"] == " ".join(one["text"] for one in clauses)
            assert clauses, goal["id"]
    items = {item for one in told["objectives"] for kr in one["key_results"] for item in _items(kr)}
    known = {item["key"] for item in json.loads(synced.ok("backlog", "--format", "json"))["items"]}
    assert items & known, "what is open stands behind a decision"


def _items(goal: dict[str, list[dict[str, list[str]]]]) -> set[str]:
    return {item for clause in goal["narrative_clauses"] for item in clause["items"]}


def test_a_terminal_shows_drafts_where_they_are_asked_for(synced: Installation) -> None:
    objective = json.loads(synced.ok("status", "--format", "json"))["objectives"][0]["id"]
    assert "✎" not in synced.ok("status")
    assert "✎" in synced.ok("status", "--narrative")
    assert "✎" in synced.ok("status", "--objective", objective)


@pytest.mark.parametrize(("language", "word"), [("en", "decide"), ("fr", "décider")])
def test_drafts_are_in_the_configured_language(synced: Installation, language: str, word: str) -> None:
    synced.monkeypatch.setenv("OKRSYNC_LANGUAGE", language)
    assert word in synced.ok("status", "--narrative")


def test_the_week_is_told_alike_by_what_is_stored_now_and_by_the_histories(small: Company) -> None:
    store = small.store()
    small.sync(store)
    moving = small.site.find("SHOP-3")
    done, other = (small.create(summary=name, labels=["okr:KR-UX"]) for name in ("Filters", "Sorting"))
    told = set()
    for step in (
        lambda: small.edit(moving, labels=["okr:KR-UX"]),
        lambda: small.edit(done, status="Terminé"),
        lambda: small.edit(other, fields={"resolution": {"name": "Won't Do"}}, status="Terminé"),
        lambda: small.edit(moving, labels=["okr:KR-PAY"]),
        lambda: small.edit(done, status="En cours"),
    ):
        small.wait(days=5)
        step()
        small.wait(hours=1)
        small.sync(store)
        straight, looked_back = both(small, store)
        assert straight == looked_back
        told |= {clause.text.code.split(".")[1] for clause in straight.key_results["KR-UX"]}
        small.wait(hours=1)
    assert {"move", "scope", "decide"} <= told


def both(company: Company, store: Store) -> tuple[Narratives, Narratives]:
    """From what is stored now, and from the histories."""
    now, config = company.now(), company.config
    with store.read() as tx:
        straight = narratives(tx, config, assess(tx, config, now))
        then = assess_at(tx, config, now, now)
        return straight, narratives(tx, config, then, past=past.read(tx, config.goals))
