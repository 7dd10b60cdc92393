"""How well typos of goals are found in labels and fields: planted slips of every kind, and real labels without any.

Every slip of each kind is planted in every place of ids of several styles, bare, behind a form of ``okr`` and as a
trailer; nothing is drawn by lot. Beside it what the same reader says of the labels, field values and titles of the
recorded trackers, of which none means a goal: once with these ids, and once with ids that are made of the very words of
those labels. Usage: ``python -m benchmarks.typos [--shared ../shared]``.
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from mapping.lexicon import Lexicon, Misnamed
from mapping.words import fold

IDS = (
    *("KR-UX", "KR-RETENTION", "O-LEADER", "2026-Q4-KR1", "KR1", "RETENTION", "O-ÉQUIPE-PRODUIT", "KR-MOBILE-CHECKOUT"),
    *("OKR-12", "team_growth.kr2"),
)
KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
ALIKE = dict(zip("ABCEHIJKMOPSTXYaceijopsxy01", "АВСЕНІЈКМОРЅТХУасеіјорѕхуOI", strict=True)) | {"O": "0", "I": "1"}
UNSEEN = ("\u200b", "\u200d", "\u00ad", "\u200f", "\ufeff")
SEPARATORS = ("", "_", " ", ".", "/", "--", "–")
ACCENTS = {"E": "É", "e": "é", "A": "À", "a": "à", "O": "Ô", "o": "ô", "U": "Ü", "u": "ü"}


# ── slips ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def beside(letter: str) -> str:
    """The keys that touch the key of this letter, in its case."""
    for row, keys in enumerate(KEYS):
        if (column := keys.find(letter.lower())) >= 0:
            near = [KEYS[line][max(column - 1 + (line < row), 0) : column + 1 + (line <= row)]
                    for line in range(max(row - 1, 0), min(row + 2, len(KEYS)))]  # fmt: skip
            found = "".join(near).replace(letter.lower(), "")
            return found.upper() if letter.isupper() else found
    return ""


def letters(one: str) -> list[int]:
    return [place for place, sign in enumerate(one) if sign.isalpha()]


def insertions(one: str) -> Iterator[str]:
    yield from (one[: place + 1] + key + one[place + 1 :] for place in letters(one) for key in beside(one[place]))


def deletions(one: str) -> Iterator[str]:
    yield from (one[:place] + one[place + 1 :] for place in letters(one))


def substitutions(one: str) -> Iterator[str]:
    yield from (one[:place] + key + one[place + 1 :] for place in letters(one) for key in beside(one[place]))


def transpositions(one: str) -> Iterator[str]:
    yield from (
        one[:place] + one[place + 1] + one[place] + one[place + 2 :]
        for place in range(len(one) - 1)
        if not (one[place] + one[place + 1]).isdigit()
    )


def doubled(one: str) -> Iterator[str]:
    yield from (one[:place] + one[place] + one[place:] for place in letters(one))


def separated(one: str) -> Iterator[str]:
    for match in re.finditer(r"[-_.]", one):
        yield from (one[: match.start()] + sign + one[match.end() :] for sign in SEPARATORS if sign != match[0])


def look_alikes(one: str) -> Iterator[str]:
    yield from (one[:place] + ALIKE[sign] + one[place + 1 :] for place, sign in enumerate(one) if sign in ALIKE)


def unseen(one: str) -> Iterator[str]:
    yield from (one[:place] + sign + one[place:] for place in range(len(one) + 1) for sign in UNSEEN)


def accents(one: str) -> Iterator[str]:
    yield from (one[:place] + ACCENTS[sign] + one[place + 1 :] for place, sign in enumerate(one) if sign in ACCENTS)
    for place, sign in enumerate(one):
        if (plain := unicodedata.normalize("NFD", sign)[0]) != sign:
            yield one[:place] + plain + one[place + 1 :]


SLIPS: Mapping[str, Callable[[str], Iterator[str]]] = {
    "a key beside, typed along": insertions,
    "a letter left out": deletions,
    "a key beside, instead": substitutions,
    "two signs swapped": transpositions,
    "a letter doubled": doubled,
    "another separator, or none": separated,
    "a letter that looks the same": look_alikes,
    "an invisible character": unseen,
    "an accent more or less": accents,
}
FORMS = ("okr:{}", "okr/{}", "okr-{}", "OKR:{}")
MISTYPED = ("okr_{}", "okr{}", "okr {}", "okr={}", "okr.{}", "okt:{}", "okrs:{}", "ok:{}", "kro:{}", "okr :{}")
"""Slips in the form itself, in front of an id that is right."""


@dataclass(slots=True)
class Count:
    """How many were planted, found, and found with the right goal or with a wrong one."""

    planted: int = 0
    found: int = 0
    right: int = 0
    wrong: int = 0

    def add(self, read: object, goal: str) -> None:
        self.planted += 1
        if isinstance(read, Misnamed):
            self.found += 1
            self.right += read.suggestion == goal
            self.wrong += read.suggestion not in (goal, None)

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else 1.0

    @property
    def fixed(self) -> float:
        return self.right / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        """Of the goals that were proposed, how many are the right one."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0


def planted(one: str, kind: str, ids: Iterable[str] = IDS) -> list[str]:
    """Every slip of this kind in this id, each once, but those that are an id."""
    named = set(map(fold, ids))
    return [wrong for wrong in dict.fromkeys(SLIPS[kind](one)) if fold(wrong.strip()) not in named and wrong.strip()]


