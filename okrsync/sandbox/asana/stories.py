"""Stories of tasks and goals: comments to write, and what the tool noted itself to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from okrsync.sandbox.asana import changes, rich
from okrsync.sandbox.asana.call import Call, nothing, refuse
from okrsync.sandbox.asana.paging import born, page
from okrsync.sandbox.asana.records import Record
from okrsync.sandbox.web import Response


def listed(call: Call) -> Response:
    """The stories of a task or a goal, oldest first."""
    target = _target(call)
    return page(call, lambda: born(call, call.workspace.of("story", "target", target)))


def _target(call: Call) -> Record:
    kind = "goal" if call.path.startswith("/goals/") else "task"
    if kind == "goal":
        call.needs_goals()
    return call.record(kind)


def _story(call: Call) -> Record:
    story = call.record("story")
    target = story["target"]
    if not call.workspace.sees(target):
        raise refuse(403, f"You do not have access to this {target['resource_type']}.")
    return story


def read(call: Call) -> Response:
    return call.one(_story(call))


def create(call: Call) -> Response:
    """A comment by the token's user."""
    target, data = _target(call), call.data()
    said = _said(call, data)
    if not said.get("text", "").strip():
        raise refuse(400, "text: Missing input")
    story = changes.write(call.workspace, target, "comment_added", said["text"], call.hand())
    story |= said
    story["is_pinned"] = data.get("is_pinned") is True
    call.delay(story)
    return call.one(story, 201)


def update(call: Call) -> Response:
    """PUT: another text, or pinned; only a comment, only by who wrote it."""
    story, data = _story(call), call.data()
    said = _said(call, data)
    if story["type"] != "comment":
        raise refuse(400, "Only comment stories can be edited.")
    if not story["is_editable"]:
        raise refuse(403, "You do not have permission to edit this story.")
    if said:
        story.pop("html_text", None)
        story |= {**said, "is_edited": True}
        if story["target"]["resource_type"] == "task":
            changes.touch(call.workspace, story["target"], call.hand())
    if isinstance(data.get("is_pinned"), bool):
        story["is_pinned"] = data["is_pinned"]
    call.workspace.revision += 1
    return call.one(story)


def _said(call: Call, data: Mapping[str, Any]) -> Record:
    """The text that was sent, and its markup where it has some; nothing where nothing was."""
    text, html = data.get("text"), data.get("html_text")
    if text is not None and html is not None:
        raise refuse(400, "Only one of text and html_text can be specified.")
    if isinstance(html, str):
        try:
            return {"text": rich.plain(html, call.workspace.any), "html_text": html}
        except ValueError as error:
            raise refuse(400, f"html_text: {error}") from None
    return {"text": text} if isinstance(text, str) else {}


def delete(call: Call) -> Response:
    """Only a comment, only by who wrote it."""
    story = _story(call)
    if not story["is_editable"]:
        raise refuse(403, "You do not have permission to delete this story.")
    call.workspace.drop(story)
    return nothing()
