"""Alerts of a daemon: each is told once, and its end once; over a real store and a real webhook."""

from __future__ import annotations

import csv
import io
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from alarms import DAY, HOUR, MINUTE, Tower, settings
from chat_server import Channel, channel
from installation import Installation
from postgresql_server import Server
from running import Running, until
from sqlalchemy import event
from told import empty

from config import AlertKind
from connectors import deadline
from okrsync import logs
from okrsync.alerting import Alarm
from okrsync.alerting.watching import Marks, find
from okrsync.engine.threads import GRACE
from okrsync.model import Account, Gate, GoalState, Measure, Secret, SecretRef, SourceState, Status
from okrsync.store import Store, accounts

OK, DOWN, REFUSED = SourceState.OK, SourceState.DEGRADED, SourceState.AUTH_FAILED


@pytest.fixture
def chat() -> Iterator[Channel]:
    with channel() as heard:
        yield heard


@pytest.fixture(params=["sqlite", "postgresql"])
def tower(request: pytest.FixtureRequest, tmp_path: Path, chat: Channel) -> Iterator[Tower]:
    if request.param == "sqlite":
        (tmp_path / "okrsync.db").write_bytes(empty())
        url = f"sqlite:///{tmp_path}/okrsync.db"
    else:
        server: Server = request.getfixturevalue("postgresql")
        url = server.migrated()
    store = Store.open(url)
    yield Tower(store, chat)
    store.close()


def test_a_source_that_stays_down_is_told_once_and_once_that_it_is_back(tower: Tower) -> None:
    for minute in range(40):
        tower.cycle("jira", DOWN if 2 <= minute < 30 else OK)
        tower.look()
        tower.start() if minute in (20, 35) else None
        if minute == 20:
            assert tower.standing() == [("source", "jira")]
    assert tower.lines() == [
        "▲ Source jira has been unavailable since 2026-11-20 09:02 UTC: no answer",
        "✔ Source jira is read again; it could not be since 2026-11-20 09:02 UTC",
    ]
    began, ended = tower.every()[0].since, tower.every()[0].ended_at
    assert ended is not None
    assert began - datetime.fromisoformat("2026-11-20T09:02:00+00:00") == timedelta(minutes=15)
    assert tower.chat.posts[0][1]["text"].startswith("*okrsync, acme*\n")


def test_what_goes_up_and_down_within_the_time_tells_nothing(tower: Tower) -> None:
    for minute in range(120):
        tower.cycle("jira", DOWN if minute % 15 else OK)
        tower.cycle("github", DOWN if minute % 2 else OK)
        tower.look()
    assert (tower.lines(), tower.every()) == ([], [])


def test_credentials_that_are_refused_are_told_at_once(tower: Tower) -> None:
    tower.cycle("github", REFUSED, "401: bad credentials")
    tower.look()
    tower.cycle("asana", SourceState.NEEDS_CONFIRMATION, "40 of 50 are gone; type: okrsync sync --allow-mass-delete")
    tower.look()
    assert tower.lines() == [
        "▲ Source github has refused our credentials since 2026-11-20 09:00 UTC: 401: bad credentials",
        "▲ Source asana has been waiting for a confirmation since 2026-11-20 09:01 UTC: 40 of 50 are gone; type: "
        "okrsync sync --allow-mass-delete",
    ]


def test_a_failure_of_before_a_rest_is_told_when_it_fails_once_more(tower: Tower) -> None:
    tower.cycle("jira", DOWN)
    tower.look()
    tower.wait(3 * DAY)
    tower.start()
    tower.look()
    assert tower.lines() == [], "nothing was asked since the daemon began"
    tower.wait(2 * HOUR)  # maintenance: nobody looks
    tower.look()
    assert tower.lines() == []
    tower.cycle("jira", DOWN)
    tower.look()
    assert len(tower.lines()) == 1


