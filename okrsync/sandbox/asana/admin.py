"""Edits as people make them in Asana: ``POST /_sandbox/asana/<gid>/…``, and ``Workspace.edit``.

People name things by gid or by name; a tag that does not exist yet is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from okrsync.errors import UsageError
from okrsync.sandbox.asana import adopt, changes, comment_changes, field_changes, goal_changes, values
from okrsync.sandbox.asana.changes import Hand
from okrsync.sandbox.asana.fields import held
from okrsync.sandbox.asana.records import GOALS, PORTFOLIOS, SEARCH, Record, compact

if TYPE_CHECKING:
    from okrsync.sandbox.asana.workspace import Workspace

PERSON = "A person"
_WHO = frozenset({"at", "by"})
_FIELDS = frozenset(
    {
        "name",
        "notes",
        "completed",
        "assignee",
        "due_on",
        "due_at",
        "start_on",
        "resource_subtype",
        "approval_status",
        "custom_fields",
    }
)
_TASK = _FIELDS | _WHO | {"project", "section", "remove_from", "parent", "tags", "blocked_by", "comment"}
_TASK |= {"custom_type", "status"}
_PORTFOLIO = _WHO | {"name", "owner", "add", "remove"}
_GOAL = _WHO | {
    *("name", "notes", "due_on", "start_on", "is_workspace_level", "owner", "time_period"),
    *("metric", "status_update", "support", "forsake", "weight", "comment"),
}
_PROJECT = _WHO | {"name", "archived", "completed", "notes", "status_update", "fields", "drop_fields"}
_BESIDE = ("status_update", "fields", "drop_fields")  # what is no field of the project itself
_ACCOUNT = frozenset({"hide", "show", "read_only", "lacks"})
_PLAN = (GOALS, SEARCH, PORTFOLIOS)

Body = Mapping[str, Any]


def edit(workspace: Workspace, path: str, body: Any) -> Record | None:
    """One edit; the record as it stands afterwards, None where it is gone. UsageError where it cannot be made."""
    try:
        if not isinstance(body, Mapping):
            raise ValueError("the body must be a JSON object")
        match path.strip("/").split("/"):
            case ["account"]:
                _account(workspace, body)
                return None
            case ["tasks"]:
                found = _new_task(workspace, body)
            case ["projects"]:
                found = _new_project(workspace, body)
            case ["sections"]:
                found = _new_section(workspace, body)
            case ["portfolios"]:
                found = _new_portfolio(workspace, body)
            case ["goals"]:
                hand = _hand(workspace, body)
                found = _change_goal(workspace, goal_changes.create(workspace, _name(body), hand), body, hand)
            case ["fields", gid]:
                return field_changes.change(workspace, field_changes.named(workspace, gid), body)
            case ["stories", gid]:
                return comment_changes.change(workspace, gid, body, _hand(workspace, body))
            case ["tasks" | "projects" | "portfolios" | "goals" | "status_updates" as kinds, gid]:
                return _change(workspace, kinds.removesuffix("s"), gid, body)
            case _:
                raise ValueError(
                    f"no edit {path!r}: there are tasks, tasks/<gid>, projects, projects/<gid>, sections, portfolios, "
                    "portfolios/<gid>, goals, goals/<gid>, status_updates/<gid>, stories/<gid>, fields/<gid> "
                    "and account"
                )
    except KeyError as error:
        raise UsageError(f"{error.args[0]!r} is missing") from None
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from None
    return held(found)


def _change(workspace: Workspace, kind: str, gid: str, body: Body) -> Record | None:
    if kind == "task" and body.get("restore"):
        _known(body, _WHO | {"restore"})
        return held(changes.restore(workspace, gid, _hand(workspace, body)))
    record = _named(workspace, kind, gid)
    hand = _hand(workspace, body)
    if body.get("delete"):
        _known(body, _WHO | {"delete"})
        if kind == "project":
            _delete_project(workspace, record)
        else:
            _DELETE[kind](workspace, record, hand)
        return None
    if kind == "task":
        return held(_change_task(workspace, record, body, hand))
    if kind == "goal":
        return held(_change_goal(workspace, record, body, hand))
    if kind == "project":
        return held(_change_project(workspace, record, body, hand))
    if kind == "portfolio":
        return held(_change_portfolio(workspace, record, body))
    raise ValueError('a status update cannot be edited in Asana; {"delete": true} takes it back')


_DELETE: Mapping[str, Callable[[Workspace, Record, Hand], None]] = {
    "task": changes.delete,
    "goal": goal_changes.delete,
    "status_update": goal_changes.take_back,
    "portfolio": lambda workspace, portfolio, _hand: workspace.drop(portfolio),
}


def _known(body: Body, allowed: frozenset[str] | set[str]) -> None:
    if unknown := sorted(set(body) - allowed):
        raise ValueError(f"unknown keys: {', '.join(unknown)}; allowed: {', '.join(sorted(allowed))}")


def _named(workspace: Workspace, kind: str, name: Any) -> Record:
    found = workspace.named(kind, name) if isinstance(name, str) else None
    if found is None:
        raise ValueError(f"workspace {workspace.gid} has no {kind.replace('_', ' ')} {name!r}")
    return found


def _name(body: Body) -> str:
    if not isinstance(body.get("name"), str):
        raise ValueError('write at least {"name": "…"}')
    return str(body["name"])


def _hand(workspace: Workspace, body: Body) -> Hand:
    at = datetime.fromisoformat(body["at"]) if "at" in body else workspace.clock()
    if at.tzinfo is None:
        raise ValueError(f"at: {body['at']!r} has no offset; write 2026-01-31T12:00:00Z")
    return Hand(_person(workspace, body.get("by") or PERSON), at, "web")


def _person(workspace: Workspace, name: str) -> Record:
    """The user of this name, who joins the workspace where there is none."""
    found = workspace.named("user", name)
    if found is None:
        found = workspace.put({**compact("user", workspace.next_gid(), name), "workspaces": [workspace.record]})
    return found


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _new_task(workspace: Workspace, body: Body) -> Record:
    """In ``project`` (the first one by default, none where it is null) or below ``parent``."""
    _known(body, _TASK)
    hand = _hand(workspace, body)
    parent = _named(workspace, "task", body["parent"]) if body.get("parent") else None
    rest = {name: value for name, value in body.items() if name != "parent"}
    if parent is None and not {"project", "section"} & rest.keys():
        first = next(iter(workspace.held["project"]), None)
        rest["project"] = first
    simple = {name: rest.pop(name) for name in _FIELDS & rest.keys() - {"custom_fields"}}
    task = changes.create(workspace, _stored(workspace, None, {"name": _name(body), **simple}), hand, parent)
    return _change_task(workspace, task, rest, hand)


def _change_task(workspace: Workspace, task: Record, body: Body, hand: Hand) -> Record:
    """Any mixture of fields, ``project`` and ``section`` (where it goes), ``remove_from`` (a project), ``parent``,
    ``tags`` (a list, or add and remove), ``blocked_by`` and ``comment``, at one instant by one person."""
    _known(body, _TASK)
    _move(workspace, task, body, hand)
    given = {name: value for name, value in body.items() if name in _FIELDS}
    changes.change(workspace, task, _stored(workspace, task, given), hand)
    if "parent" in body:
        parent = None if body["parent"] is None else _named(workspace, "task", body["parent"])
        changes.set_parent(workspace, task, parent, hand)
    if {"custom_type", "status"} & body.keys():
        _custom_type(workspace, task, body, hand)
    if "tags" in body:
        _tags(workspace, task, body["tags"], hand)
    blockers = body.get("blocked_by", ())
    blockers = [blockers] if isinstance(blockers, str) else blockers
    changes.depend(workspace, task, [_named(workspace, "task", one) for one in blockers], hand)
    if "comment" in body:
        changes.write(workspace, task, "comment_added", body["comment"], hand)
    return task


def _custom_type(workspace: Workspace, task: Record, body: Body, hand: Hand) -> None:
    """The task is of this type of the company's own, and stands at this of its statuses; both are made where new."""
    for key, kind in (("custom_type", "custom_type"), ("status", "custom_type_status_option")):
        if name := body.get(key):
            known = workspace.custom_types.setdefault(f"{kind} {name}", {})
            known |= known or compact(kind, workspace.next_gid(), name)
            task[kind] = known
    task["resource_subtype"] = "custom"
    changes.touch(workspace, task, hand)
    changes.raised(workspace, hand, task, "changed", change={"field": "custom_type_status_option", "action": "changed"})


