"""Where a climb ends and the cheapest way to mend it: one function for each way in which a chain breaks."""

from __future__ import annotations

from collections.abc import Sequence

from mapping.book import CLIMBING
from mapping.evidence import called, shortened
from mapping.tree import Death
from mapping.words import fold, latin
from okrsync.model import Break, Dangling, ItemKind, Link, Node, Reference, RuleName, Say, Verdict

SHOWN = 5  # so many items are named, and "…" for the rest


def nothing(node: Node, example: str | None) -> Break:
    """Nothing of the item points anywhere."""
    why = "break.direct" if node.kind is ItemKind.TICKET else "break.direct.text"
    return _at(node, Say.of(why, key=called(node)), _name("fix.direct", node, example))


def top(node: Node, example: str | None) -> Break:
    """The highest item of the chain leads to no goal: one link there serves everything below."""
    return _at(node, Say.of("break.top", key=called(node)), _name("fix.top", node, example))


def misnamed(node: Node, dangling: Dangling, example: str | None) -> Break:
    """A label, a field, a trailer or the word of a person names no goal, or a key no item."""
    return _at(node, misnamed_why(node.key, dangling), misnamed_fix(node.key, node.kind, dangling, example))


def misnamed_why(key: str, dangling: Dangling) -> Say:
    """What was written on ``key`` and names nothing."""
    kind, _, name = dangling.where.partition(" ")
    facts: dict[str, str | int | float] = {"key": shortened(key), "text": dangling.text}
    if kind == "field":
        facts["field"] = name
    return Say.of(f"break.dangling.{kind}", **facts)


def unchangeable(item: ItemKind, dangling: Dangling) -> bool:
    """Whether it stands where nobody can write it anew, in the message of a commit: what is said by hand stands in its
    place."""
    return item is ItemKind.COMMIT and dangling.where in ("trailer", "key")


def misnamed_fix(key: str, item: ItemKind, dangling: Dangling, example: str | None) -> Say:
    """How to set right what was written on ``key``, with the likely goal where there is one."""
    kind, _, name = dangling.where.partition(" ")
    if unchangeable(item, dangling):
        kind = "override"
    key = shortened(key)
    facts: dict[str, str | int | float] = {"key": key, "text": dangling.text}
    if kind == "field":
        facts["field"] = name
    if kind == "key":
        return Say.of("fix.dangling.key", **facts)
    if dangling.suggestion is not None:
        if kind == "label" and _invisible(dangling):
            return Say.of("fix.dangling.label.invisible", key=key, right=_form(dangling.suggestion))
        right = _form(dangling.suggestion) if kind == "label" else dangling.suggestion
        return Say.of(f"fix.dangling.{kind}", **facts, right=right)
    if example is None:
        return Say.of("fix.no_goal", key=key)
    right = _form(example) if kind == "label" else example
    return Say.of(f"fix.dangling.{kind}.unknown", **facts, example=right)


def settled(item: ItemKind, verdict: Verdict, dangling: Dangling) -> bool:
    """Whether there is nothing left to mend: it cannot be written anew, and the word of a person decides."""
    by_hand = verdict.exemption is not None and verdict.exemption.code == "exempt.override"
    by_hand = by_hand or any(link.rule is RuleName.OVERRIDE for link in verdict.links)
    return by_hand and unchangeable(item, dangling)


def dead(holder: Node, link: Link, death: Death, example: str | None) -> Break:
    """Open work on a goal that takes none; ``holder`` is the item whose own link led there, ``link`` any that did."""
    rule = next(hop.hop for hop in link.path if hop.kind in ("key_result", "objective"))
    evidence = dict(link.evidence.args)
    facts: dict[str, str | int | float] = {"key": called(holder), "goal": link.target}
    if rule == "label":
        facts["text"] = evidence["label"]
    elif rule == "field":
        facts["field"] = evidence["field"]
    elif rule == "container":
        facts["container"] = evidence["container"]
        rule = "member" if link.evidence.code.startswith("link.container.member") else rule
    elif rule == "trailer" and holder.kind is ItemKind.COMMIT:
        rule = "override"
    if example is None:
        return _at(holder, over(death), Say.of("fix.no_goal", key=called(holder)))
    right = _form(example) if rule == "label" else example
    return _at(holder, over(death), Say.of(f"fix.dead.{rule}", **facts, example=right))


def over(death: Death) -> Say:
    """What happened to a goal that takes no more work."""
    if death.how == "over":
        return Say.of("dead.over", goal=death.goal, title=death.title, day=death.last_day)
    return Say.of(f"dead.{death.how}", goal=death.goal, title=death.title)


