"""The addresses of okrsync's own pages, to which its marks in the tools lead."""

from __future__ import annotations

import re
from urllib.parse import quote

ORPHANS = "/orphans"
SOURCES = "/sources"
ALERTS = f"{SOURCES}#alerts"

LINK = "→ "
"""What a line begins with that is nothing but the address of such a page; no other text of ours has such a line."""

_LINKED = re.compile(rf"{LINK}(https?://[A-Za-z0-9._~:/?#%=-]+)")


def thread(source: str | None, key: str) -> str:
    """The path of the page that shows an item's way up, or where it breaks."""
    return f"/trace?item={quote(f'{source}:{key}' if source else key, safe=':/')}"


def key_result(identity: str) -> str:
    """The path of the page of a key result."""
    return f"/key-results/{quote(identity, safe='')}"


def objective(identity: str) -> str:
    """Where an objective stands on the first page."""
    return f"/#{quote(identity, safe='')}"


def source(identity: str) -> str:
    """Where a source stands on the page of all of them."""
    return f"{SOURCES}#source-{quote(identity, safe='')}"


def at(base: str, path: str) -> str:
    """The address of a page for people who reach okrsync at ``base``; "" where nobody is known to."""
    return f"{base}{path}" if base else ""


def link(line: str) -> str:
    """The address that a line leads to, which stays a link in every tool; "" where it is any other line."""
    found = _LINKED.fullmatch(line)
    return found[1] if found else ""
