"""Each fault and oddity of Asana that the sheet of facts lists for a stand-in, over sockets where a socket shows it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from asana_site import FIRST, PAY, SHOP, UPDATE, WORKSPACE, Site, drained, push, stands, write
from structlog.testing import capture_logs

from connectors import asana_wire as wire
from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, Unavailable
from okrsync.model import ReferenceKind, State, Surface


@pytest.fixture(autouse=True)
def _free_plan(asana_at: Site) -> None:
    asana_at.workspace.lacks = {"search"}


def one(site: Site, **fields: Any) -> Any:
    """A task with these edits, as the connector reads it."""
    gid = site.task("One")
    site.edit(f"tasks/{gid}", **fields)
    (item,) = site.connect().fetch([gid])
    return item


# ── limits ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {}])
@pytest.mark.parametrize("times", [1, 3])
def test_asana_fault_429_on_get(headers: dict[str, str], times: int, asana_at: Site) -> None:
    """Waited out, as long as it says, or for a while where it does not say."""
    asana_at.sandbox.fault("answer", status=429, headers=headers, times=times, path=".*/projects/.*")
    assert all(scope.readable for scope in asana_at.connect().scopes())
    assert sum(asana_at.waits) >= times * (7 if headers else 10)


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {}])
def test_asana_fault_429_on_post(headers: dict[str, str], asana_at: Site) -> None:
    """It says that nothing was done: sent again, once it may be."""
    gid = asana_at.task("One")
    asana_at.sandbox.fault("answer", status=429, headers=headers, method="POST")
    sink = asana_at.connect()
    assert push(sink, write(Surface.LABEL, "okr-orphan", True, gid)).value is True
    assert sum(asana_at.waits) >= 7
    assert len(asana_at.workspace.held["tag"]) == 1


def test_asana_fault_429_for_all_calls_of_a_token(asana_at: Site) -> None:
    """A connector that was asked to wait holds back every other of the same token."""
    asana_at.sandbox.fault("answer", status=429, headers={"Retry-After": "3600"}, path=".*/projects/.*", times=None)
    first, other = asana_at.connect(), asana_at.connect()
    with pytest.raises(RateLimited):
        first.scopes()
    asana_at.sandbox.clear()
    with pytest.raises(RateLimited, match="not sent"):
        other.goals() or list(other.fetch(["1"]))
    assert asana_at.asked() == []


def test_asana_fault_quota_and_cost(asana_at: Site) -> None:
    """More requests, or more work, than is granted: refused, with the time to wait, and read all the same after it."""
    gid = asana_at.task("One")
    for limit in ({"requests": 2}, {"cost": 0.001}):
        for name, value in limit.items():
            setattr(asana_at.workspace.limits, name, value)
        source = asana_at.connect(projects=(SHOP,))
        with pytest.raises(RateLimited, match="made too many requests"):
            list(source.fetch([gid] * 3))
        source.close()
        asana_at.advance(minutes=2)
        setattr(asana_at.workspace.limits, name, None)
        assert [item.remote_id for item in asana_at.connect().fetch([gid])] == [gid]


# ── answers that are none ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [500, 503])
def test_asana_fault_server_error_with_a_phrase(status: int, asana_at: Site) -> None:
    """The phrase is what Asana's support asks for."""
    body = orjson.dumps({"errors": [{"message": "Server Error", "phrase": "6 sad squid snuggle softly"}]}).decode()
    asana_at.sandbox.fault("answer", status=status, body=body, times=None)
    with pytest.raises(Unavailable, match=str(status)) as caught:
        asana_at.connect().scopes()
    assert "Server Error" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "how", "meaning"),
    [
        ("answer", {"status": 200, "body": "<html>down", "headers": {"Content-Type": "text/html"}}, MalformedPage),
        ("truncated", {}, MalformedPage),
        ("hang", {"seconds": 20}, Unavailable),
        ("answer", {"status": 401}, AuthError),
    ],
)
def test_asana_fault_html_truncated_hang_and_401(kind: str, how: Any, meaning: Any, asana_at: Site) -> None:
    asana_at.task("One")
    source = asana_at.connect(timeout=0.3)
    asana_at.sandbox.fault(kind, path=".*/tasks", times=None, **how)
    with pytest.raises(meaning):
        drained(source, FIRST)


def test_asana_fault_expired_offset(asana_at: Site) -> None:
    seeded = [asana_at.task(f"Task {n}") for n in range(150)]
    asana_at.sandbox.fault("expired_token", path=".*/tasks", skip=1)
    assert sorted(drained(asana_at.connect(), FIRST)[0]) == sorted(seeded)


