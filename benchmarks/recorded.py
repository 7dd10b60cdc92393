"""What linking finds in real commits of real tickets: 1,816 issues of Titanium with 4,388 commits of Alloy beside them.

The recorded world is served by the sandbox, pulled by the connectors and linked, with the 14 epics as those of one key
result. Printed are the keys in messages, found and not, with the reason of each that is not; the share of the commits
that is linked; and the classes of what is not. Usage: ``python -m benchmarks.recorded [--shared ../shared]``.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, select

import config
import mapping
from config import Config
from connectors import registry
from okrsync.engine.threads import ThreadEngine
from okrsync.model import Secret, SourceState
from okrsync.sandbox import Sandbox, World
from okrsync.store import Store, graph
from okrsync.store import tables as t
from okrsync.sync import sync

ALLOY = "tidev/alloy"
CONFIG = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "UTC"
language = "en"
instance = "recorded"

[[sources]]
id = "appcelerator"
kind = "jira"
url = "{url}/jira/appcelerator"
auth = {{ email = "bot@acme.test", token = {{ file = "token" }} }}
projects = ["ALOY", "DAEMON"]

[[sources]]
id = "merico"
kind = "jira"
url = "{url}/jira/merico"
auth = {{ email = "bot@acme.test", token = {{ file = "token" }} }}
projects = ["EE", "K5"]
fields = {{ points = "customfield_10024" }}

[[sources]]
id = "github"
kind = "github"
url = "{url}/github"
auth = {{ token = {{ file = "token" }} }}
repositories = ["tidev/alloy", "simonw/datasette", "panjf2000/ants"]

[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ file = "token" }} }}
workspace = "1100000000000000"
projects = "*"

[[cycles]]
id = "all"
start = 2012-01-01
end = 2030-12-31

[[objectives]]
id = "O-ALLOY"
title = "Alloy is the framework that people stay with"
owner = "cto@acme.test"
cycle = "all"

[[objectives.key_results]]
id = "KR-EPICS"
title = "The epics are shipped"
epics = [{epics}]
"""

SAID = re.compile(r"aloy-\d+", re.IGNORECASE)
"""What looks like a key of ALOY at first sight."""

REASONS = {
    "only in an address of a host that is not configured": re.compile(r"https?://\S*ALOY-\d+\b", re.IGNORECASE),
    "a letter follows: ALOY-378b is no key": re.compile(r"ALOY-\d+[a-z]", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What linking made of the commits of Alloy and of the tickets that they name."""

    messages: Mapping[str, str]  # sha → what it says
    read: Mapping[str, frozenset[str]]  # sha → the keys of Jira that were read in it
    said: frozenset[str]  # shas of the messages that seem to hold a key
    commits: Mapping[str, int]  # verdict, or class of the orphan → commits
    tickets: Mapping[str, int]
    stored: frozenset[str]  # the keys of all tickets

    def missed(self) -> dict[str, list[str]]:
        """Why a message that seems to hold a key holds none → the starts of their shas."""
        found: dict[str, list[str]] = {}
        for sha in sorted(self.said - self.read.keys()):
            why = next((why for why, form in REASONS.items() if form.search(self.messages[sha])), "nobody knows why")
            found.setdefault(why, []).append(sha[:7])
        return found


def configured(folder: Path, sandbox: Sandbox) -> Path:
    """The configuration in this folder that reads the whole world, its epics as those of KR-EPICS."""
    issues = sandbox.world.jira.sites["appcelerator"].issues.values()
    epics = [f'"appcelerator:{issue.key}"' for issue in issues if issue.fields["issuetype"]["name"] == "Epic"]
    (folder / "token").write_text("good", encoding="utf-8")
    path = folder / "okrsync.toml"
    path.write_text(CONFIG.format(url=sandbox.url, epics=", ".join(epics)), encoding="utf-8")
    return path


def measure(shared: Path, folder: Path) -> Figures:
    """Pull and link the recorded world in this folder."""
    with Sandbox(World.load(shared / "recorded" / "world")) as sandbox:
        settings = config.load(configured(folder, sandbox), {}, registry.settings())
        store = Store.open(settings.database)
        results = sync(
            store,
            settings,
            settings.sources,
            connect=lambda source: registry.connect(source, Secret("good")),
            clock=lambda: datetime.now(UTC),
            engine=ThreadEngine(),
        )
        assert {one.state for one in results} == {SourceState.OK}, results
        with store.read() as tx:
            figures = _figures(tx, settings, shared)
        store.close()
    return figures


def _figures(tx: Connection, settings: Config, shared: Path) -> Figures:
    reader = mapping.Reader(graph.places(tx, {one.id: one.kind for one in settings.sources}))
    read = {
        text.key: frozenset(one.target for one in reader.read(text) if re.fullmatch(r"[A-Z0-9]+-\d+", one.target))
        for text in graph.texts(tx, everything=True)
        if text.project == ALLOY
    }
    path = shared / "recorded" / "world" / "github" / ALLOY / "commits.jsonl"
    commits = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    messages: dict[str, str] = {one["sha"]: one["commit"]["message"] for one in commits}
    return Figures(
        messages,
        {sha: keys for sha, keys in read.items() if keys},
        frozenset(sha for sha, message in messages.items() if SAID.search(message)),
        _verdicts(tx, t.item.c.project == ALLOY),
        _verdicts(tx, t.item.c.source == "appcelerator"),
        frozenset(tx.scalars(select(t.item.c.key).where(t.item.c.source == "appcelerator", t.LIVE))),
    )


def _verdicts(tx: Connection, which: object) -> dict[str, int]:
    rows = select(t.verdict.c.kind, t.verdict.c.orphan).join(t.item, t.item.c.uid == t.verdict.c.uid).where(which)  # type: ignore[arg-type]
    counts = Counter(orphan or kind for kind, orphan in tx.execute(rows))
    return dict(sorted(counts.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(parser.parse_args().shared, Path(folder))
    named = Counter(key for keys in figures.read.values() for key in keys)
    unknown = sorted(named.keys() - figures.stored)
    print(f"{len(figures.messages):,} commits; {len(figures.said):,} messages seem to hold a key of ALOY")
    print(f"{len(figures.read):,} of them name {len(named):,} tickets, {len(unknown)} of them not recorded")
    for why, shas in figures.missed().items():
        print(f"{len(shas):4} do not: {why} ({', '.join(shas)})")
    beyond = figures.read.keys() - figures.said
    print(f"{len(beyond):4} messages hold a key and do not seem to")
    for what, counts in (("commits of Alloy", figures.commits), ("tickets of ALOY and DAEMON", figures.tickets)):
        total = sum(counts.values())
        print(f"\n| {what} | {total:,} | share |\n|---|---|---|")
        for verdict, count in counts.items():
            print(f"| {verdict} | {count:,} | {count / total:.1%} |")


if __name__ == "__main__":
    main()
