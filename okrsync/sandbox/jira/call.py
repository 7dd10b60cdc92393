"""What a handler of the Jira sandbox gets, and how Jira says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from okrsync.sandbox.jira.account import Account
from okrsync.sandbox.jira.face import Face, face_of
from okrsync.sandbox.jira.issue import Issue
from okrsync.sandbox.jira.site import Site
from okrsync.sandbox.web import HttpError, Request, Response

NO_ISSUE = "Issue does not exist or you do not have permission to see it."


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request to a site.

    ``base`` is the address by which it is reached, which links have; ``home`` is the site's own.
    """

    site: Site
    account: Account
    request: Request
    base: str
    args: Mapping[str, str]
    home: str = ""
    face: Face = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "face", face_of(self.site, self.account, self.base))

    @property
    def api(self) -> str:
        return f"{self.base}/rest/api/{self.face.version}"

    def body(self) -> dict[str, Any]:
        """The body, which must be a JSON object."""
        try:
            value = self.request.json()
        except orjson.JSONDecodeError:
            raise refuse(400, "There was an error parsing JSON. Check that your request body is valid.") from None
        if not isinstance(value, dict):
            raise refuse(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        return value

    def bean(self, allowed: Mapping[str, type | tuple[type, ...]]) -> dict[str, Any]:
        """The body, which must hold no other keys than these, no null, and values of these types."""
        value = self.body()
        for name, entry in value.items():
            types = allowed.get(name)
            if types is None or not isinstance(entry, types) or (isinstance(entry, bool) and types is int):
                raise refuse(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        return value

    def number(self, name: str, default: int, least: int = 0) -> int:
        """A whole number of the query; 400 where it is none."""
        text = self.request.first(name)
        if text is None or text == "":
            return default
        if not text.removeprefix("-").isdecimal() or int(text) < least:
            raise refuse(400, f"The value '{text}' of the parameter '{name}' is invalid.")
        return int(text)

    def issue(self) -> Issue:
        """The issue of the path, by id or by any key that it ever had; 404 where the account may not see one."""
        found = self.site.find(self.args["issue"])
        if found is None or not self.site.sees(self.account, found):
            raise refuse(404, NO_ISSUE)
        return found

    def editable(self) -> Issue:
        """The issue of the path, which the account may edit."""
        found = self.issue()
        if not self.account.may("EDIT_ISSUES"):
            raise refuse(403, "You do not have permission to edit issues in this project.")
        return found


def refuse(status: int, /, *messages: str, **errors: str) -> HttpError:
    """A refusal in Jira's shape."""
    return HttpError(Response.of({"errorMessages": list(messages), "errors": errors}, status))
