"""The one managed comment on an object: for each key result that it stands for, a title and a handful of lines.

Plain text: lines that begin with ``- `` are bullets, the others stand alone. What stood there before is read back from
the text itself, line by line, so that a key result that must keep silent keeps its lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from okrsync.model import Json, KeyResult, Progress, Say, Status
from rollup.author import BETWEEN, BULLET, Author, shown_percent
from rollup.restraint import MOVE, Part, settle, speaks

Block = tuple[str, ...]


def comment(
    author: Author, key: str, served: Sequence[tuple[KeyResult, Progress]], known: Json, written: datetime | None
) -> tuple[Json, Say]:
    """The text that should stand on the object called ``key``, None where there is nothing to say, and why."""
    stands = _blocks(known)
    parts = [_part(author, kr, progress, stands.get(kr.id)) for kr, progress in served]
    withdrawn = bool(stands.keys() - {kr.id for kr, _ in served})
    blocks, why = settle(parts, withdrawn=withdrawn, written=written, now=author.now)
    if not blocks:
        return None, why
    lines = [line for block in blocks for line in block]
    lines.append(author.render(Say.of("comment.footer", instance=author.instance)))
    lines.append(author.explain(key, [kr for kr, _ in served]))
    return "\n".join(lines), why


def _part(author: Author, kr: KeyResult, progress: Progress, known: Block | None) -> Part[Block]:
    stood = known[1] if known is not None and len(known) > 1 else None
    dropped = author.state(progress, None) if progress.status is Status.DROPPED else None
    if not speaks(progress, Status.DROPPED if stood is not None and stood == dropped else None):
        return Part(known, None, None)
    fresh = (author.title(kr), author.state(progress, shown_percent(progress)), *author.facts(kr, progress))
    if known is None:
        return Part(None, fresh, Say.of("write.first", id=kr.id))
    return Part(known, fresh, None if stood in _near(author, progress) else Say.of("write.moved", id=kr.id))


def _near(author: Author, progress: Progress) -> set[str]:
    """The lines of state that are too close to today's to be worth a write."""
    whole = shown_percent(progress)
    if whole is None:
        return {author.state(progress, None)}
    return {author.state(progress, near) for near in range(whole - MOVE + 1, whole + MOVE)}


def _blocks(known: Json) -> dict[str, Block]:
    """The lines of each key result in a comment that stands: a title, and the bullets below it."""
    blocks: dict[str, list[str]] = {}
    title: list[str] = []
    for line in known.split("\n") if isinstance(known, str) else ():
        if line.startswith(BULLET):
            if title:
                blocks.setdefault(title[0].partition(BETWEEN)[0], title).append(line)
        else:
            title = [line] if BETWEEN in line else []
    return {kr: tuple(lines) for kr, lines in blocks.items()}
