"""Every error is ``{"error": …}``: a sentence for people, and never a traceback."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from okrsync.errors import ConfigError, OkrsyncError, UsageError
from okrsync.web.answers import Error

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


def explain(app: FastAPI) -> None:
    """From now on the application answers so, whatever was raised."""

    @app.exception_handler(HTTPException)
    def refused(_: Request, fault: HTTPException) -> Response:
        return _error(fault.status_code, str(fault.detail), dict(fault.headers or {}))

    @app.exception_handler(RequestValidationError)
    def unfit(_: Request, fault: RequestValidationError) -> Response:
        told = "; ".join(f"{_place(one['loc'])}: {one['msg']}" for one in fault.errors())
        return _error(422, told)

    @app.exception_handler(UsageError)
    def misnamed(_: Request, fault: UsageError) -> Response:
        return _error(422, str(fault))

    @app.exception_handler(OkrsyncError)
    def failed(_: Request, fault: OkrsyncError) -> Response:
        status = 500 if isinstance(fault, ConfigError) else 503
        return _error(status, str(fault), {"retry-after": "10"} if status == 503 else {})

    @app.exception_handler(ClientDisconnect)
    def gone(_: Request, __: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody hears it

    @app.exception_handler(Exception)
    def unexpected(request: Request, fault: Exception) -> Response:
        log.error("request failed unexpectedly", path=request.url.path, exc_info=fault)
        return _error(500, "something went wrong here; the log of okrsync says what")


def _place(where: tuple[int | str, ...]) -> str:
    return ".".join(str(one) for one in where[1:]) or str(where[0])


def _error(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    told = sentence if len(sentence) <= LONGEST else f"{sentence[:LONGEST]}…"
    return JSONResponse({"error": told}, status, headers)
