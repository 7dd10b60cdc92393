"""What a page lists, all of it, as a file to take along: the CSV, Markdown or JSON of its command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from okrsync.reports.common import Speak
from okrsync.reports.encoding import json_pieces
from okrsync.reports.sheet import Sheet, csv_pieces, markdown_pieces

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}
"""What stands behind the path of a page → the media type of the file."""

MODEST = 1024 * 1024
"""Bytes of a file that are held in memory; what is longer waits on the disk to be sent."""

PIECE = 64 * 1024
"""Bytes that are sent at once."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The answer of a report, all of its rows, and how it becomes a flat table."""

    answer: Mapping[str, Any]
    sheet: Callable[[Mapping[str, Any], Speak], Sheet]


class Written(Response):
    """A file that was made in full, sent as it is read. Whoever takes it slowly holds up nobody, for the transaction
    that it was made in is over."""

    def __init__(self, file: SpooledTemporaryFile[bytes], form: str, name: str) -> None:
        size = file.seek(0, 2)
        super().__init__(
            headers={
                "content-type": FORMS[form],
                "content-disposition": f'attachment; filename="{name}.{form}"',
                "content-length": str(size),
            }
        )
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        with self._file as file:
            file.seek(0)
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            while piece := file.read(PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def written(listing: Listing, form: str, name: str, at: datetime, speak: Speak) -> Written:
    """The file of a form, called after the page and the day."""
    file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(MODEST)  # noqa: SIM115 - closed by who sends it
    try:
        for piece in _pieces(listing, form, speak):
            file.write(piece.encode())
    except BaseException:
        file.close()
        raise
    return Written(file, form, f"okrsync-{name}-{at:%Y-%m-%d}")


def _pieces(listing: Listing, form: str, speak: Speak) -> Iterable[str]:
    if form == "json":
        return json_pieces(listing.answer)
    flat = listing.sheet(listing.answer, speak)
    return csv_pieces(flat) if form == "csv" else markdown_pieces(flat, speak)
