"""``/healthz`` and ``/readyz``: whether the process lives, and whether it does its work (docs/running.md)."""

from __future__ import annotations

from typing import Protocol

from fastapi import FastAPI, Response


class Pulse(Protocol):
    """What the daemon says of itself."""

    def alive(self) -> bool:
        """Its own loop turns. A tool that is down says nothing of the daemon."""
        ...

    def ready(self) -> dict[str, object]:
        """``ready`` (bool), and why where it is not; the state of each source, for people."""
        ...


def health(pulse: Pulse) -> FastAPI:
    """The application: 200 where all is well, 503 where it is not. It reads, and names no secret."""
    app = FastAPI(title="okrsync", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz(response: Response) -> dict[str, object]:
        alive = pulse.alive()
        response.status_code = 200 if alive else 503
        return {"alive": alive}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, object]:
        answer = pulse.ready()
        response.status_code = 200 if answer["ready"] else 503
        return answer

    return app
