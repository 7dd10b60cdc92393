"""How the one GitHub shows itself: as github.com, or as an Enterprise Server that is some versions behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from okrsync.sandbox.github.graphql.execute import Schema
from okrsync.sandbox.github.graphql.schema import OLDER, SCHEMA

_UNKNOWN = re.compile(r"/(?:sub_issues?|parent|dependencies)(?:/|$)|/issue-types$")


@dataclass(frozen=True, slots=True)
class Face:
    """An address below the server's and what is found there. ``web`` is where its pages are: an address, or a path
    below the server's. ``headers`` stand in every answer; ``newer`` is whether it has what is new."""

    api: str
    web: str
    schema: Schema
    newer: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)

    def pages(self, server: str) -> str:
        """Where people see what it holds."""
        return self.web if "://" in self.web else server + self.web

    def knows(self, path: str) -> bool:
        """Whether a path of the REST API is there at all."""
        return self.newer or not _UNKNOWN.search(path)


CLOUD = Face("/github", "https://github.com", SCHEMA)
SERVER = Face("/ghes/api/v3", "/ghes", OLDER, newer=False, headers={"X-GitHub-Enterprise-Version": "3.17.4"})
