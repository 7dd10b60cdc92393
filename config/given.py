"""What a configuration says beyond its defaults, as one document of plain values: small enough to be remembered, free
of secrets, and good to be read again as if it were a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

from okrsync.model import Json

_FILES = {"okrsync": "include", "sources": "ca_file"}
"""Options that name files beside the configuration: what they hold is said elsewhere in it, or is of no use here."""


def said(model: BaseModel) -> dict[str, Json]:
    """The options of a table whose values are not their defaults, and every list, in which entries come and go."""
    dumped: dict[str, Json] = model.model_dump(mode="json", by_alias=True)
    beyond = model.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {key: beyond.get(key, value) for key, value in dumped.items() if key in beyond or isinstance(value, list)}


def without_files(given: Mapping[str, Json]) -> dict[str, Any]:
    """The document without what names a file beside the configuration."""
    left: dict[str, Any] = dict(given)
    left["okrsync"] = _without(_FILES["okrsync"], left.get("okrsync", {}))
    left["sources"] = [_without(_FILES["sources"], source) for source in left.get("sources", ())]
    reports = dict(left.get("reports", {}))
    if isinstance(reports.get("smtp"), Mapping):
        reports["smtp"] = _without("ca_file", reports["smtp"])
    left["reports"] = reports
    return left


def _without(option: str, table: object) -> dict[str, Json]:
    return {key: value for key, value in cast("Mapping[str, Json]", table).items() if key != option}
