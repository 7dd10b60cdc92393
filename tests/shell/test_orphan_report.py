"""The orphan report as a CTO reads it: its trend by what was true then, its cuts, exempt work, and nobody's name."""

from __future__ import annotations

from typing import Any

import pytest
from installation import Installation
from small_company import Company

from okrsync.linking import relink
from okrsync.model import Override, OverrideKind
from okrsync.reports import orphans
from okrsync.store import Store, people, queries
from okrsync.texts import speaker
from okrsync.worked import period_of, work_of
from rollup.worked import counted_in, stood

FORMS = ("table", "json", "csv", "md", "html")


def begin(small: Company, **fields: Any) -> Any:
    """A ticket in progress since the first of the weeks that are looked at; it is a week later now."""
    issue = small.create("PAY", summary="Receipts", status="En cours", **fields)
    small.wait(days=7)
    return issue


def weeks(small: Company, store: Store, key: str) -> str:
    """What a ticket was at the end of each week in which it was worked on: traced, exempt, orphan, unresolvable."""
    with store.begin() as tx:
        relink(tx, small.config, small.now())
        period = period_of(small.config, small.now())
        [found] = queries.find(tx, key)
        work = work_of(tx, small.config, period).work
    row = work[work["uid"] == found.uid]
    return "".join("?teou"[stood(row, bit)[0]] for bit in range(len(period.ends)) if counted_in(row, bit)[0])


def a_week_later(small: Company, store: Store, key: str) -> str:
    small.wait(days=7)
    small.sync(store)
    return weeks(small, store, key)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["okr:KR-UX"], [], "too"),
        (["okr:KR-UX"], ["okr:KR-PAY"], "ttt"),
        ([], ["okr:KR-UX"], "ott"),
        ([], ["ktlo"], "oee"),
        (["ktlo"], [], "eoo"),
        (["ktlo"], ["ktlo", "okr:KR-UX"], "ett"),
        (["okr:KR-UX"], ["ktlo"], "tee"),
    ],
)
def test_the_first_sync_knows_what_work_served_before_it_was_labelled_anew(
    small: Company, before: list[str], after: list[str], expected: str
) -> None:
    issue = begin(small, labels=before)
    small.edit(issue, labels=after)
    assert a_week_later(small, small.store(), issue.key) == expected


def test_work_that_moved_out_of_exempt_work_was_exempt_until_then(small: Company) -> None:
    lights = small.create(summary="Lights", issuetype="Epic", labels=["ktlo"])
    issue = begin(small, parent=lights.key)
    small.edit(issue, fields={"parent": {"key": "SHOP-1"}})
    assert a_week_later(small, small.store(), issue.key) == "ett"


def test_work_below_what_became_exempt_became_it_too(small: Company) -> None:
    epic = small.create(summary="Lights", issuetype="Epic")
    issue = begin(small, parent=epic.key)
    small.edit(epic, labels=["ktlo"])
    assert a_week_later(small, small.store(), issue.key) == "oee"


def test_a_word_exempts_from_its_day_until_it_is_taken_back(small: Company) -> None:
    issue = begin(small)
    small.sync(store := small.store())
    with store.begin() as tx:
        [found] = queries.find(tx, issue.key)
        people.add_override(tx, Override(found.uid, OverrideKind.EXEMPT, (), "legal", "ada", small.now()))
    assert a_week_later(small, store, issue.key) == "oee"
    with store.begin() as tx:
        people.remove_override(tx, found.uid, "ada", small.now())
    assert a_week_later(small, store, issue.key) == "oeoo"


def test_open_work_on_a_goal_is_an_orphan_from_the_day_on_which_that_was_dropped(small: Company) -> None:
    issue = begin(small, labels=["okr:KR-UX"])
    small.sync(store := small.store())
    small.replace('title = "The new checkout is live"', 'title = "The new checkout is live"\nstate = "dropped"')
    with store.begin() as tx:
        relink(tx, small.config, small.now())
    assert a_week_later(small, store, issue.key) == "too"
    assert a_week_later(small, small.store(), issue.key) == "oooo", "a new store does not know since when"
    small.replace('state = "dropped"', "")
    assert a_week_later(small, store, issue.key) == "ttttt"


def test_open_work_on_a_goal_is_an_orphan_from_its_last_day_on_and_done_work_is_not(small: Company) -> None:
    small.replace('title = "The new checkout is live"', 'title = "The new checkout is live"\nend = 2026-10-26')
    issue, done = (small.create("PAY", labels=["okr:KR-UX"], status="En cours") for _ in range(2))
    small.wait(days=14)
    small.edit(done, status="Terminé")
    assert weeks_after_sync(small, issue.key, done.key) == ["too", "tot"]


def weeks_after_sync(small: Company, *keys: str) -> list[str]:
    small.sync(store := small.store())
    return [weeks(small, store, key) for key in keys]


