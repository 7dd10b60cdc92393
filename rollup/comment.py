"""The one managed comment on an object: for each key result that it stands for, a title and a handful of lines.

Plain text: lines that begin with ``- `` are bullets, the others stand alone. What stood there before is read back from
the text itself, line by line, so that a key result that must keep silent keeps its lines. The marked block of a
milestone is the same, and shorter.
"""

from __future__ import annotations

from collections.abc import Sequence

from okrsync.model import Json, KeyResult, Progress, Say, Standing, Status, pages
from rollup.author import ADDRESS, BETWEEN, BULLET, Author, shown_percent
from rollup.facts import day
from rollup.restraint import Part, last_said, said_at, speaks
from rollup.targets import Served

Lines = tuple[str, ...]


def comment(author: Author, key: str, served: Served, standing: Standing | None) -> tuple[Json, Say]:
    """The text that should stand on the object called ``key``, None where there is nothing to say, and why."""
    today = day(author.now, author.goals.timezone)
    footer = author.render(Say.of("comment.footer", instance=author.instance, at=today))
    return _text(author, key, served, standing, [footer], briefly=False)


def block(author: Author, served: Served, standing: Standing | None) -> tuple[Json, Say]:
    """The text that should stand in the description of a milestone, None where there is nothing to say, and why."""
    return _text(author, None, served, standing, [], briefly=True)


def _text(
    author: Author, key: str | None, served: Served, standing: Standing | None, footer: list[str], *, briefly: bool
) -> tuple[Json, Say]:
    known = last_said(standing)
    stands = _blocks(known)
    parts = [_part(author, kr, progress, stands.get(kr.id), briefly=briefly) for kr, progress in served]
    withdrawn = bool(stands.keys() - {kr.id for kr, _ in served})
    blocks, why = author.restraint.settle(parts, withdrawn=withdrawn, written=said_at(standing))
    if not blocks:
        return None, why
    krs = [kr for kr, _ in served]
    links = author.links(krs)
    if blocks == list(stands.values()):  # nothing is news: neither is the day in the footer
        if links == _links(known):
            return known, why
        why = ADDRESS
    explained = [author.explain(key, krs), *links]
    return "\n".join([*(line for block in blocks for line in block), *footer, *explained]), why


def _part(author: Author, kr: KeyResult, progress: Progress, known: Lines | None, *, briefly: bool) -> Part[Lines]:
    stood = known[1] if known is not None else None
    dropped = author.state(progress, None) if progress.status is Status.DROPPED else None
    if not speaks(progress, Status.DROPPED if stood is not None and stood == dropped else None):
        return Part(known, None, None)
    fresh = tuple(author.told(kr, progress, briefly=briefly))
    if known is None:
        return Part(None, fresh, Say.of("write.first", id=kr.id))
    if stood in _near(author, progress):
        return Part(known, fresh, None)
    return Part(known, fresh, Say.of("write.moved", id=kr.id, points=author.restraint.move))


def _near(author: Author, progress: Progress) -> set[str]:
    """The lines of state that are too close to today's to be worth a write."""
    whole = shown_percent(progress)
    if whole is None:
        return {author.state(progress, None)}
    move = author.restraint.move
    return {author.state(progress, near) for near in range(whole - move + 1, whole + move)}


def _blocks(known: Json) -> dict[str, Lines]:
    """The lines of each key result in a text that stands: a title, the bullet of its status, its story where it has
    one, and the bullets below. A story never ends them, so that what follows the last bullet is none of them."""
    blocks: dict[str, Lines] = {}
    lines = known.split("\n") if isinstance(known, str) else []
    start = 0
    while start < len(lines):
        end = _end(lines, start)
        if end > start:
            blocks.setdefault(lines[start].partition(BETWEEN)[0], tuple(lines[start:end]))
        start = max(end, start + 1)
    return blocks


def _links(known: Json) -> list[str]:
    """The lines of a text that lead to our pages."""
    return [line for line in known.split("\n") if pages.link(line)] if isinstance(known, str) else []


def _end(lines: Sequence[str], start: int) -> int:
    """Where the block that begins with this line ends; ``start`` where none does."""
    if lines[start].startswith(BULLET) or BETWEEN not in lines[start] or not _bullet(lines, start + 1):
        return start
    end = start + 2
    if not _bullet(lines, end) and _bullet(lines, end + 1) and BETWEEN not in lines[end]:
        end += 1
    while _bullet(lines, end):
        end += 1
    return end


def _bullet(lines: Sequence[str], number: int) -> bool:
    return number < len(lines) and lines[number].startswith(BULLET)
