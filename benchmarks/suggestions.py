"""How well parents are found for tickets whose parent is known: okrsync beside plain TF-IDF centroids, as Markdown.

Each ticket is asked for in the order of time, with nothing in sight but tickets that were created before it; a parent's
own text is there from its creation on. A ticket whose parent cannot be known yet counts as a wrong answer. Features and
constants were chosen on Titanium's tickets of before 2017 alone; what is told of those from 2017 on is told of tickets
that nothing was chosen by, but for two decisions: a logistic regression, for boosted trees were no better on all, and
that unlinked tickets teach too, without which ``suggest`` on the recorded world named a parent for nearly every orphan.
``--gap DAYS`` hides the last days before each ticket as well: whole plans are often typed in one sitting, and then
siblings give a ticket away. Components are asked for as if they were parents. Both methods are asked for the same.
The source's tickets that never got an epic are the unlinked ones: how many of them would have been given one, is told.

Usage: ``python -m benchmarks.suggestions [--shared ../shared] [--gap DAYS]``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from mapping.likeness import Candidate, Work
from mapping.suggestions import learn
from mapping.trials import LEAST, Measure, Trial, measure, measure_as_told

Result = TypeVar("Result")
SHARES = (0.25, 0.5, 0.75, 1.0)
CHOSEN_BEFORE = datetime(2017, 1, 1, tzinfo=UTC)
FEWEST = 5  # tickets of a component that is asked for


@dataclass(frozen=True)
class Task:
    """Tickets with their real parents."""

    name: str
    linked: Sequence[Work]
    candidates: Sequence[Candidate]
    unlinked: Sequence[Work] = ()

    @property
    def work(self) -> tuple[Sequence[Work], Sequence[Candidate], Sequence[Work]]:
        return self.linked, self.candidates, self.unlinked


def tasks(histories: Path) -> Iterator[Task]:
    """The epics of each source, and its components."""
    rows, texts = (
        [json.loads(line) for line in (histories / name).read_bytes().splitlines()]
        for name in ("links.jsonl", "parents.jsonl")
    )
    for source in sorted({row["source"] for row in rows}):
        of_source = [row for row in rows if row["source"] == source]
        epics = [work(row, row["parent"]) for row in of_source if row["parent_kind"] == "epic"]
        if len(epics) > 2 * LEAST:
            named = [text for text in texts if text["source"] == source]
            prefixes = {one.project for one in epics}
            others = [work(row, None) for row in of_source if row["parent_kind"] != "epic"]
            others = [one for one in others if one.project in prefixes]
            yield Task(f"{source}, epics", epics, candidates(epics, named), others)
        counts = np.unique([row["component"] for row in of_source if row["component"]], return_counts=True)
        large = {name for name, count in zip(*counts, strict=True) if count >= FEWEST}
        inside = [replace(work(row, row["component"]), component="") for row in of_source if row["component"] in large]
        yield Task(f"{source}, components", inside, candidates(inside, ()))


def work(row: Mapping[str, Any], parent: str | None) -> Work:
    """A recorded ticket as suggestions see it."""
    return Work(
        id=row["id"],
        created=instant(row["created"]),
        title=row["title"],
        body=row["body"] or "",
        key=row["id"],
        author=row["author_hash"] or "",
        project=row["id"].rpartition("-")[0],
        component=row["component"] or "",
        labels=tuple(row["labels"]),
        parent=parent,
    )


def candidates(linked: Iterable[Work], texts: Iterable[Mapping[str, Any]]) -> list[Candidate]:
    """The parents: with their texts from their creation on, those without a text from their first ticket on."""
    found = {
        text["id"]: Candidate(
            text["id"], text["title"], text["body"] or "", text["id"].split("/")[-1], instant(text["created"])
        )
        for text in texts
    }
    for one in sorted(linked, key=lambda one: one.created):
        assert isinstance(one.parent, str)
        found.setdefault(one.parent, Candidate(one.parent, key=one.parent.split("/")[-1], created=one.created))
    return list(found.values())


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def centroids(linked: Sequence[Work], gap: float) -> list[Trial]:
    """The same trials by the likeness to the mean of each parent's earlier tickets, and nothing else."""
    works = sorted(linked, key=lambda one: (one.created, str(one.id)))
    vectorizer = TfidfVectorizer(sublinear_tf=True, stop_words="english")
    words = vectorizer.fit_transform([f"{one.title} {one.title} {one.body}" for one in works])
    days = np.array([one.created.timestamp() / 86_400 for one in works])
    place = {parent: number for number, parent in enumerate(dict.fromkeys(one.parent for one in works))}
    parents = np.array([place[one.parent] for one in works])
    names = list(place)
    sums = np.zeros((len(place), words.shape[1]), dtype=np.float32)
    norms, seen, trials = np.zeros(len(place)), 0, []
    for number, one in enumerate(works):
        while days[seen] < days[number] - gap:
            parent, row = parents[seen], words[seen]
            sums[parent, row.indices] += row.data
            norms[parent] = np.linalg.norm(sums[parent])
            seen += 1
        if number < LEAST or not seen:
            continue
        row = words[number]
        alike = sums[:, row.indices] @ row.data / np.maximum(norms, 1e-9)
        best = int(alike.argmax())
        right, possible = best == parents[number], bool(norms[parents[number]])
        trials.append(Trial(one.id, str(names[best]), float(alike[best]), bool(right), possible, 0.0))
    return trials


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="the folder that holds recorded/")
    parser.add_argument("--gap", type=float, default=0.0, help="days before each ticket that are hidden too")
    options = parser.parse_args()
    heads = [*(f"surest {share:.0%}" if share < 1 else "all" for share in SHARES), "above the threshold of its past"]
    print(f"| tickets | method | asked | parent known | {' | '.join(heads)} | s |")
    print("|---" * (len(heads) + 5) + "|")
    for task in tasks(options.shared / "recorded" / "histories"):
        learned, our_seconds = timed(lambda task=task: learn(*task.work, gap=options.gap))
        asked = {trial.item for trial in learned.trials}
        plain, plain_seconds = timed(lambda task=task: centroids(task.linked, options.gap))
        for name, some in parts(task):
            show(name, "centroids", [trial for trial in plain if trial.item in some & asked], plain_seconds)
            show(name, "okrsync", [trial for trial in learned.trials if trial.item in some], our_seconds)
        if learned.strays:
            given = measure_as_told(learned.strays)
            name = f"{task.name}, never linked"
            print(f"| {name} | okrsync | {given.asked} | 0 | | | | | {given.coverage:.1%} given one | |")


