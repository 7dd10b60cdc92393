"""The floor of a Jira pull: issues and their changes into SQLite, by requests, orjson and executemany."""

import json
import resource
import sqlite3
import sys
import time

import orjson
import requests

url, path = sys.argv[1], sys.argv[2]
began = time.process_time()
fields = [
    "summary",
    "status",
    "issuetype",
    "project",
    "parent",
    "labels",
    "created",
    "updated",
    "assignee",
    "duedate",
    "resolution",
    "resolutiondate",
    "statuscategorychangedate",
    "description",
    "issuelinks",
    "creator",
    "customfield_10016",
]
base = sqlite3.connect(path, isolation_level=None)
base.execute("PRAGMA journal_mode=WAL")
base.execute(
    "CREATE TABLE item (id TEXT PRIMARY KEY, key TEXT, title TEXT, body TEXT, type TEXT, level INT,"
    " state TEXT, status TEXT, resolution TEXT, scope TEXT, project TEXT, created TEXT, updated TEXT,"
    " completed TEXT, due TEXT, assignee TEXT, author TEXT, labels TEXT, points REAL, parent TEXT)"
)
base.execute("CREATE TABLE change (id TEXT, n INT, at TEXT, kind TEXT, before TEXT, after TEXT, PRIMARY KEY (id, n))")
session, sent, ids = requests.Session(), 0, []
session.auth = ("bench@acme.test", "bench")


def pages(path, body, name):
    global sent
    token = None
    while True:
        more = {"nextPageToken": token} if token else {}
        page = orjson.loads(
            session.post(
                url + "/rest/api/3/" + path,
                data=orjson.dumps({**body, **more}),
                headers={"Content-Type": "application/json"},
            ).content
        )
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
        rows.append(
            (
                issue["id"],
                issue["key"],
                f["summary"],
                str(f.get("description")),
                f["issuetype"]["name"],
                f["issuetype"].get("hierarchyLevel"),
                f["status"]["statusCategory"]["key"],
                f["status"]["name"],
                (f.get("resolution") or {}).get("name"),
                f["project"]["id"],
                f["project"]["key"],
                f["created"],
                f["updated"],
                f.get("resolutiondate"),
                f.get("duedate"),
                (f.get("assignee") or {}).get("displayName"),
                (f.get("creator") or {}).get("displayName"),
                ",".join(f["labels"]),
                f.get("customfield_10016"),
                (f.get("parent") or {}).get("id"),
            )
        )
    insert("item", rows)
    ids += [row[0] for row in rows]
for start in range(0, len(ids), 1000):
    body = {"issueIdsOrKeys": ids[start : start + 1000], "maxResults": 5000}
    for logs in pages("changelog/bulkfetch", body, "issueChangeLogs"):
        insert(
            "change",
            [
                (log["issueId"], n, history["created"], item["field"], item.get("from"), item.get("to"))
                for log in logs
                for n, (history, item) in enumerate(
                    (history, item) for history in log["changeHistories"] for item in history["items"]
                )
            ],
        )
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"requests": sent, "start": began, "pull": time.process_time() - began, "rss": used.ru_maxrss / 1024}))
