"""What a page is given to look at, and the shape of a page."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from okrsync.assess import Assessment, assess
from okrsync.model import Say
from okrsync.reports.common import Speak
from okrsync.worked import Recorded, Worked, period_of, recorded, work_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.dashboard.export import Listing
    from okrsync.web.ports import Gauges

T = TypeVar("T")


class Asked(BaseModel):
    """What an address may ask for; a parameter that is not known is a fault, for it is a typing error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Once(Protocol):
    """What ``make`` makes, made once for all pages of this moment, whatever they are asked (:class:`Shared
    <okrsync.dashboard.shared.Shared>`): it depends on the name, the store and the configuration alone, or on files of
    which a minute is no matter. Nothing in it reads the store later."""

    def __call__(self, name: Hashable, make: Callable[[], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Look:
    """One moment of the store, in the language of one reader."""

    tx: Connection
    config: Config
    now: datetime
    speak: Speak
    language: str
    gauges: Gauges
    once: Once

    def assess(self) -> Assessment:
        """What is known of the goals now."""
        return self.once("goals", lambda: assess(self.tx, self.config, self.now))

    def worked(self, since: datetime | None = None) -> Worked:
        """All work from a local day on (:func:`period_of`)."""
        period = period_of(self.config, self.now, since)
        return self.once(
            ("work", period.since), lambda: work_of(self.tx, self.config, period, told_from=self.recorded()).sealed()
        )

    def recorded(self) -> Recorded:
        """What all work of any period is told from, with who did it where it may be told by people."""
        by_assignee = self.config.reports.by_assignee
        return self.once("recorded", lambda: recorded(self.tx, self.config, by_assignee=by_assignee).kept())

    def say(self, code: str, **args: Any) -> str:
        return self.speak(Say.of(code, **args))


A = TypeVar("A", bound=Asked)


@dataclass(frozen=True, slots=True)
class Page(Generic[A]):
    """A page: where it is, what it may be asked, and what its template ``NAME.html`` shows.

    ``view`` raises UsageError where what is asked for is not there. What it returns holds texts for people, escaped by
    the template, and addresses that were looked at (:mod:`okrsync.reports.pages`); ``title`` heads the page.
    """

    name: str
    path: str
    asked: type[A]
    view: Callable[[Look, A], Mapping[str, Any]]
    kept: bool = True
    """Whether it is kept until something is written; False for what tells of the process itself."""
    export: Callable[[Look, A], Listing] | None = None
    """All that it lists, where it can be taken along: as PATH.csv, PATH.md and PATH.json, with the same parameters."""
