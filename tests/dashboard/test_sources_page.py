"""The page of the sources: how each is, what to do about it, what its token may do, what is left of its limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from documents import Document
from web_server import Served

from config import Maintenance
from okrsync.model import Account, Lack, Limit, Scope, SourceState, Surface
from okrsync.store import accounts, hooks, sources
from okrsync.store.alerts import begin

HOSTILE = '<script>alert(1)</script> "quoted" & <b>bold</b>'
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def page(site: Served, language: str = "en") -> Document:
    answer = site.get("/sources", headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, "/sources")
    assert found.faults == []
    return found


def part(found: Document, source: str) -> str:
    """What is told of one source."""
    return next(one.text for one in found.all("article") if one.get("id") == f"source-{source}")


def read(site: Served, source: str, **how: Any) -> None:
    """Its last cycle went so."""
    at = how.pop("at", site.now)
    with site.store.begin() as tx:
        sources.register(tx, site.config.sources)
        sources.mark(tx, source, how.pop("state", SourceState.OK), at, success=how.pop("success", True), **how)


def asked(site: Served, source: str, at: datetime, **account: Any) -> None:
    with site.store.begin() as tx:
        accounts.remember(tx, source, Account("somebody", "A tool", "UTC", **account), at)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["All 3 sources were read in full and in time.", "No alert stands.", "up to date", "not known here"]),
        (
            "fr",
            ["Les 3 sources ont été lues en entier et à temps.", "Aucune alerte en cours.", "à jour", "inconnue ici"],
        ),
    ],
)
def test_sources_that_are_well_are_told_in_one_sentence(site: Served, language: str, words: list[str]) -> None:
    found = page(site, language)
    assert [word for word in words if word not in found.main] == []
    assert [one.get("id") for one in found.all("article")] == [f"source-{one.id}" for one in site.config.sources]


def test_what_the_process_knows_stands_there(site: Served) -> None:
    site.beside.limited = {
        "github": (Limit("core", 5000, 4812, site.now + 30 * MINUTE), Limit("search", 30, 2)),
        "jira": (Limit("odd", 0, 0),),
    }
    site.beside.counted, site.beside.awaited = {"github": 7}, {"github": site.now + MINUTE}
    found = page(site)
    told = part(found, "github")
    due = (site.now + MINUTE).strftime("%Y-%m-%d %H:%M UTC")
    for words in ("96%", "4812 of 5000 left", "full again at", "7%", "2 of 30 left", f"Next {due}", "7 accepted"):
        assert words in told
    tones = [one.get("class").split()[1] for one in found.all("svg") if "bar" in one.get("class").split()]
    assert tones[-2:] == ["good", "bad"]
    assert "—" in part(found, "jira")
    assert "interval: 5 minutes" in told


@pytest.mark.parametrize(
    ("state", "error", "words", "command"),
    [
        (SourceState.AUTH_FAILED, "401: expired", "credentials refused", "okrsync check-config --online"),
        (SourceState.UNREACHABLE, HOSTILE, "may not be read", "okrsync check-config --online"),
        (SourceState.DEGRADED, "timed out", "unavailable", "okrsync check-config --online"),
        (
            SourceState.NEEDS_CONFIRMATION,
            "half of it is gone",
            "waits for confirmation",
            "okrsync sync --source jira --allow-mass-delete",
        ),
    ],
)
def test_a_source_that_is_ill_says_why_and_what_to_type(
    unread: Served, state: SourceState, error: str, words: str, command: str
) -> None:
    for source in ("github", "asana"):
        read(unread, source)
    read(unread, "jira", state=state, error=error, success=False)
    found = page(unread)
    assert found.all("p")[1].text
    assert "One source needs a look: jira." in found.main
    told = part(found, "jira")
    assert words in told
    assert " ".join(error.split()) in told
    assert "Last read in full never" in told
    assert command in [one.text for one in found.all("code")]


def test_one_that_is_late_and_one_that_is_read_in_part_need_a_look(unread: Served) -> None:
    read(unread, "github", at=unread.now - 3 * DAY)
    read(unread, "asana")
    read(unread, "jira", at=unread.now - 2 * MINUTE)
    scopes = [Scope("1", "APP", "App"), Scope("2", HOSTILE, "Pay", readable=False, why="403: <i>no</i> right")]
    with unread.store.begin() as tx:
        sources.save_scopes(tx, "jira", scopes, unread.now)
    found = page(unread)
    assert "2 sources need a look: jira and github." in found.main
    assert "out of date" in part(found, "github")
    assert "3 days ago" in part(found, "github")
    told = part(found, "jira")
    assert "not read in full" in told
    assert "One place cannot be read; what is known of it is kept as it was" in told
    assert f"{HOSTILE}: 403: <i>no</i> right" in told
    assert "2 minutes ago" in told
    assert not found.all("i")


def test_what_a_token_may_do_and_until_when(unread: Served) -> None:
    lacks = (Lack("acme/shop: without push, no statuses", frozenset({Surface.STATUS})), Lack(HOSTILE))
    rights = {"repo": True, "admin:repo_hook": False}
    asked(unread, "github", unread.now - DAY, rights=rights, lacks=lacks, expires_at=unread.now + 9 * DAY + MINUTE)
    asked(unread, "jira", unread.now, rights={"BROWSE": True}, expires_at=unread.now - MINUTE)
    found = page(unread)
    told = part(found, "github")
    for words in ("ends soon", "(9 days left)", "repo: granted", "admin:repo_hook: not granted", HOSTILE):
        assert words in told
    assert "acme/shop: without push, no statuses cannot be written: status" in told
    assert "expired Ended at" in part(found, "jira")
    assert "Nothing is missing" in part(found, "jira")
    assert "Not asked yet" in part(found, "asana")


def test_what_an_earlier_okrsync_remembered_of_a_token_is_read(unread: Served) -> None:
    with unread.store.begin() as tx:
        accounts.set_meta(tx, "account:github", {"at": unread.now.isoformat(), "expires_at": None})
    assert "Not asked yet" in part(page(unread), "github")


def test_webhooks_alerts_and_maintenance(unread: Served) -> None:
    with unread.store.begin() as tx:
        sources.register(tx, unread.config.sources)
        for hook in ("one", "two"):
            hooks.expect(tx, hook, "github", f"acme/{hook}", unread.now + MINUTE, unread.now)
        hooks.made(tx, "one", "77")
        facts = {"state": "auth_failed", "down_since": unread.now.isoformat(), "error": HOSTILE}
        begin(tx, "source", "github", facts, unread.now)
    ends = unread.now + DAY
    rests = (
        Maintenance(start=unread.now - DAY, end=ends, why="moving"),
        Maintenance(cron="0 2 * * sun", lasts=2 * DAY),
    )
    unread.config = replace(unread.config, schedule=replace(unread.config.schedule, maintenance=rests))
    found = page(unread)
    assert "acme/one acme/two is being made" in part(found, "github")
    assert f"Maintenance until {ends:%Y-%m-%d %H:%M} UTC (moving): nothing is read or written." in found.main
    assert "By the timetable 0 2 * * sun, for 2 days" in found.main
    (alert,) = [one for one in found.links() if one.get("href") == "/sources#source-github"]
    assert HOSTILE in alert.text
    assert "source-github" in found.ids
    assert "alerts" in found.ids


@pytest.mark.parametrize(("language", "words"), [("en", "No source is configured yet"), ("fr", "Aucune source n’est")])
def test_a_new_installation_is_told_what_to_type(fresh: Served, language: str, words: str) -> None:
    fresh.config = replace(fresh.config, sources=())
    assert words in page(fresh, language).main


def test_the_api_says_the_same(site: Served) -> None:
    answer = site.get("/api/v1/sources").json()
    assert {one["id"]: one["state"] for one in answer["sources"]} == dict.fromkeys(("jira", "github", "asana"), "ok")
    assert answer["maintenance"] is None
    assert answer["sources"][0]["token"] == {
        "asked_at": None,
        "product": None,
        "rights": None,
        "lacks": [],
        "expires_at": None,
    }
