"""Every endpoint of Jira Cloud and of Jira Data Center that the sandbox serves."""

from __future__ import annotations

from okrsync.sandbox.jira import comments, hooks, issues, meta, offsets, properties, screens, search
from okrsync.sandbox.jira.call import Call
from okrsync.sandbox.web import Router

API = "/rest/api/3"
DATACENTER_API = "/rest/api/2"
_BOTH = (
    ("GET", "/serverInfo", meta.server_info),
    ("GET", "/myself", meta.myself),
    ("GET", "/mypermissions", meta.my_permissions),
    ("GET", "/project/{project}", meta.project),
    ("GET", "/project/{project}/statuses", meta.project_statuses),
    ("GET", "/field", meta.fields),
    ("GET", "/status", meta.statuses),
    ("GET", "/issuetype", meta.issue_types),
    ("GET", "/issueLinkType", meta.link_types),
    ("GET", "/issue/{issue}", issues.read),
    ("GET", "/issue/{issue}/editmeta", screens.edit_meta),
    ("PUT", "/issue/{issue}", issues.edit),
    ("DELETE", "/issue/{issue}", issues.delete),
    ("GET", "/issue/{issue}/properties", properties.listed),
    ("GET", "/issue/{issue}/properties/{key}", properties.read),
    ("PUT", "/issue/{issue}/properties/{key}", properties.write),
    ("DELETE", "/issue/{issue}/properties/{key}", properties.delete),
    ("GET", "/issue/{issue}/comment", comments.listed),
    ("POST", "/issue/{issue}/comment", comments.create),
    ("GET", "/issue/{issue}/comment/{comment}", comments.read),
    ("PUT", "/issue/{issue}/comment/{comment}", comments.update),
    ("DELETE", "/issue/{issue}/comment/{comment}", comments.delete),
)

ROUTER: Router[Call] = Router()
for _method, _pattern, _handler in (
    ("GET", "/project/search", meta.project_search),
    ("GET", "/search", search.removed),
    ("POST", "/search", search.removed),
    ("GET", "/search/jql", search.search_get),
    ("POST", "/search/jql", search.search_post),
    ("POST", "/search/approximate-count", search.count),
    ("POST", "/issue/bulkfetch", search.bulk_fetch),
    ("POST", "/changelog/bulkfetch", issues.bulk_histories),
    ("GET", "/issue/{issue}/changelog", issues.histories),
    ("POST", "/comment/list", comments.by_ids),
    *_BOTH,
):
    ROUTER.add(_method, API + _pattern, _handler)

DATACENTER: Router[Call] = Router()
for _router in (ROUTER, DATACENTER):
    for _method, _pattern, _handler in (
        ("GET", "", hooks.listed),
        ("POST", "", hooks.create),
        ("GET", "/{hook}", hooks.read),
        ("PUT", "/{hook}", hooks.update),
        ("DELETE", "/{hook}", hooks.delete),
    ):
        _router.add(_method, hooks.PATH + _pattern, _handler)
DATACENTER.add("GET", "/rest/pat/latest/tokens", meta.tokens)
for _method, _pattern, _handler in (
    ("GET", "/project", meta.projects),
    ("GET", "/search", offsets.search_get),
    ("POST", "/search", offsets.search_post),
    *_BOTH,
):
    DATACENTER.add(_method, DATACENTER_API + _pattern, _handler)
