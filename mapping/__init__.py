"""References → rules → links, orphans, gaps. Pure: no network, no clock, no environment.

A ``Reader`` finds the references in texts, ``judge`` gives the verdicts, ``trace`` explains one item, ``group``
gathers orphans by the place to mend, and ``chain_gaps`` names what else is broken. ``reading_stamp`` tells when all
texts have to be read again, ``fingerprint`` when all verdicts have to be given again.
"""

from mapping.gaps import chain_gaps
from mapping.mends import MendGroup, group
from mapping.reading import Reader, reading_stamp
from mapping.stamp import fingerprint
from mapping.verdicts import judge, trace

__all__ = ["MendGroup", "Reader", "chain_gaps", "fingerprint", "group", "judge", "reading_stamp", "trace"]
