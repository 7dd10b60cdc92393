"""The same items through dlt's own REST source into SQLite, as its documentation shows it.

Usage: ``through_dlt.py TOOL URL FOLDER``, with an interpreter that has ``benchmarks/dlt.lock`` installed. dlt gets less
to do than we: no closing references, no subtasks, no ids for a census.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

tool, url, folder = sys.argv[1:]
os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": folder, "RUNTIME__LOG_LEVEL": "ERROR"}

import dlt  # noqa: E402
from dlt.sources.rest_api import rest_api_source  # noqa: E402

TASK = (
    "name,notes,resource_subtype,completed,completed_at,created_at,modified_at,due_on,assignee.name,created_by.name,"
    "parent.gid,num_subtasks,permalink_url,approval_status,memberships.project.gid,memberships.section.gid,tags.name,"
    "dependencies.gid,custom_fields.gid"
)
FIELDS = (
    "summary,status,issuetype,project,parent,labels,created,updated,assignee,duedate,resolution,resolutiondate,"
    "statuscategorychangedate,description,issuelinks,creator,customfield_10016"
)


def jira() -> dict[str, Any]:
    query = {
        "jql": "project in (P0, P1) ORDER BY updated ASC",
        "fields": FIELDS.split(","),
        "maxResults": 100,
        "expand": "changelog",
    }
    endpoint = {
        "path": "search/jql",
        "method": "POST",
        "json": query,
        "data_selector": "issues",
        "paginator": {"type": "cursor", "cursor_path": "nextPageToken", "cursor_body_path": "nextPageToken"},
    }
    sign_in = {"type": "http_basic", "username": "bench@acme.test", "password": "bench"}
    return {
        "client": {"base_url": f"{url}/rest/api/3/", "auth": sign_in},
        "resources": [{"name": "issues", "primary_key": "id", "endpoint": endpoint}],
    }


def github() -> dict[str, Any]:
    def listing(repo: str, name: str) -> dict[str, Any]:
        params = {"per_page": 100, "state": "all"} if name != "commits" else {"per_page": 100}
        return {
            "name": f"{repo}_{name}",
            "table_name": name,
            "endpoint": {"path": f"repos/bench/{repo}/{name}", "params": params},
        }

    return {
        "client": {
            "base_url": f"{url}/",
            "auth": {"type": "bearer", "token": "bench"},
            "paginator": {"type": "header_link"},
        },
        "resources": [listing(repo, name) for repo in ("one", "two") for name in ("issues", "pulls", "commits")],
    }


def asana() -> dict[str, Any]:
    paging = {"type": "cursor", "cursor_path": "next_page.offset", "cursor_param": "offset"}
    listing = {"data_selector": "data", "paginator": paging}
    tasks = {
        **listing,
        "path": "tasks",
        "params": {"project": "{resources.projects.gid}", "opt_fields": TASK, "limit": 100},
    }
    return {
        "client": {"base_url": f"{url}/", "auth": {"type": "bearer", "token": "bench"}},
        "resources": [
            {
                "name": "projects",
                "endpoint": {**listing, "path": "projects", "params": {"workspace": "900000", "limit": 100}},
            },
            {"name": "tasks", "primary_key": "gid", "endpoint": tasks},
        ],
    }


began = time.process_time()
destination = dlt.destinations.sqlalchemy(f"sqlite:///{Path(folder) / 'dlt.db'}")
pipeline = dlt.pipeline(pipeline_name=f"bench_{tool}", destination=destination, dataset_name="bench")
pipeline.run(rest_api_source({"jira": jira, "github": github, "asana": asana}[tool]()))  # type: ignore[arg-type]
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"requests": 0, "start": began, "pull": time.process_time() - began, "rss": used.ru_maxrss / 1024}))
