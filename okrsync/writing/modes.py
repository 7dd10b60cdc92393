"""What may be sent of a run: by the mode of its source or object, and the word of a person."""

from __future__ import annotations

from okrsync.model import Write, WritebackPolicy, WriteMode
from okrsync.store.journal import Entry


def mode_of(policy: WritebackPolicy, write: Write) -> WriteMode:
    """What holds for the object of a write."""
    return policy.at(write.slot.source, write.key)


def may_be_sent(policy: WritebackPolicy, entry: Entry) -> bool:
    """Whether ``apply`` sends it: a draft once it is approved."""
    mode = mode_of(policy, entry.write)
    return mode is WriteMode.APPLY or (mode is WriteMode.DRAFT and entry.approved_at is not None)


def modes(policy: WritebackPolicy, sources: set[str]) -> set[WriteMode]:
    """Every mode that anything in these sources is written by."""
    return {policy.of(source) for source in sources} | {
        mode for ref, mode in policy.targets.items() if ref.source in sources
    }
