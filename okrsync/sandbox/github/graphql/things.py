"""What the types of the schema hold: repositories as they are kept, and what belongs to one beside it."""

from __future__ import annotations

from typing import Any, NamedTuple

from okrsync.sandbox.github.call import Call
from okrsync.sandbox.github.graphql.cost import Price
from okrsync.sandbox.github.graphql.execute import Kind
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Comment, Commit, Event, Ref, User


class Root(NamedTuple):
    """The query itself: who asks, and what it costs."""

    call: Call
    price: Price


class Of(NamedTuple):
    """Something of a repository: an issue, a pull request, a commit, a label, a milestone, an event, the name of a
    branch."""

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
    if isinstance(thing, Comment):
        return "IssueComment"
    if isinstance(thing, Event):
        return type_of_event(thing.kind)
    return "PullRequest" if thing.pull else "Issue"


def type_of_event(kind: str) -> str:
    """``labeled`` → ``LabeledEvent``, ``parent_issue_added`` → ``ParentIssueAddedEvent``."""
    words = "renamed_title" if kind == "renamed" else kind
    return "".join(word.capitalize() for word in words.split("_")) + "Event"


def found(one: Of, ref: Ref | None) -> Of | None:
    """The issue that this names, where it is now; None where it is nowhere or cannot be read."""
    there = one.state.directory.issue(one.state.directory.current(ref)) if ref else None
    return Of(*there) if there else None


def attributes(**names: str) -> dict[str, Kind]:
    """Fields that are attributes of the thing, by another name."""

    def kind(own: str) -> Kind:
        return Kind(lambda one, _: getattr(one.thing, own))

    return {name: kind(own) for name, own in names.items()}
