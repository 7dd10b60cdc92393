"""The keys of items as people read them; the roll-up itself knows the items of a workload by uid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from okrsync.model import Cause, Progress, Say
from rollup.workload import Array

MOST = 100
"""How many items a cause names: those that tell most."""

_NUMBER = re.compile("([0-9]+)")


def natural(key: str) -> tuple[str, ...]:
    """A sort key that puts SHOP-2 before SHOP-10: words and numbers in turn, a word first."""
    parts = _NUMBER.split(key)
    parts[1::2] = [number.zfill(20) for number in parts[1::2]]
    return tuple(parts)


def because(text: Say, items: Array, rank: Array | None = None) -> Cause:
    """A clause with the items (rows of a workload) behind it: of more than ``MOST`` those of the lowest rank."""
    uids = items["uid"]
    if rank is not None and len(uids) > MOST:
        uids = uids[np.argsort(rank, kind="stable")]
    return Cause(text, more=max(len(uids) - MOST, 0), uids=tuple(uids[:MOST].tolist()))


def unnamed(progress: Iterable[Progress]) -> set[int]:
    """The uids of all items behind these numbers."""
    return {uid for known in progress for cause in known.causes for uid in cause.uids}


def named(progress: Progress, keys: Mapping[int, str]) -> Progress:
    """The same with the keys of the items, in natural order, in the place of their uids."""
    causes = [
        replace(cause, items=tuple(sorted((keys[uid] for uid in cause.uids), key=natural)), uids=())
        if cause.uids
        else cause
        for cause in progress.causes
    ]
    return replace(progress, causes=tuple(causes))
