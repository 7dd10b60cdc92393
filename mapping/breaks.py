"""Where a climb ends and the cheapest way to mend it: one function for each way in which a chain breaks."""

from __future__ import annotations

from collections.abc import Sequence

from mapping.tree import Death
from mapping.words import fold, visible
from okrsync.model import Break, Dangling, Link, Node, Reference, Say

_SHOWN = 5  # keys of a circle that are named before "…"


def nothing(node: Node, example: str | None) -> Break:
    """Nothing of the item points anywhere."""
    return _at(node, Say.of("break.direct", key=node.key), _name("fix.direct", node, example))


def top(node: Node, example: str | None) -> Break:
    """The highest item of the chain leads to no goal: one link there serves everything below."""
    return _at(node, Say.of("break.top", key=node.key), _name("fix.top", node, example))


def misnamed(node: Node, dangling: Dangling, example: str | None) -> Break:
    """A label, a field or the word of a person names no goal."""
    kind, _, name = dangling.where.partition(" ")
    facts: dict[str, str | int | float] = {"key": node.key, "text": dangling.text}
    if kind == "field":
        facts["field"] = name
    return _at(node, Say.of(f"break.dangling.{kind}", **facts), misnamed_fix(node.key, dangling, example))


def misnamed_fix(key: str, dangling: Dangling, example: str | None) -> Say:
    """How to set right what was written on ``key``, with the likely goal where there is one."""
    kind, _, name = dangling.where.partition(" ")
    facts: dict[str, str | int | float] = {"key": key, "text": dangling.text}
    if kind == "field":
        facts["field"] = name
    if dangling.suggestion is not None:
        if kind == "label" and _invisible(dangling):
            return Say.of("fix.dangling.label.invisible", key=key, right=_form(dangling.suggestion))
        right = _form(dangling.suggestion) if kind == "label" else dangling.suggestion
        return Say.of(f"fix.dangling.{kind}", **facts, right=right)
    if example is None:
        return Say.of("fix.no_goal", key=key)
    right = _form(example) if kind == "label" else example
    return Say.of(f"fix.dangling.{kind}.unknown", **facts, example=right)


def dead(holder: Node, link: Link, death: Death, example: str | None) -> Break:
    """Open work on a goal that takes none; ``holder`` is the item whose own link led there, ``link`` any that did."""
    rule = next(hop.hop for hop in link.path if hop.kind in ("key_result", "objective"))
    evidence = dict(link.evidence.args)
    facts: dict[str, str | int | float] = {"key": holder.key, "goal": link.target}
    if rule == "label":
        facts["text"] = evidence["label"]
    elif rule == "field":
        facts["field"] = evidence["field"]
    elif rule == "container":
        facts["container"] = evidence["container"]
    if example is None:
        return _at(holder, over(death), Say.of("fix.no_goal", key=holder.key))
    right = _form(example) if rule == "label" else example
    return _at(holder, over(death), Say.of(f"fix.dead.{rule}", **facts, example=right))


def over(death: Death) -> Say:
    """What happened to a goal that takes no more work."""
    if death.how == "over":
        return Say.of("dead.over", goal=death.goal, title=death.title, day=death.last_day)
    return Say.of(f"dead.{death.how}", goal=death.goal, title=death.title)


def unreadable(node: Node) -> Break:
    """The chain runs through an item that exists and that we may not read."""
    name = node.key or node.remote_id
    return _at(node, Say.of("break.unreadable", key=name), Say.of("fix.unreadable", key=name, source=node.source))


def missing(node: Node, reference: Reference) -> Break:
    """The item names a parent that is not stored: the parent is what has to be opened or brought back."""
    parent = reference.target or reference.target_id or ""
    return Break(
        node.source,
        parent,
        "",
        "",
        Say.of("break.missing", key=node.key, parent=parent),
        Say.of("fix.missing", parent=parent, source=node.source),
    )


def ambiguous(node: Node, reference: Reference, candidates: Sequence[Node]) -> Break:
    """The item names a parent by a key that fits several items equally."""
    named = ", ".join(f"{one.source}:{one.key}" for one in candidates[:_SHOWN])
    return _at(
        node,
        Say.of("break.ambiguous", key=node.key, parent=reference.target, items=named),
        Say.of("fix.ambiguous", key=node.key, parent=reference.target),
    )


def circle(members: Sequence[Node]) -> Break:
    """The chain runs in a circle; ``members`` from the smallest key on, each under the next."""
    first = members[0]
    parent = members[1 % len(members)].key
    return _at(
        first,
        Say.of("break.cycle", key=first.key, circle=round_trip([one.key for one in members]), count=len(members)),
        Say.of("fix.cycle", key=first.key, parent=parent),
    )


def round_trip(keys: Sequence[str]) -> str:
    """``A → B → A``, shortened in the middle where the circle is long."""
    middle = [*keys[: _SHOWN - 1], "…", keys[-1]] if len(keys) > _SHOWN else [*keys]
    return " → ".join([*middle, keys[0]])


def _at(node: Node, why: Say, fix: Say) -> Break:
    return Break(node.source, node.key, node.title, node.url, why, fix)


def _name(code: str, node: Node, example: str | None) -> Say:
    if example is None:
        return Say.of("fix.no_goal", key=node.key)
    return Say.of(code, key=node.key, label=_form(example))


def _form(goal: str) -> str:
    return f"okr:{goal}"


def _invisible(dangling: Dangling) -> bool:
    seen = visible(dangling.text)
    return seen != dangling.text and fold(seen).endswith(fold(dangling.suggestion or ""))
