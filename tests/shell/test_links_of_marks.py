"""With ``[server] url`` every mark that can bear a link leads to the page that explains it, in its tool's markup."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from every_surface import Everywhere, every_surface
from hands import ORPHAN, SERVES, SPOTS, choices, issue
from small_company import at_once
from trio import READ
from worlds import kept

from okrsync.model import Surface, Write
from okrsync.sandbox.github import shown
from okrsync.store import Store
from okrsync.writing import undoing

SITE, MOVED = "https://okrsync.acme.test", "https://okr.acme.test:8443"
LINKED = {
    ("jira", Surface.PROPERTY),
    ("jira", Surface.COMMENT),
    ("github", Surface.COMMENT),
    ("github", Surface.BLOCK),
    ("github", Surface.STATUS),
    ("asana", Surface.COMMENT),
    ("asana", Surface.UPDATE),
}
"""The surfaces that bear a link, besides the labels of GitHub and the tags of Asana, whose description does."""

HISTORY = {("asana", Surface.UPDATE)}
"""What is never edited: the next one bears the address of then."""


@pytest.fixture(params=[False, True], ids=["cloud", "datacenter"])
def trio(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Everywhere]:
    with every_surface(tmp_path) as found:
        found.company.site.datacenter = request.param
        choices(found, "Sales")
        found.company.replace('[[sources]]\nid = "jira"', f'[server]\nurl = "{SITE}"\n\n[[sources]]\nid = "jira"')
        yield found


@pytest.fixture
def store(trio: Everywhere) -> Store:
    return trio.synced()


def linked(writes: Any, site: str) -> set[tuple[str, Surface]]:
    """The tools and surfaces of the writes that hold an address of ours."""
    return {(one.slot.source, one.slot.surface) for one in writes if site.encode() in orjson.dumps(one.after)}


def page_of(write: Write, site: str = SITE) -> str:
    """Where the mark of a write has to lead."""
    if write.slot.surface is Surface.STATUS:
        return f"{site}/trace?item=github:{write.key.replace('#', '%23')}"
    goal = "KR-CHURN" if write.key == f"goal:{READ}" else "KR-UX"
    return f"{site}/key-results/{goal}"


def links_in_jira(trio: Everywhere) -> list[str]:
    """What people can follow in our comment on the epic."""
    (comment,) = trio.company.site.comments_of(issue(trio, "SHOP-1"))
    if trio.company.site.datacenter:
        return [line for line in comment["wiki"].split("\n") if "//" in line]

    def texts(node: Any) -> list[str]:
        marks = [mark["attrs"]["href"] for mark in node.get("marks") or () if mark["type"] == "link"]
        return marks + [one for child in node.get("content") or () for one in texts(child)]

    return texts(comment["body"])


def test_every_mark_leads_to_its_page(trio: Everywhere, store: Store) -> None:
    planned = trio.company.plan(store).writes
    assert linked(planned, SITE) == LINKED
    assert not [one for one in planned if (one.slot.source, one.slot.surface) in LINKED and not _leads(one)]
    trio.company.apply(store)
    trio.is_written_once(planned)
    page = f"{SITE}/key-results/KR-UX"
    assert links_in_jira(trio) == [f"→ [{page}]" if trio.company.site.datacenter else page]
    texts = [one for one in shown.texts(trio.repository) if "okrsync" in one["text"]]
    assert {one["where"]: set(one["links"]) for one in texts if one["links"]} == {
        "comment": {page},
        "milestone": {page},
    }
    assert not any(one["html"] or one["references"] or one["mentions"] for one in texts)
    stories = [one["text"] for one in trio.workspace.held["story"].values() if page in one.get("text", "")]
    assert stories, "the address stands in Asana as it is, which makes a link of it"
    assert {label.name: label.description for label in trio.repository.labels.values() if "okrsync" in str(label)} == {
        ORPHAN: f"This work reaches no objective (okrsync) → {SITE}/orphans",
        SERVES: f"Objective O-SHOP (okrsync) → {SITE}/#O-SHOP",
    }
    assert tags(trio) == {
        ORPHAN: f"This work reaches no objective (okrsync) → {SITE}/orphans",
        SERVES: f"Objective O-SHOP (okrsync) → {SITE}/#O-SHOP",
    }


def tags(trio: Everywhere) -> dict[str, str]:
    """What the tags that we made say of themselves."""
    return {one["name"]: one["notes"] for one in trio.workspace.held["tag"].values() if one.get("notes")}


def _leads(write: Write) -> bool:
    return page_of(write).encode() in orjson.dumps(write.after)


def test_what_we_wrote_is_no_news_and_goes_without_a_trace(trio: Everywhere, store: Store) -> None:
    before = kept(trio)
    trio.company.apply(store)
    trio.company.wait(minutes=10)
    assert {one.id: one.changed for one in trio.company.sync(store)} == {"jira": 0, "github": 0, "asana": 0}
    assert trio.company.plan(store).writes == ()
    company = trio.company
    undone = undoing.undo_all(
        store, company.config, connect=company.connect, clock=company.now, by="test", confirmed=True, wait=at_once
    )
    assert (undone.left, undone.unswept) == ((), {})
    after = kept(trio)
    assert {name for name in after if SITE.encode() in orjson.dumps(after[name])} <= {"github/acme/shop/statuses.jsonl"}
    assert after.keys() == before.keys()


def test_another_address_is_one_edit_a_mark(trio: Everywhere, store: Store) -> None:
    first = {one.slot: one for one in trio.company.plan(store).writes}
    trio.company.apply(store)
    counted = trio.visible()
    trio.company.replace(SITE, MOVED)
    trio.company.wait(minutes=10)
    writes = trio.company.plan(store).writes
    assert linked(writes, MOVED) == LINKED - HISTORY
    assert {one.slot for one in writes} == {slot for slot in first if (slot.source, slot.surface) in LINKED - HISTORY}
    for one in writes:
        assert orjson.dumps(one.after) == orjson.dumps(one.before).replace(SITE.encode(), MOVED.encode())
    trio.company.apply(store)
    assert trio.company.plan(store).writes == ()
    statuses = sum(one.slot.surface is Surface.STATUS for one in writes)
    assert sum(trio.visible().values()) == sum(counted.values()) + statuses, "a status is a new one, all else is edited"
    trio.company.replace(f'url = "{MOVED}"\n', "")
    trio.company.wait(days=1)
    assert not linked(trio.company.plan(store).writes, "//okr")


def test_without_an_address_no_mark_has_one(trio: Everywhere) -> None:
    trio.company.replace(f'url = "{SITE}"\n', "")
    store = trio.synced()
    planned = trio.company.plan(store).writes
    assert not linked(planned, "key-results/")
    assert not linked(planned, "/trace?item=")
    trio.company.apply(store)
    assert {label.description for label in trio.repository.labels.values() if "okrsync" in str(label)} == {
        "This work reaches no objective (okrsync)",
        "Objective O-SHOP (okrsync)",
    }
    assert set(tags(trio).values()) == {"This work reaches no objective (okrsync)", "Objective O-SHOP (okrsync)"}
    assert SPOTS["github", "status"].sees(trio)
