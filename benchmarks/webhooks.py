"""How long ``okrsync run`` takes to answer a webhook while it works: deliveries that GitHub would have signed, from a
process of its own, over connections that are kept, beside a first sync and a link job of 100,000 items.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import itertools
import json
import multiprocessing
import os
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.daemons import Daemon, free_port, running
from benchmarks.fleet import SECRET, Fleet, played

PADDING = "x" * 12_000  # the size of a usual payload
SENDERS = 8


def send(url: str, ids: list[int], rate: float, seconds: float, told: Connection) -> None:
    """The answer times of deliveries that leave evenly, each sender on a connection of its own; each as soon as the one
    before was answered, where ``rate`` is infinite."""
    parts = urlsplit(url)
    times: list[float] = []
    statuses: set[int] = set()
    lock = threading.Lock()

    def work(number: int) -> None:
        line = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        own: list[float] = []
        until = time.monotonic() + seconds
        due = time.monotonic() + number / rate
        for count in itertools.count():
            if max(due, time.monotonic()) >= until:
                break
            time.sleep(max(0.0, due - time.monotonic()))
            due += SENDERS / rate
            payload = {"action": "edited", "repository": {"id": ids[count % len(ids)]}, "issue": {"body": PADDING}}
            body = json.dumps(payload).encode()
            headers = {
                "Content-Type": "application/json",
                "X-GitHub-Event": "issues",
                "X-GitHub-Delivery": f"{os.getpid()}-{number}-{count}",
                "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
            }
            began = time.perf_counter()
            line.request("POST", parts.path, body, headers)
            answer = line.getresponse()
            answer.read()
            own.append(time.perf_counter() - began)
            with lock:
                statuses.add(answer.status)
        line.close()
        with lock:
            times.extend(own)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(SENDERS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told.send((times, statuses, time.monotonic() - began))


@dataclass(frozen=True)
class Answered:
    """The answers to a load; ``times`` in seconds, ``within`` those of it, ``looks`` the narrowed cycles meanwhile."""

    what: str
    times: list[float]
    statuses: set[int]
    seconds: float
    looks: int
    links: int

    def quantile(self, share: float) -> float:
        cuts = statistics.quantiles(self.times, n=1000)
        return cuts[round(1000 * share) - 1]


def _loaded(daemon: Daemon, what: str, ids: list[int], rate: float, busy: Callable[[], bool], least: float) -> Answered:
    """Load in pieces of ``least`` seconds for as long as the daemon is busy, and once at least."""
    spawn = multiprocessing.get_context("spawn")
    times: list[float] = []
    statuses: set[int] = set()
    took = 0.0
    before = len(daemon.events("looked")), len(daemon.events("linked"))
    while not times or busy():
        ours, theirs = spawn.Pipe()
        sender = spawn.Process(target=send, args=(f"{daemon.url}/webhooks/github-0", ids, rate, least, theirs))
        sender.start()
        more, answers, seconds = ours.recv()
        sender.join(10)
        times += more
        statuses |= answers
        took += seconds
    looks, links = (len(daemon.events(name)) - had for name, had in zip(("looked", "linked"), before, strict=True))
    return Answered(what, times, statuses, took, looks, links)


def _judged_anew(daemon: Daemon) -> bool:
    """Whether a link job ended since the configuration was read anew."""
    return daemon.events("linked", "reloaded")[-1]["event"] == "linked"


def under_load(items: int, seconds: float) -> Iterator[Answered]:
    """50 a second and then as many as can be, while so many Jira issues are read for the first time, and while all of
    them are judged anew; at rest, last."""
    fleet = Fleet(jira=1, github=1, asana=0, items=200, jira_items=items)
    with tempfile.TemporaryDirectory() as name, played(fleet) as world:
        port = free_port()
        path = fleet.install(Path(name), world.url, every="1h", port=port)
        rules = path.read_text()
        with running(Path(name), port, verbose=True) as daemon:
            daemon.until(daemon.answers)
            unread = lambda: not [one for one in daemon.events("synced") if one["source"] == "jira-0"]  # noqa: E731
            names = {50.0: "50 a second", float("inf"): f"{SENDERS} connections, as fast as possible"}
            daemon.until(lambda: daemon.events("looked", "synced"))
            for rate, told in names.items():
                told = f"{told}, {'first sync' if unread() else 'after the first sync'} of {items:,} items"
                yield _loaded(daemon, told, world.repositories, rate, lambda: False, seconds)
            daemon.until(daemon.is_calm, pause=0.2)
            for number, (rate, told) in enumerate(names.items()):
                path.write_text(rules + f'\n[mapping]\nexempt = [{{ labels = ["exempt-{number}"] }}]\n')
                daemon.send(signal.SIGHUP)
                daemon.until(lambda: len(daemon.events("reloaded")) > number)  # noqa: B023
                told = f"{told}, link job of {items:,} items"
                yield _loaded(daemon, told, world.repositories, rate, lambda: not _judged_anew(daemon), 3.0)
            daemon.until(daemon.is_calm, pause=0.2)
            for rate, told in names.items():
                yield _loaded(daemon, f"{told}, at rest", world.repositories, rate, lambda: False, 5.0)
