"""``/healthz`` and ``/readyz``: whether the process lives, and whether it does its work (docs/running.md)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from okrsync.web import answers, faults
from okrsync.web.desk import Desk
from okrsync.web.ports import Pulse

AT_ONCE = 2


def router(pulse: Pulse) -> APIRouter:
    """The addresses: 200 where all is well, 503 where it is not. They read, and name no secret."""
    found = APIRouter(tags=["health"])
    desk = Desk(AT_ONCE)

    @found.get("/healthz", response_model=answers.Alive, responses=_documented(answers.Alive))
    async def healthz(response: Response) -> dict[str, object]:
        """Whether the work of the daemon goes on; a tool that is down changes nothing."""
        alive = pulse.alive()
        response.status_code = 200 if alive else 503
        return {"alive": alive}

    @found.get("/readyz", response_model=answers.Ready, responses=_documented(answers.Ready))
    async def readyz(response: Response) -> dict[str, object]:
        """Whether the database answers, and how each source is."""
        answer = await desk.work(pulse.ready)
        response.status_code = 200 if answer["ready"] else 503
        return answer

    return found


def _documented(model: type[answers.Answer]) -> dict[int | str, dict[str, Any]]:
    busy = {"model": model | answers.Error, "description": "It is not so, or nobody can tell now."}
    return {421: faults.DOCUMENTED[421], 503: busy}
