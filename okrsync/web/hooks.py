"""``POST /webhooks/SOURCE``: the one address that takes something."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response

from okrsync.web.answers import Error
from okrsync.web.desk import Desk

if TYPE_CHECKING:
    from okrsync.hooks.receiver import Receiver

ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Taken; so does Asana want to be told."},
    202: {"description": "Taken."},
    401: {"description": "Not signed, or by another secret."},
    404: {"description": "There is no such source, or it has no webhook_secret."},
    408: {"description": "The body took longer than 10 s.", "model": Error},
    413: {"description": "The body is longer than 25 MB.", "model": Error},
    421: {"description": "The name in the address is none of [server] hosts.", "model": Error},
    422: {"description": "The address names no source.", "model": Error},
    503: {"description": "Not taken now; send it again.", "model": Error},
}
ABREAST = 4  # deliveries that are looked at side by side; none takes longer than a few milliseconds …
QUEUE = 1000  # … and a burst waits for its turn: GitHub sends nothing twice


def router(receiver: Receiver) -> APIRouter:
    """The route; how long a body may be, and take, is seen to before it comes here."""
    found = APIRouter(tags=["webhooks"])
    desk = Desk(ABREAST, QUEUE)

    async def receive(source: str, request: Request) -> Response:
        """Marks what it names as changed; the next look at the tool finds out what did. Never needs our token."""
        body = await request.body()
        headers: dict[str, str] = {}
        for name, value in request.headers.items():  # two of one name are told as what they are
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        look = partial(receiver.receive, source, headers, body, dict(request.query_params))
        answer = await desk.work(look)
        return Response(answer.body, answer.status, dict(answer.headers))

    found.add_api_route(
        "/webhooks/{source}",
        receive,
        methods=["POST"],
        status_code=202,
        response_class=Response,
        responses=ANSWERS,
        summary="A delivery of a tool, signed by it",
        openapi_extra={"requestBody": {"content": {"application/json": {"schema": {}}}}},
    )
    return found
