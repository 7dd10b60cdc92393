"""The types of GitHub's GraphQL that the sandbox knows, each field with the way to its value.

A test holds every one against GitHub's published schema. Values are what the sandbox keeps: repositories as they are,
what belongs to one beside it (:class:`Of`), and the call itself as the root.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from okrsync.sandbox.github import merging
from okrsync.sandbox.github.addresses import WEB
from okrsync.sandbox.github.call import Call
from okrsync.sandbox.github.graphql.connections import MOST, PAGE_INFO, Args, connected, connection
from okrsync.sandbox.github.graphql.execute import Kind, Problem, Schema
from okrsync.sandbox.github.show import html_of
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Commit, Issue, Ref, Signature, User, restamp


class Of(NamedTuple):
    """Something of a repository: an issue, a pull request, a commit, a label, a milestone, the name of a branch."""

    state: State
    thing: Any


def type_of(value: Any) -> str:
    """The type of a value that stands where several may."""
    if isinstance(value, State):
        return "Repository"
    if isinstance(value, User):
        return value.type
    thing = value.thing
    if isinstance(thing, Commit):
        return "Commit"
    return "PullRequest" if thing.pull else "Issue"


# ── the root ──


def _repository(call: Call, args: Args) -> State:
    name = f"{args['owner']}/{args['name']}"
    found = call.directory.named(name)
    if found is None or found.hidden:
        raise Problem("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    return found


def _node(call: Call, id_: str) -> Of | State | Problem:
    for state in call.directory.repositories.values():
        if state.hidden:
            continue
        if state.node_id == id_:
            return state
        if found := state.node(id_):
            return Of(state, found)
    return Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{id_}'")


def _nodes(call: Call, args: Args) -> list[Of | State | Problem]:
    ids = args["ids"]
    if len(ids) > MOST:
        words = f"You may not provide more than {MOST} node ids; you provided {len(ids)}."
        raise Problem("ARGUMENT_LIMIT", words)
    return [_node(call, one) for one in ids]


def _rate_limit(call: Call, _: Args) -> dict[str, Any]:
    budget = call.limits.budget(call.token, "graphql")
    return {**budget.raw(), "reset": restamp(budget.reset.isoformat())}


_QUERY = {
    "node": Kind(lambda call, args: _node(call, args["id"]), "Node"),
    "nodes": Kind(_nodes, "Node"),
    "repository": Kind(_repository, "Repository"),
    "rateLimit": Kind(_rate_limit, "RateLimit"),
    "viewer": Kind(lambda call, _: call.account.user, "User"),
}
_RATE_LIMIT = {
    "cost": Kind(lambda _budget, _: 1),
    "limit": Kind(lambda budget, _: budget["limit"]),
    "remaining": Kind(lambda budget, _: budget["remaining"]),
    "used": Kind(lambda budget, _: budget["used"]),
    "resetAt": Kind(lambda budget, _: budget["reset"]),
}


# ── repositories ──


def _numbered(what: str, fits: Callable[[Issue], bool]) -> Callable[[State, Args], Of]:
    def resolve(state: State, args: Args) -> Of:
        found = state.issues.get(args["number"])
        if found is None or not fits(found):
            raise Problem("NOT_FOUND", f"Could not resolve to {what} with the number of {args['number']}.")
        return Of(state, found)

    return resolve


def _listed(*, pulls: bool) -> Callable[[State, Args], list[Of]]:
    def find(state: State, args: Args) -> list[Of]:
        order = args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
        found = state.ordered("updated" if order["field"] == "UPDATED_AT" else "created")
        if order["direction"] == "DESC":
            found = found[::-1]
        wanted = args.get("states")
        wanted = [wanted] if isinstance(wanted, str) else wanted
        since = (args.get("filterBy") or {}).get("since")
        return [
            Of(state, issue)
            for issue in found
            if (issue.pull is not None) is pulls
            and (wanted is None or _state_of(issue) in wanted)
            and (since is None or issue.updated_at >= restamp(since))
        ]

    return find


def _state_of(issue: Issue) -> str:
    return "MERGED" if issue.pull and issue.pull.merged_at else issue.state.upper()


def _ref(state: State, args: Args) -> Of | None:
    name = args["qualifiedName"].removeprefix("refs/heads/")
    return Of(state, name) if name in state.branches else None


def _object(state: State, args: Args) -> Of | None:
    sha = state.commit_of(args.get("oid") or args.get("expression") or "")
    commit = state.history.commits.get(sha or "")
    return Of(state, commit) if commit else None


_REPOSITORY = {
    "id": Kind(lambda state, _: state.node_id),
    "databaseId": Kind(lambda state, _: state.id),
    "name": Kind(lambda state, _: state.name),
    "nameWithOwner": Kind(lambda state, _: state.full_name),
    "url": Kind(lambda state, _: f"{WEB}/{state.full_name}"),
    "owner": Kind(lambda state, _: state.owner, "RepositoryOwner"),
    "isPrivate": Kind(lambda state, _: bool(state.facts.get("private"))),
    "isArchived": Kind(lambda state, _: bool(state.facts.get("archived"))),
    "isEmpty": Kind(lambda state, _: not state.branches),
    "createdAt": Kind(lambda state, _: state.created_at),
    "updatedAt": Kind(lambda state, _: state.updated_at),
    "pushedAt": Kind(lambda state, _: state.pushed_at if state.branches else None),
    "defaultBranchRef": Kind(lambda state, _: Of(state, state.default_branch) if state.head else None, "Ref"),
    "ref": Kind(_ref, "Ref"),
    "object": Kind(_object, "GitObject"),
    "issue": Kind(_numbered("an Issue", lambda issue: issue.pull is None), "Issue"),
    "pullRequest": Kind(_numbered("a PullRequest", lambda issue: issue.pull is not None), "PullRequest"),
    "issueOrPullRequest": Kind(_numbered("an issue or pull request", lambda _: True), "IssueOrPullRequest"),
    "issues": Kind(connected("issues", _listed(pulls=False)), "IssueConnection"),
    "pullRequests": Kind(connected("pullRequests", _listed(pulls=True)), "PullRequestConnection"),
}
_REF = {
    "name": Kind(lambda ref, _: ref.thing),
    "prefix": Kind(lambda _ref, _: "refs/heads/"),
    "target": Kind(lambda ref, _: _object(ref.state, {"expression": ref.thing}), "GitObject"),
}


# ── issues and pull requests ──


def _milestone(one: Of, _: Args) -> Of | None:
    number = one.thing.milestone
    return Of(one.state, one.state.milestones[number]) if number is not None else None


def _reason(one: Of, args: Args) -> str | None:
    reason = one.thing.state_reason
    if reason == "duplicate" and not args.get("enableDuplicate"):
        return "NOT_PLANNED"
    return reason.upper() if reason else None


def _found(one: Of, ref: Ref | None) -> Of | None:
    found = one.state.directory.issue(one.state.directory.current(ref)) if ref else None
    return Of(*found) if found else None


def _sub_issues(one: Of, _: Args) -> list[Of]:
    refs = one.state.directory.children(Ref(one.state.full_name, one.thing.number))
    return [found for ref in refs if (found := _found(one, ref))]


def _closing(one: Of, args: Args) -> list[Of]:
    if args.get("userLinkedOnly"):
        return [found for ref in one.thing.pull.closes if (found := _found(one, ref))]
    return [Of(*found) for found in merging.closing_references(one.state, one.thing)]


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


_COMMON: dict[str, Kind] = {
    "id": Kind(lambda one, _: one.thing.node_id),
    "number": Kind(lambda one, _: one.thing.number),
    "title": Kind(lambda one, _: one.thing.title),
    "body": Kind(lambda one, _: one.thing.body or ""),
    "url": Kind(lambda one, _: html_of(one.state, one.thing)),
    "state": Kind(lambda one, _: _state_of(one.thing)),
    "closed": Kind(lambda one, _: one.thing.state == "closed"),
    "closedAt": Kind(lambda one, _: one.thing.closed_at),
    "createdAt": Kind(lambda one, _: one.thing.created_at),
    "updatedAt": Kind(lambda one, _: one.thing.updated_at),
    "locked": Kind(lambda one, _: one.thing.locked),
    "author": Kind(lambda one, _: one.thing.user, "Actor"),
    "repository": Kind(lambda one, _: one.state, "Repository"),
    "milestone": Kind(_milestone, "Milestone"),
    "labels": Kind(
        connected("labels", lambda one, _: [Of(one.state, one.state.labels[name]) for name in one.thing.labels]),
        "LabelConnection",
    ),
    "assignees": Kind(connected("assignees", lambda one, _: one.thing.assignees), "UserConnection"),
}
_ISSUE = {
    **_COMMON,
    "databaseId": Kind(lambda one, _: one.thing.id),
    "stateReason": Kind(_reason),
    "issueType": Kind(lambda one, _: one.thing.type, "IssueType"),
    "parent": Kind(lambda one, _: _found(one, one.thing.parent), "Issue"),
    "subIssues": Kind(connected("subIssues", _sub_issues), "IssueConnection"),
    "closedByPullRequestsReferences": Kind(
        connected("closedByPullRequestsReferences", _closed_by), "PullRequestConnection"
    ),
}


def _merge_commit(one: Of, _: Args) -> Of | None:
    """The commit by which a pull request came in: also one that no list of commits here knows."""
    pull = one.thing.pull
    if not pull.merged_at or not pull.merge_sha:
        return None
    known = one.state.history.commits.get(pull.merge_sha)
    nobody = Signature("GitHub", "noreply@github.com", pull.merged_at)
    return Of(one.state, known or Commit(pull.merge_sha, "", "", nobody, nobody, None, None, ()))


_PULL = {
    **_COMMON,
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


# ── commits ──


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


_COMMIT = {
    "id": Kind(lambda one, _: one.thing.node_id),
    "oid": Kind(lambda one, _: one.thing.sha),
    "url": Kind(lambda one, _: f"{WEB}/{one.state.full_name}/commit/{one.thing.sha}"),
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
_GIT_ACTOR = {
    "name": Kind(lambda pair, _: pair[0].name),
    "email": Kind(lambda pair, _: pair[0].email),
    "date": Kind(lambda pair, _: pair[0].date),
    "user": Kind(lambda pair, _: pair[1] if pair[1] and pair[1].type == "User" else None, "User"),
}


# ── people, labels, milestones ──


def _login(user: User, _: Args) -> str:
    """GraphQL calls a bot by its name alone."""
    return user.login.removesuffix("[bot]")


_ACTOR = {"login": Kind(_login), "url": Kind(lambda user, _: f"{WEB}/{_login(user, {})}")}
_PERSON = {**_ACTOR, "id": Kind(lambda user, _: user.node_id), "databaseId": Kind(lambda user, _: user.id)}


def _attributes(**names: str) -> dict[str, Kind]:
    """Fields that are attributes of the thing, by another name."""

    def kind(own: str) -> Kind:
        return Kind(lambda one, _: getattr(one.thing, own))

    return {name: kind(own) for name, own in names.items()}


_TYPES: dict[str, dict[str, Kind]] = {
    "Query": _QUERY,
    "RateLimit": _RATE_LIMIT,
    "PageInfo": PAGE_INFO,
    "Repository": _REPOSITORY,
    "Ref": _REF,
    "Issue": _ISSUE,
    "PullRequest": _PULL,
    "Commit": _COMMIT,
    "GitActor": _GIT_ACTOR,
    "User": _PERSON,
    "Bot": _PERSON,
    "Organization": _PERSON,
    "Label": {**_attributes(id="node_id", name="name", color="color", description="description")},
    "Milestone": {
        "state": Kind(lambda one, _: one.thing.state.upper()),
        **_attributes(id="node_id", number="number", title="title", description="description"),
        **_attributes(dueOn="due_on", closedAt="closed_at", createdAt="created_at", updatedAt="updated_at"),
    },
    "IssueType": {
        "name": Kind(lambda type_, _: type_["name"]),
        "description": Kind(lambda type_, _: type_["description"]),
    },
    "Node": {"id": Kind(lambda one, _: one.node_id if isinstance(one, State) else one.thing.node_id)},
    "IssueOrPullRequest": {},
    "Actor": _ACTOR,
    "RepositoryOwner": {**_ACTOR, "id": _PERSON["id"]},
    "GitObject": {"oid": _COMMIT["oid"], "id": _COMMIT["id"]},
    **connection("Issue"),
    **connection("PullRequest"),
    **connection("Commit"),
    **connection("Label"),
    **connection("User"),
}
_TYPES["CommitHistoryConnection"] = _TYPES["CommitConnection"]

SCHEMA = Schema(
    types=_TYPES,
    abstract={
        "Node": frozenset({"Repository", "Issue", "PullRequest", "Commit"}),
        "IssueOrPullRequest": frozenset({"Issue", "PullRequest"}),
        "Actor": frozenset({"User", "Bot", "Organization"}),
        "RepositoryOwner": frozenset({"User", "Organization"}),
        "GitObject": frozenset({"Commit"}),
    },
    type_of=type_of,
)