def test_a_report_of_a_past_day_tells_the_effort_until_then(small: Company) -> None:
    issue = begin(small, labels=["okr:KR-UX"])
    before = small.now()
    small.wait(hours=1)
    small.edit(issue, labels=[])
    small.wait(days=7)
    small.edit(issue, status="Terminé")
    small.sync(store := small.store())

    def share(at: Any) -> Any:
        with store.begin() as tx:
            relink(tx, small.config, small.now())
            asked = {"group_by": "fix", "since": None, "team": None, "sources": None, "brief": True}
            return orphans.answer(tx, small.config, at, speaker("en"), **asked)["totals"]

    then, now = share(before), share(small.now())
    assert then["effort"] == now["effort"]
    assert then["effort_share_traced"] > now["effort_share_traced"]
    assert then["effort_share_orphan"] < now["effort_share_orphan"]


# ── the whole report ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_cut_adds_up_to_the_totals(synced: Installation) -> None:
    synced.monkeypatch.setenv("OKRSYNC_REPORTS__BY_ASSIGNEE", "true")
    answer = synced.json("orphans")
    totals = answer["totals"]
    assert list(answer["cuts"]) == ["team", "source", "project", "age", "assignee"]
    spent = totals["effort"] * totals["effort_share_orphan"]
    for name, rows in answer["cuts"].items():
        assert sum(row["items"] for row in rows) == totals["orphan"], name
        assert sum(row["of_items"] for row in rows) == totals["items"], name
        assert sum(row["effort"] for row in rows) == pytest.approx(spent), name
        assert sum(row["of_effort"] for row in rows) == pytest.approx(totals["effort"]), name
        assert sum(row["share_of_orphans"] for row in rows) == pytest.approx(1), name
        for beside in ("pull_requests", "commits"):
            assert sum(row[beside]["items"] for row in rows) == totals[beside]["items"], (name, beside)
            assert sum(row[beside]["orphan"] for row in rows) == totals[beside]["orphan"], (name, beside)
    shares = [totals[f"effort_share_{kind}"] for kind in ("traced", "exempt", "orphan", "unresolvable")]
    assert sum(shares) == pytest.approx(1)
    assert sum(group["effort"] for group in answer["groups"]) == pytest.approx(spent)
    exempt = answer["exempt"]
    assert sum(row["items"] for row in exempt) == totals["exempt"]
    assert sum(row["share"] for row in exempt) == pytest.approx(totals["effort_share_exempt"])
    assert next(row for row in exempt if row["reason"] == "étiquette ktlo")["effort"] > 0
    last = answer["trend"][-1]["week"]
    teams = [week for row in answer["cuts"]["team"] for week in row["trend"] if week["week"] == last]
    assert sum(week["effort"] for week in teams) == pytest.approx(answer["trend"][-1]["effort"])


def test_cuts_take_what_is_asked_for(synced: Installation) -> None:
    every = {row["name"]: row for row in synced.json("orphans")["cuts"]["team"]}
    name = next(iter(every))
    asked = synced.json("orphans", "--team", name)
    [row] = asked["cuts"]["team"]
    assert {**row, "share_of_orphans": None} == {**every[name], "share_of_orphans": None}
    assert asked["totals"]["effort"] == row["of_effort"]
    shown = synced.ok("orphans", "--team", name)
    assert "Par équipe" not in shown, "a cut of one group says nothing"
    assert synced.json("orphans", "--source", "jira")["cuts"]["source"][0]["name"] == "jira"
    for by in ("team", "age", "value_stream", "project", "class"):
        groups = synced.json("orphans", "--group-by", by)["groups"]
        assert sum(group["items"] for group in groups) == synced.json("orphans")["totals"]["orphan"]
        assert groups[0]["name"] in synced.ok("orphans", "--group-by", by, "--format", "csv")


def test_the_report_fits_a_narrow_terminal(synced: Installation) -> None:
    synced.monkeypatch.setattr("okrsync.cli.output.PLAIN_WIDTH", 80)
    for language in ("en", "fr"):
        synced.monkeypatch.setenv("OKRSYNC_LANGUAGE", language)
        shown = synced.ok("orphans").splitlines()
        assert max(map(len, shown)) <= 80
        assert sum(line.startswith("  → ") for line in shown) >= 3


@pytest.mark.parametrize("by_assignee", [False, True])
def test_nobody_is_named_unless_the_configuration_says_so(synced: Installation, by_assignee: bool) -> None:
    """P: people are not ranked. No name of an assignee stands in any form of the report, or in any cut of it."""
    store = Store.open(f"sqlite:///{synced.folder}/okrsync.db")
    with store.read() as tx:
        names = {one.assignee for one in queries.decided(tx) if one.assignee}
    store.close()
    assert names
    synced.monkeypatch.setenv("OKRSYNC_REPORTS__BY_ASSIGNEE", str(by_assignee).lower())
    said = [synced.ok("orphans", "--format", form) for form in FORMS]
    cuts = ("fix", "class", "source", "project", "team", "value_stream", "age", *(["assignee"] if by_assignee else []))
    said += [synced.ok("orphans", "--group-by", cut, "--format", form) for cut in cuts for form in FORMS]
    named = {name for name in names if any(name in text for text in said)}
    assert bool(named) is by_assignee