def test_asana_fault_last_page_of_a_huge_list(asana_at: Site) -> None:
    """Of one section, there is nothing smaller to ask for: this project is refused, and the other is read."""
    asana_at.task("One", project=SHOP), asana_at.task("Two", project=SHOP)
    other = asana_at.task("Three", project=PAY)
    asana_at.workspace.longest_list = 1
    pages = list(asana_at.connect().pull(FIRST))
    assert [item.remote_id for page in pages for item in page.items] == [other]
    assert ["too large" in why for page in pages for why in page.refused.values()] == [True]


def test_asana_fault_empty_page_with_a_next_page(asana_at: Site) -> None:
    seeded = [asana_at.task(f"Task {n}") for n in range(120)]
    asana_at.sandbox.fault("empty_page", path=".*/tasks", skip=1)
    assert sorted(drained(asana_at.connect(), FIRST)[0]) == sorted(seeded)


# ── what may not be seen ─────────────────────────────────────────────────────────────────────────────────────────────


def test_asana_fault_402_on_goals_and_on_search(asana_at: Site) -> None:
    """Tasks are read all the same, goals that were asked for are told to be missing, and a search is not missed."""
    asana_at.workspace.lacks = {"goals", "search"}
    gid = asana_at.task("One")
    source = asana_at.connect(goals=True)
    (hidden,) = [scope for scope in source.scopes() if not scope.readable]
    assert (hidden.id, "402" in hidden.why) == ("goals", True)
    assert source.goals() == []
    assert list(drained(source, FIRST)[0]) == [gid]
    account = source.check()
    assert [lack.surfaces for lack in account.lacks] == [frozenset()]
    assert "search" not in " ".join(account.rights)


@pytest.mark.parametrize("status", [402, 403, 404])
def test_asana_fault_one_project_that_is_refused(status: int, asana_at: Site) -> None:
    """Before it is read, or while it is: the others go on, and the next cycle looks anew who is there."""
    seeded = [asana_at.task("One", project=SHOP), asana_at.task("Two", project=PAY)]
    source = asana_at.connect()
    source.scopes()
    asana_at.sandbox.fault("answer", status=status, path=f".*/projects/{SHOP}", times=None)
    assert all(scope.readable for scope in source.scopes()), "asked once an hour"
    asana_at.workspace.hide(SHOP)
    pages = list(source.pull(FIRST))
    assert [list(page.refused) for page in pages if page.refused] == [[SHOP]]
    assert [item.remote_id for page in pages for item in page.items] == seeded[1:]
    assert [(scope.id, scope.readable) for scope in source.scopes()] == [(SHOP, False), (PAY, True)]


def test_asana_fault_402_on_portfolios(asana_at: Site) -> None:
    gid = asana_at.edit("portfolios", name="All", add=[PAY])["gid"]
    asana_at.workspace.lacks |= {"portfolios"}
    shop, hidden = asana_at.connect(projects=(SHOP,), portfolios=(gid,)).scopes()
    assert (shop.readable, hidden.readable, hidden.key) == (True, False, f"portfolio:{gid}")
    assert "402" in hidden.why


def test_asana_fault_portfolios_in_a_circle(asana_at: Site) -> None:
    """A portfolio inside itself, and a project that stands in several and in the configuration, once."""
    outer = asana_at.edit("portfolios", name="Outer", add=[SHOP, PAY])["gid"]
    inner = asana_at.edit("portfolios", name="Inner", add=[SHOP, outer])["gid"]
    asana_at.edit(f"portfolios/{outer}", add=[inner])
    scopes = asana_at.connect(projects=(SHOP,), portfolios=(outer,)).scopes()
    assert [(scope.id, scope.configured) for scope in scopes] == [(SHOP, SHOP), (PAY, f"portfolio:{outer}/*")]


def test_what_was_refused_is_asked_for_in_each_cycle(asana_at: Site) -> None:
    """And it alone: of what can be read nothing is asked again within the hour."""
    nested = asana_at.edit("portfolios", name="All", add=[PAY])["gid"]
    source = asana_at.connect(projects=(SHOP,), portfolios=(nested,))
    for gid in (SHOP, nested):
        asana_at.workspace.hide(gid)
        for _ in range(2):
            assert sum(not scope.readable for scope in source.scopes()) == 1
        asana_at.workspace.show(gid)
        asana_at.asked()
        assert [(scope.id, scope.readable) for scope in source.scopes()] == [(SHOP, True), (PAY, True)]
        assert asana_at.asked() == [f"/projects/{SHOP}" if gid == SHOP else f"/portfolios/{nested}/items"]
        source._hourly.forget()


