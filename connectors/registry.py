"""Which tools there are: kind → dotted paths, loaded when used; no command pays for a library it does not need."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from threading import Event
from typing import Any, cast

from pydantic import BaseModel

from okrsync.model import Secret, SourceConfig
from okrsync.ports import Inbox, Source

KINDS = {
    "asana": ("connectors.asana:AsanaSettings", "connectors.asana:connect"),
    "jira": ("connectors.jira:JiraSettings", "connectors.jira:connect"),
    "github": ("connectors.github:GitHubSettings", "connectors.github:connect"),
}

INBOXES = {
    "asana": "connectors.asana_hooks",
    "jira": "connectors.jira_hooks",
    "github": "connectors.github_hooks",
}


def settings() -> dict[str, type[BaseModel]]:
    """Kind → the model that checks what stands in its ``[[sources]]`` besides the common keys."""
    return {kind: cast("type[BaseModel]", _load(path)) for kind, (path, _) in KINDS.items()}


def connect(source: SourceConfig, secret: Secret, *, stop: Event | None = None) -> Source:
    """A connector for ``source``; nothing is sent yet. Setting ``stop`` ends its waits."""
    opened: Callable[..., Source] = _load(KINDS[source.kind][1])
    return opened(source, secret, stop=stop)


def inbox(kind: str) -> Inbox | None:
    """How the webhooks of a tool are read; None where it has none that can be told to be its own."""
    return cast("Inbox", import_module(INBOXES[kind])) if kind in INBOXES else None


def _load(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
