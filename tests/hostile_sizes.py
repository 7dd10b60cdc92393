"""A process that reads a large and uneven world, links it and asks for every answer; it prints its peak of memory.

Usage: ``python hostile_sizes.py FOLDER``; the world is served by another process, for its memory is its own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from okrsync.cli import main

ANSWERS = ("status", "orphans", "gaps", "backlog", "effort", "report --output -", "trace P0-1", "runs", "overrides")


def peak() -> float:
    """The most memory that this process had, in MB; what ``getrusage`` tells is also that of who started it."""
    (line,) = (one for one in Path("/proc/self/status").read_text("utf-8").splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def typed(folder: Path, *arguments: str) -> None:
    """One command, in this process; SystemExit with what it ended with, where that is not 0."""
    sys.argv = ["okrsync", "--quiet", "--config", str(folder / "okrsync.toml"), *arguments]
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise


def answered(folder: Path) -> None:
    """Every answer as JSON, each written to a file."""
    for number, answer in enumerate(ANSWERS):
        output = [] if "--output" in answer else ["--output", str(folder / f"answer-{number}.json")]
        command = answer.split() if output else answer.replace("--output -", f"--output {folder}/week.json").split()
        typed(folder, *command, "--format", "json", *output)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    typed(place, "sync")
    print("sync", round(peak()), flush=True)
    answered(place)
    print("answers", round(peak()), flush=True)
