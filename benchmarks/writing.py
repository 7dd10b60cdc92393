"""What an apply of 1,000 writes costs: requests beside the least possible, CPU, memory, and its time under the limits
that each tool publishes.

A sandbox plays the tool in another process. ``labels`` puts one label on each of 1,000 tickets; ``mixed`` writes what a
company in the middle of its quarter would have written; ``comments`` is what GitHub allows least of (all three:
benchmarks/backlogs.py). Then the plan that follows, the plan after the next sync, which looks at the echo of all that
was written, and the undo of it all. Requests are those that the sandbox got. Nothing waits: the connectors, their lanes
and budgets and the run itself are the real ones on a told clock (benchmarks/virtual.py), on which each request takes .1
or .3 s, and what was sent is judged by what the tool publishes (benchmarks/published.py): a request that goes beyond it
is counted as broken, and there must be none.

The least is one write for each object and kind of write that the tool takes in one request, and one read for 100
objects: labels and fields of an issue of Jira in one edit, its property, its comment; the labels of an issue of GitHub,
its comment, a status, a block; the fields of a task of Asana in one edit, each tag, a comment, a metric, an update.
Without a request for many at once are: issues of Data Center as they stand now (its search may be behind), comments and
status updates of Asana. Usage:
``python -m benchmarks.writing [--tool T]… [WRITES]``.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

LATENCIES = (0.1, 0.3)  # seconds
SMALL = 4  # the growth is told from a fourth of the writes on
BATCH = 100
GRACE = 10.0  # seconds for a process to end by itself
TOOLS = ("jira cloud", "jira dc", "github", "asana free", "asana paid")
FIELDS = frozenset({"objective_field", "number"})
MARKS = frozenset({"label", "objective_label"})
OF_PEOPLE = FIELDS | {"metric"}

Slot = tuple[str, str, str]
"""Object, surface and name."""


def play(tool: str, writes: int, run: str, shared: Any, line: Connection) -> None:
    """Serve a backlog; after each word, tell (method, whether it only reads, status) of what came since the last."""
    from benchmarks.backlogs import BACKLOGS, configuration
    from okrsync.sandbox import Sandbox
    from okrsync.sandbox.clock import Clock

    class Told(Clock):
        def __call__(self) -> datetime:
            return datetime.fromtimestamp(shared.value, UTC)

    clock, backlog = Told(), BACKLOGS[tool]
    with Sandbox(backlog.world(writes, run, clock)) as sandbox:
        line.send(configuration(backlog, sandbox.url, writes, run=run, now=clock()))
        while line.recv() != "end":
            line.send([(asked.method, not asked.unsafe, asked.status) for asked in sandbox.requests])
            sandbox.clear_requests()


@contextmanager
def started(context: Any, target: Any, *arguments: Any) -> Any:
    """A process, and the line to it; it is ended with the block."""
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(*arguments, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        with suppress(OSError):
            ours.send("end")
        process.join(GRACE)
        process.kill()


def one(tool: str, writes: int, latency: float, words: Sequence[str], run: str) -> list[dict[str, Any]]:
    """What each command cost; with what the sandbox ``got`` for it."""
    from benchmarks import virtual

    context = multiprocessing.get_context("spawn")
    shared = context.Value("d", time.time(), lock=False)
    with started(context, play, tool, writes, run, shared) as sandbox, tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "okrsync.toml"
        config.write_text(sandbox.recv())
        (Path(folder) / "token").write_text("bench")
        told = []
        with started(context, virtual.run, str(config), shared, latency) as installation:
            for word in words:
                installation.send(word)
                told.append(installation.recv())
                sandbox.send("count")
                told[-1]["got"] = sandbox.recv()
                refused = [asked for asked in told[-1]["got"] if asked[2] == 429]
                assert not refused, f"{tool}: {word}: {len(refused)} requests were refused for their number"
                assert len(told[-1]["got"]) == len(told[-1]["sent"])
        return told


def least(tool: str, slots: Iterable[Slot]) -> tuple[int, int]:
    """The fewest reads and writes with which a tool is asked for these."""
    slots = list(slots)
    kinds: set[tuple[str, ...]] = set()
    alone: set[tuple[str, str]] = set()
    together: set[tuple[str, str]] = set()
    for number, surface, name in slots:
        if surface in MARKS:
            kinds.add((number, name) if tool.startswith("asana") else (number, "edit"))
        elif surface in FIELDS:
            kinds.add((number, "fields" if tool.startswith("asana") else "edit"))
        else:
            kinds.add((number, surface))
        if tool == "jira dc":
            alone.add((number, ""))
        elif tool.startswith("asana") and surface in ("comment", "update"):
            alone.add((number, surface))
        else:
            together.add(("goals" if surface == "metric" else "", number))
    kinds_of_list = Counter(kind for kind, _ in together)
    return len(alone) + sum(math.ceil(count / BATCH) for count in kinds_of_list.values()), len(kinds)


def methods(got: Iterable[tuple[str, bool, int]]) -> str:
    """How many of each method, those that only read apart."""
    counts = Counter(f"{method} that reads" if reads and method == "POST" else method for method, reads, _ in got)
    return ", ".join(f"{count} {method}" for method, count in counts.most_common())


def clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("writes", nargs="?", type=int, default=1000, help="a multiple of 200")
    parser.add_argument("--tool", action="append", choices=TOOLS)
    asked = parser.parse_args()
    heads = (
        *("tool", "run", "objects", "plan", "apply", "reads", "least", "writes", "least", "x", "second plan"),
        *("after sync", "undo", "CPU ms/write", "a fourth", "RSS MB", "a fourth", "statements, commits/write"),
        *(f"at {one:g} s" for one in LATENCIES),
        *("nearest limit", "broken"),
    )
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for tool in asked.tool or TOOLS:
        for run in ("labels", "mixed", *(["comments"] if tool == "github" else ())):
            print("| " + " | ".join(map(str, row(tool, asked.writes, run))) + " |", flush=True)


def row(tool: str, writes: int, run: str) -> Sequence[object]:
    """What is told of one tool and kind of run."""
    from benchmarks.published import LIMITS, judged

    words = ("sync", "plan", "apply", "plan", "sync", "plan", "undo")
    _, plan, apply, second, _, echo, undo = one(tool, writes, LATENCIES[0], words, run)
    _, _, slow = one(tool, writes, LATENCIES[1], words[:3], run)
    _, _, small = one(tool, writes // SMALL, LATENCIES[0], words[:3], run)
    slots = plan["said"]
    assert len(slots) == writes, f"{tool}: {len(slots)} writes are planned: {Counter(slot[1] for slot in slots)}"
    assert apply["said"]["applied"] == undo["said"]["applied"] == writes, (apply["said"], undo["said"])
    assert not second["said"]
    assert not echo["said"]
    reads, changes = least(tool, slots)
    did = [asked[1] for asked in apply["got"]]
    near = judged(LIMITS[tool], apply["sent"])
    sendings = (apply["sent"], slow["sent"], undo["sent"])
    broken = sum(verdict.broken for sent in sendings for verdict in judged(LIMITS[tool], sent))
    looks, _ = least(tool, [slot for slot in slots if slot[1] in OF_PEOPLE])
    return (
        tool,
        run,
        len({number for number, _, _ in slots}),
        f"{len(plan['got'])} (least {looks})",
        f"{len(did)}: {methods(apply['got'])}",
        sum(did),
        reads,
        len(did) - sum(did),
        changes,
        f"{len(did) / (reads + changes):.3f}",
        len(second["got"]),
        len(echo["got"]),
        f"{len(undo['got'])}: {methods(undo['got'])}",
        f"{1000 * apply['cpu'] / writes:.1f}",
        f"{1000 * small['cpu'] / (writes // SMALL):.1f}",
        f"{apply['rss']:.0f}",
        f"{small['rss']:.0f}",
        f"{apply['statements'] / writes:.1f}, {apply['commits'] / writes:.1f}",
        clock(apply["seconds"]),
        clock(slow["seconds"]),
        f"{near[0].limit}: {near[0].share:.0%}" if near else "none published",
        broken,
    )


if __name__ == "__main__":
    main()
