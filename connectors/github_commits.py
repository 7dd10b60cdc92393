"""The commits of a repository on its configured branches: which are new since a mark, and which are still there.

A branch is read once from its head backwards, then only what its new head reaches and the old one does not: commits
that were written early and merged late are among those. Every address is pinned by shas, so that a row of pages can be
taken up anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.github_wire import Mark, Repo, Walk, is_pattern
from connectors.raw import inner, text
from okrsync.errors import Rejected

if TYPE_CHECKING:
    from connectors.github_api import Api  # loads PyGithub

_UNKNOWN = frozenset({404, 409, 422})  # a sha that is no more, two that share nothing, a repository that is empty
_REACHED = frozenset({"behind", "identical"})
_COMPARISONS = 200  # requests that looking for commits one by one may cost; for more, the branches are read again
_COMPARE = re.compile(r"/compare/[0-9a-f]+\.\.\.")


class Commits:
    """Reads the commits on these branches: names, patterns, or none for the default branch."""

    def __init__(self, api: Api, branches: Sequence[str]) -> None:
        self._api, self._branches = api, branches

    def since(self, repo: Repo, mark: Mark, after: Mark | None = None) -> Iterator[tuple[list[Any], Mark]]:
        """The commits that are new since a mark, page by page with the mark after it; a branch that was moved by force
        brings what it did not reach before. What these marks say of issues is what ``after`` says, else ``mark``."""
        after = after or mark
        heads = self.heads(repo)
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
                    yield commits, last
            except Rejected as error:
                if error.status not in _UNKNOWN:
                    raise
        for branch, head in heads.items():
            base = read.get(branch) or read.get(repo.branch) or next(iter(read.values()), "")
            if base == head:
                read[branch] = head
                continue
            for commits, last in marked(self._between(repo, base, head), branch, head):
                yield commits, last
        if last != (whole := replace(after, heads=read, walk=None)):
            yield [], whole

    def find(self, repo: Repo, shas: Collection[str]) -> Iterator[Any]:
        """Those of these commits that a configured branch reaches: GitHub keeps others for a long time."""
        heads = list(dict.fromkeys(self.heads(repo).values()))
        wanted = set(shas)
        if len(wanted) * len(heads) > _COMPARISONS:
            for commits, _ in self.since(repo, Mark()):
                yield from (commit for commit in commits if text(commit, "sha") in wanted)
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

    def _between(self, repo: Repo, base: str, head: str) -> Iterator[tuple[list[Any], str]]:
        """What ``head`` reaches and ``base`` does not; all that it reaches where the two cannot be compared."""
        if base:
            try:
                yield from self._pages(f"/repos/{repo.full_name}/compare/{base}...{head}", {"per_page": "100"})
                return
            except Rejected as error:
                if error.status not in _UNKNOWN:
                    raise
        try:
            yield from self._pages(f"/repos/{repo.full_name}/commits", {"sha": head, "per_page": "100"})
        except Rejected as error:
            if error.status not in _UNKNOWN:
                raise

    def _pages(self, path: str, params: dict[str, str] | None = None) -> Iterator[tuple[list[Any], str]]:
        return self._api.pages(path, params, rows="commits" if _COMPARE.search(path) else "")
