"""When the report of the week is due, who has it, and what a daemon does about it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import structlog
from chat_server import channel
from mail_server import Post, free_port, serving
from small_company import Company

from config import Config, Reports, Smtp
from okrsync import mailing
from okrsync.daemon import Daemon
from okrsync.mailing import LATEST, Mailing, Sent, remember, remembered
from okrsync.model import Secret, SecretRef
from okrsync.store import Store

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=PARIS)
EVERYBODY = ["cto@acme.test", "cpo@acme.test", "webhook"]


def reports(port: int, **how: Any) -> Reports:
    smtp = Smtp("127.0.0.1", port, "none", "okrsync@acme.test", timeout=timedelta(seconds=2))
    given: dict[str, Any] = {"weeks": 1, "to": tuple(EVERYBODY[:2]), "smtp": smtp, "webhook": SecretRef("env", "CHAT")}
    return Reports(**(given | how))


class Office:
    """A mailing on a clock that a test moves; what it logged."""

    def __init__(self, company: Company, store: Store, config: Config, url: str) -> None:
        self.now = MONDAY.astimezone(UTC) - timedelta(days=3)
        self.store, self.config = store, config
        self.mailing = Mailing(
            store, config, lambda ref, option: Secret(url), clock=lambda: self.now, stop=threading.Event()
        )

    def at(self, instant: datetime) -> datetime | None:
        """What the daemon does when it looks then."""
        self.now = instant.astimezone(UTC)
        return self.mailing.send()

    def known(self) -> Sent | None:
        with self.store.read() as tx:
            return remembered(tx)


@contextmanager
def office(small: Company, post: Post, url: str, **how: Any) -> Iterator[Office]:
    store = small.store()
    small.clock.set(MONDAY.astimezone(UTC) - timedelta(days=3))
    small.sync(store)
    with serving(post) as served:
        config = replace(small.config, reports=reports(served.port, **how))
        yield Office(small, store, config, url)


def test_each_week_reaches_each_once_whatever_is_missed(small: Company) -> None:
    post = Post()
    with channel() as chat, office(small, post, chat.url) as here:
        assert here.mailing.due() is None, "a new store owes nothing"
        assert here.at(MONDAY - timedelta(seconds=1)) is None
        assert post.mails == []
        assert here.at(MONDAY) is None
        assert here.at(MONDAY + timedelta(hours=1)) is None
        assert [sorted(one) for one in post.envelopes] == [sorted(EVERYBODY[:2])]
        assert "2026-W47" in post.mails[0]["Subject"]
        assert here.at(MONDAY + timedelta(weeks=3, days=2)) is None, "the daemon was down for three weeks"
        assert here.at(MONDAY + timedelta(weeks=3, days=3)) is None
        assert len(post.mails) == len(chat.posts) == 2
        assert "2026-W50" in post.mails[1]["Subject"]


@pytest.mark.parametrize(
    ("cron", "weeks", "expected"),
    [("0 7 * * mon", 2, ["W47", "W49", "W51"]), ("0 6 * * *", 1, ["W47", "W48", "W49", "W50", "W51"])],
)
def test_the_timetable_says_when_and_every_how_often(
    small: Company, cron: str, weeks: int, expected: list[str]
) -> None:
    post = Post()
    with office(small, post, "", cron=cron, weeks=weeks, webhook=None) as here:
        assert here.mailing.due() is None
        for day in range(33):
            here.at(MONDAY + timedelta(days=day, minutes=1))
    assert [mail["Subject"].split(":")[0][-3:].strip() for mail in post.mails] == expected


def test_only_those_who_have_not_got_it_are_tried_again(small: Company) -> None:
    post = Post(refused={"cto@acme.test": "450 later", "cpo@acme.test": "550 nobody"})
    with channel(status=503) as chat, office(small, post, chat.url) as here:
        here.mailing.due()
        with structlog.testing.capture_logs() as logs:
            first = here.at(MONDAY)
            second = here.at(first or MONDAY)
        assert first is not None
        assert second is not None
        assert second - first > first - MONDAY, "it waits longer each time"
        errors = [(log["to"], log["error"]) for log in logs if log["log_level"] == "error"]
        assert [to for to, _ in errors] == ["cto@acme.test", "cpo@acme.test", "webhook"], "each is told once"
        post.refused.clear()
        chat.status = 200
        with structlog.testing.capture_logs() as logs:
            assert here.at(second) is None
        assert [log["to"] for log in logs if log["event"] == "report sent"] == [["cto@acme.test", "webhook"]]
        assert post.envelopes == [["cto@acme.test"]], "one who was refused for good waits for the next week"
        assert here.at(second + timedelta(hours=2)) is None
        assert len(chat.posts) == 3
        here.at(MONDAY + timedelta(weeks=1))
        assert sorted(post.envelopes[-1]) == sorted(EVERYBODY[:2])


def test_a_server_that_stays_away_is_asked_once_an_hour_and_told_of_once(small: Company) -> None:
    with office(small, Post(), "", webhook=None) as here:
        here.mailing.due()
        gone = replace(
            here.config.reports, smtp=replace(here.config.reports.smtp or Smtp("", 1, "", ""), port=free_port())
        )
        away = Office(small, here.store, replace(here.config, reports=gone), "")
        times = [MONDAY.astimezone(UTC)]
        with structlog.testing.capture_logs() as logs:
            for _ in range(12):
                again = away.at(times[-1])
                assert again is not None
                times.append(again)
        assert [log["log_level"] for log in logs if log["event"] == "report not sent"].count("error") == 2, (
            "one a person"
        )
        assert times[-1] - times[-2] == LATEST


def test_a_crash_between_sending_and_remembering_sends_a_copy_that_mailboxes_know(
    small: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = Post()
    with channel() as chat, office(small, post, chat.url) as here:
        here.mailing.due()

        def crash(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(mailing, "remember", crash)
            with pytest.raises(KeyboardInterrupt):
                here.at(MONDAY)
        assert here.at(MONDAY + timedelta(minutes=5)) is None
        assert len(post.mails) == 2
        assert post.mails[0]["Message-ID"] == post.mails[1]["Message-ID"]
        assert len(chat.posts) == 1, "what came after the crash was not sent before it"
        known = here.known()
        assert known is not None
        assert (known.week, known.complete, sorted(known.served)) == ("2026-W47", True, sorted(EVERYBODY))


def test_a_daemon_sends_what_was_missed_once_its_sources_are_read(small: Company) -> None:
    post = Post()
    store = small.store()
    small.clock.set(MONDAY.astimezone(UTC) + timedelta(days=1))
    with serving(post) as served:
        config = replace(small.config, reports=reports(served.port, webhook=None))
        with store.begin() as tx:
            remember(tx, Sent(MONDAY - timedelta(days=2)))
        for _ in range(2):
            stop, told = threading.Event(), threading.Event()
            daemon = Daemon(store, config, connect=small.connect, token=lambda _: "t", clock=small.now, stop=stop)
            daemon.start()
            for _ in range(300):
                with store.read() as tx:
                    known = remembered(tx)
                if known is not None and known.complete and known.week:
                    break
                told.wait(0.05)
            assert daemon.stop()
    assert len(post.mails) == 1
    assert "2026-W47" in post.mails[0]["Subject"]
    body = post.mails[0].get_body(("plain",))
    assert body is not None
    assert "Nothing has been read" not in body.get_content()
