"""Sentences for people, in French and in English: the only place where a :class:`~okrsync.model.Say` becomes words.

Each part of the project brings its catalogue (``chain``, ``trace``, ``progress`` and the others): code → (English,
French), filled with :meth:`str.format`; ``grammar`` tells what may stand behind the name of a fact.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial

from okrsync.model import Say
from okrsync.texts import grammar

LANGUAGES = ("en", "fr")
_TIGHT = re.compile(r" (?=[%:;?!»])|(?<=«) ")  # where French never breaks a line


@cache
def catalogue() -> dict[str, tuple[str, str]]:
    """Every code of every part; a code that stands in two catalogues is a fault of the program."""
    from okrsync.texts import (
        alerts,
        calibration,
        chain,
        choices,
        effort,
        goals,
        hooks,
        narrative,
        obstacles,
        orphans,
        overview,
        plans,
        preview,
        progress,
        report,
        rollout,
        sheet,
        site,
        site_backlog,
        site_gaps,
        site_key_result,
        site_orphans,
        site_overview,
        site_runs,
        site_sources,
        site_teams,
        site_trace,
        suggest,
        trace,
        week,
        words,
        writing,
    )

    merged: dict[str, tuple[str, str]] = {}
    parts = (
        calibration,
        chain,
        progress,
        narrative,
        obstacles,
        choices,
        overview,
        goals,
        hooks,
        effort,
        orphans,
        report,
        plans,
        rollout,
        sheet,
        suggest,
        trace,
        words,
        week,
        preview,
        writing,
        alerts,
        site,
        site_backlog,
        site_gaps,
        site_key_result,
        site_orphans,
        site_overview,
        site_runs,
        site_sources,
        site_teams,
        site_trace,
    )
    for part in parts:
        twins = merged.keys() & part.CATALOG.keys()
        if twins:
            raise KeyError(f"in two catalogues: {', '.join(sorted(twins))}")
        merged.update(part.CATALOG)
    return merged


def say(what: Say, language: str) -> str:
    """The sentence in ``language``; text from a tool stands in it as it is, made neutral by whoever prints it."""
    template = catalogue()[what.code][LANGUAGES.index(language)]
    if language == "fr":
        template = _TIGHT.sub("\u00a0", template)
    return template.format(**grammar.facts(what, language))


def speaker(language: str) -> Callable[[Say], str]:
    """:func:`say` for one language."""
    return partial(say, language=language)
