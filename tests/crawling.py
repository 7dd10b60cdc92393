"""From ``/`` along all links until nothing new comes: every page that a person can reach."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import requests
from documents import Document

from okrsync.dashboard.pages import ALL


def asks(address: str) -> frozenset[tuple[str, str]]:
    """(page, parameter) of everything that an address asks; of a bare one (page, "")."""
    parts = urlsplit(address)
    page = page_of(parts.path)
    return frozenset((page, name) for name, _ in parse_qsl(parts.query)) or frozenset({(page, "")})


def page_of(path: str) -> str:
    """The page of this path as pages.ALL names it; the path where it is none of them."""
    for page in ALL:
        ours, theirs = page.path.split("/"), path.split("/")
        if len(ours) == len(theirs) and all(a.startswith("{") or a == b for a, b in zip(ours, theirs, strict=True)):
            return page.name
    return path


@dataclass
class Found:
    """What the crawl saw: page by address, the answer that was no page, the page that first led to each."""

    pages: dict[str, Document]
    others: dict[str, requests.Response]
    wrong: list[str]
    led: dict[str, str]

    def one_of_each_kind(self) -> list[str]:
        """Addresses that together ask every page for everything that any link asks it."""
        seen = set[tuple[str, str]]()
        return [address for address in self.pages if not asks(address) <= seen and not seen.update(asks(address))]

    def one_of_each_page(self) -> list[str]:
        """The first address of every page."""
        first: dict[str, str] = {}
        for address in self.pages:
            first.setdefault(page_of(urlsplit(address).path), address)
        return list(first.values())


def crawl(url: str, language: str = "en", *, of_a_kind: int = 4, at_most: int = 5000) -> Found:
    """What can be reached, so many at most; each address asks something that fewer than ``of_a_kind`` before it did."""
    found, counted = Found({}, {}, [], {}), Counter[tuple[str, str]]()
    session = requests.Session()
    session.headers["Accept-Language"] = language
    waiting, anchors = deque([("/", "")]), set[tuple[str, str, str]]()
    while waiting:
        address, by = waiting.popleft()
        known = all(counted[one] >= of_a_kind for one in asks(address))
        if known or address in found.led or len(found.led) >= at_most:
            continue
        counted.update(asks(address))
        found.led[address] = by
        answer = session.get(url + address, timeout=30)
        if answer.status_code != 200:
            found.wrong.append(f"{by} leads to {address}: {answer.status_code}")
        if not answer.headers["content-type"].startswith("text/html"):
            found.others[address] = answer
            continue
        page = found.pages[address] = Document(answer.text, address)
        found.wrong += page.faults
        for target, fragment in page.internal():
            waiting.append((target, address))
            if fragment:
                anchors.add((address, target, fragment))
    for by, target, fragment in sorted(anchors):
        if target in found.pages and fragment not in found.pages[target].ids:
            found.wrong.append(f"{by} leads to {target}#{fragment}, which is not there")
    return found
