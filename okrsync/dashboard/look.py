"""What a page is given to look at, and the shape of a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from okrsync.model import Say
from okrsync.reports.common import Speak

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config import Config
    from okrsync.assess import Assessment
    from okrsync.dashboard.export import Listing
    from okrsync.web.ports import Gauges


class Asked(BaseModel):
    """What an address may ask for; a parameter that is not known is a fault, for it is a typing error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Look:
    """One moment of the store, in the language of one reader."""

    tx: Connection
    config: Config
    now: datetime
    speak: Speak
    language: str
    gauges: Gauges
    assess: Callable[[], Assessment]
    """What is known of the goals now; made once for all pages."""

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
