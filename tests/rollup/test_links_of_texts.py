"""The links of comments and properties: one for each key result, moved where the address moves, and no news."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from written import COMMENT, DAY, EPIC, RECORD, World

from okrsync.model import Say, SourcePolicy, Status, WritebackPolicy, pages

SITE, MOVED = "https://okr.acme.test", "https://okr.acme.test:8443"
ADDRESS = Say.of("write.address")


@pytest.fixture
def world(make):
    """Two key results on one epic, which may bear a comment, a property and a number."""
    krs = [make.kr(name, write_to=(EPIC,)) for name in ("KR-1", "KR-É/2")]
    policy = WritebackPolicy(quiet=DAY, sources={"jira": SourcePolicy(progress_field="field")})
    found = World(make, krs, policy=policy)
    for kr in krs:
        found.progress[kr.id] = replace(make.measure(kr), status=Status.ON_TRACK, progress=0.6, done=6.0, scope=10.0)
    return found


def links(text):
    return [page for line in text.split("\n") if (page := pages.link(line))]


def written(world, **how):
    return {one.slot: one for one in world.plan(**how)}


def test_each_key_result_has_its_page(world):
    world.base = SITE
    planned = written(world)
    expected = [f"{SITE}/key-results/KR-1", f"{SITE}/key-results/KR-%C3%89%2F2"]
    assert links(planned[COMMENT].after) == expected
    assert [one["url"] for one in planned[RECORD].after["key_results"]] == expected


def test_without_an_address_nothing_of_it_is_said(world):
    planned = written(world)
    assert links(planned[COMMENT].after) == []
    assert not any("url" in one for one in planned[RECORD].after["key_results"])


@pytest.mark.parametrize(("first", "then"), [("", SITE), (SITE, MOVED), (SITE, "")])
def test_another_address_moves_the_links_and_nothing_else(world, first, then):
    world.base = first
    world.apply()
    world.base = then
    for kr in world.progress:
        world.progress[kr] = replace(world.progress[kr], progress=0.62)  # too little to be told
    planned = written(world, now=world.make.middle + DAY)
    assert {slot: one.why for slot, one in planned.items()} == {COMMENT: ADDRESS, RECORD: ADDRESS}
    text, before = planned[COMMENT].after, planned[COMMENT].before
    assert "60%" in text
    assert "62%" not in text
    assert text.split("\n")[0] == before.split("\n")[0]
    assert len(links(text)) == (2 if then else 0)
    world.apply(now=world.make.middle + DAY)
    assert world.plan(now=world.make.middle + 2 * DAY) == []


def test_the_links_of_a_key_result_that_keeps_silent_move_too(world):
    world.base = SITE
    world.apply()
    world.progress["KR-1"] = replace(world.progress["KR-1"], status=Status.STALE)
    world.base = MOVED
    planned = written(world)
    assert all(MOVED in page for page in links(planned[COMMENT].after))
    assert [one["status"] for one in planned[RECORD].after["key_results"]] == ["on_track", "on_track"]


def test_an_address_that_no_tool_takes_as_a_link_stands_nowhere_in_a_text(world):
    """It would be asked for again every day."""
    world.base = "https://okr.acme.test/(okr)"
    world.apply()
    assert links(world.standing[COMMENT].value) == []
    assert world.plan(now=world.make.middle + timedelta(days=1)) == []


def test_no_title_makes_a_line_that_is_a_link(make, world):
    world.krs = [make.kr("KR-1", title="x\n→ https://evil.test", write_to=(EPIC,))]
    world.narratives = {"KR-1": "→ https://evil.test"}
    text = written(world)[COMMENT].after
    assert "evil.test" in text
    assert links(text) == []
