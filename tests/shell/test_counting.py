"""Count metrics: one request a query and cycle, a reading where the count moved, and no harm where it fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from small_company import Company
from structlog.testing import capture_logs
from trio import Trio

from okrsync.assess import assess
from okrsync.model import GapKind, Reading, SourceState, Status
from okrsync.reports import gaps
from okrsync.store import Store, people
from okrsync.texts import speaker

JQL = "labels = tech-debt AND statusCategory != Done"
COUNT = ".*/search/approximate-count"
METRIC = """
[[objectives.key_results]]
id = "{id}"
title = "No debt is left"
kind = "metric"
owner = "cto@acme.test"
baseline = 5
target = 0
metric = {{{{ from = "count", source = "jira", jql = "{jql}" }}}}
stale_after = "2d"
"""


def measured(small: Company, *, names: tuple[str, ...] = ("KR-DEBT",), jql: str = JQL) -> Store:
    """A store of the company with these key results, which count the debt: two tickets of it."""
    told = "".join(METRIC.format(id=name, jql=jql) for name in names)
    small.replace("\n[mapping]", f"{told}\n[mapping]")
    for _ in range(2):
        small.create("PAY", labels=["tech-debt"])
    return small.store()


def readings(store: Store, key_result: str = "KR-DEBT") -> list[tuple[float, str]]:
    with store.read() as tx:
        return [(one.value, one.by) for one in people.readings(tx).get(key_result, [])]


def asked(small: Company, jql: str = JQL) -> int:
    """How often the tool was asked to count by this query."""
    sent = (one for one in small.sandbox.requests if one.path.endswith("/approximate-count"))
    return sum(json.loads(one.body)["jql"] == jql for one in sent)


def gap(small: Company, store: Store, language: str = "en") -> list[Any]:
    """The gaps of key results without data."""
    with store.begin() as tx:
        told = gaps.answer(tx, small.config, assess(tx, small.config, small.now()), speaker(language))
    return [one for one in told["gaps"] if one["kind"] == GapKind.KR_NO_DATA and one["subject"] == "KR-DEBT"]


def progress(small: Company, store: Store) -> Any:
    with store.begin() as tx:
        return assess(tx, small.config, small.now()).progress["KR-DEBT"]


def test_a_count_is_asked_once_a_query_and_cycle_and_written_where_it_moved(small: Company) -> None:
    store = measured(small, names=("KR-DEBT", "KR-CODE"))
    for _ in range(3):
        small.sync(store)
        small.wait(minutes=5)
    assert asked(small) == 3
    assert readings(store) == readings(store, "KR-CODE") == [(2.0, "jira")]
    assert (progress(small, store).value, progress(small, store).progress) == (2.0, 0.6)
    small.create("PAY", labels=["tech-debt"])
    small.sync(store)
    assert readings(store) == [(2.0, "jira"), (3.0, "jira")]


def test_a_count_that_stands_still_is_of_today(small: Company) -> None:
    store = measured(small)
    for _ in range(4):
        small.sync(store)
        small.wait(hours=13)
    assert len(readings(store)) == 2, "one a day"
    small.wait(hours=40)
    assert progress(small, store).status is Status.STALE
    small.sync(store)
    assert progress(small, store).status is not Status.STALE


def test_a_quiet_cycle_writes_no_row_for_a_count(small: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    store = measured(small)
    small.sync(store)
    monkeypatch.setattr(people, "add_reading", lambda *_: pytest.fail("a reading was written"))
    small.wait(hours=1)
    assert small.sync(store)[0].state is SourceState.OK
    assert asked(small) == 2


def test_what_a_person_records_holds_until_the_count_moves(small: Company) -> None:
    store = measured(small)
    small.sync(store)
    small.wait(hours=1)
    with store.begin() as tx:
        people.add_reading(tx, Reading("KR-DEBT", small.now(), 1.0, "ada"))
    small.wait(hours=30)
    small.sync(store)
    assert readings(store) == [(2.0, "jira"), (1.0, "ada")]
    small.create("PAY", labels=["tech-debt"])
    small.sync(store)
    assert readings(store)[-1] == (3.0, "jira")


def test_a_query_that_is_refused_is_told_once_and_is_a_gap_in_the_words_of_the_tool(small: Company) -> None:
    wrong = "labls = tech-debt"
    store = measured(small, jql=wrong)
    with capture_logs() as said:
        results = [small.sync(store)[0] for _ in range(3)]
    assert [one.state for one in results] == [SourceState.OK] * 3
    (line,) = [one for one in said if one["event"] == "not counted"]
    assert (line["source"], line["query"], line["refused"]) == ("jira", wrong, True)
    assert "labls" in line["error"]
    assert readings(store) == []
    for language in ("en", "fr"):
        (one,) = gap(small, store, language)
        assert line["error"] in one["evidence"]
        assert "okrsync check-config --online" in one["fix"]
    small.replace(wrong, JQL)
    small.sync(store)
    assert readings(store) == [(2.0, "jira")]
    assert gap(small, store) == []


def test_a_refusal_is_a_gap_beside_an_old_value_too(small: Company) -> None:
    store = measured(small)
    small.sync(store)
    small.replace(JQL, "labls = x")
    small.sync(store)
    assert readings(store) == [(2.0, "jira")]
    assert "labls" in gap(small, store)[0]["evidence"]


@pytest.mark.parametrize(("status", "told"), [(401, 1), (503, 0)])
def test_a_count_that_fails_stops_nothing_and_is_told_once(small: Company, status: int, told: int) -> None:
    store = measured(small)
    small.sync(store)
    small.create("PAY", labels=["tech-debt"])
    small.sandbox.fault("answer", path=COUNT, times=None, status=status)
    with capture_logs() as said:
        results = [small.sync(store)[0] for _ in range(2)]
    assert [one.state for one in results] == [SourceState.OK] * 2
    assert results[0].changed == 1
    assert readings(store) == [(2.0, "jira")]
    assert len([one for one in said if one["event"] == "not counted"]) == told
    assert gap(small, store) == []
    small.sandbox.clear()
    small.sync(store)
    assert readings(store) == [(2.0, "jira"), (3.0, "jira")]


def test_a_tool_that_asks_to_wait_is_not_asked_to_count_before(small: Company) -> None:
    """P13: the rest of the cycle goes by limits of its own, and on."""
    store = measured(small)
    small.replace("end = 2026-12-31", "end = 2999-12-31")
    small.skew = datetime.now(UTC) - small.clock()  # "wait an hour" is an hour from now
    small.sync(store)
    small.create("PAY", labels=["tech-debt"])
    small.sandbox.fault("answer", path=COUNT, times=None, status=429, headers={"Retry-After": "3600"})
    with capture_logs() as said:
        assert small.sync(store)[0].state is SourceState.OK
    assert [one["event"] for one in said if one["log_level"] == "error"] == ["not counted"]
    small.sandbox.clear()
    small.wait(minutes=30)
    assert (small.sync(store)[0].state, asked(small)) == (SourceState.OK, 0)
    small.wait(minutes=31)
    small.sync(store)
    assert readings(store) == [(2.0, "jira"), (3.0, "jira")]


@pytest.mark.parametrize("how", ['state = "dropped"', 'state = "closed"', "end = 2026-10-18"])
def test_what_no_longer_runs_is_not_counted(small: Company, how: str) -> None:
    store = measured(small)
    small.replace('stale_after = "2d"', how)
    small.sync(store)
    assert asked(small) == 0


def test_a_key_result_that_is_counted_lives_on_that_source(small: Company) -> None:
    store = measured(small)
    small.sync(store)
    small.replace('stale_after = "2d"\n', "")
    assert progress(small, store).status is not Status.STALE
    small.wait(hours=25)
    assert progress(small, store).status is Status.STALE


def test_before_its_first_count_it_says_what_is_missing(small: Company) -> None:
    store = measured(small)
    assert "jira" in gap(small, store)[0]["evidence"]
    assert "okrsync sync --source jira" in gap(small, store)[0]["fix"]


def test_a_tool_that_cannot_tell_for_the_moment_leaves_the_last_count(small: Company) -> None:
    store = measured(small)
    small.sync(store)
    connect = small.connect

    def unsure(source: Any) -> Any:
        remote = connect(source)
        remote.count = lambda _: None
        return remote

    small.connect = unsure  # type: ignore[method-assign]
    small.wait(hours=30)
    assert small.sync(store)[0].state is SourceState.OK
    assert readings(store) == [(2.0, "jira")]


def test_github_counts_by_its_search(small: Company) -> None:
    trio = Trio(small)
    trio.repository.issue("It breaks", labels=["bug"])
    trio.repository.issue("It breaks again", labels=["bug"])
    small.replace("\n[mapping]", METRIC.format(id="KR-DEBT", jql="QUERY") + "\n[mapping]")
    small.replace('source = "jira", jql = "QUERY"', 'source = "github", search = "repo:acme/shop is:issue label:bug"')
    store = small.store()
    small.sync(store)
    assert readings(store) == [(2.0, "github")]
    small.replace("repo:acme/shop", "repo:acme/gone")
    small.sync(store)
    assert readings(store) == [(2.0, "github")]
    assert gap(small, store)[0]["evidence"].startswith("github refuses the query that it is counted by: ")
