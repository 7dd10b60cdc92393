"""P29: a hostile name of whatever has a name is text and nothing else, in every output of every command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import Any

import pytest
from chat_server import channel
from hostile_names import HARMFUL, dress, evil, faults, listings, needs
from installation import Done, Installation
from prometheus_client.parser import text_string_to_metric_families
from web_server import served

from okrsync.alerting import Alarm
from okrsync.cli.session import Session
from okrsync.model import Secret
from okrsync.store import Store, alerts

TEAM = HARMFUL.sub("", evil("TEAM"))

TICKET = "SHOP-?"
"""Stands for the key of a ticket."""

ARGUMENTS: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {
    ("trace",): ((TICKET,), ("acme/shop#1",), ("acme/shop#101",), ("541",)),
    ("status",): ((), ("--narrative",), ("--planned",), ("--at", "2026-10-25")),
    ("orphans",): ((), ("--group-by", "team"), ("--group-by", "project"), ("--group-by", "value_stream")),
    ("effort",): ((), ("--group-by", "team"), ("--group-by", "value_stream")),
    ("gaps",): ((), ("--group-by", "team")),
    ("report",): (("--output", "-"),),
    ("apply",): (("--yes",),),
    ("undo",): (("1",),),
    ("runs",): ((), ("1",)),
    ("overrides",): ((), ("--all",)),
    ("alerts",): ((), ("--all",)),
    ("config", "show"): ((), ("--diff",)),
    ("waves",): ((), ("--team", TEAM)),
}
"""What a command is typed with where it is not typed bare."""

FIRST = (("sync",), ("plan",), ("apply",))
LAST = (("undo",),)


@dataclass
class Hostile:
    """An installation in which everything has a hostile name, and the key of a ticket there."""

    installed: Installation
    ticket: str

    def run(self, *typed: str) -> Done:
        return self.installed.run(*(self.ticket if one == TICKET else one for one in typed))


@pytest.fixture
def hostile(office: Any) -> Hostile:
    """Synced, and somebody said so of an item."""
    found = Hostile(office.installed, dress(office.company))
    office.company.config  # noqa: B018 - writes the file
    office.installed.monkeypatch.setenv("OKRSYNC_WRITEBACK__SURFACES", '["comment"]')
    office.installed.ok("sync")
    assert found.run("link", TICKET, "KR-PAY", "--why", "=EVIL-SAID <script>alert(1)</script>").code == 0
    with closing(Store.open(f"sqlite:///{office.installed.folder / 'okrsync.db'}")) as store, store.begin() as tx:
        worse = {"title": evil("ALERT"), "objective": "O-SHOP", "from": "on_track", "to": "off_track", "cause": []}
        alerts.begin(tx, "status", "KR-UX", worse, office.company.now())
    return found


def test_of_every_listing_it_is_known_how_it_is_typed() -> None:
    every = set(listings())
    assert ARGUMENTS.keys() <= every
    assert {path for path in every if needs(path)} <= ARGUMENTS.keys(), "name below what it is to be typed with"


@pytest.mark.parametrize("form", ["table", "json", "csv", "md", "html"])
def test_no_name_does_anything_in_any_listing(form: str, hostile: Hostile) -> None:
    every = sorted(listings(), key=lambda path: (path not in FIRST, path in LAST, path))
    found, naming = [], 0
    for path in every:
        for arguments in ARGUMENTS.get(path, ((),)):
            done = hostile.run(*path, *arguments, "--format", form)
            said = " ".join((*path, *arguments))
            if done.code == 0 or done.out:
                found += [f"{said}: {fault}" for fault in faults(form, done.out)]
            found += [f"{said}, told: {fault}" for fault in faults("table", done.err)]
            naming += "EVIL" in done.out
    assert found == []
    assert naming > 20, "the names were shown"


def test_what_is_sent_and_served_is_text_too(hostile: Hostile) -> None:
    """The comments in three tools, the letter and the alerts in a chat, ``/metrics`` and ``/api/v1``."""
    installed = hostile.installed
    with channel() as chat:
        installed.monkeypatch.setenv("CHAT", chat.url)
        installed.config.write_text(
            installed.config.read_text("utf-8")
            + '\n[reports]\nwebhook = { env = "CHAT" }\n[alerts]\nurl = { env = "CHAT" }\n',
            encoding="utf-8",
        )
        done = installed.run("apply", "--yes")
        assert done.code == 0, done.err
        assert installed.run("report", "--send").code == 0
        session = Session(str(installed.config))
        alarm = Alarm(
            session.store,
            lambda: session.config,
            lambda _ref, _option: Secret(chat.url),
            clock=session.now,
            stop=Event(),
        )
        alarm.look()
        letter, *rest = ("\n".join(strings(post)) for _, post in chat.posts)
    assert "EVIL-KEYRESULT" in letter
    assert "EVIL-ALERT" in "".join(rest)
    for text in (letter, *rest):
        assert not faults("table", text)
        assert "<!channel>" not in text
        assert "<script>" not in text
        assert "@everyone" not in text
    comments = [comment.body for comment in installed.sandbox.world.github.repositories["acme/shop"].find(1).comments]
    site = next(iter(installed.sandbox.world.jira.sites.values()))
    comments += [
        json.dumps(one["body"], ensure_ascii=False) for issue in site.issues.values() for one in site.comments_of(issue)
    ]
    assert len(comments) >= 2
    for body in comments:
        assert not faults("table", body)
        if body.startswith(
            "{"
        ):  # a document of Jira's: markup and mentions are nodes of their own, and texts are texts
            assert not {"mention", "inlineExtension", "extension", "media"} & {*strings(json.loads(body))}
        else:
            assert "@everyone" not in body
            assert "<script>" not in body
    with served(session.config, session.store, session.now()) as web:
        for path in (
            "status",
            "orphans",
            "gaps",
            "backlog",
            "effort",
            "runs",
            "runs/1",
            "plan",
            "sources",
            "alerts",
            "trace/541",
        ):
            answer = web.get(f"/api/v1/{path}")
            assert answer.status_code == 200, path
            assert not faults("json", answer.text), path
        metrics = web.get("/metrics").text
    assert not faults("table", metrics)
    assert list(text_string_to_metric_families(metrics))
    session.store.close()


def strings(document: Any) -> Iterator[str]:
    """Every text in a JSON document."""
    match document:
        case str():
            yield document
        case dict():
            yield from (text for inner in document.values() for text in strings(inner))
        case list():
            yield from (text for inner in document for text in strings(inner))
