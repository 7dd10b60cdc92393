"""Which work needs no objective, by the configuration and by what every installation takes for granted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from mapping.words import fold
from okrsync.model import Exemption, ItemKind, Node, Rules, Say

_MERGE = re.compile(
    r"merge (pull request #\d+|merge request |(remote-tracking )?branch(es)? |tag |commit |[0-9a-f]{7,40} into )", re.I
)
_VERSION = r"v?\d+(\.\d+)+([-+.][0-9a-z.+-]+)?"
_RELEASE = re.compile(
    rf"((release|version)[ :]\s*(version )?|(chore|build|ci)\(release\)!?: (release )?)?{_VERSION}\.?"
    r"( \[(skip ci|ci skip)\])?( \(#\d+\))?",
    re.I,
)
_MERGED = "merge"  # the type of a commit of several parents
_BOT = "[bot]"


def exemption(rules: Rules) -> Callable[[Node], Say | None]:
    """Answers why an item is exempt, or None; the configuration's own words come before the defaults."""
    configured = [_configured(one) for one in rules.exempt]
    tests = [*configured, _by_default] if rules.exempt_defaults else configured

    def exempt(node: Node) -> Say | None:
        for test in tests:
            why = test(node)
            if why is not None:
                return why
        return None

    return exempt


def _by_default(node: Node) -> Say | None:
    """Merge commits, machines, and commits that only say which version this is."""
    if node.author.lower().endswith(_BOT):
        return Say.of("exempt.bot", author=node.author)
    if node.kind is not ItemKind.COMMIT:
        return None
    title = node.title.strip()
    if node.type == _MERGED or _MERGE.match(title):
        return Say.of("exempt.merge")
    if _RELEASE.fullmatch(title.partition("\n")[0].strip()):
        return Say.of("exempt.release", title=title)
    return None


def _configured(one: Exemption) -> Callable[[Node], Say | None]:
    """One entry of the configuration: every list that is not empty has to match."""
    labels = frozenset(map(fold, one.labels))
    types = frozenset(map(fold, one.types))
    projects = frozenset((ref.source, fold(ref.key)) for ref in one.projects)
    authors = _any_of(one.authors)
    if not (labels or types or projects or authors):
        return lambda _: None

    def test(node: Node) -> Say | None:
        facts: list[tuple[str, str]] = []
        if labels:
            label = next((label for label in node.labels if fold(label.strip()) in labels), None)
            if label is None:
                return None
            facts.append(("label", label))
        if authors:
            if not authors(fold(node.author)):
                return None
            facts.append(("author", node.author))
        if types:
            if fold(node.type) not in types:
                return None
            facts.append(("type", node.type))
        if projects:
            if (node.source, fold(node.project)) not in projects:
                return None
            facts.append(("project", f"{node.source}:{node.project}"))
        what, value = facts[0]
        if one.why:
            return Say.of(f"exempt.{what}.why", value=value, why=one.why)
        return Say.of(f"exempt.{what}", value=value)

    return test


def _any_of(patterns: Iterable[str]) -> Callable[[str], object] | None:
    """Matches shell patterns of which only ``*`` and ``?`` are special: the brackets of ``*[bot]`` are brackets."""
    texts = [
        "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in fold(pattern))
        for pattern in patterns
    ]
    return re.compile("|".join(texts), re.DOTALL).fullmatch if texts else None
