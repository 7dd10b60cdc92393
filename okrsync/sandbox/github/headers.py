"""What stands around an answer: limits, entity tags, and the headers that every answer of GitHub's has."""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlencode

import orjson

from okrsync.sandbox.github.call import DOCUMENTATION, Account, refuse
from okrsync.sandbox.github.limits import Budget, Limits
from okrsync.sandbox.web import HttpError, Request, Response

VERSION = "2022-11-28"  # of the API; later ones leave out what this one gives
_TYPE = "application/json; charset=utf-8"
_PRIMARY = (
    "API rate limit exceeded for user ID 1. If you reach out to GitHub Support for help, please include the request ID."
)
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to"
    " GitHub Support for help, please include the request ID."
)
_BLOCKED = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry"
    " your request again later."
)
_CONTENT = re.compile(r"/(?:issues|pulls|issues/\d+/(?:comments|sub_issues))$")  # by GitHub's own description
_serial = itertools.count(1)


def check_limits(request: Request, budget: Budget, now: datetime) -> None:
    """HttpError where nothing is left of the budget, or a fault says so; for GraphQL the primary limit is a 200."""
    fault = request.fault
    kind = fault.kind if fault else ""
    status = fault.status if fault and fault.status in (403, 429) else 403
    if fault and kind == "secondary_limit":
        refusal = refuse(status, _SECONDARY).response
        raise HttpError(Response(status, refusal.body, dict(fault.headers)))
    until = now + timedelta(seconds=fault.seconds) if fault and kind == "primary_limit" else None
    if until is None and (budget.left or not budget.limit):
        return
    if budget.resource == "graphql":
        refusal = Response.of({"errors": [{"type": "RATE_LIMITED", "message": _PRIMARY}]})
    else:
        body = orjson.dumps({"message": _PRIMARY, "documentation_url": DOCUMENTATION, "status": str(status)})
        refusal = Response(status, body)
    raise HttpError(Response(refusal.status, refusal.body, budget.headers(exhausted_until=until or budget.reset)))


def check_creation(request: Request, limits: Limits, token: str) -> None:
    """HttpError where the token creates content faster than it may."""
    if request.method == "POST" and _CONTENT.search(request.path) and (wait := limits.creates(token)):
        refusal = refuse(403, _BLOCKED).response
        asked = {"Retry-After": str(math.ceil(wait.total_seconds()))}
        raise HttpError(Response(refusal.status, refusal.body, asked))


def check_version(request: Request) -> None:
    """HttpError where the request names another version of the API than the one that is played."""
    asked = request.headers.get("X-GitHub-Api-Version", VERSION)
    if asked != VERSION:
        raise refuse(400, f'"{asked}" is not a supported API version')


def conditional(request: Request, token: str, response: Response) -> Response:
    """The answer with its entity tag, or an empty 304 where the client has it already.

    A tag stands for the content, the address with its query, and the token: another token never meets it.
    """
    if request.method != "GET" or response.status != 200:
        return response
    told = "\n".join((token, request.path, urlencode(request.query, doseq=True), response.headers.get("Link", "")))
    digest = hashlib.sha256(told.encode() + response.body).hexdigest()
    tag = f'W/"{digest}"'
    asked = request.headers.get("If-None-Match", "")
    if tag in (one.strip() for one in asked.split(",")):
        return Response(304, headers={"ETag": tag})
    return Response(response.status, response.body, {**response.headers, "ETag": tag}, response.type)


def dressed(response: Response, limits: Mapping[str, str], account: Account, now: datetime) -> Response:
    """The answer with the headers of every answer; those that it has already stay."""
    own = {
        "Date": format_datetime(now, usegmt=True),
        "Cache-Control": "private, max-age=60, s-maxage=60",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With",
        **_of_token(account),
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": f"0A00:{next(_serial):06X}:0A:0B:{int(now.timestamp()):X}",
        **limits,
        **response.headers,
    }
    return Response(response.status, response.body, own, _TYPE)


def _of_token(account: Account) -> dict[str, str]:
    """What GitHub tells of the token: the scopes of a classic one, and when it ends."""
    told: dict[str, str] = {}
    if account.scopes is not None:
        told |= {"X-OAuth-Scopes": account.scopes, "X-Accepted-OAuth-Scopes": ""}
    if account.expires_at is not None:
        told["GitHub-Authentication-Token-Expiration"] = f"{account.expires_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return told