def timed(method: Callable[[], Result]) -> tuple[Result, float]:
    began = time.perf_counter()
    result = method()
    return result, time.perf_counter() - began


def parts(task: Task) -> Iterator[tuple[str, frozenset[Any]]]:
    """All tickets of a task; of that which constants were chosen by, the two halves too."""
    yield task.name, frozenset(one.id for one in task.linked)
    if "appcelerator" in task.name and "epics" in task.name:
        yield f"{task.name}, before 2017", frozenset(one.id for one in task.linked if one.created < CHOSEN_BEFORE)
        yield f"{task.name}, since 2017", frozenset(one.id for one in task.linked if one.created >= CHOSEN_BEFORE)


def show(name: str, method: str, trials: Sequence[Trial], took: float) -> None:
    cells = [told(measure(trials, share=share)) for share in SHARES]
    if method == "okrsync":
        shown = measure_as_told(trials)
        cells.append(f"{told(shown)} of {shown.coverage:.0%}")
    else:
        cells.append("")
    possible = sum(trial.possible for trial in trials)
    print(f"| {name} | {method} | {len(trials)} | {possible} | {' | '.join(cells)} | {took:.1f} |", flush=True)


def told(found: Measure) -> str:
    """Precision with its 95 % interval."""
    if found.precision is None or found.interval is None:
        return "—"
    low, high = found.interval
    return f"{found.precision:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    main()
