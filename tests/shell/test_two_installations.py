"""Two installations write into the same projects, with goals of their own (P33): they do not fight."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from every_surface import OBJECTIVE, Everywhere, every_surface
from hands import OURS, blocks, choices, hub_comments, issue, jira_comments, statuses, stories, updates
from small_company import Company, at_once
from worlds import rest

from okrsync.model import Surface, WriteState
from okrsync.sandbox.asana.records import compact
from okrsync.sandbox.github.values import User
from okrsync.sandbox.jira.account import Account
from okrsync.store import journal
from okrsync.writing import undoing

OTHER = (
    ('instance = "acme"', 'instance = "acme-2"'),
    ('"O-SHOP"', '"O-OPS"'),
    ('"KR-UX"', '"KR-OPS"'),
    ('"KR-PAY"', '"KR-RUN"'),
    ('epics = ["jira:SHOP-2"]', 'epics = ["jira:PLAT-1"]'),
    ('title = "The new checkout is live"', 'title = "All stands"\nepics = ["jira:SHOP-1", "github:acme/shop#1"]'),
)


class Two:
    """Two installations, each with its own database and account, or with one account for both."""

    def __init__(self, trio: Everywhere, folder: Path, *, apart: bool) -> None:
        self.trio, self.apart = trio, apart
        mine = trio.company
        mine.replace("daily = 1000\n", "")
        choices(trio, "O-OPS")
        text = mine.text
        for old, new in OTHER:
            assert old in text, old
            text = text.replace(old, new)
        folder.mkdir()
        theirs = Company(folder, mine.site, mine.clock, mine.sandbox, text)
        self.companies = {"acme": mine, "acme-2": theirs}
        self.stores = {name: one.store() for name, one in self.companies.items()}

    def close(self) -> None:
        for store in self.companies["acme-2"].stores:
            store.close()

    def act(self, name: str) -> None:
        """From now on it is the account of this installation that the tools know."""
        who = name if self.apart else "acme"
        self.trio.company.sandbox.world.github.account.user = User.named(f"bot-{who}")
        self.trio.company.site.account = Account(f"acc-{who}", f"Bot {who}", f"{who}@acme.test")
        space = self.trio.workspace
        gid = {"acme": "990001", "acme-2": "990002"}[who]
        space.me = space.find("user", gid) or space.put({**compact("user", gid, who), "workspaces": [space.record]})

    def round(self, name: str) -> list[Any]:
        """A sync and an apply of one of them; what it wrote."""
        self.act(name)
        company, store = self.companies[name], self.stores[name]
        assert all(one.error == "" for one in company.sync(store))
        _, outcomes = company.apply(store)
        assert {one.state for one in outcomes} <= {WriteState.APPLIED, WriteState.SKIPPED}
        return [one.write for one in outcomes if one.state is WriteState.APPLIED]

    def undo_all(self, name: str) -> undoing.Undone:
        self.act(name)
        company = self.companies[name]
        return undoing.undo_all(
            self.stores[name],
            company.config,
            connect=company.connect,
            clock=company.now,
            by="test",
            confirmed=True,
            wait=at_once,
        )

    def texts(self, name: str) -> dict[str, list[Any]]:
        """What bears the mark of one of them."""
        trio = self.trio
        return deepcopy(
            {
                "jira comments": [one["body"] for one in jira_comments(trio, name)],
                "property": [issue(trio, "SHOP-1").properties[f"okrsync-{name}"]]
                if f"okrsync-{name}" in issue(trio, "SHOP-1").properties
                else [],
                "github comments": [one.body for one in hub_comments(trio, name)],
                "blocks": blocks(trio, name),
                "stories": [one["text"] for one in stories(trio, name)],
                "updates": [one["text"] for one in updates(trio, name)],
            }
        )

    def labels(self) -> dict[str, set[str]]:
        """The shared names, by object."""
        trio = self.trio
        found = {one.key: one.fields["labels"] for one in trio.company.site.issues.values()}
        found |= {f"#{number}": one.labels for number, one in trio.repository.issues.items()}
        kept = {key: {label for label in labels if OURS.fullmatch(label)} for key, labels in found.items()}
        return {key: labels for key, labels in kept.items() if labels}


@pytest.fixture(params=[pytest.param(False, marks=pytest.mark.soak), True], ids=["one account", "an account each"])
def two(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Two]:
    with every_surface(tmp_path) as trio:
        found = Two(trio, tmp_path / "other", apart=request.param)
        yield found
        found.close()


@pytest.mark.parametrize("rounds", [10, pytest.param(20, marks=pytest.mark.soak)])
def test_no_fight_in_alternating_rounds(two: Two, rounds: int) -> None:
    """After the first rounds neither writes anything, though they disagree on what is an orphan and on each commit."""
    beside = rest(two.trio)
    written = []
    for turn in range(rounds):
        name = ("acme", "acme-2")[turn % 2]
        written.append(two.round(name))
        assert rest(two.trio) == beside
        two.trio.company.wait(hours=7)  # twenty rounds end before the weekly word
    assert written[0]
    assert written[1]
    assert [len(writes) for writes in written[8:]] == [0] * (rounds - 8), [
        [(one.key, one.slot.surface.value, one.why.code) for one in writes] for writes in written
    ]
    for name in two.companies:
        assert {kind: len(found) for kind, found in two.texts(name).items()} == dict.fromkeys(two.texts(name), 1), name
    assert len(statuses(two.trio)) <= 4, "each says its word, and puts it back once"
    labels = two.labels()
    assert labels["SHOP-1"] == {"okr-objective:O-SHOP", "okr-objective:O-OPS", "okr-dangling"}
    assert labels["SHOP-2"] == {"okr-objective:O-SHOP", "okr-orphan"}, "an orphan for one of them"
    assert labels["PAY-2"] == {"okr-orphan"}
    assert issue(two.trio, "SHOP-1").fields[OBJECTIVE]["value"] == "O-SHOP · A shop", "who comes second leaves it"
    with two.stores["acme-2"].read() as tx:
        found = {slot.remote_id: one for slot, one in journal.standing(tx).items() if slot.surface == "objective_field"}
    assert found[issue(two.trio, "SHOP-1").id].ours is None


def test_undo_of_everything_leaves_every_mark_of_the_other(two: Two) -> None:
    for name in ("acme", "acme-2", "acme", "acme-2"):
        two.round(name)
        two.trio.company.wait(hours=26)
    kept, before, beside = two.texts("acme"), statuses(two.trio)[0], rest(two.trio)
    labels = two.labels()
    undone = two.undo_all("acme-2")
    assert {one.state for one in undone.outcomes} == {WriteState.APPLIED}
    assert two.texts("acme-2") == {kind: [] for kind in kept}
    assert two.texts("acme") == kept
    assert rest(two.trio) == beside
    assert two.labels()["PAY-2"] == labels["PAY-2"], "acme put it there"
    assert two.labels()["SHOP-2"] == {"okr-objective:O-SHOP"}
    assert "okr-objective:o-ops" not in two.trio.repository.labels
    last = statuses(two.trio)[-1]
    assert (last.state, last.description) == (before.state, before.description), "what stood there before it came"
    again = two.round("acme")
    assert {one.slot.surface for one in again} <= {Surface.LABEL, Surface.UPDATE}, "what it had only found, and news"
    assert two.round("acme") == []
    assert {kind: found for kind, found in two.texts("acme").items() if kind != "updates"} == {
        kind: found for kind, found in kept.items() if kind != "updates"
    }
