"""GET workspaces/{gid}/tasks/search: what a plan with search finds, as late as its index is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from zlib import crc32

from okrsync.sandbox.asana.call import Call, answer, refuse
from okrsync.sandbox.asana.records import BEGINNING, SEARCH, Record, instant, projects_of
from okrsync.sandbox.web import Response

MAX_FOUND = 100
USUALLY_FOUND = 20
_NOT_IN_PLAN = "Search is only available to premium users."
_SHAPE = frozenset({"limit", "opt_fields", "opt_pretty", "sort_by", "sort_ascending"})
_FLAGS = {"completed": "completed", "is_subtask": "parent"}
_SORTED = {"modified_at": "modified_at", "created_at": "created_at", "completed_at": "completed_at"}

Test = Callable[[Record], bool]


def tasks(call: Call) -> Response:
    """Up to a hundred tasks that pass every filter; no pages, and no order among equals that could be relied on."""
    workspace = call.workspace
    if call.args["gid"] != workspace.gid:
        raise refuse(404, f"workspace: Unknown object: {call.args['gid']}")
    if SEARCH in workspace.lacks:
        raise refuse(402, _NOT_IN_PLAN)
    workspace.searches += 1
    tests = [test for name in call.request.query if name not in _SHAPE for test in _tests(call, name)]
    key = _SORTED.get(call.first("sort_by") or "modified_at")
    if key is None:
        raise refuse(400, f"sort_by: the sandbox sorts by {', '.join(_SORTED)} alone")
    found = [
        (indexed, task)
        for task in workspace.held["task"].values()
        if (indexed := workspace.indexed(task)) is not None
        and workspace.sees(task)
        and all(test({**task, "modified_at": indexed}) for test in tests)
    ]
    found.sort(key=lambda pair: crc32(f"{pair[1]['gid']} {workspace.searches}".encode()))
    found.sort(
        key=lambda pair: pair[0] if key == "modified_at" else pair[1].get(key) or BEGINNING,
        reverse=not call.flag("sort_ascending"),
    )
    return answer({"data": call.every(task for _, task in found[: _limit(call)])})


def _limit(call: Call) -> int:
    text = call.first("limit") or str(USUALLY_FOUND)
    if not text.isdecimal() or not 1 <= int(text) <= MAX_FOUND:
        raise refuse(400, f"limit: Must be between 1 and {MAX_FOUND}, inclusive.")
    return int(text)


def _tests(call: Call, name: str) -> Iterator[Test]:
    """What a parameter asks of a task; one that is not known here is refused, never ignored."""
    given = call.first(name) or ""
    field, _, how = name.partition(".")
    gids = set(given.split(","))
    if name == "text":
        yield lambda task: given.casefold() in f"{task['name']} {task.get('notes', '')}".casefold()
    elif name == "resource_subtype":
        yield lambda task: task.get("resource_subtype", "default_task") == given
    elif name in _FLAGS:
        wanted, member = call.flag(name), _FLAGS[name]
        yield lambda task: bool(task.get(member)) == wanted
    elif name == "projects.any":
        for place, gid in enumerate(sorted(gids)):
            call.seen(["project"], gid, f"projects.any: [{place}]")
        yield lambda task: any(project["gid"] in gids for project in projects_of(task))
    elif name == "tags.any":
        yield lambda task: any(tag["gid"] in gids for tag in task.get("tags", ()))
    elif name == "assignee.any":
        yield lambda task: (task.get("assignee") or {}).get("gid") in gids
    elif field in ("modified_at", "created_at", "completed_at") and how in ("after", "before"):
        at = _instant(name, given)
        if how == "after":
            yield lambda task: (task.get(field) or "") > at
        else:
            yield lambda task: (task.get(field) or "~") < at
    else:
        raise refuse(400, f"{name}: the sandbox does not search by this")


def _instant(name: str, text: str) -> str:
    try:
        return instant(text)
    except ValueError:
        raise refuse(400, f"{name}: Datetime must be in ISO-8601 format, not: {text}") from None
