"""Sources are pulled by threads of their own while others read and relink."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from okrsync.model import Cursor, ItemKind, Page, Reference, ReferenceKind, Ruling, VerdictKind
from okrsync.store import Store, graph, pages, queries, sources
from okrsync.store import tables as t

T0 = datetime(2026, 1, 5, tzinfo=UTC)
PAGES, SIZE = 12, 20


def together(*jobs: Callable[[], None]) -> None:
    """Runs every job in a thread of its own; raises what any of them raised."""
    faults: list[BaseException] = []

    def guarded(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=guarded, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


def test_two_sources_are_stored_while_a_third_thread_links(url, store, make):
    running = threading.Event()
    running.set()

    def pull(source: str) -> None:
        for number in range(PAGES):
            items = tuple(
                make(
                    number * SIZE + n,
                    source=source,
                    kind=ItemKind.COMMIT if source == "other" else ItemKind.TICKET,
                    references=(Reference(ReferenceKind.MENTIONS, f"SHOP-{n}"),),
                )
                for n in range(SIZE)
            )
            with store.begin() as tx:
                pages.save_page(tx, source, Page(items, {"10000": Cursor(T0 + timedelta(number), str(number))}), T0)

    def relink() -> None:
        with store.begin() as tx:
            version = graph.dirty_version(tx)
            graph.save_read(tx, [(text.uid, ()) for text in graph.texts(tx)])
            uids = graph.to_judge(tx)
            every = tx.scalars(select(t.item.c.uid)) if uids is None else uids
            graph.save_rulings(
                tx, [Ruling(uid, VerdictKind.EXEMPT, None, None, False, ()) for uid in sorted(every)], T0
            )
            graph.clear_dirty(tx, version)

    def link() -> None:
        while running.is_set():
            relink()
            with store.read() as tx:
                items = sum(status.items for status in sources.statuses(tx))
                judged = sum(queries.totals(tx).values())
                assert judged <= items, "one state of the database, whatever is written meanwhile"

    def pulls() -> None:
        together(lambda: pull("jira"), lambda: pull("other"))
        running.clear()

    together(pulls, link)
    relink()
    with store.read() as tx:
        assert queries.totals(tx)[VerdictKind.EXEMPT] == 2 * PAGES * SIZE
        assert graph.dirty_count(tx) == 0
        assert sources.cursors(tx, "jira") == {"10000": Cursor(T0 + timedelta(PAGES - 1), str(PAGES - 1))}


def test_a_thread_waits_for_another_longer_than_for_another_process(url, make):
    patient = Store.open(url, wait=timedelta(milliseconds=100))
    written: list[str] = []

    def long() -> None:
        with patient.begin() as tx:
            graph.set_meta(tx, "long", 1)
            begun.set()
            time.sleep(1.3)
            written.append("long")

    def short() -> None:
        begun.wait()
        with patient.begin() as tx:
            graph.set_meta(tx, "long", 2)
            written.append("short")

    begun = threading.Event()
    together(long, short)
    assert written == ["long", "short"]
    patient.close()
