"""Every endpoint of Asana that the sandbox serves."""

from __future__ import annotations

from okrsync.sandbox.asana import goals, meta, portfolios, search, stories, stream, tasks, updates
from okrsync.sandbox.asana.call import Call
from okrsync.sandbox.web import Router

API = "/api/1.0"

ROUTER: Router[Call] = Router()
for _method, _pattern, _handler in (
    ("GET", "/users", meta.users),
    ("GET", "/users/{gid}", meta.user),
    ("GET", "/workspaces", meta.workspaces),
    ("GET", "/workspaces/{gid}", meta.workspace),
    ("GET", "/workspaces/{gid}/users", meta.users),
    ("GET", "/workspaces/{gid}/projects", meta.projects),
    ("GET", "/workspaces/{gid}/tags", meta.tags),
    ("POST", "/workspaces/{gid}/tags", meta.create_tag),
    ("GET", "/workspaces/{gid}/typeahead", meta.typeahead),
    ("GET", "/workspaces/{gid}/tasks/search", search.tasks),
    ("GET", "/portfolios", portfolios.listed),
    ("GET", "/portfolios/{gid}", portfolios.read),
    ("GET", "/portfolios/{gid}/items", portfolios.items),
    ("GET", "/projects", meta.projects),
    ("GET", "/projects/{gid}", meta.project),
    ("GET", "/projects/{gid}/sections", meta.sections),
    ("GET", "/projects/{gid}/task_counts", meta.task_counts),
    ("GET", "/projects/{gid}/tasks", tasks.of_project),
    ("GET", "/sections/{gid}", meta.section),
    ("GET", "/sections/{gid}/tasks", tasks.of_section),
    ("GET", "/tags", meta.tags),
    ("POST", "/tags", meta.create_tag),
    ("GET", "/tags/{gid}", meta.tag),
    ("DELETE", "/tags/{gid}", meta.delete_tag),
    ("GET", "/tags/{gid}/tasks", tasks.of_tag),
    ("GET", "/custom_fields/{gid}", meta.custom_field),
    ("GET", "/tasks", tasks.listed),
    ("POST", "/tasks", tasks.create),
    ("GET", "/tasks/{gid}", tasks.read),
    ("PUT", "/tasks/{gid}", tasks.update),
    ("DELETE", "/tasks/{gid}", tasks.delete),
    ("GET", "/tasks/{gid}/subtasks", tasks.subtasks),
    ("POST", "/tasks/{gid}/subtasks", tasks.create_subtask),
    ("GET", "/tasks/{gid}/dependencies", tasks.dependencies),
    ("GET", "/tasks/{gid}/dependents", tasks.dependents),
    ("POST", "/tasks/{gid}/addTag", tasks.add_tag),
    ("POST", "/tasks/{gid}/removeTag", tasks.remove_tag),
    ("GET", "/tasks/{gid}/stories", stories.listed),
    ("POST", "/tasks/{gid}/stories", stories.create),
    ("GET", "/goals", goals.listed),
    ("GET", "/goals/{gid}", goals.read),
    ("GET", "/goals/{gid}/parentGoals", goals.parents),
    ("POST", "/goals/{gid}/setMetricCurrentValue", goals.set_current_value),
    ("GET", "/goals/{gid}/stories", stories.listed),
    ("POST", "/goals/{gid}/stories", stories.create),
    ("GET", "/goal_relationships", goals.relationships),
    ("GET", "/goal_relationships/{gid}", goals.relationship),
    ("GET", "/time_periods", goals.periods),
    ("GET", "/time_periods/{gid}", goals.period),
    ("GET", "/status_updates", updates.listed),
    ("POST", "/status_updates", updates.create),
    ("GET", "/status_updates/{gid}", updates.read),
    ("DELETE", "/status_updates/{gid}", updates.delete),
    ("GET", "/stories/{gid}", stories.read),
    ("PUT", "/stories/{gid}", stories.update),
    ("DELETE", "/stories/{gid}", stories.delete),
    ("GET", "/events", stream.events),
):
    ROUTER.add(_method, _pattern, _handler)
