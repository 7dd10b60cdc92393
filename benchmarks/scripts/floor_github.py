"""The floor of a GitHub pull: issues, what GraphQL tells of pull requests, commits, and timelines into SQLite."""

import json
import re
import resource
import sqlite3
import sys
import time

import orjson
import requests

url, path = sys.argv[1], sys.argv[2]
began = time.process_time()
base = sqlite3.connect(path, isolation_level=None)
base.execute("PRAGMA journal_mode=WAL")
base.execute(
    "CREATE TABLE item (id TEXT PRIMARY KEY, key TEXT, title TEXT, body TEXT, type TEXT, state TEXT, status TEXT,"
    " resolution TEXT, scope TEXT, project TEXT, created TEXT, updated TEXT, completed TEXT, assignee TEXT,"
    " author TEXT, labels TEXT, milestone TEXT, parent TEXT, branch TEXT, base TEXT, head TEXT)"
)
base.execute("CREATE TABLE change (id TEXT, n INT, at TEXT, kind TEXT, before TEXT, after TEXT, PRIMARY KEY (id, n))")
session, sent, known = requests.Session(), 0, []
session.headers["Authorization"] = "Bearer bench"
NEXT = re.compile(r'<([^>]+)>; rel="next"')
QUERY = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on PullRequest { id number isDraft merged mergedAt baseRefName
 headRefName headRefOid mergeCommit { oid } closingIssuesReferences(first: 20) { nodes { number } } } } }"""

_EVENTS = """timelineItems(first: 100, itemTypes: [CLOSED_EVENT, REOPENED_EVENT, LABELED_EVENT, UNLABELED_EVENT,
 MILESTONED_EVENT, DEMILESTONED_EVENT]) { nodes { __typename ... on ClosedEvent { createdAt }
 ... on ReopenedEvent { createdAt } ... on LabeledEvent { createdAt label { name } }
 ... on UnlabeledEvent { createdAt label { name } } ... on MilestonedEvent { createdAt milestoneTitle }
 ... on DemilestonedEvent { createdAt milestoneTitle } } }"""
TIMELINES = (
    f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Issue {{ id {_EVENTS} }}"
    f" ... on PullRequest {{ id {_EVENTS} }} }} }}"
)


def ask(address, **options):
    global sent
    sent += 1
    return session.request("POST" if "data" in options else "GET", address, **options)


def pages(address):
    while address:
        answer = ask(address)
        yield orjson.loads(answer.content)
        found = NEXT.search(answer.headers.get("Link", ""))
        address = found[1] if found else None


def insert(rows, table="item"):
    if rows:
        base.execute("BEGIN IMMEDIATE")
        base.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)
        base.execute("COMMIT")


for name in ("bench/one", "bench/two"):
    repo = orjson.loads(ask(f"{url}/repos/{name}").content)
    for issues in pages(f"{url}/repos/{name}/issues?state=all&sort=updated&direction=asc&per_page=100"):
        ids = [issue["node_id"] for issue in issues if "pull_request" in issue]
        more = {}
        if ids:
            answer = ask(f"{url}/graphql", data=orjson.dumps({"query": QUERY, "variables": {"ids": ids}}))
            more = {node["id"]: node for node in orjson.loads(answer.content)["data"]["nodes"]}
        known += [issue["node_id"] for issue in issues]
        rows = []
        for issue in issues:
            pull = more.get(issue["node_id"], {})
            rows.append(
                (f"{repo['id']}#{issue['number']}", f"{name}#{issue['number']}", issue["title"], issue["body"],
                 (issue.get("type") or {}).get("name"), issue["state"], str(pull.get("merged")),
                 issue.get("state_reason"), repo["id"], name, issue["created_at"], issue["updated_at"],
                 issue["closed_at"], (issue.get("assignee") or {}).get("login"), (issue["user"] or {}).get("login"),
                 ",".join(label["name"] for label in issue["labels"]), str(issue.get("milestone")),
                 issue.get("parent_issue_url"), pull.get("headRefName"), pull.get("baseRefName"),
                 pull.get("headRefOid"))
            )  # fmt: skip
        insert(rows)
    for commits in pages(f"{url}/repos/{name}/commits?per_page=100"):
        insert(
            [
                (f"{repo['id']}@{one['sha']}", one["sha"], one["commit"]["message"].partition("\n")[0],
                 one["commit"]["message"].partition("\n")[2], "merge" if len(one["parents"]) > 1 else "", "done",
                 "committed", None, repo["id"], name, one["commit"]["author"]["date"],
                 one["commit"]["committer"]["date"], one["commit"]["committer"]["date"], None,
                 (one["author"] or {}).get("login"), "", "", None, "", "", "")
                for one in commits
            ]
        )  # fmt: skip
for start in range(0, len(known), 100):
    ids = known[start : start + 100]
    answer = ask(f"{url}/graphql", data=orjson.dumps({"query": TIMELINES, "variables": {"ids": ids}}))
    insert(
        [
            (node["id"], n, event["createdAt"], event["__typename"], None,
             (event.get("label") or {}).get("name") or event.get("milestoneTitle"))
            for node in orjson.loads(answer.content)["data"]["nodes"]
            for n, event in enumerate(node["timelineItems"]["nodes"])
        ],
        "change",
    )  # fmt: skip
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"requests": sent, "start": began, "pull": time.process_time() - began, "rss": used.ru_maxrss / 1024}))
