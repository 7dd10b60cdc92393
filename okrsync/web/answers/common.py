"""What every answer is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from okrsync.model import SourceState


class Answer(BaseModel):
    """Fields may be added, so readers pass over those that they do not know."""

    model_config = ConfigDict(extra="allow", populate_by_name=True)


class Error(Answer):
    """Why there is no answer, in a sentence for people."""

    error: str


class Behind(Answer):
    """A source, or one scope of it, that makes the numbers incomplete."""

    source: str
    scope: str | None
    state: SourceState | Literal["late"]


class Fresh(Answer):
    """How much the numbers can be trusted: ``as_of`` is the oldest last success of the sources."""

    as_of: datetime | None
    complete: bool
    behind: list[Behind]


class Cause(Answer):
    text: str
    items: list[str]
    items_total: int | None = Field(None, description="where not all of them are named")
