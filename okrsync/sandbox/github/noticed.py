"""What webhooks tell of a repository: the difference between how it is and how it was when they last told.

So nothing that changes it can be forgotten, whoever changed it and by whatever way; of several changes to one issue in
between, each kind is told once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from okrsync.sandbox.github.events import Shape, shape
from okrsync.sandbox.github.repository import PERSON
from okrsync.sandbox.github.show import API, Show
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Issue, Ref, User

Json = dict[str, Any]
Told = tuple[str, Json]  # event, payload without what every payload has
_NOWHERE = "0" * 40


class _Seen(NamedTuple):
    shape: Shape
    blockers: tuple[Ref, ...]
    head: str
    shown: Json


@dataclass(slots=True)
class Noticed:
    """How a repository was at a revision of its directory."""

    revision: int
    full_name: str
    issues: dict[int, _Seen] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    milestones: dict[int, tuple[str, str, str | None]] = field(default_factory=dict)
    archived: bool = False


def look(state: State, before: Noticed | None = None) -> Noticed:
    """How it is now."""
    show = Show(API, state.directory)
    held = before.issues if before else {}
    return Noticed(
        state.directory.revision,
        state.full_name,
        {number: _seen(show, state, issue, held.get(number)) for number, issue in state.issues.items()},
        dict(state.branches),
        {one.id: one.name for one in state.labels.values()},
        {one.number: (one.title, one.state, one.due_on) for one in state.milestones.values()},
        state.facts.get("archived") is True,
    )


def _seen(show: Show, state: State, issue: Issue, before: _Seen | None) -> _Seen:
    now = shape(issue), tuple(issue.blockers), issue.pull.head_sha if issue.pull else ""
    return before if before and before[:3] == now else _Seen(*now, show.issue(state, issue))


def differences(state: State, old: Noticed, new: Noticed) -> Iterator[Told]:
    """What webhooks say, each with all that GitHub puts around it."""
    show = Show(API, state.directory)
    around = {"repository": show.repository(state), "sender": show.user(User.named(PERSON))}
    for event, payload in (
        *_of_repository(old, new),
        *_of_names(show, state, old, new),
        *_of_issues(show, state, old, new),
        *_of_branches(show, state, old, new),
    ):
        yield event, {**payload, **around}


def _of_repository(old: Noticed, new: Noticed) -> Iterator[Told]:
    if old.full_name != new.full_name:
        name = old.full_name.partition("/")[2]
        yield "repository", {"action": "renamed", "changes": {"repository": {"name": {"from": name}}}}
    if old.archived != new.archived:
        yield "repository", {"action": "archived" if new.archived else "unarchived"}


def _of_names(show: Show, state: State, old: Noticed, new: Noticed) -> Iterator[Told]:
    labels = {one.id: one for one in state.labels.values()}
    for number in new.labels.keys() - old.labels.keys():
        yield "label", {"action": "created", "label": show.label(state, labels[number])}
    for number in new.labels.keys() & old.labels.keys():
        if new.labels[number] != old.labels[number]:
            changes = {"name": {"from": old.labels[number]}}
            yield "label", {"action": "edited", "label": show.label(state, labels[number]), "changes": changes}
    for number in sorted(new.milestones):
        was, now = old.milestones.get(number), new.milestones[number]
        if was == now:
            continue
        action = "created" if was is None else "closed" if was[1] == "open" and now[1] == "closed" else "edited"
        if was is not None and was[1] == "closed" and now[1] == "open":
            action = "opened"
        payload: Json = {"action": action, "milestone": show.milestone(state, state.milestones[number])}
        if action == "edited" and was is not None:
            payload["changes"] = {"title": {"from": was[0]}} if was[0] != now[0] else {}
        yield "milestone", payload


def _of_issues(show: Show, state: State, old: Noticed, new: Noticed) -> Iterator[Told]:
    for number in sorted(old.issues.keys() - new.issues.keys()):
        there = state.gone.get(number)
        payload: Json = {"action": "transferred" if there else "deleted", "issue": old.issues[number].shown}
        found = state.directory.issue(state.directory.current(there)) if there else None
        if found is not None:
            payload["changes"] = {"new_issue": show.issue(*found), "new_repository": show.repository(found[0])}
        yield "issues", payload
    for number in sorted(new.issues):
        now, was = new.issues[number], old.issues.get(number)
        if now is was:
            continue
        issue = state.issues[number]
        event = "pull_request" if issue.pull else "issues"
        shown = show.full_pull(state, issue, 1) if issue.pull else now.shown
        base: Json = {"number": number, "pull_request": shown} if issue.pull else {"issue": shown}
        for action, more in _actions(show, state, was, now):
            yield event, {"action": action, **base, **more}
        if was is not None:
            yield from _links(show, state, was, now)


def _actions(show: Show, state: State, was: _Seen | None, now: _Seen) -> Iterator[tuple[str, Json]]:
    """The word for each difference, and what stands beside it."""
    if was is None:
        yield "opened", {}
        return
    old, new = was.shape, now.shape
    texts = [name for name in ("title", "body") if getattr(old, name) != getattr(new, name)]
    edited = {name: {"from": getattr(old, name) or ""} for name in texts}
    if edited or old.base != new.base:
        yield "edited", {"changes": edited}
    for action, gained, lost in (("labeled", new.labels, old.labels), ("unlabeled", old.labels, new.labels)):
        for name in (one for one in gained if one not in lost):
            yield action, {"label": show.label(state, state.labels[name])}
    for action, here, there in (
        ("assigned", new.assignees, old.assignees),
        ("unassigned", old.assignees, new.assignees),
    ):
        for person in (one for one in here if one not in there):
            yield action, {"assignee": show.user(person)}
    for action, number in (("demilestoned", old.milestone), ("milestoned", new.milestone)):
        if old.milestone != new.milestone and number is not None:
            yield action, {"milestone": show.milestone(state, state.milestones[number])}
    if old.type != new.type:
        yield ("typed", {"type": new.type}) if new.type else ("untyped", {"type": old.type})
    if was.head != now.head:
        yield "synchronize", {"before": was.head, "after": now.head}
    if (old.state, old.state_reason) != (new.state, new.state_reason):
        yield ("closed" if new.state == "closed" else "reopened"), {}


def _links(show: Show, state: State, was: _Seen, now: _Seen) -> Iterator[Told]:
    """Parents and blockers that came or went, told from this end."""
    for action, ref in (("parent_issue_removed", was.shape.parent), ("parent_issue_added", now.shape.parent)):
        if was.shape.parent != now.shape.parent and (end := _end(show, state, ref)):
            yield "sub_issues", {"action": action, **_pair("parent_issue", end, "sub_issue", now.shown)}
    for action, gained, lost in (("added", now.blockers, was.blockers), ("removed", was.blockers, now.blockers)):
        for ref in (one for one in gained if one not in lost):
            if end := _end(show, state, ref):
                pair = _pair("blocking_issue", end, "blocked_issue", now.shown)
                yield "issue_dependencies", {"action": f"blocked_by_{action}", **pair}


def _end(show: Show, state: State, ref: Ref | None) -> tuple[Json, Json] | None:
    found = state.directory.issue(state.directory.current(ref)) if ref else None
    return (show.issue(*found), show.repository(found[0])) if found else None


def _pair(far: str, end: tuple[Json, Json], near: str, shown: Json) -> Json:
    issue, repository = end
    return {
        f"{far}_id": issue["id"],
        far: issue,
        f"{far}_repo": repository,
        f"{near}_id": shown["id"],
        near: shown,
    }


def _of_branches(show: Show, state: State, old: Noticed, new: Noticed) -> Iterator[Told]:
    for name in sorted(old.branches.keys() | new.branches.keys()):
        before, after = old.branches.get(name, _NOWHERE), new.branches.get(name, _NOWHERE)
        if before == after:
            continue
        commit = state.history.find(after) if after != _NOWHERE else None
        head = None if commit is None else _commit(show, state, show.commit(state, commit))
        yield (
            "push",
            {
                "ref": f"refs/heads/{name}",
                "before": before,
                "after": after,
                "created": before == _NOWHERE,
                "deleted": after == _NOWHERE,
                "forced": False,
                "base_ref": None,
                "compare": f"{show.web}/{state.full_name}/compare/{before[:12]}...{after[:12]}",
                "commits": [head] if head else [],
                "head_commit": head,
                "pusher": {"name": PERSON, "email": f"{PERSON}@example.test"},
            },
        )


def _commit(show: Show, state: State, shown: Json) -> Json:
    """A commit as a push tells it."""
    told = shown["commit"]
    return {
        "id": shown["sha"],
        "tree_id": told["tree"]["sha"],
        "distinct": True,
        "message": told["message"],
        "timestamp": told["committer"]["date"],
        "url": f"{show.web}/{state.full_name}/commit/{shown['sha']}",
        "author": {"name": told["author"]["name"], "email": told["author"]["email"]},
        "committer": {"name": told["committer"]["name"], "email": told["committer"]["email"]},
        "added": [],
        "removed": [],
        "modified": [],
    }