def test_a_status_tells_each_step_down_and_each_way_back(tower: Tower) -> None:
    steps = (
        *(Status.TOO_EARLY, Status.ON_TRACK, Status.AT_RISK, Status.STALE, Status.OFF_TRACK, Status.OFF_TRACK),
        *(Status.AT_RISK, Status.OFF_TRACK, Status.ON_TRACK, Status.DONE, Status.ON_TRACK),
    )
    for status in steps:
        tower.publish(KR_UX=status)
        tower.look()
        tower.look()
    said = [(line[0], line.partition(" (")[0][2:], line.split(", ")[1].split(".")[0]) for line in tower.lines()]
    assert said == [
        ("▲", "KR-UX", "on track → at risk"),
        ("▲", "KR-UX", "at risk → off track"),
        ("✔", "KR-UX", "off track → at risk"),
        ("▲", "KR-UX", "at risk → off track"),
        ("✔", "KR-UX", "at risk → on track"),
        ("✔", "KR-UX", "off track → on track"),
    ]
    assert tower.lines()[0] == (
        "▲ KR-UX (The new checkout is live) got worse, on track → at risk. No work is linked to it"
    ), "with its cause, as status speaks it"


def test_what_happened_while_nobody_looked_is_told_in_the_language_and_with_a_link(tower: Tower) -> None:
    tower.config = replace(
        tower.config, language="fr", server=replace(tower.config.server, url="https://okr.acme.test")
    )
    tower.publish(KR_UX=Status.ON_TRACK, KR_PAY=Status.ON_TRACK, O_SHOP=Status.AT_RISK)
    tower.look()
    assert tower.lines() == [], "what stands when it is first seen did not get worse"
    tower.wait(3 * DAY)
    tower.publish(KR_UX=Status.OFF_TRACK, KR_PAY=Status.MISSED, O_SHOP=Status.AT_RISK)
    tower.start()
    tower.look()
    assert tower.lines() == [
        "▲ KR-UX (The new checkout is live) se dégrade, en bonne voie → hors trajectoire. Aucun travail n’y est "
        "rattaché <https://okr.acme.test/key-results/KR-UX|détails>"
    ], "a window that is over is no news"


def test_what_is_dropped_or_gone_ends_and_what_nobody_wants_ends_silently(tower: Tower) -> None:
    tower.publish(KR_UX=Status.ON_TRACK, O_SHOP=Status.ON_TRACK)
    tower.cycle("jira", REFUSED)
    tower.cycle("github", REFUSED)
    tower.look()
    tower.publish(KR_UX=Status.AT_RISK, O_SHOP=Status.AT_RISK)
    tower.look()
    goals, before = tower.config.goals, len(tower.lines())
    dropped = {"KR-UX": replace(goals.key_results["KR-UX"], state=GoalState.DROPPED)}
    tower.config = replace(tower.config, goals=replace(goals, key_results={**goals.key_results, **dropped}))
    tower.look()
    krs = {"KR-PAY": goals.key_results["KR-PAY"]}
    kept = tuple(source for source in tower.config.sources if source.id != "jira")
    tower.config = replace(tower.config, goals=replace(goals, objectives={}, key_results=krs), sources=kept)
    tower.look()
    tower.alerting(on=frozenset(AlertKind) - {AlertKind.SOURCE})
    tower.look()
    assert [line[:20] for line in tower.lines()[before:]] == [
        "✔ KR-UX (The new che",
        "✔ Source jira is not",
        "✔ O-SHOP (A shop tha",
    ]
    assert tower.standing() == []
    assert tower.every()[1].document["end"] == {"why": "muted"}
    tower.alerting(on=frozenset(AlertKind))
    tower.look()
    assert tower.standing() == [("source", "github")], "wanted again, it stands again"


