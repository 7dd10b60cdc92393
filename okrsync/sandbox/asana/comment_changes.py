"""What people do to comments: they edit, pin and delete them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from okrsync.sandbox.asana import changes
from okrsync.sandbox.asana.changes import Hand
from okrsync.sandbox.asana.fields import held
from okrsync.sandbox.asana.records import Record

if TYPE_CHECKING:
    from okrsync.sandbox.asana.workspace import Workspace

_KNOWN = frozenset({"at", "by", "text", "pinned", "editable", "delete"})


def change(workspace: Workspace, gid: str, given: Mapping[str, Any], hand: Hand) -> Record | None:
    """A comment gets another ``text``, is ``pinned`` or not, ``editable`` by its author or not; None where it is gone.

    ValueError where there is none.
    """
    if unknown := sorted(given.keys() - _KNOWN):
        raise ValueError(f"unknown keys: {', '.join(unknown)}; allowed: {', '.join(sorted(_KNOWN))}")
    story = workspace.find("story", gid)
    if story is None or story["type"] != "comment":
        raise ValueError(f"workspace {workspace.gid} has no comment {gid!r}")
    if given.get("delete"):
        workspace.drop(story)
        return None
    if "text" in given:
        story.pop("html_text", None)
        story |= {"text": given["text"], "is_edited": True}
    for name in ("pinned", "editable"):
        if name in given:
            story[f"is_{name}"] = given[name] is True
    if story["target"]["resource_type"] == "task":
        changes.touch(workspace, story["target"], hand)
    workspace.revision += 1
    return held(story)
