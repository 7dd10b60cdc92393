"""Commits and whoever signed them."""

from __future__ import annotations

from okrsync.sandbox.github.graphql.connections import Args, connected
from okrsync.sandbox.github.graphql.execute import Kind
from okrsync.sandbox.github.graphql.things import Of
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