def test_a_token_that_expires_is_told_until_it_is_another_one(tower: Tower) -> None:
    account = Account("bot", "GitHub", "UTC", expires_at=tower.now + 20 * DAY)

    def seen(expires: datetime | None) -> None:
        with tower.store.begin() as tx:
            accounts.remember(tx, "github", replace(account, expires_at=expires), tower.now)
        tower.look()

    jira, *others = tower.config.sources
    jira = replace(jira, token_expires=tower.now.date() + 10 * DAY)
    tower.config = replace(tower.config, sources=(jira, *others))
    seen(account.expires_at)
    tower.wait(6 * DAY)
    seen(account.expires_at)
    seen(tower.now + 5 * DAY)
    seen(tower.now + 300 * DAY)
    tower.wait(10 * DAY)
    tower.config = replace(tower.config, sources=(replace(jira, token_expires=None), *others))
    tower.look()
    assert tower.lines() == [
        "▲ The token of source jira expires on 30\u00a0November 2026; put a new one in its place before",
        "▲ The token of source github expires on 10\u00a0December 2026; put a new one in its place before",
        "✔ The token of source github is good until 1\u00a0December 2026",
        "▲ The token of source github expires on 1\u00a0December 2026; put a new one in its place before",
        "✔ The token of source github is good until 22\u00a0September 2027",
        "✔ The token of source jira is another one, and has no end that is known",
    ]


def test_at_its_end_a_daemon_waits_for_no_webhook_and_the_next_one_tells_what_was_not_taken(
    tower: Tower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadline, "LAST", 0.2)
    tower.chat.body, tower.chat.drip = b"x" * 200, 0.1
    tower.cycle("jira", REFUSED)
    with structlog.testing.capture_logs() as heard:
        looking = threading.Thread(target=tower.look)
        looking.start()
        until(lambda: tower.chat.posts)
        tower.stop.set()
        looking.join(5)
        assert not looking.is_alive()
        assert [one["log_level"] for one in heard] == ["warning"], "the alert itself"
    tower.chat.body, tower.chat.drip = b"ok", 0
    tower.start()
    assert tower.look() is None
    assert len(tower.chat.posts) == 2
    assert [one.told_at for one in tower.every()] == [tower.now]


