"""The commits of a repository as the graph that they are: what a head reaches, and how two heads differ."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from okrsync.sandbox.github.values import Commit


@dataclass(frozen=True, slots=True)
class Comparison:
    """``ahead``: the commits that only the head reaches, oldest first. ``behind``: how many only the base reaches.
    ``merge_base`` is None where the two share nothing."""

    ahead: Sequence[Commit]
    behind: int
    merge_base: Commit | None

    @property
    def status(self) -> str:
        if self.behind:
            return "diverged" if self.ahead else "behind"
        return "ahead" if self.ahead else "identical"


class History:
    """Commits by sha. ``grafts`` are parents that a commit has besides its own, as in a shallow clone: recorded commits
    of branches whose way to the head was not recorded stay reachable through them."""

    def __init__(self, commits: Iterable[Commit] = ()) -> None:
        self.commits: dict[str, Commit] = {}
        self.grafts: dict[str, tuple[str, ...]] = {}
        self._logs: dict[str, list[Commit]] = {}
        for commit in commits:
            self.commits[commit.sha] = commit

    def add(self, commit: Commit) -> None:
        self.commits[commit.sha] = commit
        self._logs.clear()

    def graft(self, sha: str, parents: Iterable[str]) -> None:
        """The commit also reaches what these reach."""
        self.grafts[sha] = tuple(parents)
        self._logs.clear()

    def forget(self, shas: Iterable[str]) -> None:
        """These commits were never there."""
        for sha in shas:
            self.commits.pop(sha, None)
        self._logs.clear()

    def tips(self) -> list[Commit]:
        """The commits that are nobody's parent, newest first; those of one second in the order in which they came."""
        inner = {parent for commit in self.commits.values() for parent in commit.parents}
        found = [commit for commit in self.commits.values() if commit.sha not in inner]
        return sorted(found, key=lambda commit: commit.committed.date, reverse=True)

    def find(self, start: str) -> Commit | None:
        """By sha or by the beginning of one, of at least four digits."""
        if (found := self.commits.get(start)) or len(start) < 4 or len(start) == 40:
            return found
        fitting = [commit for sha, commit in self.commits.items() if sha.startswith(start)]
        return fitting[0] if len(fitting) == 1 else None

    def log(self, head: str) -> list[Commit]:
        """What the head reaches, newest first, as ``git log`` walks: next is the newest whose child was shown."""
        known = self._logs.get(head)
        if known is None:
            known = self._logs[head] = self._walk(head)
        return known

    def _walk(self, head: str) -> list[Commit]:
        found: list[Commit] = []
        seen = {head}
        order = 0
        waiting: list[tuple[int, int, str]] = []
        if head in self.commits:
            waiting.append((0, 0, head))
        while waiting:
            _, _, sha = heapq.heappop(waiting)
            commit = self.commits[sha]
            found.append(commit)
            for parent in (*commit.parents, *self.grafts.get(sha, ())):
                if parent not in seen and parent in self.commits:
                    seen.add(parent)
                    order += 1
                    heapq.heappush(waiting, (_descending(self.commits[parent].committed.date), order, parent))
        return found

    def compare(self, base: str, head: str) -> Comparison:
        """How the head differs from the base; both must be known."""
        of_head, of_base = self.log(head), self.log(base)
        in_head = {commit.sha for commit in of_head}
        in_base = {commit.sha for commit in of_base}
        ahead = [commit for commit in reversed(of_head) if commit.sha not in in_base]
        shared = next((commit for commit in of_head if commit.sha in in_base), None)
        return Comparison(ahead, sum(commit.sha not in in_head for commit in of_base), shared)


def _descending(stamp: str) -> int:
    """A number that falls as a stamp rises, for a heap whose smallest comes first."""
    return -int(stamp.translate(_DIGITS))


_DIGITS = str.maketrans("", "", "-:TZ")
