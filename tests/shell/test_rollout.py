"""Gates, waves, plan against actual and pruning, on a store that was synced."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from installation import Installation
from small_company import Company

from okrsync.cli.session import Session
from okrsync.store import Store, reversals
from okrsync.store import tables as t

PARIS = ZoneInfo("Europe/Paris")
FORMATS = ("table", "json", "csv", "md", "html")


@pytest.fixture
def still(synced: Installation) -> Installation:
    """The payroll company, whose clock stands."""
    synced.stop_clock()
    return synced


def with_gate(of: Installation, **options: Any) -> None:
    """One more gate, or its options anew where there is one of this id."""
    text = of.config.read_text(encoding="utf-8")
    head = f'\n[[gates]]\nid = "{options.pop("id")}"\n'
    text = text.partition(head)[0]
    told = "".join(f"{name} = {_toml(value)}\n" for name, value in options.items())
    of.config.write_text(text + head + told, encoding="utf-8")


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def measured(of: Installation, *arguments: str) -> dict[str, Any]:
    """The gates by id, whether they are passed or not."""
    done = of.run("gate", *arguments, "--format", "json")
    answer = json.loads(done.out)
    assert done.code == (0 if answer["passed"] else 1)
    return {row["id"]: row for row in answer["gates"]}


# ── gates ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_without_gates_it_says_what_to_write(still: Installation) -> None:
    done = still.run("gate")
    assert done.code == 2
    assert '[[gates]] with id = "coverage", measure = "coverage", at_least = 0.8' in done.err
    with_gate(still, id="coverage", measure="coverage", at_least=0.0)
    assert still.run("gate").code == 0
    done = still.run("gate", "covrage")
    assert (done.code, done.err) == (2, "okrsync: no gate 'covrage' (did you mean \"coverage\"?)\n")


def test_coverage_passes_at_its_very_value_and_not_above(still: Installation) -> None:
    with_gate(still, id="g", measure="coverage", at_least=0.0, window="28d")
    gate = measured(still)["g"]
    assert gate["n"] > 20
    assert 0 < gate["value"] < 1
    for threshold, verdict in ((gate["value"], "passed"), (gate["value"] + 1e-6, "failed")):
        with_gate(still, id="g", measure="coverage", at_least=threshold)
        assert measured(still)["g"]["verdict"] == verdict
    shown = still.run("gate").out
    assert "la vague suivante attend" in shown.lower()


def test_coverage_is_what_the_orphan_report_leaves(still: Installation) -> None:
    now = Session(str(still.config)).now()
    begin = (now.astimezone(PARIS) - timedelta(days=9)).replace(hour=0, minute=0, second=0, microsecond=0)
    told = still.json("orphans", "--team", "mobile", "--since", f"{begin:%Y-%m-%d}")
    assert told["totals"]["unresolvable"] == 0, "it would be covered no more than an orphan"
    window = f"{round((now - begin).total_seconds())}s"
    with_gate(still, id="g", measure="coverage", at_least=0.0, window=window, team="mobile")
    left = 1 - told["totals"]["effort_share_orphan"]
    assert 0 < left < 1
    assert measured(still)["g"]["value"] == pytest.approx(left)


def test_gates_of_one_window_are_measured_as_each_of_them_alone(still: Installation) -> None:
    for name, options in {
        "every": {},
        "team": {"team": "mobile"},
        "other": {"team": "paie"},
        "source": {"source": "jira"},
        "both": {"source": "jira", "team": "mobile"},
    }.items():
        with_gate(still, id=name, measure="coverage", at_least=0.0, window="28d", **options)
    together = measured(still)
    assert {name: measured(still, name)[name] for name in together} == together
    assert together["team"]["n"] < together["every"]["n"]
    assert together["both"] | {"id": "", "source": None, "told": ""} == together["team"] | {"id": "", "told": ""}


def test_a_window_without_work_and_too_few_items_do_not_pass(still: Installation) -> None:
    with_gate(still, id="g", measure="coverage", at_least=0.0, fewest=100_000)
    gate = measured(still)["g"]
    assert gate["verdict"] == "no_data"
    assert f"{gate['n']} sur 100000 au moins" in gate["told"]
    assert "sans données : non franchi" in still.run("gate").out.replace("\u00a0", " ")


def test_syncs_count_those_of_the_window_and_of_the_source(still: Installation) -> None:
    with_gate(still, id="g", measure="sync_success", at_least=0.75, window="7d")
    assert (measured(still)["g"]["value"], measured(still)["g"]["n"]) == (1.0, 1)  # the sync itself
    session = Session(str(still.config))
    now = session.now()
    store = session.store
    with store.begin() as tx:
        for source, days, ok in (("jira", 8, 0), ("jira", 6, 1), ("jira", 5, 0), ("gone", 1, 0)):
            day = now.astimezone(UTC).date() - timedelta(days=days)
            tx.execute(t.attempt.insert().values(source=source, day=day, ok=ok, cycles=1))
    store.close()
    gate = measured(still)["g"]
    assert (gate["value"], gate["n"], gate["verdict"]) == (pytest.approx(2 / 3), 3, "failed")
    assert gate["cycles"] == [{"source": "jira", "ok": 2, "all": 3}]
    with_gate(still, id="g", measure="sync_success", at_least=0.75, window="9d", source="jira")
    assert measured(still)["g"]["n"] == 4
    assert "cycles mal terminés : 2 sur 4" in still.run("gate").out.replace("\u00a0", " ")


def sample(of: Installation, text: str, name: str = "labelled.csv") -> None:
    (of.folder / name).write_text(text, encoding="utf-8")


def links(of: Installation) -> dict[str, str]:
    """Key → the goal of some traced items."""
    found = {}
    for number in range(1, 40):
        done = of.run("trace", f"SHOP-{number}", "--format", "json")
        if done.code == 0:
            told = json.loads(done.out)
            if told["verdict"] == "traced" and len(told["links"]) == 1:
                found[told["key"]] = told["links"][0]["target"]
    return found


def test_false_links_on_a_sample_as_people_write_it(still: Installation) -> None:
    known = links(still)
    assert len(known) > 10
    with_gate(still, id="g", measure="false_links", at_most=0.0, sample="labelled.csv")
    done = still.run("gate")
    assert (done.code, done.err) == (
        78,
        "okrsync: labelled.csv: there is no such file; its columns are item and expected\n",
    )
    right = "".join(f"{key.lower()};{goal.lower()};x\n" for key, goal in known.items())
    sample(still, "\ufeffItem;Expected;note\n" + right + "\nSHOP-99999;;\n")
    gate = measured(still)["g"]
    assert (gate["value"], gate["n"], gate["verdict"]) == (0.0, len(known), "passed")
    assert gate["left_out"] == [{"item": "SHOP-99999", "why": "not_found"}]
    assert gate["low"] == 0.0
    assert 0 < gate["high"] < 0.3
    assert gate["since"] is None

    first, second, *_ = known
    wrong = {**dict.fromkeys(known, ""), **known, first: "", second: "KR-DISPO"}
    sample(still, "item,expected\n" + "".join(f"{key},{goal}\n" for key, goal in wrong.items()))
    gate = measured(still)["g"]
    assert gate["value"] == pytest.approx(2 / len(known))
    assert {(one["item"], one["goal"], *one["expected"]) for one in gate["wrong"]} == {
        (first, known[first]),
        (second, known[second], "KR-DISPO"),
    }
    assert gate["missed"] == [{"item": second, "goal": "KR-DISPO"}]
    shown = still.run("gate").out.replace("\u00a0", " ")
    assert "SHOP-99999" not in shown
    assert f"{first} → {known[first]} (aucun)" in shown

    sample(still, f'[[items]]\nitem = "{first}"\nexpected = ["{known[first]}"]\n', "labelled.toml")
    with_gate(still, id="g", measure="false_links", at_most=0.0, sample="labelled.toml")
    assert measured(still)["g"]["verdict"] == "passed"


def test_every_fault_of_every_sample_is_told_at_once(still: Installation) -> None:
    sample(still, "item,expected\nSHOP-1,KR-UXX\nshop-1,\n,KR-UX\n")
    sample(still, "items,expected\nSHOP-1,KR-UX\n", "other.csv")
    sample(still, '[[items]]\nkey = "SHOP-1"\n', "third.toml")
    text = still.config.read_text(encoding="utf-8")
    for number, name in enumerate(("labelled.csv", "other.csv", "third.toml")):
        text += f'[[gates]]\nid = "g{number}"\nmeasure = "false_links"\nat_most = 0.1\nsample = "{name}"\n'
    still.config.write_text(text, encoding="utf-8")
    done = still.run("gate")
    assert done.code == 78
    told = [line.strip() for line in done.err.replace("okrsync: ", "").splitlines() if "line" in line or "toml" in line]
    assert told == [
        'labelled.csv: line 2: there is no goal "KR-UXX" (did you mean "KR-UX"?)',
        'labelled.csv: line 3: "shop-1" stands at labelled.csv: line 2 already',
        "labelled.csv: line 4: names no item",
        'other.csv: line 1: there is no column "item" (did you mean "items"?)',
        'third.toml: [items.#1]: must be item = "SHOP-12" and expected = "KR-UX", or "" where it serves none',
    ]


def test_writes_that_people_undo_are_seen_after_the_next_sync(small: Company) -> None:
    small.wait(days=20)
    store = small.store()
    small.sync(store)
    begun = small.now()
    run, outcomes = small.apply(store)
    labels = [one.write for one in outcomes if one.write.slot.surface == "label"]
    assert len(labels) >= 2
    small.wait(hours=1)
    small.sync(store)
    assert _kept(store, begun) == (len(outcomes), [])
    lost = next(issue for issue in small.site.issues.values() if issue.id == labels[0].slot.remote_id)
    small.wait(hours=1)
    small.edit(lost, labels=[label for label in lost.fields["labels"] if label != labels[0].slot.name])
    small.sync(store)
    assert _kept(store, begun) == (len(outcomes), [(labels[0].key, "changed")])
    small.undo(store, run)
    applied, told = _kept(store, begun)
    assert applied == len(outcomes), "what takes a write back is no write of its own"
    assert (labels[1].key, "undone") in told
    assert _kept(store, small.now()) == (0, [])


def _kept(store: Store, since: datetime) -> tuple[int, list[tuple[str, str]]]:
    with store.read() as tx:
        found = reversals.kept(tx, since)
    return found.applied, [(one.key, one.how.value) for one in found.reversals]


# ── waves, plan against actual ───────────────────────────────────────────────────────────────────────────────────────


def test_the_pilot_and_the_rest_are_all_the_effort_there_is(still: Installation) -> None:
    def told(*teams: str) -> list[tuple[str, float, float]]:
        """Of each week its effort and what is covered of it, whoever the pilot is."""
        answer = still.json("waves", *(part for team in teams for part in ("--team", team)))
        assert answer["pilot"] == list(teams)
        rows = []
        for row in answer["weeks"]:
            parts = [(row[f"{side}_effort"], row[side] or 0.0) for side in ("pilot", "rest")]
            rows.append((row["week"], sum(effort for effort, _ in parts), sum(effort * part for effort, part in parts)))
            if row["pilot"] is not None and row["rest"] is not None:
                assert row["difference"] == pytest.approx(row["pilot"] - row["rest"])
        assert [row["whole"] for row in answer["weeks"]] == [True] * (len(rows) - 1) + [False]
        return rows

    one, two, all_of_them = told("mobile"), told("paie", "plateforme"), told("mobile", "paie", "plateforme")
    assert [week for week, _, _ in one] == [row["week"] for row in still.json("orphans")["trend"]]
    for other in (two, all_of_them):
        assert [row[0] for row in one] == [row[0] for row in other]
        for mine, theirs in zip(one, other, strict=True):
            assert mine[1:] == pytest.approx(theirs[1:], abs=0.01)
    assert sum(effort for _, effort, _ in one) > 50


def test_a_week_that_is_not_over_says_so_without_colour(still: Installation) -> None:
    trend = still.json("orphans")["trend"]
    assert [week["whole"] for week in trend] == [True] * (len(trend) - 1) + [False]
    assert still.ok("orphans").count("(en\u00a0cours)") == 1
    for form in ("table", "md", "html"):
        assert still.ok("waves", "--team", "mobile", "--format", form).count("(en cours)") == 1


def test_the_pilot_is_named_or_follows_from_the_gates(still: Installation) -> None:
    done = still.run("waves")
    assert done.code == 2
    assert "name the pilot" in done.err
    assert still.run("waves", "--team", "nobody").code == 2
    teams = still.config.read_text("utf-8").partition("[teams]\n")[2].partition(" = ")[0]
    with_gate(still, id="g", measure="coverage", at_least=0.5, team=teams)
    assert still.json("waves")["pilot"] == [teams]


def test_each_key_result_against_its_plan(still: Installation) -> None:
    answer = still.json("status", "--planned")
    rows = answer["key_results"]
    status = {kr["id"]: kr for objective in still.json("status")["objectives"] for kr in objective["key_results"]}
    assert "KR-MARKETPLACE" not in {row["id"] for row in rows}
    assert still.run("status", "--planned", "--narrative").code == 2, "nothing that is asked for is left out in silence"
    known = [row for row in rows if row["difference"] is not None]
    assert known
    assert [row["difference"] for row in known] == sorted(row["difference"] for row in known)
    for row in rows:
        assert row["actual"] == pytest.approx(status[row["id"]]["progress"]) if row["actual"] is not None else True
        assert row["weeks"][-1] == {"at": row["weeks"][-1]["at"], "planned": row["planned"], "actual": row["actual"]}
        if row["difference"] is not None:
            assert row["difference"] == pytest.approx(min(row["actual"], 1) - row["planned"])
    only = still.json("status", "--planned", "--objective", "O-PAIE")["key_results"]
    assert {row["objective"] for row in only} == {"O-PAIE"}
    assert still.run("status", "--planned", "--at", "2026-01-01").code == 2


# ── pruning ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def orphans(of: Installation) -> set[str]:
    return {item["key"] for item in of.json("orphans")["items"] if item["verdict"] == "orphan"}


def test_what_dropping_orphans_is_what_it_then_orphans(still: Installation) -> None:
    before = orphans(still)
    told = still.json("prune", "--drop", "KR-K8S", "KR-DSN")
    assert orphans(still) == before, "nothing is written"
    one, other = told["key_results"]
    assert (one["id"], one["file"], one["line"]) == ("KR-K8S", "okrsync.toml", 'state = "dropped"')
    assert one["orphaned"] == len(one["keys"]) > 5
    assert one["table"] == "[objectives.O-PLATEFORME.key_results.KR-K8S]"
    assert '\n    state = "dropped"\n' in still.ok("prune", "--drop", "KR-K8S"), "on a line of its own, to be copied"
    for row in (one, other):
        still.edit(f'id = "{row["id"]}"', f'id = "{row["id"]}"\n{row["line"]}')
        assert orphans(still) - before == set(row["keys"])
        still.edit(f'id = "{row["id"]}"\n{row["line"]}', f'id = "{row["id"]}"')
    for row in (one, other):
        still.edit(f'id = "{row["id"]}"', f'id = "{row["id"]}"\n{row["line"]}')
    assert orphans(still) - before == set(told["together"]["keys"])
    assert still.run("prune", "--drop", "KR-K8S").code == 2, "it is dropped already"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("KR-UX",), "okrsync prune --drop KR-UX"),
        (("--drop",), "okrsync prune --drop KR…"),
        (("--drop", "KR-UX", "--keep", "3"), "leave --keep and --all out"),
        (("--drop", "KR-UXX"), 'did you mean "KR-UX"?'),
        (("--drop", "O-PAIE"), "O-PAIE is an objective"),
        (("--drop", "KR-MARKETPLACE"), "dropped already"),
    ],
)
def test_a_mistyped_prune_says_what_to_type(still: Installation, arguments: tuple[str, ...], said: str) -> None:
    done = still.run("prune", *arguments)
    assert done.code == 2
    assert said in done.err


def test_without_drafts_there_is_nothing_to_rank_and_all_ranks_what_takes_work(still: Installation) -> None:
    assert still.json("prune")["key_results"] == []
    assert "--all" in still.ok("prune")
    ranked = {row["id"] for row in still.json("prune", "--all")["key_results"]}
    assert "KR-UX" in ranked
    assert "KR-MARKETPLACE" not in ranked


def test_of_a_hundred_drafts_thirty_are_proposed(still: Installation) -> None:
    text = '[[objectives]]\nid = "O-PROPOSED"\ntitle = "Ce qui est proposé"\nstate = "draft"\n'
    for number in range(100):
        text += f'[[objectives.key_results]]\nid = "KR-P{number}"\ntitle = "Proposition {number * 7919:x}"\n'
        text += f'epics = ["jira:SHOP-{number + 1}"]\n' if number < 60 else ""
        text += 'owner = "ana@lumen.test"\n' if number % 2 else ""
    whole = still.config.read_text(encoding="utf-8")
    still.config.write_text(whole.replace("[mapping]", text + "\n[mapping]", 1), encoding="utf-8")
    answer = still.json("prune", "--keep", "30")
    rows = answer["key_results"]
    assert [row["rank"] for row in rows] == list(range(1, 101))
    assert [row["keep"] for row in rows] == [True] * 30 + [False] * 70
    assert answer["standing"] > 3
    assert all(row["why"].endswith(".") and row["state"] == "approved" for row in rows)
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert all("owner" in row["lacks"] for row in rows if row["owner"] is None)
    for form in FORMATS:
        assert "KR-P99" in still.ok("prune", "--keep", "30", "--format", form)
    flat = list(csv.DictReader(io.StringIO(still.ok("prune", "--format", "csv"))))
    assert [row["id"] for row in flat] == [row["id"] for row in rows]
    still.monkeypatch.setenv("OKRSYNC_LANGUAGE", "en")
    shown = still.ok("prune", "--keep", "30")
    assert "Drafts: 100, ranked beside" in shown
    assert "── proposed to drop: 70 ──" in shown
    assert "okrsync prune --drop KR-P" in shown
    most = [row["id"] for row in rows if row["items"] and row["id"] != "KR-UX"][:11]
    told = still.json("prune", "--drop", *most)
    assert told["left_out"] == 1
    assert [row["orphaned"] is None for row in told["key_results"]] == [False] * 10 + [True]
    assert "Not tried alone." in still.ok("prune", "--drop", *most)
    assert still.json("prune", "--drop", *most, "--each")["left_out"] == 0


def test_every_form_in_both_languages(still: Installation, tmp_path: Path) -> None:
    team = still.config.read_text("utf-8").partition("[teams]\n")[2].partition(" = ")[0]
    with_gate(still, id="g", measure="coverage", at_least=0.0, team=team)
    for language in ("fr", "en"):
        still.monkeypatch.setenv("OKRSYNC_LANGUAGE", language)
        for form in FORMATS:
            for command in (("gate",), ("waves",), ("status", "--planned"), ("prune", "--drop", "KR-UX")):
                path = tmp_path / "out"
                still.ok(*command, "--format", form, "--output", str(path))
                assert path.read_text(encoding="utf-8").strip()
