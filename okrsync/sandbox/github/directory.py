"""All repositories of the stand-in GitHub: found by id and by every name that one ever had."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from okrsync.errors import UsageError
from okrsync.sandbox.clock import Clock
from okrsync.sandbox.github.values import Ref
from okrsync.sandbox.post import Post

if TYPE_CHECKING:
    from okrsync.sandbox.github.state import State
    from okrsync.sandbox.github.values import Issue


class Directory:
    """The repositories of one world. Hold ``lock`` around any use; ``revision`` moves with every change."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.lock = threading.RLock()
        self.revision = 0
        self.post = Post()  # by which webhooks leave
        self.repositories: dict[int, State] = {}
        self._ids: dict[str, int] = {}  # full name, folded, old ones too → id
        self._children = _Reversed(lambda issue: [issue.parent] if issue.parent else [])
        self._blocked = _Reversed(lambda issue: issue.blockers)

    def add(self, repository: State) -> None:
        """The world holds this repository. UsageError where another one has its id or its name."""
        for name in (*repository.old_names, repository.full_name):
            if self._ids.setdefault(name.casefold(), repository.id) != repository.id:
                raise UsageError(f"two repositories of the name {name}")
        if self.repositories.setdefault(repository.id, repository) is not repository:
            raise UsageError(f"{repository.full_name}: another repository has the id {repository.id}")
        repository.directory = self
        self.revision += 1

    def named(self, full_name: str) -> State | None:
        """By the name that it has or had, in any case."""
        return self.repositories.get(self._ids.get(full_name.casefold(), 0))

    def rename(self, repository: State, full_name: str) -> None:
        """The repository has a new name; the old one still leads to it, until another one takes it. UsageError where
        one bears the new name."""
        taken = self.named(full_name)
        if taken not in (None, repository) and taken.full_name.casefold() == full_name.casefold():
            raise UsageError(f"the name {full_name} is taken")
        repository.old_names.append(repository.full_name)
        repository.full_name = full_name
        self._ids[full_name.casefold()] = repository.id
        self.revision += 1

    def issue(self, ref: Ref) -> tuple[State, Issue] | None:
        """The repository and the issue; None where there is none, or where the repository is hidden."""
        repository = self.named(ref.repository)
        if repository is None or repository.hidden:
            return None
        issue = repository.issues.get(ref.number)
        return (repository, issue) if issue else None

    def current(self, ref: Ref) -> Ref:
        """The same issue where it is now: its repository may have another name, and it may have been transferred."""
        repository = self.named(ref.repository)
        if repository is None:
            return ref
        moved = repository.gone.get(ref.number)
        return self.current(moved) if moved else Ref(repository.full_name, ref.number)

    def remove(self, repository: State) -> None:
        """The world holds this repository no more, under none of its names."""
        del self.repositories[repository.id]
        self._ids = {name: id_ for name, id_ in self._ids.items() if id_ != repository.id}
        self.revision += 1

    def children(self, of: Ref) -> list[Ref]:
        """The sub-issues, in the order of their numbers."""
        return self._children.find(self, of)

    def blocked(self, by: Ref) -> list[Ref]:
        """The issues that this one blocks, in the order of their numbers."""
        return self._blocked.find(self, by)


class _Reversed:
    """Which issues name one: worked out anew after every change, over all repositories."""

    def __init__(self, named: Callable[[Issue], Iterable[Ref]]) -> None:
        self._named = named
        self._known: tuple[int, dict[Ref, list[Ref]]] = (-1, {})

    def find(self, directory: Directory, ref: Ref) -> list[Ref]:
        revision, found = self._known
        if revision != directory.revision:
            found = {}
            for repository in directory.repositories.values():
                for issue in repository.issues.values():
                    for one in self._named(issue):
                        found.setdefault(directory.current(one), []).append(Ref(repository.full_name, issue.number))
            self._known = (directory.revision, found)
        return found.get(ref, [])
