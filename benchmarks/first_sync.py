"""First and second sync of a Jira site beside the floor, as ratios in one run.

The floor is what nobody can avoid: ``requests`` over one session, ``orjson``, and ``executemany`` into SQLite of the
columns that okrsync keeps of issues and of their changes, one transaction a page. It judges nothing: linking and
verdicts are measured by themselves. Each figure is taken in a process of its own, against one sandbox that runs in
another; CPU is user + system time from the first request on, the start of the interpreter and its imports are told
apart. Usage: ``python -m benchmarks.first_sync [SIZE ...]``, by default 10000 and 50000.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

CONFIG = """
[okrsync]
database = "sqlite:///okrsync.db"
timezone = "UTC"
language = "en"
instance = "bench"

[[sources]]
id = "jira"
kind = "jira"
url = "{url}"
auth = {{ email = "bench@acme.test", token = {{ file = "token" }} }}
projects = ["P0", "P1"]

[[cycles]]
id = "now"
start = {year}-01-01
end = {year}-12-31

[[objectives]]
id = "O-ONE"
title = "One"
owner = "ceo@acme.test"
cycle = "now"

[[objectives.key_results]]
id = "KR-ONE"
title = "One"
"""

FLOOR = """
import json, resource, sqlite3, sys, time, requests, orjson
url, path = sys.argv[1], sys.argv[2]
began = time.process_time()
fields = ["summary", "status", "issuetype", "project", "parent", "labels", "created", "updated", "assignee", "duedate",
          "resolution", "resolutiondate", "statuscategorychangedate", "description", "issuelinks", "creator",
          "customfield_10016"]
base = sqlite3.connect(path, isolation_level=None)
base.execute("PRAGMA journal_mode=WAL")
base.execute("CREATE TABLE item (id TEXT PRIMARY KEY, key TEXT, title TEXT, body TEXT, type TEXT, level INT,"
             " state TEXT, status TEXT, resolution TEXT, scope TEXT, project TEXT, created TEXT, updated TEXT,"
             " completed TEXT, due TEXT, assignee TEXT, author TEXT, labels TEXT, points REAL, parent TEXT)")
base.execute("CREATE TABLE change (id TEXT, n INT, at TEXT, kind TEXT, before TEXT, after TEXT, PRIMARY KEY (id, n))")
session, sent, ids = requests.Session(), 0, []
session.auth = ("bench@acme.test", "bench")

def pages(path, body, name):
    global sent
    token = None
    while True:
        more = {"nextPageToken": token} if token else {}
        page = orjson.loads(session.post(url + "/rest/api/3/" + path, data=orjson.dumps({**body, **more}),
                                         headers={"Content-Type": "application/json"}).content)
        sent += 1
        yield page[name]
        token = page.get("nextPageToken")
        if not token:
            return

def insert(table, rows):
    if rows:
        base.execute("BEGIN IMMEDIATE")
        base.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        base.execute("COMMIT")

query = {"jql": "created >= 0 ORDER BY updated ASC, key ASC", "fields": fields, "maxResults": 100}
for issues in pages("search/jql", query, "issues"):
    rows = []
    for issue in issues:
        f = issue["fields"]
        rows.append((issue["id"], issue["key"], f["summary"], str(f.get("description")), f["issuetype"]["name"],
                     f["issuetype"].get("hierarchyLevel"), f["status"]["statusCategory"]["key"], f["status"]["name"],
                     (f.get("resolution") or {}).get("name"), f["project"]["id"], f["project"]["key"], f["created"],
                     f["updated"], f.get("resolutiondate"), f.get("duedate"),
                     (f.get("assignee") or {}).get("displayName"), (f.get("creator") or {}).get("displayName"),
                     ",".join(f["labels"]), f.get("customfield_10016"), (f.get("parent") or {}).get("id")))
    insert("item", rows)
    ids += [row[0] for row in rows]
