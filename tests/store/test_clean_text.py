"""P28: NUL and lone surrogates are cleaned at the door, and nothing else is touched (P27), on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cases import cases
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from looking import whole

from okrsync.model import Change, ChangeKind, Cursor, FieldValue, History, Page, Reference, ReferenceKind, Scope
from okrsync.store import codec, graph, pages, queries, sources

T0 = datetime(2026, 1, 5, 9, 30, 15, 123456, tzinfo=UTC)

texts = st.text(st.characters() | st.sampled_from("\0\ud800\udfff😀\u200b\u0301é"), max_size=12)
instants = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


class RollBack(Exception):
    pass


@settings(cases(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_text_is_stored_clean_and_comes_back(store, make, data):
    draw = data.draw
    value = draw(texts)
    item = make(
        1,
        title=value,
        key=draw(texts) or "k",
        remote_id=draw(texts) or "i",
        body=draw(texts),
        author=draw(texts),
        assignee=draw(st.none() | texts),
        labels=tuple(draw(st.lists(texts, max_size=3))),
        fields=(FieldValue("f", draw(texts), draw(texts)),),
        references=(
            Reference(ReferenceKind.PARENT, draw(texts), draw(st.none() | texts), draw(texts), draw(instants)),
        ),
        created_at=draw(instants),
        updated_at=draw(instants),
    )
    change = Change(draw(instants), ChangeKind.LABEL_ADDED, draw(st.none() | texts), draw(texts))
    clean = codec.clean
    with pytest.raises(RollBack), store.begin() as tx:  # noqa: PT012 (each example leaves nothing behind)
        assert pages.save_page(tx, "jira", Page((item,), {"10000": Cursor(draw(instants))}), T0).changed == 1
        assert pages.save_page(tx, "jira", Page((item,), {}), T0).changed == 0
        pages.save_history(tx, "jira", [clean(item.remote_id)], [History(clean(item.remote_id), (change,))])
        (node,) = whole(tx, everything=True).nodes
        assert (node.title, node.key, node.remote_id) == (clean(item.title), clean(item.key), clean(item.remote_id))
        assert node.created_at == item.created_at
        assert node.labels == tuple(map(clean, item.labels))
        (kept,) = node.references
        (given_,) = item.references
        assert (kept.target, kept.evidence, kept.since) == (clean(given_.target), clean(given_.evidence), given_.since)
        assert node.changes[0].after == clean(change.after)
        assert node.changes[0].at == change.at
        sources.save_scopes(tx, "jira", [Scope("10000", value, value, readable=False, why=value)], T0)
        graph.set_meta(tx, "key", {"text": [value]})
        assert graph.get_meta(tx, "key") == {"text": [clean(value)]}
        queries.find(tx, value)
        raise RollBack


@given(st.text(st.characters() | st.sampled_from("\0\ud800\udbff\udc00\udfff")))
def test_clean_text_is_what_both_databases_can_hold(text):
    cleaned = codec.clean(text)
    assert "\0" not in cleaned
    assert cleaned.encode().decode() == cleaned
    assert codec.clean(cleaned) == cleaned
    if "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text):
        assert cleaned == text


def test_a_split_pair_becomes_its_character():
    assert codec.clean("\ud83d\ude00 \ud83d \0") == "😀 \ufffd \ufffd"


@given(instants)
def test_an_instant_comes_back_equal(at):
    assert codec.instant(codec.micros(at)) == at
    assert codec.micros(at + timedelta(microseconds=1)) == codec.micros(at) + 1
