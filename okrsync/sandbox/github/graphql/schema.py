"""The types of GitHub's GraphQL that the sandbox knows, each field with the way to its value.

A test holds every one against GitHub's published schema.
"""

from __future__ import annotations

from okrsync.sandbox.github.graphql import timeline
from okrsync.sandbox.github.graphql.commits import COMMIT, GIT_ACTOR, STATUS, STATUS_CONTEXT
from okrsync.sandbox.github.graphql.connections import PAGE_INFO, connection
from okrsync.sandbox.github.graphql.execute import Kind, Schema
from okrsync.sandbox.github.graphql.issues import DEPENDENCIES, ISSUE, NEWER, PULL, SUMMARY
from okrsync.sandbox.github.graphql.repositories import ACTOR, OWNER, PERSON, QUERY, RATE_LIMIT, REF, REPOSITORY
from okrsync.sandbox.github.graphql.things import attributes, type_of, type_of_event
from okrsync.sandbox.github.state import State

Types = dict[str, dict[str, Kind]]
_BOTH = ("Issue", "PullRequest")


def _types(*, newer: bool) -> Types:
    found: Types = {
        "Query": QUERY,
        "RateLimit": RATE_LIMIT,
        "PageInfo": PAGE_INFO,
        "Repository": REPOSITORY,
        "Ref": REF,
        "Issue": {
            **ISSUE,
            "comments": timeline.COMMENTS,
            "timelineItems": timeline.items("Issue"),
            **(NEWER if newer else {}),
        },
        "PullRequest": {**PULL, "comments": timeline.COMMENTS, "timelineItems": timeline.items("PullRequest")},
        "IssueComment": timeline.COMMENT,
        "Commit": COMMIT,
        "Status": STATUS,
        "StatusContext": STATUS_CONTEXT,
        "GitActor": GIT_ACTOR,
        "User": {**PERSON, **OWNER},
        "Bot": PERSON,
        "Organization": {**PERSON, **OWNER},
        "Label": {**attributes(id="node_id", name="name", color="color", description="description")},
        "Milestone": {
            "state": Kind(lambda one, _: one.thing.state.upper()),
            "description": Kind(lambda one, _: one.state.seen("milestone", one.thing.number, one.thing.description)),
            **attributes(id="node_id", number="number", title="title"),
            **attributes(dueOn="due_on", closedAt="closed_at", createdAt="created_at", updatedAt="updated_at"),
        },
        "Node": {"id": Kind(lambda one, _: one.node_id if isinstance(one, State) else one.thing.node_id)},
        "IssueOrPullRequest": {},
        "Actor": ACTOR,
        "Assignee": {},
        "RepositoryOwner": OWNER,
        "GitObject": {"oid": COMMIT["oid"], "id": COMMIT["id"]},
        **timeline.events(newer=newer),
    }
    for node in ("Issue", "PullRequest", "IssueComment", "Commit", "Label", "Milestone", "Ref", "Repository", "User"):
        found |= connection(node)
    found["CommitHistoryConnection"] = found["CommitConnection"]
    for type_ in _BOTH:
        name = f"{type_}TimelineItems"
        found[name] = {}
        found |= connection(name)
        found[f"{name}Connection"] |= timeline.COUNTS
    if newer:
        found |= {
            "IssueType": {
                "name": Kind(lambda type_, _: type_["name"]),
                "description": Kind(lambda type_, _: type_["description"]),
            },
            "SubIssuesSummary": SUMMARY,
            "IssueDependenciesSummary": DEPENDENCIES,
        }
    return found


def _schema(*, newer: bool) -> Schema:
    kinds = {type_: timeline.kinds(type_, newer=newer) for type_ in _BOTH}
    held = {type_: frozenset({"IssueComment", *map(type_of_event, kinds[type_])}) for type_ in _BOTH}
    return Schema(
        types=_types(newer=newer),
        abstract={
            "Node": frozenset({"Repository", "Issue", "PullRequest", "Commit"}),
            "IssueOrPullRequest": frozenset({"Issue", "PullRequest"}),
            "Actor": frozenset({"User", "Bot", "Organization"}),
            "Assignee": frozenset({"User", "Bot", "Organization"}),
            "RepositoryOwner": frozenset({"User", "Organization"}),
            "GitObject": frozenset({"Commit"}),
            **{f"{type_}TimelineItems": held[type_] for type_ in _BOTH},
        },
        type_of=type_of,
        words={
            f"{type_}TimelineItemsItemType": frozenset({"ISSUE_COMMENT", *map(timeline.item_type, kinds[type_])})
            for type_ in _BOTH
        },
    )


SCHEMA = _schema(newer=True)
OLDER = _schema(newer=False)
"""What an Enterprise Server has of it."""
