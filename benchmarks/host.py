"""How much of this machine was there while something was measured: a virtual one may be given less than its cores."""

from __future__ import annotations

from pathlib import Path

STEAL = 7  # the place of what the host kept, in proc_stat(5)


class Host:
    """Looks since it was made."""

    def __init__(self) -> None:
        self._before = _ticks()

    def told(self) -> str:
        """A clause about the share of the time of all cores that the host kept for others."""
        spent = [now - then for now, then in zip(_ticks(), self._before, strict=True)]
        return f"the host kept {100 * spent[STEAL] / max(sum(spent), 1):.0f} % of the cores"


def _ticks() -> list[int]:
    """User, nice, system, idle, iowait, irq, softirq, steal, of all cores."""
    return [int(number) for number in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
