"""The state of one repository: what it holds, how it is found, and what moves with a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from okrsync.sandbox.github.directory import Directory
from okrsync.sandbox.github.history import History
from okrsync.sandbox.github.values import Issue, Label, Milestone, Ref, Status, User, node_of, number_of, stamp

if TYPE_CHECKING:
    from okrsync.sandbox.github.hooks import Hook
    from okrsync.sandbox.github.noticed import Noticed

T = TypeVar("T")
Sort = Literal["created", "updated", "comments"]
Which = Literal["all", "issues", "pulls"]
_KEYS: dict[Sort, Callable[[Issue], tuple[str | int, int]]] = {
    "created": lambda issue: (issue.created_at, issue.number),
    "updated": lambda issue: (issue.updated_at, issue.number),
    "comments": lambda issue: (len(issue.comments), issue.number),
}


def sort_key(sort: Sort, issue: Issue) -> tuple[str | int, int]:
    """What a listing orders by: never equal for two issues."""
    return _KEYS[sort](issue)


class State:
    """One repository. Whoever changes it holds ``directory.lock`` and ends with :meth:`changed`.

    ``facts`` are the plain values of its own object (description, private, topics …); ``gone`` are the numbers of
    deleted issues (None) and of transferred ones (where they went). ``late`` is what shows as it was until an instant.
    """

    def __init__(self, full_name: str, id: int | None = None) -> None:  # noqa: A002
        self.full_name = full_name
        self.id = id or number_of(f"repository:{full_name.casefold()}")
        self.node_id = node_of("R", self.id)
        self.owner = User.named(full_name.partition("/")[0])
        self.facts: dict[str, Any] = {}
        self.created_at = self.updated_at = self.pushed_at = ""
        self.default_branch = "main"
        self.old_names: list[str] = []
        self.hidden = False
        self.issues: dict[int, Issue] = {}
        self.labels: dict[str, Label] = {}
        self.milestones: dict[int, Milestone] = {}
        self.history = History()
        self.branches: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.statuses: dict[str, list[Status]] = {}
        self.gone: dict[int, Ref | None] = {}
        self.late: dict[tuple[str, object], tuple[datetime, Any]] = {}
        self.hooks: dict[int, Hook] = {}
        self.noticed: Noticed | None = None  # how it was when webhooks told last
        self.directory = Directory()
        self.revision = 0
        self._made = 0
        self._ordered: dict[tuple[Sort, Which], tuple[int, list[Issue]]] = {}
        self._counts: tuple[int, Counter[tuple[int | None, str]]] = (-1, Counter())
        self._nodes: tuple[int, dict[str, Issue]] = (-1, {})

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]

    @property
    def head(self) -> str | None:
        """The sha that the default branch stands at; None for an empty repository."""
        return self.branches.get(self.default_branch)

    # ── what changes make new ──

    def changed(self) -> None:
        """Listings and whatever else is worked out from the state are no longer what they were."""
        self.revision += 1
        self.directory.revision += 1

    def next_id(self, kind: str) -> int:
        """An id that nothing else has."""
        self._made += 1
        return number_of(f"{kind}:{self.id}:{self._made}:{stamp(self.directory.clock())}")

    def next_number(self) -> int:
        """The number of the next issue or pull request; none is given twice."""
        return max((*self.issues, *self.gone), default=0) + 1

    def touch(self, issue: Issue, at: datetime) -> None:
        """The issue was updated at this instant; never earlier than before."""
        issue.updated_at = max(issue.updated_at, stamp(at))
        self.changed()

    def label(self, name: str) -> Label:
        """The label of this name in any case; made where there is none."""
        found = self.labels.get(name.casefold())
        if found is None:
            number = number_of(f"label:{self.id}:{name}")
            found = self.labels[name.casefold()] = Label(name, number, node_of("LA", number))
        return found

    def seen(self, kind: str, which: object, stands: T) -> T:
        """What a reader sees where this stands: what was there before, as long as that was written too recently."""
        found = self.late.get((kind, which))
        return found[1] if found is not None and self.directory.clock() < found[0] else stands

    # ── lookups ──

    def ordered(self, sort: Sort, which: Which = "all") -> list[Issue]:
        """Every issue, every pull request, or both, the smallest first. Shared: not to be changed."""
        revision, found = self._ordered.get((sort, which), (-1, []))
        if revision != self.revision:
            chosen = (
                one for one in self.issues.values() if which == "all" or (one.pull is None) is (which == "issues")
            )
            found = sorted(chosen, key=_KEYS[sort])
            self._ordered[sort, which] = (self.revision, found)
        return found

    def count(self, milestone: int, state: str) -> int:
        """How many issues and pull requests of a milestone are in this state."""
        return self._counted()[milestone, state]

    def open_issues(self) -> int:
        """How many issues and pull requests are open."""
        return sum(number for (_, state), number in self._counted().items() if state == "open")

    def _counted(self) -> Counter[tuple[int | None, str]]:
        revision, counts = self._counts
        if revision != self.revision:
            counts = Counter((one.milestone, one.state) for one in self.issues.values())
            self._counts = (self.revision, counts)
        return counts

    def node(self, node_id: str) -> Issue | None:
        """The issue or pull request of this node id."""
        revision, found = self._nodes
        if revision != self.revision:
            found = {issue.node_id: issue for issue in self.issues.values()}
            self._nodes = (self.revision, found)
        return found.get(node_id)

    def commit_of(self, ref: str) -> str | None:
        """The sha that the name of a branch or a tag, a sha or the beginning of one stands for."""
        name = ref.removeprefix("refs/").removeprefix("heads/").removeprefix("tags/").rpartition(":")[2]
        if name == "HEAD":
            return self.head
        if known := self.branches.get(name) or self.tags.get(name):
            return known
        found = self.history.find(name)
        return found.sha if found else None

    def knows(self, sha: str) -> bool:
        """Whether a status may stand on this sha: one of a commit, or of the head of a pull request."""
        return sha in self.history.commits or any(
            issue.pull is not None and sha in (issue.pull.head_sha, issue.pull.merge_sha)
            for issue in self.issues.values()
        )
