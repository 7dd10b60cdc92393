"""The queries for what GitHub's REST interface tells only one by one, and how their answers are read. Pure.

A pull request found by a query becomes a :class:`connectors.github_wire.Pull`; an issue becomes the entry that the list
of issues has for it, so that one function reads both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.github_wire import Pull, issue_id
from connectors.raw import inner, instant, text
from okrsync.model import Reference, ReferenceKind

CLOSED_PAGE = 100  # closing references a further page

_CLOSES = "nodes { number repository { databaseId nameWithOwner } } pageInfo { hasNextPage endCursor }"
_PULL = (
    "id number isDraft mergedAt baseRefName headRefName headRefOid mergeCommit { oid } "
    f"closingIssuesReferences(first: 20) {{ {_CLOSES} }}"
)
_COMMON = (
    "__typename title body url closed createdAt updatedAt closedAt author { __typename login } "
    "assignees(first: 1) { nodes { login } } labels(first: 100) { nodes { name } } milestone { number title }"
)

PULLS = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on PullRequest {{ {_PULL} }} }} }}"
"""The pull requests of these node ids, in their order; null where one cannot be read."""

MORE = (
    "query($id: ID!, $after: String) { node(id: $id) { ... on PullRequest { "
    f"closingIssuesReferences(first: {CLOSED_PAGE}, after: $after) {{ {_CLOSES} }} }} }} }}"
)
"""What else a pull request closes."""


def items_query(numbers: Iterable[int]) -> str:
    """The issues and pull requests of one repository by number: number N is called ``nN`` in the answer."""
    asked = " ".join(f"n{number}: issueOrPullRequest(number: {number}) {{ ...issue ...pull }}" for number in numbers)
    return (
        f"query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {asked} }} }} "
        f"fragment issue on Issue {{ {_COMMON} number stateReason(enableDuplicate: true) issueType {{ name }} "
        "parent { number repository { nameWithOwner } } } "
        f"fragment pull on PullRequest {{ {_COMMON} {_PULL} }}"
    )


def pull_of(node: Mapping[str, Any], more: Iterable[Reference] = ()) -> Pull:
    """What a query knows of a pull request; ``more`` is what it closes beyond the first page."""
    return Pull(
        branch=text(node, "headRefName"),
        base=text(node, "baseRefName"),
        head=text(node, "headRefOid"),
        draft=node.get("isDraft") is True,
        merged_at=instant(node.get("mergedAt")),
        merge_sha=text(node.get("mergeCommit"), "oid"),
        closes=(*closed_by(node), *more),
    )


def closed_by(node: object) -> list[Reference]:
    """The issues that a page of closing references names."""
    found = []
    for issue in _nodes(node, "closingIssuesReferences"):
        repository = issue.get("repository")
        name, number = text(repository, "nameWithOwner"), issue.get("number")
        if name and isinstance(number, int):
            known = inner(repository, "databaseId")
            key = f"{name}#{number}"
            target = issue_id(str(known), number) if isinstance(known, int) else key
            found.append(Reference(ReferenceKind.CLOSES, key, target, "closes"))
    return found


def after(node: object) -> str | None:
    """Where the next page of closing references begins; None where there is none."""
    page = inner(inner(node, "closingIssuesReferences"), "pageInfo")
    return text(page, "endCursor") if inner(page, "hasNextPage") is True else None


def is_pull(node: Mapping[str, Any]) -> bool:
    """Whether a query found a pull request."""
    return text(node, "__typename") == "PullRequest"


def entry_of(node: Mapping[str, Any]) -> dict[str, Any]:
    """What the list of issues says of the same issue or pull request."""
    author, parent = node.get("author"), node.get("parent")
    entry: dict[str, Any] = {
        "number": node.get("number"),
        "title": node.get("title"),
        "body": node.get("body"),
        "html_url": node.get("url"),
        "state": "closed" if node.get("closed") is True else "open",
        "state_reason": text(node, "stateReason").lower(),
        "created_at": node.get("createdAt"),
        "updated_at": node.get("updatedAt"),
        "closed_at": node.get("closedAt"),
        "user": {"login": text(author, "login"), "type": text(author, "__typename")},
        "assignee": next(iter(_nodes(node, "assignees")), None),
        "labels": _nodes(node, "labels"),
        "milestone": node.get("milestone"),
        "type": node.get("issueType"),
    }
    if is_pull(node):
        entry |= {"draft": node.get("isDraft"), "pull_request": {"merged_at": node.get("mergedAt")}}
    if name := text(inner(parent, "repository"), "nameWithOwner"):
        entry["parent_issue_url"] = f"/repos/{name}/issues/{inner(parent, 'number')}"
    return entry


def _nodes(holder: object, name: str) -> list[dict[str, Any]]:
    nodes = inner(inner(holder, name), "nodes")
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
