"""Raw objects in the shape of GitHub's lists → what the sandbox keeps; whatever they leave out is worked out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import (
    Comment,
    Commit,
    Event,
    Issue,
    Label,
    Milestone,
    Pull,
    Ref,
    Signature,
    Status,
    User,
    born,
    node_of,
    number_of,
    restamp,
    sha_of,
)

Raw = Mapping[str, Any]
_NUMBER_OF_COMMENT = re.compile(r"/(\d+)/?$")
_BECAME = re.compile(r"Merge pull request #(\d+) |.*\(#(\d+)\)\s*$")


def user(raw: Any) -> User | None:
    """From a user object or a bare login; None for nobody (a deleted account is null, an unknown one ``{}``)."""
    if not raw:
        return None
    if isinstance(raw, str):
        return User.named(raw)
    made = User.named(raw["login"])
    return User(made.login, raw.get("id", made.id), raw.get("node_id", made.node_id), raw.get("type", made.type))


def _time(raw: Raw, name: str, otherwise: str) -> str:
    return restamp(raw[name]) if raw.get(name) else otherwise


def _instant(raw: Raw, name: str) -> str | None:
    return restamp(raw[name]) if raw.get(name) else None


def label(raw: Raw | str, state: State) -> Label:
    """The label of the repository that this names; what it says beyond the name is taken over."""
    if isinstance(raw, str):
        return state.label(raw)
    found = state.label(raw["name"])
    for name in ("id", "node_id", "color", "description", "default"):
        if name in raw:
            setattr(found, name, raw[name])
    return found


def milestone(raw: Raw | int, state: State) -> Milestone:
    """The milestone of the repository that this names by its number; the first who describes it is believed."""
    if isinstance(raw, int):
        raw = {"number": raw}
    number = raw.get("number") or max(state.milestones, default=0) + 1
    if known := state.milestones.get(number):
        return known
    id_ = raw.get("id") or number_of(f"milestone:{state.id}:{number}")
    created = _time(raw, "created_at", born(0))
    closed = _instant(raw, "closed_at")
    found = Milestone(
        number=number,
        title=raw.get("title") or f"Milestone {number}",
        id=id_,
        node_id=raw.get("node_id") or node_of("MI", id_),
        description=raw.get("description"),
        creator=user(raw.get("creator", state.owner.login)),
        state=raw.get("state") or ("closed" if closed else "open"),
        created_at=created,
        updated_at=_time(raw, "updated_at", closed or created),
        due_on=_instant(raw, "due_on"),
        closed_at=closed,
    )
    state.milestones[number] = found
    return found


def issue(raw: Raw, state: State, number: int) -> Issue:
    """An issue, or what a pull request has in common with one; its labels and milestone become the repository's."""
    id_ = raw.get("id") or number_of(f"issue:{state.id}:{number}")
    created = _time(raw, "created_at", born(number))
    is_closed = raw.get("state") == "closed" or raw.get("closed_at") or raw.get("merged_at")
    closed = _time(raw, "closed_at", _time(raw, "merged_at", _time(raw, "updated_at", created))) if is_closed else None
    people = raw.get("assignees") or ([raw["assignee"]] if raw.get("assignee") else [])
    return Issue(
        number=number,
        id=id_,
        node_id=raw.get("node_id") or node_of("PR" if "pull_request" in raw else "I", id_),
        title=raw.get("title") or f"Issue {number}",
        body=raw.get("body"),
        user=user(raw.get("user", state.owner.login)),
        created_at=created,
        updated_at=_time(raw, "updated_at", closed or created),
        state="closed" if is_closed else "open",
        state_reason=None if "pull_request" in raw else raw.get("state_reason"),
        closed_at=closed,
        closed_by=user(raw.get("closed_by")),
        labels=[label(one, state).name.casefold() for one in raw.get("labels") or ()],
        assignees=[one for person in people if (one := user(person))],
        milestone=milestone(raw["milestone"], state).number if raw.get("milestone") else None,
        locked=bool(raw.get("locked")),
        lock_reason=raw.get("active_lock_reason"),
        association=raw.get("author_association") or "MEMBER",
        type=issue_type(raw["type"]) if raw.get("type") else None,
        parent=Ref.read(raw["parent_issue_url"], state.full_name) if raw.get("parent_issue_url") else None,
        blockers=[Ref.read(one, state.full_name) for one in raw.get("blocked_by") or ()],
    )


