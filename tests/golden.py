"""Golden files: what came out last time and was looked at. ``make golden`` writes them anew; read the diff."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = Path(__file__).with_name("golden_files")


def check(name: str, text: str) -> None:
    """``text`` is what the golden file says, or becomes it where the environment says GOLDEN=1."""
    path = FOLDER / name
    if os.environ.get("GOLDEN"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path.name} differs; if it should: make golden"
