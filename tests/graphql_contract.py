"""Queries held against GitHub's published GraphQL schema, and what that file lacks of the live one."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from graphql import GraphQLSchema, GraphQLSyntaxError, build_schema, parse, validate

NEWER = """
extend type Issue {
  issueType: IssueType
  blockedBy(first: Int, last: Int, after: String, before: String): IssueConnection!
  blocking(first: Int, last: Int, after: String, before: String): IssueConnection!
  issueDependenciesSummary: IssueDependenciesSummary!
}
type IssueType { id: ID!, name: String!, description: String }
type IssueDependenciesSummary { blockedBy: Int!, blocking: Int!, totalBlockedBy: Int!, totalBlocking: Int! }
type BlockedByAddedEvent { id: ID!, actor: Actor, createdAt: DateTime!, blockingIssue: Issue }
type BlockedByRemovedEvent { id: ID!, actor: Actor, createdAt: DateTime!, blockingIssue: Issue }
type BlockingAddedEvent { id: ID!, actor: Actor, createdAt: DateTime!, blockedIssue: Issue }
type BlockingRemovedEvent { id: ID!, actor: Actor, createdAt: DateTime!, blockedIssue: Issue }
type IssueTypeAddedEvent { id: ID!, actor: Actor, createdAt: DateTime!, issueType: IssueType }
type IssueTypeRemovedEvent { id: ID!, actor: Actor, createdAt: DateTime!, issueType: IssueType }
type IssueTypeChangedEvent {
  id: ID!, actor: Actor, createdAt: DateTime!, issueType: IssueType, prevIssueType: IssueType
}
extend union IssueTimelineItems = BlockedByAddedEvent | BlockedByRemovedEvent | BlockingAddedEvent
  | BlockingRemovedEvent | IssueTypeAddedEvent | IssueTypeRemovedEvent | IssueTypeChangedEvent
extend enum IssueTimelineItemsItemType {
  BLOCKED_BY_ADDED_EVENT BLOCKED_BY_REMOVED_EVENT BLOCKING_ADDED_EVENT BLOCKING_REMOVED_EVENT
  ISSUE_TYPE_ADDED_EVENT ISSUE_TYPE_REMOVED_EVENT ISSUE_TYPE_CHANGED_EVENT
}
"""
"""What live GitHub has and the file, of December 2025, has not."""


@lru_cache(maxsize=1)
def schema(path: Path) -> GraphQLSchema:
    """Every type of the file, and what is newer. The file names some fields twice, so it is not checked itself."""
    return build_schema(path.read_text(encoding="utf-8") + NEWER, assume_valid=True, assume_valid_sdl=True)


def problems(types: GraphQLSchema, query: str) -> list[str]:
    """What of a query the schema does not know; nothing where it is one that GitHub would run."""
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return [error.message]
    return [error.message for error in validate(types, document)]
