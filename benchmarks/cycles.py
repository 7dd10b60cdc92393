"""Thousands of cycles in one process, with all that happens in a year of them: what it takes after each so many.

Sources of all three tools are read every second. Meanwhile requests fail in ways that cycles survive, tickets change,
webhooks tell of it, and the configuration is read anew, now good, now wrong. What is asked is whether it grows (P39).
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from benchmarks.daemons import Daemon, Usage, free_port, running
from benchmarks.fleet import SECRET, Fleet, Played, played

FLEET = Fleet(jira=10, github=10, asana=10, items=20)
FAULTS = ("truncated", "reset", "login_page", "wrong_length", "answer")
TOOLS = ("jira", "github", "asana")
RELOAD = 5.0  # seconds between two readings of the configuration


@dataclass(frozen=True)
class Sample:
    """After so many cycles."""

    cycles: int
    usage: Usage


def driven(cycles: int, fleet: Fleet = FLEET) -> Iterator[Sample]:
    """About two samples a second until so many cycles ended; those of the first reading do not count."""
    with tempfile.TemporaryDirectory() as name, played(fleet) as world:
        port = free_port()
        path = fleet.install(Path(name), world.url, every="1s", port=port)
        good = path.read_text()
        with running(Path(name), port) as daemon:
            daemon.until(daemon.is_calm, pause=0.1)
            before, reload = daemon.cycles(), time.monotonic()
            for turn in itertools.count():
                time.sleep(0.5)
                _happens(world, daemon, turn)
                if time.monotonic() - reload > RELOAD:
                    reload = time.monotonic()
                    path.write_text(_edited(good, turn))
                    daemon.send(signal.SIGHUP)
                done = daemon.cycles() - before
                yield Sample(done, daemon.usage())
                if done >= cycles:
                    break
            _was_lively(daemon)


def _happens(world: Played, daemon: Daemon, turn: int) -> None:
    """A ticket is closed or opened, webhooks tell of it, and now and then a few requests fail."""
    change, tool = turn // len(TOOLS), TOOLS[turn % len(TOOLS)]
    world.close(tool, done=change % 2 == 0, ticket=change // 2)  # another one each: no history grows
    for number in range(2):
        body = json.dumps({"action": "edited", "repository": {"id": world.repositories[number]}, "at": turn}).encode()
        sign = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "issues",
            "X-GitHub-Delivery": f"{turn}-{number}",
            "X-Hub-Signature-256": sign if turn % 10 else "sha256=" + "0" * 64,
        }
        answer = requests.post(f"{daemon.url}/webhooks/github-{number}", body, headers=headers, timeout=30)
        assert answer.status_code == (202 if turn % 10 else 401), answer.status_code
    for path in ("/readyz", "/metrics", "/api/v1/status"):
        assert daemon.get(path).status_code in (200, 503), path  # 503: ask again, on a machine that is busy
    if turn % 6 == 0:
        world.forget()
    if turn % 6 == 3:
        world.fault(FAULTS[turn // 6 % len(FAULTS)], path=f"/{tool}/.*", status=404, times=4)


def _edited(good: str, turn: int) -> str:
    """The configuration with another title, without its last source, or broken."""
    match turn // 10 % 4:
        case 1:
            return good.replace('title = "One"', f'title = "One {turn}"')
        case 2:
            return good + "\nnothing =\n"
        case 3:
            last = good.rindex("[[sources]]")
            return good[:last] + good[good.index("[[cycles]]") :]
    return good


def _was_lively(daemon: Daemon) -> None:
    """All that is to be survived did happen."""
    for event in ("not synced", "recovered", "linked", "reloaded", "webhook refused"):
        if not daemon.events(event):
            raise RuntimeError(f"of all that was to happen, there was no {event!r}")
