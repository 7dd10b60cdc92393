"""Every way in which an issue, a pull request, a comment, a label or a milestone changes, whoever asks for it.

ValueError, in words for people, where GitHub could not do it. Whoever calls holds the lock of the directory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okrsync.sandbox.github import derive, events
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Comment, Issue, Milestone, Ref, User, node_of, stamp

REASONS = ("completed", "not_planned", "duplicate", "reopened")


@dataclass(frozen=True, slots=True)
class Hand:
    """Who changes something, and when."""

    user: User
    at: datetime

    @property
    def stamp(self) -> str:
        return stamp(self.at)


def create(state: State, hand: Hand, wanted: Mapping[str, Any], number: int | None = None) -> Issue:
    """A new issue with these values, ``title`` at least; ValueError where its number is taken."""
    if not wanted.get("title"):
        raise ValueError("an issue needs a title")
    number = number or state.next_number()
    if number in state.issues or number in state.gone:
        raise ValueError(f"{state.full_name} has a #{number} already")
    raw = {"title": wanted["title"], "body": wanted.get("body"), "created_at": hand.stamp}
    issue = derive.issue(raw, state, number)
    issue.user = hand.user
    state.issues[number] = issue
    edit(state, issue, hand, wanted)
    state.changed()
    return issue


def edit(state: State, issue: Issue, hand: Hand, wanted: Mapping[str, Any]) -> bool:
    """Give the issue these values; whether anything changed. What changes nothing moves nothing.

    Keys: title, body, labels, assignees, milestone (a number or null), type, parent, state, state_reason.
    """
    before = events.shape(issue)
    for name, set_ in _SETTERS.items():
        if name in wanted:
            set_(state, issue, wanted[name])
    if "state" in wanted or "state_reason" in wanted:
        _set_state(issue, hand, wanted.get("state", issue.state), wanted.get("state_reason"))
    return changed(state, issue, before, hand)


def changed(state: State, issue: Issue, before: events.Shape, hand: Hand) -> bool:
    """Whether the issue is another than it was; if it is, its events say so, and it was updated just now."""
    if events.shape(issue) == before:
        return False
    events.note(state, issue, before, hand.user, hand.stamp)
    state.touch(issue, hand.at)
    return True


def _set_title(_state: State, issue: Issue, value: Any) -> None:
    if not value or not isinstance(value, str):
        raise ValueError("a title cannot be empty")
    issue.title = value


def _set_body(_state: State, issue: Issue, value: Any) -> None:
    issue.body = value


def _set_labels(state: State, issue: Issue, value: Any) -> None:
    names = [derive.label(one, state).name.casefold() for one in value or ()]
    issue.labels = list(dict.fromkeys(names))


def _set_assignees(_state: State, issue: Issue, value: Any) -> None:
    people = (derive.user(one) for one in value or ())
    issue.assignees = list(dict.fromkeys(one for one in people if one))


def _set_milestone(state: State, issue: Issue, value: Any) -> None:
    if value is not None and value not in state.milestones:
        raise ValueError(f"{state.full_name} has no milestone {value!r}")
    issue.milestone = value


def _set_type(_state: State, issue: Issue, value: Any) -> None:
    issue.type = derive.issue_type(value) if value else None


def _set_parent(state: State, issue: Issue, value: Any) -> None:
    if issue.pull is not None and value is not None:
        raise ValueError("a pull request has no parent")
    parent = Ref.read(value, state.full_name) if value is not None else None
    if parent == (state.full_name, issue.number):
        raise ValueError("an issue is not its own parent")
    issue.parent = parent


_SETTERS: dict[str, Callable[[State, Issue, Any], None]] = {
    "title": _set_title,
    "body": _set_body,
    "labels": _set_labels,
    "assignees": _set_assignees,
    "milestone": _set_milestone,
    "type": _set_type,
    "parent": _set_parent,
}
EDITABLE = frozenset({*_SETTERS, "state", "state_reason"})


def _set_state(issue: Issue, hand: Hand, wanted: str, reason: str | None) -> None:
    if wanted not in ("open", "closed"):
        raise ValueError(f"a state is open or closed, not {wanted!r}")
    if reason is not None and reason not in REASONS:
        raise ValueError(f"a state_reason is one of {', '.join(REASONS)}, not {reason!r}")
    if issue.pull is not None and issue.pull.merged_at and wanted == "open":
        raise ValueError("a merged pull request cannot be opened again")
    if wanted == issue.state:
        if wanted == "closed" and reason is not None and issue.pull is None:
            issue.state_reason = reason
        return
    issue.state = wanted
    if wanted == "closed":
        issue.closed_at, issue.closed_by = hand.stamp, hand.user
        issue.state_reason = None if issue.pull else reason or "completed"
    else:
        issue.closed_at = issue.closed_by = None
        issue.state_reason = None if issue.pull else "reopened"


def add_labels(state: State, issue: Issue, hand: Hand, names: Iterable[Any]) -> None:
    """The issue has these labels besides its own; the repository gets those that it lacks."""
    edit(state, issue, hand, {"labels": [*issue.labels, *names]})


def remove_label(state: State, issue: Issue, hand: Hand, name: str) -> bool:
    """Whether the issue had this label, which it has no longer."""
    if name.casefold() not in issue.labels:
        return False
    return edit(state, issue, hand, {"labels": [one for one in issue.labels if one != name.casefold()]})


def rename_label(state: State, name: str, new: str) -> None:
    """The label has a new name everywhere; no issue moves."""
    label = state.labels.get(name.casefold())
    if label is None:
        raise ValueError(f"{state.full_name} has no label {name!r}")
    if new.casefold() != name.casefold() and new.casefold() in state.labels:
        raise ValueError(f"{state.full_name} has a label {new!r} already")
    del state.labels[name.casefold()]
    label.name = new
    state.labels[new.casefold()] = label
    for issue in state.issues.values():
        issue.labels = [new.casefold() if one == name.casefold() else one for one in issue.labels]
    state.changed()


def delete_label(state: State, name: str) -> None:
    """Neither the repository nor any issue has the label; no issue moves."""
    if state.labels.pop(name.casefold(), None) is None:
        raise ValueError(f"{state.full_name} has no label {name!r}")
    for issue in state.issues.values():
        issue.labels = [one for one in issue.labels if one != name.casefold()]
    state.changed()


def create_milestone(state: State, hand: Hand, wanted: Mapping[str, Any]) -> Milestone:
    """A new milestone with a ``title``, and ``description`` or ``due_on`` if given."""
    if not wanted.get("title"):
        raise ValueError("a milestone needs a title")
    known = {"title", "description", "due_on", "state"}
    raw = {name: value for name, value in wanted.items() if name in known}
    found = derive.milestone({"created_at": hand.stamp, **raw}, state)
    state.changed()
    return found


def edit_milestone(state: State, number: int, hand: Hand, wanted: Mapping[str, Any]) -> Milestone:
    """The milestone with these values (title, description, due_on, state); no issue of it moves."""
    found = state.milestones.get(number)
    if found is None:
        raise ValueError(f"{state.full_name} has no milestone {number}")
    for name in ("title", "description", "due_on", "state"):
        if name in wanted:
            setattr(found, name, wanted[name])
    found.closed_at = hand.stamp if found.state == "closed" else None
    found.updated_at = hand.stamp
    state.changed()
    return found


# ── comments ──


def comment(state: State, issue: Issue, hand: Hand, body: str, visible_at: datetime | None = None) -> Comment:
    """A new comment on the issue."""
    if not body:
        raise ValueError("a comment needs a body")
    id_ = state.next_id("comment")
    at = hand.stamp
    made = Comment(id_, node_of("IC", id_), issue.number, hand.user, body, at, at, visible_at=visible_at)
    issue.comments.append(made)
    state.touch(issue, hand.at)
    return made


def edit_comment(state: State, found: Comment, hand: Hand, body: str) -> None:
    if not body:
        raise ValueError("a comment needs a body")
    if body != found.body:
        found.body, found.updated_at = body, hand.stamp
        state.touch(state.issues[found.number], hand.at)


def delete_comment(state: State, found: Comment, hand: Hand) -> None:
    issue = state.issues[found.number]
    issue.comments.remove(found)
    state.touch(issue, hand.at)


# ── gone ──


def delete(state: State, issue: Issue) -> None:
    """The issue is gone for good; its number is never given again. Its sub-issues have no parent any more, and it
    blocks nothing."""
    if issue.pull is not None:
        raise ValueError("a pull request cannot be deleted")
    here = state.directory.current(Ref(state.full_name, issue.number))
    for repository in state.directory.repositories.values():
        for other in repository.issues.values():
            if other.parent is not None and state.directory.current(other.parent) == here:
                other.parent = None
            if other.blockers:
                other.blockers = [one for one in other.blockers if state.directory.current(one) != here]
    del state.issues[issue.number]
    state.gone[issue.number] = None
    state.changed()


def transfer(state: State, issue: Issue, to: State, hand: Hand) -> Issue:
    """The issue lives in another repository, under a new number and id; the old number leads there.

    Its labels go along by name, its milestone only where the other repository has one of that title.
    """
    if issue.pull is not None:
        raise ValueError("a pull request cannot be transferred")
    if to is state:
        raise ValueError("an issue is transferred to another repository")
    number = to.next_number()
    moved = derive.issue({"title": issue.title, "body": issue.body, "created_at": issue.created_at}, to, number)
    moved.user, moved.assignees, moved.type, moved.parent = issue.user, issue.assignees, issue.type, issue.parent
    moved.state, moved.state_reason = issue.state, issue.state_reason
    moved.closed_at, moved.closed_by = issue.closed_at, issue.closed_by
    moved.labels = [derive.label(state.labels[name].name, to).name.casefold() for name in issue.labels]
    if issue.milestone is not None:
        title = state.milestones[issue.milestone].title
        moved.milestone = next((one.number for one in to.milestones.values() if one.title == title), None)
    moved.blockers, moved.events, moved.comments = issue.blockers, issue.events, issue.comments
    for one in moved.comments:
        one.number = number
    to.issues[number] = moved
    events.record(to, moved, hand.user, hand.stamp, "transferred", repository=state.full_name)
    to.touch(moved, hand.at)
    del state.issues[issue.number]
    state.gone[issue.number] = Ref(to.full_name, number)
    state.changed()
    return moved
