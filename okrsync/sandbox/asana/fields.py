"""``opt_fields``: which fields of a record are shown, and how deep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from okrsync.sandbox.asana.records import COMPACT, FIELDS, NAMED, OPT_IN, WHOLE, Record

Tree: TypeAlias = "Mapping[str, Tree | None]"
"""Field → what is shown of the record behind it; None: its compact form. The gid is always shown."""

_BARE_IS_COMPACT = frozenset({"custom_fields"})
_GROUP = re.compile(r"\(([^()]*)\)")
_ABSENT = object()
_NOTHING: Mapping[str, Any] = {}


@lru_cache(maxsize=256)
def parse(text: str) -> Tree:
    """The tree of ``name,assignee.name,this.parent.(gid|name)``.

    What is named without its leaves shows its gid alone (``memberships``, which have none: ``{}``); only custom fields
    are shown whole.
    """
    root: dict[str, Any] = {}
    for path in text.split(","):
        for one in _ungrouped(path.strip()):
            level = root
            for name in one.removeprefix("this.").split("."):
                if name:
                    level = level.setdefault(name, {})
    for name in _BARE_IS_COMPACT & root.keys():
        if not root[name]:
            root[name] = None
    return root


def _ungrouped(path: str) -> list[str]:
    found = _GROUP.search(path)
    if found is None:
        return [path]
    before, after = path[: found.start()], path[found.end() :]
    return [one for option in found.group(1).split("|") for one in _ungrouped(before + option + after)]


def full(record: Record) -> Tree:
    """Everything that a single record shows where nobody names fields; what it names is compact."""
    return dict.fromkeys(name for name in (*record, *FIELDS.get(record["resource_type"], ())) if name not in OPT_IN)


def show(record: Record, tree: Tree | None, hidden: frozenset[str] | set[str] = frozenset()) -> Record:
    """The record as the tree says. What is ``hidden`` from who asks is left out of lists; where one such record is
    named alone, its gid is all that is shown."""
    kind = record.get("resource_type", "")
    if tree is None:
        tree = _compact(record, kind)
    usual = FIELDS.get(kind, _NOTHING)
    found: Record = {"gid": record["gid"]} if "gid" in record else {}
    for name, below in tree.items():
        value = record.get(name, _ABSENT)
        if value is _ABSENT:
            value = usual.get(name, _ABSENT)
            if value is _ABSENT:
                continue
            if callable(value):
                value = value(record)
        if isinstance(value, dict):
            found[name] = show(value, {} if value.get("gid") in hidden else below, hidden)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            seen = value if not hidden else [one for one in value if not _hides(one, hidden)]
            found[name] = [show(one, below, hidden) for one in seen]
        else:
            found[name] = value
    return found


def held(record: Record) -> Record:
    """All that the record holds, and nothing that is worked out: a line of a world."""
    return show(record, dict.fromkeys(record))


def _compact(record: Record, kind: str) -> Tree:
    if kind in WHOLE:
        return dict.fromkeys((*record, *FIELDS.get(kind, ())))
    if not kind:
        return dict.fromkeys(record)
    return _COMPACT.get(kind, _NAMED)


_COMPACT: Mapping[str, Tree] = {kind: dict.fromkeys(names) for kind, names in COMPACT.items()}
_NAMED: Tree = dict.fromkeys(NAMED)


def _hides(record: Record, hidden: frozenset[str] | set[str]) -> bool:
    project = record.get("project")  # of a membership
    return record.get("gid") in hidden or (isinstance(project, dict) and project["gid"] in hidden)
