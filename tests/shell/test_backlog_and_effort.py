"""The backlog as a decision and the effort beside the weights, from a tool to what is printed."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from installation import Installation
from rich.text import Text
from small_company import Company

from okrsync.assess import assess
from okrsync.cli.session import Session
from okrsync.reports import backlog, effort
from okrsync.reports.common import Lazy, apart, freshness_sentence
from okrsync.reports.encoding import as_json, json_pieces
from okrsync.spending import spending
from okrsync.store import Store, parents
from okrsync.store.spent import spent
from okrsync.store.worked import Seat, records, worked
from okrsync.teams import Teams
from okrsync.texts import speaker
from okrsync.worked import recorded
from rollup import percent, period_start
from rollup.worked import Period
from rollup.workload import Names

GREEN = """
[[objectives]]
id = "O-GREEN"
title = "Nice to have"
cycle = "2026-Q4"

[[objectives.key_results]]
id = "KR-DREAM"
title = "All of it"
owner = "ada"
commitment = "aspirational"

[mapping]"""
STREAMS = """
[teams]
shop = {{ projects = ["jira:SHOP"], value_stream = "buy" }}
pay = {{ projects = ["jira:PAY"] }}

[writeback]"""
LOUD = tuple(f"customer:{name}" for name in ("acme", "globex", "hooli", "initech", "umbrella"))


def listed(company: Company, store: Store, **cut: Any) -> list[dict[str, Any]]:
    with store.read() as tx:
        assessment = assess(tx, company.config, company.now())
        found = backlog.answer(tx, company.config, assessment, speaker("en"), cut=backlog.Cut(**cut))
        return list(found["items"])


@pytest.fixture
def quarter(small: Company) -> Store:
    """Late in the quarter: O-SHOP is red, for of KR-PAY next to nothing is done; O-GREEN is nearly there."""
    small.replace("[mapping]", GREEN)
    small.replace("[writeback]", STREAMS)
    for number in range(12):
        small.create("PAY", summary=f"Way to pay {number}", labels=["okr:KR-PAY"])
        done = small.create("PAY", summary=f"Dream {number}", labels=["okr:KR-DREAM"])
        if number < 10:
            small.wait(hours=9)
            small.edit(done, status="Terminé")
    small.wait(days=50)
    small.edit(small.site.find("PAY-9"), status="En cours")
    store = small.store()
    small.sync(store)
    return store


def test_a_loud_customer_waits_for_a_red_objective(small: Company, quarter: Store) -> None:
    loud = small.create("SHOP", summary="Feature A", labels=[*LOUD, "urgent"], customfield_10016=1)
    asked = small.create("SHOP", summary="Feature A of the dream", labels=[*LOUD, "okr:KR-DREAM"], status="En cours")
    needed = small.create("PAY", summary="Feature B", labels=["okr:KR-PAY"], duedate="2026-12-20")
    small.wait(hours=1)
    small.sync(quarter)
    items = {item["key"]: item for item in listed(small, quarter)}
    assert items[needed.key]["rank"] < items[asked.key]["rank"] < items[loud.key]["rank"]
    assert items[needed.key]["why"].startswith("O-SHOP is off track, KR-PAY is off track; ")
    assert "are needed to reach 90%" in items[needed.key]["why"]
    assert items[asked.key]["why"].startswith("O-GREEN is ")
    assert items[loud.key]["why"] == "it serves no objective; to be begun, the oldest first"
    assert (items[loud.key]["objective"], items[loud.key]["key_result"]) == (None, None)


def test_what_holds_up_others_comes_first_and_says_which(small: Company, quarter: Store) -> None:
    first, second = small.site.find("PAY-5"), small.site.find("PAY-7")
    assert first is not None
    assert second is not None
    small.edit(first, blocked_by=second.key)
    small.wait(days=4)
    small.sync(quarter)
    names = [item["key"] for item in listed(small, quarter, objectives=["O-SHOP"])]
    ways = [name for name in names if name.startswith("PAY-")]
    assert ways[0] == second.key
    items = {item["key"]: item for item in listed(small, quarter)}
    assert f"it holds up {first.key}" in items[second.key]["of_item"]
    assert "blocked for 4 d" in items[first.key]["of_item"]


def test_the_cuts_keep_the_rank_of_the_whole_list(small: Company, quarter: Store) -> None:
    every = listed(small, quarter)
    assert [item["rank"] for item in every] == list(range(1, len(every) + 1))
    assert listed(small, quarter, limit=3) == every[:3]
    assert listed(small, quarter, team="shop") == [item for item in every if item["team"] == "shop"]
    assert listed(small, quarter, objectives=["O-GREEN"]) == [one for one in every if one["objective"] == "O-GREEN"]
    each = listed(small, quarter, each=2)
    assert each == [one for one in every if sum(o["objective"] == one["objective"] for o in every[: one["rank"]]) <= 2]


def test_a_long_answer_is_written_in_pieces_and_reads_the_same() -> None:
    rows = [{"rank": n, "title": f"line \u2028 {n}", "also": []} for n in range(1200)]
    pieces = list(json_pieces({"as_of": None, "items": Lazy(lambda: rows)}))
    assert len(pieces) > 3
    assert "".join(pieces) == as_json({"as_of": None, "items": rows})
    assert as_json({"as_of": None, "items": Lazy(list)}) == as_json({"as_of": None, "items": []})


def test_the_forms_of_the_backlog_agree(synced: Installation) -> None:
    items = synced.json("backlog")["items"]
    rows = list(csv.DictReader(io.StringIO(synced.ok("backlog", "--format", "csv"))))
    assert [(row["key"], row["why"]) for row in rows] == [(item["key"], item["why"]) for item in items]
    assert synced.json("backlog", "--limit", "2")["items"] == items[:2]
    out = synced.folder / "backlog.json"
    synced.ok("backlog", "--format", "json", "--output", str(out))
    assert json.loads(out.read_text(encoding="utf-8"))["items"] == items
    shown = synced.ok("backlog", "--limit", "1")
    assert items[0]["key"] in shown
    assert items[1]["key"] not in shown


def report(company: Company, store: Store, by: str) -> dict[str, Any]:
    settings, now = company.config, company.now()
    with store.read() as tx:
        since = period_start(settings.goals, now)
        return effort.answer(tx, settings, assess(tx, settings, now), speaker("en"), group_by=by, since=since)


def test_every_grouping_adds_up_to_all_effort(small: Company, quarter: Store) -> None:
    for by in effort.GROUPINGS:
        found = report(small, quarter, by)
        assert sum(one["effort"] for one in found["groups"] if not one["above"] or by == "key_result") == pytest.approx(
            found["totals"]["effort"]
        )
        assert sum(one["share"] for one in found["groups"] if not one["above"] or by == "key_result") == pytest.approx(
            1
        )
        assert effort.draw(found, speaker("en"))


def test_the_stream_of_a_team_its_coverage_and_where_it_went(small: Company, quarter: Store) -> None:
    streams = {one["name"]: one for one in report(small, quarter, "value_stream")["groups"]}
    assert set(streams) == {"buy", "(no value stream)"}
    other = streams["(no value stream)"]
    assert other["coverage"] == pytest.approx(1.0)
    assert [goal["id"] for goal in other["goals"]] == ["O-GREEN", "O-SHOP"]
    assert other["goals"][0]["weight_share"] == 0.5
    green = next(one for one in report(small, quarter, "objective")["groups"] if one["name"] == "O-GREEN")
    assert green["effort_share"] > green["weight_share"] == 0.5
    assert green["effort"] == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [(0.304, 1 / 3, "−3"), (0.559, 1 / 3, "+23"), (0.2, 0.204, "0"), (0.995, 0.0, "+99"), (None, 0.5, "—")],
)
def test_a_difference_is_that_of_the_percents_beside_it(one: float | None, other: float, told: str) -> None:
    assert apart(one, other) == told
    if one is not None:
        assert percent(one) - percent(other) == int(told.replace("−", "-"))


def test_a_period_without_effort_says_so_and_no_share(small: Company, quarter: Store) -> None:
    empty = {**report(small, quarter, "objective"), "groups": []}
    assert effort.draw(empty, speaker("en"))[-1] == Text("No effort in this period.")
    assert effort.sheet(empty, speaker("en")).lead == (freshness_sentence(empty, speaker("en")),)


def test_work_of_another_period_is_not_counted(small: Company, quarter: Store) -> None:
    settings, now = small.config, small.now()
    with quarter.read() as tx:
        late = effort.answer(
            tx, settings, assess(tx, settings, now), speaker("en"), group_by="objective", since=now - timedelta(days=2)
        )
    assert late["totals"]["effort"] == pytest.approx(1.0), "what is in progress"


@pytest.mark.parametrize("days", [1, 20, 90])
def test_effort_is_the_same_whatever_it_is_told_from(synced: Installation, days: int) -> None:
    session = Session(path=str(synced.folder / "okrsync.toml"), flags={})
    config, until = session.config, session.now()
    since = until - timedelta(days=days)
    with session.linked() as tx:
        here = spending(tx, config, since, until)
        told = spending(tx, config, since, until, told_from=recorded(tx, config))
    session.store.close()
    assert len(here.tickets) > 0
    assert here.tickets["uid"].tolist() == told.tickets["uid"].tolist()
    assert here.effort.tolist() == told.effort.tolist()
    assert here.verdicts() == told.verdicts()
    assert here.by_goal() == told.by_goal()
    of_teams = [[one.teams[place] for place in one.tickets["group"]] for one in (here, told)]
    assert of_teams[0] == of_teams[1]


@pytest.mark.parametrize("ago", [0, 7, 30, 45])
def test_what_the_present_tells_of_a_period_is_what_the_histories_tell(synced: Installation, ago: int) -> None:
    session = Session(path=str(synced.folder / "okrsync.toml"), flags={})
    config, until = session.config, session.now() - timedelta(days=ago)
    teams, groups = Teams(config), Names()
    period = Period(until - timedelta(days=45), until)
    with session.linked() as tx:
        pairs = parents.every(tx)
        few, scales = spent(*(tx, pairs, period.since, until, teams.scale, config.thresholds), labels=teams.by_label)
        read = records(
            *(tx, lambda *one: Seat(teams.scale(*one)), config.thresholds),
            labels=teams.by_label,
            groups=groups,
        )
        every = worked(read, period)
    session.store.close()
    every = every[np.isin(every["uid"], few["uid"])]
    assert 0 < np.count_nonzero(few["now"]) < len(few)
    for name in ("uid", "parent", "kind", "verdict", "given_up", "now"):
        assert few[name].tolist() == every[name].tolist(), name
    assert np.array_equal(few["points"], every["points"], equal_nan=True)
    assert [scales[place] for place in few["group"]] == [groups.known[place] for place in every["group"]]
