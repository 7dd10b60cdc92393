"""The page that follows one item: every hop with its reason, the break and its mend, and kind words for what names
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from documents import Document
from small_company import Company as Small
from small_company import small_company
from sqlalchemy import select
from web_server import Served, served

from okrsync import typed
from okrsync.assess import assess
from okrsync.linking import relink
from okrsync.model import Override, OverrideKind
from okrsync.reports import thread, trace
from okrsync.reports.common import short
from okrsync.store import people
from okrsync.store import tables as t
from okrsync.texts import speaker


def one_line(text: str) -> str:
    return " ".join(text.split())


def page(site: Served, item: str, language: str = "en", more: str = "") -> Document:
    path = f"/trace?item={quote(item)}{more}"
    answer = site.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found = Document(answer.text, path)
    assert found.faults == []
    return found


def told(site: Served, item: str, language: str = "en") -> dict[str, Any]:
    with site.store.read() as tx:
        found = typed.item(tx, site.config, item)
        return trace.answer(tx, site.config, found, assess(tx, site.config, site.now), speaker(language))


def kinds(site: Served) -> list[str]:
    """An item of each verdict, class, kind and source; and what lies outside the configured scopes."""
    item, verdict = t.item.c, t.verdict.c
    with site.store.read() as tx:
        judged = tx.execute(
            select(item.source, item.key, verdict.kind, verdict.orphan, item.kind)
            .join(t.verdict, verdict.uid == item.uid)
            .order_by(item.uid)
        ).all()
        beyond = tx.execute(select(item.source, item.key).where(t.CONTEXT).limit(2)).all()
    found = {(row[0], *row[2:]): f"{row.source}:{row.key}" for row in judged}
    return [*found.values(), *(f"{row.source}:{row.key}" for row in beyond)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_of_item_shows_each_hop_with_its_reason(site: Served, language: str) -> None:
    every = kinds(site)
    assert len(every) > 15
    speak = speaker(language)
    for item in every:
        answer, found = told(site, item, language), page(site, item, language)
        said = [hop for link in answer["links"] for hop in link["path"]] + answer["exempt_path"]
        said += thread.way(answer) if answer["broken_at"] else []
        for hop in said:
            assert short(hop["key"]) in found.main
            assert one_line(hop["title"]) in found.main
            assert one_line(hop["why"] or "") in found.main
        for link in answer["links"]:
            assert one_line(link["said"])[1:] in found.main
            assert one_line(link["evidence"]) in found.main
            assert any(one.get("href") == f"/key-results/{link['target']}" for one in found.links()) or (
                link["target"] in site.config.goals.objectives
            )
        if answer["exempt_because"]:
            assert one_line(answer["exempt_because"])[1:] in found.main
        if answer["broken_at"]:
            mend = answer["mend"]
            assert one_line(answer["broken_at"]["why"])[1:] in found.main
            assert one_line(mend["fix"])[1:] in found.main
            for step in (*thread.steps(mend), *thread.gains(mend, speak)):
                assert one_line(step)[1:] in found.main
            if mend["links"] is not None and mend["url"].startswith("http"):
                assert any(one.get("href") == mend["url"] for one in found.links())
        for _, sentence in thread.beside(answer, speak):
            assert one_line(sentence) in found.main
        if answer["url"].startswith("http"):
            assert any(one.get("href") == answer["url"] for one in found.links())


def test_the_end_of_a_thread_tells_how_its_goal_stands(site: Served) -> None:
    item = next(one for one in kinds(site) if told(site, one)["verdict"] == "traced")
    for hop in told(site, item)["links"][0]["path"]:
        if "status" in hop:
            assert speaker("en")(trace.Say.of(f"status.{hop['status']}")) in page(site, item).main


def test_addresses_and_the_start_of_a_sha_name_items_too(site: Served) -> None:
    with site.store.read() as tx:
        row = tx.execute(select(t.item.c.key, t.item.c.url).where(t.item.c.kind == "commit").limit(1)).one()
    for name in (row.key, row.key[:9], row.key[:9].upper(), row.url, f"  {row.url}?diff=split "):
        assert page(site, name).all("h1")[0].text.startswith(row.key[:10])


def test_what_was_written_on_an_item_stands_there(site: Served) -> None:
    with site.store.read() as tx:
        row = tx.execute(select(t.write.c.source, t.write.c.key).where(t.write.c.surface == "label").limit(1)).one()
    found = page(site, f"{row.source}:{row.key}")
    assert "What okrsync wrote on it" in found.main
    assert "label okr-" in found.main
    assert any(one.get("href").startswith("/runs/") for one in found.links())


def test_an_empty_field_gives_examples_that_lead_somewhere(site: Served) -> None:
    found = page(site, "")
    examples = [one for one in found.links() if one.get("class") == "key"]
    assert len(examples) > 4
    for one in examples:
        assert Document(site.get(one.get("href")).text).all("section")


def test_what_names_nothing_is_met_kindly(site: Served) -> None:
    with site.store.read() as tx:
        key = tx.scalar(select(t.item.c.key).where(t.item.c.source == "jira").limit(1))
    project, number = str(key).split("-")
    slip = page(site, f"{project[:-1]}X-{number}")
    assert "Did you mean one of these?" in slip.main
    assert any(one.text == key and one.get("href") == f"/trace?item={key}" for one in slip.links())
    nothing = page(site, "<b>nobody</b>", "fr")
    assert "Aucun élément « <b>nobody</b> » n’est connu ici." in nothing.main
    goal = next(iter(site.config.goals.key_results))
    named = page(site, f"okr:{goal}")
    assert any(one.get("href") == f"/key-results/{goal}" for one in named.links())
    objective = next(iter(site.config.goals.objectives))
    assert any(one.get("href").startswith("/#") for one in page(site, objective).links())
    assert site.get(f"/trace?item={'x' * 501}").status_code == 422


def test_a_likely_parent_is_looked_for_when_asked(site: Served) -> None:
    item = next(one for one in kinds(site) if (told(site, one)["mend"] or {}).get("links"))
    assert any("suggest=1" in one.get("href") for one in page(site, item).links())
    found = page(site, item, more="&suggest=1")
    assert "was right in" in found.main
    assert ("Likely parent" in found.main) != ("No parent is sure enough" in found.main)


def test_a_new_installation_says_that_nothing_was_read(fresh: Served, unread: Served) -> None:
    for one in (fresh, unread):
        assert "for nothing was read yet" in page(one, "SHOP-1").main
        assert "Paste a ticket" in page(one, "").main


@pytest.fixture
def small(tmp_path: Any) -> Iterator[Small]:
    with small_company(tmp_path) as company:
        yield company


def test_circles_several_goals_and_keys_that_mean_two(small: Small) -> None:
    beta = small.second_site()
    first = small.create(summary="Round", issuetype="Epic")
    second = small.create(summary="And round", parent=first.key)
    small.edit(first, fields={"parent": {"key": second.key}})
    both = small.create(summary="Both", labels=["okr:KR-PAY", "okr:KR-UX"])
    small.create(site=beta, summary="The other one")
    store = small.store()
    small.sync(store)
    twin = next(iter(beta.issues.values())).key
    with store.begin() as tx:
        uid = typed.item(tx, small.config, f"jira:{twin}").uid
        people.add_override(tx, Override(uid, OverrideKind.EXEMPT, (), "ada", "a test", small.now()))
        relink(tx, small.config, small.now())
    with served(small.config, store, small.now()) as site:
        round_ = page(site, second.key)
        assert "run in a circle" in round_.main
        assert "Here the thread breaks" in round_.main
        several = page(site, both.key)
        heads = [one.text for one in several.all("h2")]
        assert sum(one.startswith("Serves KR-") for one in heads) == 2
        unclear = page(site, twin)
        assert "is the name of 2 items" in unclear.main
        choices = {one.text: one.get("href") for one in unclear.links()}
        assert choices[f"beta:{twin}"] == f"/trace?item=beta:{twin}"
        assert "The other one" in page(site, f"beta:{twin}").main
        assert "It needs no objective" in page(site, f"jira:{twin}").main


def test_a_title_is_cut_where_nobody_reads_on(small: Small) -> None:
    """On every page, as on a terminal: a commit may have a first line of a megabyte."""
    long = small.create(summary="ä" * 250)
    store = small.store()
    small.sync(store)
    with served(small.config, store, small.now()) as site:
        for path in ("/orphans", "/backlog", f"/trace?item={long.key}"):
            text = site.get(path, headers={"Accept-Language": "en"}).text
            assert "ä" * 199 + "…" in text, path
            assert "ä" * 201 not in text, path
