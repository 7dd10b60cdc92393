"""What people do to a repository itself: its name and visibility, its branches and tags, its end.

ValueError, in words for people, where GitHub could not do it. Whoever calls holds the lock of the directory.
"""

from __future__ import annotations

from typing import Any

from okrsync.sandbox.github.changes import Hand
from okrsync.sandbox.github.state import State

FACTS = frozenset({"private", "archived", "description"})


def rename(state: State, hand: Hand, name: str) -> None:
    """The repository has another name (``new`` or ``owner/new``); the old one leads to it."""
    state.directory.rename(state, name if "/" in name else f"{state.full_name.partition('/')[0]}/{name}")
    state.updated_at = hand.stamp


def set_facts(state: State, hand: Hand, **facts: Any) -> None:
    """The repository is private, archived or described otherwise."""
    state.facts |= facts
    if "private" in facts:
        state.facts["visibility"] = "private" if facts["private"] else "public"
    state.updated_at = hand.stamp
    state.changed()


def hide(state: State, *, hidden: bool) -> None:
    """The account may no longer read the repository, or may again."""
    state.hidden = hidden
    state.changed()


def remove(state: State) -> None:
    """The repository is gone, under every name that it had."""
    state.directory.remove(state)


def branch(state: State, hand: Hand, name: str, at: str | None = None) -> str:
    """The sha of a new branch that stands where ``at`` (a branch, a tag, a sha) does, by default the default branch."""
    if name in state.branches:
        raise ValueError(f"{state.full_name} has a branch {name!r} already")
    state.branches[name] = _commit(state, at)
    _pushed(state, hand)
    return state.branches[name]


def delete_branch(state: State, hand: Hand, name: str) -> None:
    """The branch is no more; its commits stay."""
    if name == state.default_branch:
        raise ValueError("the default branch cannot be deleted")
    if state.branches.pop(name, None) is None:
        raise ValueError(f"{state.full_name} has no branch {name!r}")
    _pushed(state, hand)


def default(state: State, hand: Hand, name: str) -> None:
    """Another branch is the default one."""
    if name not in state.branches:
        raise ValueError(f"{state.full_name} has no branch {name!r}")
    state.default_branch = name
    state.updated_at = hand.stamp
    state.changed()


def tag(state: State, hand: Hand, name: str, at: str | None = None) -> str:
    """The sha on which a tag stands, new or moved."""
    state.tags[name] = _commit(state, at)
    _pushed(state, hand)
    return state.tags[name]


def _commit(state: State, at: str | None) -> str:
    found = state.commit_of(at or "HEAD")
    if found is None or found not in state.history.commits:
        raise ValueError(f"{state.full_name} has no commit {at or 'at all'}")
    return found


def _pushed(state: State, hand: Hand) -> None:
    state.pushed_at = hand.stamp
    state.changed()
