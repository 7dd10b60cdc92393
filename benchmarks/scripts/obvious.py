"""The obvious use of a tool's library: its objects one after another, a ``session.add`` each, a commit a hundred.

Usage: ``obvious.py TOOL URL DATABASE``.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator

from sqlmodel import Field, Session, SQLModel, create_engine

tool, url, path = sys.argv[1:]


class Row(SQLModel, table=True):
    id: str = Field(primary_key=True)
    key: str
    title: str
    body: str | None
    state: str
    created: str
    updated: str
    assignee: str | None
    labels: str
    kind: str


def jira() -> Iterator[Row]:
    from jira import JIRA

    client = JIRA(url, options={"rest_api_version": "3"}, basic_auth=("bench@acme.test", "bench"))
    for issue in client.enhanced_search_issues(
        "project in (P0, P1) ORDER BY updated", maxResults=0, expand="changelog"
    ):
        f = issue.fields
        yield Row(
            id=issue.id, key=issue.key, title=f.summary, body=str(f.description), state=f.status.statusCategory.key,
            created=f.created, updated=f.updated, assignee=f.assignee.displayName if f.assignee else None,
            labels=",".join(f.labels), kind=f.issuetype.name,
        )  # fmt: skip


def github() -> Iterator[Row]:
    from github import Auth, Github

    client = Github(auth=Auth.Token("bench"), base_url=url, per_page=100, seconds_between_requests=0)
    for name in ("bench/one", "bench/two"):
        repo = client.get_repo(name)
        for one in repo.get_issues(state="all", sort="updated", direction="asc"):
            yield Row(
                id=str(one.id), key=f"{name}#{one.number}", title=one.title, body=one.body, state=one.state,
                created=str(one.created_at), updated=str(one.updated_at),
                assignee=one.assignee.login if one.assignee else None,
                labels=",".join(label.name for label in one.labels), kind="pull" if one.pull_request else "issue",
            )  # fmt: skip
        for one in repo.get_pulls(state="all"):
            yield Row(
                id=f"pull {one.id}", key=f"{name}#{one.number}", title=one.head.ref, body=one.merge_commit_sha,
                state=str(one.merged_at), created=str(one.created_at), updated=str(one.updated_at), assignee=None,
                labels=one.base.ref, kind="pull",
            )  # fmt: skip
        for one in repo.get_commits():
            yield Row(
                id=one.sha, key=one.sha, title=one.commit.message, body=None, state="done",
                created=str(one.commit.author.date), updated=str(one.commit.committer.date),
                assignee=one.author.login if one.author else None, labels="", kind="commit",
            )  # fmt: skip


def asana() -> Iterator[Row]:
    from asana import ApiClient, Configuration, ProjectsApi, TasksApi

    settings = Configuration()
    settings.host, settings.access_token = url, "bench"
    client = ApiClient(settings)
    fields = (
        "name,notes,resource_subtype,completed,completed_at,created_at,modified_at,due_on,assignee.name,created_by.name,"
        "parent.gid,num_subtasks,permalink_url,approval_status,memberships.project.gid,memberships.section.gid,tags.name,"
        "dependencies.gid,custom_fields"
    )
    tasks = TasksApi(client)
    for project in list(ProjectsApi(client).get_projects({"workspace": "900000"})):
        for one in list(tasks.get_tasks({"project": project["gid"], "opt_fields": fields})):
            below = tasks.get_subtasks_for_task(one["gid"], {"opt_fields": fields}) if one["num_subtasks"] else ()
            for task in (one, *below):
                yield Row(
                    id=task["gid"], key=task["gid"], title=task["name"], body=task["notes"],
                    state=str(task["completed"]), created=task["created_at"], updated=task["modified_at"],
                    assignee=(task["assignee"] or {}).get("name"),
                    labels=",".join(tag["name"] for tag in task["tags"]), kind="task",
                )  # fmt: skip


engine = create_engine(f"sqlite:///{path}")
SQLModel.metadata.create_all(engine)
began = time.process_time()
with Session(engine) as session:
    for count, row in enumerate({"jira": jira, "github": github, "asana": asana}[tool](), start=1):
        session.add(row)
        if count % 100 == 0:
            session.commit()
    session.commit()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"requests": 0, "start": began, "pull": time.process_time() - began, "rss": used.ru_maxrss / 1024}))
