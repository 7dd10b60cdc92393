"""``plan`` only reads and says what ``apply`` does, and ``undo`` restores what stood there (P41), on every surface."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from every_surface import Everywhere, every_surface
from hands import SPOTS, choices, issue, words
from installation import Installation
from told import empty
from worlds import dump, kept, rest, unmade

from okrsync.cli.session import Session
from okrsync.model import WriteState
from okrsync.sandbox import Sandbox
from okrsync.store import Store, journal

READING_POSTS = re.compile(r"/jira/.*/(search/jql|search|bulkfetch|comment/list)|/github(/api)?/graphql")
"""The POSTs that only read: a search, issues by their ids, comments by theirs, and a query of GraphQL."""


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.soak)], ids=["cloud", "datacenter"])
def trio(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Everywhere]:
    with every_surface(tmp_path) as found:
        found.company.site.datacenter = request.param
        choices(found, "Sales")
        yield found


@pytest.fixture
def store(trio: Everywhere) -> Store:
    return trio.synced()


@pytest.fixture
def typed(trio: Everywhere, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The commands that somebody types, on the clock of this world; synced."""
    company = trio.company
    monkeypatch.setenv("TOKEN", "good")
    monkeypatch.setattr(Session, "now", lambda _: company.now())
    company.replace("unused.db", "okrsync.db")
    company.config  # noqa: B018 - writes the file
    (company.folder / "okrsync.db").write_bytes(empty())
    found = Installation(company.folder, company.sandbox, capsys, monkeypatch)
    found.ok("sync")
    return found


WRITING = {"method": "PUT|POST|DELETE|PATCH", "path": f"(?!{READING_POSTS.pattern}).*"}


def only_reads(sandbox: Sandbox) -> int:
    """How many requests were sent, each of which only reads."""
    for asked in sandbox.requests:
        if asked.method == "POST":
            assert READING_POSTS.fullmatch(asked.path), asked.path
            assert b"mutation" not in asked.body
        else:
            assert asked.method == "GET", asked
    return len(sandbox.requests)


def objects(trio: Everywhere) -> dict[tuple[str, str], Any]:
    """What stands on each object, by tool and by the key that people call it by."""
    shown: dict[str, dict[str, Any]] = trio.shown()
    heads = {one.pull.head_sha: f"acme/shop#{number}" for number, one in trio.repository.issues.items() if one.pull}
    found: dict[tuple[str, str], Any] = {("jira", key): one for key, one in shown["jira"].items()}
    found |= {("github", f"acme/shop#{number}"): [one] for number, one in shown["github"].items()}
    for sha, said in shown["statuses"].items():
        found["github", heads[sha]].append(said)
    found |= {("github", f"milestone:acme/shop#{number}"): one for number, one in shown["milestones"].items()}
    stories, updates = shown["stories"], shown["updates"]
    found |= {
        ("asana", gid): (one, [each for each in stories if each[0] == gid]) for gid, one in shown["asana"].items()
    }
    return found | {
        ("asana", f"goal:{gid}"): (one, [each for each in updates if each[0] == gid])
        for gid, one in shown["metrics"].items()
    }


def test_a_plan_only_reads_and_says_what_apply_writes(trio: Everywhere, typed: Installation) -> None:
    """By the command, twice: at first, and after people had their hands in everything."""
    world = typed.sandbox
    for turn in range(2):
        world.clear_requests()
        before, stood, beside = dump(trio), objects(trio), rest(trio)
        answer = typed.json("plan")
        assert only_reads(world) > 0
        assert dump(trio) == before, "a plan changed something"
        assert {one["surface"] for one in answer["writes"]} >= (
            {place[1] for place in SPOTS} if not turn else {"comment"}
        )
        done = typed.json("apply", str(answer["run"]), "--yes")
        assert [one["id"] for one in done["writes"]] == [one["id"] for one in answer["writes"]]
        assert {one["state"] for one in done["writes"]} == {"applied"}
        stands = objects(trio)
        changed = {key for key in stood.keys() | stands.keys() if stood.get(key) != stands.get(key)}
        assert changed == {(one["source"], one["target"]) for one in answer["writes"]}
        assert rest(trio) == beside
        held = in_the_tools(trio, typed)
        for one in answer["writes"]:
            slot = one["source"], one["target"], one["surface"], one["name"]
            assert held[slot] == one["after"], slot
        world.clear_requests()
        again = typed.json("plan")
        assert (again["run"], again["writes"]) == (None, [])
        only_reads(world)
        for place, spot in SPOTS.items():
            spot.put(trio, words(place, turn))
        for key in ("SHOP-7", "SHOP-8"):
            trio.company.edit(issue(trio, key), status="Terminé")
        trio.company.wait(hours=26)
        typed.ok("sync")


