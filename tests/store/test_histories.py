"""What is asked of the stored past of items."""

from __future__ import annotations

from datetime import UTC, datetime

from okrsync.model import Change, ChangeKind, History, ItemKind, Reference, ReferenceKind
from okrsync.store import histories

AT = datetime(2026, 2, 1, tzinfo=UTC)


def test_torn_is_what_has_two_parents_or_reverts_anything(store, make, save, uid):
    epic = Reference(ReferenceKind.EPIC, "SHOP-9")
    reverts = Reference(ReferenceKind.REVERTS, "acme/shop#1")
    save(
        make(1),
        make(2, parent=1),
        make(3, parent=1, references=(epic,)),
        make(4, kind=ItemKind.PULL_REQUEST, references=(reverts,)),
        make(5, references=(Reference(ReferenceKind.MEMBER, "sprint:1"), Reference(ReferenceKind.MEMBER, "sprint:2"))),
    )
    with store.read() as tx:
        assert histories.torn(tx) == {uid(3), uid(4)}


def test_items_are_told_by_what_their_changes_say(store, make, save, uid):
    save(make(1), make(2), make(3))
    change = {1: ("label_added", "okr:KR-1"), 2: ("label_added", "beta"), 3: ("points", "5")}
    with store.begin() as tx:
        past = [
            History(str(1000 + n), (Change(AT, ChangeKind(kind), None, text),)) for n, (kind, text) in change.items()
        ]
        histories.save_history(tx, "jira", [one.remote_id for one in past], past)
        asked = []
        assert histories.telling(tx, lambda one: asked.append(one) or one.after == "okr:KR-1") == {uid(1)}
        assert {one.after for one in asked} == {"okr:KR-1", "beta"}, "of nothing but what can move a link"
        assert histories.telling(tx, lambda _: True, {uid(2)}) == {uid(2)}
