"""The commits of a repository on its configured branches: which are new since a mark, and which are still there.

A branch is read once from its head backwards, then only what its new head reaches and the old one does not: commits
that were written early and merged late are among those. Every address is pinned by shas, so that a row of pages can be
taken up anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.github_mark import Mark, Walk
from connectors.github_wire import Repo, is_pattern
from connectors.raw import inner, text
from okrsync.errors import Rejected, ToolError, Unavailable

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

_UNKNOWN = frozenset({404, 409, 422})  # a sha that is no more, two that share nothing, a repository that is empty
_EMPTY = 409
_REACHED = frozenset({"behind", "identical"})
_COMPARISONS = 200  # requests that looking for commits one by one may cost; for more, the branches are read again
_FEW = 10  # heads left behind at once that are looked into one by one
_COMPARE = re.compile(r"/compare/[0-9a-f]+\.\.\.")


@dataclass(frozen=True, slots=True)
class Left:
    """A head that a branch was moved away from by force, or whose branch is gone; and what stands there instead: the
    new head, the default branch; "" where nothing does."""

    head: str
    instead: str


class Commits:
    """Reads the commits on these branches: names, patterns, or none for the default branch."""

    def __init__(self, api: Api, branches: Sequence[str]) -> None:
        self._api, self._branches = api, branches

    def since(
        self, repo: Repo, mark: Mark, after: Mark, heads: Mapping[str, str]
    ) -> Iterator[tuple[list[Any], Mark, Sequence[Left]]]:
        """The commits that are new since a mark, page by page with the mark after it, and at last the heads that were
        left behind; a branch that was moved by force brings what it did not reach before. What these marks say of
        issues is what ``after`` says. ``heads`` are those of :meth:`heads`, found by whatever way."""
        read = {branch: sha for branch, sha in mark.heads.items() if branch in heads}
        last = mark

        def marked(pages: Iterable[tuple[list[Any], str]], branch: str, head: str) -> Iterator[tuple[list[Any], Mark]]:
            for commits, more in pages:
                if not more:
                    read[branch] = head
                yield commits, replace(after, heads=dict(read), walk=Walk(branch, head, more) if more else None)

        if (walk := mark.walk) and walk.branch in heads:
            try:
                for commits, last in marked(self._pages(walk.next), walk.branch, walk.head):
                    yield commits, last, ()
            except (Rejected, Unavailable) as error:
                if not _is_no_way(error):
                    raise
        default = next(iter(heads.values()), "")
        left = [Left(sha, default) for branch, sha in mark.heads.items() if branch not in heads]
        for branch, head in heads.items():
            base = read.get(branch) or read.get(repo.branch) or next(iter(mark.heads.values()), "")
            if base == head:
                read[branch] = head
                continue
            onward = False
            for commits, last in marked(self._between(repo, base, head), branch, head):
                onward = onward or any(base in _parents(commit) for commit in commits)
                yield commits, last, ()
            if not onward and base == mark.heads.get(branch):
                left.append(Left(base, head))
        left = [one for one in left if one.head not in heads.values()]
        whole = replace(after, heads=read, walk=None)
        if left or last != whole:
            yield [], whole, left

    def lost(self, repo: Repo, left: Sequence[Left]) -> list[str] | None:
        """The shas that only heads that were left behind are known to reach; None where nobody can tell, or not by few
        requests."""
        if len(left) > _FEW or not all(one.instead for one in left):
            return None
        found: dict[str, None] = {}
        for one in left:
            path = f"/repos/{repo.full_name}/compare/{one.instead}...{one.head}"
            try:
                pages = self._api.pages(path, {"per_page": "100"}, rows="commits")
                found.update((text(commit, "sha"), None) for commits, _ in pages for commit in commits)
            except (Rejected, Unavailable) as error:
                if not _is_no_way(error):
                    raise
                return None
        return list(found)

    def reached(self, repo: Repo) -> Iterator[Any]:
        """Every commit that a configured branch reaches; Rejected where nobody can tell."""
        if not (heads := self.heads(repo)):
            next(self._by_default(repo), None)  # of a repository that is hidden, no branch is there either
        for commits, _, _ in self.since(repo, Mark(), Mark(), heads):
            yield from commits

    def find(self, repo: Repo, shas: Collection[str]) -> Iterator[Any]:
        """Those of these commits that a configured branch reaches: GitHub keeps others for a long time.

        Where none of these branches is there (renamed, say), those that the default branch of the repository reaches,
        so that nothing is taken for deleted by mistake.
        """
        heads = list(dict.fromkeys(self.heads(repo).values()))
        wanted = set(shas)
        if not heads or len(wanted) * len(heads) > _COMPARISONS:
            reached = self.reached(repo) if heads else self._by_default(repo)
            yield from (commit for commit in reached if text(commit, "sha") in wanted)
            return
        for sha in shas:
            for head in heads:
                try:
                    found = self._api.get(f"/repos/{repo.full_name}/compare/{head}...{sha}", {"per_page": "1"}).value
                except Rejected as error:
                    if error.status not in _UNKNOWN:
                        raise
                    continue
                commit = inner(found, "merge_base_commit")
                if text(found, "status") in _REACHED and text(commit, "sha") == sha:
                    yield commit
                    break

    def heads(self, repo: Repo) -> dict[str, str]:
        """Where the configured branches stand, the default one first; a branch that is missing here has none."""
        wanted = self._branches or ((repo.branch,) if repo.branch else ())
        found: dict[str, str] = {}
        if any(map(is_pattern, wanted)):
            for rows, _ in self._api.pages(f"/repos/{repo.full_name}/branches", {"per_page": "100"}, keep=True):
                found |= {
                    name: text(inner(row, "commit"), "sha")
                    for row in rows
                    if (name := text(row, "name")) and any(fnmatchcase(name, pattern) for pattern in wanted)
                }
        else:
            for branch in wanted:
                path = f"/repos/{repo.full_name}/branches/{quote(branch, safe='')}"
                try:
                    found[branch] = text(inner(self._api.get(path, keep=True).value, "commit"), "sha")
                except Rejected as error:
                    if error.status not in _UNKNOWN:
                        raise
        order = sorted((branch for branch, sha in found.items() if sha), key=lambda branch: branch != repo.branch)
        return {branch: found[branch] for branch in order}

    def _by_default(self, repo: Repo) -> Iterator[Any]:
        """Every commit that the default branch reaches; none where the repository is empty, Rejected where nobody can
        tell."""
        try:
            for commits, _ in self._pages(f"/repos/{repo.full_name}/commits", {"per_page": "100"}):
                yield from commits
        except Rejected as error:
            if error.status != _EMPTY:
                raise

    def _between(self, repo: Repo, base: str, head: str) -> Iterator[tuple[list[Any], str]]:
        """What ``head`` reaches and ``base`` does not; all that it reaches where the two cannot be compared."""
        if base:
            try:
                yield from self._pages(f"/repos/{repo.full_name}/compare/{base}...{head}", {"per_page": "100"})
                return
            except (Rejected, Unavailable) as error:
                if not _is_no_way(error):
                    raise
        try:
            yield from self._pages(f"/repos/{repo.full_name}/commits", {"sha": head, "per_page": "100"})
        except Rejected as error:
            if error.status not in _UNKNOWN:
                raise

    def _pages(self, path: str, params: dict[str, str] | None = None) -> Iterator[tuple[list[Any], str]]:
        return self._api.pages(path, params, rows="commits" if _COMPARE.search(path) else "")


def _parents(commit: object) -> list[str]:
    parents = inner(commit, "parents")
    return [text(parent, "sha") for parent in parents] if isinstance(parents, list) else []


def _is_no_way(error: ToolError) -> bool:
    """Whether a comparison will not come to anything: a sha is gone, or it is too much for GitHub, try after try."""
    return error.status in _UNKNOWN or (isinstance(error, Unavailable) and (error.status or 0) >= 500)
