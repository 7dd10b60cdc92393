"""The floor of an Asana pull: the tasks of every project, and the subtasks of those that have some, into SQLite."""

import json
import resource
import sqlite3
import sys
import time

import orjson
import requests

url, path = sys.argv[1], sys.argv[2]
began = time.process_time()
FIELDS = (
    "name,notes,resource_subtype,completed,completed_at,created_at,modified_at,due_on,assignee.name,created_by.name,"
    "parent.gid,num_subtasks,permalink_url,approval_status,memberships.project.gid,memberships.section.gid,tags.name,"
    "dependencies.gid,custom_fields.gid,custom_fields.name,custom_fields.display_value,custom_fields.resource_subtype,"
    "custom_fields.number_value,is_rendered_as_separator"
)
base = sqlite3.connect(path, isolation_level=None)
base.execute("PRAGMA journal_mode=WAL")
base.execute(
    "CREATE TABLE item (id TEXT PRIMARY KEY, title TEXT, body TEXT, type TEXT, done INT, completed TEXT, created TEXT,"
    " updated TEXT, due TEXT, assignee TEXT, author TEXT, parent TEXT, url TEXT, scope TEXT, tags TEXT, fields TEXT)"
)
session, sent = requests.Session(), 0
session.headers["Authorization"] = "Bearer bench"


def pages(place, **query):
    global sent
    offset = {}
    while True:
        sent += 1
        answer = orjson.loads(session.get(f"{url}{place}", params={"limit": 100, **query, **offset}).content)
        yield answer["data"]
        if not answer.get("next_page"):
            return
        offset = {"offset": answer["next_page"]["offset"]}


def insert(tasks, scope):
    base.execute("BEGIN IMMEDIATE")
    base.executemany(
        f"INSERT OR REPLACE INTO item VALUES ({','.join('?' * 16)})",
        [
            (task["gid"], task["name"], task["notes"], task["resource_subtype"], task["completed"],
             task["completed_at"], task["created_at"], task["modified_at"], task["due_on"],
             (task["assignee"] or {}).get("name"), (task.get("created_by") or {}).get("name"),
             (task["parent"] or {}).get("gid"), task["permalink_url"], scope,
             ",".join(tag["name"] for tag in task["tags"]),
             ",".join(str(field.get("display_value")) for field in task["custom_fields"]))
            for task in tasks
        ],
    )  # fmt: skip
    base.execute("COMMIT")


for page in pages("/projects", workspace="900000"):
    for project in page:
        parents = []
        for tasks in pages("/tasks", project=project["gid"], opt_fields=FIELDS):
            insert(tasks, project["gid"])
            parents += [task["gid"] for task in tasks if task["num_subtasks"]]
        for gid in parents:
            for tasks in pages(f"/tasks/{gid}/subtasks", opt_fields=FIELDS):
                insert(tasks, project["gid"])
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"requests": sent, "start": began, "pull": time.process_time() - began, "rss": used.ru_maxrss / 1024}))
