"""How sure a share is that was counted on few."""

from __future__ import annotations

import math

Z = 1.959964  # of a 95 % interval


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share, by Wilson (1927)."""
    share, spread = right / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)
