"""References → rules → links, orphans, gaps. Pure: no network, no clock, no environment.

A ``Reader`` finds the references in texts. A ``World`` holds the items of one run; of these ``rulings`` decides, for
many at once. ``judge`` gives the same decisions in words, ``trace`` those on one item; a ``Court`` does all of it for
many worlds. ``chain_gaps`` names what is broken beside that, among the items that ``twins`` and ``in_circles`` help to
find.
``reading_stamp`` tells when all texts have to be read again, ``fingerprint`` when all is to be judged again.
"""

from mapping.gaps import chain_gaps, in_circles, twins
from mapping.reading import Reader, reading_stamp
from mapping.stamp import fingerprint
from mapping.verdicts import Court, judge, rulings, trace
from mapping.world import DATING, World

__all__ = [
    "DATING",
    "Court",
    "Reader",
    "World",
    "chain_gaps",
    "fingerprint",
    "in_circles",
    "judge",
    "reading_stamp",
    "rulings",
    "trace",
    "twins",
]
