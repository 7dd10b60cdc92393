"""The okrsync.toml of the company: its sources, its goals and its teams."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files
from string import Template

from okrsync.sandbox.company.quarter import WEEKS_DONE, Quarter

FILE = "okrsync.toml"


def company_config(url: str, database: str, now: datetime) -> str:
    """The text of the configuration. ``url`` is the sandbox's; the token stands in a file ``token`` beside it."""
    quarter = Quarter(now)
    this_week = quarter.first + timedelta(weeks=WEEKS_DONE)
    return Template(files(__package__).joinpath(FILE).read_text(encoding="utf-8")).substitute(
        url=url,
        database=database,
        year=quarter.year,
        year_first=quarter.year_first,
        year_last=quarter.year_last,
        quarter=quarter.name,
        first=quarter.first,
        last=quarter.last,
        this_week=this_week - timedelta(weeks=1),
        next_week=this_week + timedelta(weeks=1),
    )
