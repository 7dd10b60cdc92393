"""The sandbox: a stateful stand-in for the tools over HTTP (docs/sandbox.md). Never imported by the daemon."""

from __future__ import annotations

from okrsync.sandbox.faults import Fault
from okrsync.sandbox.server import Asked, Sandbox, serve
from okrsync.sandbox.world import World

__all__ = ["Asked", "Fault", "Sandbox", "World", "serve"]