def test_what_is_refused_for_a_while_is_not_taken_for_gone(asana_at: Site) -> None:
    """Nothing is read anew because a portfolio or the goals cannot be seen in one cycle."""
    nested = asana_at.edit("portfolios", name="All", add=[PAY])["gid"]
    asana_at.edit("goals", name="Goal", support=[SHOP])
    source = asana_at.connect(projects=(SHOP,), portfolios=(nested,), goals=True)
    source.scopes()
    before = source.metadata()
    assert before["goals"]
    asana_at.workspace.lacks |= {"goals", "portfolios"}
    asana_at.later += timedelta(hours=1)
    assert [scope.readable for scope in source.scopes()] == [True, False, False]
    assert source.metadata() == before
    asana_at.workspace.lacks -= {"goals", "portfolios"}
    asana_at.edit("goals", name="Other", support=[PAY])
    source.scopes()
    assert source.metadata()["goals"] != before["goals"], "what is refused is not remembered as none"


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("skip", [0, 1])
def test_asana_fault_412_first_and_mid_stream(skip: int, asana_at: Site) -> None:
    """Whatever page of events Asana has forgotten, everything is read anew and counted by that."""
    gid = asana_at.task("One")
    source = asana_at.connect(projects=(SHOP,))
    _, _, since = drained(source, {SHOP: None})
    for number in range(120):
        asana_at.edit(f"tasks/{gid}", tags=[f"t{number % 2}"])
    asana_at.sandbox.fault("expired_token", path=".*/events", skip=skip)
    pages = list(source.pull(since))
    assert pages[-1].counted == {SHOP}
    assert asana_at.asked().count("/events") == 1 + 1 + skip
    asana_at.sandbox.clear()
    assert list(source.pull(since | pages[-1].cursors)) == []


def test_a_census_counts_what_was_read_by_another_way_before(asana_at: Site) -> None:
    """Below a task of two projects, the second of which was read first; then the first has to be read whole, too."""
    both = asana_at.task("Both", project=SHOP)
    below = asana_at.task("Below", parent=both)
    asana_at.edit(f"tasks/{both}", project=PAY)
    source = asana_at.connect()
    shop, _ = source.scopes()
    _, _, since = drained(source, FIRST)
    asana_at.sandbox.fault("expired_token", path=".*/events", skip=1)
    pages = list(source.pull({PAY: None, SHOP: since[SHOP]}))
    assert [set(page.counted) for page in pages if page.counted] == [{PAY}, {SHOP}]
    assert set(source.census(shop)) == {both, below}


def test_asana_fault_duplicate_and_disordered_events(asana_at: Site) -> None:
    gid, gone = asana_at.task("One"), asana_at.task("Gone")
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.workspace.disorder = True
    asana_at.edit(f"tasks/{gid}", tags=["okr:KR-1"])
    asana_at.edit(f"tasks/{gone}", delete=True)
    items, doubts, _ = drained(source, since)
    assert (items[gid].labels, doubts) == (("okr:KR-1",), [gone])


def test_asana_fault_event_of_a_task_that_may_not_be_read(asana_at: Site) -> None:
    gid = asana_at.task("One")
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.edit(f"tasks/{gid}", tags=["okr:KR-1"])
    asana_at.workspace.hide(gid)
    items, doubts, _ = drained(source, since)
    assert (items, doubts) == ({}, [gid])


@pytest.mark.parametrize("status", [403, 404, 451])
def test_a_task_that_is_withheld_is_doubted_and_stops_nothing(status: int, asana_at: Site) -> None:
    gid, other = asana_at.task("Withheld"), asana_at.task("Shown")
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.edit(f"tasks/{gid}", tags=["a"])
    asana_at.edit(f"tasks/{other}", tags=["a"])
    asana_at.sandbox.fault("answer", status=status, path=f".*/tasks/{gid}", times=None)
    items, doubts, _ = drained(source, since)
    assert (list(items), doubts, list(source.fetch([gid]))) == ([other], [gid], [])


def test_asana_fault_task_restored_after_deletion(asana_at: Site) -> None:
    root = asana_at.task("root")
    child = asana_at.task("below", parent=root)
    source = asana_at.connect()
    _, _, since = drained(source, FIRST)
    asana_at.edit(f"tasks/{root}", delete=True)
    _, doubts, since = drained(source, since)
    assert sorted(doubts) == sorted([root, child])
    asana_at.edit(f"tasks/{root}", restore=True)
    items, doubts, _ = drained(source, since)
    assert (sorted(items), doubts) == (sorted([root, child]), [])


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_asana_fault_memberships_without_leaves(asana_at: Site) -> None:
    """Whoever names only ``memberships`` gets ``[{}]``: what is asked for goes down to the leaf."""
    assert {"memberships.project.gid", "memberships.section.gid"} <= set(wire.TASK.split(","))
    assert one(asana_at).scope == SHOP


