"""What an App asks about itself: its own object, its installations, their tokens and repositories."""

from __future__ import annotations

from okrsync.sandbox.github import meta, paging
from okrsync.sandbox.github.apps import PERMISSIONS, Installation
from okrsync.sandbox.github.call import Call, refuse
from okrsync.sandbox.github.values import BORN, User, node_of, number_of, stamp
from okrsync.sandbox.web import Response

_SINCE = stamp(BORN)


def app(call: Call) -> Response:
    """The App itself, which signs for it."""
    found = call.apps.signed_in(call.token)
    made = {"id": number_of(f"app:{found.id}"), "slug": found.slug, "node_id": node_of("A", number_of(found.id))}
    if found.id.isdecimal():
        made["id"] = int(found.id)
    return Response.of(
        {
            **made,
            "client_id": f"Iv1.{found.slug}",
            "owner": call.show.user(User.named("okrsync-bot")),
            "name": found.slug,
            "description": None,
            "external_url": "https://okrsync.test",
            "html_url": f"{call.show.web}/apps/{found.slug}",
            "created_at": _SINCE,
            "updated_at": _SINCE,
            "permissions": PERMISSIONS,
            "events": [],
            "installations_count": len(found.installations),
        }
    )


def read(call: Call) -> Response:
    """One installation of the App, which signs for it."""
    signed = call.apps.signed_in(call.token)
    found = call.apps.installation(signed, call.args["installation"])
    return Response.of(
        {
            "id": int(found.id),
            "account": call.show.user(User.named(found.owner)) if found.owner else None,
            "app_slug": signed.slug,
            "repository_selection": _selection(found),
            "permissions": found.permissions,
            "events": [],
            "suspended_at": _SINCE if found.suspended else None,
        }
    )


def _selection(found: Installation) -> str:
    return "all" if found.repositories is None else "selected"


def token(call: Call) -> Response:
    """A token of the installation, good for an hour."""
    signed = call.apps.signed_in(call.token)
    found = call.apps.grant(signed, call.apps.installation(signed, call.args["installation"]))
    return Response.of(
        {
            "token": found.token,
            "expires_at": stamp(found.expires_at),
            "permissions": found.installation.permissions,
            "repository_selection": _selection(found.installation),
        },
        201,
    )


def repositories(call: Call) -> Response:
    """The repositories that an installation may see; 403 for anybody but an App."""
    found = call.account.installation
    if found is None:
        raise refuse(403, "You must authenticate with an installation access token in order to list repositories.")
    states = [state for state in call.directory.repositories.values() if call.sees(state)]
    part, headers = paging.window(call, len(states))
    shown = [meta.permitted(call, call.show.repository(one)) for one in states[part]]
    body = {"total_count": len(states), "repository_selection": _selection(found), "repositories": shown}
    return Response.of(body, headers=headers)
