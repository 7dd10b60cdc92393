"""What people see of an issue: its texts as Jira renders them, and whatever in them does more than be read.

``live`` names each mention, link, card, macro, image, emoticon and style; a text that came of a title has none of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site

Live = list[list[str]]
_WIKI = tuple(
    (kind, re.compile(pattern, re.MULTILINE))
    for kind, pattern in (
        ("macro", r"\{(\w[\w-]*(?::[^}\n]*)?)\}"),
        ("mono", r"\{\{(.+?)\}\}"),
        ("mention", r"\[~([^\]\n]+)\]"),
        ("attachment", r"\[\^([^\]\n]+)\]"),
        ("link", r"\[([^\]\n]+)\]"),
        ("image", r"(?<![\w!])!(?=\S)([^!\n]+?)(?<=\S)!(?![\w!])"),
        ("link", r"((?i:(?:https?|ftp|file|news|irc)://[^\s|\]]+|(?:mailto|tel|skype|file|xmpp):\S+|\bwww\.\S+))"),
        ("heading", r"^[^\S\n]*(h[1-6])\.[^\S\n]*"),
        ("quote", r"^[^\S\n]*(bq)\.[^\S\n]*"),
        ("table", r"^[^\S\n]*(\|\|?)"),
        ("list", r"^(?:[^\S\n]*([#*][#*-]*)|[^\S\n]+(-+)|(-[#*-]+)) "),
        ("rule", r"^[^\S\n]*(-{4,5})[^\S\n]*$"),
        ("dash", r"(?<=\s)(---?)(?=\s)"),
        ("break", r"(\\\\)"),
        ("citation", r"(?<!\w)\?\?(?=\S)(.+?)(?<=\S)\?\?(?!\w)"),
        *(
            (kind, rf"(?<![\w{mark}]){mark}(?=\S)([^\n]+?)(?<=\S){mark}(?![\w{mark}])")
            for kind, mark in (("strong", r"\*"), ("emphasis", "_"), ("struck", "-"), ("inserted", r"\+"))
        ),
        *((kind, rf"{mark}(?=\S)([^\n]+?)(?<=\S){mark}") for kind, mark in (("raised", r"\^"), ("lowered", "~"))),
        ("emoticon", r"(:\)|:\(|:P|:D|;\)|\((?:[ynx/i!+\-?*]|on|off|\*[rgby]|flag(?:off)?)\))"),
    )
)
_DRAWN = {"macro": "", "heading": "", "quote": "", "table": "", "rule": "", "list": "• ", "break": "\n"}
_ESCAPED = re.compile(r"\\([^\w\s\\])")
_ENTITY = re.compile(r"&#(\d{1,6});")
_INVISIBLE = re.compile(r"\{anchor:[^}\n]*\}")
_LIVE_NODES = {
    "mention": "text",
    "emoji": "shortName",
    "inlineCard": "url",
    "blockCard": "url",
    "embedCard": "url",
    "status": "text",
    "date": "timestamp",
    "media": "id",
    "extension": "extensionKey",
    "bodiedExtension": "extensionKey",
    "inlineExtension": "extensionKey",
}


def issue(site: Site, found: Issue) -> dict[str, Any]:
    """An issue as its page shows it: comments with what is live in them, fields as words, labels, properties."""
    fields = {row["id"]: found.fields.get(row["id"]) for row in site.fields if row.get("custom")}
    return {
        "key": found.key,
        "labels": found.fields.get("labels", []),
        "fields": {name: _words(value) for name, value in fields.items() if value is not None},
        "properties": found.properties,
        "comments": [_comment(site, comment) for comment in site.comments_of(found)],
    }


def _words(value: Any) -> str:
    return str(value.get("value", value) if isinstance(value, Mapping) else value)


def _comment(site: Site, comment: Mapping[str, Any]) -> dict[str, Any]:
    text, live = wiki(comment["wiki"]) if site.datacenter and "wiki" in comment else document(comment["body"])
    return {"id": comment["id"], "author": comment["author"].get("displayName", ""), "text": text, "live": live}


def document(body: Mapping[str, Any]) -> tuple[str, Live]:
    """The words of an Atlassian document, a line a block, and what is live in it."""
    live: Live = []
    return "\n".join(_lines(body, live)), live


def _lines(node: Mapping[str, Any], live: Live) -> Iterator[str]:
    children = node.get("content") or []
    if node["type"] in ("paragraph", "heading", "codeBlock"):
        if node["type"] != "paragraph":
            live.append([node["type"], ""])
        yield "".join(_inline(child, live) for child in children)
    elif node["type"] in _LIVE_NODES:
        yield _inline(node, live)
    else:
        mark = "• " if node["type"] == "listItem" else ""
        for child in children:
            for line in _lines(child, live):
                yield mark + line
                mark = ""


def _inline(node: Mapping[str, Any], live: Live) -> str:
    if node["type"] == "text":
        for mark in node.get("marks", ()):
            live.append([mark["type"], str(mark.get("attrs", {}).get("href", ""))])
        return str(node["text"])
    if node["type"] == "hardBreak":
        return "\n"
    said = str(node.get("attrs", {}).get(_LIVE_NODES.get(node["type"], ""), ""))
    live.append([node["type"], said])
    return said


def wiki(body: str) -> tuple[str, Live]:
    """The words of a wiki text as Data Center renders it, and what is live in it; an anchor is not seen."""
    live: Live = []
    left = _ESCAPED.sub(lambda found: f"&#{ord(found[1])};", _INVISIBLE.sub("", body.replace("\r\n", "\n")))
    for kind, pattern in _WIKI:
        live += [[kind, next(filter(None, found.groups()))] for found in pattern.finditer(left)]
        left = pattern.sub(lambda found, kind=kind: _DRAWN.get(kind, found[1]), left)  # type: ignore[misc]
    words = _ENTITY.sub(lambda found: chr(int(found[1])), left)
    return re.sub(r"^- ", "• ", words, flags=re.MULTILINE).rstrip("\n"), live
