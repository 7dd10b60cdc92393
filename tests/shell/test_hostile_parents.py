"""P25: parents in a circle, a chain of ten thousand, two parents each: the whole way, and in a time that grows as they
do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from time import process_time

import pytest
from told import configured, empty

from config import Config
from okrsync import linking
from okrsync.assess import assess
from okrsync.model import GapKind, Item, ItemKind, OrphanClass, Page, Reference, ReferenceKind, Scope, State
from okrsync.reports.gaps import collect
from okrsync.store import Store, pages, sources
from okrsync.store.dirty import mark_dirty
from okrsync.store.items import uids_of

NOW = datetime(2026, 10, 20, tzinfo=UTC)
LINEAR = 9.0
"""Four times as many take four times as long; twice that is the noise of a machine, sixteen times would be a square."""

Up = Callable[[int, int], tuple[int, ...]]
"""From the number of an item and how many there are, to the numbers of its parents."""

SHAPES: dict[str, Up] = {
    "circle": lambda n, size: ((n + 1) % size,),
    "chain": lambda n, _: (n - 1,) if n else (),
    "two parents": lambda n, _: tuple(up for up in (n - 1, n - 2) if up >= 0),
    "circles of two": lambda n, _: (n ^ 1,),
    "themselves": lambda n, _: (n,),
}


def items(shape: str, size: int, *, linked: bool) -> Iterator[Item]:
    kinds = (ReferenceKind.PARENT, ReferenceKind.EPIC)
    for n in range(size):
        ups = SHAPES[shape](n, size)
        yield Item(
            *(
                "jira",
                str(n),
                f"SHOP-{n + 100}",
                ItemKind.TICKET,
                f"Step {n}",
                f"https://acme.test/browse/SHOP-{n + 100}",
            ),
            *(State.TODO, "To Do", NOW, NOW),
            scope="10",
            project="SHOP",
            labels=("okr:KR-UX",) if linked and n == 0 else (),
            references=tuple(
                Reference(kind, f"SHOP-{up + 100}", str(up), "parent") for kind, up in zip(kinds, ups, strict=False)
            ),
        )


def judged(folder: Path, shape: str, size: int, *, linked: bool) -> tuple[Store, Config, float]:
    """A store that holds this shape, and the seconds of CPU of a first link job, of one after the top changed, and of
    the explanation of the last item."""
    path = folder / f"{shape}-{size}-{linked}.db"
    path.write_bytes(empty())
    store, settings = Store.open(f"sqlite:///{path}"), configured(frozenset())
    with store.begin() as tx:
        sources.register(tx, settings.sources)
        sources.save_scopes(tx, "jira", [Scope("10", "SHOP", configured="SHOP")], NOW)
        pages.save_page(tx, "jira", Page(tuple(items(shape, size, linked=linked)), {}), NOW)
    begun = process_time()
    with store.begin() as tx:
        assert linking.relink(tx, settings, NOW) == size
        top, last = (uids_of(tx, "jira", [str(n)])[str(n)] for n in (0, size - 1))
        mark_dirty(tx, [top])
        linking.relink(tx, settings, NOW)
        (said,) = linking.explain(tx, settings, [last], NOW)
    spent = process_time() - begun
    if linked and shape in ("circle", "chain", "two parents"):
        assert {link.target for link in said.links} == {"KR-UX"}
    elif not (linked and size <= 2):
        assert said.orphan in (OrphanClass.DIRECT, OrphanClass.TRANSITIVE)
    return store, settings, spent


def grows(folder: Path, shape: str, small: int, linked: bool) -> None:
    seconds = {}
    for size in (small, 4 * small):
        store, _, seconds[size] = judged(folder, shape, size, linked=linked)
        store.close()
    print(f"{shape}, linked {linked}: {seconds}")
    assert seconds[4 * small] < LINEAR * max(seconds[small], 0.02), seconds


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "unlinked"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_time_grows_as_the_parents_do(shape: str, linked: bool, tmp_path: Path) -> None:
    grows(tmp_path, shape, 400, linked)


@pytest.mark.soak
@pytest.mark.parametrize("linked", [True, False], ids=["linked", "unlinked"])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_time_grows_as_ten_thousand_parents_do(shape: str, linked: bool, tmp_path: Path) -> None:
    grows(tmp_path, shape, 2_500, linked)


@pytest.mark.parametrize(("shape", "size"), [("themselves", 1), ("circles of two", 2), ("circle", 1000)])
def test_a_circle_is_a_gap(shape: str, size: int, tmp_path: Path) -> None:
    """Linked or not: one gap, with all that stand on it."""
    for linked in (True, False):
        store, settings, _ = judged(tmp_path, shape, size, linked=linked)
        with closing(store), store.read() as tx:
            gaps = [gap for gap in collect(tx, settings, assess(tx, settings, NOW)) if gap.kind is GapKind.PARENT_CYCLE]
        (gap,) = gaps
        assert dict(gap.evidence.args)["count"] == size
