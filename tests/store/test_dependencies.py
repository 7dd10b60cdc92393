"""Who is judged again when something changes, by every way in which an item can depend on another."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from looking import whole

from okrsync.model import Change, ChangeKind, History, Item, ItemKind, Reference, ReferenceKind
from okrsync.store import Store, graph, pages
from okrsync.store.items import uids_of

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
SHA = "0123456789abcdef0123456789abcdef0123{:04x}"


def closes(key: str, id_: str | None = None) -> Reference:
    return Reference(ReferenceKind.CLOSES, key, id_)


def names(key: str, source: str | None = None) -> Reference:
    return Reference(ReferenceKind.MENTIONS, key, target_source=source)


def reverts(target: str) -> Reference:
    return Reference(ReferenceKind.REVERTS, target)


@pytest.fixture
def pull(make):
    """Makes a pull request of number n: acme/shop#n, of the source ``other``."""

    def make_pull(n: int, *references: Reference, **values: Any) -> Item:
        merged = values.pop("merged_as", None)
        if merged is not None:
            sha = SHA.format(merged)
            references = (*references, Reference(ReferenceKind.MERGED_AS, sha, f"1@{sha}"))
        about = {"key": f"acme/shop#{n}", "remote_id": f"1#{n}", "kind": ItemKind.PULL_REQUEST, "source": "other"}
        return make(n, **{**about, "references": references, **values})

    return make_pull


@pytest.fixture
def commit(make):
    """Makes a commit whose sha ends with n, of the source ``other``."""

    def make_commit(n: int, **values: Any) -> Item:
        sha = SHA.format(n)
        about = {"key": sha, "remote_id": f"1@{sha}", "kind": ItemKind.COMMIT, "source": "other"}
        return make(n, **{**about, **values})

    return make_commit


@pytest.fixture
def said(store: Store):
    """Keeps what the texts of an item say."""

    def save(item: Item, *references: Reference) -> None:
        with store.begin() as tx:
            graph.save_read(tx, [(uid_of(tx, item), references)])

    return save


def uid_of(tx, item: Item) -> int:
    return uids_of(tx, item.source, [item.remote_id])[item.remote_id]


@pytest.fixture
def settled(store: Store):
    def clear() -> None:
        with store.begin() as tx:
            graph.clear_dirty(tx, graph.dirty_version(tx))

    return clear


def judged(store: Store, **more: Any) -> set[str]:
    """Keys of what would be judged now, the shas by their last digits."""
    with store.read() as tx:
        hood = whole(tx, **more)
        return {node.key[-4:] if len(node.key) == 40 else node.key for node in hood.nodes if node.uid in hood.affected}


def test_a_changed_ticket_is_felt_by_all_that_name_it_and_by_what_became_of_them(
    store, save, make, pull, commit, said, settled
):
    by_id = pull(20, closes("acme/shop#5", "1#5"), merged_as=1)
    by_text, of_pull, undone, late = commit(2), commit(3), commit(4), commit(5)
    save(make(1), make(2, parent=1), make(3))
    save(make(5, source="other", key="acme/shop#5", remote_id="1#5"))
    save(by_id, pull(21), commit(1), by_text, of_pull, undone, late)
    said(by_text, names("shop-2"))
    said(of_pull, names("acme/shop#20"))
    said(undone, reverts(by_text.key[:40]))
    said(late, reverts("acme/shop#20"))
    settled()
    save(make(1, title="new", updated_at=T0 + DAY))
    assert judged(store) == {"SHOP-1", "SHOP-2", "0002", "0004"}
    settled()
    save(make(5, source="other", key="acme/shop#5", remote_id="1#5", title="new", updated_at=T0 + DAY))
    assert judged(store) == {"acme/shop#5", "acme/shop#20", "0001", "0003", "0005"}
    with store.read() as tx:
        seen = {node.key for node in whole(tx).nodes}
    assert make(3).key not in seen


def test_a_child_that_was_moved_away_is_felt_and_seen_where_the_past_is_asked_for(store, save, make, uid):
    save(make(1), make(2), make(3, parent=2))
    moved = History("1003", (Change(T0 + DAY, ChangeKind.PARENT, "1001", "1002"),))
    with store.begin() as tx:
        pages.save_history(tx, "jira", ["1003"], [moved])
        needed = graph.Dependencies(tx)
        assert needed.below([uid(1)]) == {uid(1), uid(3)}
        assert needed.below([uid(1)], former=False) == {uid(1)}
        assert needed.above([uid(3)], former=True) == {uid(1), uid(2), uid(3)}
        assert needed.above([uid(3)]) == {uid(2), uid(3)}
        known = {above: [node.uid for node in graph.around(tx, [uid(3)], above=above).nodes]
                 for above in (None, needed.ever([uid(3)]).above)}  # fmt: skip
        assert list(known.values()) == [[uid(2), uid(3)], [uid(1), uid(2), uid(3)]]


