"""Texts → goals: which goal a label or a field names, and which goal was meant where it names none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from mapping.slips import WORD, is_slip, is_slip_in_word, shorter
from mapping.words import bare, fold, latin, parts
from okrsync.model import is_managed

_FORM = "okr"
_FORMS = ("okr:", "okr/", "okr-")
_REMEMBERED = 1 << 16
_DIGITS = tuple(str.maketrans("01", letters) for letters in ("ol", "oi"))  # the letters for which digits are taken


@dataclass(frozen=True, slots=True)
class Misnamed:
    """A text that was meant to name a goal and names none. ``explicit``: by its form, not by its likeness alone."""

    suggestion: str | None
    explicit: bool


Reading: TypeAlias = "str | Misnamed | None"  # the id of a goal, or what went wrong, or: no reference at all


@dataclass(frozen=True, slots=True)
class _Look:
    """How an id, or a text, looks when nothing counts but its letters and digits, without accents."""

    parts: tuple[str, ...]
    letters: str

    @classmethod
    def of(cls, text: str) -> _Look:
        split = parts(bare(latin(text)))
        return cls(split, "".join(split))


class Lexicon:
    """Reads labels and field values against the ids of all goals.

    A text *names* a goal when the whole of it is an id, ``okr:ID``, ``okr/ID`` or ``okr-ID``, whatever its case and
    its Unicode form; a label also by a pattern of the configuration that matches the whole of it. It is *misnamed* when
    it has such a form around something else, or when it is so near to an id that it can be nothing else:

    - it looks the same: invisible characters, letters of another script that look Latin (``КR-UX``);
    - the same letters and digits, with other separators, accents, or 0 for O and 1 for I (``KR_UX``, ``krux``);
    - an id behind something like ``okr``, or behind ``okr`` and another separator (``okr_KR-UX``, ``okt:KR-UX``);
    - one slip of the pen in a part of four letters or more: a letter too many, missing, wrong, or two swapped
      (``KR-RETENTOIN``, ``krretentoin``); in a part of two or three beside such a one, which is as it should be, only
      what fingers do: a letter doubled, left out or swapped, or a key beside the right one (``RK-RETENTION``).

    Digits are never slips, for KR-1 and KR-2 are two goals. Only ids of two parts or more have such neighbours, but for
    what looks the same: where a goal is called RETENTION, ``retentions`` is a word.
    """

    def __init__(self, ids: Iterable[str], patterns: Iterable[str] = ()) -> None:
        self._ids: Mapping[str, str] = {fold(one): one for one in ids}
        self._patterns = tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
        self._longest = max(map(len, self._ids), default=0)
        self._looks = {one: _Look.of(one) for one in self._ids.values()}
        self._written = {one: "-".join(look.parts) for one, look in self._looks.items()}
        self._seen: dict[str, list[str]] = defaultdict(list)  # as it is seen → ids
        self._letters: dict[str, list[str]] = defaultdict(list)
        self._digits: dict[str, list[str]] = defaultdict(list)  # letters, digits as the letters that they look like
        self._tails: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._shorter: dict[str, list[str]] = defaultdict(list)  # letters without one → ids that a slip is searched by
        for one, look in self._looks.items():
            self._learn(one, look)
        self.label = lru_cache(_REMEMBERED)(self._label)
        self.value = lru_cache(_REMEMBERED)(self._value)

    def _learn(self, one: str, look: _Look) -> None:
        self._seen[fold(latin(one))].append(one)
        self._letters[look.letters].append(one)
        for start in range(1, len(look.parts)):
            self._tails[look.parts[start:]].append(one)
        for read in {look.letters.translate(table) for table in _DIGITS}:
            self._digits[read].append(one)
        if len(look.parts) > 1 and any(len(part) >= WORD for part in look.parts):
            for variant in shorter(look.letters):
                self._shorter[variant].append(one)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _label(self, text: str) -> Reading:
        """What a label says; labels of okrsync itself say nothing."""
        folded = fold(text.strip())
        if is_managed(folded):
            return None
        read = self._value(text)
        if isinstance(read, str) or not self._patterns:
            return read
        return self._by_pattern(text.strip()) or read

    def _value(self, text: str) -> Reading:
        """What the whole value of a field says, where nothing else is known of that field."""
        stripped = text.strip()
        folded = fold(stripped)
        if one := self._ids.get(folded):
            return one
        if folded.startswith(_FORMS):
            return self.meant(stripped[len(_FORM) + 1 :])
        if len(stripped) > 2 * self._longest + len(_FORM):
            return None
        likely = self._near(stripped)
        return Misnamed(_only(likely), explicit=False) if likely else None

    def _by_pattern(self, text: str) -> Reading:
        misnamed = None
        for pattern in self._patterns:
            match = pattern.fullmatch(text)
            named = match["id"] if match else None
            if not match or not named:
                continue
            read = self.meant(named)
            if isinstance(read, str):
                return read
            if named != match[0]:  # a form of its own, not any word that the pattern happens to fit
                misnamed = misnamed or read
        return misnamed

    def meant(self, text: str) -> str | Misnamed:
        """The goal that ``text`` names, for text that can be nothing but an id; else the likely one, if there is."""
        stripped = text.strip()
        return self._ids.get(fold(stripped)) or Misnamed(self._likely(stripped), explicit=True)

    # ── what was meant ───────────────────────────────────────────────────────────────────────────────────────────────

    def _near(self, text: str) -> list[str]:
        """The ids that a text of no form was meant for."""
        read = latin(text)
        if (same := self._seen.get(fold(read))) and (len(read) != len(text) or _mixed(text)):
            return same
        look = _Look.of(text)
        if found := self._same(look) or self._behind(look):
            return found
        return [one for one in self._candidates(look.letters) if self._slipped(one, look)]

    def _same(self, look: _Look) -> list[str]:
        """The ids of the same letters and digits, or with a letter for a digit that looks like it, or the other way."""
        if len(look.letters) < WORD:
            return []
        found = self._letters.get(look.letters)
        if found:
            return [one for one in found if _stands_apart(self._looks[one].parts, look.parts)]
        return [one for one in self._alike(look) if _reads_alike(self._looks[one].parts, look.parts)]

    def _alike(self, look: _Look) -> list[str]:
        """The ids of the same letters and digits, where those are one that look alike."""
        return list(
            dict.fromkeys(one for table in _DIGITS for one in self._digits.get(look.letters.translate(table), ()))
        )

    def _behind(self, look: _Look) -> list[str]:
        """The ids that stand behind ``okr``; those of two parts and more also where nothing separates them from it, or
        behind what is nearly that."""
        form, rest = "".join(look.parts[:1]), look.parts[1:]
        behind = [one for one in self._letters.get("".join(rest), ()) if self._looks[one].parts == rest]
        if behind and (form == _FORM or (len(rest) > 1 and OSA.distance(form, _FORM, score_cutoff=1) == 1)):
            return behind
        glued = look.letters.removeprefix(_FORM)
        if glued == look.letters or len(glued) < WORD:
            return []
        return [one for one in self._letters.get(glued, ()) if len(self._looks[one].parts) > 1]

    def _candidates(self, letters: str) -> Iterator[str]:
        """The ids from whose letters these may be one slip away, each once."""
        found = {one: None for variant in shorter(letters) for one in self._shorter.get(variant, ())}
        yield from found

    def _slipped(self, one: str, look: _Look) -> bool:
        known = self._looks[one]
        if len(known.parts) == len(look.parts):
            differing = [place for place, part in enumerate(known.parts) if part != look.parts[place]]
            if len(differing) == 1:
                (place,) = differing
                rest = (*known.parts[:place], *known.parts[place + 1 :])
                return is_slip(known.parts[place], look.parts[place], beside=max(map(len, rest)))
        return is_slip_in_word(known.parts, look.letters)

    def _likely(self, text: str) -> str | None:
        """The id that was meant by a text that was meant for one."""
        if same := self._seen.get(fold(latin(text))):
            return _only(same)
        look = _Look.of(text)
        if look.parts[:1] == (_FORM,) and len(look.parts) > 1:
            look = _Look(look.parts[1:], "".join(look.parts[1:]))  # "OKR: okr:KR-UX"
        for known in (self._letters.get(look.letters), self._alike(look), self._tails.get(look.parts)):
            if known and len(known) == 1:
                return known[0]
        written = "-".join(look.parts)
        limit = 1 if len(written) < 6 else 2 if len(written) < 10 else 3
        if len(written) < 3 or len(written) > self._longest + limit:
            return None
        found = extract(written, self._written, scorer=OSA.distance, score_cutoff=limit, limit=None)
        near = [(distance, one) for looked, distance, one in found if _figures(looked) == _figures(written)]
        return _only([one for distance, one in near if distance == min(near)[0]])


def _only(found: list[str]) -> str | None:
    return found[0] if len(found) == 1 else None


def _figures(text: str) -> list[str]:
    return sorted(filter(str.isdigit, text))


def _stands_apart(known: tuple[str, ...], written: tuple[str, ...]) -> bool:
    """Whether the same letters can be nothing but that id: a single letter glued to a word may make another one."""
    return len(known) > 1 and (known == written or not any(len(part) == 1 and part.isalpha() for part in known))


def _reads_alike(known: tuple[str, ...], written: tuple[str, ...]) -> bool:
    """Whether these parts are those of an id but for letters that look like digits; none of them stands alone, for
    ``0-day`` is no O-DAY."""
    if len(known) == 1 or len(known) != len(written):
        return False
    return all(one == other or len(one) == len(other) > 1 for one, other in zip(known, written, strict=True))


def _mixed(text: str) -> bool:
    """Letters of several scripts: nobody writes a word so."""
    letters = [one for one in text if one.isalpha()]
    return any(map(str.isascii, letters)) and not all(map(str.isascii, letters))
