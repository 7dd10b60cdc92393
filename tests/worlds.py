"""All that the tools of a world hold: what of it no okrsync owns, and what of it lasts."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
from every_surface import CONTEXT, OBJECTIVE, PROGRESS, Everywhere
from hands import BLOCK, OURS, marks, tags

from okrsync.sandbox.asana.fields import held

WITHDRAWN = "Withdrawn by okrsync"


# ── what is theirs ───────────────────────────────────────────────────────────────────────────────────────────────────


def rest(trio: Everywhere) -> dict[str, Any]:
    """All that the tools hold and that no okrsync owns, but for the times at which things were updated."""
    return deepcopy({**_rest_of_jira(trio), **_rest_of_github(trio), **_rest_of_asana(trio)})


def _free(labels: Iterable[str]) -> list[str]:
    return [one for one in labels if not OURS.fullmatch(one)]


def _rest_of_jira(trio: Everywhere) -> dict[str, Any]:
    return {
        f"jira {one.key}": {
            **{
                name: value
                for name, value in one.fields.items()
                if name not in (OBJECTIVE, PROGRESS, "updated") and value is not None
            },
            "labels": _free(one.fields["labels"]),
            "comments": [each for each in trio.company.site.comments_of(one) if not marks(each)],
            "properties": {key: value for key, value in one.properties.items() if not key.startswith("okrsync-")},
        }
        for one in trio.company.site.issues.values()
    }


def _rest_of_github(trio: Everywhere) -> dict[str, Any]:
    hub = trio.repository
    found: dict[str, Any] = {
        f"github #{number}": (
            *(one.title, one.body, one.state, _free(one.labels)),
            [(each.id, each.body, each.updated_at) for each in one.comments if "<!-- okrsync:" not in each.body],
        )
        for number, one in hub.issues.items()
    }
    found["github labels"] = _free(hub.labels)
    found["github milestones"] = {
        number: (one.title, BLOCK.sub("", one.description or ""), one.state) for number, one in hub.milestones.items()
    }
    found["github statuses"] = [each for said in hub.statuses.values() for each in said if each.context != CONTEXT]
    return found


def _rest_of_asana(trio: Everywhere) -> dict[str, Any]:
    kept = trio.workspace.held
    found: dict[str, Any] = {}
    for gid, one in kept["task"].items():
        fields = [row for row in one.get("custom_fields") or () if row["name"] not in ("Objective", "OKR progress")]
        own = {"tags": _free(tags(trio, gid)), "custom_fields": fields}
        found[f"asana {gid}"] = {name: value for name, value in held(one).items() if name != "modified_at"} | own
    for gid, one in kept["goal"].items():
        metric = {name: value for name, value in one["metric"].items() if not name.startswith("current_")}
        row = {name: value for name, value in held(one).items() if name not in ("current_status_update", "status")}
        found[f"asana goal {gid}"] = row | {"metric": metric}
    comments = (one for one in kept["story"].values() if one["type"] == "comment")
    found["asana comments"] = [held(one) for one in comments if "okrsync ·" not in one["text"]]
    found["asana updates"] = [held(one) for one in kept["status_update"].values() if "okrsync ·" not in one["text"]]
    found["asana tags"] = _free(one["name"] for one in kept["tag"].values())
    return found


# ── the whole world ──────────────────────────────────────────────────────────────────────────────────────────────────


def dump(trio: Everywhere) -> dict[str, list[Any]]:
    """All that the tools hold, as the sandbox would save it: file → its rows."""
    with tempfile.TemporaryDirectory() as folder:
        trio.company.sandbox.world.save(Path(folder))
        files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
        return {
            str(path.relative_to(folder)): [orjson.loads(line) for line in path.read_bytes().splitlines() if line]
            for path in files
        }


def kept(trio: Everywhere) -> dict[str, list[Any]]:
    """The same without what no tool lets anybody take back: when things were updated, what their histories say, and a
    commit status, of which the last word is looked at instead."""
    files = dump(trio)
    for name, rows in files.items():
        for row in rows:
            fields = row.get("fields") or {}
            for one in ("changelog", "updated", "updated_at", "modified_at", "is_edited"):
                row.pop(one, None)
                fields.pop(one, None)
        if name.startswith("jira/"):
            for row in rows:
                row["fields"] = {one: value for one, value in (row.get("fields") or {}).items() if value is not None}
        if name.startswith("asana/") and name.endswith("/stories.jsonl"):
            rows[:] = [one for one in rows if one["type"] == "comment"]
        if name.startswith("asana/"):  # what was never there, and what is empty now
            rows[:] = [{one: value for one, value in row.items() if value not in (None, [])} for row in rows]
        if name.endswith("/events.jsonl"):
            rows.clear()
        if name.startswith("github/") and name.endswith("/statuses.jsonl"):
            said = {(one["url"], one["context"]): (one["state"], one["description"]) for one in rows}
            rows[:] = sorted([*one, *words] for one, words in said.items() if words != ("success", WITHDRAWN))
    return {name: rows for name, rows in files.items() if rows}


def unmade(files: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The same without the labels and tags that were made only to be written: ``undo --all`` sweeps them."""
    found = {
        name: [row for row in rows if not OURS.fullmatch(str(row.get("name", "")))]
        if name.endswith(("/labels.jsonl", "/tags.jsonl"))
        else rows
        for name, rows in files.items()
    }
    return {name: rows for name, rows in found.items() if rows}
