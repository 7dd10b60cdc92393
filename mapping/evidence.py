"""What is kept of why one item leads to another, and the sentences that tell it.

A reference that was read in a text keeps where it stood and what was written there (``body: Fixes SHOP-12``). The
evidence of an inherited link is that of the goal's own link, wherever above it stands (``link.label.inherited``), and
where it came by a text, what was written there before it (``link.label.named.body``).
"""

from __future__ import annotations

from enum import StrEnum

from okrsync.model import Reference, ReferenceKind, Say

_LONGEST = 120  # characters of a text that are kept
_INHERITED = ".inherited"


class Where(StrEnum):
    """Where in an item a reference stood."""

    TITLE = "title"
    BODY = "body"
    BRANCH = "branch"


_PLACES = {f"{where}: ": where for where in Where}


def note(where: Where, text: str) -> str:
    """The evidence of a reference that was read: where it stood, and the text itself, on one line and shortened."""
    words = " ".join(text[: 2 * _LONGEST].split())
    return f"{where}: {words if len(words) <= _LONGEST else words[: _LONGEST - 1] + '…'}"


def noted(reference: Reference) -> tuple[Where | None, str]:
    """Where a reference stood and what was written there; no place where the tool itself gave it."""
    head, colon, text = reference.evidence.partition(": ")
    where = _PLACES.get(head + colon)
    return (where, text) if where else (None, reference.evidence)


def handed_down(evidence: Say, holder: str) -> Say:
    """What is said below ``holder`` of a link that stands on it."""
    return Say(evidence.code + _INHERITED, (*evidence.args, ("ancestor", holder)))


def through(origin: Say, reference: Reference, named: str) -> Say:
    """What is said of a link that came by ``reference`` from ``named``; ``origin`` is what was handed down there."""
    code = origin.code.removesuffix(_INHERITED)
    if reference.kind is ReferenceKind.MERGED_AS:
        return Say(f"{code}.merged", (*origin.args, ("named", named)))
    where, text = noted(reference)
    if reference.kind is ReferenceKind.REVERTS:
        how = "reverts"
    elif where is None:
        return Say(f"{code}.closes", (*origin.args, ("named", named)))
    else:
        how = f"named.{where}"
    return Say(f"{code}.{how}", (*origin.args, ("named", named), ("said", text)))


def origin(evidence: Say) -> Say:
    """What is handed down by a link with this ``evidence``, however far above it stands."""
    if evidence.code.endswith(_INHERITED):
        return evidence
    names = [name for name, _ in evidence.args]
    last = names.index("named")
    for tail in (".merged", ".closes", ".reverts", *(f".named.{where}" for where in Where)):
        if evidence.code.endswith(tail):
            return Say(evidence.code.removesuffix(tail) + _INHERITED, evidence.args[:last])
    return evidence
