"""What is known of the tools and what stands there come together again, whatever happens between plan and apply."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from small_company import Company

from okrsync.errors import Refused, UsageError
from okrsync.model import Surface, WriteState
from okrsync.sandbox.jira import adf
from okrsync.store import Store, journal


@pytest.fixture
def store(small: Company) -> Store:
    """Synced in the middle of the quarter: labels, a property and a comment are due."""
    for number in range(6):
        small.create(summary=f"Step {number}", parent="SHOP-1", status="Terminé" if number < 2 else "À faire")
    small.wait(days=20)
    found = small.store()
    small.sync(found)
    return found


def stands(company: Company) -> dict[str, Any]:
    """What okrsync wrote, as the site has it: labels, comments and properties by issue."""
    return {
        issue.id: (
            sorted(label for label in issue.fields["labels"] if label.startswith("okr-")),
            [comment["body"] for comment in company.site.comments_of(issue)],
            dict(issue.properties),
        )
        for issue in company.site.issues.values()
    }


def converge(company: Company, store: Store, rounds: int = 2) -> None:
    """After so many rounds of plan and apply nothing is left to do, and what is known is what stands there (where that
    can be read)."""
    for _ in range(rounds):
        company.apply(store)
    assert company.plan(store).writes == ()
    with store.read() as tx:
        known = journal.standing(tx)
    sink = company.connect(company.config.sources[0])
    for slot, stands in sink.read(list(known)).items():
        issue = company.site.issues.get(slot.remote_id)
        if issue is not None and company.site.sees(company.site.account, issue):
            assert stands == known[slot].value, slot
    sink.close()
    for issue in company.site.issues.values():
        assert len(company.site.comments_of(issue)) <= 1


def states(outcomes: Any) -> set[WriteState]:
    return {one.state for one in outcomes}


def test_all_surfaces_are_due_and_one_round_is_enough(small: Company, store: Store) -> None:
    writes = small.plan(store).writes
    assert {write.slot.surface for write in writes} == {Surface.LABEL, Surface.PROPERTY, Surface.COMMENT}
    assert small.sandbox.unsafe_requests() == []
    converge(small, store, rounds=1)


# ── P4, for an apply ──


SOAK = [pytest.param(way, marks=pytest.mark.soak) for way in ("reset", "503", "403", "401")]


@pytest.mark.parametrize("way", ["truncated", "reset after", "404", *SOAK])
def test_any_request_of_an_apply_may_fail(small: Company, store: Store, way: str) -> None:
    small.replace('mode = "apply"', 'mode = "apply"\ndaily = 1000')
    kind, _, after = way.partition(" ")
    how: dict[str, Any] = {"kind": "answer", "status": int(kind)} if kind.isdecimal() else {"kind": kind}
    number = 0
    while True:
        small.wait(minutes=1)  # Jira takes twenty writes on an issue in two seconds
        small.sandbox.clear()
        last = max((run.id for run in _runs(store)), default=0)
        small.sandbox.fault(skip=number, path=".*/rest/.*", times=2, after=bool(after), **how)
        small.apply(store)
        if len(small.sandbox.requests) <= number:
            break
        small.sandbox.clear()
        if way == "403":
            small.wait(hours=25)  # what was refused rests for a day
        converge(small, store)
        for run in _runs(store):
            if run.id > last:
                small.undo(store, run.id)
        assert [found for found in stands(small).values() if found != ([], [], {})] == [], number
        number += 1
    assert number > 4


def _runs(store: Store) -> list[journal.RunSummary]:
    with store.read() as tx:
        return journal.runs(tx)


# ── people change what okrsync wrote, or is about to write ──


def test_a_label_that_a_person_removed_stays_away_and_is_forgotten_when_mended(small: Company, store: Store) -> None:
    small.apply(store)
    issue = small.site.find("PAY-2")
    small.edit(issue, labels={"remove": ["okr-orphan"]})
    small.sync(store)
    assert small.apply(store) == (None, [])
    assert issue.fields["labels"] == []
    small.edit(issue, labels=["okr:KR-UX"])
    small.sync(store)
    converge(small, store)
    assert issue.fields["labels"] == ["okr:KR-UX"]


def test_a_label_that_a_person_put_on_first_is_taken_over(small: Company, store: Store) -> None:
    run = small.plan(store).run
    issue = small.site.find("PAY-2")
    small.edit(issue, labels=["okr-orphan"])
    _, outcomes = small.apply(store, run=run)
    assert [one.state for one in outcomes if one.write.key == "PAY-2"] == [WriteState.SKIPPED]
    converge(small, store)


def test_a_comment_that_a_person_edited_is_restored_once(small: Company, store: Store) -> None:
    small.apply(store)
    (comment,) = small.site.comments_of(small.site.find("SHOP-1"))
    for words, restored in ("I know better", True), ("I still do", False):
        comment["body"] = adf.document(words)
        small.wait(days=2)
        planned = small.plan(store)
        about = [one for one in planned.writes if one.slot.surface is Surface.COMMENT]
        assert [one.why.code for one in about] == ["write.restored"] * restored
        assert [one.slot.surface for one in planned.left] == [] if restored else [Surface.COMMENT]
        small.apply(store)
        assert ("KR-UX" in str(comment["body"])) is restored
    small.replace('id = "KR-UX"\ntitle = "The new checkout is live"', 'id = "KR-UX"\ntitle = "It is live"')
    converge(small, store, rounds=1)
    assert comment["body"] == adf.document("I still do")


@pytest.mark.parametrize("deleted", ["leave", "restore"])
def test_a_comment_that_a_person_deleted_stays_away_or_comes_back_once(
    small: Company, store: Store, deleted: str
) -> None:
    small.replace('mode = "apply"', f'mode = "apply"\ndeleted = "{deleted}"')
    small.apply(store)
    comments = small.site.comments_of(small.site.find("SHOP-1"))
    for back in deleted == "restore", False:
        comments.clear()
        small.wait(days=2)
        small.apply(store)
        assert len(comments) == back
    converge(small, store, rounds=1)
    assert comments == []


def test_a_property_that_somebody_else_changed(small: Company, store: Store) -> None:
    small.apply(store)
    issue = small.site.find("SHOP-1")
    (name,) = issue.properties
    issue.properties[name] = {"mine": True}
    small.edit(small.site.find("SHOP-3"), status="Terminé")
    small.sync(store)
    converge(small, store)
    assert issue.properties[name]["instance"] == "acme"


# ── objects that go ──


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("how", ["deleted", "hidden", "moved out", "project hidden", "dropped"])
def test_an_object_that_goes(small: Company, store: Store, how: str, when: str) -> None:
    """Each way of leaving, before anything was written and after: two syncs and applies later nothing is left."""
    if when == "after":
        small.apply(store)
    for key in ("PAY-2", "SHOP-1"):
        issue = small.site.find(key)
        if how == "deleted":
            small.edit(issue, delete=True)
        elif how == "hidden":
            small.site.hide(key)
        elif how == "moved out":
            small.edit(issue, project="PLAT")
        elif how == "project hidden":
            small.site.hide(key.partition("-")[0])
            break
    if how == "dropped":
        small.replace('projects = ["SHOP", "PAY"]', 'projects = ["SHOP"]')
    if how in ("deleted", "hidden") and when == "before":
        small.census = timedelta(days=365)
        _, outcomes = small.apply(store)
        assert WriteState.FAILED in states(outcomes)
    small.sync(store)
    converge(small, store)
    if how in ("hidden", "project hidden"):
        for key in ("PAY-2", "SHOP-1"):
            small.site.show(key)
        small.site.show("PAY")
        small.census = timedelta()
        small.sync(store)
        converge(small, store)
        assert small.site.find("PAY-2").fields["labels"] == ["okr-orphan"]
        assert len(small.site.comments_of(small.site.find("SHOP-1"))) == 1
    if how == "dropped" and when == "after":
        assert small.site.find("PAY-2").fields["labels"] == []


def test_a_source_that_is_configured_no_more_is_left_alone(small: Company, store: Store) -> None:
    small.apply(store)
    before = stands(small)
    alone = small.text[small.text.index("[[sources]]") : small.text.index("[[cycles]]")]
    small.second_site()
    small.replace(alone, "")
    small.replace("jira:SHOP", "beta:SHOP")
    assert [source.id for source in small.config.sources] == ["beta"]
    small.sync(store)
    assert small.plan(store).writes == ()
    assert stands(small) == before


# ── saved plans ──


def test_a_plan_is_applied_once(small: Company, store: Store) -> None:
    run = small.plan(store).run
    _, first = small.apply(store, run=run)
    assert states(first) == {WriteState.APPLIED}
    small.sandbox.clear_requests()
    _, second = small.apply(store, run=run)
    assert second == []
    assert small.sandbox.requests == ()
    with pytest.raises(UsageError):
        small.apply(store, run=999)


def test_an_old_plan_marks_nothing_that_was_mended_since(small: Company, store: Store) -> None:
    old = small.plan(store).run
    small.edit(small.site.find("PAY-2"), labels=["okr:KR-UX"])
    small.sync(store)
    _, outcomes = small.apply(store, run=old)
    assert [one.state for one in outcomes if one.write.key == "PAY-2"] == [WriteState.SKIPPED]
    assert small.site.find("PAY-2").fields["labels"] == ["okr:KR-UX"]
    converge(small, store)


def test_an_old_plan_puts_nothing_over_what_a_newer_one_wrote(small: Company, store: Store) -> None:
    old = small.plan(store).run
    small.wait(days=9)
    small.edit(small.site.find("SHOP-3"), status="Terminé")
    small.sync(store)
    small.apply(store)
    newer = stands(small)
    _, outcomes = small.apply(store, run=old)
    assert states(outcomes) == {WriteState.SKIPPED}
    assert stands(small) == newer
    converge(small, store, rounds=0)


# ── undo ──


def test_undo_restores_and_twice_is_once(small: Company, store: Store) -> None:
    before = stands(small)
    run, _ = small.apply(store)
    written = stands(small)
    back, outcomes = small.undo(store, run)
    assert states(outcomes) == {WriteState.APPLIED}
    assert stands(small) == before
    assert small.undo(store, run) == (None, [])
    forth, _ = small.undo(store, back)
    assert forth is not None
    assert {place: found[::2] for place, found in stands(small).items()} == {
        place: found[::2] for place, found in written.items()
    }
    assert small.undo(store, back) == (None, [])
    converge(small, store, rounds=0)
    small.undo(store, forth)
    assert stands(small) == before
    assert {run.waiting for run in _runs(store)} == {0}


def test_undo_leaves_what_a_person_changed(small: Company, store: Store) -> None:
    run, _ = small.apply(store)
    (comment,) = small.site.comments_of(small.site.find("SHOP-1"))
    comment["body"] = adf.document("Thanks, we know")
    small.edit(small.site.find("PAY-2"), labels=["mine"])
    small.undo(store, run)
    (comment,) = small.site.comments_of(small.site.find("SHOP-1"))
    assert comment["body"] == adf.document("Thanks, we know")
    assert small.site.find("PAY-2").fields["labels"] == ["mine"]


# ── policy ──


def test_the_mode_of_a_source_decides(small: Company, store: Store) -> None:
    small.replace('mode = "apply"', 'mode = "plan"')
    run, outcomes = small.apply(store)
    assert (run is not None, outcomes) == (True, [])
    assert small.sandbox.unsafe_requests() == []
    small.replace('mode = "plan"', 'mode = "plan"\njira = "apply"')
    _, outcomes = small.apply(store, run=run)
    assert states(outcomes) == {WriteState.APPLIED}
    small.replace('jira = "apply"', 'jira = "off"')
    small.edit(small.site.find("PAY-2"), labels={"add": ["okr:KR-UX"]})
    small.sync(store)
    assert small.plan(store).writes == ()
    assert "okr-orphan" in small.site.find("PAY-2").fields["labels"]


def test_the_cap_and_the_first_time_ask(small: Company, store: Store) -> None:
    with pytest.raises(Refused, match="first"):
        small.apply(store, confirmed=False)
    small.apply(store)
    small.replace('mode = "apply"', 'mode = "apply"\ncap = 2')
    for _ in range(3):
        small.create("PAY", summary="New and loose")
    small.sync(store)
    assert small.plan(store).writes == (), "the quiet period"
    small.wait(hours=25)
    small.sync(store)
    with pytest.raises(Refused, match="cap"):
        small.apply(store, confirmed=False)
    assert [issue.key for issue in small.site.issues.values() if "okr-orphan" in issue.fields["labels"]] == ["PAY-2"]
    converge(small, store, rounds=1)


# ── P33 ──


def test_two_installations_on_one_project_do_not_fight(small: Company, store: Store) -> None:
    """They see different goals: what is an orphan for one serves an objective of the other."""
    acme = small.config
    small.text = small.text.replace('instance = "acme"', 'instance = "other"').replace("okr:KR", "KR")
    small.replace('id = "KR-UX"', 'id = "KR-MOBILE"')
    other, theirs = small.config, small.store()
    quiet = 0
    for number in range(20):
        small.wait(minutes=10)
        settings, mine = ((acme, store), (other, theirs))[number % 2]
        small.sync(mine, config=settings)
        small.sandbox.clear_requests()
        small.apply(mine, config=settings)
        quiet = 0 if small.sandbox.unsafe_requests() else quiet + 1
    assert quiet >= 16
    assert len(small.site.comments_of(small.site.find("SHOP-1"))) == 2
    assert set(small.site.find("SHOP-1").properties) == {"okrsync-acme", "okrsync-other"}
