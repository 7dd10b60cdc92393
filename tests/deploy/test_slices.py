"""``make test`` runs its slices side by side; together they are the whole suite, and no two of them meet."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

from benchmarks.audit import ROOT


def files(arguments: list[str]) -> list[Path]:
    """The test files that pytest takes from these arguments."""
    left_out = [ROOT / one.removeprefix("--ignore=") for one in arguments if one.startswith("--ignore=")]
    named = [ROOT / one for one in arguments if one.startswith("tests/")] or [ROOT / "tests"]
    found = [path for one in named for path in ([one] if one.is_file() else one.rglob("test_*.py"))]
    return [path for path in found if not any(path.is_relative_to(one) for one in left_out)]


def test_every_test_file_is_in_one_slice() -> None:
    said = subprocess.run(["make", "-n", "test"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    commands = [line for line in said.splitlines() if "bin/pytest " in line]
    assert len(commands) > 2
    taken: Counter[Path] = Counter()
    for command in commands:
        words = subprocess.run(["bash", "-c", f"echo {command}"], cwd=ROOT, capture_output=True, text=True, check=True)
        taken.update(files(words.stdout.split()))
    assert taken == Counter((ROOT / "tests").rglob("test_*.py"))