def issue_type(raw: Raw | str) -> dict[str, Any]:
    """An issue type of the organisation, from its object or its bare name."""
    given = {"name": raw} if isinstance(raw, str) else dict(raw)
    number = number_of(f"type:{given['name']}")
    made = {"id": number, "node_id": node_of("IT", number), "description": None, "color": None, "is_enabled": True}
    return {**made, "created_at": born(0), "updated_at": born(0), **given}


def pull(raw: Raw, state: State, common: Issue, became: Mapping[int, str]) -> Pull:
    """What makes a pull request of an issue. ``became`` are the commits whose messages say which one they were."""
    number = common.number
    head, base = raw.get("head") or {}, raw.get("base") or {}
    base_name = base.get("ref") or state.default_branch
    head_name = head.get("ref") or f"patch-{number}"
    head_sha = head.get("sha") or state.branches.get(head_name) or sha_of(f"head:{state.id}:{number}")
    merged = _instant(raw, "merged_at") or _instant(raw.get("pull_request") or {}, "merged_at")
    if "merge_commit_sha" in raw:
        merge_sha = raw["merge_commit_sha"]
    else:
        tried = f"test-merge:{state.id}:{number}:{head_sha}"
        merge_sha = became.get(number) or sha_of(f"merge:{state.id}:{number}") if merged else sha_of(tried)
    fork = head.get("repo", head)  # no key: this repository; null: a fork that is gone
    return Pull(
        id=raw.get("id") or number_of(f"pull:{state.id}:{number}"),
        base=base_name,
        base_sha=base.get("sha") or state.branches.get(base_name) or sha_of(f"base:{state.id}:{base_name}"),
        head=head_name,
        head_sha=head_sha,
        draft=bool(raw.get("draft")),
        merged_at=merged,
        merged_by=user(raw.get("merged_by")),
        merge_sha=merge_sha,
        fork=_fork(fork, state),
        closes=[Ref.read(one, state.full_name) for one in raw.get("closing_issues_references") or ()],
    )


def _fork(raw: Raw | None, state: State) -> dict[str, Any] | None:
    if raw is None:
        return {}
    name = raw.get("full_name")
    return dict(raw) if name and name.casefold() != state.full_name.casefold() else None


def event(raw: Raw, state: State) -> tuple[int, Event]:
    """The number of an issue and something that happened to it; ``issue`` says to which."""
    number = raw["issue"]["number"]
    made = number_of(f"event:{state.id}:{number}:{raw['event']}:{raw.get('created_at')}")
    other = next((raw[name] for name in ("parent_issue", "sub_issue", "blocked_by", "blocking") if raw.get(name)), None)
    named: Raw = raw.get("label") or raw.get("milestone") or {}
    renamed: Raw = raw.get("rename") or {}
    return number, Event(
        id=raw.get("id") or made,
        kind=raw["event"],
        at=_time(raw, "created_at", born(number)),
        actor=user(raw.get("actor")),
        label=state.labels.get(raw["label"]["name"].casefold()) or _lost(raw["label"]) if raw.get("label") else None,
        name=named.get("name") or named.get("title") or renamed.get("to") or "",
        before=renamed.get("from") or "",
        user=user(raw.get("assignee")),
        other=Ref(other["repository"]["full_name"], other["number"]) if other else None,
        reason=raw.get("state_reason"),
        sha=raw.get("commit_id"),
        type=issue_type(raw["issue_type"]) if raw.get("issue_type") else None,
        type_before=issue_type(raw["prev_issue_type"]) if raw.get("prev_issue_type") else None,
        repository=raw.get("from_repository") or "",
    )


def _lost(raw: Raw) -> Label:
    """A label that the repository has no longer."""
    number = number_of(f"label:{raw['name']}")
    return Label(raw["name"], number, node_of("LA", number), raw.get("color") or "ededed")


