"""The site itself: who we are, what there is, what we may do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from okrsync.sandbox.jira.account import GLOBAL_PERMISSIONS, PERMISSIONS
from okrsync.sandbox.jira.call import NO_ISSUE, Call, refuse
from okrsync.sandbox.jira.issue import stamp
from okrsync.sandbox.web import Response

_PROJECT_PAGE = 50
_LOCALES = {"": "en_US", "de": "de_DE", "fr": "fr_FR", "zh": "zh_CN"}


def server_info(call: Call) -> Response:
    now = call.site.clock()
    version, kind = ([10, 3, 24], "Server") if call.site.datacenter else ([1001, 0, 0], "Cloud")
    return Response.of(
        {
            "baseUrl": call.home,
            **({} if call.site.datacenter else {"displayUrl": call.home}),
            "version": ".".join(map(str, version)) + ("" if call.site.datacenter else "-SNAPSHOT"),
            "versionNumbers": version,
            "deploymentType": kind,
            "buildNumber": 100290,
            "buildDate": "2026-11-02T09:13:36.000+0000",
            "serverTime": stamp(now, call.account.zone),
            "scmInfo": "sandbox",
            "serverTitle": call.site.name,
            "serverTimeZone": "UTC",
        }
    )


def myself(call: Call) -> Response:
    _signed_in(call)
    user = {**call.account.user(call.base), "emailAddress": call.account.email}
    return Response.of(
        {
            **call.face.user(user),
            "locale": _LOCALES[call.account.language],
            "groups": {"size": 1, "items": []},
            "applicationRoles": {"size": 1, "items": []},
            "expand": "groups,applicationRoles",
        }
    )


def _signed_in(call: Call) -> None:
    if call.account.anonymous:
        raise refuse(401, "Client must be authenticated to access this resource.")


def my_permissions(call: Call) -> Response:
    """What the account may do, in a project or on an issue where one is named."""
    names = call.request.every("permissions")
    if call.site.datacenter:
        names = list(PERMISSIONS)  # all of them, whatever is asked for
    if not names:
        raise refuse(400, "The 'permissions' query parameter is required.")
    if unknown := [name for name in names if name not in PERMISSIONS]:
        raise refuse(400, f"Unrecognized permission: {', '.join(unknown)}")
    reads = _reads_context(call)
    return Response.of(
        {
            "permissions": {
                name: {
                    "id": str(PERMISSIONS.index(name)),
                    "key": name,
                    "name": name.replace("_", " ").capitalize(),
                    "type": "GLOBAL" if name in GLOBAL_PERMISSIONS else "PROJECT",
                    "description": "",
                    "havePermission": call.account.may(name) and (reads or name in GLOBAL_PERMISSIONS),
                }
                for name in names
            }
        }
    )


def _reads_context(call: Call) -> bool:
    """Whether the project or issue of the query can be read; 404 where there is none."""
    request = call.request
    if name := request.first("projectKey") or request.first("projectId"):
        project = call.site.project(name)
        if project is None or not call.site.sees_project(call.account, project):
            raise refuse(404, f"No project could be found with key '{name}'.")
    if name := request.first("issueKey") or request.first("issueId"):
        issue = call.site.find(name)
        if issue is None or not call.site.sees(call.account, issue):
            raise refuse(404, NO_ISSUE)
    return True


def project_search(call: Call) -> Response:
    """Projects that the account sees, a page at a time, ordered by key."""
    start, size = call.number("startAt", 0), min(call.number("maxResults", _PROJECT_PAGE, least=1), _PROJECT_PAGE)
    keys = {key.casefold() for key in call.request.every("keys")}
    ids = set(call.request.every("id"))
    query = call.request.first("query", "") or ""
    status = call.request.every("status") or ["live"]
    found = [
        project
        for project in sorted(call.site.projects.values(), key=lambda project: project["key"])
        if call.site.sees_project(call.account, project)
        and (not keys or project["key"].casefold() in keys)
        and (not ids or project["id"] in ids)
        and (not query or query.casefold() in f"{project['key']} {project['name']}".casefold())
        and ("archived" if project.get("archived") else "deleted" if project.get("deleted") else "live") in status
    ]
    page = found[start : start + size]
    answer: dict[str, Any] = {
        "self": f"{call.api}/project/search?{urlencode({'startAt': start, 'maxResults': size})}",
        "maxResults": size,
        "startAt": start,
        "total": len(found),
        "isLast": start + len(page) >= len(found),
        "values": [_project(project, call) for project in page],
    }
    if not answer["isLast"]:
        answer["nextPage"] = f"{call.api}/project/search?{urlencode({'startAt': start + size, 'maxResults': size})}"
    return Response.of(answer)


def projects(call: Call) -> Response:
    """Data Center's list: every project that the account sees, whole; archived ones only where they are asked for."""
    archived = call.request.first("includeArchived") == "true"
    found = [
        project
        for project in sorted(call.site.projects.values(), key=lambda project: project["name"])
        if call.site.sees_project(call.account, project) and (archived or not project.get("archived"))
    ]
    return Response.of([_project(project, call) for project in found])


def tokens(call: Call) -> Response:
    """The personal access tokens of the account, on Data Center."""
    _signed_in(call)
    born = stamp(call.site.clock().replace(month=1, day=1))
    expires = call.site.token_expires
    row: dict[str, Any] = {"id": 1, "name": "okrsync", "createdAt": born, "lastAccessedAt": born}
    return Response.of([row | ({"expiringAt": stamp(expires)} if expires else {})])


def tenant(call: Call) -> Response:
    """Which site this is, to anybody: what the gateway calls it."""
    return Response.of({"cloudId": call.site.cloud_id})


def project(call: Call) -> Response:
    return Response.of(_project(_visible_project(call), call))


def _visible_project(call: Call) -> dict[str, Any]:
    name = call.args["project"]
    found = call.site.project(name)
    if found is None or not call.site.sees_project(call.account, found):
        what = "id" if name.isdecimal() else "key"
        raise refuse(404, f"No project could be found with {what} '{name}'.")
    return found


def _project(project: dict[str, Any], call: Call) -> dict[str, Any]:
    return {**call.face.row(project), "self": f"{call.api}/project/{project['id']}"}


def project_statuses(call: Call) -> Response:
    """The statuses in use in a project, by issue type."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    wanted = _visible_project(call)["id"]
    for issue in call.site.issues.values():
        if issue.project_id == wanted:
            status = issue.fields["status"]
            found.setdefault(issue.fields["issuetype"]["id"], {})[status["id"]] = status
    answer = []
    for kind in call.site.issue_types:
        if statuses := found.pop(kind["id"], None):
            row = {"id": kind["id"], "name": kind["name"], "subtask": bool(kind.get("subtask"))}
            answer.append({**row, "self": f"{call.api}/issuetype/{kind['id']}", "statuses": list(statuses.values())})
    return Response.of(answer)


def fields(call: Call) -> Response:
    return Response.of(call.face.fields())


def statuses(call: Call) -> Response:
    return Response.of(_rows(call.site.statuses, "status", call))


def issue_types(call: Call) -> Response:
    return Response.of(_rows(call.site.issue_types, "issuetype", call))


def link_types(call: Call) -> Response:
    return Response.of({"issueLinkTypes": _rows([call.site.link_type], "issueLinkType", call)})


def _rows(rows: Iterable[dict[str, Any]], kind: str, call: Call) -> list[dict[str, Any]]:
    return [{**call.face.row(row), "self": f"{call.api}/{kind}/{row['id']}"} for row in rows]
