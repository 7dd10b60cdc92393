"""What long work shows: a progress bar on a terminal, log lines elsewhere."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from okrsync.sync import Watcher
    from okrsync.writing.outcome import Outcome


def set_up_logging(level: int) -> None:
    """Logs go to stderr; on a terminal only warnings do, unless asked, because the bar tells the rest."""
    from okrsync import logs

    if sys.stderr.isatty() and level == logging.INFO:
        level = logging.WARNING
    logs.configure(level=level)


def _watched() -> bool:
    """Somebody looks, and asked for neither silence nor log lines."""
    return sys.stderr.isatty() and logging.getLogger().level == logging.WARNING


def _bars(label: str, *, goes: bool = False) -> Progress:
    """Bars on stderr; those that go leave nothing behind."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    name = TextColumn(label, markup=False)
    what = TextColumn("{task.description}", markup=False)
    return Progress(
        SpinnerColumn(), name, BarColumn(), MofNCompleteColumn(), what, console=Console(stderr=True), transient=goes
    )


@contextmanager
def progress() -> Iterator[Watcher | None]:
    """A watcher that draws a bar for each source, or None where nobody watches."""
    if not _watched():
        yield None
        return
    from threading import RLock

    from okrsync.sync import Watcher

    lock = RLock()  # each source has a thread of its own
    bars = _bars("{task.fields[source]:>10}")

    class Bars(Watcher):
        def __init__(self) -> None:
            self.tasks: dict[str, TaskID] = {}

        def started(self, source: str) -> None:
            with lock:
                self.tasks[source] = bars.add_task("pulling", source=source, total=None)
                bars.start()

        def pulled(self, source: str, count: int, total: int | None) -> None:
            bars.update(self.tasks[source], completed=count, total=total)

        def stage(self, source: str, what: str) -> None:
            bars.update(self.tasks[source], description=what)

        def ended(self, source: str) -> None:
            """The bar stands still, on a line of its own, before the log or the table tells how it ended."""
            with lock:
                task = self.tasks.pop(source)
                counted = any(one.id == task and one.total for one in bars.tasks)
                bars.update(task, description="", visible=counted)
                bars.stop()
                bars.remove_task(task)
                if self.tasks:
                    bars.start()

    try:
        yield Bars()
    finally:
        bars.stop()


@contextmanager
def applying() -> Iterator[Callable[[Outcome], None]]:
    """Something to tell of each write that was carried out; it counts them where somebody watches."""
    if not _watched():
        yield lambda _: None
        return
    with _bars("writing", goes=True) as bars:
        task = bars.add_task("", total=None)
        yield lambda outcome: bars.update(task, advance=1, description=outcome.write.key)


@contextmanager
def trying() -> Iterator[Callable[[str, int], None]]:
    """Something to tell of each change that is tried, and of how many there are; it counts them where somebody
    watches."""
    if not _watched():
        yield lambda *_: None
        return
    with _bars("trying", goes=True) as bars:
        task = bars.add_task("", total=None)
        begun = 0

        def tell(key: str, total: int) -> None:
            nonlocal begun
            bars.update(task, completed=begun, total=total, description=key)
            begun += 1

        yield tell


@contextmanager
def copying(label: str) -> Iterator[Callable[[str, int, int | None], None]]:
    """Something to tell of what is copied, how many of it so far, and of how many; it counts them where somebody
    watches."""
    if not _watched():
        yield lambda *_: None
        return
    with _bars(label, goes=True) as bars:
        task = bars.add_task("", total=None)
        yield lambda what, done, total: bars.update(task, completed=done, total=total, description=what)
