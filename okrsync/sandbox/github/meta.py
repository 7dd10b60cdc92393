"""Who asks, how much is left, repositories, and the labels and milestones of one."""

from __future__ import annotations

from okrsync.sandbox.github import changes, paging
from okrsync.sandbox.github.call import Call, invalid, not_found, refuse
from okrsync.sandbox.github.issues import attempt
from okrsync.sandbox.github.state import State
from okrsync.sandbox.github.values import BORN, User, stamp
from okrsync.sandbox.web import Response

_SINCE = stamp(BORN)


def me(call: Call) -> Response:
    """The account of the token; 401 for a stranger, 403 for an App."""
    if not call.token:
        raise refuse(401, "Requires authentication")
    if call.account.installation is not None:
        raise call.forbidden()
    return Response.of({**_person(call, call.account.user), "two_factor_authentication": False, **_COUNTS})


_COUNTS = {
    "private_gists": 0,
    "total_private_repos": 0,
    "owned_private_repos": 0,
    "disk_usage": 0,
    "collaborators": 0,
}


def user(call: Call) -> Response:
    """Anybody: every login has an account here."""
    return Response.of(_person(call, User.named(call.args["user"])))


def _person(call: Call, user: User) -> dict[str, object]:
    return {
        **(call.show.user(user) or {}),
        "user_view_type": "private" if user == call.account.user else "public",
        "name": user.login,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": _SINCE,
        "updated_at": _SINCE,
    }


def rate_limit(call: Call) -> Response:
    """What is left of every budget; 404 where there are no limits."""
    if call.limits is None:
        raise refuse(404, "Rate limiting is not enabled.")
    return Response.of(call.limits.raw(call.token))


# ── repositories ──


def repository(call: Call) -> Response:
    return Response.of(permitted(call, call.show.full_repository(call.repository())))


def permitted(call: Call, shown: dict[str, object]) -> dict[str, object]:
    """The repository with what the account may do there, which a stranger is not told."""
    return {**shown, "permissions": call.account.permissions} if call.token else shown


def of_organisation(call: Call) -> Response:
    """The repositories of an organisation; 404 where the owner is none."""
    found = _of_owner(call, call.args["owner"])
    if not found or found[0].owner.type != "Organization":
        raise not_found()
    return _repositories(call, found, "created")


def of_user(call: Call) -> Response:
    """The repositories of anybody."""
    return _repositories(call, _of_owner(call, call.args["owner"]), "full_name")


def _of_owner(call: Call, owner: str) -> list[State]:
    return [
        state
        for state in call.directory.repositories.values()
        if state.full_name.partition("/")[0].casefold() == owner.casefold() and call.sees(state)
    ]


def _repositories(call: Call, found: list[State], default: str) -> Response:
    others = (one for one in ("created", "updated", "pushed", "full_name") if one != default)
    sort = call.choice("sort", (default, *others))
    field = sort if sort == "full_name" else f"{sort}_at"
    backwards = call.request.first("direction") or ("asc" if sort == "full_name" else "desc")
    found.sort(key=lambda state: (getattr(state, field), state.id), reverse=backwards == "desc")
    return paging.paged(call, found, lambda one: permitted(call, call.show.repository(one)))


# ── labels and milestones ──


def labels(call: Call) -> Response:
    state = call.repository()
    return paging.paged(call, list(state.labels.values()), lambda one: call.show.label(state, one))


def label(call: Call) -> Response:
    state = call.repository()
    found = state.labels.get(call.args["name"].casefold())
    if found is None:
        raise not_found()
    return Response.of(call.show.label(state, found))


def create_label(call: Call) -> Response:
    state = call.repository()
    call.may_write("issues", "push")
    body = call.body()
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("Label", "name", "missing_field")
    if name.casefold() in state.labels:
        raise invalid("Label", "name", "already_exists")
    if not _is_color(color := body.get("color", "ededed")):
        raise invalid("Label", "color")
    made = state.label(name)
    made.color, made.description = color, body.get("description")
    state.changed()
    shown = call.show.label(state, made)
    return Response.of(shown, 201, {"Location": shown["url"]})


def update_label(call: Call) -> Response:
    """Another description; name and colour stay."""
    state = call.repository()
    call.may_write("issues", "push")
    found = state.labels.get(call.args["name"].casefold())
    if found is None:
        raise not_found()
    found.description = call.body().get("description")
    state.changed()
    return Response.of(call.show.label(state, found))


def _is_color(value: object) -> bool:
    return isinstance(value, str) and len(value) == 6 and all(digit in "0123456789abcdefABCDEF" for digit in value)


def delete_label(call: Call) -> Response:
    state = call.repository()
    call.may_write("issues", "push")
    name = call.args["name"]
    if name.casefold() not in state.labels:
        raise not_found()
    changes.delete_label(state, name)
    return Response(204)


def milestones(call: Call) -> Response:
    """Open milestones by their due date, unless the query says otherwise; those without one come last."""
    state = call.repository()
    wanted = call.choice("state", ("open", "closed", "all"))
    if call.choice("sort", ("due_on", "completeness")) == "completeness":
        raise refuse(422, "the sandbox does not sort milestones by completeness")
    found = [one for one in state.milestones.values() if wanted in ("all", one.state)]
    found.sort(key=lambda one: (one.due_on or "9", one.number), reverse=call.request.first("direction") == "desc")
    return paging.paged(call, found, lambda one: call.show.milestone(state, one))


def milestone(call: Call) -> Response:
    state = call.repository()
    found = state.milestones.get(call.number("number"))
    if found is None:
        raise not_found()
    return Response.of(call.show.milestone(state, found))


def update_milestone(call: Call) -> Response:
    state = call.repository()
    call.may_write("issues", "push")
    number = call.number("number")
    if number not in state.milestones:
        raise not_found()
    wanted, before = call.body(), state.milestones[number].description
    edited = attempt(lambda: changes.edit_milestone(state, number, call.hand, wanted))
    response = Response.of(call.show.milestone(state, edited))
    call.lag(state, "milestone", number, before)
    return response
