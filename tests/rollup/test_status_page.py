"""docs/status.md names every threshold, with the default that the program has."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from okrsync.model import Status, Thresholds

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "status.md").read_text(encoding="utf-8")


def written(value: object) -> str:
    if isinstance(value, timedelta):
        return f"{value // timedelta(hours=1)} h"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("field", fields(Thresholds), ids=lambda field: field.name)
def test_every_threshold_stands_on_the_page_with_its_default(field):
    row = re.search(rf"^\| `{field.name}` \| (.*?) \| \S", PAGE, re.MULTILINE)
    assert row is not None
    assert row[1] == written(field.default)


def test_every_status_stands_on_the_page():
    assert {status.value for status in Status} <= set(re.findall(r"`([a-z_]+)`", PAGE))
