"""What people see and do in every place where okrsync writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeAlias

from every_surface import CONTEXT, OBJECTIVE, PROGRESS, Everywhere
from trio import GOAL, LINKED, TASK

from okrsync.model import Surface
from okrsync.sandbox.github import changes
from okrsync.sandbox.github.changes import Hand
from okrsync.sandbox.github.values import Status, User, node_of, stamp
from okrsync.sandbox.jira import adf, screens

OURS = re.compile(r"okr-(orphan|dangling|objective:.*)", re.IGNORECASE)
BLOCK = re.compile(r"(?:\r\n\r\n|\n\n)?<!-- okrsync:([a-z0-9-]+) -->(.*?)<!-- /okrsync:\1 -->", re.DOTALL)
ORPHAN, SERVES = "okr-orphan", "okr-objective:O-SHOP"
TWICE = ("I know better", "I still do")

Place: TypeAlias = "tuple[str, str]"  # tool, surface


@dataclass(frozen=True)
class Spot:
    """One slot as people have it. ``words`` are what they put there, one after the other; ``take`` is None where nobody
    can take it away."""

    remote_id: Callable[[Everywhere], str]
    sees: Callable[[Everywhere], Any]
    put: Callable[[Everywhere, Any], None]
    take: Callable[[Everywhere], None] | None
    words: tuple[Any, ...] = TWICE


# ── Jira ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def issue(trio: Everywhere, key: str) -> Any:
    found = trio.company.site.find(key)
    assert found is not None, key
    return found


def _edit(trio: Everywhere, key: str, **what: Any) -> None:
    trio.company.edit(issue(trio, key), **what)


def _jira_label(key: str, name: str) -> Spot:
    return Spot(
        lambda trio: str(issue(trio, key).id),
        lambda trio: name in issue(trio, key).fields["labels"] or None,
        lambda trio, _: _edit(trio, key, labels={"add": [name]}),
        lambda trio: _edit(trio, key, labels={"remove": [name]}),
        (True,),
    )


def _jira_field(key: str, field: str, words: tuple[Any, ...]) -> Spot:
    def sees(trio: Everywhere) -> Any:
        value = issue(trio, key).fields.get(field)
        return value["value"] if isinstance(value, dict) else value

    return Spot(
        lambda trio: str(issue(trio, key).id),
        sees,
        lambda trio, value: _edit(trio, key, fields={field: value}),
        lambda trio: _edit(trio, key, fields={field: None}),
        words,
    )


def _jira_property() -> Spot:
    def put(trio: Everywhere, words: Any) -> None:
        issue(trio, "SHOP-1").properties["okrsync-acme"] = {"mine": words}

    def take(trio: Everywhere) -> None:
        issue(trio, "SHOP-1").properties.pop("okrsync-acme", None)

    found = lambda trio: issue(trio, "SHOP-1").properties.get("okrsync-acme")  # noqa: E731
    return Spot(lambda trio: str(issue(trio, "SHOP-1").id), found, put, take)


def marks(comment: Any) -> list[str]:
    """The instances by which a comment of Jira is marked."""
    named = [str(one["value"].get("instance")) for one in comment.get("properties", ()) if one["key"] == "okrsync"]
    return named + re.findall(r"anchor:okrsync-([a-z0-9-]+)", str(comment.get("wiki", "")))


def jira_comments(trio: Everywhere, instance: str = "acme") -> list[Any]:
    found = trio.company.site.comments_of(issue(trio, "SHOP-1"))
    return [one for one in found if instance in marks(one)]


def _jira_comment() -> Spot:
    def put(trio: Everywhere, words: Any) -> None:
        for comment in jira_comments(trio)[:1]:
            comment["body"] = adf.document(words)
            if "wiki" in comment:
                comment["wiki"] = f"{{anchor:okrsync-acme}}{words}"
        issue(trio, "SHOP-1").touch(trio.company.clock())

    def take(trio: Everywhere) -> None:
        for comment in jira_comments(trio):
            trio.company.site.comments_of(issue(trio, "SHOP-1")).remove(comment)
        issue(trio, "SHOP-1").touch(trio.company.clock())

    def sees(trio: Everywhere) -> Any:
        return next((str(one.get("wiki") or one["body"]) for one in jira_comments(trio)), None)

    return Spot(lambda trio: str(issue(trio, "SHOP-1").id), sees, put, take)


# ── GitHub ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _hand(trio: Everywhere) -> Hand:
    return Hand(User.named("a-person"), trio.company.clock())


def _hub_label(number: int, name: str) -> Spot:
    def relabel(trio: Everywhere, choose: Callable[[list[str]], Iterable[str]]) -> None:
        trio.repository.edit(number, labels=list(dict.fromkeys(choose(trio.repository.find(number).labels))))

    return Spot(
        lambda trio: f"{trio.repository.id}#{number}",
        lambda trio: name.casefold() in trio.repository.find(number).labels or None,
        lambda trio, _: relabel(trio, lambda had: [*had, name]),
        lambda trio: relabel(trio, lambda had: (one for one in had if one != name.casefold())),
        (True,),
    )


def hub_comments(trio: Everywhere, instance: str = "acme") -> list[Any]:
    return [one for one in trio.repository.find(1).comments if f"<!-- okrsync:{instance} -->" in one.body]


def _hub_comment() -> Spot:
    def put(trio: Everywhere, words: Any) -> None:
        with trio.repository.directory.lock:
            for comment in hub_comments(trio)[:1]:
                changes.edit_comment(trio.repository, comment, _hand(trio), f"{words}\n\n<!-- okrsync:acme -->")

    def take(trio: Everywhere) -> None:
        with trio.repository.directory.lock:
            for comment in hub_comments(trio):
                changes.delete_comment(trio.repository, comment, _hand(trio))

    def sees(trio: Everywhere) -> Any:
        return next((one.body for one in hub_comments(trio)), None)

    return Spot(lambda trio: f"{trio.repository.id}#1", sees, put, take)


def description(trio: Everywhere) -> str:
    return trio.repository.milestones[1].description or ""


def blocks(trio: Everywhere, instance: str = "acme") -> list[str]:
    found = BLOCK.finditer(description(trio))
    return [one[2].replace("\r\n", "\n").strip() for one in found if one[1] == instance]


def _hub_block() -> Spot:
    def put(trio: Everywhere, words: Any) -> None:
        if (found := BLOCK.search(description(trio))) is not None:
            (start, end), text = found.span(2), description(trio)
            trio.repository.edit_milestone(1, description=f"{text[:start]}\r\n{words}\r\n{text[end:]}")

    def take(trio: Everywhere) -> None:
        trio.repository.edit_milestone(1, description=BLOCK.sub("", description(trio)))

    return Spot(
        lambda trio: f"milestone:{trio.repository.id}:1", lambda trio: next(iter(blocks(trio)), None), put, take
    )


def statuses(trio: Everywhere, context: str = CONTEXT) -> list[Status]:
    """What was said of the last commit of the pull request that serves nothing, the oldest first."""
    pull = trio.repository.find(4).pull
    assert pull is not None
    return [one for one in trio.repository.statuses.get(pull.head_sha, ()) if one.context == context]


def say(trio: Everywhere, words: str, context: str = CONTEXT, state: str = "success") -> None:
    """Somebody posts a status there."""
    repository, pull = trio.repository, trio.repository.find(4).pull
    assert pull is not None
    with repository.directory.lock:
        made, at = repository.next_id("status"), stamp(trio.company.clock())
        node, person = node_of("SC", made), User.named("a-person")
        posted = Status(made, node, pull.head_sha, state, context, words, None, at, person)
        repository.statuses.setdefault(pull.head_sha, []).append(posted)
        repository.changed()


# ── Asana ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ask(trio: Everywhere, path: str, **what: Any) -> None:
    trio.workspace.edit(path, what)


def task(trio: Everywhere) -> str:
    """The gid of the task to which the key result is written."""
    return trio.targets[-1].partition(":")[2]


def tags(trio: Everywhere, gid: str) -> list[str]:
    return [one["name"] for one in trio.workspace.held["task"][gid].get("tags") or ()]


def _tag(gid: str, name: str) -> Spot:
    def take(trio: Everywhere) -> None:
        if name in tags(trio, gid):
            _ask(trio, f"tasks/{gid}", tags={"remove": [name]})

    return Spot(
        lambda trio: gid,
        lambda trio: name in tags(trio, gid) or None,
        lambda trio, _: _ask(trio, f"tasks/{gid}", tags={"add": [name]}),
        take,
        (True,),
    )


def _asana_field(gid: Callable[[Everywhere], str], name: str, words: tuple[Any, ...]) -> Spot:
    def sees(trio: Everywhere) -> Any:
        rows = trio.workspace.held["task"][gid(trio)]["custom_fields"]
        return next(one["display_value"] for one in rows if one["name"] == name) or None

    def put(trio: Everywhere, value: Any) -> None:
        _ask(trio, f"tasks/{gid(trio)}", custom_fields={name: value})

    return Spot(gid, sees, put, lambda trio: put(trio, None), words)


def stories(trio: Everywhere, instance: str = "acme") -> list[Any]:
    """The comments of an installation on that task."""
    ours = (one for one in trio.workspace.held["story"].values() if one["text"].endswith(f"okrsync · {instance}"))
    return [one for one in ours if one["target"]["gid"] == task(trio)]


def _story() -> Spot:
    def put(trio: Everywhere, words: Any) -> None:
        for story in stories(trio)[:1]:
            _ask(trio, f"stories/{story['gid']}", text=f"{words}\nokrsync · acme")

    def take(trio: Everywhere) -> None:
        for story in stories(trio):
            _ask(trio, f"stories/{story['gid']}", delete=True)

    return Spot(task, lambda trio: next((one["text"] for one in stories(trio)), None), put, take)


def updates(trio: Everywhere, instance: str = "acme") -> list[Any]:
    return [one for one in trio.updates(GOAL) if f"okrsync · {instance} ·" in one["text"]]


def _update() -> Spot:
    def put(trio: Everywhere, words: Any) -> None:
        _ask(trio, f"goals/{GOAL}", status_update={"text": words, "status_type": "on_track"})

    def take(trio: Everywhere) -> None:
        for update in updates(trio):
            _ask(trio, f"status_updates/{update['gid']}", delete=True)

    def sees(trio: Everywhere) -> Any:
        return next((one["text"] for one in reversed(trio.updates(GOAL))), None)

    return Spot(lambda trio: f"goal:{GOAL}", sees, put, take)


SPOTS: dict[Place, Spot] = {
    ("jira", "label"): _jira_label("PAY-2", ORPHAN),
    ("jira", "objective_label"): _jira_label("SHOP-3", SERVES),
    ("jira", "objective_field"): _jira_field("SHOP-3", OBJECTIVE, ("Sales",)),
    ("jira", "number"): _jira_field("SHOP-1", PROGRESS, (99.0, 98.0)),
    ("jira", "property"): _jira_property(),
    ("jira", "comment"): _jira_comment(),
    ("github", "label"): _hub_label(2, ORPHAN),
    ("github", "objective_label"): _hub_label(1, SERVES),
    ("github", "comment"): _hub_comment(),
    ("github", "block"): _hub_block(),
    ("github", "status"): Spot(
        lambda trio: f"{trio.repository.id}#4",
        lambda trio: next(((one.state, one.description) for one in reversed(statuses(trio))), None),
        say,
        None,
    ),
    ("asana", "label"): _tag(TASK, ORPHAN),
    ("asana", "objective_label"): _tag(LINKED, SERVES),
    ("asana", "objective_field"): _asana_field(lambda trio: LINKED, "Objective", ("Sales",)),
    ("asana", "number"): _asana_field(task, "OKR progress", (99, 98)),
    ("asana", "comment"): _story(),
    ("asana", "metric"): Spot(
        lambda trio: f"goal:{GOAL}",
        lambda trio: trio.current(GOAL),
        lambda trio, value: _ask(trio, f"goals/{GOAL}", metric={"current_number_value": value}),
        None,
        (0.99, 0.98),
    ),
    ("asana", "update"): _update(),
}
"""Every surface of every tool, once."""

LABELS = frozenset({Surface.LABEL, Surface.OBJECTIVE_LABEL})
VALUES = frozenset({Surface.NUMBER, Surface.OBJECTIVE_FIELD, Surface.METRIC})


def choices(trio: Everywhere, *names: str) -> None:
    """What people may choose as the objective of a ticket of Jira."""
    screens.define(trio.company.site, {"id": OBJECTIVE, "options": ["O-SHOP · A shop", *names]})


def words(place: Place, turn: int) -> Any:
    """What people write there for the nth time."""
    return SPOTS[place].words[min(turn, len(SPOTS[place].words) - 1)]


def seen(trio: Everywhere) -> dict[Place, Any]:
    """What stands in every place, None for nothing."""
    return {place: deepcopy(spot.sees(trio)) for place, spot in SPOTS.items()}
