"""What people say of items and goals, and what became of links in the past, as a user of the commands sees it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from installation import Installation

EPIC, CHILD = "SHOP-2", "SHOP-41"  # of KR-ONBOARDING


def day(ago: int) -> datetime:
    """The same minute so many days ago, in whole seconds, as Jira keeps its instants."""
    return datetime.now(UTC).replace(microsecond=0, second=0) - timedelta(days=ago)


def in_jira(one: Installation, key: str, **what: Any) -> None:
    at = what.pop("at", None)
    body = {**what, **({"at": at.isoformat()} if at else {})}
    requests.post(f"{one.sandbox.url}/_sandbox/jira/lumen/issues/{key}", json=body, timeout=5).raise_for_status()


def links(one: Installation, key: str, database: str = "okrsync.db") -> list[tuple[str, str, int | None, int | None]]:
    """(target, rule, begun so many days ago, ended so many days ago) of all periods, oldest first."""
    statement = (
        "SELECT link.target, link.rule, link.valid_from, link.valid_to FROM link JOIN item USING (uid) "
        "WHERE item.key = ? ORDER BY link.valid_from, link.target"
    )
    with closing(sqlite3.connect(one.folder / database)) as connection:
        return [
            (target, rule, ago(since), ago(until))
            for target, rule, since, until in connection.execute(statement, [key])
        ]


def ago(micros: int | None) -> int | None:
    return None if micros is None else round((datetime.now(UTC).timestamp() - micros / 1e6) / 86_400)


def children(one: Installation, epic: str) -> list[str]:
    issues = one.sandbox.world.jira.sites["lumen"].issues.values()
    return [issue.key for issue in issues if (issue.fields.get("parent") or {}).get("key") == epic]


def verdicts(one: Installation) -> dict[str, int]:
    totals: dict[str, int] = one.json("orphans")["totals"]
    return totals


# ── the past ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_label_that_moved_from_one_key_result_to_another_keeps_both_periods_at_the_first_sync(acme):
    in_jira(acme, EPIC, labels=["okr:KR-K8S"], at=day(20))
    in_jira(acme, EPIC, labels=["okr:KR-UX"], at=day(10))
    below = children(acme, EPIC)
    acme.ok("sync")
    (first, second, third) = links(acme, EPIC)
    assert first[:2] + first[3:] == ("KR-ONBOARDING", "label", 20)
    assert second == ("KR-K8S", "label", 20, 10)
    assert third == ("KR-UX", "label", 10, None)
    assert below
    for key in below:
        had = links(acme, key)
        assert had[-1] == ("KR-UX", "parent", 10, None), key
        assert had[-2][:2] + had[-2][3:] == ("KR-K8S", "parent", 10), key
        assert all(one[1] == "parent" and one[2] > one[3] for one in had[:-1]), key


def test_a_ticket_that_was_moved_keeps_what_it_served_and_a_later_sync_tells_the_same_as_a_first_one(acme):
    site = acme.sandbox.world.jira.sites["lumen"]
    moving = children(acme, EPIC)[0]
    acme.ok("sync")
    assert [one[:2] for one in links(acme, moving)] == [("KR-ONBOARDING", "parent")]
    in_jira(acme, moving, fields={"parent": {"key": "PLAT-1"}})
    in_jira(acme, EPIC, labels=[])
    assert site.find(moving).fields["parent"]["key"] == "PLAT-1"
    acme.ok("sync")
    before, now = links(acme, moving)
    assert (before[0], before[3]) == ("KR-ONBOARDING", 0)
    assert (now[0], now[3]) == ("KR-K8S", None)
    known = {key: links(acme, key) for key in (EPIC, *children(acme, EPIC), moving)}
    acme.edit("sqlite:///okrsync.db", "sqlite:///other.db")
    acme.ok("sync")
    assert {key: links(acme, key, "other.db") for key in known} == known


# ── words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def english(synced: Installation) -> Installation:
    synced.edit('language = "fr"', 'language = "en"')
    return synced


def orphan(one: Installation) -> str:
    """A ticket with points that serves nothing, alone."""
    items = one.json("orphans")["items"]
    return next(item["key"] for item in items if item["class"] == "direct" and item["key"].startswith("SHOP"))


def test_link_and_exempt_tell_what_they_change_and_taking_them_back_undoes_it(english):
    key, totals, known = orphan(english), verdicts(english), figures(english)
    linked = english.ok("link", key, "kr-ux", "--why", "agreed with Hugo").splitlines()
    assert linked[0].startswith(f"jira:{key} serves KR-UX, says ")
    assert linked[0].endswith(": agreed with Hugo")
    assert linked[1] == "  orphan (no link) → traced: KR-UX"
    assert linked[2].startswith("  KR-UX: ")
    ux = goal(english, "KR-UX")
    assert f" → {ux['done']:g} of {ux['scope']:g} {ux['unit']} ({round(100 * ux['progress'])}%)" in linked[2]
    exempted = english.ok("exempt", key, "--why", "after all").splitlines()
    assert "  instead of: serves KR-UX, said " in exempted[1]
    assert exempted[2] == "  traced: KR-UX → exempt"
    assert verdicts(english)["exempt"] == totals["exempt"] + 1
    back = english.ok("exempt", key, "--remove").splitlines()
    assert back[0].startswith(f"jira:{key}: the word is taken back: needs no objective, said ")
    assert back[1].startswith("  and an older one: serves KR-UX, said ")
    assert "  exempt → orphan (no link)" in back
    assert figures(english) == known
    assert verdicts(english) == totals
    again = english.run("link", key, "--remove")
    assert again.code == 2
    assert "nobody gave a word" in again.err


def test_a_word_counts_from_when_it_was_given_until_it_was_taken_back(english):
    child = children(english, EPIC)[0]
    (before,) = links(english, child)
    english.ok("link", child, "KR-K8S", "--why", "for a while")
    assert links(english, child) == [(*before[:3], 0), ("KR-K8S", "override", 0, None)]
    english.ok("link", child, "KR-UX", "--why", "no, this")
    assert [(one[0], one[3]) for one in links(english, child)] == [("KR-ONBOARDING", 0), ("KR-K8S", 0), ("KR-UX", None)]
    english.ok("link", child, "--remove")
    inherited, *said = links(english, child)
    assert inherited == before
    assert [one[:2] + one[3:] for one in said] == [("KR-K8S", "override", 0), ("KR-UX", "override", 0)]


def test_a_word_on_an_epic_tells_how_many_follow(english):
    told = english.ok("link", EPIC, "KR-K8S", "--why", "it was theirs")
    assert f"  {len(children(english, EPIC))} below it or naming it follow\n" in told
    assert "KR-ONBOARDING: " in told
    assert "KR-K8S: " in told
    measured = english.ok("link", EPIC, "KR-RETENTION", "--why", "really")
    assert "KR-RETENTION: unchanged, for it is measured by its value" in measured
    named = english.json("overrides")["overrides"][0]["effect"]
    assert {one["goal"]: one["with"] == one["without"] for one in named}["KR-RETENTION"], "told, though it did not move"


def test_the_words_are_listed_with_their_effect_and_listing_changes_nothing(english):
    key = orphan(english)
    before = goal(english, "KR-UX")
    english.ok("link", key, "KR-UX", "--why", "agreed")
    english.ok("exempt", EPIC, "--why", "later")
    english.ok("link", EPIC, "KR-K8S", "--why", "now")
    known, had = figures(english), links(english, key)
    answer = english.json("overrides")
    newest, replaced, first = answer["overrides"]
    assert [one["state"] for one in answer["overrides"]] == ["valid", "replaced", "valid"]
    assert (newest["key"], newest["targets"], newest["why"]) == (EPIC, ["KR-K8S"], "now")
    assert replaced["effect"] is None
    (effect,) = first["effect"]
    assert effect["goal"] == "KR-UX"
    assert effect["without"] == {name: before[name] for name in ("done", "scope", "unit", "progress")}
    assert effect["with"]["scope"] > effect["without"]["scope"]
    assert figures(english) == known
    assert links(english, key) == had
    one = english.json("overrides", "--effects", "1")
    assert (one["unmeasured"], one["overrides"][2]["effect"]) == (1, None)
    assert "--effects N" in english.ok("overrides", "--effects", "0")
    assert english.run("overrides", "--effects", "-1").code == 2
    for form in ("table", "csv", "md", "html"):
        listed = english.ok("overrides", "--format", form)
        assert key in listed
        assert "agreed" in listed


def test_a_word_that_leads_nowhere_is_listed_with_what_to_type(english):
    kept, removed, gone = orphan(english), "PAY-2", "PAY-3"
    english.ok("link", kept, "KR-COUT", "--why", "cheaper")
    english.ok("link", gone, "KR-UX", "--why", "soon gone")
    english.ok("exempt", removed, "--why", "a mistake")
    english.ok("exempt", removed, "--remove")
    english.edit('id = "KR-COUT"', 'id = "KR-COST"')
    in_jira(english, gone, delete=True)
    english.ok("sync", "--full")
    listed = english.json("overrides")["overrides"]
    states = {one["key"]: (one["state"], one["unknown"]) for one in listed}
    assert states == {kept: ("unknown_goal", ["KR-COUT"]), gone: ("gone", [])}
    fixes = {one["key"]: one["fix"] for one in listed}
    assert f"okrsync link {kept} --remove" in fixes[kept]
    assert f"okrsync link jira:{gone} --remove" in fixes[gone]
    assert "taken back" in english.ok("overrides", "--all")
    english.ok("link", f"jira:{gone}", "--remove")
    english.edit("[mapping]", '[mapping]\nrules = ["label", "parent"]')
    english.ok("link", kept, "KR-UX", "--why", "again")
    (last,) = (one for one in english.json("overrides")["overrides"] if one["why"] == "again")
    assert last["state"] == "overruled"


# ── goals that say something else ────────────────────────────────────────────────────────────────────────────────────


def test_links_to_a_key_result_that_was_reworded_are_suspect_until_somebody_confirms_them(english):
    in_jira(english, "PLAT-2", labels=["okr:KR-K8S"])
    english.ok("sync")
    assert not suspects(english)
    assert english.run("confirm", "KR-K8S", "--why", "x").code == 2, "there is nothing to confirm"
    known = figures(english)
    english.edit("Tous les services sur Kubernetes", "tous les  services sur kubernetes")
    assert not suspects(english), "case and spaces are no revision"
    english.edit("tous les  services sur kubernetes", "Tous les services chez Nomad")
    (gap,) = suspects(english)
    assert (gap["subject"], gap["items"]) == ("KR-K8S", ["PLAT-1", "PLAT-2"])
    assert "“Tous les services chez Nomad”" in gap["evidence"]
    assert "okrsync confirm KR-K8S" in gap["fix"]
    assert figures(english) == known, "they count meanwhile"
    done = english.ok("confirm", "kr-k8s", "--item", "PLAT-1", "--why", "the same services")
    assert done.startswith("KR-K8S: 1 link confirmed, says ")
    assert "still suspect: 1" in done
    (gap,) = suspects(english)
    assert gap["items"] == ["PLAT-2"]
    assert english.run("confirm", "KR-K8S", "--item", "PLAT-1", "--why", "x").code == 2
    assert english.run("confirm", "KR-K8S", "--why", " ").code == 2, "a reason is asked for"
    assert english.run("confirm", "KR-NOPE", "--why", "x").code == 2
    below = children(english, "PLAT-2")[0]
    assert (
        f"okrsync trace jira:{below} tells where" in english.run("confirm", "KR-K8S", "--item", below, "--why", "x").err
    )
    (link,) = english.json("trace", "PLAT-2")["links"]
    assert (link["suspect"]["was"], link["suspect"]["is"]) == (
        "Tous les services sur Kubernetes",
        "Tous les services chez Nomad",
    )
    assert "okrsync confirm KR-K8S --item PLAT-2" in link["suspect"]["fix"]
    assert english.json("trace", "PLAT-1")["links"][0]["suspect"] is None
    english.ok("confirm", "KR-K8S", "--why", "all of them")
    assert not suspects(english)


def test_a_key_result_with_another_target_makes_its_links_suspect_too(english):
    english.ok("gaps")
    english.edit("target = 10.0", "target = 12.0")
    (gap,) = suspects(english)
    assert "“24 → 10 min”" in gap["evidence"]
    assert "“24 → 12 min”" in gap["evidence"]


def suspects(one: Installation) -> list[dict[str, Any]]:
    return [gap for gap in one.json("gaps")["gaps"] if gap["kind"] == "suspect_link"]


def goal(one: Installation, kr: str) -> dict[str, Any]:
    objectives = one.json("status")["objectives"]
    found: dict[str, Any] = next(
        known for objective in objectives for known in objective["key_results"] if known["id"] == kr
    )
    return found


def figures(one: Installation) -> dict[str, tuple[Any, ...]]:
    """What every key result stands at, apart from what depends on the hour."""
    return {
        known["id"]: (known["done"], known["scope"], known["progress"], known["status"])
        for objective in one.json("status")["objectives"]
        for known in objective["key_results"]
    }
