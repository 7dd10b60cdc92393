"""What every connector must do when its tool, or the way there, does wrong."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest
from conformance_harness import TOKEN, Harness, cycle, drain, ids, needs, read, start

from okrsync.errors import AuthError, MalformedPage, RateLimited, Rejected, ToolError, Unavailable

LASTING = {"hang", "drip headers", "drip body"}  # which only the time limit ends


class Faults:
    """Each failure has one meaning, and none loses an item."""

    @pytest.mark.parametrize(
        ("fault", "meaning"),
        [
            ("401", AuthError),
            ("login page", AuthError),
            ("logged out", AuthError),
            ("html", MalformedPage),
            ("truncated", MalformedPage),
            ("gzip bomb", MalformedPage),
            ("redirect to another host", MalformedPage),
            ("429 for an hour", RateLimited),
            ("500", Unavailable),
            ("503", Unavailable),
            ("reset", Unavailable),
            ("wrong length", Unavailable),
            ("502 html", Unavailable),
            ("hang", Unavailable),
            ("drip headers", Unavailable),
            ("drip body", Unavailable),
            ("400", Rejected),
            ("402", Rejected),
            ("403", Rejected),
            ("404", Rejected),
            ("410", Rejected),
            ("451", Rejected),
        ],
    )
    def test_each_failure_has_one_meaning(self, fault: str, meaning: type[ToolError], harness: Harness) -> None:
        needs(harness, fault)
        seeded = harness.seed(2)
        since = start(harness.connect())
        if fault in LASTING:
            harness.timeout = timedelta(seconds=1)
        source = harness.connect()
        harness.fail(fault, "pull")
        with pytest.raises(ToolError) as caught:
            drain(source, since)
        assert type(caught.value) is meaning
        assert "\n" not in str(caught.value)
        assert TOKEN not in str(caught.value)
        harness.heal()
        if meaning is RateLimited and "nothing before the time" not in harness.cannot:
            before = source.requests()
            with pytest.raises(RateLimited):
                drain(source, since)
            assert source.requests() == before, "nothing is sent before the time that was asked"
        elif fault in LASTING:
            harness.timeout = type(harness).timeout
            assert ids(drain(harness.connect(), since)[0]) == sorted(seeded)
        else:
            assert ids(drain(source, since)[0]) == sorted(seeded)

    def test_a_passing_failure_is_not_noticed(self, harness: Harness) -> None:
        faults = ("500 once", "reset once", "429 once")
        needs(harness, *faults)
        seeded = harness.seed(2 * harness.page)
        source = harness.connect()
        since = start(source)
        for fault in faults:
            harness.fail(fault, "pull")
        assert ids(drain(source, since)[0]) == sorted(seeded)

    def test_a_failure_in_the_middle_keeps_what_was_read(self, harness: Harness) -> None:
        needs(harness, "503 from the second on")
        seeded = harness.seed(3 * harness.page)
        source = harness.connect()
        since = start(source)
        harness.fail("503 from the second on", "pull")
        stored, since, failure = read(source, since)
        assert isinstance(failure, Unavailable)
        harness.heal()
        resumed, _ = drain(harness.connect(), since)
        assert {*ids(stored), *ids(resumed)} == set(seeded)

    @pytest.mark.parametrize("lasting", [True, False])
    def test_the_nth_request_fails_for_every_n(self, lasting: bool, harness: Harness) -> None:
        """P4: for good, then what was read and what comes after are all; once, then nobody notices."""
        needs(harness, "nth request")
        seeded = harness.seed(2 * harness.page + 1)
        for n in range(40):
            harness.fail_from(n, lasting=lasting)
            source = harness.connect()
            stored, since, failure = read(source, None)
            harness.heal()
            if failure is not None:
                assert isinstance(failure, Unavailable)
                assert lasting
                other = harness.connect()
                resumed, _ = drain(other, {**start(other), **since})
                stored += resumed
            assert set(ids(stored)) == set(seeded), f"request {n}"
            if source.requests() <= n:
                return
        pytest.fail("a pull of three pages takes more than forty requests")

    # ── paging ──

    @pytest.mark.parametrize("loop", ["repeated token", "empty pages", "cycle of pages"])
    def test_a_paging_loop_is_an_error(self, loop: str, harness: Harness) -> None:
        needs(harness, loop)
        harness.seed(9 * harness.page if loop == "cycle of pages" else 3 * harness.page)
        source = harness.connect()
        since = start(source)
        harness.fail(loop, "pull")
        with pytest.raises(MalformedPage):
            drain(source, since)

    @pytest.mark.parametrize("oddity", ["empty page once", "short pages"])
    def test_an_odd_page_in_between_loses_nothing(self, oddity: str, harness: Harness) -> None:
        needs(harness, oddity)
        seeded = harness.seed(3 * harness.page)
        source = harness.connect()
        since = start(source)
        harness.fail(oddity, "pull")
        assert ids(drain(source, since)[0]) == sorted(seeded)

    # ── what an answer says ──

    @pytest.mark.parametrize("edit", ["removed", "null", "odd"])
    def test_no_member_of_an_item_stops_it(self, edit: str, harness: Harness) -> None:
        """P30: without this member, or with nonsense in it, all items come; a page without what it cannot be without
        may be refused as none."""
        needs(harness, "edited answers")
        seeded = harness.seed(3)
        harness.label(seeded[0], "okr:KR-1")
        source = harness.connect()
        with harness.members("pull") as names:
            clean, _ = drain(source, start(source))
        assert names
        for name in names:
            harness.edit_answers("pull", member=name, edit=edit)
            source = harness.connect()
            if name in harness.indispensable:
                with contextlib.suppress(MalformedPage):
                    drain(source, start(source))
            else:
                assert ids(drain(source, start(source))[0]) == sorted(seeded), f"without {name}"
            harness.heal()
        assert ids(clean) == sorted(seeded)

    def test_what_is_beside_the_items_never_crashes(self, harness: Harness) -> None:
        """P30: any member of any answer may be missing; then the cycle goes on, or ends in a word of ours."""
        needs(harness, "edited answers")
        seeded = harness.seed(2)
        with harness.members("everything") as names:
            cycle(harness.connect(), {})
        for name in names:
            harness.edit_answers("everything", member=name, edit="removed")
            with contextlib.suppress(ToolError):
                found, _ = cycle(harness.connect(), {})
                assert set(ids(found)) <= set(seeded)
            harness.heal()

    def test_unknown_members_are_no_concern(self, harness: Harness) -> None:
        needs(harness, "edited answers")
        harness.seed(3)
        clean, _ = cycle(harness.connect(), {})
        harness.edit_answers("everything", edit="added")
        assert cycle(harness.connect(), {})[0] == clean

    def test_no_nul_and_no_lone_surrogate_comes_in(self, harness: Harness) -> None:
        """P28: whatever text they stand in."""
        needs(harness, "edited answers")
        seeded = harness.seed(2)
        harness.label(seeded[0], "okr:KR-1")
        source = harness.connect()
        with harness.members("pull") as names:
            drain(source, start(source))
        marked = 0
        for name in names:
            harness.edit_answers("pull", member=name, edit="unclean")
            source = harness.connect()
            try:
                found, _ = drain(source, start(source))
            except MalformedPage:
                found = []
            harness.heal()
            marked += "\ufffd" in repr(found)
            repr(found).encode()
            assert "\\x00" not in repr(found)
        assert marked, "at least a title"
