"""The link job across tools: what pull requests and commits say in words, read again exactly when it has to be."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from looking import the_verdict
from small_company import Company
from sqlalchemy import event

from config import Config
from okrsync.linking import READING, RULESET, relink
from okrsync.model import (
    Change,
    ChangeKind,
    History,
    Item,
    ItemKind,
    OrphanClass,
    Page,
    Reference,
    ReferenceKind,
    Scope,
    SecretRef,
    SourceConfig,
    State,
    Verdict,
    VerdictKind,
)
from okrsync.store import Store, context, graph, pages, queries, rulings, sources

T0 = datetime.fromisoformat("2026-10-20T09:30:00+00:00")
DAY = timedelta(days=1)
WEB = "https://github.com/acme/shop"
SCOPES = {"jira": Scope("1", "SHOP", configured="SHOP"), "github": Scope("7", "acme/shop", configured="acme/shop")}


def ticket(number: int, parent: int | None = None, **more: Any) -> Item:
    up = (Reference(ReferenceKind.PARENT, f"SHOP-{parent}", str(parent)),) if parent else ()
    about: dict[str, Any] = {
        "key": f"SHOP-{number}",
        "url": f"https://acme.test/browse/SHOP-{number}",
        "references": up,
    }
    return item("jira", str(number), ItemKind.TICKET, **(about | more))


def pull(number: int, title: str = "Work", *, merged_as: int | None = None, **more: Any) -> Item:
    became = (Reference(ReferenceKind.MERGED_AS, sha(merged_as), f"7@{sha(merged_as)}"),) if merged_as else ()
    about: dict[str, Any] = {"key": f"acme/shop#{number}", "url": f"{WEB}/pull/{number}", "title": title}
    return item("github", f"7#{number}", ItemKind.PULL_REQUEST, **(about | {"references": became} | more))


def commit(number: int, title: str = "Work", **more: Any) -> Item:
    about: dict[str, Any] = {"key": sha(number), "url": f"{WEB}/commit/{sha(number)}", "title": title}
    return item("github", f"7@{sha(number)}", ItemKind.COMMIT, **(about | more))


def sha(number: int) -> str:
    return f"{number:07x}" + "0" * 33


def item(source: str, remote_id: str, kind: ItemKind, **more: Any) -> Item:
    about = {"title": "Work", "state": State.IN_PROGRESS, "status": "", "created_at": T0, "updated_at": T0}
    scope = SCOPES[source]
    place = {"scope": scope.id, "project": scope.key}
    return Item(source=source, remote_id=remote_id, kind=kind, **(about | place | more))


class Bench:
    """A store of two sources, and the link job over it."""

    def __init__(self, company: Company) -> None:
        token = SecretRef("env", "TOKEN")
        both = tuple(
            SourceConfig(name, name, "", None, token, None, entries=(scope.configured,))
            for name, scope in SCOPES.items()
        )
        self.config: Config = replace(company.config, sources=both)
        self.store: Store = company.store()
        self.now = company.now()
        with self.store.begin() as tx:
            sources.register(tx, both)
            for name, scope in SCOPES.items():
                sources.save_scopes(tx, name, [scope], T0)

    def save(self, *items: Item) -> None:
        with self.store.begin() as tx:
            for source in SCOPES:
                some = tuple(one for one in items if one.source == source)
                pages.save_page(tx, source, Page(some, {}), T0)

    def link(self, config: Config | None = None) -> int:
        with self.store.begin() as tx:
            return relink(tx, config or self.config, self.now)

    def rebuild(self) -> int:
        """How many verdicts a full reading and judging finds to be others."""
        with self.store.begin() as tx:
            graph.set_meta(tx, RULESET, None)
            graph.set_meta(tx, READING, None)
        return self.link()

    def verdict(self, key: str) -> Verdict:
        with self.store.read() as tx:
            (found,) = queries.find(tx, key)
            said = the_verdict(tx, self.config, found.uid, self.now)
        assert said is not None
        return said

    def targets(self, key: str) -> list[str]:
        return [link.target for link in self.verdict(key).links]

    def add_up(self) -> bool:
        with self.store.read() as tx:
            return sum(queries.totals(tx).values()) == sum(status.items for status in sources.statuses(tx))


@pytest.fixture
def bench(small: Company) -> Bench:
    return Bench(small)


def test_a_commit_climbs_through_its_pull_request_to_the_epic_and_follows_it(bench: Bench) -> None:
    bench.save(ticket(1, labels=("okr:KR-UX",)), ticket(3, parent=1))
    bench.save(pull(20, "shop-3: basket", merged_as=0xA1), commit(0xA1), commit(0xA2, f'Revert "x" {WEB}/pull/20'))
    bench.save(commit(0xA3, "Revert", body=f"This reverts commit {sha(0xA1)[:9]}."), commit(0xA4, "Nothing"))
    bench.link()
    reached = ["SHOP-3", "acme/shop#20", sha(0xA1), sha(0xA3)]
    assert [bench.targets(key) for key in reached] == [["KR-UX"]] * 4
    assert bench.verdict(sha(0xA4)).orphan is OrphanClass.DIRECT
    assert bench.add_up()
    bench.save(ticket(1, labels=("okr:KR-PAY",), updated_at=T0 + DAY))
    assert bench.link() >= 5
    assert [bench.targets(key) for key in reached] == [["KR-PAY"]] * 4
    assert bench.rebuild() == 0


def test_a_quiet_cycle_reads_no_text_and_writes_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.save(ticket(1, labels=("okr:KR-UX",)))
    monkeypatch.setattr("mapping.Reader", None)
    bench.link()  # there is nothing to read
    monkeypatch.undo()
    bench.save(commit(0xA1, "SHOP-1"))
    bench.link()
    written: list[str] = []

    def note(*about: Any) -> None:
        if about[2].split()[0] in ("INSERT", "UPDATE", "DELETE"):
            written.append(about[2])

    monkeypatch.setattr("mapping.Reader", None)
    event.listen(bench.store._engine, "after_cursor_execute", note)
    assert bench.link() == 0
    event.remove(bench.store._engine, "after_cursor_execute", note)
    assert written == []


def test_texts_are_read_again_when_there_is_more_to_be_named(bench: Bench) -> None:
    bench.save(ticket(1, labels=("okr:KR-UX",)), commit(0xA1, "OLD-7 and WEB-8"))
    bench.link()
    assert bench.verdict(sha(0xA1)).orphan is OrphanClass.DIRECT
    with bench.store.begin() as tx:
        moved = History("1", (Change(T0, ChangeKind.KEY, "OLD-7", "SHOP-1"),))
        pages.save_history(tx, "jira", ["1"], [moved])
    bench.link()
    assert bench.targets(sha(0xA1)) == ["KR-UX"]
    with bench.store.begin() as tx:
        sources.save_scopes(tx, "jira", [SCOPES["jira"], Scope("2", "WEB", configured="WEB")], T0)
    more = replace(bench.config.sources[0], entries=("SHOP", "WEB"))
    bench.config = replace(bench.config, sources=(more, bench.config.sources[1]))
    bench.link()
    assert [one.text for one in bench.verdict(sha(0xA1)).dangling] == ["WEB-8"]


def test_what_is_configured_no_more_stops_to_count_at_once(bench: Bench) -> None:
    bench.save(ticket(1, labels=("okr:KR-UX",)), pull(20, "SHOP-1"), commit(0xA1, "#20"))
    bench.link()
    less = replace(bench.config.sources[1], entries=("acme/else",))
    bench.link(replace(bench.config, sources=(bench.config.sources[0], less)))
    with bench.store.read() as tx:
        assert sum(queries.totals(tx).values()) == 1
    assert bench.add_up()


@pytest.mark.parametrize("seed", range(6))
def test_increments_equal_a_rebuild_whichever_way_they_are_worked_out(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Keys, aliases, merges, reverts, deletions; judged a few at a time, all at once, and in small pieces."""
    dice = random.Random(seed)
    labels = [(), (), ("okr:KR-UX",), ("KR-PAY",), ("ktlo",), ("okr:KR-UXX",)]
    words = [f"SHOP-{n}" for n in range(1, 14)] + [f"#{n}" for n in range(20, 27)] + ["KR: KR-UX", "old-3"]
    words += [f"Closes {word}" for word in words]
    words += [f"This reverts commit {sha(n)[:length]}." for n in range(0xA0, 0xA9) for length in (7, 12, 40)]
    clock = T0

    def anything() -> Item:
        nonlocal clock
        clock += DAY
        number = dice.randint(0, 7)
        body = "\n\n".join(dice.choices(words, k=dice.randint(0, 3)))
        match dice.choice(["ticket", "pull", "commit"]):
            case "ticket":
                parent = dice.choice([None, dice.randint(1, 12)])
                key = dice.choice([f"SHOP-{number + 1}"] * 5 + [f"OLD-{number + 1}"])
                return ticket(number + 1, parent, key=key, labels=dice.choice(labels), updated_at=clock)
            case "pull":
                became = dice.choice([None, None, 0xA0 + dice.randint(1, 8)])
                return pull(20 + number, dice.choice(words), body=body, merged_as=became, updated_at=clock)
        return commit(0xA0 + number, dice.choice(words), body=body, updated_at=clock)

    for step in range(12):
        bench.save(*(anything() for _ in range(dice.randint(1, 6))))
        if dice.random() < 0.3:
            gone = anything()
            with bench.store.begin() as tx:
                pages.tombstone(tx, gone.source, [gone.remote_id], T0)
        monkeypatch.setattr(graph, "LARGE", dice.choice([0, 1000]))
        monkeypatch.setattr(graph, "SHARE", 1_000_000)
        monkeypatch.setattr(rulings, "PIECE", dice.choice([3, 10_000]))
        bench.link()
        assert bench.add_up()
        assert bench.rebuild() == 0, step


def test_a_place_that_may_not_be_read_leaves_its_commits_unresolvable(bench: Bench) -> None:
    bench.save(
        pull(20, references=(Reference(ReferenceKind.CLOSES, "acme/else#5", "acme/else#5"),)), commit(0xA1, "#20")
    )
    with bench.store.begin() as tx:
        assert context.missing_parents(tx, "github") == ["acme/else#5"]
        pages.save_context(tx, "github", (), ["acme/else#5"], T0)
    bench.link()
    assert bench.verdict("acme/shop#20").kind is VerdictKind.UNRESOLVABLE
    assert bench.verdict(sha(0xA1)).kind is VerdictKind.UNRESOLVABLE
    assert bench.add_up()
