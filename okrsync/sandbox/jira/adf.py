"""Atlassian Document Format: plain text as a document, and documents recognised."""

from __future__ import annotations

from itertools import count
from typing import Any

MAX_NODES = 20_000
_BLOCKS = frozenset(
    {"paragraph", "heading", "bulletList", "orderedList", "listItem", "blockquote", "codeBlock", "panel"}
)


def document(text: str) -> dict[str, Any]:
    """The text as a document, one paragraph a block; single line ends become hard breaks."""
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return {"type": "doc", "version": 1, "content": [_paragraph(block.strip("\n")) for block in blocks]}


def _paragraph(block: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = []
    for number, line in enumerate(block.split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def kept(document: dict[str, Any]) -> dict[str, Any]:
    """A document as Jira stores it: every block has an id, texts that bear the same marks are one, and empty paragraphs
    at the end are gone."""
    numbers = count(1)

    def node(given: dict[str, Any]) -> dict[str, Any]:
        if given["type"] == "text":
            return {name: value for name, value in given.items() if name != "marks" or value}
        found = {name: value for name, value in given.items() if name != "content"}
        if given["type"] in _BLOCKS:
            found["attrs"] = {**given.get("attrs", {}), "localId": f"{next(numbers):012x}"}
        if children := _merged([node(child) for child in given.get("content", [])]):
            found["content"] = children
        return found

    stored = node(document)
    content = stored.setdefault("content", [])
    while content and content[-1]["type"] == "paragraph" and not content[-1].get("content"):
        content.pop()
    return stored


def _merged(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for node in nodes:
        last = found[-1] if found else {}
        if node["type"] == last.get("type") == "text" and node.get("marks") == last.get("marks"):
            found[-1] = {**last, "text": last["text"] + node["text"]}
        else:
            found.append(node)
    return found


def is_document(value: object) -> bool:
    """Whether Jira v3 takes this as the body of a comment or a description."""
    if not isinstance(value, dict) or value.get("type") != "doc" or value.get("version") != 1:
        return False
    waiting = [value]
    for _ in range(MAX_NODES):
        if not waiting:
            return True
        node = waiting.pop()
        content = node.get("content", [])
        if not isinstance(content, list) or not isinstance(node.get("type"), str):
            return False
        if node["type"] == "text" and not (isinstance(node.get("text"), str) and node["text"]):
            return False
        if not all(isinstance(child, dict) for child in content):
            return False
        waiting.extend(content)
    return False