def test_what_was_named_in_vain_is_felt_when_it_comes_under_whatever_name(store, save, make, commit, said, settled):
    first, second = commit(1), commit(2)
    save(first, second)
    said(first, names("SHOP-9"), names("OLD-7"))
    said(second, reverts("fedcba9"))
    settled()
    save(make(9))
    assert judged(store) == {"SHOP-9", "0001"}
    settled()
    save(make(7))
    settled()
    with store.begin() as tx:
        moved = History("1007", (Change(T0, ChangeKind.KEY, "OLD-7", "SHOP-7"),))
        pages.save_history(tx, "jira", ["1007"], [moved])
    assert judged(store) == {"SHOP-7", "0001"}
    settled()
    save(commit(3, key="fedcba9" + "0" * 33, remote_id="1@fedcba9"))
    assert judged(store) == {"0000", "0002"}


def test_what_is_hidden_is_felt_by_all_that_named_it_by_a_key_it_had(store, save, make, commit, said, settled):
    """Of what the tool shows no more, neither its key nor a former one is known."""
    first, second = commit(1), commit(2)
    save(first, second)
    said(first, names("SHOP-3"))
    said(second, names("OLD-3"))
    with store.begin() as tx:
        pages.save_context(tx, "jira", [make(3, key="OLD-3", scope="99")], [], T0)
        pages.save_context(tx, "jira", [make(3, scope="99", updated_at=T0 + DAY)], [], T0)
    settled()
    with store.begin() as tx:
        pages.save_context(tx, "jira", [], ["1003"], T0 + DAY)
    assert judged(store) == {"1003", "0001", "0002"}


def test_two_that_share_a_key_are_seen_together_though_one_of_them_is_meant(store, save, make, commit, said, settled):
    meant, other, naming = make(1), make(1, source="other"), commit(2)
    save(meant)
    save(other, naming)
    said(naming, names("SHOP-1", "jira"))
    settled()
    save(make(1, source="other", title="new", updated_at=T0 + DAY))
    assert judged(store) == {"SHOP-1", "0002"}
    with store.read() as tx:
        hood = whole(tx)
    assert {(node.source, node.key) for node in hood.nodes} >= {("jira", "SHOP-1"), ("other", "SHOP-1")}
    (commits,) = (node for node in hood.nodes if node.kind is ItemKind.COMMIT)
    assert commits.references == (names("SHOP-1", "jira"),)


def test_a_pull_request_that_names_its_commit_no_more_lets_it_go(store, save, pull, commit, settled):
    save(pull(20, merged_as=1), commit(1), commit(2))
    settled()
    save(pull(20, merged_as=2, updated_at=T0 + DAY))
    assert judged(store) == {"acme/shop#20", "0001", "0002"}


def test_what_a_text_says_stays_through_a_pull_and_what_a_tool_says_through_a_reading(store, save, pull, said, settled):
    own = closes("acme/shop#5", "1#5")
    save(pull(20, own))
    said(pull(20), names("SHOP-1"), Reference(ReferenceKind.TRAILER, "KR-1", evidence="OKR: KR-1"))
    settled()
    said(pull(20), names("SHOP-1"), Reference(ReferenceKind.TRAILER, "KR-1", evidence="OKR: KR-1"))
    assert judged(store) == set(), "nothing new"
    save(pull(20, own, title="new", updated_at=T0 + DAY))
    said(pull(20), names("SHOP-2"))
    with store.read() as tx:
        (node,) = whole(tx).nodes
    assert node.references == (own, names("SHOP-2"))
    said(pull(20))
    save(pull(20, updated_at=T0 + 2 * DAY))
    with store.read() as tx:
        assert whole(tx).nodes[0].references == ()


