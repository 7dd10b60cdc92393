"""References → edges: what pull requests and commits close, name, were merged as and revert."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from mapping.book import NAMING, Book, identity, is_sha
from mapping.evidence import noted
from okrsync.model import ItemKind, Node, Reference, ReferenceKind, RuleName, Rules

Edge: TypeAlias = "tuple[int, Reference]"  # the item that is named, and the reference that names it

_Found: TypeAlias = "dict[int, dict[int, Reference]]"


@dataclass(slots=True)
class Naming:
    """By uid of a pull request or a commit: what it inherits from, and what it names that cannot be resolved.

    ``named`` feeds the rule ``reference``. A pull request has tickets there; a commit has tickets, pull requests, and
    the pull request that was merged as this commit. ``reverted`` feeds ``revert``: a commit or a pull request.

    ``nameless`` holds keys of configured projects that no stored item has. A sha that is not stored, or the address of
    an Asana task that is not, leads out of what is configured and is nothing. ``missing`` is what the tool itself says
    to be closed and what is not stored.
    """

    named: dict[int, tuple[Edge, ...]] = field(default_factory=dict)
    reverted: dict[int, tuple[Edge, ...]] = field(default_factory=dict)
    nameless: dict[int, list[str]] = field(default_factory=dict)
    missing: dict[int, Reference] = field(default_factory=dict)
    ambiguous: dict[int, tuple[Reference, tuple[int, ...]]] = field(default_factory=dict)

    def edges(self) -> Iterator[tuple[Edge, ...]]:
        """The edges of each item and rule."""
        yield from self.named.values()
        yield from self.reverted.values()

    def above(self, uid: int) -> tuple[int, ...]:
        """Whatever the item inherits from."""
        return tuple(up for edges in (self.named.get(uid, ()), self.reverted.get(uid, ())) for up, _ in edges)


def naming(nodes: Mapping[int, Node], book: Book, rules: Rules) -> Naming:
    """The edges of the rules that are on, among ``nodes``. Linear in nodes and references."""
    found = Naming()
    named: _Found = defaultdict(dict)
    reverted: _Found = defaultdict(dict)
    merged: dict[int, list[Edge]] = defaultdict(list)
    wanted = NAMING - (set() if RuleName.REVERT in rules.order else {ReferenceKind.REVERTS})
    if RuleName.REFERENCE not in rules.order:
        wanted &= {ReferenceKind.REVERTS}
    for uid, node in nodes.items():
        if node.kind is ItemKind.TICKET:
            continue
        for reference in node.references:
            if reference.kind not in wanted:
                continue
            targets = book.find(node, reference)
            if reference.kind is ReferenceKind.MERGED_AS:
                if node.kind is ItemKind.PULL_REQUEST:  # nothing else becomes a commit
                    for commit in targets:
                        merged[commit].append((uid, reference))
            elif len(targets) == 1:
                target = nodes[targets[0]]
                if target.uid != uid and (edges := _leads(node, target, reference, named, reverted)) is not None:
                    edges[uid][target.uid] = _weightier(edges[uid].get(target.uid), reference)
            elif targets:
                found.ambiguous.setdefault(uid, (reference, targets))
            else:
                _unresolved(found, uid, reference)
    for commit, pulls in merged.items():
        for pull, reference in sorted(pulls, key=lambda edge: identity(nodes[edge[0]])):
            named[commit].setdefault(pull, reference)
    if RuleName.REFERENCE in rules.order:
        found.named = {uid: tuple(edges.items()) for uid, edges in named.items()}
    found.reverted = {uid: tuple(edges.items()) for uid, edges in reverted.items()}
    return found


def _leads(node: Node, target: Node, reference: Reference, named: _Found, reverted: _Found) -> _Found | None:
    """By which rule the node inherits from the target, if by any."""
    if target.kind is ItemKind.TICKET:
        return named
    if reference.kind is ReferenceKind.REVERTS:
        return reverted
    return named if node.kind is ItemKind.COMMIT and target.kind is ItemKind.PULL_REQUEST else None


def _unresolved(found: Naming, uid: int, reference: Reference) -> None:
    if is_sha(reference):
        return
    if reference.target_id is not None or noted(reference)[0] is None:
        found.missing.setdefault(uid, reference)
    elif "-" in reference.target or "#" in reference.target:
        found.nameless.setdefault(uid, []).append(reference.target)


def _weightier(known: Reference | None, other: Reference) -> Reference:
    """The better evidence of two references to one item: closing before naming, a text before the tool's word."""
    return other if known is None or _weight(other) < _weight(known) else known


def _weight(reference: Reference) -> tuple[bool, bool]:
    return reference.kind is not ReferenceKind.CLOSES, noted(reference)[0] is None
