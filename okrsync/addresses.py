"""Which item a web address names: one grammar for texts that hold addresses and for people who paste them. Pure.

An address is a *web*, what all items of a site have in front ("https://acme.atlassian.net/browse/",
"https://github.com/", "https://app.asana.com/"), and the rest, which names the item. Scheme and host have no case; what
follows the name (``/files``, a comment, a query, a fragment) does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote

_BROWSE = "browse/"  # below it every Jira, whatever its own path, shows an issue under its key

_START = re.compile(r"https?://([^/?#\s]+)(.*)", re.IGNORECASE | re.DOTALL)
_SITE = re.compile(rf"(.*?/){_BROWSE}", re.DOTALL)
_JIRA = re.compile(
    r"(?:^browse/|(?:^|/)issues/|/queues/(?:issue/|custom/[0-9]+/)|/portal/[0-9]+/|[?&]selectedIssue=)"
    r"([^\s/?#&]+-[1-9][0-9]*)(?![\w-])"
)
_GITHUB = re.compile(
    r"([\w.-]+/[\w.-]+)/(?:(?:issues|pull)/([1-9][0-9]*)|commits?/([0-9a-f]{7,40}))(?!\w)", re.IGNORECASE
)
_BOARD = re.compile(r"(?:orgs|users)/[\w.-]+/projects/[^?#]*\?(?:[^&#]*&)*issue=([^&#]+)")
_ON_BOARD = re.compile(r"([\w.-]+)\|([\w.-]+)\|([1-9][0-9]*)(?!\w)")
_ASANA = re.compile(r"(?:0/(?:[a-z_]+/)?([0-9]+)/([0-9]+)|1/(?:[\w-]+/)+?task/([0-9]+))(?!\w)")


class Named(NamedTuple):
    """What an address names: "SHOP-12", "acme/shop#12", a commit's sha or its start, a gid."""

    key: str
    project: str  # of Jira, or the repository, as the address has it; "" where it does not matter


def web(url: str, kind: str) -> str:
    """What stands in front of every item's name at the site of this item of a source of this ``kind``; "" where its
    address is of no form that is known."""
    start = _START.match(url)
    if start is None or kind not in _NAMED:
        return ""
    origin = f"{url[: url.index(':')]}://{start[1]}".lower()
    if kind != "jira":
        return f"{origin}/"
    site = _SITE.match(start[2])
    return f"{origin}{site[0]}" if site else ""


def named(url: str, kind: str, web: str) -> Named | None:
    """The item that ``url`` names at the ``web`` of a source of this ``kind``; None where it names none, or leads
    elsewhere."""
    start, here = _START.match(url), _START.match(web.removesuffix(_BROWSE))
    if start is None or here is None or kind not in _NAMED or start[1].lower() != here[1].lower():
        return None
    return _NAMED[kind](start[2].removeprefix(here[2])) if start[2].startswith(here[2]) else None


def _jira(rest: str) -> Named | None:
    found = _JIRA.search(unquote(rest))
    if found is None:
        return None
    key = found[1].upper()
    return Named(key, key.rpartition("-")[0])


def _github(rest: str) -> Named | None:
    """An issue, a pull request or a commit; an issue also where it is opened beside a board."""
    if board := _BOARD.match(rest):
        opened = _ON_BOARD.match(unquote(board[1]))
        return Named(f"{opened[1]}/{opened[2]}#{opened[3]}", f"{opened[1]}/{opened[2]}") if opened else None
    found = _GITHUB.match(rest)
    if found is None:
        return None
    return Named(f"{found[1]}#{found[2]}" if found[2] else found[3].lower(), found[1])


def _asana(rest: str) -> Named | None:
    """A task; the old form names its project or a view first, "0" where there is none, and a project by itself
    twice."""
    found = _ASANA.match(rest)
    if found is None or (found[2] and found[1] == found[2]):
        return None
    return Named(found[2] or found[3], "")


_NAMED: dict[str, Callable[[str], Named | None]] = {"jira": _jira, "github": _github, "asana": _asana}
