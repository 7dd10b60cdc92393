"""How many random cases a property sees."""

from __future__ import annotations

from hypothesis import settings


def cases(full: int) -> settings:
    """So many in `make soak`; a quarter of them in the suite, which has the same ones in each run."""
    suite = settings.get_current_profile_name() == "suite"
    return settings(max_examples=full // 4 if suite else full)