def _move(workspace: Workspace, task: Record, body: Body, hand: Hand) -> None:
    if body.get("remove_from"):
        changes.remove(workspace, task, _named(workspace, "project", body["remove_from"]), hand)
    project = _named(workspace, "project", body["project"]) if body.get("project") else None
    if body.get("section"):
        section = _section(workspace, body["section"], project)
        changes.move(workspace, task, section["project"], section, hand)
    elif project is not None:
        changes.move(workspace, task, project, None, hand)


def _section(workspace: Workspace, name: str, project: Record | None) -> Record:
    for one in workspace.held["section"].values():
        if project in (None, one["project"]) and name in (one["gid"], one["name"]):
            return one
    where = f"project {project['name']!r}" if project else f"workspace {workspace.gid}"
    raise ValueError(f"{where} has no section {name!r}")


def _stored(workspace: Workspace, task: Record | None, given: Body) -> dict[str, Any]:
    """The stored values; people may name users, fields and options by their names."""
    meant = dict(given)
    if isinstance(meant.get("assignee"), str) and meant["assignee"] != "me":
        meant["assignee"] = _person(workspace, meant["assignee"])["gid"]
    if isinstance(meant.get("custom_fields"), Mapping):
        meant["custom_fields"] = dict(_field(workspace, *pair) for pair in meant["custom_fields"].items())
    return values.stored(workspace, task, meant)


