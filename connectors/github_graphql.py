"""The queries for what GitHub's REST interface tells only one by one, and how their answers are read. Pure.

A pull request found by a query becomes a :class:`connectors.github_wire.Pull`; an issue becomes the entry that the list
of issues has for it, so that one function reads both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from connectors.github_wire import Pull, issue_id
from connectors.raw import inner, instant, text
from okrsync.model import Reference, ReferenceKind

if TYPE_CHECKING:
    from connectors.github_api import Hole  # loads PyGithub

GONE = frozenset({"NOT_FOUND", "FORBIDDEN"})
"""GitHub's words for what is not there, or not for us."""

CLOSES, BLOCKERS = "closingIssuesReferences", "blockedBy"
"""The connections of pull requests and of issues that name other issues."""

_KINDS = {CLOSES: (ReferenceKind.CLOSES, "closes"), BLOCKERS: (ReferenceKind.BLOCKED_BY, "blocked by")}
_NAMED = "nodes { number repository { databaseId nameWithOwner } } pageInfo { hasNextPage endCursor }"
_PULL = (
    "id number isDraft mergedAt baseRefName headRefName headRefOid mergeCommit { oid } "
    f"{CLOSES}(first: 20) {{ {_NAMED} }}"
)
_BLOCKED = f"id number {BLOCKERS}(first: 20) {{ {_NAMED} }}"
_COMMON = (
    "__typename title body url closed createdAt updatedAt closedAt author { __typename login } "
    "assignees(first: 1) { nodes { login } } labels(first: 100) { nodes { name } pageInfo { hasNextPage endCursor } } "
    "milestone { number title }"
)
_PARENT = "parent { number repository { nameWithOwner } }"
_KIN = (
    "kin: timelineItems(last: 1, itemTypes: [PARENT_ISSUE_ADDED_EVENT, PARENT_ISSUE_REMOVED_EVENT]) "
    "{ nodes { __typename } }"
)

PULLS = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on PullRequest {{ {_PULL} }} }} }}"
"""The pull requests of these node ids, in their order; null where one cannot be read."""

PULLS_AND_BLOCKED = (
    f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on PullRequest {{ {_PULL} }} ... on Issue {{ {_BLOCKED} }} }} }}"
)
"""The same, and what blocks the issues among them."""


def more_query(connection: str) -> str:
    """What else a pull request closes, or what else blocks an issue."""
    holder = {CLOSES: "PullRequest", BLOCKERS: "Issue"}[connection]
    return (
        f"query($id: ID!, $after: String) {{ node(id: $id) {{ ... on {holder} {{ "
        f"{connection}(first: 100, after: $after) {{ {_NAMED} }} }} }} }}"
    )


NEWER = frozenset({"issueType", "parent", BLOCKERS, "PARENT_ISSUE_ADDED_EVENT"})
"""What :func:`items_query` asks and not every server knows. An Enterprise Server may know one of these by its other
interface alone, and an item without it would be another item."""


def items_query(numbers: Iterable[int]) -> str:
    """The issues and pull requests of one repository by number: number N is called ``nN`` in the answer."""
    asked = " ".join(f"n{number}: issueOrPullRequest(number: {number}) {{ ...issue ...pull }}" for number in numbers)
    return (
        f"query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {asked} }} }} "
        f"fragment issue on Issue {{ {_COMMON} {_BLOCKED} stateReason(enableDuplicate: true) issueType {{ name }} "
        f"{_PARENT} {_KIN} }} fragment pull on PullRequest {{ {_COMMON} {_PULL} }}"
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
        closes=(*named_by(node, CLOSES), *more),
    )


def named_by(node: object, connection: str) -> list[Reference]:
    """The references to the issues that a page of such a connection names."""
    kind, evidence = _KINDS[connection]
    found = []
    for issue in nodes(node, connection):
        if at := place_of(issue):
            found.append(Reference(kind, *at, evidence))
    return found


def place_of(issue: object) -> tuple[str, str] | None:
    """Key and remote id of an issue that a query names; the id is the key where its repository's is not told."""
    repository, number = inner(issue, "repository"), inner(issue, "number")
    name = text(repository, "nameWithOwner")
    if not name or not isinstance(number, int):
        return None
    key, known = f"{name}#{number}", inner(repository, "databaseId")
    return key, issue_id(str(known), number) if isinstance(known, int) else key


def after(node: object, connection: str) -> str | None:
    """Where the next page of a connection begins; None where there is none."""
    page = inner(inner(node, connection), "pageInfo")
    return text(page, "endCursor") if inner(page, "hasNextPage") is True else None


def is_pull(node: object) -> bool:
    """Whether a query found a pull request."""
    return text(node, "__typename") == "PullRequest"


def tells_all(node: Mapping[str, Any]) -> bool:
    """Whether a node leaves nothing out: neither labels beyond a page, nor a parent that we may not read."""
    last = [text(event, "__typename") for event in nodes(node, "kin")]
    hidden = node.get("parent") is None and last == ["ParentIssueAddedEvent"]
    return not hidden and after(node, "labels") is None


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
        "assignee": next(iter(nodes(node, "assignees")), None),
        "labels": nodes(node, "labels"),
        "milestone": node.get("milestone"),
        "type": node.get("issueType"),
    }
    if is_pull(node):
        entry |= {"draft": node.get("isDraft"), "pull_request": {"merged_at": node.get("mergedAt")}}
    if name := text(inner(parent, "repository"), "nameWithOwner"):
        entry["parent_issue_url"] = f"/repos/{name}/issues/{inner(parent, 'number')}"
    return entry


def missing(holes: Iterable[Hole]) -> tuple[set[tuple[str | int, ...]], set[tuple[str | int, ...]]]:
    """Of an answer that names things in its second step: the places of what is gone or hidden, and the places of what
    is not told whole for any other reason."""
    gone: set[tuple[str | int, ...]] = set()
    torn: set[tuple[str | int, ...]] = set()
    for hole in holes:
        if hole.kind not in GONE:
            torn.add(hole.path[:2])
        elif len(hole.path) == 2:
            gone.add(hole.path)
    return gone, torn


def nodes(holder: object, name: str) -> list[dict[str, Any]]:
    """The objects in a connection."""
    found = inner(inner(holder, name), "nodes")
    return [node for node in found if isinstance(node, dict)] if isinstance(found, list) else []
