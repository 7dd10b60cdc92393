"""A page as a strict reader sees it: its elements, and what is wrong with its markup, where a browser says nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

VOID = frozenset(re.findall(r"\w+", "area base br col embed hr img input link meta source track wbr"))
LOADING = frozenset(re.findall(r"\w+", "script iframe object embed applet frame base style audio video source portal"))
"""What brings in more than text; of these, pages have scripts of our own."""

BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote details div dl fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr main "
        "nav ol p pre section table ul",
    )
)
"""What ends an open paragraph."""

INTERACTIVE = frozenset({"a", "button", "input", "select", "summary", "textarea"})


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    inside: tuple[str, ...]
    """The tags around it, outermost first."""
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, blanks made one."""
        return " ".join("".join(self.parts).split())

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def __str__(self) -> str:
        said = "".join(
            f" {name}={value!r}" for name, value in self.attributes.items() if name in ("id", "href", "class")
        )
        return f"<{self.tag}{said}>"


class Document(HTMLParser):
    """The page at ``address``; ``faults`` are sentences, and none where it is as it should be."""

    def __init__(self, text: str, address: str = "/") -> None:
        super().__init__()
        self.address = address
        self.elements: list[Element] = []
        self.faults: list[str] = []
        self._open: list[Element] = []
        self.feed(text)
        self.close()
        self.faults += [f"{one} is never closed" for one in self._open]
        self.faults += [f"{address}: {one}" for one in self._wrong()]

    # ── what was written ──

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        one = self._begun(tag, attrs)
        if tag not in VOID:
            self._open.append(one)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._begun(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1].tag == tag:
            self._open.pop()
        else:
            self.faults.append(
                f"</{tag}> at {self.getpos()} ends nothing: {self._open[-1] if self._open else 'none'} is open"
            )

    def handle_data(self, data: str) -> None:
        for one in self._open:
            one.parts.append(data)

    def _begun(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        around = tuple(one.tag for one in self._open)
        one = Element(tag, {name: value or "" for name, value in attrs}, around)
        if len(one.attributes) < len(attrs):
            self.faults.append(f"{one} says an attribute twice")
        if tag in BLOCKS and "p" in around:
            self.faults.append(f"{one} stands in a paragraph")
        if tag in INTERACTIVE and {"a", "button"} & set(around):
            self.faults.append(f"{one} stands in a link or button")
        self.elements.append(one)
        return one

    # ── what is in it ──

    def all(self, *tags: str) -> list[Element]:
        return [one for one in self.elements if one.tag in tags]

    def links(self) -> list[Element]:
        return [one for one in self.all("a") if "href" in one.attributes]

    def internal(self) -> Iterator[tuple[str, str]]:
        """(address, fragment) of each link to ourselves."""
        for one in self.links():
            href = urljoin(self.address, one.get("href"))
            if href.startswith("/"):
                yield urldefrag(href)

    @property
    def ids(self) -> set[str]:
        return {one.get("id") for one in self.elements if "id" in one.attributes}

    @property
    def title(self) -> str:
        return next(one.text for one in self.all("title") if "svg" not in one.inside)

    @property
    def main(self) -> str:
        """The text of the content."""
        return next(one.text for one in self.all("main"))

    # ── what is wrong ──

    def _wrong(self) -> Iterator[str]:
        twice = [name for name, count in Counter(one.get("id") for one in self.elements).items() if name and count > 1]
        yield from (f"the id {one} stands there twice" for one in twice)
        if len(self.all("h1")) != 1 or len(self.all("main")) != 1:
            yield "there is not one h1 and one main"
        yield from self._levels()
        for one in self.elements:
            yield from (f"{one}: {fault}" for fault in self._of(one))

    def _levels(self) -> Iterator[str]:
        before = 0
        for one in self.all("h1", "h2", "h3", "h4", "h5", "h6"):
            level = int(one.tag[1])
            if level > before + 1:
                yield f"{one} {one.text!r} follows a heading of level {before}"
            before = level

    def _of(self, one: Element) -> Iterator[str]:
        for name in one.attributes:
            if name == "style" or re.match(r"on|(data-)?hx-(?!boost$)", name):
                yield f"it bears {name}"
        if one.tag in LOADING and not one.get("src").startswith("/static/"):
            yield "it loads what is not ours"
        for name in ("aria-labelledby", "aria-describedby", "for"):
            yield from (f"nothing has the id {part}" for part in one.get(name).split() if part not in self.ids)
        match one.tag:
            case "a":
                yield from self._link(one)
            case "form":
                if one.get("method") != "get" or not one.get("action").startswith("/"):
                    yield "it is no question to ourselves"
            case "input" | "select" | "textarea":
                named = {label.get("for") for label in self.all("label")}
                if not (
                    one.get("aria-label")
                    or one.get("id") in named
                    or "label" in one.inside
                    or one.get("type") == "hidden"
                ):
                    yield "it has no label"
            case "img":
                if "alt" not in one.attributes:
                    yield "it has no alt"
            case "svg":
                if one.get("aria-hidden") != "true" and not (
                    one.get("role") == "img" and (one.get("aria-label") or one.parts)
                ):
                    yield "it is neither named nor hidden"
            case "th":
                if not one.get("scope"):
                    yield "it has no scope"

    def _link(self, one: Element) -> Iterator[str]:
        href = one.get("href")
        if not (one.text or one.get("aria-label")):
            yield "nothing says where it leads"
        if re.match(r"https?://", href):
            if not {"noreferrer", "noopener"} <= set(one.get("rel").split()) or one.get("hx-boost") != "false":
                yield "it leads out without rel or hx-boost"
        elif not re.match(r"[/?#](?!/)", href):
            yield "it leads nowhere that we know"
