"""The forms in which texts from different hands are compared; what is stored and shown stays as it was written."""

from __future__ import annotations

import re
import unicodedata

_PART = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The form in which two ids, labels or keys are the same: NFC, and no matter of case."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def visible(text: str) -> str:
    """The text without the characters that nobody sees: zero width, direction marks, soft hyphens."""
    if text.isascii():
        return text
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def parts(text: str) -> tuple[str, ...]:
    """The runs of letters and digits, without what separates them: ``kr-ux`` and ``kr_ux`` have the same."""
    return tuple(_PART.findall(text))