def in_the_tools(trio: Everywhere, typed: Installation) -> dict[tuple[str, str, str, str], Any]:
    """What the tools themselves say stands in every slot that was ever written."""
    session = Session(str(typed.config))
    with session.store.read() as tx:
        known = [entry.write for run in journal.runs(tx) for entry in journal.entries(tx, run.id)]
    session.store.close()
    found = {}
    for source in session.config.sources:
        sink = trio.company.connect(source)
        mine = {write.slot: write.key for write in known if write.slot.source == source.id}
        for slot, value in sink.read(list(mine)).items():
            found[source.id, mine[slot], slot.surface.value, slot.name] = value
        sink.close()
    return found


def test_a_plan_that_cannot_look_sends_no_write_either(trio: Everywhere, store: Store) -> None:
    trio.company.apply(store)
    for place, spot in SPOTS.items():
        spot.put(trio, words(place, 0))
    trio.company.wait(hours=26)
    trio.company.sync(store)
    world, before = trio.company.sandbox, dump(trio)
    world.clear()
    world.fault(kind="answer", status=503, path=".*", times=10_000)
    assert set(trio.company.plan(store).unread) == {"jira", "github", "asana"}
    assert only_reads(world) > 0
    world.clear()
    assert dump(trio) == before


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_undo_restores_the_world(trio: Everywhere, store: Store) -> None:
    """Of a first run to nothing, of a later one to what the first said."""
    worlds, runs = [], []
    for old, new in (("is live", "is there"), ("is there", "is used"), ("is used", "is loved")):
        trio.company.replace(old, new)
        trio.company.wait(days=8)
        trio.company.sync(store)
        worlds.append(unmade(kept(trio)))
        run, _ = trio.company.apply(store)
        assert run is not None
        runs.append(run)
    for run, before in zip(reversed(runs), reversed(worlds), strict=True):
        _, outcomes = trio.company.undo(store, run)
        assert {one.state for one in outcomes} == {WriteState.APPLIED}
        assert unmade(kept(trio)) == before


WAYS = ("reset", "reset after", "503", "403")
SOAK = [pytest.param(way, n, marks=pytest.mark.soak) for way in WAYS for n in range(0, 40, 3)]


@pytest.mark.parametrize(("way", "number"), [("reset after", 2), ("503", 9), *SOAK])
def test_an_undo_that_failed_in_part_is_typed_again(trio: Everywhere, store: Store, way: str, number: int) -> None:
    """Whichever write of it fails, with or without an answer: nothing is left, and nothing was done twice."""
    before = unmade(kept(trio))
    run, _ = trio.company.apply(store)
    kind, _, after = way.partition(" ")
    how: dict[str, Any] = {"kind": "answer", "status": int(kind)} if kind.isdecimal() else {"kind": kind}
    trio.company.sandbox.fault(skip=number, times=4, after=bool(after), **WRITING, **how)
    trio.company.undo(store, run)
    trio.company.sandbox.clear()
    trio.company.wait(minutes=5)
    trio.company.undo(store, run)
    assert unmade(kept(trio)) == before
    with store.read() as tx:
        assert {entry.state for entry in journal.entries(tx, run)} == {WriteState.UNDONE}
        assert journal.pending(tx) == []
    assert trio.company.undo(store, run) == (None, [])
