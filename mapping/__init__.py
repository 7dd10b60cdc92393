"""References → rules → links, orphans, gaps. Pure: no network, no clock, no environment.

``judge`` gives the verdicts, ``trace`` explains one item, ``group`` gathers orphans by the place to mend,
``chain_gaps`` names what else is broken, and ``fingerprint`` tells when all verdicts have to be given again.
"""

from mapping.gaps import chain_gaps
from mapping.mends import MendGroup, group
from mapping.stamp import fingerprint
from mapping.verdicts import judge, trace

__all__ = ["MendGroup", "chain_gaps", "fingerprint", "group", "judge", "trace"]
