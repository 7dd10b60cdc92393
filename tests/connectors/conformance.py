"""What every connector must do, whatever its tool: inherit :class:`SourceConformance` and give it a ``harness``.

The cases stand in ``conformance_reading``, ``conformance_faults`` and ``conformance_writing``, what a harness is in
``conformance_harness``.
"""

from __future__ import annotations

from conformance_faults import Faults
from conformance_harness import (
    FAULTS,
    TOKEN,
    Cursors,
    Harness,
    SandboxHarness,
    Trial,
    cycle,
    drain,
    ids,
    needs,
    start,
    write,
)
from conformance_reading import Reading
from conformance_writing import Writing

__all__ = [
    "FAULTS",
    "TOKEN",
    "Cursors",
    "Harness",
    "SandboxHarness",
    "SourceConformance",
    "Trial",
    "cycle",
    "drain",
    "ids",
    "needs",
    "start",
    "write",
]


class SourceConformance(Reading, Faults, Writing):
    """Inherit, and provide a fixture ``harness``."""
