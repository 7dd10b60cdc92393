"""Keys that may have been meant by one that names nothing."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import Connection, select

from okrsync.model import ItemKind
from okrsync.store import codec
from okrsync.store import tables as t

SLIPS = 2  # letters that may be wrong, missing, too many or swapped; the number is never a slip
SHOWN = 3

_NUMBER = re.compile(r"(\d+)$")
_LETTERS = re.compile(r"[^\w]|_")


def alike(tx: Connection, text: str, sources: Collection[str]) -> list[str]:
    """The few keys of these sources with the same number whose project is written almost so: the nearest."""
    from rapidfuzz.distance import OSA

    folded = codec.fold(codec.clean(text.strip()))
    number = _NUMBER.search(folded)
    if number is None:
        return []
    item = t.item.c
    ending = item.folded.endswith(number[1], autoescape=True)
    rows = select(item.key, item.folded).where(
        ending, item.kind != ItemKind.COMMIT.value, item.deleted_at.is_(None), item.source.in_(list(sources))
    )
    asked, found = _LETTERS.sub("", folded), []
    for key, known in tx.execute(rows):
        same = _NUMBER.search(known)
        if same is None or same[1].lstrip("0") != number[1].lstrip("0"):
            continue
        bare = _LETTERS.sub("", known)
        distance = 0 if bare.endswith(asked) else OSA.distance(asked, bare, score_cutoff=SLIPS)
        if distance <= SLIPS:
            found.append((distance, key))
    nearest = min(found, default=(0, ""))[0]
    return [key for distance, key in sorted(set(found)) if distance == nearest][:SHOWN]
