"""A mend, step by step: what to open, click and type in the tool that holds the item to mend."""

from __future__ import annotations

from okrsync.model import Break, Say

_TOOLS = frozenset({"jira", "github", "asana"})
_COMMAND, _CONFIGURATION = "command", "configuration"

_WAYS: dict[str, tuple[str, ...]] = {
    "fix.direct": ("label",),
    "fix.direct.pull_request": ("label", "text.add"),
    "fix.direct.commit": (_COMMAND,),
    "fix.top": ("label",),
    "fix.top.pull_request": ("label", "text.add"),
    "fix.top.commit": (_COMMAND,),
    "fix.cycle.link": ("label", "parent.remove"),
    "fix.dangling.label": ("relabel",),
    "fix.dangling.label.invisible": ("relabel.same",),
    "fix.dangling.label.unknown": ("relabel",),
    "fix.dangling.field": ("field",),
    "fix.dangling.field.unknown": ("field",),
    "fix.dangling.trailer": ("text.replace",),
    "fix.dangling.trailer.unknown": ("text.replace",),
    "fix.dangling.key": ("text.key",),
    "fix.dangling.override": (_COMMAND,),
    "fix.dangling.override.unknown": (_COMMAND,),
    "fix.dead.label": ("relabel",),
    "fix.dead.field": ("field",),
    "fix.dead.trailer": ("text.replace",),
    "fix.dead.override": (_COMMAND,),
    "fix.dead.container": (f"{_CONFIGURATION}.epics",),
    "fix.dead.member": (f"{_CONFIGURATION}.containers",),
    "fix.ambiguous": ("parent.choose",),
    "fix.ambiguous.text": ("text.address",),
    "fix.ambiguous.commit": (_COMMAND,),
    "fix.unreadable": ("rights",),
    "fix.missing": ("rights",),
    "fix.missing.closes": (f"{_CONFIGURATION}.repositories", "rights"),
    "fix.no_goal": (f"{_CONFIGURATION}.objectives",),
    "fix.cycle": ("parent.remove",),
    "fix.label_twins": ("relabel",),
    "fix.dangling_key": ("text.key",),
}
"""How each mend is done; what follows a dot is what is done there, and of several ways the first two do it all."""

_BY_TOOL = frozenset({"label", "relabel", "relabel.same", "field", "parent.remove", "parent.choose", "rights"})
"""What is done in another place in each tool; the rest is the same everywhere."""


_NAMED_BY_NONE = frozenset({"text.key", "text.address", "parent.choose", "rights"})
"""Mends after which it shows where the item leads; all the others name the goal themselves."""


def has_way(fix: Say) -> bool:
    """Whether it is known what to click for this mend."""
    return fix.code in _WAYS


def names_goal(fix: Say) -> bool:
    """Whether the mend itself says which goal is served, so that it can be told what it links."""
    way = _WAYS[fix.code][0]
    return way not in _NAMED_BY_NONE and way not in (f"{_CONFIGURATION}.repositories", f"{_CONFIGURATION}.objectives")


def clicks(broken: Break, tool: str, account: str) -> tuple[Say, ...]:
    """What to open, click and type for the mend of this break.

    ``tool`` is the kind of the source that holds the item to mend; of one that is not known here, the steps name no
    place in it. ``account`` is how that source signs in, as people call it.
    """
    facts = {"key": broken.key, "source": broken.source, **dict(broken.fix.args), "account": account}
    facts["goal_text"] = facts.get("text") or facts.get("goal", "")
    facts["wanted"] = facts.get("right") or facts.get("label") or facts.get("example", "ID")
    facts.setdefault("goal", str(facts["wanted"]).removeprefix("okr:"))
    steps = [_step(way, tool, facts) for way in _WAYS[broken.fix.code]]
    in_tool = not _WAYS[broken.fix.code][0].startswith((_COMMAND, _CONFIGURATION, "rights"))
    if in_tool and broken.url:
        steps.insert(0, Say.of("click.open", url=broken.url))
    return tuple(steps)


def _step(way: str, tool: str, facts: dict[str, str | int | float]) -> Say:
    where = f".{tool if tool in _TOOLS else 'other'}" if way in _BY_TOOL else ""
    return Say.of(f"click.{way}{where}", **facts)
