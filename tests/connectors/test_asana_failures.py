"""What others met with Asana, each by its number in the sheet of facts, and what okrsync makes of it."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import asana
import pytest
from asana_site import FIRST, NOON, PAY, SHOP, UPDATE, WORKSPACE, Site, drained, push, write

from connectors import asana_api
from okrsync.errors import Rejected, Unavailable
from okrsync.model import Surface


@pytest.fixture(autouse=True)
def _free_plan(asana_at: Site) -> None:
    asana_at.workspace.lacks = {"search"}


def queries(site: Site, end: str) -> list[dict[str, list[str]]]:
    """What was asked of the paths that end so."""
    return [parse_qs(one.query) for one in site.sandbox.requests if one.path.endswith(end)]


def test_asana_failure_01_events_that_are_told_again_and_again(asana_at: Site) -> None:
    """250 events are three pages, each asked for once, with the token that the one before gave."""
    tasks = [asana_at.task(f"Task {n}") for n in range(5)]
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    for number in range(50):
        for gid in tasks:
            asana_at.edit(
                f"tasks/{gid}", tags={"add" if number % 2 else "remove": ["okr:KR-1"]} if number else ["okr:KR-1"]
            )
    asana_at.sandbox.clear_requests()
    items, _, after = drained(source, since)
    assert sorted(items) == tasks
    tokens = [one["sync"][0] for one in queries(asana_at, "/events") if one["resource"] == [SHOP]]
    assert len(tokens) == len(set(tokens)) > 2
    asana_at.asked()
    drained(source, after)
    assert asana_at.asked() == ["/events", "/events"]


def test_asana_failure_02_a_sync_token_that_is_too_old(asana_at: Site) -> None:
    """The project is read whole, and whoever looks whether Asana can be reached uses up no token."""
    gid = asana_at.task("One")
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.edit(f"tasks/{gid}", tags=["okr:KR-1"])
    asana_at.advance(hours=25)
    asana_at.asked()
    source.check()
    assert "/events" not in asana_at.asked()
    items, _, _ = drained(source, since)
    assert items[gid].labels == ("okr:KR-1",)


def test_asana_failure_03_an_offset_that_dies_while_children_are_fetched(asana_at: Site) -> None:
    """A listing is drained before anything below it is asked for; one that dies all the same starts once more."""
    parents = [asana_at.task(f"Task {n}") for n in range(150)]
    children = [asana_at.task("below", parent=gid) for gid in parents[:3]]
    source = asana_at.connect(projects=(SHOP,))
    asana_at.sandbox.fault("expired_token", path=".*/tasks", skip=1)
    items, _, _ = drained(source, {SHOP: None})
    assert sorted(items) == sorted([*parents, *children])
    asked = asana_at.asked()
    assert asked[:5] == ["/events", "/tasks", "/tasks", "/tasks", "/tasks"]
    assert all(path.endswith("/subtasks") for path in asked[5:])


def test_asana_failure_04_no_subtasks_at_all(asana_at: Site) -> None:
    chain = [asana_at.task("root")]
    for depth in range(5):
        chain.append(asana_at.task(f"depth {depth}", parent=chain[-1]))
    assert sorted(drained(asana_at.connect(), FIRST)[0]) == sorted(chain)


def test_asana_failure_05_a_parent_that_its_subtasks_do_not_touch(asana_at: Site) -> None:
    """Events tell of them; where they may not be read, everything anew does, within a day."""
    child = asana_at.task("below", parent=asana_at.task("root"))
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.advance(hours=1)
    asana_at.edit(f"tasks/{child}", completed=True)
    items, _, since = drained(source, since)
    assert items[child].completed_at is not None
    asana_at.sandbox.fault("answer", status=403, path=".*/events", times=None)
    asana_at.edit(f"tasks/{child}", completed=False)
    asana_at.later = timedelta(days=1)
    assert drained(source, since)[0][child].completed_at is None


def test_asana_failure_06_deleted_tasks_that_stay_open_for_ever(asana_at: Site) -> None:
    """The next pull doubts them, a direct read confirms it, and the census would find it too."""
    gid, other = asana_at.task("One"), asana_at.task("Other")
    source = asana_at.connect()
    (shop, _) = source.scopes()
    _, _, since = drained(source, FIRST)
    asana_at.edit(f"tasks/{gid}", delete=True)
    items, doubts, _ = drained(source, since)
    assert (items, doubts) == ({}, [gid])
    assert list(source.fetch(doubts)) == []
    assert list(asana_at.connect().census(shop)) == [other]


def test_asana_failure_07_a_part_of_a_listing_taken_for_all(asana_at: Site) -> None:
    """What breaks off is an error, whoever asks: nothing is counted by it, and no cursor moves."""
    for number in range(150):
        asana_at.task(f"Task {number}")
    source = asana_at.connect()
    (shop, _) = source.scopes()
    asana_at.sandbox.fault("answer", status=503, path=".*/tasks", skip=1, times=None)
    pages = []
    with pytest.raises(Unavailable):
        pages.extend(source.pull({SHOP: None}))
    assert [(dict(page.cursors), page.counted) for page in pages] == [({}, frozenset())]
    with pytest.raises(Unavailable):
        list(source.census(shop))


def test_asana_failure_08_a_tag_that_moves_no_time(asana_at: Site) -> None:
    """It is told once, and is not told again because some time did not move."""
    gid = asana_at.task("One")
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.advance(hours=1)
    asana_at.edit(f"tasks/{gid}", tags=["okr:KR-1"])
    items, _, since = drained(source, since)
    assert items[gid].labels == ("okr:KR-1",)
    items, _, later = drained(source, since)
    assert (items, later) == ({}, since)


def test_asana_failure_09_subtasks_that_no_listing_has(asana_at: Site) -> None:
    """They are in the census all the same."""
    root = asana_at.task("root")
    child = asana_at.task("below", parent=root)
    source = asana_at.connect()
    (shop, _) = source.scopes()
    assert sorted(source.census(shop)) == sorted([root, child])


def test_asana_failure_10_a_search_that_is_not_in_the_plan(asana_at: Site) -> None:
    """It is asked for once an hour, and nothing that it would tell is missing."""
    gid = asana_at.task("One")
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    for name in ("Two", "Three"):
        asana_at.edit(f"tasks/{gid}", name=name)
        items, _, since = drained(source, since)
        assert items[gid].title == name
    assert asana_at.asked().count(f"/workspaces/{WORKSPACE}/tasks/search") == 1
    asana_at.later = timedelta(hours=1)
    drained(source, since)
    assert asana_at.asked().count(f"/workspaces/{WORKSPACE}/tasks/search") == 1


def test_asana_failure_11_a_listing_without_a_limit(asana_at: Site) -> None:
    """Every listing says how many it wants, so that none is too large."""
    asana_at.edit("goals", name="Keep them", support=[asana_at.task("One")])
    source = asana_at.connect(
        projects="*", portfolios=(asana_at.edit("portfolios", name="All", add=[SHOP])["gid"],), goals=True
    )
    scopes = source.scopes()
    source.metadata()
    drained(source, FIRST)
    list(asana_at.connect().census(scopes[0]))
    for end in ("/tasks", "/projects", "/items", "/tags", "/goals", "/goal_relationships"):
        asked = queries(asana_at, end)
        assert asked
        assert all(one["limit"] == ["100"] for one in asked)


def test_asana_failure_12_a_server_that_says_nothing(asana_at: Site) -> None:
    asana_at.sandbox.fault("hang", seconds=20, times=None)
    with pytest.raises(Unavailable, match=r"no complete answer within 0\.3 s"):
        asana_at.connect(timeout=0.3).scopes()


def test_asana_failure_13_a_portfolio_that_breaks_in_the_middle(asana_at: Site) -> None:
    """It stands for itself, and the others are read; one inside another, too."""
    many = [asana_at.edit("projects", name=f"Project {n}")["gid"] for n in range(101)]
    broken = asana_at.edit("portfolios", name="Broken", add=many)["gid"]
    within = asana_at.edit("portfolios", name="Whole", add=[PAY, broken])["gid"]
    source = asana_at.connect(projects=(SHOP,), portfolios=(broken, within))
    assert all(scope.readable for scope in source.scopes())
    asana_at.sandbox.fault("answer", status=500, path=f".*/portfolios/{broken}/items", skip=1, times=None)
    scopes = {scope.id: scope for scope in asana_at.connect(projects=(SHOP,), portfolios=(broken, within)).scopes()}
    assert {gid for gid, scope in scopes.items() if scope.readable} == {SHOP, PAY}
    top, inner = scopes[f"portfolio:{broken}/*"], scopes[f"portfolio:{broken}"]
    assert (top.configured, inner.configured) == (f"portfolio:{broken}/*", "")
    assert all("500" in scope.why for scope in (top, inner))


def test_asana_failure_14_a_machine_without_pools_of_threads(asana_at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(38, "Function not implemented")

    gid = asana_at.task("One")
    monkeypatch.setattr(asana.api_client, "ThreadPool", refuse)
    logging.disable(logging.WARNING)
    asana_api._made.cache_clear()
    try:
        source = asana_at.connect()
    finally:
        logging.disable(logging.NOTSET)
        asana_api._made.cache_clear()
    assert list(drained(source, FIRST)[0]) == [gid]


def test_asana_failure_15_a_project_that_is_too_large_for_one_listing(asana_at: Site) -> None:
    """Where Asana gives up, with 500 or with 400 at the last page, its sections are listed one by one."""
    done = asana_at.edit("sections", name="Done", project=SHOP)["gid"]
    seeded = [asana_at.task(f"Task {n}", **({"section": done} if n % 2 else {})) for n in range(8)]
    asana_at.workspace.longest_list = 7
    assert sorted(drained(asana_at.connect(), FIRST)[0]) == sorted(seeded)
    asana_at.workspace.longest_list = None
    asana_at.sandbox.fault("answer", status=500, path=".*/tasks", times=5)
    assert sorted(drained(asana_at.connect(projects=(SHOP,)), {SHOP: None})[0]) == sorted(seeded)


def test_asana_failure_16_settings_that_never_reach_the_wire(asana_at: Site) -> None:
    """The deadline, the pause after a 429, the rate, and the rate of searches, which has a limit of its own."""
    asana_at.workspace.lacks = set()
    asana_at.sandbox.fault("answer", status=429, headers={"Retry-After": "7"}, path=".*/projects/.*")
    source = asana_at.connect(requests_per_minute=60)
    source.scopes()
    assert [wait for wait in asana_at.waits if wait >= 7]
    _, _, since = drained(source, FIRST)
    asana_at.waits.clear()
    for _ in range(10):
        _, _, since = drained(source, since)
    assert sum(asana_at.waits) > 4 * 1.25, "after a burst of six searches one each 1.25 s"
    asana_at.sandbox.fault("hang", seconds=20, times=None)
    with pytest.raises(Unavailable, match=r"within 0\.2 s"):
        asana_at.connect(timeout=0.2).check()


def test_asana_failure_17_a_full_read_each_time_and_the_first_page_of_subtasks(asana_at: Site) -> None:
    """Only what changed is read, of subtasks every page at any depth, of memberships all."""
    root = asana_at.task("root")
    asana_at.edit(f"tasks/{root}", project=PAY)
    below = [asana_at.task(f"Part {n}", parent=root) for n in range(120)]
    source = asana_at.connect()
    items, _, since = drained(source, FIRST)
    assert sorted(items) == sorted([root, *below])
    assert {f"project:{SHOP}", f"project:{PAY}"} <= {one.target for one in items[root].references}
    asana_at.asked()
    asana_at.advance(hours=1)
    asana_at.edit(f"tasks/{root}", name="touched")
    items, _, _ = drained(source, since)
    assert list(items) == [root]
    assert len(asana_at.asked()) <= 5


def test_asana_failure_18_times_without_an_offset(asana_at: Site) -> None:
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.task("One", at=NOON.isoformat())
    for asana_at.later in (timedelta(hours=1), timedelta(hours=2)):
        drained(source, since)
        asana_at.workspace.lacks = set()
    asked = [one["modified_since"] for one in queries(asana_at, "/tasks") if "modified_since" in one]
    asked += [one["modified_at.after"] for one in queries(asana_at, "/tasks/search")]
    assert len(asked) > 1
    assert all(time.endswith("+00:00") for (time,) in asked)


def test_asana_failure_19_what_is_posted_twice_after_a_lost_answer(asana_at: Site) -> None:
    goal = asana_at.edit("goals", name="Keep them")["gid"]
    source = asana_at.connect()
    once = write(Surface.UPDATE, "acme", UPDATE, f"goal:{goal}")
    asana_at.sandbox.fault("reset", method="POST", after=True)
    with pytest.raises(Unavailable) as caught:
        push(source, once)
    assert caught.value.sent
    assert push(source, once).value == UPDATE
    assert len(asana_at.workspace.held["status_update"]) == 1


def test_asana_failure_20_a_listing_that_knows_no_modified_since(asana_at: Site) -> None:
    """``/projects/GID/tasks`` ignores it; ``/tasks?project=GID`` is what is asked."""
    asana_at.task("One")
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.later = timedelta(hours=1)
    drained(source, since)
    asked = asana_at.asked()
    assert "/tasks" in asked
    assert not any(path.startswith("/projects/") and path.endswith("/tasks") for path in asked)


def test_asana_failure_21_ids_are_texts(asana_at: Site) -> None:
    """Longer than any number of a machine, and with zeros in front."""
    long, padded = "9" * 30, "0017"
    for gid in (long, padded):
        asana_at.workspace.next_gid = lambda gid=gid: gid  # type: ignore[method-assign, misc]
        assert asana_at.task(gid) == gid
        del asana_at.workspace.next_gid
    source = asana_at.connect()
    items, _, _ = drained(source, FIRST)
    assert sorted(items) == sorted([long, padded])
    assert [item.key for item in source.fetch([padded, long])] == [padded, long]
    with pytest.raises(Rejected):
        push(source, write(Surface.LABEL, "okr-orphan", True, "17"))
