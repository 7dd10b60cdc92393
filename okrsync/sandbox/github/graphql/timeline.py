"""What happened to an issue or a pull request: its events and comments, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from okrsync.sandbox.github import timeline
from okrsync.sandbox.github.comments import visible
from okrsync.sandbox.github.graphql.connections import Args, Connection, connected
from okrsync.sandbox.github.graphql.execute import Kind
from okrsync.sandbox.github.graphql.issues import commit_of, reason_of
from okrsync.sandbox.github.graphql.things import Of, Root, found, type_of_event
from okrsync.sandbox.github.show import html_of
from okrsync.sandbox.github.values import Comment, Event, restamp

_COMMENT = "ISSUE_COMMENT"


@dataclass(frozen=True, slots=True)
class Timeline(Connection):
    """``everything`` is how many entries there are of all kinds, whatever kinds were asked for."""

    everything: int = 0


def item_type(kind: str) -> str:
    """The word of ``itemTypes`` for a kind of event: ``labeled`` → ``LABELED_EVENT``."""
    return ("renamed_title" if kind == "renamed" else kind).upper() + "_EVENT"


def _entries(one: Of, args: Args, root: Root) -> list[Event | Comment]:
    """The events and comments that the arguments let through, the oldest first."""
    wanted, since = args.get("itemTypes"), restamp(args["since"]) if args.get("since") else ""
    entries = [
        (at, entry) for at, kind, entry in _everything(one, root) if (wanted is None or kind in wanted) and at >= since
    ]
    entries.sort(key=lambda pair: pair[0])
    return [entry for _, entry in entries][args.get("skip") or 0 :]


def _everything(one: Of, root: Root) -> list[tuple[str, str, Event | Comment]]:
    """Instant, word of ``itemTypes`` and entry of all that happened, events first."""
    newer = root.call.show.newer
    events: list[tuple[str, str, Event | Comment]] = [
        (event.at, item_type(event.kind), event)
        for event in one.thing.events
        if newer or event.kind not in timeline.NEWER
    ]
    return events + [(comment.created_at, _COMMENT, comment) for comment in seen_comments(one)]


def seen_comments(one: Of) -> list[Comment]:
    """The comments of an issue or a pull request, oldest first, without those that are not visible yet."""
    now = one.state.directory.clock()
    return [comment for comment in one.thing.comments if visible(comment, now)]


COMMENTS = Kind(
    connected("comments", lambda one, _: seen_comments(one), lambda one, comment: Of(one.state, comment)),
    "IssueCommentConnection",
)
_connected = connected("timelineItems", _entries, lambda one, entry: Of(one.state, entry))


def _timeline(one: Of, args: Args, root: Root) -> Timeline:
    part = _connected(one, args, root)
    return Timeline(part.nodes, part.start, part.total, len(_everything(one, root)))


def items(type_: str) -> Kind:
    """The field ``timelineItems`` of an issue or a pull request."""
    words = {"itemTypes": f"{type_}TimelineItemsItemType"}
    return Kind(_timeline, f"{type_}TimelineItemsConnection", rooted=True, words=words)


def _updated(part: Timeline, _: Args) -> str:
    return max((one.thing.at for one in part.nodes if isinstance(one.thing, Event)), default="1970-01-01T00:00:00Z")


COUNTS = {
    "totalCount": Kind(lambda part, _: part.everything),
    "filteredCount": Kind(lambda part, _: part.total - part.start),
    "pageCount": Kind(lambda part, _: len(part.nodes)),
    "updatedAt": Kind(_updated),
}

# ── events ──

_EVENT = {
    "id": Kind(lambda one, _: one.thing.node_id),
    "createdAt": Kind(lambda one, _: one.thing.at),
    "actor": Kind(lambda one, _: one.thing.actor, "Actor"),
}


def _other(one: Of, _: Args) -> Of | None:
    return found(one, one.thing.other)


def _left(one: Of, _: Args) -> Any:
    there = one.state.directory.named(one.thing.repository)
    return there if there and not there.hidden else None


def _telling(**fields: Kind) -> dict[str, Kind]:
    return {**_EVENT, **fields}


def _named(name: str) -> Kind:
    return Kind(lambda one, _: getattr(one.thing, name))


_LABEL = Kind(lambda one, _: Of(one.state, one.thing.label), "Label")
_ASSIGNEE = Kind(lambda one, _: one.thing.user, "Assignee")
_TYPE = Kind(lambda one, _: one.thing.type, "IssueType")
_COMMIT = Kind(lambda one, _: commit_of(one.state, one.thing.sha, one.thing.at) if one.thing.sha else None, "Commit")
_EVENTS = {
    "labeled": _telling(label=_LABEL),
    "unlabeled": _telling(label=_LABEL),
    "closed": _telling(stateReason=Kind(lambda one, args: reason_of(one.thing.reason, args))),
    "reopened": _telling(stateReason=Kind(lambda _one, _: "REOPENED")),
    "milestoned": _telling(milestoneTitle=_named("name")),
    "demilestoned": _telling(milestoneTitle=_named("name")),
    "assigned": _telling(assignee=_ASSIGNEE),
    "unassigned": _telling(assignee=_ASSIGNEE),
    "renamed": _telling(previousTitle=_named("before"), currentTitle=_named("name")),
    "transferred": _telling(fromRepository=Kind(_left, "Repository")),
    "merged": _telling(commit=_COMMIT),
    "head_ref_force_pushed": _telling(
        beforeCommit=Kind(lambda one, _: commit_of(one.state, one.thing.before, one.thing.at), "Commit"),
        afterCommit=_COMMIT,
    ),
    "convert_to_draft": _EVENT,
    "ready_for_review": _EVENT,
    "base_ref_changed": _telling(previousRefName=_named("before"), currentRefName=_named("name")),
}
_NEWER_EVENTS = {
    "parent_issue_added": _telling(parent=Kind(_other, "Issue")),
    "parent_issue_removed": _telling(parent=Kind(_other, "Issue")),
    "sub_issue_added": _telling(subIssue=Kind(_other, "Issue")),
    "sub_issue_removed": _telling(subIssue=Kind(_other, "Issue")),
    "blocked_by_added": _telling(blockingIssue=Kind(_other, "Issue")),
    "blocked_by_removed": _telling(blockingIssue=Kind(_other, "Issue")),
    "blocking_added": _telling(blockedIssue=Kind(_other, "Issue")),
    "blocking_removed": _telling(blockedIssue=Kind(_other, "Issue")),
    "issue_type_added": _telling(issueType=_TYPE),
    "issue_type_removed": _telling(issueType=_TYPE),
    "issue_type_changed": _telling(
        issueType=_TYPE, prevIssueType=Kind(lambda one, _: one.thing.type_before, "IssueType")
    ),
}
_OF_PULLS = frozenset({"merged", "convert_to_draft", "ready_for_review", "base_ref_changed", "head_ref_force_pushed"})
_OF_ISSUES = frozenset({"transferred", *_NEWER_EVENTS})
COMMENT = {
    "id": Kind(lambda one, _: one.thing.node_id),
    "databaseId": Kind(lambda one, _: one.thing.id),
    "viewerDidAuthor": Kind(lambda one, _, root: one.thing.user == root.call.account.user, rooted=True),
    "fullDatabaseId": Kind(lambda one, _: str(one.thing.id)),
    "body": Kind(lambda one, _: one.state.seen("comment", one.thing.id, one.thing.body)),
    "author": Kind(lambda one, _: one.thing.user, "Actor"),
    "createdAt": Kind(lambda one, _: one.thing.created_at),
    "updatedAt": Kind(lambda one, _: one.thing.updated_at),
    "url": Kind(
        lambda one, _, root: (
            html_of(one.state, one.state.issues[one.thing.number], root.call.show.web) + f"#issuecomment-{one.thing.id}"
        ),
        rooted=True,
    ),
}


def events(*, newer: bool) -> dict[str, dict[str, Kind]]:
    """The types of events: type → fields."""
    return {type_of_event(kind): fields for kind, fields in {**_EVENTS, **(_NEWER_EVENTS if newer else {})}.items()}


def kinds(type_: str, *, newer: bool) -> list[str]:
    """The kinds of events that the timeline of an issue, or of a pull request, may hold."""
    foreign = _OF_PULLS if type_ == "Issue" else _OF_ISSUES
    return [kind for kind in (*_EVENTS, *(_NEWER_EVENTS if newer else ())) if kind not in foreign]
