"""The pages of the runs: the plan that waits, every write with its diff and its fate, and what is to be typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from documents import Document
from web_server import Served

from okrsync.model import Json, Say, Slot, Surface, Write, WriteMode, WriteState
from okrsync.store import journal

HOSTILE = '<script>alert(1)</script> "quoted" & <b>bold</b>'
BEFORE = "KR-UX · A shop\n- Status: at risk, 55%\nThe same line"


def page(site: Served, path: str, language: str = "en") -> Document:
    answer = site.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, path)
    assert found.faults == []
    return found


def write(surface: Surface, name: str, before: Json, after: Json, key: str = "SHOP-1", **how: Any) -> Write:
    slot = Slot(how.pop("source", "jira"), how.pop("remote_id", key), surface, name)
    url = how.pop("url", f"https://jira.acme.test/browse/{key}")
    return Write(slot, key, url, before=before, after=after, why=how.pop("why", Say.of("write.mended")))


def saved(site: Served, writes: Sequence[Write], states: Sequence[WriteState] = (), note: str = "", **how: Any) -> int:
    """The number of a run of these writes, the first of which came to these states."""
    with site.store.begin() as tx:
        run = journal.save_run(tx, how.pop("by", "camille"), list(writes), site.now - timedelta(hours=1), **how)
        for entry, state in zip(journal.entries(tx, run.id), states, strict=False):
            assert entry.write.id is not None
            said = "" if state is WriteState.APPLIED else note
            journal.settle(tx, entry.write.id, state, said, site.now)
    return run.id


def mode(site: Served, mode: WriteMode) -> None:
    policy = replace(site.config.writeback, mode=mode, sources={}, targets={})
    site.config = replace(site.config, writeback=policy)


def commands(found: Document) -> list[str]:
    """What is to be typed, but for what a newcomer is told."""
    return [one.text for one in found.all("code") if one.text != "okrsync sync"]


def changed(found: Document) -> list[tuple[str, str]]:
    """What goes and what comes, in order, as it is read aloud."""
    return [(one.tag, one.text) for one in found.all("del", "ins")]


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["applied: ", "Run 1", "ada", "What waits now"]),
        ("fr", ["appliquées\u00a0: ", "Exécution 1", "Ce qui attend"]),
    ],
)
def test_every_run_stands_there_with_what_became_of_it(site: Served, language: str, words: list[str]) -> None:
    found = page(site, "/runs", language)
    assert [word for word in words if word not in "".join(found.all("main")[0].parts)] == []
    runs = site.get("/api/v1/runs").json()["runs"]
    listed = [one.get("href") for one in found.links() if "th" in one.inside]
    assert listed == [f"/runs/{one['run']}" for one in runs]


def test_runs_are_told_page_by_page(unread: Served) -> None:
    numbers = [saved(unread, [write(Surface.LABEL, "okr-orphan", None, True)]) for _ in range(5)]
    listed: list[str] = []
    path: str | None = "/runs?limit=2"
    while path:
        found = page(unread, path)
        listed += [one.get("href") for one in found.links() if "th" in one.inside]
        path = next((one.get("href") for one in found.links() if one.get("rel") == "next"), None)
    assert listed == [f"/runs/{number}" for number in reversed(numbers)]


def test_what_waits_is_told_with_what_is_to_be_typed(unread: Served) -> None:
    run = saved(unread, [write(Surface.LABEL, "okr-orphan", None, True, f"SHOP-{n}") for n in range(7)])
    mode(unread, WriteMode.DRAFT)
    found = page(unread, "/runs")
    assert commands(found) == [f"okrsync approve {run}", f"okrsync apply {run}"]
    assert "7 drafts wait for an approval." in found.main
    assert "2 more writes" in found.main
    assert "jira draft: sent once approved" in found.main
    with unread.store.begin() as tx:
        journal.approve(tx, [one.write.id for one in journal.entries(tx, run)[:2] if one.write.id], HOSTILE, unread.now)
    found = page(unread, "/runs")
    assert commands(found) == [f"okrsync approve {run}", f"okrsync apply {run}"]
    assert f"approved by {HOSTILE}" in found.main
    mode(unread, WriteMode.PLAN)
    found = page(unread, "/runs")
    assert commands(found) == []
    assert "7 writes are only shown" in found.main
    assert 'seulement montrées : mode = "plan" sous [writeback].' in page(unread, "/runs", "fr").main
    mode(unread, WriteMode.APPLY)
    assert commands(page(unread, f"/runs/{run}")) == [f"okrsync apply {run}"]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Nothing was planned or written yet."), ("fr", "Rien n’a encore")]
)
def test_a_new_installation_is_told_what_to_type(unread: Served, language: str, words: str) -> None:
    found = page(unread, "/runs", language)
    assert words in found.main
    assert "okrsync plan" in commands(found)


# ── one of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_change_reads_as_words_and_lines(unread: Served) -> None:
    status = {"state": "failure", "description": f"No objective {HOSTILE}"}
    said = {"status_type": "at_risk", "title": "KR-UX · at risk", "text": "It moved\nokrsync · acme · KR-UX"}
    run = saved(
        unread,
        [
            write(Surface.COMMENT, "acme", BEFORE, BEFORE.replace("55", "63")),
            write(Surface.NUMBER, "customfield_1", 55, 63),
            write(Surface.PROPERTY, "okrsync-acme", {"key_results": [{"id": "KR-UX", "done": 3, "scope": 9}]},
                  {"key_results": [{"id": "KR-UX", "done": 5, "scope": 9}]}),
            write(Surface.STATUS, "a" * 40, None, status, "acme/shop#7", source="github"),
            write(Surface.UPDATE, "acme", None, said, "goal:12", source="asana"),
        ],
    )  # fmt: skip
    found = page(unread, f"/runs/{run}")
    assert changed(found) == [
        ("ins", "KR-UX · at risk"),
        ("ins", "It moved"),
        ("ins", "okrsync · acme · KR-UX"),
        ("ins", f"fails: No objective {HOSTILE}"),
        ("del", "• Status: at risk, 55%"),
        ("ins", "• Status: at risk, 63%"),
        ("del", "55%"),
        ("ins", "63%"),
    ]
    assert "KR-UX: done 3 → 5" in found.main
    assert "removed: • Status: at risk, 55%" in found.main
    assert "The same line" not in found.main
    assert "échoue" in page(unread, f"/runs/{run}", "fr").main or "en échec" in page(unread, f"/runs/{run}", "fr").main


def test_a_mark_on_many_objects_is_told_once(unread: Served) -> None:
    keys = [f"SHOP-{n}" for n in range(1, 13)]
    run = saved(
        unread,
        [write(Surface.LABEL, "okr-orphan", None, True, key) for key in keys]
        + [write(Surface.LABEL, "okr-dangling", True, None, "SHOP-20")]
        + [write(Surface.OBJECTIVE_FIELD, "cf_1", "O-OLD", "O-SHOP", "SHOP-21")],
    )
    found = page(unread, f"/runs/{run}")
    assert found.main.count("label okr-orphan") == 1
    assert "added: label okr-orphan jira · On 12 objects" in found.main
    assert "removed: label okr-dangling jira · On one object" in found.main
    assert changed(found) == [("del", "O-OLD"), ("ins", "O-SHOP")]
    threads = [one.get("href") for one in found.links() if one.get("href").startswith("/trace")]
    assert sorted(threads) == sorted(f"/trace?item=jira:{key}" for key in [*keys, "SHOP-20", "SHOP-21"])
    out = [one for one in found.links() if one.get("class") == "out"]
    assert len(out) == 14
    assert {one.get("rel") for one in out} == {"noreferrer noopener"}


def test_what_failed_stands_first_with_what_the_tool_said(unread: Served) -> None:
    states = [WriteState.APPLIED, WriteState.SKIPPED, WriteState.FAILED]
    run = saved(
        unread,
        [write(Surface.NUMBER, "f", n, n + 1, f"SHOP-{n}") for n in range(4)],
        states,
        note=f"403 {HOSTILE}",
        by=HOSTILE,
    )
    back = saved(unread, [write(Surface.NUMBER, "f", 1, 0)], [WriteState.APPLIED], kind=journal.UNDO, undoes=run)
    found = page(unread, f"/runs/{run}")
    assert [one.text.split()[1] for one in found.all("h3")] == ["SHOP-2", "SHOP-0", "SHOP-1", "SHOP-3"]
    assert f"What went wrong: 403 {HOSTILE}" in found.main
    assert f"Why not: 403 {HOSTILE}" in found.main
    assert f"By {HOSTILE}" in found.main
    assert f"okrsync undo {run}" in commands(found)
    assert f"/runs/{back}" in [one.get("href") for one in found.links()]
    failed = page(unread, f"/runs/{run}?state=failed")
    assert [one.text.split()[1] for one in failed.all("h3")] == ["SHOP-2"]
    assert "takes back run" in page(unread, f"/runs/{back}").main


def test_the_writes_of_a_run_are_told_page_by_page(unread: Served) -> None:
    run = saved(unread, [write(Surface.NUMBER, "f", n, n + 1, f"SHOP-{n}") for n in range(7)])
    listed: list[str] = []
    path: str | None = f"/runs/{run}?limit=3"
    while path:
        found = page(unread, path)
        listed += [one.text.split()[1] for one in found.all("h3")]
        path = next((one.get("href") for one in found.links() if one.get("rel") == "next"), None)
    assert listed == [f"SHOP-{n}" for n in range(7)]


def test_only_the_web_is_led_to(unread: Served) -> None:
    run = saved(unread, [write(Surface.NUMBER, "f", 1, 2, url="javascript:alert(1)")])
    assert not [one for one in page(unread, f"/runs/{run}").links() if one.get("class") == "out"]


@pytest.mark.parametrize("run", ["99", str(2**53)])
def test_a_run_that_is_not_there_says_so(site: Served, run: str) -> None:
    answer = site.get(f"/runs/{run}")
    assert answer.status_code == 404
    assert f"there is no run {run}; type: okrsync runs" in answer.text


@pytest.mark.parametrize("run", ["0", "-1", "x", str(2**80)])
def test_what_is_no_number_of_a_run_is_refused(site: Served, run: str) -> None:
    assert site.get(f"/runs/{run}").status_code == 422


def test_the_page_lists_what_the_command_lists(site: Served) -> None:
    answer = site.get("/api/v1/runs/1").json()
    found = page(site, "/runs/1?limit=500")
    wanted = {one["url"] for one in answer["writes"] if one["url"]}
    assert {one.get("href") for one in found.links() if one.get("class") == "out"} == wanted