def measure(ids: tuple[str, ...] = IDS) -> dict[tuple[str, str], Count]:
    """(kind of slip, where it stands: "bare", "okr" or "trailer") → what the reader of labels made of it."""
    lexicon = Lexicon(ids)
    counts: dict[tuple[str, str], Count] = defaultdict(Count)
    for one in ids:
        for kind in SLIPS:
            for wrong in planted(one, kind, ids):
                counts[kind, "bare"].add(lexicon.label(wrong), one)
                counts[kind, "trailer"].add(lexicon.meant(wrong), one)
                for form in FORMS:
                    counts[kind, "okr"].add(lexicon.label(form.format(wrong)), one)
        for form in MISTYPED:
            counts["the form itself", "bare"].add(lexicon.label(form.format(one)), one)
    return counts


def by_style(ids: tuple[str, ...] = IDS) -> dict[str, Count]:
    """id → what was found of all slips in it, bare."""
    lexicon = Lexicon(ids)
    counts: dict[str, Count] = defaultdict(Count)
    for one in ids:
        for kind in SLIPS:
            for wrong in planted(one, kind, ids):
                counts[one].add(lexicon.label(wrong), one)
    return counts


# ── what real trackers hold ──────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Corpora:
    """Real texts of the recorded trackers, of which none means a goal.

    ``labels`` with how often each was put on; ``values``: every short text in a field of a Jira issue or an Asana task;
    ``words``: every word of the titles of tickets, and every two that follow each other, as labels join them.
    """

    labels: Counter[str]
    values: set[str]
    words: set[str]

    @classmethod
    def read(cls, shared: Path) -> Corpora:
        """All that was recorded."""
        found = cls(Counter(), set(), set())
        recorded = shared / "recorded"
        for path in sorted(recorded.rglob("*.jsonl")):
            name = path.relative_to(recorded).as_posix()
            for line in path.read_text(encoding="utf-8").splitlines():
                found.add(name, json.loads(line))
        return found

    def add(self, name: str, document: Any) -> None:
        if name.endswith("tags.jsonl"):
            self.labels[document["name"]] += 1
        if "commits" not in name:
            self.labels.update(_labels(document))
        if name.startswith(("world/jira", "world/asana")):
            self.values.update(_texts(document))
        if name == "histories/links.jsonl":
            said = re.findall(r"[^\W_]+", document["title"])
            self.words.update(said, (f"{one}-{other}" for one, other in pairwise(said)))

    def hostile(self, most: int = 400) -> tuple[str, ...]:
        """Ids that are made of the words that stand in most labels: the hardest to tell from them."""
        common: Counter[str] = Counter()
        for label, count in self.labels.items():
            common.update({word.upper(): count for word in re.findall(r"[^\W\d_]{4,}", label)})
        chosen = [word for word, _ in sorted(common.items(), key=lambda one: (-one[1], one[0]))[:most]]
        return tuple(form.format(word) for word in chosen for form in ("KR-{}", "O-{}", "2026-{}-KR1", "{}-UX"))


def _labels(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("labels", "tags") and isinstance(inner, list):
                named = (one.get("name") if isinstance(one, dict) else one for one in inner)
                yield from (one for one in named if isinstance(one, str))
            yield from _labels(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _labels(inner)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if 0 < len(value) <= 100 and "\n" not in value:
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def alarms(lexicon: Lexicon, texts: Iterable[str]) -> list[tuple[str, str | None]]:
    """The texts that name no goal and are taken for a typo, and of which one."""
    read = ((text, lexicon.label(text)) for text in sorted(texts))
    return [(text, one.suggestion) for text, one in read if isinstance(one, Misnamed)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    print(f"ids: {', '.join(IDS)}\n")
    print("| slip | where | planted | found | with the right goal | with a wrong one | precision of the goal |")
    print("|---|---|---|---|---|---|---|")
    total: dict[str, Count] = defaultdict(Count)
    for (kind, where), count in measure().items():
        print(_line(f"{kind} | {where}", count))
        for name in ("planted", "found", "right", "wrong"):
            setattr(total[where], name, getattr(total[where], name) + getattr(count, name))
    for where, count in total.items():
        print(_line(f"all | {where}", count))
    print("\n| id, bare | | planted | found | with the right goal | with a wrong one | precision of the goal |")
    print("|---|---|---|---|---|---|---|")
    for one, count in by_style().items():
        print(_line(f"{one} | ", count))
    if not (shared / "recorded").is_dir():
        print(f"\nno recorded trackers below {shared}: no false alarms can be counted")
        return
    real = Corpora.read(shared)
    corpora = {"labels": set(real.labels), "values of fields": real.values, "words of titles": real.words}
    print("\n| real texts | distinct | false alarms, these ids | false alarms, ids of the same words |")
    print("|---|---|---|---|")
    usual, hard = Lexicon(IDS), Lexicon(real.hostile())
    for name, texts in corpora.items():
        found = alarms(hard, texts)
        told = f": {', '.join(f'{text} for {goal}' for text, goal in found)}" if found else ""
        print(f"| {name} | {len(texts):,} | {len(alarms(usual, texts))} | {len(found)}{told} |")


def _line(name: str, count: Count) -> str:
    shares = f"{count.recall:.1%} | {count.fixed:.1%} | {count.wrong} | {count.precision:.1%}"
    return f"| {name} | {count.planted:,} | {shares} |"


if __name__ == "__main__":
    main()
