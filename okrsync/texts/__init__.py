"""Sentences for people, in French and in English: the only place where a :class:`~okrsync.model.Say` becomes words.

Each part of the project brings its catalogue (``chain``, ``trace``, ``progress`` and the others): code → (English,
French), filled with :meth:`str.format`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial

from okrsync.model import Say

LANGUAGES = ("en", "fr")
_TIGHT = re.compile(r" (?=[%:;?!»])|(?<=«) ")  # where French never breaks a line


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Every code of every part; a code that stands in two catalogues is a fault of the program."""
    from okrsync.texts import chain, goals, preview, progress, report, sheet, suggest, trace, words

    merged: dict[str, tuple[str, str]] = {}
    for part in (chain, progress, goals, report, sheet, suggest, trace, words, preview):
        twins = merged.keys() & part.CATALOG.keys()
        if twins:
            raise KeyError(f"in two catalogues: {', '.join(sorted(twins))}")
        merged.update(part.CATALOG)
    return merged


def say(what: Say, language: str) -> str:
    """The sentence in ``language``; text from a tool stands in it as it is, made neutral by whoever prints it."""
    template = catalogue()[what.code][LANGUAGES.index(language)]
    if language != "fr":
        return template.format(**dict(what.args))
    facts = {name: _Nombre(value) if isinstance(value, float) else value for name, value in what.args}
    return _TIGHT.sub("\u00a0", template).format(**facts)


class _Nombre(float):
    """A number that is written with a comma."""

    def __format__(self, spec: str) -> str:
        return format(float(self), spec).replace(".", ",")


def speaker(language: str) -> Callable[[Say], str]:
    """:func:`say` for one language."""
    return partial(say, language=language)