@pytest.mark.parametrize("seed", range(8))
def test_increments_feel_what_a_full_look_would(store, save, make, pull, commit, said, settled, seed):
    """Against a model that knows every edge: whoever stands below a change is judged, and is seen with all above."""
    dice = random.Random(seed)
    tickets = {n: make(n, parent=dice.choice([None, *range(1, n)]) if n > 1 else None) for n in range(1, 9)}
    foreign = {n: make(n, source="other") for n in (1, 2)}  # keys that two sources share
    commits = {n: commit(n) for n in range(12)}
    pulls = {
        n: pull(
            n,
            *([closes(f"SHOP-{dice.randint(1, 2)}", str(1000 + dice.randint(1, 2)))] if dice.random() < 0.5 else ()),
            merged_as=dice.choice([None, *commits]),
        )
        for n in range(20, 26)
    }
    texts: dict[str, tuple[Reference, ...]] = {}

    def choose(item: Item) -> None:
        targets = [f"shop-{dice.randint(1, 12)}", f"Acme/shop#{dice.randint(20, 27)}"]
        shas = [SHA.format(dice.randint(0, 14))[: dice.choice([7, 38, 39, 40])] for _ in range(2)]
        texts[item.key] = tuple(
            dice.choice([names(dice.choice(targets)), closes(dice.choice(targets)), reverts(dice.choice(shas))])
            for _ in range(dice.randint(0, 2))
        )
        said(item, *texts[item.key])

    save(*tickets.values())
    save(*foreign.values(), *commits.values(), *pulls.values())
    for item in (*commits.values(), *pulls.values()):
        choose(item)
    settled()
    every = [*tickets.values(), *foreign.values(), *commits.values(), *pulls.values()]
    changed = dice.sample(every, 2)
    for item in changed:
        save(replace(item, title="new", updated_at=item.updated_at + DAY))
    rewritten = dice.choice([*commits.values(), *pulls.values()])
    before = texts[rewritten.key]
    choose(rewritten)
    up = {id(item): above(item, every, texts) for item in every}
    starts = {id(item) for item in changed} | ({id(rewritten)} if before != texts[rewritten.key] else set())
    below = {id(item) for item in every if starts & climb([id(item)], up)}
    with store.read() as tx:
        hood = whole(tx)
        full = whole(tx, everything=True)
        uids = {id(item): uid_of(tx, item) for item in every}
        ever = graph.Dependencies(tx).ever(hood.affected)
    stands = {uids[one]: {uids[other] for other in others} for one, others in up.items()}
    for uid in ever.uids:
        assert ever.above([uid]) == climb([uid], stands)
    assert hood.affected == {uids[one] for one in below}
    seen = {node.uid for node in hood.nodes}
    for item in every:
        if uids[id(item)] in hood.affected:
            assert {uids[one] for one in climb([id(item)], up)} <= seen
    assert {node.uid: node for node in hood.nodes}.items() <= {node.uid: node for node in full.nodes}.items()


@pytest.mark.parametrize("seed", range(6))
def test_what_ever_stood_above_and_below_is_known_by_one_climb(store, save, make, said, uid, seed):
    """Against a plain climb: by id, by keys of now and before, to parents that were left; in circles, and past the
    deleted."""
    dice = random.Random(seed)
    numbers = range(1, 31)

    def some() -> int | None:
        return dice.choice([None, None, *numbers[:12]])

    parent, named, left = ({n: some() for n in numbers} for _ in range(3))
    save(*(make(n, parent=parent[n]) for n in numbers))
    for n, key in named.items():
        if key is not None:
            said(make(n), names(f"shop-{key}" if key % 2 else f"old-{key}"))
    renamed = {n: (Change(T0, ChangeKind.KEY, f"OLD-{n}", f"SHOP-{n}"),) for n in numbers}
    moved = {n: (Change(T0, ChangeKind.PARENT, str(1000 + up), None),) for n, up in left.items() if up is not None}
    histories = [History(str(1000 + n), (*renamed[n], *moved.get(n, ()))) for n in numbers]
    with store.begin() as tx:
        pages.save_history(tx, "jira", [one.remote_id for one in histories], histories)
        pages.tombstone(tx, "jira", ["1003"], T0)
    stands = {uid(n): {uid(up) for up in (parent[n], named[n], left[n]) if up is not None} for n in numbers}
    hangs = {one: {other for other in stands if one in stands[other]} for one in stands}
    assert any(one in climb(stands[one], stands) for one in stands), "no circle: this proves little"
    with store.read() as tx:
        needed = graph.Dependencies(tx)
        for size in (0, 1, 3, len(stands)):
            chosen = set(dice.sample(sorted(stands), size))
            ever, always = needed.ever(chosen), needed.ever(None)
            assert ever.uids == climb(chosen, stands)
            assert always.uids is None
            for start in (*([one] for one in ever.uids), dice.sample(sorted(ever.uids), len(ever.uids) // 2)):
                assert ever.above(start) == climb(start, stands)
                assert ever.below(start) == climb(start, hangs) & ever.uids
            assert always.above(start) == climb(start, stands)
            assert always.below(start) == climb(start, hangs)


def above(item: Item, every: list[Item], texts: dict[str, tuple[Reference, ...]]) -> set[int]:
    """What the item depends on directly, by the letter of the rules."""
    found = set()
    for reference in (*item.references, *texts.get(item.key, ())):
        for other in every:
            same_id = reference.target_id == other.remote_id and item.source == other.source
            same_key = reference.target_id is None and reference.target.casefold() == other.key.casefold()
            start = reference.kind is ReferenceKind.REVERTS and other.key.startswith(reference.target)
            if reference.kind is not ReferenceKind.MERGED_AS and (same_id or same_key or start):
                found.add(id(other))
    for other in every:
        if any(one.kind is ReferenceKind.MERGED_AS and one.target == item.key for one in other.references):
            found.add(id(other))
    return found


def climb(start: Iterable[int], steps: Mapping[int, set[int]]) -> set[int]:
    """These and all that is reached from them."""
    reached: set[int] = set()

    def go(uid: int) -> None:
        if uid not in reached:
            reached.add(uid)
            for other in steps[uid]:
                go(other)

    for uid in start:
        go(uid)
    return reached
