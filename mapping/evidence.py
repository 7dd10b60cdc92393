"""What is kept of why one item leads to another, and the sentences that tell it.

A reference that was read in a text keeps where it stood and what was written there (``body: Fixes SHOP-12``). The
evidence of an inherited link is that of the goal's own link, wherever above it stands (``link.label.inherited``), and
where it came by a text, what was written there before it (``link.label.named.body``).
"""

from __future__ import annotations

import re
from enum import StrEnum

from mapping.words import fold
from okrsync.model import ItemKind, Node, Reference, ReferenceKind, Say

_LONGEST = 120  # characters of a text that are kept
_INHERITED = ".inherited"
_SHORT = 10  # digits of a sha by which people call a commit
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TAILS = frozenset({"inherited", "merged", "closes", "reverts", "named"})


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


# ── one step of a path ───────────────────────────────────────────────────────────────────────────────────────────────


def under(child: Node, parent: Node) -> Say:
    """Why the step from an item leads to what stands above it."""
    return Say.of("why.parent", key=called(child), above=called(parent))


def led(node: Node, reference: Reference, up: Node) -> Say:
    """Why the step from a pull request or a commit leads to what it closes, names, was merged as or reverts."""
    if reference.kind is ReferenceKind.MERGED_AS:
        return Say.of("why.merged", key=called(node), named=called(up))
    where, said = noted(reference)
    if reference.kind is ReferenceKind.REVERTS:
        return Say.of("why.reverts", key=called(node), named=called(up), said=said)
    if where is None:
        return Say.of("why.closes", key=called(node), named=called(up))
    place = "message" if node.kind is ItemKind.COMMIT else where
    if fold(said) == fold(up.key):
        return Say.of(f"why.named.{place}", key=called(node), named=called(up))
    return Say.of(f"why.named.{place}.as", key=called(node), named=called(up), said=said)


def stood(node: Node, evidence: Say) -> Say:
    """Why the step from an item leads to a goal, by a direct rule that told this ``evidence``."""
    return Say("why" + evidence.code.removeprefix("link"), (*dict(evidence.args, key=called(node)).items(),))


def bare(evidence: Say) -> Say:
    """The reason itself, without the way by which it was inherited."""
    parts = evidence.code.split(".")
    kept = next((place for place, part in enumerate(parts) if part in _TAILS), len(parts))
    return Say(".".join(parts[:kept]), evidence.args)


def called(node: Node) -> str:
    """What people call an item, and may type."""
    return shortened(node.key)


def shortened(key: str) -> str:
    """The key as people write it: of a commit the first ten digits."""
    return key[:_SHORT] if _SHA.fullmatch(key) else key