def test_asana_fault_parent_or_none(asana_at: Site) -> None:
    root = asana_at.task("root")
    child = asana_at.task("below", parent=root)
    items = {item.remote_id: item for item in asana_at.connect().fetch([root, child])}
    assert [ref.target for ref in items[child].references if ref.kind is ReferenceKind.PARENT] == [root]
    assert not [ref for ref in items[root].references if ref.kind is ReferenceKind.PARENT]


def test_asana_fault_task_in_three_projects(asana_at: Site) -> None:
    """One item; its scope is the first project that is configured."""
    third = asana_at.edit("projects", name="Third")["gid"]
    gid = asana_at.task("One", project=third)
    for project in (PAY, SHOP):
        asana_at.edit(f"tasks/{gid}", project=project)
    items = [item for page in asana_at.connect().pull(FIRST) for item in page.items]
    assert [(item.remote_id, item.scope) for item in items] == [(gid, PAY)]
    members = {ref.target for ref in items[0].references if ref.target.startswith("project:")}
    assert members == {f"project:{gid}" for gid in (SHOP, PAY, third)}


@pytest.mark.parametrize(
    ("fields", "state", "status", "resolution", "kind"),
    [
        ({"approval_status": "rejected"}, State.DONE, "rejected", "rejected", "approval"),
        ({"approval_status": "changes_requested"}, State.IN_PROGRESS, "changes_requested", None, "approval"),
        ({"resource_subtype": "milestone", "completed": True}, State.DONE, "completed", None, "milestone"),
        ({"custom_type": "Bug", "status": "In review"}, State.TODO, "In review", None, "Bug"),
        ({"custom_type": "Bug", "status": "Duplicate", "completed": True}, State.DONE, "Duplicate", "Duplicate", "Bug"),
        ({"custom_type": "Bug"}, State.TODO, "incomplete", None, "Bug"),
    ],
)
def test_asana_fault_approvals_milestones_and_own_types(
    fields: Any, state: State, status: str, resolution: str | None, kind: str, asana_at: Site
) -> None:
    item = one(asana_at, **fields)
    assert (item.state, item.status, item.resolution, item.type) == (state, status, resolution, kind)


def test_asana_fault_separator_subtask(asana_at: Site) -> None:
    root = asana_at.task("root")
    heading = asana_at.task("Heading:", parent=root)
    asana_at.workspace.held["task"][heading]["is_rendered_as_separator"] = True
    assert list(drained(asana_at.connect(), FIRST)[0]) == [root]


def test_asana_fault_unknown_subtype_and_unknown_custom_field(asana_at: Site) -> None:
    gid = asana_at.task("One")
    asana_at.workspace.held["task"][gid] |= {
        "resource_subtype": "hologram",
        "custom_fields": [
            {"gid": "9", "resource_type": "custom_field", "name": "Aura", "resource_subtype": "aura", "aura_value": {}},
            {
                "gid": "8",
                "resource_type": "custom_field",
                "name": "OKR",
                "resource_subtype": "text",
                "text_value": "KR-1",
            },
        ],
    }
    (item,) = asana_at.connect().fetch([gid])
    assert (item.type, item.state) == ("hologram", State.TODO)
    assert [field.value for field in item.fields] == ["KR-1"]


def test_asana_fault_disabled_enum_option(asana_at: Site) -> None:
    """What a task still holds counts, although nobody can choose it any more."""
    gid = asana_at.task("One")
    chosen = {"gid": "80", "name": "KR-1", "enabled": False}
    asana_at.workspace.held["task"][gid]["custom_fields"] = [
        asana_at.workspace.custom.adopt({"name": "OKR", "enum_value": chosen, "enum_options": [chosen]})
    ]
    (item,) = asana_at.connect().fetch([gid])
    assert [field.value for field in item.fields] == ["KR-1"]


