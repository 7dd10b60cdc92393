"""Commits and whoever signed them."""

from __future__ import annotations

from okrsync.sandbox.github.graphql.connections import Args, connected
from okrsync.sandbox.github.graphql.execute import Kind, Problem
from okrsync.sandbox.github.graphql.things import Of, Root, attributes
from okrsync.sandbox.github.values import restamp


def _history(one: Of, args: Args) -> list[Of]:
    since, until = args.get("since"), args.get("until")
    return [
        Of(one.state, commit)
        for commit in one.state.history.log(one.thing.sha)
        if (since is None or commit.committed.date >= restamp(since))
        and (until is None or commit.committed.date <= restamp(until))
    ]


def _parents(one: Of, _: Args) -> list[Of]:
    commits = one.state.history.commits
    return [Of(one.state, commits[sha]) for sha in one.thing.parents if sha in commits]


def _pulls_of(one: Of, _: Args) -> list[Of]:
    return [
        Of(one.state, issue)
        for issue in one.state.issues.values()
        if issue.pull and issue.pull.merged_at and issue.pull.merge_sha == one.thing.sha
    ]


def _status(one: Of, _: Args, root: Root) -> Of | None:
    """The newest status of each context, by context; None where a commit has none."""
    account = root.call.account
    if "statuses:read" in account.denied:
        by = "integration" if account.installation else "personal access token"
        raise Problem("FORBIDDEN", f"Resource not accessible by {by}")
    state, sha = one.state, one.thing.sha
    newest = {status.context: status for status in state.seen("statuses", sha, state.statuses.get(sha, []))}
    return Of(state, newest) if newest else None


STATUS = {
    "context": Kind(
        lambda one, args: Of(one.state, one.thing[args["name"]]) if args["name"] in one.thing else None, "StatusContext"
    ),
    "contexts": Kind(lambda one, _: [Of(one.state, status) for status in one.thing.values()], "StatusContext"),
}
STATUS_CONTEXT = {
    "state": Kind(lambda one, _: one.thing.state.upper()),
    "creator": Kind(lambda one, _: one.thing.creator, "Actor"),
    **attributes(id="node_id", context="context", description="description"),
    **attributes(targetUrl="target_url", createdAt="created_at"),
}

COMMIT = {
    "id": Kind(lambda one, _: one.thing.node_id),
    "oid": Kind(lambda one, _: one.thing.sha),
    "url": Kind(lambda one, _, root: f"{root.call.show.web}/{one.state.full_name}/commit/{one.thing.sha}", rooted=True),
    "message": Kind(lambda one, _: one.thing.message),
    "messageHeadline": Kind(lambda one, _: one.thing.message.partition("\n")[0]),
    "messageBody": Kind(lambda one, _: one.thing.message.partition("\n")[2].strip()),
    "authoredDate": Kind(lambda one, _: one.thing.authored.date),
    "committedDate": Kind(lambda one, _: one.thing.committed.date),
    "author": Kind(lambda one, _: (one.thing.authored, one.thing.author), "GitActor"),
    "committer": Kind(lambda one, _: (one.thing.committed, one.thing.committer), "GitActor"),
    "repository": Kind(lambda one, _: one.state, "Repository"),
    "status": Kind(_status, "Status", rooted=True),
    "parents": Kind(connected("parents", _parents), "CommitConnection"),
    "history": Kind(connected("history", _history), "CommitHistoryConnection"),
    "associatedPullRequests": Kind(connected("associatedPullRequests", _pulls_of), "PullRequestConnection"),
}
GIT_ACTOR = {
    "name": Kind(lambda pair, _: pair[0].name),
    "email": Kind(lambda pair, _: pair[0].email),
    "date": Kind(lambda pair, _: pair[0].date),
    "user": Kind(lambda pair, _: pair[1] if pair[1] and pair[1].type == "User" else None, "User"),
}