def _field(workspace: Workspace, name: str, value: Any) -> tuple[str, Any]:
    field = workspace.custom.named(name)
    if field is None:
        raise ValueError(f"workspace {workspace.gid} has no custom field {name!r}")
    options = {option["name"]: option["gid"] for option in field.get("enum_options", ())}
    if isinstance(value, list):
        return field["gid"], [options.get(one, one) for one in value]
    return field["gid"], options.get(value, value) if isinstance(value, str) else value


def _tags(workspace: Workspace, task: Record, given: Any, hand: Hand) -> None:
    if isinstance(given, Mapping):
        add, drop = list(given.get("add", ())), list(given.get("remove", ()))
    else:
        add = list(given)
        drop = [one["gid"] for one in task.get("tags", ()) if not {one["gid"], one["name"]} & set(add)]
    for name in drop:
        changes.tag(workspace, task, _named(workspace, "tag", name), hand, add=False)
    for name in add:
        label = workspace.named("tag", name) or changes.new_tag(workspace, name, hand)
        changes.tag(workspace, task, label, hand, add=True)


# ── projects and sections ────────────────────────────────────────────────────────────────────────────────────────────


def _new_section(workspace: Workspace, body: Body) -> Record:
    _known(body, _WHO | {"name", "project"})
    made = compact("section", workspace.next_gid(), _name(body))
    made |= {"project": _named(workspace, "project", body.get("project")), "created_at": _hand(workspace, body).stamp()}
    return workspace.put(made)


def _new_project(workspace: Workspace, body: Body) -> Record:
    hand = _hand(workspace, body)
    made = compact("project", workspace.next_gid(), _name(body))
    project = workspace.put({**made, "workspace": workspace.record, "created_at": hand.stamp()})
    adopt.section_of(workspace, project)
    return _change_project(workspace, project, body, hand)


def _change_project(workspace: Workspace, project: Record, body: Body, hand: Hand) -> Record:
    _known(body, _PROJECT)
    plain = {name: value for name, value in body.items() if name not in (*_WHO, *_BESIDE)}
    if plain:
        project |= {**plain, "modified_at": hand.stamp()}
        if "completed" in plain:
            project["completed_at"] = hand.stamp() if plain["completed"] else None
        changes.raised(workspace, hand, project, "changed")
        workspace.revision += 1
    for given in body.get("fields", ()):
        field_changes.add(workspace, project, given)
    for name in body.get("drop_fields", ()):
        field_changes.drop(workspace, project, name)
    if "status_update" in body:
        goal_changes.post(workspace, project, body["status_update"], hand)
    return project


