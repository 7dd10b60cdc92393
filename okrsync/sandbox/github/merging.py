"""Pull requests and pushes: what reaches a branch, and what that closes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from okrsync.sandbox.github import changes, derive, events
from okrsync.sandbox.github.changes import Hand
from okrsync.sandbox.github.closing import closed_by
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import Commit, Issue, Ref, Signature, User, node_of, sha_of

Method = Literal["merge", "squash", "rebase"]
METHODS = ("merge", "squash", "rebase")
WEB_FLOW = User.named("web-flow")


def create(state: State, hand: Hand, wanted: Mapping[str, Any], number: int | None = None) -> Issue:
    """A new pull request from ``head`` (a branch, made where there is none) into ``base`` (the default branch).

    ``commits`` are messages pushed to the head first; without any, the head stands where the base does.
    """
    base, head = wanted.get("base") or state.default_branch, wanted.get("head")
    if not head:
        raise ValueError("a pull request needs a head: the branch that it comes from")
    if base not in state.branches:
        raise ValueError(f"{state.full_name} has no branch {base!r}")
    if head not in state.branches:
        state.branches[head] = state.branches[base]
    push(state, hand, wanted.get("commits") or (), head)
    issue = changes.create(state, hand, {"title": wanted.get("title"), "body": wanted.get("body")}, number)
    issue.node_id = node_of("PR", issue.id)
    raw = {
        "head": {"ref": head, "sha": state.branches[head]},
        "base": {"ref": base, "sha": state.branches[base]},
        "draft": wanted.get("draft", False),
        "closing_issues_references": wanted.get("closes") or (),
    }
    issue.pull = derive.pull(raw, state, issue, {})
    changes.edit(state, issue, hand, {name: value for name, value in wanted.items() if name in changes.EDITABLE})
    state.changed()
    return issue


def edit(state: State, issue: Issue, hand: Hand, wanted: Mapping[str, Any]) -> None:
    """Give a pull request these values: those of an issue, ``draft``, ``base``, ``closes`` (linked by hand)."""
    pull = issue.pull
    if pull is None:
        raise ValueError(f"#{issue.number} is no pull request")
    before = events.shape(issue)
    if (base := wanted.get("base", pull.base)) != pull.base:
        if base not in state.branches:
            raise ValueError(f"{state.full_name} has no branch {base!r}")
        pull.base, pull.base_sha = base, state.branches[base]
    pull.draft = bool(wanted.get("draft", pull.draft))
    if "closes" in wanted:
        pull.closes = [Ref.read(one, state.full_name) for one in wanted["closes"]]
    changes.changed(state, issue, before, hand)
    changes.edit(state, issue, hand, {name: value for name, value in wanted.items() if name in changes.EDITABLE})


def closing_references(state: State, issue: Issue) -> list[tuple[State, Issue]]:
    """The issues that a pull request closes by GitHub's own word: those that its body names after a closing keyword,
    if it targets the default branch, and those linked by hand; as far as they exist and can be read."""
    pull = issue.pull
    if pull is None:
        return []
    named = closed_by(issue.body or "", state.full_name) if pull.base == state.default_branch else []
    refs = dict.fromkeys(state.directory.current(ref) for ref in (*named, *pull.closes))
    found = (state.directory.issue(ref) for ref in refs)
    return [one for one in found if one is not None and one[1].pull is None]


# ── pushes ──


def push(
    state: State, hand: Hand, commits: Iterable[str | Mapping[str, Any]], branch: str | None = None
) -> list[Commit]:
    """These commits on top of a branch, oldest first; each a message, or an object in the shape of GitHub's list.

    A commit by hand has the hand's name and instant. The branch begins where the default branch stands, if it is new.
    """
    branch = branch or state.default_branch
    made: list[Commit] = []
    at = state.branches.get(branch, state.head)
    for one in commits:
        raw: Mapping[str, Any] = {"commit": {"message": one}} if isinstance(one, str) else one
        commit = _commit(state, hand, raw, (at,) if at else ())
        state.history.add(commit)
        made.append(commit)
        at = commit.sha
    if at is not None:
        _move(state, hand, branch, at, made)
    return made


def force_push(
    state: State,
    hand: Hand,
    commits: Iterable[str | Mapping[str, Any]] = (),
    branch: str | None = None,
    *,
    drop: int = 1,
    forget: bool = False,
) -> list[Commit]:
    """The branch without its last ``drop`` commits, with these on top instead.

    What was dropped is still found by its sha, as long as GitHub keeps it; with ``forget`` it is not.
    """
    branch = branch or state.default_branch
    head = state.branches.get(branch)
    if head is None:
        raise ValueError(f"{state.full_name} has no branch {branch!r}")
    dropped: list[str] = []
    while drop > 0 and head in state.history.commits:
        dropped.append(head)
        head, drop = next(iter(state.history.commits[head].parents), ""), drop - 1
    if head not in state.history.commits:
        raise ValueError(f"{branch} has no commit below the ones to drop")
    before, state.branches[branch] = state.branches[branch], head
    made = push(state, hand, commits, branch)
    for issue in state.issues.values():
        if issue.pull and issue.state == "open" and issue.pull.head == branch and issue.pull.fork is None:
            kind, after = "head_ref_force_pushed", state.branches[branch]
            events.record(state, issue, hand.user, hand.stamp, kind, before=before, sha=after)
    if forget:
        state.history.forget(dropped)
    state.changed()
    return made


def _commit(state: State, hand: Hand, raw: Mapping[str, Any], parents: tuple[str, ...]) -> Commit:
    inner = raw.get("commit") or {}
    name = hand.user.login
    own = {"name": name, "email": f"{name}@users.noreply.github.com", "date": hand.stamp}
    full = {
        "sha": sha_of(f"push:{state.id}:{len(state.history.commits)}:{hand.stamp}:{inner.get('message')}"),
        "author": {"login": name, "type": hand.user.type},
        "parents": [{"sha": sha} for sha in parents],
        **raw,
        "commit": {"author": own, "committer": own, **inner},
    }
    return derive.commits([full], state)[0]


def _move(state: State, hand: Hand, branch: str, sha: str, pushed: Iterable[Commit]) -> None:
    """The branch stands at another commit: open pull requests from it move, the default branch closes issues."""
    state.branches[branch] = sha
    state.pushed_at = hand.stamp
    for issue in state.issues.values():
        if issue.pull and issue.state == "open" and issue.pull.head == branch and issue.pull.fork is None:
            issue.pull.head_sha = sha
            issue.pull.merge_sha = sha_of(f"test-merge:{state.id}:{issue.number}:{sha}")
            state.touch(issue, hand.at)
    if branch == state.default_branch:
        state.updated_at = hand.stamp
        for commit in pushed:
            _close(state, hand, closed_by(commit.message, state.full_name))
    state.changed()


def _close(state: State, hand: Hand, refs: Iterable[Ref]) -> None:
    for ref in refs:
        found = state.directory.issue(ref)
        if found is not None and found[1].pull is None and found[1].state == "open":
            changes.edit(*found, hand, {"state": "closed"})


# ── merges ──


def merge(state: State, issue: Issue, hand: Hand, method: Method = "merge") -> Commit:
    """The commit by which a pull request came into its base; what it closes is closed."""
    pull = issue.pull
    if pull is None:
        raise ValueError(f"#{issue.number} is no pull request")
    if issue.state != "open":
        raise ValueError(f"#{issue.number} is closed")
    if method not in METHODS:
        raise ValueError(f"a merge is one of {', '.join(METHODS)}, not {method!r}")
    closes = closing_references(state, issue)
    base = state.branches.get(pull.base)
    own = state.history.compare(base or "", pull.head_sha).ahead
    if method == "rebase":
        messages: list[Mapping[str, Any]] = [{"commit": {"message": one.message}} for one in own]
        made = push(state, hand, messages or [{"commit": {"message": issue.title}}], pull.base)
    else:
        parents = [base] if base else []
        if method == "merge":
            title = f"Merge pull request #{issue.number} from {state.owner.login}/{pull.head}\n\n{issue.title}"
            parents += [pull.head_sha] if pull.head_sha in state.history.commits else []
        else:
            bodies = "\n\n".join(f"* {one.message}" for one in own) if len(own) > 1 else (issue.body or "")
            title = f"{issue.title} (#{issue.number})\n\n{bodies}".rstrip()
        signed = Signature("GitHub", "noreply@github.com", hand.stamp)._asdict()
        raw = {
            "commit": {"message": title, "committer": signed},
            "committer": {"login": WEB_FLOW.login},
            "parents": [{"sha": sha} for sha in parents],
        }
        made = push(state, hand, [raw], pull.base)
    pull.merged_at, pull.merged_by, pull.merge_sha = hand.stamp, hand.user, made[-1].sha
    events.record(state, issue, hand.user, hand.stamp, "merged", sha=pull.merge_sha)
    changes.edit(state, issue, hand, {"state": "closed"})
    if pull.base == state.default_branch:
        for where, closed in closes:
            changes.edit(where, closed, hand, {"state": "closed"})
    return made[-1]
