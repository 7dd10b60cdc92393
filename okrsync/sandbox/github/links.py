"""What stands above an issue, below it, before it and after it: hierarchy and dependencies, over all repositories."""

from __future__ import annotations

from collections.abc import Iterable

from okrsync.sandbox.github import changes, events, paging
from okrsync.sandbox.github.call import Call, invalid, not_found
from okrsync.sandbox.github.changes import Hand
from okrsync.sandbox.github.issues import attempt
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Issue, Ref
from okrsync.sandbox.web import Response

Place = tuple[State, Issue]


def set_blockers(state: State, issue: Issue, hand: Hand, wanted: Iterable[str | int | Ref]) -> None:
    """These issues block it and no others; ValueError where one is not there.

    Both ends have an event. Neither is updated: GitHub leaves the time of an issue as it is for this.
    """
    directory, here = state.directory, Ref(state.full_name, issue.number)
    if issue.pull is not None:
        raise ValueError("a pull request has no dependencies")
    before = [directory.current(ref) for ref in issue.blockers]
    after: list[Ref] = []
    for one in wanted:
        ref = directory.current(one if isinstance(one, Ref) else Ref.read(one, state.full_name))
        if ref not in before and directory.issue(ref) is None:
            raise ValueError(f"there is no issue {ref}")
        if ref == here:
            raise ValueError("an issue does not block itself")
        after.append(ref)
    issue.blockers = list(dict.fromkeys(after))
    for which, refs in (("removed", before), ("added", issue.blockers)):
        for ref in refs:
            if (ref in before) is not (ref in issue.blockers):
                events.record(state, issue, hand.user, hand.stamp, f"blocked_by_{which}", other=ref)
                events.tell(state, ref, hand.user, hand.stamp, f"blocking_{which}", other=here)
    state.changed()


# ── endpoints ──


def parent(call: Call) -> Response:
    state, issue = call.issue()
    found = _found(state, [issue.parent] if issue.parent else [])
    if not found:
        raise not_found()
    return Response.of(call.show.issue(*found[0]))


def sub_issues(call: Call) -> Response:
    state, issue = call.issue()
    return _listed(call, _found(state, call.directory.children(Ref(state.full_name, issue.number))))


def add_sub_issue(call: Call) -> Response:
    """One more sub-issue, by its id; 422 where it has another parent, unless that is to be replaced."""
    state, issue = call.issue()
    call.may_write("issues", "triage")
    child_state, child = _by_id(call, "sub_issue_id")
    here = Ref(state.full_name, issue.number)
    if child.parent and call.directory.current(child.parent) != here and not call.body().get("replace_parent"):
        raise invalid("Issue", "sub_issue_id", "custom", "Sub issue may only have one parent")
    attempt(lambda: changes.edit(child_state, child, call.hand, {"parent": str(here)}))
    return Response.of(call.show.issue(state, issue), 201)


def remove_sub_issue(call: Call) -> Response:
    state, issue = call.issue()
    call.may_write("issues", "triage")
    child_state, child = _by_id(call, "sub_issue_id")
    if child.parent is None or call.directory.current(child.parent) != (state.full_name, issue.number):
        raise not_found()
    changes.edit(child_state, child, call.hand, {"parent": None})
    return Response.of(call.show.issue(state, issue))


def blocked_by(call: Call) -> Response:
    state, issue = call.issue()
    return _listed(call, _found(state, issue.blockers))


def blocking(call: Call) -> Response:
    state, issue = call.issue()
    return _listed(call, _found(state, call.directory.blocked(Ref(state.full_name, issue.number))))


def add_blocker(call: Call) -> Response:
    state, issue = call.issue()
    call.may_write("issues", "triage")
    there, blocker = _by_id(call, "issue_id")
    ref = Ref(there.full_name, blocker.number)
    attempt(lambda: set_blockers(state, issue, call.hand, [*issue.blockers, ref]))
    return Response.of(call.show.issue(state, issue), 201)


def remove_blocker(call: Call) -> Response:
    state, issue = call.issue()
    call.may_write("issues", "triage")
    wanted = call.number("blocker")
    gone = [Ref(there.full_name, one.number) for there, one in _found(state, issue.blockers) if one.id == wanted]
    if not gone:
        raise not_found()
    left = [ref for ref in issue.blockers if call.directory.current(ref) not in gone]
    set_blockers(state, issue, call.hand, left)
    return Response.of(call.show.issue(state, issue))


def _found(state: State, refs: Iterable[Ref]) -> list[Place]:
    """Where these issues are now, as far as they can be read."""
    directory = state.directory
    return [found for ref in refs if (found := directory.issue(directory.current(ref)))]


def _listed(call: Call, found: list[Place]) -> Response:
    return paging.paged(call, found, lambda one: call.show.issue(*one))


def _by_id(call: Call, name: str) -> Place:
    """The issue whose id the body holds under this name; 422 where none has it."""
    wanted = call.body().get(name)
    for state in call.directory.repositories.values():
        if not state.hidden:
            for issue in state.issues.values():
                if issue.id == wanted and issue.pull is None:
                    return state, issue
    raise invalid("Issue", name)