def _new_portfolio(workspace: Workspace, body: Body) -> Record:
    hand = _hand(workspace, body)
    made = compact("portfolio", workspace.next_gid(), _name(body))
    made |= {"workspace": workspace.record, "created_at": hand.stamp(), "owner": hand.user, "items": []}
    return _change_portfolio(workspace, workspace.put(made), body)


def _change_portfolio(workspace: Workspace, portfolio: Record, body: Body) -> Record:
    """``add`` and ``remove`` name projects and portfolios."""
    _known(body, _PORTFOLIO)
    if "name" in body:
        portfolio["name"] = _name(body)
    if "owner" in body:
        portfolio["owner"] = _person(workspace, body["owner"])
    gone = [_entry(workspace, name) for name in body.get("remove", ())]
    kept = [one for one in portfolio.get("items", ()) if all(one is not other for other in gone)]
    portfolio["items"] = kept + [_entry(workspace, name) for name in body.get("add", ())]
    workspace.revision += 1
    return portfolio


def _entry(workspace: Workspace, name: Any) -> Record:
    return workspace.named("portfolio", str(name)) or _named(workspace, "project", name)


def _delete_project(workspace: Workspace, project: Record) -> None:
    """The project is gone; its tasks stay where else they are."""
    for gid in workspace.boards.pop(project["gid"], {}):
        task = workspace.held["task"][gid]
        task["memberships"] = [one for one in task["memberships"] if one["project"] is not project]
    for portfolio in workspace.held["portfolio"].values():
        portfolio["items"] = [one for one in portfolio.get("items", ()) if one is not project]
    for kind, field in (
        ("section", "project"),
        ("status_update", "parent"),
        ("goal_relationship", "supporting_resource"),
    ):
        for record in workspace.of(kind, field, project):
            workspace.drop(record)
    workspace.drop(project)


# ── goals ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _change_goal(workspace: Workspace, goal: Record, body: Body, hand: Hand) -> Record:
    """Any mixture of fields, ``metric`` (some of its values, or null), ``status_update``, ``support`` and ``forsake``
    (projects, tasks or goals) and ``comment``."""
    _known(body, _GOAL)
    plain = {name: body[name] for name in ("name", "notes", "due_on", "start_on", "is_workspace_level") if name in body}
    if "owner" in body:
        plain["owner"] = _person(workspace, body["owner"])
    if "time_period" in body:
        plain["time_period"] = workspace.find("time_period", body["time_period"])
    if plain:
        goal |= plain
        workspace.revision += 1
        changes.raised(workspace, hand, goal, "changed")
    if "metric" in body:
        if body["metric"] is None:
            goal["metric"] = None
            workspace.revision += 1
        else:
            goal_changes.measure(workspace, goal, body["metric"], hand)
    for name in body.get("support", ()):
        goal_changes.support(workspace, goal, _work(workspace, name), body.get("weight", 0))
    for name in body.get("forsake", ()):
        goal_changes.forsake(workspace, goal, _work(workspace, name))
    if "status_update" in body:
        goal_changes.post(workspace, goal, {"text": "", **body["status_update"]}, hand)
    if "comment" in body:
        changes.write(workspace, goal, "comment_added", body["comment"], hand)
    return goal


def _work(workspace: Workspace, name: str) -> Record:
    found = next((one for kind in ("project", "task", "goal") if (one := workspace.named(kind, name))), None)
    if found is None:
        raise ValueError(f"workspace {workspace.gid} has neither a project nor a task nor a goal {name!r}")
    return found


def _account(workspace: Workspace, body: Body) -> None:
    """What the token's user may not see or change, and what the plan does not include."""
    _known(body, _ACCOUNT)
    if unknown := sorted(set(body.get("lacks", ())) - set(_PLAN)):
        raise ValueError(f"a plan cannot lack {unknown[0]!r} here; it may lack {', '.join(map(repr, _PLAN))}")
    for gid in body.get("hide", ()):
        workspace.hide(gid)
    for gid in body.get("show", ()):
        workspace.show(gid)
    workspace.read_only = set(body.get("read_only", workspace.read_only))
    workspace.lacks = set(body.get("lacks", workspace.lacks))
    workspace.revision += 1
