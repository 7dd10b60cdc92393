"""Texts → goals: which goal a label or a field names, and which goal was meant where it names none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from mapping.words import fold, parts, visible
from okrsync.model import MANAGED_LABELS

_FORMS = ("okr:", "okr/", "okr-")
_WORD = 4  # letters from which a part of an id is a word: below, ux and ui, qa and ga are words of their own
_REMEMBERED = 1 << 16


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A text that was meant to name a goal and names none. ``explicit``: by its form, not by its likeness alone."""

    suggestion: str | None
    explicit: bool


Reading: TypeAlias = "str | Misnamed | None"  # the id of a goal, or what went wrong, or: no reference at all


class Lexicon:
    """Reads labels and field values against the ids of all goals.

    A text *names* a goal when the whole of it is an id, ``okr:ID``, ``okr/ID`` or ``okr-ID``, whatever its case and
    its Unicode form; a label also by a pattern of the configuration that matches the whole of it. It is *misnamed* when
    it has such a form around something else, or when it is so near to an id that it can be nothing else:

    - the same letters and digits, other separators or invisible characters (``KR_UX``, ``krux``), or
    - the same parts but one, and that one, of four letters or more, by one slip of the pen: a letter too many, missing,
      wrong, or two swapped (``KR-RETENTOIN``). Digits are never slips, for KR-1 and KR-2 are two goals.

    Only ids of two parts or more have such neighbours: where a goal is called RETENTION, ``retentions`` is a word.
    """

    def __init__(self, ids: Iterable[str], patterns: Iterable[str] = ()) -> None:
        self._ids: Mapping[str, str] = {fold(one): one for one in ids}
        self._patterns = tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
        self._managed = frozenset(map(fold, MANAGED_LABELS))
        self._longest = max(map(len, self._ids), default=0)
        self._squeezed: dict[str, list[str]] = defaultdict(list)
        self._tails: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._words: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
        for folded, one in self._ids.items():
            self._learn(parts(folded), one)
        self.label = lru_cache(_REMEMBERED)(self._label)
        self.value = lru_cache(_REMEMBERED)(self._value)

    def _learn(self, split: tuple[str, ...], one: str) -> None:
        self._squeezed["".join(split)].append(one)
        for start in range(1, len(split)):
            self._tails[split[start:]].append(one)
        if len(split) > 1:
            for place, part in enumerate(split):
                if len(part) >= _WORD:
                    self._words[_but(split, place)].append((part, one))

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _label(self, text: str) -> Reading:
        """What a label says; labels of okrsync itself say nothing."""
        folded = fold(text.strip())
        if folded in self._managed:
            return None
        read = self._value(text)
        if isinstance(read, str) or not self._patterns:
            return read
        return self._by_pattern(text.strip()) or read

    def _value(self, text: str) -> Reading:
        """What the whole value of a field says, where nothing else is known of that field."""
        folded = fold(text.strip())
        if one := self._ids.get(folded):
            return one
        if folded.startswith(_FORMS):
            return self.meant(folded[4:])
        if len(folded) > 2 * self._longest:
            return None
        likely = self._near(folded)
        return Misnamed(likely[0] if len(likely) == 1 else None, explicit=False) if likely else None

    def _by_pattern(self, text: str) -> Reading:
        misnamed = None
        for pattern in self._patterns:
            match = pattern.fullmatch(text)
            named = match["id"] if match else None
            if not match or not named:
                continue
            read = self.meant(fold(named.strip()))
            if isinstance(read, str):
                return read
            if named != match[0]:  # a form of its own, not any word that the pattern happens to fit
                misnamed = misnamed or read
        return misnamed

    def meant(self, text: str) -> str | Misnamed:
        """The goal that ``text`` names, for text that can be nothing but an id; else the likely one, if there is."""
        folded = fold(text.strip())
        return self._ids.get(folded) or Misnamed(self._likely(folded), explicit=True)

    # ── what was meant ───────────────────────────────────────────────────────────────────────────────────────────────

    def _near(self, folded: str) -> list[str]:
        split = parts(visible(folded))
        squeezed = "".join(split)
        if len(squeezed) >= _WORD:
            same = [one for one in self._squeezed.get(squeezed, ()) if len(parts(fold(one))) > 1]
            if same or visible(folded) in self._ids:
                return same or [self._ids[visible(folded)]]
        return [
            one
            for place in range(len(split) if len(split) > 1 else 0)
            for part, one in self._words.get(_but(split, place), ())
            if _digits(part) == _digits(split[place]) and OSA.distance(part, split[place], score_cutoff=1) == 1
        ]

    def _likely(self, folded: str) -> str | None:
        text = visible(folded)
        if one := self._ids.get(text):
            return one
        split = parts(text)
        for known in (self._squeezed.get("".join(split)), self._tails.get(split)):
            if known and len(known) == 1:
                return known[0]
        limit = 1 if len(text) < 6 else 2 if len(text) < 10 else 3
        if len(text) < 3 or len(text) > self._longest + limit:
            return None
        found = extract(text, self._ids.keys(), scorer=OSA.distance, score_cutoff=limit, limit=None)
        near = [(distance, key) for key, distance, _ in found if sorted(_digits(key)) == sorted(_digits(text))]
        best = [key for distance, key in near if distance == min(near)[0]]
        return self._ids[best[0]] if len(best) == 1 else None


def _but(split: tuple[str, ...], place: int) -> tuple[str, ...]:
    """The parts with a hole in one place."""
    return (*split[:place], "", *split[place + 1 :])


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
