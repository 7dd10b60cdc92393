"""Pull requests and commits of a small world, their texts read as the shell reads them."""

from __future__ import annotations

from typing import Any

from mapping import Reader
from okrsync.model import ItemKind, Node, Place, State, Text

PLACES = (
    Place("jira", "jira", "https://acme.atlassian.net/browse/", frozenset({"SHOP", "PAY"})),
    Place("sister", "jira", "https://jira.sister.test/jira/browse/", frozenset({"SHOP", "SD"})),
    Place("github", "github", "https://github.com/", frozenset({"acme/shop", "acme/mobile", "acme/former"})),
    Place("ghes", "github", "https://ghe.acme.test/", frozenset({"acme/tools"})),
    Place("asana", "asana", "https://app.asana.com/", frozenset({"1200"})),
)
SHA = "1563ffc70efd952ab024d8251df8bb334a106399"


def say(world: Any, key: str, body: str = "", *, title: str = "", branch: str = "", **rest: Any) -> Node:
    """Add a commit, where the key is a sha, or else a pull request that says this."""
    kind = ItemKind.COMMIT if len(key) == 40 else ItemKind.PULL_REQUEST
    project = rest.pop("project", "acme/shop")
    read = Reader(PLACES).read(Text(0, "github", kind, key, project, title, body, branch))
    state = State.DONE if kind is ItemKind.COMMIT else State.IN_PROGRESS
    given: dict[str, Any] = {"source": "github", "kind": kind, "project": project, "state": state, "references": read}
    added: Node = world.add(key, **(given | {"title": title} | rest))
    return added
