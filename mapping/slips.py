"""Slips of the pen: one letter too many, missing, wrong, or two swapped; digits are never slips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

WORD = 4
"""Letters from which a part of an id is a word: below, ux and ui, qa and ga are words of their own."""

_PAIR = 2  # letters of a part in which fingers can slip: what is one letter may be any other
_JOINED = (
    8  # letters from which on the parts of an id are known again where nothing separates them: linux is no LINK-UX
)

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _beside() -> frozenset[tuple[str, str]]:
    """The keys that touch each other on the keyboards of English; those of French differ in four letters."""
    at = {key: (row, column + row / 2) for row, keys in enumerate(_ROWS) for column, key in enumerate(keys)}
    return frozenset(
        (one, other)
        for one, (row, column) in at.items()
        for other, (line, place) in at.items()
        if one != other and abs(row - line) <= 1 and abs(column - place) <= 1
    )


_BESIDE = _beside()


def is_slip(right: str, wrong: str, *, beside: int) -> bool:
    """Whether ``wrong`` can be nothing but a slip for the part ``right`` of an id whose longest other part, which is as
    it should be, has ``beside`` letters."""
    if _digits(right) != _digits(wrong):
        return False
    if len(right) >= WORD:
        return _one_away(right, wrong)
    return len(right) >= _PAIR and beside >= WORD and _by_finger(right, wrong)


def is_slip_in_word(right: Sequence[str], letters: str) -> bool:
    """Whether these letters, however they are separated, are those of the parts of an id with one slip in a word; at
    least two letters stand beside that word, for ``leaders`` is none for O-LEADER."""
    if len(letters) < _JOINED:
        return False
    for place, word in enumerate(right):
        before, behind = "".join(right[:place]), "".join(right[place + 1 :])
        if (
            len(word) >= WORD
            and len(before) + len(behind) >= _PAIR
            and letters.startswith(before)
            and letters.endswith(behind)
        ):
            written = letters[len(before) : len(letters) - len(behind)]
            if _digits(word) == _digits(written) and _one_away(word, written):
                return True
    return False


def shorter(letters: str) -> Iterator[str]:
    """The letters, and the letters without each: two texts that are one slip apart have one of these in common."""
    yield letters
    for place in range(len(letters)):
        yield letters[:place] + letters[place + 1 :]


def _one_away(right: str, wrong: str) -> bool:
    return OSA.distance(right, wrong, score_cutoff=1) == 1


def _by_finger(right: str, wrong: str) -> bool:
    """What fingers do and no word does by chance: a letter doubled or swapped, or a key beside typed along; of three
    letters also one left out, or a key beside typed instead."""
    if not _one_away(right, wrong):
        return False
    if len(right) < len(wrong):
        place = next(place for place in range(len(wrong)) if wrong[:place] + wrong[place + 1 :] == right)
        around = right[max(place - 1, 0) : place + 1]
        return any(one == wrong[place] or (one, wrong[place]) in _BESIDE for one in around)
    differing = [pair for pair in zip(right, wrong, strict=False) if pair[0] != pair[1]]
    if len(right) == len(wrong) and len(differing) == 2:
        return True
    return len(right) > _PAIR and (len(wrong) < len(right) or differing[0] in _BESIDE)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
