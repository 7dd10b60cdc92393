"""What titles of commits say of themselves: merges, and commits that only tell which version this is."""

from __future__ import annotations

import re

_MERGE = re.compile(
    r"merge (pull request #\d+|merge request |(remote-tracking )?branch(es)? |tag |commit |[0-9a-f]{7,40} into )", re.I
)
_VERSION = r"v?\d+(\.\d+)+([-+.][0-9a-z.+-]+)?"
_RELEASE = re.compile(
    rf"((release|version)[ :]\s*(version )?|(chore|build|ci)\(release\)!?: (release )?)?{_VERSION}\.?"
    r"( \[(skip ci|ci skip)\])?( \(#\d+\))?",
    re.I,
)


def merges(title: str) -> bool:
    """``Merge branch …``, ``Merge pull request #12 …``."""
    return _MERGE.match(title.strip()) is not None


def exempts(title: str) -> bool:
    """It is that of a merge, or of a release: ``Release v1.2.3``, ``chore(release): 1.2.3``, a bare version."""
    bare = title.strip()
    return _MERGE.match(bare) is not None or _RELEASE.fullmatch(bare.partition("\n")[0].strip()) is not None