for start in range(0, len(ids), 1000):
    body = {"issueIdsOrKeys": ids[start:start + 1000], "maxResults": 5000}
    for logs in pages("changelog/bulkfetch", body, "issueChangeLogs"):
        insert("change", [(log["issueId"], n, history["created"], item["field"], item.get("from"), item.get("to"))
                          for log in logs for n, (history, item) in enumerate(
                              (history, item) for history in log["changeHistories"] for item in history["items"])])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"requests": sent, "start": began, "pull": time.process_time() - began,
                  "rss": used.ru_maxrss / 1024}))
"""

OURS = """
import json, resource, sys, time
from okrsync import linking, logs
from okrsync.cli.session import Session
from okrsync.store import sources
from okrsync.sync import Options, Watcher, reconcile
logs.configure(level=40)
session = Session(sys.argv[1])
with session.store.begin() as tx:
    sources.register(tx, session.config.sources)
source, = session.config.sources
session.connect(source)
began = time.process_time()
result = reconcile(session.store, source, connect=session.connect, clock=session.now, options=Options(),
                   watcher=Watcher())
assert result.state == "ok", result.error
pulled = time.process_time()
with session.store.begin() as tx:
    linking.relink(tx, session.config, session.now())
linked = time.process_time()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"requests": result.requests, "start": began, "pull": pulled - began, "link": linked - pulled,
                  "rss": used.ru_maxrss / 1024}))
"""


def play(size: int, ready: multiprocessing.connection.Connection) -> None:  # type: ignore[name-defined]
    """Serve ``size`` issues in a process of its own."""
    from okrsync.sandbox import Sandbox
    from okrsync.sandbox.bulk import many

    with Sandbox(many(size)) as sandbox:
        ready.send(sandbox.url)
        time.sleep(3600)


def measured(script: str, *arguments: str) -> dict[str, float]:
    """What a child process says of itself."""
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def one(size: int) -> dict[str, dict[str, float]]:
    """The figures at one size."""
    ours, theirs = multiprocessing.Pipe()
    player = multiprocessing.get_context("spawn").Process(target=play, args=(size, theirs), daemon=True)
    player.start()
    url = ours.recv()
    site = f"{url}/jira/bulk"
    try:
        with tempfile.TemporaryDirectory() as folder:
            base = Path(folder)
            (base / "token").write_text("bench")
            config = base / "okrsync.toml"
            config.write_text(CONFIG.format(url=site, year=datetime.now(UTC).year))
            return {
                "floor": measured(FLOOR, site, str(base / "floor.db")),
                "first": measured(OURS, str(config)),
                "second": measured(OURS, str(config)),
            }
    finally:
        player.terminate()
        player.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 50_000])
    row = "{:>8} {:>8} {:>9} {:>8} {:>8} {:>8} {:>13} {:>8} {:>8}".format
    print(row("items", "run", "requests", "start s", "pull s", "link s", "pull ms/item", "x floor", "RSS MB"))
    taken: list[tuple[int, dict[str, dict[str, float]]]] = []
    for size in sorted(parser.parse_args().sizes):
        runs = one(size)
        taken.append((size, runs))
        floor = runs["floor"]["pull"]
        for name, run in runs.items():
            print(
                row(size, name, int(run["requests"]), f"{run['start']:.2f}", f"{run['pull']:.2f}",
                    f"{run.get('link', 0.0):.2f}", f"{1000 * run['pull'] / size:.4f}", f"{run['pull'] / floor:.2f}",
                    f"{run['rss']:.0f}")
            )  # fmt: skip
    if len(taken) > 1:
        (small, before), (large, after) = taken[0], taken[-1]
        floor, ours, link = (
            1000 * (after[run][part] - before[run][part]) / (large - small)
            for run, part in (("floor", "pull"), ("first", "pull"), ("first", "link"))
        )
        print(f"per further item: floor {floor:.4f} ms, pull {ours:.4f} ms ({ours / floor:.2f} x), link {link:.4f} ms")


if __name__ == "__main__":
    main()
