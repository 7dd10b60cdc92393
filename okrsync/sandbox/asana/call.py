"""What a handler of the Asana sandbox gets, and how Asana says no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson

from okrsync.sandbox.asana import fields
from okrsync.sandbox.asana.changes import Hand
from okrsync.sandbox.asana.records import GOALS, Record, stamp
from okrsync.sandbox.asana.workspace import FILES, Workspace
from okrsync.sandbox.web import HttpError, Request, Response

TYPE = "application/json; charset=UTF-8"
HELP = (
    "For more information on API status codes and how to handle them, read the docs on errors: "
    "https://developers.asana.com/docs/errors"
)
_TOP_LEVEL = frozenset({"data", "options"})
_NO_GOALS = "Goals are not available on the plan of this workspace."


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request. ``workspace`` is the one that holds what the request names; ``base`` is the address of
    the API; ``path`` stands below it."""

    workspace: Workspace
    workspaces: Mapping[str, Workspace]
    request: Request
    base: str
    path: str
    args: Mapping[str, str]

    # ── what was asked ──

    def first(self, name: str) -> str | None:
        """A query parameter; None where it is absent or empty."""
        return self.request.first(name) or None

    def flag(self, name: str) -> bool | None:
        """``true`` or ``false``; 400 for anything else."""
        text = self.first(name)
        if text not in (None, "true", "false"):
            raise refuse(400, f"{name}: Value is not a boolean: {text}")
        return None if text is None else text == "true"

    def data(self) -> dict[str, Any]:
        """The ``data`` of the body."""
        try:
            body = self.request.json() if self.request.body else {}
        except orjson.JSONDecodeError:
            raise refuse(400, "Could not parse request data, invalid JSON") from None
        if not isinstance(body, dict) or not isinstance(body.get("data", {}), dict):
            raise refuse(400, "Could not parse request data, invalid JSON")
        if stray := sorted(body.keys() - _TOP_LEVEL):
            raise refuse(
                400,
                f"Unrecognized request field {stray[0]} . The only allowed keys at the top level are: data, options. "
                "Did you forget to nest your request fields inside a data object?",
            )
        found: dict[str, Any] = body.get("data", {})
        return found

    def needs_goals(self) -> None:
        """402 where the plan does not include goals."""
        if GOALS in self.workspace.lacks:
            raise refuse(402, _NO_GOALS)

    # ── records ──

    def record(self, kind: str) -> Record:
        """The record of the path, of this kind, that the token's user may see; 404 or 403."""
        return self.seen([kind], self.args["gid"], kind, 404)

    def asked(self, name: str, *kinds: str) -> Record | None:
        """The record that a query parameter names; None where it is absent."""
        gid = self.first(name)
        return None if gid is None else self.seen(kinds or (name,), gid, name, 400)

    def required(self, name: str, *kinds: str) -> Record:
        """The record that a query parameter names, which must be there."""
        found = self.asked(name, *kinds)
        if found is None:
            raise refuse(400, f"{name}: Missing input")
        return found

    def seen(self, kinds: Iterable[str], gid: Any, field: str, missing: int = 400) -> Record:
        """The record of a gid; refused where there is none of these kinds (``missing``) or it may not be seen (403)."""
        if not isinstance(gid, str):
            raise refuse(400, f"{field}: Not a valid GID type: {type(gid).__name__}")
        for kind in kinds:
            found = self.workspace.find(kind, gid)
            if found is not None:
                if not self.workspace.sees(found):
                    raise refuse(403, f"You do not have access to this {kind}.")
                return found
        if not gid.isdecimal():
            raise refuse(400, f"{field}: Not a recognized ID: {gid}")
        raise refuse(missing, f"{field}: Unknown object: {gid}")

    def writable(self, record: Record) -> Record:
        """The record, which the token's user may change; 403 where not."""
        if record["gid"] in self.workspace.read_only:
            raise refuse(403, f"You do not have permission to edit this {record['resource_type']}.")
        return record

    def delay(self, record: Record) -> None:
        """Lists show the record late, where a fault wants that."""
        fault = self.request.fault
        if fault and fault.kind == "late":
            self.workspace.late[record["gid"]] = stamp(self.workspace.clock() + timedelta(seconds=fault.seconds))

    def hand(self) -> Hand:
        return Hand(self.workspace.me, self.workspace.clock(), "api")

    # ── answers ──

    def tree(self) -> fields.Tree | None:
        """What ``opt_fields`` names; None where nobody named fields."""
        named = self.request.query.get("opt_fields")
        return fields.parse(",".join(named)) if named and any(named) else None

    def one(self, record: Record, status: int = 200) -> Response:
        """A single record: all of it, or what ``opt_fields`` names."""
        tree = self.tree()
        shown = fields.show(record, fields.full(record) if tree is None else tree, self.workspace.hidden)
        headers = {}
        if status == 201:
            headers["Location"] = f"{self.base}/{FILES[record['resource_type']]}/{record['gid']}"
        return answer({"data": shown}, status, headers)

    def every(self, records: Iterable[Record]) -> list[Record]:
        """Records of a list: compact, or what ``opt_fields`` names."""
        tree, hidden = self.tree(), self.workspace.hidden
        return [fields.show(record, tree, hidden) for record in records]


def answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer with Asana's content type."""
    return Response(status, orjson.dumps(value), headers or {}, TYPE)


def nothing() -> Response:
    """What writes without a record of their own answer."""
    return answer({"data": {}})


def refuse(status: int, message: str) -> HttpError:
    """A refusal in Asana's shape."""
    return HttpError(answer({"errors": [{"message": message, "help": HELP}]}, status))
