"""The rows of webhooks: expected for a while, told a secret once, made, dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from okrsync.store import Store, hooks

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


def test_a_secret_is_kept_once_and_in_time(store: Store) -> None:
    with store.begin() as tx:
        hooks.expect(tx, "h", "jira", "10000", SOON, NOW)
        assert not hooks.keep_secret(tx, "other", "h", "sealed", NOW), "of another source"
        assert not hooks.keep_secret(tx, "jira", "other", "sealed", NOW)
        assert not hooks.keep_secret(tx, "jira", "h", "sealed", SOON), "too late"
        assert hooks.keep_secret(tx, "jira", "h", "sealed", NOW)
        assert not hooks.keep_secret(tx, "jira", "h", "another", NOW)
        hooks.made(tx, "h", "77")
    with store.read() as tx:
        found = hooks.find(tx, "jira", "h")
        assert found == hooks.Hook("h", "jira", "10000", "77", "sealed", None, NOW)
        assert hooks.find(tx, "other", "h") is None
        assert hooks.find(tx, "jira", "h\0'; --") is None


def test_listed_by_source_and_dropped(store: Store) -> None:
    with store.begin() as tx:
        for name, source, at in (("b", "jira", NOW), ("a", "jira", SOON), ("c", "other", NOW)):
            hooks.expect(tx, name, source, "10000", SOON, at)
        hooks.made(tx, "c", "5", "ours")
        assert [one.id for one in hooks.hooks(tx, "jira")] == ["b", "a"]
        assert [one.id for one in hooks.hooks(tx)] == ["b", "c", "a"]
        hooks.drop(tx, "b")
        assert [(one.id, one.sealed, one.remote_id) for one in hooks.hooks(tx)] == [
            ("c", "ours", "5"),
            ("a", None, None),
        ]
