"""``calibrate``: recorded groups, the own past, and files that are none."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from lumen import cycle

from benchmarks.calibration import SEED, at_weeks, drawn
from okrsync.calibrating import RecordedGroup, recorded_trial, recorded_trials
from okrsync.errors import UsageError
from okrsync.model import Status, Thresholds
from okrsync.reports import calibration as report
from okrsync.texts import speaker
from rollup.calibration import calibrate

LIMITS = Thresholds()
START = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def item(name: str, completed: int | None = None, **more: object) -> dict[str, object]:
    """An item from before the start, completed on a day."""
    ended = None if completed is None else (START + completed * DAY).isoformat()
    return {"id": name, "created": (START - DAY).isoformat(), "completed": ended, "cancelled": False} | more


def group(*items: dict[str, object], days: int = 70, **more: object) -> dict[str, object]:
    due = (START + days * DAY).isoformat()
    return {"group_id": "m/1", "kind": "milestone", "start": START.isoformat(), "due": due, "items": items} | more


def tried(*items: dict[str, object], **more: object):
    found = recorded_trial(RecordedGroup.model_validate(group(*items, **more)), LIMITS)
    assert found is not None
    return found


def test_a_recorded_group_is_seen_as_it_stood_at_each_look():
    done = [item(f"A-{day}", completed=day) for day in range(4, 64, 3)]  # 20 items, one every third day
    found = tried(*done)
    assert [round(one.elapsed, 6) for one in found.looks] == [0.3, 0.5, 0.7]
    assert [one.progress for one in found.looks] == [6 / 20, 11 / 20, 16 / 20]
    assert (found.reached, found.weeks, found.kind) == (True, 10.0, "milestone")
    assert all(one.chance is not None and one.chance > 0.5 for one in found.looks)
    assert found.looks[-1].status is Status.ON_TRACK


def test_what_is_done_after_the_end_came_too_late():
    assert not tried(*[item(f"A-{n}", completed=71) for n in range(10)]).reached


def test_what_was_cancelled_leaves_the_scope_on_that_day():
    gone = [item(f"B-{n}", cancelled=True, cancelled_at=(START + 30 * DAY).isoformat()) for n in range(10)]
    found = tried(*[item(f"A-{n}", completed=10) for n in range(10)], *gone)
    assert [one.progress for one in found.looks] == [0.5, 1.0, 1.0]


def test_membership_that_came_and_went():
    late = {"added_to_group": (START + 30 * DAY).isoformat(), "removed_from_group": (START + 40 * DAY).isoformat()}
    found = tried(*[item(f"A-{n}", completed=10) for n in range(10)], *[item(f"B-{n}", **late) for n in range(10)])
    assert [one.progress for one in found.looks] == [1.0, 0.5, 1.0]


def test_an_item_that_was_reopened_was_not_done_in_between():
    def at(day: int) -> str:
        return (START + day * DAY).isoformat()

    spans = [[at(5), at(30), "done"], [at(45), None, "done"]]
    found = tried(*[item(f"A-{n}", completed=45, spans=spans) for n in range(10)])
    assert [one.progress for one in found.looks] == [1.0, 0.0, 1.0]


def test_a_group_without_a_scope_is_no_trial():
    assert recorded_trial(RecordedGroup.model_validate(group()), LIMITS) is None


def test_the_order_of_items_and_groups_is_irrelevant(tmp_path):
    rows = [group(*[item(f"A-{n}", completed=n) for n in range(1, 30)], group_id=f"m/{k}") for k in range(5)]
    turned = [{**row, "items": row["items"][::-1]} for row in rows[::-1]]
    tables = []
    for name, some in (("one", rows), ("other", turned)):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in some))
        tables.append(calibrate(recorded_trials(path, LIMITS), LIMITS))
    assert tables[0] == tables[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 2"),
        ('{"group_id": "x"}', "line 2: start: Field required"),
        (json.dumps(group(days=0)), "line 2: due must be later than start"),
        (json.dumps(group(item("A", created="yesterday"))), "line 2: items.0.created"),
    ],
)
def test_a_line_that_is_no_group_is_named(tmp_path, text, says):
    path = tmp_path / "histories.jsonl"
    path.write_text(json.dumps(group(item("A", completed=3))) + "\n" + text + "\n")
    with pytest.raises(UsageError) as fault:
        recorded_trials(path, LIMITS)
    assert says in str(fault.value)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot read"):
        recorded_trials(tmp_path / "none", LIMITS)


def test_the_recorded_groups(shared, record_property):
    """No row is better than the rule that ships in both errors; the first design is worse, where the history of who
    belonged when is a true one in both."""
    started = time.perf_counter()
    trials = recorded_trials(shared / "recorded" / "histories" / "histories.jsonl", LIMITS)
    found = calibrate(trials, LIMITS)
    record_property("seconds", round(time.perf_counter() - started, 2))
    assert (found.trials, found.looks) == (407, 1221)
    ours, _, *others = found.scores
    assert all(ours.balanced < one.balanced or ours.hard < one.hard for one in others)
    first = next(one for one in others if one.rule == "first")
    assert ours.balanced < first.balanced
    assert ours.brier < first.brier - 0.01
    assert ours.flips < first.flips
    said = [one for one in found.deciles if one.count]
    assert len(said) == 10
    assert sum(one.count * abs(one.said - one.happened) for one in said) / sum(one.count for one in said) < 0.09
    ours, _, first, *_ = calibrate([one for one in trials if one.kind == "milestone"], LIMITS).scores
    assert ours.balanced < first.balanced - 0.1
    assert ours.hard < first.hard


def test_in_steady_quarters_what_is_said_comes_true():
    trials = at_weeks(drawn(300, LIMITS, SEED + 2), slice(2, None))
    found = calibrate(trials, LIMITS)
    ours, _, first, *_ = found.scores
    assert ours.hard < first.hard
    assert ours.brier < first.brier
    assert sum(one.count * abs(one.said - one.happened) for one in found.deciles) / found.looks < 0.06


def test_the_own_past_is_the_key_results_of_work_that_are_over(synced, tmp_path):
    assert synced.json("calibrate")["trials"] == 0
    assert "Rien encore pour juger" in synced.ok("calibrate")
    today = datetime.now(UTC).date()
    synced.edit(f"end = {cycle(datetime.now(UTC))[1]}", f"end = {today - DAY}")
    answer = synced.json("calibrate")
    assert answer["trials"] >= 3
    assert answer["looks"] == 3 * answer["trials"]
    assert sum(one["count"] for one in answer["deciles"]) <= answer["looks"]
    assert [row["rule"] for row in answer["rules"]][:2] == ["okrsync", "chance"]
    assert "C’est peu" in synced.ok("calibrate")
    rules = synced.ok("calibrate", "--format", "csv").splitlines()
    assert [row.partition(",")[0] for row in rules] == ["rule", *(row["rule"] for row in answer["rules"])]
    assert "| seuils fixes 0,7/0,4 |" in synced.ok("calibrate", "--format", "md")
    page = tmp_path / "deciles.html"
    synced.ok("calibrate", "--deciles", "--format", "html", "--output", str(page))
    assert "90 à 100" in page.read_text(encoding="utf-8")


def test_a_file_that_is_none_is_told_without_a_trace(synced):
    done = synced.run("calibrate", "--histories", "nowhere.jsonl")
    assert done.code == 2
    assert "cannot read nowhere.jsonl: No such file or directory" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_printed(language):
    speak = speaker(language)
    trials = [tried(*[item(f"A-{n}", completed=n) for n in range(1, 30)]), tried(*[item(f"B-{n}") for n in range(9)])]
    answer = report.recorded_answer(trials, LIMITS, "file")
    assert answer["rules"][0]["rule"] == "okrsync"
    drawn = report.draw(answer, speak)
    assert len(drawn) > 5
    sheet, deciles = report.sheet(answer, speak), report.deciles_sheet(answer, speak)
    assert len(list(sheet.rows)) == 8
    assert len(list(deciles.rows)) == 10
    nothing = report.recorded_answer([], LIMITS, "file")
    assert not list(report.sheet(nothing, speak).rows)
