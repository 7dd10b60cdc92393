"""What every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded data and vendor specifications, which stays out of the project."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the checkout: recorded data and vendor specifications are kept out of it")
    return SHARED