def unreadable(node: Node) -> Break:
    """The chain runs through an item that exists and that we may not read."""
    name = called(node) or node.remote_id
    return _at(node, Say.of("break.unreadable", key=name), Say.of("fix.unreadable", key=name, source=node.source))


def missing(node: Node, reference: Reference) -> Break:
    """The item names a parent that is not stored: the parent is what has to be opened or brought back."""
    parent = reference.target or reference.target_id or ""
    why = Say.of("break.missing", key=called(node), parent=parent)
    return Break(node.source, parent, "", "", why, Say.of("fix.missing", parent=parent, source=node.source))


def closed_unseen(node: Node, reference: Reference) -> Break:
    """The tool says that the item closes one that is not stored."""
    named = reference.target or reference.target_id or ""
    why = Say.of("break.missing.closes", key=called(node), named=named)
    return Break(node.source, named, "", "", why, Say.of("fix.missing.closes", named=named, source=node.source))


def ambiguous(node: Node, reference: Reference, candidates: Sequence[Node]) -> Break:
    """The item names a parent, or anything, by a key that fits several items equally; the first of them are given."""
    named = ", ".join(_told_apart(one) for one in candidates)
    facts: dict[str, str | int | float] = {"key": called(node), "parent": reference.target}
    kind = "" if reference.kind in CLIMBING else ".commit" if node.kind is ItemKind.COMMIT else ".text"
    why = Say.of("break.ambiguous.text" if kind else "break.ambiguous", **facts, items=named)
    return _at(node, why, Say.of(f"fix.ambiguous{kind}", **facts))


def turning(members: Sequence[Node], example: str | None) -> Break:
    """Pull requests and commits that revert one another, and nothing outside leads to a goal."""
    first = members[0]
    facts: dict[str, str | int | float] = {
        "circle": round_trip([called(one) for one in members]),
        "count": len(members),
    }
    return _at(first, Say.of("break.cycle.reverts", key=called(first), **facts), _name("fix.top", first, example))


def circle(members: Sequence[Node], example: str | None) -> Break:
    """The chain runs in a circle; ``members`` from the smallest key on, each under the next. A goal on one of them is
    handed round to all, and the circle is opened besides."""
    first = members[0]
    parent = called(members[1 % len(members)])
    why = Say.of(
        "break.cycle", key=called(first), circle=round_trip([called(one) for one in members]), count=len(members)
    )
    if example is None:
        return _at(first, why, Say.of("fix.no_goal", key=called(first)))
    return _at(first, why, Say.of("fix.cycle.link", key=called(first), parent=parent, label=_form(example)))


def choosing(fix: Say, goal: str) -> Say:
    """The same mend with ``goal`` in the place where any goal may stand."""
    facts = dict(fix.args)
    if "label" in facts:
        facts["label"] = _form(goal)
    elif "example" in facts:
        facts["example"] = _form(goal) if fix.code in ("fix.dead.label", "fix.dangling.label.unknown") else goal
    return Say.of(fix.code, **facts)


def round_trip(keys: Sequence[str]) -> str:
    """``A → B → A``, shortened in the middle where the circle is long."""
    middle = [*keys[: SHOWN - 1], "…", keys[-1]] if len(keys) > SHOWN else [*keys]
    return " → ".join([*middle, keys[0]])


def _at(node: Node, why: Say, fix: Say) -> Break:
    return Break(node.source, node.key, node.title, node.url, why, fix, node.uid)


def _told_apart(node: Node) -> str:
    return f"{node.source}:{node.key}" if node.kind is not ItemKind.COMMIT else f"{node.project}@{called(node)}"


def _name(code: str, node: Node, example: str | None) -> Say:
    """How to name a goal on an item of its kind: a label, a trailer or a ticket, or a word by hand."""
    if example is None:
        return Say.of("fix.no_goal", key=called(node))
    if node.kind is ItemKind.COMMIT:
        return Say.of(f"{code}.commit", key=called(node), example=example)
    if node.kind is ItemKind.PULL_REQUEST:
        return Say.of(f"{code}.pull_request", key=called(node), label=_form(example))
    return Say.of(code, key=called(node), label=_form(example))


def _form(goal: str) -> str:
    return f"okr:{goal}"


def _invisible(dangling: Dangling) -> bool:
    """Whether an eye sees no difference: characters without width, letters of another alphabet that look alike."""
    seen = latin(dangling.text)
    return seen != dangling.text and fold(seen).endswith(fold(latin(dangling.suggestion or "")))
