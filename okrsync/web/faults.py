"""Every error is ``{"error": …}``, or a page where a browser asks: a sentence for people, and never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from okrsync.errors import ConfigError, OkrsyncError, UsageError
from okrsync.web.answers import Error
from okrsync.web.audience import reads_pages

log = structlog.get_logger(__name__)

LONGEST = 2000
"""Characters of a sentence: it may quote what was asked, which may be anything."""

DOCUMENTED: dict[int | str, dict[str, Any]] = {
    401: {"model": Error, "description": "The token of [server] token is missing or another one."},
    421: {"model": Error, "description": "The name in the address is none of [server] hosts."},
    422: {"model": Error, "description": "A parameter says what nothing is called."},
    503: {"model": Error, "description": "The database does not answer, or too many ask at once."},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Error, "description": "Nothing is called so."}}


Drawn: TypeAlias = Callable[[Request, int, str, Mapping[str, str]], Response]
"""Makes a page of a status, a sentence and headers."""


def explain(app: FastAPI, drawn: Drawn) -> None:
    """From now on the application answers so, whatever was raised."""

    def told(request: Request, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
        short = sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST]}…"
        if reads_pages(request.url.path, request.headers.get("accept", "")):
            return drawn(request, status, short, headers or {})
        return JSONResponse({"error": short}, status, headers)

    @app.exception_handler(HTTPException)
    def refused(request: Request, fault: HTTPException) -> Response:
        return told(request, fault.status_code, str(fault.detail), fault.headers)

    @app.exception_handler(RequestValidationError)
    def unfit(request: Request, fault: RequestValidationError) -> Response:
        return told(request, 422, "; ".join(f"{_place(one['loc'])}: {one['msg']}" for one in fault.errors()))

    @app.exception_handler(UsageError)
    def misnamed(request: Request, fault: UsageError) -> Response:
        return told(request, 422, str(fault))

    @app.exception_handler(OkrsyncError)
    def failed(request: Request, fault: OkrsyncError) -> Response:
        status = 500 if isinstance(fault, ConfigError) else 503
        return told(request, status, str(fault), {"retry-after": "10"} if status == 503 else {})

    @app.exception_handler(ClientDisconnect)
    def gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody hears it

    @app.exception_handler(Exception)
    def unexpected(request: Request, fault: Exception) -> Response:
        log.error("request failed unexpectedly", path=request.url.path, exc_info=fault)
        return told(request, 500, "something went wrong here; the log of okrsync says what")


def _place(where: tuple[int | str, ...]) -> str:
    return ".".join(str(one) for one in where[1:]) or str(where[0])
