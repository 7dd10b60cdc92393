"""How far a repository is read: the note that a cursor carries, and what is compared with it. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import blake2b

import orjson

from connectors.github_wire import commit_id, issue_id, parts
from connectors.raw import inner, text
from okrsync.model import Item, is_managed


@dataclass(frozen=True, slots=True)
class Walk:
    """A row of pages of commits that is not read to its end; both shas are pinned, so its pages never move."""

    branch: str
    head: str  # where the branch stands once all is read
    next: str  # the address of the next page


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a repository is read and by what: the note that a cursor carries."""

    heads: Mapping[str, str] = field(default_factory=dict)  # branch → the sha up to which it is read
    walk: Walk | None = None
    names: str | None = None  # of its labels and milestones, as :func:`digests` has them
    whole: str = ""  # when all issues were read last, by our own clock
    seen: str = ""  # what the change gate said before the last walk over what changed, where that missed nothing
    count: int = -1  # how many issues and pull requests there were then; -1 where the gate did not tell
    last: int = 0  # the highest number of one that was there then

    def dump(self) -> str:
        """The note; "" where there is nothing to say."""
        if self == Mark():
            return ""
        return orjson.dumps({"v": 2, **asdict(self)}, option=orjson.OPT_SORT_KEYS).decode()

    @classmethod
    def load(cls, note: str) -> Mark:
        """The mark of a note; an empty one, by which everything is read again, where that cannot be read."""
        try:
            said = orjson.loads(note)
            heads, walk, names, whole, seen = (said[name] for name in ("heads", "walk", "names", "whole", "seen"))
            count, last = said["count"], said["last"]
            if said["v"] != 2 or not all(isinstance(one, str) for one in (*heads.values(), names or "", whole, seen)):
                return cls()
            if not isinstance(count, int) or not isinstance(last, int):
                return cls()
            return cls(heads, walk and Walk(**walk), names, whole, seen, count, last)
        except (ValueError, TypeError, KeyError, AttributeError):
            return cls()


class Ids:
    """The ids of many items of one repository, in few bytes. ``commits`` tells whether those of its commits are among
    them."""

    def __init__(self, *, commits: bool = True) -> None:
        self.commits = commits
        self._numbers = array("L")
        self._shas: list[bytes] = []

    def add(self, items: Iterable[Item]) -> None:
        for item in items:
            _, number, sha = parts(item.remote_id)
            if number:
                self._numbers.append(number)
            else:
                self._shas.append(bytes.fromhex(sha))

    def of(self, repo: str) -> Iterator[str]:
        """The same ids again, where they are those of this repository."""
        yield from (issue_id(repo, number) for number in self._numbers)
        yield from (commit_id(repo, sha.hex()) for sha in self._shas)


def digests(labels: Iterable[object], milestones: Iterable[object]) -> str:
    """What the labels and milestones of a repository are called, in eight characters each. Ours do not matter.

    Labels are rows of the REST interface (``node_id``) or nodes of a query (``id``): the same id by another name.
    """
    told = {
        f"label {text(row, 'node_id') or text(row, 'id')} {name}"
        for row in labels
        if (name := text(row, "name")) and not is_managed(name)
    }
    told |= {f"milestone {inner(row, 'number')} {text(row, 'title')}" for row in milestones}
    return "".join(sorted(blake2b(one.encode(), digest_size=4).hexdigest() for one in told))


def is_without(names: str, known: str) -> bool:
    """Whether one of the labels and milestones known is called otherwise now, or gone: GitHub updates no issue then."""
    return not _each(known) <= _each(names)


def _each(names: str) -> set[str]:
    return {names[start : start + 8] for start in range(0, len(names), 8)}
