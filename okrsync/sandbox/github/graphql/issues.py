"""Issues and pull requests, and what stands around them."""

from __future__ import annotations

from okrsync.sandbox.github import merging
from okrsync.sandbox.github.graphql.connections import Args, connected
from okrsync.sandbox.github.graphql.execute import Kind
from okrsync.sandbox.github.graphql.repositories import state_of
from okrsync.sandbox.github.graphql.things import Of, found
from okrsync.sandbox.github.show import html_of
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Commit, Ref, Signature


def _milestone(one: Of, _: Args) -> Of | None:
    number = one.thing.milestone
    return Of(one.state, one.state.milestones[number]) if number is not None else None


def reason_of(reason: str | None, args: Args) -> str | None:
    """A duplicate is called one only where that is asked for."""
    if reason == "duplicate" and not args.get("enableDuplicate"):
        return "NOT_PLANNED"
    return reason.upper() if reason else None


def _labels(one: Of) -> list[str]:
    names: list[str] = one.state.seen("labels", one.thing.number, one.thing.labels)
    return names


def _here(one: Of) -> Ref:
    return Ref(one.state.full_name, one.thing.number)


def _all(one: Of, refs: list[Ref]) -> list[Of]:
    return [there for ref in refs if (there := found(one, ref))]


def _closing(one: Of, args: Args) -> list[Of]:
    if args.get("userLinkedOnly"):
        return _all(one, one.thing.pull.closes)
    return [Of(*place) for place in merging.closing_references(one.state, one.thing)]


def _closed_by(one: Of, args: Args) -> list[Of]:
    """The pull requests that close an issue; merged and closed ones only where they are asked for."""
    return [
        Of(state, pull)
        for state in one.state.directory.repositories.values()
        if not state.hidden
        for pull in state.issues.values()
        if pull.pull and (pull.state == "open" or args.get("includeClosedPrs"))
        if any(issue is one.thing for _, issue in merging.closing_references(state, pull))
    ]


COMMON: dict[str, Kind] = {
    "id": Kind(lambda one, _: one.thing.node_id),
    "number": Kind(lambda one, _: one.thing.number),
    "title": Kind(lambda one, _: one.thing.title),
    "body": Kind(lambda one, _: one.thing.body or ""),
    "url": Kind(lambda one, _, root: html_of(one.state, one.thing, root.call.show.web), rooted=True),
    "state": Kind(lambda one, _: state_of(one.thing)),
    "closed": Kind(lambda one, _: one.thing.state == "closed"),
    "closedAt": Kind(lambda one, _: one.thing.closed_at),
    "createdAt": Kind(lambda one, _: one.thing.created_at),
    "updatedAt": Kind(lambda one, _: one.thing.updated_at),
    "locked": Kind(lambda one, _: one.thing.locked),
    "author": Kind(lambda one, _: one.thing.user, "Actor"),
    "repository": Kind(lambda one, _: one.state, "Repository"),
    "milestone": Kind(_milestone, "Milestone"),
    "labels": Kind(
        connected("labels", lambda one, _: [Of(one.state, one.state.labels[name]) for name in _labels(one)]),
        "LabelConnection",
    ),
    "assignees": Kind(connected("assignees", lambda one, _: one.thing.assignees), "UserConnection"),
}
ISSUE = {
    **COMMON,
    "databaseId": Kind(lambda one, _: one.thing.id),
    "stateReason": Kind(lambda one, args: reason_of(one.thing.state_reason, args)),
    "closedByPullRequestsReferences": Kind(
        connected("closedByPullRequestsReferences", _closed_by), "PullRequestConnection"
    ),
}
NEWER = {
    "issueType": Kind(lambda one, _: one.thing.type, "IssueType"),
    "parent": Kind(lambda one, _: found(one, one.thing.parent), "Issue"),
    "subIssues": Kind(
        connected("subIssues", lambda one, _: _all(one, one.state.directory.children(_here(one)))), "IssueConnection"
    ),
    "subIssuesSummary": Kind(lambda one, _, root: root.call.show.summary(_here(one)), "SubIssuesSummary", rooted=True),
    "blockedBy": Kind(connected("blockedBy", lambda one, _: _all(one, one.thing.blockers)), "IssueConnection"),
    "blocking": Kind(
        connected("blocking", lambda one, _: _all(one, one.state.directory.blocked(_here(one)))), "IssueConnection"
    ),
    "issueDependenciesSummary": Kind(
        lambda one, _, root: root.call.show.dependencies(one.thing, _here(one)), "IssueDependenciesSummary", rooted=True
    ),
}
"""What an Enterprise Server's issues do not have yet."""

SUMMARY = {
    "total": Kind(lambda told, _: told["total"]),
    "completed": Kind(lambda told, _: told["completed"]),
    "percentCompleted": Kind(lambda told, _: told["percent_completed"]),
}
DEPENDENCIES = {
    "blockedBy": Kind(lambda told, _: told["blocked_by"]),
    "totalBlockedBy": Kind(lambda told, _: told["total_blocked_by"]),
    "blocking": Kind(lambda told, _: told["blocking"]),
    "totalBlocking": Kind(lambda told, _: told["total_blocking"]),
}


def _merge_commit(one: Of, _: Args) -> Of | None:
    """The commit by which a pull request came in: also one that no list of commits here knows."""
    pull = one.thing.pull
    return commit_of(one.state, pull.merge_sha, pull.merged_at) if pull.merged_at and pull.merge_sha else None


def commit_of(state: State, sha: str, at: str) -> Of:
    """The commit of this sha; one that says nothing where the repository does not know it."""
    known = state.history.commits.get(sha)
    nobody = Signature("GitHub", "noreply@github.com", at)
    return Of(state, known or Commit(sha, "", "", nobody, nobody, None, None, ()))


PULL = {
    **COMMON,
    "databaseId": Kind(lambda one, _: one.thing.pull.id),
    "fullDatabaseId": Kind(lambda one, _: str(one.thing.pull.id)),
    "isDraft": Kind(lambda one, _: one.thing.pull.draft),
    "merged": Kind(lambda one, _: one.thing.pull.merged_at is not None),
    "mergedAt": Kind(lambda one, _: one.thing.pull.merged_at),
    "mergedBy": Kind(lambda one, _: one.thing.pull.merged_by, "Actor"),
    "mergeCommit": Kind(_merge_commit, "Commit"),
    "baseRefName": Kind(lambda one, _: one.thing.pull.base),
    "baseRefOid": Kind(lambda one, _: one.thing.pull.base_sha),
    "headRefName": Kind(lambda one, _: one.thing.pull.head),
    "headRefOid": Kind(lambda one, _: one.thing.pull.head_sha),
    "isCrossRepository": Kind(lambda one, _: one.thing.pull.fork is not None),
    "closingIssuesReferences": Kind(connected("closingIssuesReferences", _closing), "IssueConnection"),
}
