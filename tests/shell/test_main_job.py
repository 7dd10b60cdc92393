"""The main job, as a person types it: pull, link, roll up, report, plan, write back, plan again with nothing left."""

from __future__ import annotations

import csv
import io
import re

from installation import Installation

VERDICTS = ("traced", "exempt", "orphan", "unresolvable")


def test_every_item_is_exactly_one_of_four(synced: Installation) -> None:
    totals = synced.json("orphans")["totals"]
    assert sum(totals[name] for name in VERDICTS) == totals["items"]
    assert all(totals[name] > 0 for name in VERDICTS), "the company shows each of the four"


def test_a_second_sync_changes_nothing_and_asks_little(synced: Installation) -> None:
    before = synced.json("orphans"), synced.json("gaps")
    answer = synced.json("sync")["sources"][0]
    assert (answer["state"], answer["changed"]) == ("ok", 0)
    assert answer["requests"] <= 8  # of a process that knows nothing yet: what is asked once an hour is among them
    after = synced.json("orphans"), synced.json("gaps")
    for old, new in zip(before, after, strict=True):
        assert {**old, "as_of": None} == {**new, "as_of": None}


def test_status_tells_each_key_result_with_its_cause(synced: Installation) -> None:
    answer = synced.json("status")
    results = {kr["id"]: kr for objective in answer["objectives"] for kr in objective["key_results"]}
    assert answer["complete"] is True
    assert len(answer["objectives"]) >= 3
    blocked = [kr for kr in results.values() if "blocked" in kr["flags"]]
    assert [kr["status"] for kr in blocked] == ["at_risk"]
    assert any(len(cause["items"]) == 15 for cause in blocked[0]["cause"])
    for kr in results.values():
        if kr["status"] == "no_data":
            assert kr["progress"] is None


def test_trace_climbs_to_the_objective_or_names_the_break(synced: Installation) -> None:
    items = synced.json("orphans")["items"]
    orphan = next(item for item in items if item["class"] == "transitive")
    broken = synced.json("trace", orphan["key"])
    assert broken["verdict"] == "orphan"
    assert broken["broken_at"]["key"] != orphan["key"]
    assert broken["broken_at"]["fix"]
    listed = {item["key"] for item in items}
    plan = synced.json("plan")["writes"]
    target = next(write["target"] for write in plan if write["surface"] == "comment")
    assert target not in listed
    traced = synced.json("trace", target)
    assert traced["verdict"] == "traced"
    hops = [hop["kind"] for hop in traced["links"][0]["path"]]
    assert hops[0] == "ticket"
    assert hops[-1] == "objective"
    assert "key_result" in hops


def test_csv_lists_the_same_items_and_runs_no_formula(synced: Installation) -> None:
    rows = list(csv.DictReader(io.StringIO(synced.ok("orphans", "--format", "csv"))))
    assert [row["key"] for row in rows] == [item["key"] for item in synced.json("orphans")["items"]]
    assert not any(value[:1] in "=+-@\t\r" for row in rows for value in row.values() if value)


def test_groups_hold_every_orphan_once_whatever_the_cut(synced: Installation) -> None:
    orphans = synced.json("orphans")["totals"]["orphan"]
    for cut in ("fix", "class", "source", "project", "team", "age"):
        groups = synced.json("orphans", "--group-by", cut)["groups"]
        assert sum(group["items"] for group in groups) == orphans, cut
    of = {item["key"]: item for item in synced.json("orphans")["items"]}
    for group in synced.json("orphans")["groups"]:
        item = of.get(group["fix"])
        if item and item["class"] in ("dangling", "dead", "ambiguous"):
            assert (group["class"], group["suggestion"]) == (item["class"], item["fix"]), "why, and what to do about it"
    refused = synced.run("orphans", "--group-by", "assignee")
    assert refused.code == 2
    synced.edit("[mapping]", "[reports]\nby_assignee = true\n\n[mapping]")
    assert synced.run("orphans", "--group-by", "assignee").code == 0


def test_plan_reads_only_apply_writes_just_that_and_nothing_is_left(synced: Installation) -> None:
    """P41, for label, property and comment."""
    planned = synced.json("plan")
    assert synced.sandbox.requests == ()
    assert {write["surface"] for write in planned["writes"]} == {"label", "property", "comment"}
    assert synced.run("apply", str(planned["run"])).code == 1, "the first apply asks"
    applied = synced.json("apply", str(planned["run"]), "--yes")
    assert applied["applied"] == len(planned["writes"])
    asked = synced.sandbox.unsafe_requests()
    assert len(asked) == len(planned["writes"])
    empty = synced.json("plan")
    assert (empty["run"], empty["writes"]) == (None, [])
    synced.sandbox.clear_requests()
    assert synced.json("sync")["sources"][0]["changed"] == 0, "echoes of own writes are no changes"
    assert synced.json("plan")["writes"] == []
    assert synced.json("runs")["runs"][0]["applied"] == len(planned["writes"])


