"""Users, workspaces, projects, sections, tags, and the search box."""

from __future__ import annotations

from okrsync.sandbox.asana import changes, fields
from okrsync.sandbox.asana.call import Call, answer, nothing, refuse
from okrsync.sandbox.asana.paging import Rows, born, page
from okrsync.sandbox.asana.records import Record
from okrsync.sandbox.web import Response

MAX_FOUND = 100
USUALLY_FOUND = 20
_SEARCHED = frozenset({"goal", "project", "tag", "task", "user"})


def user(call: Call) -> Response:
    """A user by gid or e-mail address; ``me`` is the token's."""
    name = call.args["gid"]
    workspaces = [one.record for one in call.workspaces.values()]
    if name == "me":
        return call.one({**call.workspace.me, "workspaces": workspaces})
    found = call.workspace.named("user", name) if "@" in name else None
    return call.one(found or call.record("user"))


def users(call: Call) -> Response:
    """The users of a workspace, of the path or of the query."""
    return page(call, lambda: born(call, call.workspace.held["user"].values()))


def workspaces(call: Call) -> Response:
    found = [one.record for one in call.workspaces.values()]
    return page(call, lambda: Rows(found, [(place,) for place in range(len(found))]))


def workspace(call: Call) -> Response:
    return call.one(_workspace(call, call.args["gid"], 404))


def _workspace(call: Call, gid: str | None, missing: int) -> Record:
    if gid is None:
        raise refuse(missing, "workspace: Missing input")
    if gid != call.workspace.gid:
        raise refuse(missing, f"workspace: Unknown object: {gid}")
    return call.workspace.record


def projects(call: Call) -> Response:
    """The projects of a workspace; archived ones too, unless ``archived`` says which."""
    _workspace(call, call.args.get("gid") or call.first("workspace"), 400)
    archived = call.flag("archived")
    held = call.workspace.held["project"].values()
    return page(call, lambda: born(call, [one for one in held if archived in (None, one.get("archived", False))]))


def project(call: Call) -> Response:
    return call.one(call.record("project"))


def task_counts(call: Call) -> Response:
    """How many tasks a project holds, of each sort that ``opt_fields`` names; nothing where it names none."""
    project_ = call.record("project")
    tasks = [call.workspace.held["task"][gid] for gid in call.workspace.boards.get(project_["gid"], ())]
    milestones = [one for one in tasks if one.get("resource_subtype") == "milestone"]
    counts: Record = {}
    for name, of in (("tasks", tasks), ("milestones", milestones)):
        done = sum(1 for one in of if one.get("completed"))
        counts |= {f"num_{name}": len(of), f"num_completed_{name}": done, f"num_incomplete_{name}": len(of) - done}
    return answer({"data": fields.show(counts, call.tree() or {})})


def sections(call: Call) -> Response:
    """The sections of a project, in their order on the board."""
    project_ = call.record("project")
    return page(call, lambda: born(call, call.workspace.sections_of(project_)))


def section(call: Call) -> Response:
    return call.one(call.record("section"))


def tags(call: Call) -> Response:
    """The tags of a workspace, of the path or of the query."""
    _workspace(call, call.args.get("gid") or call.first("workspace"), 400)
    return page(call, lambda: born(call, call.workspace.held["tag"].values()))


def tag(call: Call) -> Response:
    return call.one(call.record("tag"))


def create_tag(call: Call) -> Response:
    """A tag; the name may be in use already, as in Asana."""
    data = call.data()
    _workspace(call, call.args.get("gid") or data.get("workspace"), 400)
    name = data.get("name")
    if not isinstance(name, str) or not name.strip():
        raise refuse(400, "name: Missing input")
    made = changes.new_tag(call.workspace, name, call.hand())
    made |= {field: data[field] for field in ("color", "notes") if field in data}
    return call.one(made, 201)


def update_tag(call: Call) -> Response:
    """PUT: another name, colour or description."""
    found = call.record("tag")
    found |= {field: value for field, value in call.data().items() if field in ("name", "color", "notes")}
    call.workspace.revision += 1
    return call.one(found)


def delete_tag(call: Call) -> Response:
    """The tag is gone, from every task that bore it."""
    changes.delete_tag(call.workspace, call.record("tag"), call.hand())
    return nothing()


def custom_field(call: Call) -> Response:
    """What a field takes; whether it is switched on, only the tasks tell."""
    field = call.workspace.custom.fields.get(call.args["gid"])
    if field is None:
        raise refuse(404, f"custom_field: Unknown object: {call.args['gid']}")
    return call.one({name: value for name, value in field.items() if name != "enabled"})


def typeahead(call: Call) -> Response:
    """The first records of a type whose names hold what was typed; one page, 20 unless ``count`` says."""
    _workspace(call, call.args["gid"], 404)
    kind, typed = call.first("resource_type") or call.first("type"), (call.first("query") or "").casefold()
    if kind not in _SEARCHED:
        raise refuse(400, f"resource_type: Must be one of {', '.join(sorted(_SEARCHED))}.")
    count = call.first("count") or str(USUALLY_FOUND)
    if not count.isdecimal() or not 1 <= int(count) <= MAX_FOUND:
        raise refuse(400, f"count: Must be between 1 and {MAX_FOUND}, inclusive.")
    held = call.workspace.held[kind].values()
    found = [one for one in held if typed in one["name"].casefold() and call.workspace.sees(one)]
    return answer({"data": call.every(found[: int(count)])})
