"""What okrsync makes of what the tools do wrong: tool × fault × outcome, as a table in Markdown.

The cases are those of ``tests/connectors/fault_cases.py``, carried out over sockets against the sandbox; a line that is
not what the case promises says so. Usage: ``python -m benchmarks.faults [PROMISE …]``, by default all of them.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import structlog

TESTS = Path(__file__).resolve().parents[1] / "tests"


def main(promises: list[str]) -> int:
    sys.path[:0] = [str(TESTS), str(TESTS / "connectors")]
    from fault_cases import carry_out, check, named

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print("| promise | fault | tool | error | source | tries | waited, s | took, s | cursor | lost | deleted |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    broken = 0
    for case, tool in named():
        if promises and case.promise not in promises:
            continue
        outcome = carry_out(case, tool)
        wrong = check(case, outcome)
        broken += bool(wrong)
        cells = [
            case.promise,
            case.name + (f"; {outcome.memory:.0f} MB more at the peak" if case.memory else ""),
            tool,
            outcome.error or "none",
            outcome.state + (f" **BROKEN: {'; '.join(wrong)}**" if wrong else ""),
            str(outcome.requests) if case.arm else "",
            " + ".join(f"{wait:.1f}" for wait in outcome.waited),
            f"{outcome.seconds:.2f}",
            outcome.cursor,
            str(outcome.lost),
            str(outcome.deleted),
        ]
        print(f"| {' | '.join(cells)} |", flush=True)
    print(f"\n{broken} broken" if broken else "\nall as promised")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
