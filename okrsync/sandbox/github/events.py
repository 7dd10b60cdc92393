"""What happens to issues, as events: worked out from how one was and how it is, or told by whoever does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Event, Issue, Ref, User

Facts = dict[str, Any]


class Shape(NamedTuple):
    """What of an issue or a pull request people change."""

    title: str
    body: str | None
    labels: tuple[str, ...]
    assignees: tuple[User, ...]
    milestone: int | None
    type: dict[str, Any] | None
    parent: Ref | None
    state: str
    state_reason: str | None
    base: str
    draft: bool
    closes: tuple[Ref, ...]


def shape(issue: Issue) -> Shape:
    """How the issue is now."""
    pull = issue.pull
    return Shape(
        issue.title,
        issue.body,
        tuple(issue.labels),
        tuple(issue.assignees),
        issue.milestone,
        issue.type,
        issue.parent,
        issue.state,
        issue.state_reason,
        pull.base if pull else "",
        pull.draft if pull else False,
        tuple(pull.closes) if pull else (),
    )


def record(state: State, issue: Issue, by: User | None, at: str, kind: str, **facts: Any) -> None:
    """The issue has one event more."""
    issue.events.append(Event(state.next_id("event"), kind, at, by, **facts))


def note(state: State, issue: Issue, before: Shape, by: User, at: str) -> None:
    """The issue has an event for each difference to how it was; its parents, old and new, have theirs.

    Bodies and links set by hand leave none.
    """
    for kind, facts in _differences(state, before, shape(issue)):
        record(state, issue, by, at, kind, **facts)
    here = Ref(state.full_name, issue.number)
    for kind, ref in (("sub_issue_removed", before.parent), ("sub_issue_added", issue.parent)):
        if before.parent != issue.parent:
            tell(state, ref, by, at, kind, other=here)


def tell(state: State, ref: Ref | None, by: User, at: str, kind: str, **facts: Any) -> None:
    """The issue that this names, wherever it is now, has one event more; nothing where there is none."""
    found = state.directory.issue(state.directory.current(ref)) if ref else None
    if found is not None:
        record(*found, by, at, kind, **facts)
        found[0].changed()


def _differences(state: State, old: Shape, new: Shape) -> Iterator[tuple[str, Facts]]:
    """The REST API's word for each difference, and what the event holds."""
    if new.title != old.title:
        yield "renamed", {"name": new.title, "before": old.title}
    for kind, names in (("unlabeled", _gone(old.labels, new.labels)), ("labeled", _gone(new.labels, old.labels))):
        for name in names:
            label = state.labels[name]
            yield kind, {"label": label, "name": label.name}
    for kind, people in (
        ("unassigned", _gone(old.assignees, new.assignees)),
        ("assigned", _gone(new.assignees, old.assignees)),
    ):
        for person in people:
            yield kind, {"user": person}
    if new.milestone != old.milestone:
        for kind, number in (("demilestoned", old.milestone), ("milestoned", new.milestone)):
            if number is not None:
                yield kind, {"name": state.milestones[number].title}
    if new.type != old.type:
        yield _retyped(old, new)
    if new.parent != old.parent:
        for kind, parent in (("parent_issue_removed", old.parent), ("parent_issue_added", new.parent)):
            if parent is not None:
                yield kind, {"other": parent}
    if new.base != old.base:
        yield "base_ref_changed", {"name": new.base, "before": old.base}
    if new.draft != old.draft:
        yield "convert_to_draft" if new.draft else "ready_for_review", {}
    if (new.state, new.state_reason) != (old.state, old.state_reason):
        yield ("closed", {"reason": new.state_reason}) if new.state == "closed" else ("reopened", {})


def _gone(first: tuple[Any, ...], second: tuple[Any, ...]) -> list[Any]:
    return [one for one in first if one not in second]


def _retyped(old: Shape, new: Shape) -> tuple[str, Facts]:
    if old.type is None:
        return "issue_type_added", {"type": new.type}
    if new.type is None:
        return "issue_type_removed", {"type": old.type}
    return "issue_type_changed", {"type": new.type, "type_before": old.type}
