"""The forms in which texts from different hands are compared; what is stored and shown stays as it was written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_PART = re.compile(r"[^\W_]+")

_LATIN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԌԚԜавеѕіјкмнорстухӏһԁԛԝѵΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχ",
    "ABESIJKMHOPCTYXGQWabesijkmhopctyxlhdqwvABEZHIKMNOPTYXaikvoptux",
)
"""Letters of Cyrillic and Greek in which people read a Latin one: of Unicode's confusables (UTS #39) those that a
keyboard types; a small letter also where only its capital looks so, for tools put labels in lower case."""


def fold(text: str) -> str:
    """The form in which two ids, labels or keys are the same: NFC, and no matter of case."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def fold_all(texts: Sequence[str]) -> Iterable[str]:
    """:func:`fold` of each of many texts."""
    return map(str.lower, texts) if all(map(str.isascii, texts)) else map(fold, texts)


def visible(text: str) -> str:
    """The text without the characters that nobody sees: zero width, direction marks, soft hyphens."""
    if text.isascii():
        return text
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def latin(text: str) -> str:
    """The text as an eye reads it: nothing invisible, no wide or styled letters, and what looks like a Latin letter is
    one."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", visible(text)).translate(_LATIN)


def bare(text: str) -> str:
    """The text without accents and case, as it is typed in a hurry."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", "".join(one for one in letters if unicodedata.category(one) != "Mn"))


def parts(text: str) -> tuple[str, ...]:
    """The runs of letters and digits, without what separates them: ``kr-ux`` and ``kr_ux`` have the same."""
    return tuple(_PART.findall(text))
