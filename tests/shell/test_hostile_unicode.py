"""P27: whatever people write is stored as it was written, and matched however it was typed; over the three tools and
both databases."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from postgresql_server import Server
from small_company import Company, small_company
from sqlalchemy import select
from told import empty

from okrsync.assess import assess
from okrsync.linking import relink
from okrsync.model import GapKind
from okrsync.reports.gaps import collect
from okrsync.sandbox.asana.workspace import Workspace
from okrsync.sandbox.github.repository import Repository
from okrsync.store import Store
from okrsync.store import tables as t
from okrsync.store.codec import load_labels

NFC, NFD = (unicodedata.normalize(form, "équipe") for form in ("NFC", "NFD"))
LABELS = (
    "okr:KR-UX",
    "OKR:kr-ux",
    NFC,
    NFD,
    "👩‍👩‍👧-🇫🇷",
    "\u05e9\u05dc\u05d5\u05dd\u200f",
    "zero\u200bwidth",
    "STRASSE",
    "straße",
)
TITLES = (
    "👩‍👩‍👧 family, 🇫🇷 flag, 𝒪𝓀𝓇",
    "cafe\u0301 de\u0301ja\u0300 vu",
    "café déjà vu",
    "\u05e9\u05dc\u05d5\u05dd (\u200fright to left\u200f) \u202eturned\u202c",
    "zero\u200bwidth\u2060joiner\u200dhere\ufeff",
    "İstanbul ß ﬁ Ω K",
    "a\u0300\u0301\u0302\u0303\u0304 zalgo \U0010fffd",
    "漢字 ﾊﾝｶｸ한글 हिन्दी ไทย",
    "ends with a nbsp\u00a0|",
)
SOURCES = """
[[sources]]
id = "github"
kind = "github"
url = "{url}/github"
auth = {{ token = {{ env = "TOKEN" }} }}
repositories = ["acme/shop"]

[[sources]]
id = "asana"
kind = "asana"
url = "{url}/asana/api/1.0"
auth = {{ token = {{ env = "TOKEN" }} }}
workspace = "5000"
projects = ["51"]

[[cycles]]"""


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        (tmp_path / "unicode.db").write_bytes(empty())
        url = f"sqlite:///{tmp_path}/unicode.db"
    else:
        server: Server = request.getfixturevalue("postgresql")
        url = server.migrated()
    with closing(Store.open(url)) as opened:
        yield opened


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    """Each label and each title on a ticket of each tool."""
    old = {"created_at": "2026-10-11T10:00:00Z", "updated_at": "2026-10-12T10:00:00Z"}
    numbered = list(enumerate(zip(TITLES, LABELS, strict=True), start=1))
    with small_company(tmp_path) as found:
        found.replace("[[cycles]]", SOURCES)
        found.replace('labels = ["ktlo"]', f'labels = ["{NFC.upper()}"]')
        for _, (title, label) in numbered:
            found.create(summary=title, labels=[label])
        found.sandbox.world.github.add(
            Repository(
                "acme/shop",
                issues=[
                    {"number": n, "title": title, "labels": [{"name": label}], **old} for n, (title, label) in numbered
                ],
            )
        )
        found.sandbox.world.asana.workspaces["5000"] = Workspace(
            "5000",
            projects=[{"gid": "51", "name": "Shop"}],
            tags=[{"gid": f"9{n}", "name": label} for n, (_, label) in numbered],
            tasks=[
                {
                    "gid": f"54{n}",
                    "name": title,
                    "tags": [{"gid": f"9{n}"}],
                    "created_at": "2026-10-11T10:00:00.000Z",
                    "memberships": [{"project": {"gid": "51"}}],
                }
                for n, (title, _) in numbered
            ],
        )
        yield found


SPELLED = {"OKR:kr-ux": "okr:KR-UX", "straße": "STRASSE"}
"""GitHub takes labels that differ by their case alone for one."""


def test_what_people_write_is_stored_unchanged_and_matched_however_it_is_typed(company: Company, store: Store) -> None:
    assert {one.id: one.error for one in company.sync(store)} == {"jira": "", "github": "", "asana": ""}
    settings, now = company.config, company.now()
    item, link, verdict = t.item.c, t.link.c, t.verdict.c
    with store.begin() as tx:
        relink(tx, settings, now)
        rows = tx.execute(select(item.uid, item.source, item.title, item.labels)).all()
        for source in ("jira", "github", "asana"):
            held = {title: (uid, load_labels(labels)) for uid, of, title, labels in rows if of == source}
            for title, label in zip(TITLES, LABELS, strict=True):
                assert title in held, (source, title)
                uid, labels = held[title]
                assert labels == (SPELLED.get(label, label) if source == "github" else label,)
                if label.casefold() == "okr:kr-ux":
                    served = select(link.target).where(link.uid == uid, link.valid_to.is_(None))
                    assert tx.scalars(served).all() == ["KR-UX"], (source, label)
                if label in (NFC, NFD):
                    assert tx.scalar(select(verdict.kind).where(verdict.uid == uid)) == "exempt", (source, label)
        found = collect(tx, settings, assess(tx, settings, now))
        gaps = [repr(gap.evidence) for gap in found if gap.kind is GapKind.LABEL_TWINS]
    for pair in (("okr:KR-UX", "OKR:kr-ux"), (NFC, NFD)):
        assert [gap for gap in gaps if all(one in gap for one in pair)], pair
    assert not [gap for gap in gaps if "STRASSE" in gap], "what names no goal may differ by its case"
    again = company.sync(store)
    assert {one.changed for one in again} == {0}, "nothing that was stored reads back as something else"
