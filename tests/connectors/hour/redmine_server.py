"""A small Redmine for the sandbox: two projects, issues by number, and what people do to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from okrsync.sandbox.clock import Clock
from okrsync.sandbox.web import Request, Response

STATUSES = {1: "New", 2: "In progress", 5: "Closed"}


class RedmineServer:
    """Answers as Redmine does below ``/redmine``; any key but ``bad`` is good."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.projects = {1: "shop", 2: "pay"}
        self.statuses = dict(STATUSES)
        self.issues: dict[int, dict[str, Any]] = {}
        self.hidden: set[str] = set()  # projects by identifier, issues by number

    # ── people ──

    def create(self, project: int, at: datetime, **fields: Any) -> int:
        number = len(self.issues) + 1
        stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        self.issues[number] = {
            "id": number,
            "project": {"id": project, "name": self.projects[project].title()},
            "tracker": {"id": 1, "name": "Bug"},
            "status": {"id": 1, "name": self.statuses[1]},
            "author": {"id": 1, "name": "Ada"},
            "assigned_to": {"id": 2, "name": "Bo"},
            "subject": f"Issue {number}",
            "description": "",
            "due_date": "2026-12-24",
            "done_ratio": 0,
            "created_on": stamp,
            "updated_on": stamp,
            "closed_on": None,
            **fields,
        }
        return number

    def edit(self, number: int, **fields: Any) -> None:
        self.issues[number] |= {**fields, "updated_on": f"{self.clock():%Y-%m-%dT%H:%M:%SZ}"}

    def close_issue(self, number: int) -> None:
        self.edit(number, status={"id": 5, "name": self.statuses[5]}, closed_on=f"{self.clock():%Y-%m-%dT%H:%M:%SZ}")

    # ── the program ──

    def answer(self, request: Request) -> Response:
        if request.headers.get("X-Redmine-API-Key", "bad") == "bad":
            return Response(401)
        match request.path.removesuffix(".json").strip("/").split("/"):
            case ["users", "current"]:
                return Response.of({"user": {"id": 1, "login": "okrsync"}})
            case ["issue_statuses"]:
                known = [{"id": one, "name": name, "is_closed": one == 5} for one, name in self.statuses.items()]
                return Response.of({"issue_statuses": known})
            case ["projects", identifier]:
                found = {name: number for number, name in self.projects.items() if name not in self.hidden}
                if identifier not in found:
                    return Response(404)
                number = found[identifier]
                return Response.of({"project": {"id": number, "identifier": identifier, "name": identifier.title()}})
            case ["issues"]:
                return self._list(request)
        return Response(404)

    def _list(self, request: Request) -> Response:
        project = request.first("project_id")
        if project and self.projects[int(project)] in self.hidden:
            return Response(403)
        found = [row for row in self.issues.values() if self._fits(row, request)]
        for name in reversed(request.every("sort")):
            found.sort(key=lambda row, by=name: row[by])  # type: ignore[misc]
        start, size = int(request.first("offset", "0") or 0), int(request.first("limit", "25") or 25)
        if request.fault and request.fault.kind == "short_page":
            size = min(size, request.fault.rows)
        shown = [] if request.fault and request.fault.kind == "empty_page" else found[start : start + size]
        return Response.of({"issues": shown, "total_count": len(found), "offset": start, "limit": size})

    def _fits(self, row: dict[str, Any], request: Request) -> bool:
        if {str(row["id"]), self.projects[row["project"]["id"]]} & self.hidden:
            return False
        project, ids, since = request.first("project_id"), request.every("issue_id"), request.first("updated_on")
        return (
            (project is None or row["project"]["id"] == int(project))
            and (not ids or str(row["id"]) in ids)
            and (since is None or row["updated_on"] >= since.removeprefix(">="))
        )
