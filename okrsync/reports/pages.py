"""Pages that need nothing beside themselves: one file, no script, nothing loaded, every text escaped."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from okrsync.logs import neutral

if TYPE_CHECKING:
    from jinja2 import Template

_WEB = re.compile(r"https?://[^\s<>\"']+")


@cache
def template(name: str) -> Template:
    """A page of ``okrsync/reports/templates``."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("okrsync.reports", "templates")
    found = Environment(loader=loader, autoescape=True, finalize=shown, undefined=StrictUndefined)
    return found.get_template(name)


def shown(value: object) -> object:
    """What a template shows, without what moves a cursor or turns the direction of writing (P29); what a macro made
    was looked at when it was made."""
    return neutral(value) if type(value) is str else value


def web(address: object) -> str:
    """The address where it is one of the web; "" for anything else, which no link may lead to."""
    return address if isinstance(address, str) and _WEB.fullmatch(address) and not set(address) & set("()|\\") else ""
