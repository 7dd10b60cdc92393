"""Every fault of the table, for every tool, over sockets: promise × tool × outcome (design: promises, P13 to P30)."""

from __future__ import annotations

import pytest
from fault_cases import CASES, Case, carry_out, check, named


@pytest.mark.parametrize(("case", "tool"), [pytest.param(c, t, id=f"{c.id} · {t}") for c, t in named()])
def test_fault(case: Case, tool: str) -> None:
    assert check(case, carry_out(case, tool)) == []


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("case", "tool"), [pytest.param(c, t, id=f"{c.id} · {t}") for c, t in named() if c.promise == "P18"]
)
def test_the_deadline_with_its_full_number(case: Case, tool: str) -> None:
    assert check(case, carry_out(case, tool, deadline=30), deadline=30) == []


def test_no_case_is_there_twice_and_what_a_tool_lacks_is_explained() -> None:
    assert len({case.id for case in CASES}) == len(CASES)
    assert all(bool(case.why_not) == (len(case.tools) < 3) for case in CASES)