def test_a_mended_ticket_loses_its_mark(synced: Installation) -> None:
    synced.ok("apply", "--yes")
    items = synced.json("orphans")["items"]
    marked = next(item for item in items if item["class"] == "direct" and _labels(synced, item["key"]))
    goal = next(kr["id"] for one in synced.json("status")["objectives"] for kr in one["key_results"])
    synced.ok("link", marked["key"], goal, "--why", "it is theirs")
    assert synced.json("trace", marked["key"])["links"][0]["rule"] == "override"
    removed = [write for write in synced.json("plan")["writes"] if write["target"] == marked["key"]]
    assert [(write["before"], write["after"]) for write in removed] == [(True, None)]
    synced.ok("apply", "--yes")
    assert _labels(synced, marked["key"]) == set()


def _labels(installed: Installation, key: str) -> set[str]:
    site = next(iter(installed.sandbox.world.jira.sites.values()))
    return {label for label in site.find(key).fields.get("labels", []) if label in {"okr-orphan", "okr-dangling"}}


def test_a_word_is_kept_with_name_reason_and_date_and_can_be_taken_back(synced: Installation) -> None:
    item = next(item for item in synced.json("orphans")["items"] if item["class"] == "direct")
    assert synced.run("exempt", item["key"]).code == 2, "a word without a reason is refused"
    synced.ok("exempt", item["key"], "--why", "legal asked")
    exempted = synced.json("trace", item["key"])
    assert exempted["verdict"] == "exempt"
    assert "legal asked" in exempted["exemption"]
    synced.ok("exempt", item["key"], "--remove")
    assert synced.json("trace", item["key"])["verdict"] == "orphan"


def test_a_reading_moves_a_metric(synced: Installation) -> None:
    metric = next(
        kr
        for objective in synced.json("status")["objectives"]
        for kr in objective["key_results"]
        if kr["kind"] == "metric"
    )
    middle = (metric["baseline"] + metric["target"]) / 2
    synced.ok("metric", "set", metric["id"], str(middle), "--why", "measured")
    now = next(
        kr
        for objective in synced.json("status")["objectives"]
        for kr in objective["key_results"]
        if kr["id"] == metric["id"]
    )
    assert now["value"] == middle
    assert abs(now["progress"] - 0.5) < 1e-9


def test_tables_speak_the_configured_language(synced: Installation) -> None:
    french = synced.ok("orphans")
    assert "n’a servi aucun objectif" in french
    synced.edit('language = "fr"', 'language = "en"')
    english = synced.ok("orphans")
    assert "served no objective" in english
    for command in (["status"], ["gaps"], ["plan"], ["runs"], ["config", "show"], ["check-config", "--online"]):
        assert not re.search(r"\b(report|status|chain|progress)\.[a-z_]+\b(?!\.toml)", synced.ok(*command))


def test_output_goes_to_a_file(synced: Installation) -> None:
    path = synced.folder / "orphans.csv"
    assert synced.ok("orphans", "--format", "csv", "--output", str(path)) == ""
    assert path.read_text(encoding="utf-8").startswith("source,key,")
    assert synced.run("status", "--output", str(synced.folder / "no" / "such" / "x")).code == 74


def test_planning_again_is_the_same_plan_until_something_changes(synced: Installation) -> None:
    synced.stop_clock()
    first, second = synced.json("plan"), synced.json("plan")
    assert first == second
    assert len(synced.json("runs")["runs"]) == 1
    synced.ok("exempt", first["writes"][-1]["target"], "--why", "legal asked")
    assert synced.json("plan")["run"] == first["run"] + 1


def test_an_outage_while_applying_is_logged_once(synced: Installation) -> None:
    synced.sandbox.stop()
    done = synced.run("apply", "--yes")
    assert done.code == 69
    assert done.err.count('"level": "error"') == 1


def test_a_source_that_is_put_back_is_not_complete_before_it_is_read(synced: Installation) -> None:
    alone = synced.config.read_text(encoding="utf-8")
    other = f"""
[[sources]]
id = "data"
kind = "jira"
url = "{synced.sandbox.url}/jira/lumen"
auth = {{ email = "bot@lumen.test", token = {{ file = "token" }} }}
projects = ["DATA"]
"""
    synced.config.write_text(alone + other, encoding="utf-8")
    synced.ok("sync")
    assert synced.json("orphans")["totals"]["items"] == 176
    synced.config.write_text(alone, encoding="utf-8")
    without = synced.json("orphans")
    assert (without["totals"]["items"], without["complete"]) == (175, True)
    synced.config.write_text(alone + other, encoding="utf-8")
    assert synced.json("orphans")["complete"] is False
    synced.ok("sync", "--source", "data")
    again = synced.json("orphans")
    assert (again["totals"]["items"], again["complete"]) == (176, True)
