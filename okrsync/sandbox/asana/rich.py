"""What Asana makes of texts: the markup that it takes, and what people see of it in the end.

Of plain text Asana makes links of addresses, and mentions of addresses of its own objects; of ``html_text`` it takes a
few elements and refuses all others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

from okrsync.sandbox.asana.records import Record

_ALLOWED = frozenset(
    {"a", "blockquote", "body", "code", "em", "h1", "h2", "hr", "li", "ol", "pre", "s", "strong", "u", "ul"}
)
_ADDRESS = re.compile(r"(?:https?://|\bwww\.)[^\s<>\"']+|\b(?:app\.)?asana\.com/[^\s<>\"']+", re.IGNORECASE)
_MAIL = re.compile(r"\bmailto:\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_OURS = re.compile(r"\basana\.com/(?:\S*/)?(\d+)(?:/f|/list|/board|/profile)?/?$", re.IGNORECASE)

Find = Callable[[str], "Record | None"]
"""The record of a gid, whatever it is."""


def parsed(html: str) -> ElementTree.Element:
    """The tree of an ``html_text``; ValueError in Asana's words where it is not taken."""
    try:
        root = ElementTree.fromstring(html)  # noqa: S314  (on this machine, and sent by a test)
    except ElementTree.ParseError:
        raise ValueError("XML is invalid") from None
    if root.tag != "body":
        raise ValueError("html_lacks_body: HTML text must be wrapped in a <body> tag")
    for one in root.iter():
        if one.tag not in _ALLOWED:
            raise ValueError(f"XML tag not supported: {one.tag}")
        if one.tag == "a" and not {"href", "data-asana-gid"} & one.attrib.keys():
            raise ValueError("XML tag <a> needs an href or a data-asana-gid")
    return root


def plain(html: str, find: Find) -> str:
    """The text of an ``html_text``; a mention reads as the name of what it mentions."""
    return "".join(_words(parsed(html), find)).strip()


def seen(text: str, html: str | None, find: Find) -> dict[str, Any]:
    """What people see of a text: its words, the addresses that it leads to, and the gids that it mentions, which tells
    those people and adds to those objects."""
    links: list[str] = []
    mentions: list[str] = []
    if html is not None:
        for one in parsed(html).iter("a"):
            if gid := one.attrib.get("data-asana-gid"):
                mentions.append(gid)
            else:
                links.append(one.attrib["href"])
    for pattern in (_ADDRESS, _MAIL):
        links += [found.rstrip(").,;:!?") for found in pattern.findall(text)]
    mentions += [found[1] for link in links if (found := _OURS.search(link)) and find(found[1])]
    words = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return {"text": words, "links": links, "mentions": list(dict.fromkeys(mentions))}


def _words(element: ElementTree.Element, find: Find) -> Iterator[str]:
    if gid := element.attrib.get("data-asana-gid"):
        record = find(gid)
        yield f"@{record['name']}" if record else ""
    elif element.tag == "li":
        yield "\n- "
    yield element.text or ""
    for inner in element:
        yield from _words(inner, find)
        yield inner.tail or ""