def ending(one: Issue) -> list[Event]:
    """The events by which an issue was closed and a pull request merged, where nothing tells of them."""
    known = {event.kind for event in one.events}
    found: list[Event] = []
    if one.pull and one.pull.merged_at and "merged" not in known:
        id_ = number_of(f"event:{one.node_id}:merged")
        found.append(Event(id_, "merged", one.pull.merged_at, one.pull.merged_by, sha=one.pull.merge_sha))
    if one.closed_at and "closed" not in known:
        id_ = number_of(f"event:{one.node_id}:closed")
        found.append(Event(id_, "closed", one.closed_at, one.closed_by, reason=one.state_reason))
    return found


def became(commits: Iterable[Commit]) -> dict[int, str]:
    """The commits that say which pull request they were: of the number → sha, the newest."""
    found: dict[int, str] = {}
    for commit in commits:
        if match := _BECAME.match(commit.message.partition("\n")[0]):
            found.setdefault(int(match[1] or match[2]), commit.sha)
    return found


def comment(raw: Raw, state: State) -> Comment:
    """A comment; ``issue_url``, or ``number``, says on which issue. ValueError where neither does."""
    place = _NUMBER_OF_COMMENT.search(str(raw.get("issue_url") or f"/{raw.get('number', '')}"))
    if place is None:
        raise ValueError("a comment needs its issue_url")
    id_ = raw.get("id") or state.next_id("comment")
    created = _time(raw, "created_at", born(int(place[1])))
    return Comment(
        id=id_,
        node_id=raw.get("node_id") or node_of("IC", id_),
        number=int(place[1]),
        user=user(raw.get("user", state.owner.login)),
        body=raw.get("body") or "",
        created_at=created,
        updated_at=_time(raw, "updated_at", created),
        association=raw.get("author_association") or "MEMBER",
    )


def commits(raws: Sequence[Raw], state: State) -> list[Commit]:
    """Commits in the order given. One without ``parents`` follows the one that was committed before it."""
    made: list[tuple[str, Signature, Signature, Raw]] = []
    for place, raw in enumerate(raws):
        inner: Raw = raw.get("commit") or {}
        otherwise = born(len(raws) - place)
        authored = _signature(inner.get("author") or inner.get("committer") or {}, raw.get("author"), otherwise)
        committed = _signature(inner.get("committer") or {}, raw.get("committer"), authored.date, authored)
        sha = raw.get("sha") or sha_of(f"commit:{state.id}:{committed.date}:{inner.get('message')}:{place}")
        made.append((sha, authored, committed, raw))
    before: dict[str, tuple[str, ...]] = {}
    if any("parents" not in raw for raw in raws):
        newest_first = [sha for sha, *_ in sorted(made, key=lambda one: one[2].date, reverse=True)]
        before = {sha: (parent,) for sha, parent in pairwise(newest_first)}
    return [
        Commit(
            sha=sha,
            node_id=raw.get("node_id") or node_of("C", number_of(sha)),
            message=(raw.get("commit") or {}).get("message") or "",
            authored=authored,
            committed=committed,
            author=user(raw.get("author")),
            committer=user(raw.get("committer", raw.get("author"))),
            parents=tuple(parent["sha"] for parent in raw["parents"]) if "parents" in raw else before.get(sha, ()),
        )
        for sha, authored, committed, raw in made
    ]


def _signature(raw: Raw, account: Any, date: str, like: Signature | None = None) -> Signature:
    login = account.get("login") if isinstance(account, Mapping) else account
    name = raw.get("name") or (like.name if like else login) or "Unknown"
    email = raw.get("email") or (like.email if like else f"{login or 'unknown'}@users.noreply.github.com")
    return Signature(name, email, restamp(raw["date"]) if raw.get("date") else date)


def status(raw: Raw, state: State) -> Status:
    """A commit status; ``sha``, or its ``url``, says of which commit."""
    id_ = raw.get("id") or state.next_id("status")
    created = _time(raw, "created_at", born(0))
    return Status(
        id=id_,
        node_id=raw.get("node_id") or node_of("SC", id_),
        sha=raw.get("sha") or raw["url"].rpartition("/")[2],
        state=raw["state"],
        context=raw.get("context") or "default",
        description=raw.get("description"),
        target_url=raw.get("target_url"),
        created_at=created,
        creator=user(raw.get("creator", state.owner.login)),
    )
