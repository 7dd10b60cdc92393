"""Whatever happens in the tool and in the configuration, in whatever order: increments equal a rebuild."""

from __future__ import annotations

import pytest
from increments import LARGE, SMALL, Increments


class TestIncrements(Increments.TestCase):
    settings = SMALL


@pytest.mark.soak
@pytest.mark.timeout(7200)
class TestManyIncrements(Increments.TestCase):
    settings = LARGE
