"""How a page comes to be: what was looked at, what stands around it, and how long it is kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from okrsync.assess import freshness
from okrsync.dashboard import export, frame
from okrsync.dashboard.look import Asked, Look, Once, Page
from okrsync.dashboard.pages import ALL
from okrsync.dashboard.shared import Shared
from okrsync.dashboard.shelf import Shelf
from okrsync.reports.common import freshness_sentence, head
from okrsync.store.stamp import Stamps
from okrsync.texts import speaker

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.store import Store
    from okrsync.web.ports import Gauges

T = TypeVar("T")

LATELY = 3600.0
"""Seconds for which it is remembered that a page was asked for."""

WANTED = 12
"""Pages that are remembered at most."""


class Wanted(NamedTuple):
    """A page as somebody asked for it."""

    page: Page[Any]
    asked: Asked
    language: str


class Mark(NamedTuple):
    """What equals itself as long as pages stay right: nothing was written, and the configuration is the same."""

    stamp: str
    config: Config


class Making:
    """Makes pages and files, and keeps pages until the mark is another."""

    def __init__(
        self, config: Callable[[], Config], store: Store, gauges: Gauges, clock: Callable[[], datetime]
    ) -> None:
        self._config, self._store, self._gauges, self._clock = config, store, gauges, clock
        self._stamps = Stamps(store)
        self._shelf, self._shared = Shelf(len), Shared()
        self._lock = threading.Lock()
        self._lately: OrderedDict[Wanted, float] = OrderedDict()

    def mark(self) -> Mark:
        """The mark of now; StoreError where the database does not answer."""
        return Mark(self._stamps.now(), self._config())

    def page(self, wanted: Wanted) -> bytes:
        """The page in UTF-8, with a line that newer figures are on their way where they are; raises what its view
        raises, StoreError."""
        mark = self.mark()
        if not wanted.page.kept:
            return frame.settled(self._made(wanted, mark))
        body, new = self._shelf.take(wanted, mark, partial(self._made, wanted, mark))
        self._remember(wanted)
        return frame.settled(body) if new else frame.outdated(body, speaker(wanted.language))

    def renew(self, wanted: Wanted) -> None:
        """The page of now is kept, however long it takes; raises as :meth:`page`."""
        mark = self.mark()
        self._shelf.newest(wanted, mark, partial(self._made, wanted, mark))

    def file(self, wanted: Wanted, form: str) -> export.Written:
        """All that the page lists, of now."""
        mark = self.mark()
        with self._store.read() as tx:
            look = self._look(tx, wanted, mark, _own())
            assert wanted.page.export is not None
            return export.written(wanted.page.export(look, wanted.asked), form, wanted.page.name, look.now, look.speak)

    def doors(self) -> list[Wanted]:
        """The pages that stand there for everybody, as an address without parameters shows them, in the configured
        language."""
        language = self._config().language
        return [Wanted(page, page.asked(), language) for page in ALL if page.kept and "{" not in page.path]

    def lately(self) -> list[Wanted]:
        """Those that somebody asked for lately, the newest first: for nobody, nothing is made again and again."""
        since = monotonic() - LATELY
        with self._lock:
            return [one for one, at in reversed(self._lately.items()) if at > since]

    def tidy(self) -> None:
        """What pages were made of is let go where it is old."""
        self._shared.tidy()

    def close(self) -> None:
        """Nothing is begun any more, and nothing kept."""
        self._shelf.close()
        self._stamps.close()

    def _remember(self, wanted: Wanted) -> None:
        with self._lock:
            self._lately[wanted] = monotonic()
            self._lately.move_to_end(wanted)
            while len(self._lately) > WANTED:
                self._lately.popitem(last=False)

    def _made(self, wanted: Wanted, mark: Mark) -> bytes:
        """The page as of one moment."""
        page, asked, language = wanted
        with self._store.read() as tx:
            once = self._once(tx, mark)
            look = self._look(tx, wanted, mark, once)
            view = page.view(look, asked)
            told = head(freshness(tx, mark.config, look.now), mark.config, look.now)
        around = {
            "freshness": freshness_sentence(told, look.speak),
            "complete": told["complete"],
            "first_steps": frame.first_steps(mark.config, told["as_of"]),
            "asked": asked.model_dump(),
        }
        return frame.render(page.name, {**around, **view}, look.speak, language, mark.config.instance)

    def _once(self, tx: Connection, mark: Mark) -> Once:
        """Of the parts that pages share at this mark, where the transaction sees the store as it was then. Where
        something was written since, all is read anew: nothing is made of two moments."""
        if self._stamps.seen(tx) != mark.stamp:
            return _own()

        def once(name: Hashable, make: Callable[[], T]) -> T:
            return self._shared.take(name, mark, make)

        return once

    def _look(self, tx: Connection, wanted: Wanted, mark: Mark, once: Once) -> Look:
        return Look(tx, mark.config, self._clock(), speaker(wanted.language), wanted.language, self._gauges, once)


def _own() -> Once:
    """Parts that nobody shares, all of one moment."""
    parts = Shared()

    def once(name: Hashable, make: Callable[[], T]) -> T:
        return parts.take(name, "of one moment", make)

    return once