def test_asana_fault_no_break_spaces_in_names(asana_at: Site) -> None:
    """They are kept as they came; where our own text is compared, both kinds of space are one."""
    assert one(asana_at, name="5\u00a0000\u00a0€").title == "5\u00a0000\u00a0€"
    goal = asana_at.edit("goals", name="Keep them")["gid"]
    sink = asana_at.connect()
    said = {**UPDATE, "title": "KR\u00a0UX"}  # type: ignore[dict-item]
    push(sink, write(Surface.UPDATE, "acme", said, f"goal:{goal}"))
    plain = {**UPDATE, "title": "KR UX"}  # type: ignore[dict-item]
    push(sink, write(Surface.UPDATE, "acme", plain, f"goal:{goal}"))
    assert len(asana_at.workspace.held["status_update"]) == 1


def test_asana_fault_nobody_assigned_nobody_owns(asana_at: Site) -> None:
    asana_at.edit("goals", name="Ours")
    assert one(asana_at, assignee=None).assignee is None
    assert [goal.name for goal in asana_at.connect(goals=True).goals()] == ["Ours"]


# ── goals ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("metric", "value", "stands"),
    [
        (None, 1, "the goal has no metric"),
        ({"initial_number_value": 50, "target_number_value": 10, "current_number_value": 40}, 30, 30),
        ({"unit": "percentage", "precision": 0, "target_number_value": 1}, 0.2549, 0.25),
        ({"progress_source": "external", "can_manage": False, "target_number_value": 1}, 1, "another integration"),
        ({"progress_source": "subgoal_progress", "target_number_value": 1}, 1, "computes its progress itself"),
    ],
)
def test_asana_fault_metrics(metric: Any, value: float, stands: Any, asana_at: Site) -> None:
    """None; a target below the start; a percentage without decimals; one of another program; one that is computed."""
    goal = asana_at.edit("goals", name="Keep them", **({"metric": metric} if metric else {}))["gid"]
    source = asana_at.connect(goals=True)
    once = write(Surface.METRIC, "metric", value, f"goal:{goal}")
    if isinstance(stands, str):
        assert [goal.writable for goal in source.goals()] == [False]
        with pytest.raises(Rejected, match=stands):
            push(source, once)
        assert not asana_at.sandbox.unsafe_requests()
    else:
        assert push(source, once).value == stands
        assert push(source, once).value == stands
        assert [goal.current for goal in source.goals()] == [stands]
        assert len(asana_at.sandbox.unsafe_requests()) == 1


def test_asana_fault_subgoal_of_two_parents(asana_at: Site) -> None:
    """Each goal is one, and a task that supports the lower one supports it once."""
    gid = asana_at.task("One")
    lower = asana_at.edit("goals", name="Lower", support=[gid])["gid"]
    for name in ("One above", "Another above"):
        asana_at.edit("goals", name=name, support=[lower])
    source = asana_at.connect(goals=True)
    assert len(source.goals()) == 3
    items, _, _ = drained(source, FIRST)
    assert [ref.target for ref in items[gid].references if ref.target.startswith("goal:")] == [f"goal:{lower}"]


# ── texts, headers, addresses ────────────────────────────────────────────────────────────────────────────────────────


def test_asana_fault_private_link_in_html_text(asana_at: Site) -> None:
    """Rich text is neither read nor written: a link to what the account may not see gives nothing away."""
    fields = {name for asked in (wire.TASK, wire.UPDATE, wire.GOAL) for name in asked.split(",")}
    assert not {name for name in fields if "html" in name}
    goal = asana_at.edit("goals", name="Keep them")["gid"]
    link = {**UPDATE, "text": '<a data-asana-gid="1"/> & <b>\n\nokrsync · acme · KR-UX'}  # type: ignore[dict-item]
    sink = asana_at.connect()
    push(sink, write(Surface.UPDATE, "acme", link, f"goal:{goal}"))
    assert stands(sink, write(Surface.UPDATE, "acme", link, f"goal:{goal}").slot) == link


def test_asana_fault_asana_change_header_twice(asana_at: Site) -> None:
    """Each change that Asana announces is logged once a day."""
    asana_at.workspace.announced = ("string_ids", "new_goal_memberships")
    source = asana_at.connect()
    with capture_logs() as logs:
        source.scopes()
        list(source.fetch([asana_at.task("One")]))
    assert [line["change"] for line in logs] == ["string_ids", "new_goal_memberships"]
    assert {line["log_level"] for line in logs} == {"warning"}


@pytest.mark.parametrize(
    "address", ["https://app.asana.com/0/2001/77", f"https://app.asana.com/1/{WORKSPACE}/project/2001/task/77"]
)
def test_asana_fault_both_forms_of_an_address(address: str, asana_at: Site) -> None:
    gid = asana_at.task("One")
    asana_at.workspace.held["task"][gid]["permalink_url"] = address
    (item,) = asana_at.connect().fetch([gid])
    assert item.url == address
