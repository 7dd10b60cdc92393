"""Every endpoint of GitHub that the sandbox serves."""

from __future__ import annotations

from okrsync.sandbox.github import (
    comments,
    commits,
    installations,
    issues,
    links,
    meta,
    pulls,
    search,
    statuses,
    timeline,
)
from okrsync.sandbox.github.call import Call
from okrsync.sandbox.web import Router

ROUTER: Router[Call] = Router()
for _method, _pattern, _handler in (
    ("GET", "/user", meta.me),
    ("GET", "/users/{user}", meta.user),
    ("GET", "/rate_limit", meta.rate_limit),
    ("GET", "/app", installations.app),
    ("GET", "/app/installations/{installation}", installations.read),
    ("POST", "/app/installations/{installation}/access_tokens", installations.token),
    ("GET", "/installation/repositories", installations.repositories),
    ("GET", "/search/issues", search.issues),
    ("GET", "/orgs/{owner}/repos", meta.of_organisation),
    ("GET", "/users/{owner}/repos", meta.of_user),
):
    ROUTER.add(_method, _pattern, _handler)
for _method, _pattern, _handler in (
    ("GET", "", meta.repository),
    ("GET", "/issues", issues.listed),
    ("POST", "/issues", issues.create),
    ("GET", "/issues/comments", comments.of_repository),
    ("GET", "/issues/comments/{comment}", comments.read),
    ("PATCH", "/issues/comments/{comment}", comments.update),
    ("DELETE", "/issues/comments/{comment}", comments.delete),
    ("GET", "/issues/events", timeline.of_repository),
    ("GET", "/issues/{number}", issues.read),
    ("PATCH", "/issues/{number}", issues.update),
    ("GET", "/issues/{number}/comments", comments.listed),
    ("POST", "/issues/{number}/comments", comments.create),
    ("GET", "/issues/{number}/events", timeline.of_issue),
    ("GET", "/issues/{number}/labels", issues.labels),
    ("POST", "/issues/{number}/labels", issues.add_labels),
    ("PUT", "/issues/{number}/labels", issues.set_labels),
    ("DELETE", "/issues/{number}/labels/{name}", issues.remove_label),
    ("GET", "/issues/{number}/parent", links.parent),
    ("GET", "/issues/{number}/sub_issues", links.sub_issues),
    ("POST", "/issues/{number}/sub_issues", links.add_sub_issue),
    ("DELETE", "/issues/{number}/sub_issue", links.remove_sub_issue),
    ("GET", "/issues/{number}/dependencies/blocked_by", links.blocked_by),
    ("POST", "/issues/{number}/dependencies/blocked_by", links.add_blocker),
    ("DELETE", "/issues/{number}/dependencies/blocked_by/{blocker}", links.remove_blocker),
    ("GET", "/issues/{number}/dependencies/blocking", links.blocking),
    ("GET", "/pulls", pulls.listed),
    ("GET", "/pulls/{number}", pulls.read),
    ("PATCH", "/pulls/{number}", pulls.update),
    ("GET", "/pulls/{number}/commits", pulls.commits),
    ("GET", "/commits", commits.listed),
    ("GET", "/commits/{ref}", commits.read),
    ("GET", "/commits/{ref}/pulls", commits.pulls_of),
    ("GET", "/commits/{ref}/statuses", statuses.listed),
    ("GET", "/commits/{ref}/status", statuses.combined),
    ("POST", "/statuses/{ref}", statuses.create),
    ("GET", "/compare/{basehead+}", commits.compare),
    ("GET", "/branches", commits.branches),
    ("GET", "/branches/{branch+}", commits.branch),
    ("GET", "/labels", meta.labels),
    ("POST", "/labels", meta.create_label),
    ("GET", "/labels/{name}", meta.label),
    ("DELETE", "/labels/{name}", meta.delete_label),
    ("GET", "/milestones", meta.milestones),
    ("GET", "/milestones/{number}", meta.milestone),
    ("PATCH", "/milestones/{number}", meta.update_milestone),
):
    ROUTER.add(_method, "/repos/{owner}/{repo}" + _pattern, _handler)
    ROUTER.add(_method, "/repositories/{repository_id}" + _pattern, _handler)
