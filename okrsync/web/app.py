"""The application behind the daemon's server: health, metrics, the API, pages, webhooks, and how faults are told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from fastapi import FastAPI

from okrsync import __version__
from okrsync.dashboard.site import Site
from okrsync.web import api, faults, health, metrics
from okrsync.web import hooks as webhooks
from okrsync.web.guard import Guard

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from config import Config
    from okrsync.hooks.receiver import Receiver
    from okrsync.model import Secret
    from okrsync.store import Store
    from okrsync.web.ports import Gauges, Pulse


SCHEMA = "/api/v1/openapi.json"


def application(
    config: Callable[[], Config],
    store: Store,
    pulse: Pulse,
    gauges: Gauges,
    *,
    clock: Callable[[], datetime],
    token: Callable[[], Secret | None],
    hooks: Receiver | None = None,
) -> ASGIApp:
    """All that ``okrsync run`` answers. ``config`` and ``token`` are asked at each request, for a reload changes them;
    without a receiver of ``hooks`` there are no webhooks. It begins and ends with the server (ASGI lifespan)."""
    site = Site(config, store, gauges, clock=clock)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        site.begin()
        yield
        site.close()

    app = FastAPI(
        title="okrsync",
        version=__version__,
        description="What okrsync knows, read-only: the JSON of its commands, its health, its metrics.",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        openapi_url=SCHEMA,
        separate_input_output_schemas=False,
        lifespan=life,
    )
    app.include_router(health.router(pulse))
    app.include_router(metrics.router(config, store, gauges, clock=clock))
    app.include_router(api.router(config, store, gauges, clock=clock))
    app.include_router(site.router())
    if hooks is not None:
        app.include_router(webhooks.router(hooks))
    faults.explain(app, site.fault)
    return Guard(app, hosts=lambda: config().server.hosts, token=token, stranger=site.stranger)
