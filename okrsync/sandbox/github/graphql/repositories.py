"""The root of the schema, repositories, their owners, branches and tags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from okrsync.sandbox.github.graphql.connections import MOST, Args, connected
from okrsync.sandbox.github.graphql.execute import Kind, Problem
from okrsync.sandbox.github.graphql.things import Of, Root
from okrsync.sandbox.github.state import Sort, State
from okrsync.sandbox.github.values import Issue, Label, Milestone, User, restamp

_HEADS, _TAGS = "refs/heads/", "refs/tags/"


# ── the root ──


def _repository(root: Root, args: Args) -> State:
    name = f"{args['owner']}/{args['name']}"
    found = root.call.directory.named(name)
    renamed = found is not None and found.full_name.casefold() != name.casefold()
    if found is None or not root.call.sees(found) or (renamed and args.get("followRenames") is False):
        raise Problem("NOT_FOUND", f"Could not resolve to a Repository with the name '{name}'.")
    return found


def _owner(root: Root, args: Args) -> User | None:
    wanted = args["login"].casefold()
    owners = (state.owner for state in root.call.directory.repositories.values() if root.call.sees(state))
    return next((one for one in owners if one.login.casefold() == wanted), None)


def _node(root: Root, id_: str) -> Of | State | Problem:
    for state in root.call.directory.repositories.values():
        if not root.call.sees(state):
            continue
        if state.node_id == id_:
            return state
        if found := state.node(id_):
            return Of(state, found)
    return Problem("NOT_FOUND", f"Could not resolve to a node with the global id of '{id_}'")


def _nodes(root: Root, args: Args) -> list[Of | State | Problem]:
    ids = args["ids"]
    if len(ids) > MOST:
        words = f"You may not provide more than {MOST} node ids; you provided {len(ids)}."
        raise Problem("ARGUMENT_LIMIT", words)
    return [_node(root, one) for one in ids]


def _rate_limit(root: Root, _: Args) -> dict[str, Any] | None:
    limits = root.call.limits
    if limits is None:
        return None
    budget = limits.budget(root.call.token, "graphql")
    told = {"cost": root.price.points, "nodeCount": root.price.nodes, "resetAt": restamp(budget.reset.isoformat())}
    return {**budget.raw(), **told}


QUERY = {
    "node": Kind(lambda root, args: _node(root, args["id"]), "Node"),
    "nodes": Kind(_nodes, "Node"),
    "repository": Kind(_repository, "Repository"),
    "repositoryOwner": Kind(_owner, "RepositoryOwner"),
    "rateLimit": Kind(_rate_limit, "RateLimit"),
    "viewer": Kind(lambda root, _: root.call.account.user, "User"),
}
RATE_LIMIT = {
    name: Kind(lambda told, _, name=name: told[name])
    for name in ("cost", "limit", "nodeCount", "remaining", "resetAt", "used")
}


# ── owners ──


def _repositories(owner: User, args: Args, root: Root) -> list[State]:
    order = args.get("orderBy") or {"field": "NAME", "direction": "ASC"}
    archived, privacy = args.get("isArchived"), args.get("privacy")
    found = [
        state
        for state in root.call.directory.repositories.values()
        if state.owner == owner
        and root.call.sees(state)
        and archived in (None, bool(state.facts.get("archived")))
        and privacy in (None, "PRIVATE" if state.facts.get("private") else "PUBLIC")
    ]
    key = _REPOSITORY_ORDERS[order["field"]]
    return sorted(found, key=lambda state: (key(state), state.id), reverse=order["direction"] == "DESC")


_REPOSITORY_ORDERS: dict[str, Callable[[State], str]] = {
    "NAME": lambda state: state.full_name.casefold(),
    "CREATED_AT": lambda state: state.created_at,
    "UPDATED_AT": lambda state: state.updated_at,
    "PUSHED_AT": lambda state: state.pushed_at,
}


def _login(user: User, _: Args) -> str:
    """GraphQL calls a bot by its name alone."""
    return user.login.removesuffix("[bot]")


ACTOR = {
    "login": Kind(_login),
    "url": Kind(lambda user, _, root: f"{root.call.show.web}/{_login(user, {})}", rooted=True),
}
PERSON = {**ACTOR, "id": Kind(lambda user, _: user.node_id), "databaseId": Kind(lambda user, _: user.id)}
OWNER = {
    **ACTOR,
    "id": PERSON["id"],
    "repositories": Kind(connected("repositories", _repositories), "RepositoryConnection", rooted=True),
}


# ── repositories ──


def _numbered(what: str, fits: Callable[[Issue], bool]) -> Callable[[State, Args], Of]:
    def resolve(state: State, args: Args) -> Of:
        found = state.issues.get(args["number"])
        if found is None or not fits(found):
            raise Problem("NOT_FOUND", f"Could not resolve to {what} with the number of {args['number']}.")
        return Of(state, found)

    return resolve


def _listed(*, pulls: bool) -> Callable[[State, Args], Sequence[Issue]]:
    def find(state: State, args: Args) -> Sequence[Issue]:
        order = args.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
        sort: Sort = "updated" if order["field"] == "UPDATED_AT" else "created"
        found: Sequence[Issue] = state.ordered(sort, "pulls" if pulls else "issues")
        wanted = args.get("states")
        if wanted is not None:
            states = {wanted} if isinstance(wanted, str) else set(wanted)
            found = [issue for issue in found if state_of(issue) in states]
        if since := (args.get("filterBy") or {}).get("since"):
            found = [issue for issue in found if issue.updated_at >= restamp(since)]
        return found[::-1] if order["direction"] == "DESC" else found

    return find


def state_of(issue: Issue) -> str:
    """OPEN, CLOSED or MERGED."""
    return "MERGED" if issue.pull and issue.pull.merged_at else issue.state.upper()


def _milestones(state: State, args: Args) -> list[Milestone]:
    order = args.get("orderBy") or {"field": "NUMBER", "direction": "ASC"}
    wanted = args.get("states")
    found = [one for one in state.milestones.values() if wanted is None or one.state.upper() in wanted]
    key = _MILESTONE_ORDERS[order["field"]]
    return sorted(found, key=lambda one: (key(one), one.number), reverse=order["direction"] == "DESC")


_MILESTONE_ORDERS: dict[str, Callable[[Milestone], str | int]] = {
    "NUMBER": lambda one: one.number,
    "CREATED_AT": lambda one: one.created_at,
    "UPDATED_AT": lambda one: one.updated_at,
    "DUE_DATE": lambda one: one.due_on or "9",
}


def _label(state: State, args: Args) -> Of | None:
    found = state.labels.get(args["name"].casefold())
    return Of(state, found) if found else None


def _labels(state: State, args: Args) -> list[Label]:
    words = (args.get("query") or "").casefold()
    return [one for name, one in state.labels.items() if words in name]


def _milestone(state: State, args: Args) -> Of | None:
    found = state.milestones.get(args["number"])
    return Of(state, found) if found else None


def _permission(_state: State, _: Args, root: Root) -> str | None:
    """The highest role of the account there; an App has none."""
    account = root.call.account
    if account.installation is not None:
        return None
    held = account.permissions
    words = (("admin", "ADMIN"), ("maintain", "MAINTAIN"), ("push", "WRITE"), ("triage", "TRIAGE"), ("pull", "READ"))
    return next((word for name, word in words if held[name]), None)


def of(state: State, thing: Any) -> Of:
    return Of(state, thing)


REPOSITORY = {
    "id": Kind(lambda state, _: state.node_id),
    "databaseId": Kind(lambda state, _: state.id),
    "name": Kind(lambda state, _: state.name),
    "nameWithOwner": Kind(lambda state, _: state.full_name),
    "url": Kind(lambda state, _, root: f"{root.call.show.web}/{state.full_name}", rooted=True),
    "owner": Kind(lambda state, _: state.owner, "RepositoryOwner"),
    "isPrivate": Kind(lambda state, _: bool(state.facts.get("private"))),
    "isArchived": Kind(lambda state, _: bool(state.facts.get("archived"))),
    "isDisabled": Kind(lambda state, _: bool(state.facts.get("disabled"))),
    "isEmpty": Kind(lambda state, _: not state.branches),
    "hasIssuesEnabled": Kind(lambda state, _: state.facts.get("has_issues", True)),
    "viewerPermission": Kind(_permission, rooted=True),
    "createdAt": Kind(lambda state, _: state.created_at),
    "updatedAt": Kind(lambda state, _: state.updated_at),
    "pushedAt": Kind(lambda state, _: state.pushed_at if state.branches else None),
    "issue": Kind(_numbered("an Issue", lambda issue: issue.pull is None), "Issue"),
    "pullRequest": Kind(_numbered("a PullRequest", lambda issue: issue.pull is not None), "PullRequest"),
    "issueOrPullRequest": Kind(_numbered("an issue or pull request", lambda _: True), "IssueOrPullRequest"),
    "issues": Kind(connected("issues", _listed(pulls=False), of), "IssueConnection", required=True),
    "pullRequests": Kind(connected("pullRequests", _listed(pulls=True), of), "PullRequestConnection", required=True),
    "label": Kind(_label, "Label"),
    "labels": Kind(connected("labels", _labels, of), "LabelConnection"),
    "milestone": Kind(_milestone, "Milestone"),
    "milestones": Kind(connected("milestones", _milestones, of), "MilestoneConnection"),
}


# ── branches and tags ──


def _ref(state: State, args: Args) -> Of | None:
    """A branch or a tag by its name, qualified or not."""
    name = args["qualifiedName"]
    for prefix, known in ((_HEADS, state.branches), (_TAGS, state.tags)):
        if (bare := name.removeprefix(prefix)) in known:
            return Of(state, f"{prefix}{bare}")
    return None


def _refs(state: State, args: Args) -> list[str]:
    prefix, words = args["refPrefix"], args.get("query") or ""
    known = {_HEADS: state.branches, _TAGS: state.tags}.get(prefix if prefix.endswith("/") else f"{prefix}/", {})
    return [f"{prefix}{name}" for name in sorted(known) if words in name]


def _target(ref: Of, _: Args) -> Of | None:
    return object_of(ref.state, {"expression": ref.thing})


def object_of(state: State, args: Args) -> Of | None:
    """A commit by its sha or by what leads to it."""
    sha = state.commit_of(args.get("oid") or args.get("expression") or "")
    commit = state.history.commits.get(sha or "")
    return Of(state, commit) if commit else None


def _prefix(ref: Of) -> str:
    return _TAGS if ref.thing.startswith(_TAGS) else _HEADS


REPOSITORY |= {
    "defaultBranchRef": Kind(
        lambda state, _: Of(state, f"{_HEADS}{state.default_branch}") if state.head else None, "Ref"
    ),
    "ref": Kind(_ref, "Ref"),
    "refs": Kind(connected("refs", _refs, of), "RefConnection"),
    "object": Kind(object_of, "GitObject"),
}


def _guarded(kind: Kind, right: str) -> Kind:
    """The field, where the account has the right to read it."""

    def resolve(state: State, args: Args, root: Root) -> Any:
        account = root.call.account
        if f"{right}:read" in account.denied:
            by = "integration" if account.installation else "personal access token"
            raise Problem("FORBIDDEN", f"Resource not accessible by {by}")
        return kind.resolve(state, args)

    return replace(kind, resolve=resolve, rooted=True)


_RIGHTS = {
    "issues": ("issue", "issues", "label", "labels", "milestone", "milestones"),
    "pull_requests": ("pullRequest", "pullRequests"),
    "contents": ("defaultBranchRef", "ref", "refs", "object"),
}
REPOSITORY |= {name: _guarded(REPOSITORY[name], right) for right, names in _RIGHTS.items() for name in names}

REF = {
    "name": Kind(lambda ref, _: ref.thing.removeprefix(_prefix(ref))),
    "prefix": Kind(lambda ref, _: _prefix(ref)),
    "target": Kind(_target, "GitObject"),
}
