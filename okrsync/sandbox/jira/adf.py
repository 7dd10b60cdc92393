"""Atlassian Document Format: plain text as a document, and documents recognised."""

from __future__ import annotations

from typing import Any

MAX_NODES = 20_000


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