def test_sigterm_does_not_wait_for_an_alert_that_nobody_takes(
    eager: Installation, running: Callable[..., Running], chat: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All ends by itself, before the time is over that is given to what does not."""
    chat.body, chat.drip = b"x" * 900, 0.1
    monkeypatch.setenv("ALERTS_URL", chat.url)
    eager.edit("[writeback]", '[alerts]\nurl = { env = "ALERTS_URL" }\n\n[writeback]')
    eager.sandbox.fault("answer", status=401, times=None)
    daemon = running()
    until(lambda: chat.posts)
    code, took = daemon.end()
    assert code == 0
    assert took < GRACE
    assert [one["clean"] for one in daemon.events("stopped")] == [True]


def test_a_webhook_that_fails_is_told_once_and_gets_everything_later(tower: Tower) -> None:
    tower.chat.status = 503
    pauses = []
    with structlog.testing.capture_logs() as heard:
        for hour in range(12):
            tower.cycle("jira", REFUSED if hour % 4 == 0 else OK)
            again = tower.look(HOUR)
            assert again is not None
            pauses.append(again - tower.now)
            assert tower.look(MINUTE / 2) == again, "it is left alone until then"
        assert [log["event"] for log in heard if log["log_level"] == "error"] == ["alerts not posted"]
        assert [log["event"] for log in heard if log["event"].startswith("alert")].count("alert") == 3
        posted = len(tower.chat.posts)
        tower.chat.status = 200
        assert tower.look(HOUR) is None
        assert [log["event"] for log in heard][-1] == "alerts posted again"
    assert pauses == sorted(pauses)
    assert pauses[-1] == HOUR
    last = tower.chat.posts[posted:]
    assert len(last) == 1
    assert [line[0] for line in last[0][1]["text"].split("\n")[1:]] == ["▲", "✔"] * 3
    assert tower.look(HOUR) is None
    assert len(tower.chat.posts) == posted + 1
    assert "secret-of-the-channel" not in repr(heard)


def test_many_alerts_are_one_message(tower: Tower) -> None:
    sources = tuple(replace(tower.config.sources[0], id=f"s{number:02}") for number in range(25))
    tower.config = replace(tower.config, sources=sources)
    tower = Tower(tower.store, tower.chat, tower.config)
    for source in sources:
        tower.cycle(source.id, REFUSED, "<!channel> @here *bold* &" + "x" * 2000)
    tower.look()
    assert len(tower.chat.posts) == 1
    _, *lines, more = tower.chat.posts[0][1]["text"].split("\n")
    assert len(lines) == 20
    assert more == "5 more: okrsync alerts --all"
    assert all("&lt;!channel&gt; @\u2060here" in line and len(line) <= 710 for line in lines)
    assert tower.look() is None
    assert len(tower.chat.posts) == 1


def test_without_a_webhook_the_log_tells(tower: Tower) -> None:
    tower.alerting(url=None)
    with structlog.testing.capture_logs() as heard:
        tower.cycle("jira", REFUSED)
        for _ in range(3):
            tower.look()
        tower.cycle("jira")
        tower.look()
    told = [(log["event"], log["log_level"], log["kind"], log["subject"]) for log in heard]
    assert told == [("alert", "warning", "source", "jira"), ("alert over", "info", "source", "jira")]
    tower.alerting(url=settings().alerts.url)
    tower.look()
    assert tower.chat.posts == []


def test_a_gate_is_told_when_it_fails_and_when_it_holds_again(tower: Tower) -> None:
    tower.config = replace(
        tower.config,
        gates=(
            Gate("syncs", Measure.SYNC_SUCCESS, window=DAY, at_least=0.9, source="jira"),
            Gate("links", Measure.COVERAGE, window=28 * DAY, at_least=0.8),
            Gate("sample", Measure.FALSE_LINKS, window=DAY, at_most=0.1, sample="not-there.csv"),
        ),
    )
    for source in ("jira", "sister", "github", "asana"):
        tower.cycle(source, REFUSED)
    tower.alerting(on=frozenset({AlertKind.GATE}))
    with structlog.testing.capture_logs() as heard:
        for minute in range(3 * 60):
            if minute:
                tower.cycle("jira")
            tower.look()
        assert sum("not-there.csv" in log.get("error", "") for log in heard) == 3, "once an hour"
    assert tower.lines() == [
        "▲ Gate syncs does not hold. 0%, asked for: at least 90%. Cycles that ended well: 0 of 1.",
        "✔ Gate syncs holds again",
    ], "and what is no data, or cannot be judged, tells nothing"
    ended = tower.every()[0].ended_at
    assert ended is not None
    assert ended - tower.every()[0].since == HOUR


def test_a_gate_of_what_is_linked_is_judged_again_only_when_that_changed(tower: Tower) -> None:
    gates = (
        Gate("links", Measure.COVERAGE, window=28 * DAY, at_least=0.8),
        Gate("syncs", Measure.SYNC_SUCCESS, window=DAY, at_least=0.9),
    )

    def judged(marks: Marks, now: datetime) -> tuple[set[str], Marks]:
        with tower.store.read() as tx:
            found, after = find(tx, replace(tower.config, gates=gates), marks, now, now)
        return set(found.rulings), after

    untried, marks = judged(Marks(), tower.now)
    for source in tower.config.sources:
        tower.cycle(source.id)
    first, marks = judged(marks, tower.now)
    soon, marks = judged(marks, tower.now + 59 * MINUTE)
    later, marks = judged(marks, tower.now + HOUR)
    gates = (replace(gates[0], at_least=0.9), gates[1])
    edited, marks = judged(marks, tower.now + 2 * HOUR)
    tomorrow, _ = judged(marks, tower.now + DAY)
    assert (untried, first, soon, later) == (set(), {"links", "syncs"}, set(), {"syncs"})
    assert (edited, tomorrow) == ({"links", "syncs"}, {"links", "syncs"})


def test_the_address_is_nowhere_to_be_read(tower: Tower) -> None:
    tower.chat.status, tower.chat.body = 400, b"no team at /services/T000/B000/secret-of-the-channel"
    url, stream = tower.chat.url, io.StringIO()

    def reveal(ref: SecretRef, option: str) -> Secret:
        logs.protect([url])
        return Secret(url)

    tower.reveal = reveal
    logs.configure(level=logging.DEBUG, stream=stream)
    tower.cycle("jira", REFUSED, f"posted to {url}")
    tower.look()
    tower.look(HOUR)
    said = stream.getvalue()
    assert said.count("alerts not posted") == 2
    assert '"POST … HTTP/1.1\\" 400' in said, "the library tells of its requests"
    assert "secret-of-the-channel" not in said
    assert len(tower.lines()) == 2
    assert not any("secret-of-the-channel" in line for line in tower.lines())


def test_a_quiet_look_reads_a_few_rows_and_writes_none(tower: Tower) -> None:
    tower.publish(KR_UX=Status.ON_TRACK)
    tower.cycle("jira")
    tower.look()
    heard: list[str] = []
    event.listen(tower.store._engine, "before_cursor_execute", lambda *how: heard.append(how[2]))
    tower.look()
    assert len(heard) < 10
    assert all(statement.startswith(("SELECT", "BEGIN")) for statement in heard)
    assert not any("FROM item" in statement or "snapshot" in statement for statement in heard)


def test_the_command_tells_what_the_daemon_told(office: Any, chat: Channel) -> None:
    site, installed = office.company, office.installed
    office.edit("[writeback]", '[alerts]\nurl = {{ env = "ALERTS_URL" }}\n\n[writeback]')
    for issue in site.site.issues.values():
        site.edit(issue, status="Terminé")
    office.later(days=1)
    assert _goal(installed, "KR-UX")["status"] == "done"
    store = Store.open(f"sqlite:///{site.folder}/okrsync.db")
    daemon = Alarm(
        *(store, lambda: site.config, lambda ref, option: Secret(chat.url)), clock=site.now, stop=threading.Event()
    )
    assert installed.ok("alerts") == "No alert stands.\n"
    assert installed.ok("alerts", "--all") == "No alert stands, and none is remembered.\n"
    assert "No alert stands, and none is remembered." in installed.ok("alerts", "--all", "--format", "html")
    daemon.look()
    for number in range(8):
        site.create(summary=f"More {number}", parent="SHOP-1", status="À faire")
    office.later(days=20)
    daemon.look()
    kr = _goal(installed, "KR-UX")
    (of_objective, alert) = reversed(installed.json("alerts")["alerts"])
    assert (alert["kind"], alert["subject"], alert["end"]) == ("status", "KR-UX", None)
    because = "; ".join(cause["text"] for cause in kr["cause"][:3])
    assert alert["told"] == f"KR-UX (The new checkout is live) got worse, done → {WORDS[kr['status']]}. {because}"
    assert of_objective["subject"] == "O-SHOP"
    assert [f"▲ {one['told']}" for one in (of_objective, alert)] == chat.posts[0][1]["text"].split("\n")[1:]
    for issue in site.site.issues.values():
        site.edit(issue, status="Terminé")
    office.later(days=1)
    chat.status = 503
    daemon.look()
    assert installed.json("alerts") == {"at": _iso(site.now()), "standing": 0, "alerts": []}
    text = installed.ok("alerts", "--all")
    assert text.count("✔ KR-UX (The new checkout is live) got worse") == 1
    assert ", not posted yet\n  KR-UX (The new checkout is live) got better, " in text
    rows = list(csv.DictReader(installed.ok("alerts", "--all", "--format", "csv").splitlines()))
    assert [(row["subject"], row["end"]) for row in rows] == [("KR-UX", "over"), ("O-SHOP", "over")]
    office.edit('language = "en"', 'language = "fr"')
    page = installed.ok("alerts", "--all", "--format", "html")
    assert "Aucune alerte en cours." in page
    assert "se redresse" in page
    assert installed.ok("alerts", "--all", "--format", "md").startswith("# Alertes\n")
    store.close()


WORDS = {"at_risk": "at risk", "off_track": "off track"}


def _goal(installed: Any, kr: str) -> Any:
    (objective,) = installed.json("status")["objectives"]
    return next(one for one in objective["key_results"] if one["id"] == kr)


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
