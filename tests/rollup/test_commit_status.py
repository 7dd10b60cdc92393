"""The commit status of open pull requests: what it says in both languages, where it stands, and that it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cases import cases
from hypothesis import given
from hypothesis import strategies as st

import rollup
from okrsync.model import (
    Break,
    Dangling,
    GoalState,
    ItemKind,
    ItemRef,
    Link,
    Objective,
    OrphanClass,
    RuleName,
    Say,
    Slot,
    Standing,
    State,
    Surface,
    Verdict,
    VerdictKind,
    WritebackPolicy,
)
from okrsync.texts import speaker
from rollup.facts import shortened

OFFERS = {"github": {Surface.LABEL, Surface.COMMENT, Surface.STATUS}}
ENGLISH, FRENCH = speaker("en"), speaker("fr")
TRACED, EXEMPT, ORPHAN, CLOSED = VerdictKind


class Hub:
    """Pull requests, and what is known to stand on their commits."""

    def __init__(self, make):
        self.make = make
        self.krs = [
            make.kr("KR-UX", title="Refonte de l'UX mobile livrée", objective="O-RETENTION"),
            make.kr("KR-PAY", title="Three ways to pay", objective="O-RETENTION"),
        ]
        self.objectives = [Objective("O-RETENTION", "Devenir le SaaS RH que l'on garde", window=make.window)]
        self.marked = []
        self.standing = {}
        self.policy = WritebackPolicy()

    def pull(self, number, kind=TRACED, head="a" * 40, *, links=(), **more):
        facts = {"state": State.IN_PROGRESS, "kind": ItemKind.PULL_REQUEST, "source": "github", "project": "acme/shop"}
        facts |= {"key": f"acme/shop#{number}", "remote_id": f"7#{number}", "created_at": self.make.middle}
        said = {name: more.pop(name) for name in ("orphan", "dangling", "broken_at", "exemption") if name in more}
        ticket = self.make.ticket(number, head=head, url=f"https://hub/{number}", **(facts | more))
        found = tuple(Link(number, goal, RuleName.LABEL, Say.of("link.label"), (), self.make.start) for goal in links)
        self.marked.append((ticket, Verdict(number, kind, links=found, **said)))
        return ticket

    def plan(self, render=ENGLISH, late=(), now=None):
        now = now or self.make.middle
        goals = self.make.goals(self.krs, self.objectives)
        progress = {kr.id: self.make.measure(kr, now=now) for kr in self.krs}
        measured = rollup.measure_objectives(goals, progress, {}, self.make.thresholds, now)
        wanted = rollup.desired(
            goals, progress, measured, self.marked, {}, self.standing, self.policy, offers=OFFERS, late=late,
            instance="acme", now=now, thresholds=self.make.thresholds, render=render, narratives={},
        )  # fmt: skip
        planned = rollup.plan(wanted, self.standing, self.policy, touched={}, pending=(), released={})
        return list(planned.writes)

    def apply(self, **how):
        writes = self.plan(**how)
        self.standing |= {write.slot: Standing(write.after, write.after, self.make.middle) for write in writes}
        return writes

    def says(self, language="en", **how):
        (write,) = self.plan(speaker(language), **how)
        return write.after["state"], write.after["description"].replace("\u00a0", " ")


@pytest.fixture
def hub(make):
    return Hub(make)


def at(key, url=""):
    return Break("jira", key, "", url, Say.of("break.direct", key=key), Say.of("fix.no_goal", key=key))


# ── what it says ──


def test_it_names_the_objective_that_the_work_serves(hub):
    hub.pull(4, links=["KR-UX"])
    (write,) = hub.plan()
    assert write.slot == Slot("github", "7#4", Surface.STATUS, "a" * 40)
    assert (write.key, write.before, write.why.code) == ("acme/shop#4", None, "write.traced")
    assert write.after == {
        "state": "success",
        "description": "KR-UX · Refonte de l'UX mobile livrée → O-RETENTION · Devenir le SaaS RH que l'on garde",
    }


def test_of_several_goals_it_names_one_that_takes_work(make, hub):
    hub.krs[0] = replace(hub.krs[0], state=GoalState.CLOSED)
    hub.pull(4, links=["KR-UX", "KR-PAY"])
    assert hub.says()[1].startswith("KR-PAY · Three ways to pay → O-RETENTION · ")
    assert hub.says()[1].endswith(" (+1)")
    hub.krs[1] = replace(hub.krs[1], window=make.days(make.start.date(), make.start.date()))
    assert hub.says()[1].startswith("KR-UX · ")


def test_an_objective_may_be_served_directly(hub):
    hub.pull(4, links=["O-RETENTION"])
    assert hub.says() == ("success", "O-RETENTION · Devenir le SaaS RH que l'on garde")


CASES = [
    (
        {"kind": EXEMPT, "exemption": Say.of("exempt.label", value="ktlo")},
        ("success", "Exempt by the configuration: label ktlo"),
        ("success", "Exempté par la configuration : étiquette ktlo"),
    ),
    (
        {"kind": ORPHAN, "orphan": OrphanClass.DIRECT},
        ("failure", "No objective. Name the ticket that it serves, or add a line such as “OKR: KR-UX”"),
        ("failure", "Aucun objectif. Citez le ticket concerné ou ajoutez une ligne « OKR: KR-UX »"),
    ),
    (
        {"kind": ORPHAN, "orphan": OrphanClass.TRANSITIVE, "broken_at": at("SHOP-40")},
        ("failure", "SHOP-40 leads to no objective. Give it a label such as okr:KR-UX"),
        ("failure", "SHOP-40 ne mène à aucun objectif. Ajoutez-lui une étiquette, par exemple okr:KR-UX"),
    ),
    (
        {"kind": ORPHAN, "orphan": OrphanClass.DANGLING, "dangling": (Dangling("KR-UXX", "trailer", "KR-UX"),)},
        ("failure", "“KR-UXX” names no objective. Did you mean KR-UX?"),
        ("failure", "« KR-UXX » ne désigne aucun objectif. Vouliez-vous dire KR-UX ?"),
    ),
    (
        {"kind": ORPHAN, "orphan": OrphanClass.DANGLING, "dangling": (Dangling("okr:NEW", "label", None),)},
        ("failure", "“okr:NEW” names no objective. Choose one that is open, such as KR-UX"),
        ("failure", "« okr:NEW » ne désigne aucun objectif. Choisissez-en un qui soit ouvert, par exemple KR-UX"),
    ),
    (
        {"kind": ORPHAN, "orphan": OrphanClass.DANGLING, "dangling": (Dangling("SHOP-999", "key", None),)},
        ("failure", "SHOP-999 names no ticket that okrsync knows. Correct it, or name another one"),
        ("failure", "SHOP-999 ne désigne aucun ticket connu d’okrsync. Corrigez la clé ou citez un autre ticket"),
    ),
    (
        {"kind": ORPHAN, "orphan": OrphanClass.DEAD, "links": ["KR-OLD"]},
        ("failure", "KR-OLD is dropped, closed or over. Choose a goal that is open, such as KR-UX"),
        ("failure", "KR-OLD est abandonné, clos ou échu. Choisissez un objectif ouvert, par exemple KR-UX"),
    ),
    (
        {"kind": ORPHAN, "orphan": OrphanClass.AMBIGUOUS},
        ("failure", "A key in it fits several tickets. Give the full address of the one that it serves"),
        ("failure", "Une clé citée désigne plusieurs tickets. Donnez l’adresse complète du bon"),
    ),
    (
        {"kind": CLOSED, "broken_at": at("HR-3")},
        ("pending", "It leads to HR-3, which okrsync may not read"),
        ("pending", "Mène à HR-3, qu’okrsync n’a pas le droit de lire"),
    ),
]


@pytest.mark.parametrize(("facts", "english", "french"), CASES)
def test_it_says_what_is_missing_and_the_mend(hub, facts, english, french):
    hub.pull(4, **facts)
    assert hub.says("en") == english
    assert hub.says("fr") == french


def test_without_an_open_goal_there_is_no_example(hub):
    hub.objectives[0] = replace(hub.objectives[0], state=GoalState.DROPPED)
    hub.pull(4, ORPHAN, orphan=OrphanClass.DIRECT)
    assert hub.says() == ("failure", "No objective: none of those that are configured is open")


def test_it_leads_to_the_place_to_mend(hub):
    hub.pull(4, ORPHAN, orphan=OrphanClass.TRANSITIVE, broken_at=at("SHOP-40", "https://acme.test/browse/SHOP-40"))
    hub.pull(5, ORPHAN, "b" * 40, orphan=OrphanClass.DIRECT, broken_at=at("acme/shop#5", "https://hub/5"))
    hub.pull(6, ORPHAN, "c" * 40, orphan=OrphanClass.TRANSITIVE, broken_at=at("SHOP-41", "javascript:alert(1)"))
    assert [one.after.get("target_url") for one in hub.plan()] == ["https://acme.test/browse/SHOP-40", None, None]


@pytest.mark.parametrize(
    ("text", "length", "found"),
    [
        ("Devenir le SaaS", 15, "Devenir le SaaS"),
        ("Devenir le SaaS RH", 15, "Devenir le…"),
        ("Devenir le SaaS, RH", 17, "Devenir le SaaS…"),
        ("Anticonstitutionnellement vu", 10, "Anticonst…"),
        ("A donaudampfschiffahrt", 12, "A donaudamp…"),
    ],
)
def test_texts_are_cut_between_words(text, length, found):
    assert shortened(text, length) == found


def test_long_titles_share_the_room(hub):
    hub.krs[0] = replace(hub.krs[0], title="une très longue phrase " * 20)
    hub.pull(4, links=["KR-UX", "KR-PAY"])
    description = hub.says()[1]
    assert 120 < len(description) <= 140
    assert description.endswith("… → O-RETENTION · Devenir le SaaS RH que l'on garde (+1)")
    hub.objectives[0] = replace(hub.objectives[0], title="et un objectif sans fin " * 20)
    assert 100 < len(hub.says()[1]) <= 140
    assert "… → O-RETENTION · et un objectif" in hub.says()[1]


@cases(100)
@given(first=st.text(max_size=300), second=st.text(max_size=300), key=st.text(max_size=200))
def test_a_description_never_outgrows_what_the_tool_takes(make, first, second, key):
    hub = Hub(make)
    hub.krs[0] = replace(hub.krs[0], title=first)
    hub.objectives[0] = replace(hub.objectives[0], title=second)
    hub.pull(4, links=["KR-UX", "KR-PAY"])
    hub.pull(5, ORPHAN, "b" * 40, orphan=OrphanClass.DANGLING, dangling=(Dangling(key, "label", None),))
    hub.pull(6, CLOSED, "c" * 40, broken_at=at(key))
    for write in hub.plan(FRENCH):
        assert len(write.after["description"]) <= 140
        assert "\n" not in write.after["description"]


# ── where and when it stands ──


def test_only_open_pull_requests_with_a_commit_bear_one(hub):
    hub.pull(1, state=State.DONE)
    hub.pull(2, head="")
    hub.pull(3, kind=ORPHAN, orphan=OrphanClass.DIRECT)
    hub.marked[-1] = replace(hub.marked[-1][0], kind=ItemKind.COMMIT), hub.marked[-1][1]
    hub.pull(4, state=State.TODO, links=["KR-UX"])
    assert [one.key for one in hub.plan()] == ["acme/shop#4"]


def test_no_quiet_period_and_never_a_label(hub):
    hub.policy = WritebackPolicy(quiet=timedelta(days=365))
    hub.pull(4, ORPHAN, orphan=OrphanClass.DIRECT)
    assert [one.slot.surface for one in hub.plan()] == [Surface.STATUS]


def test_a_new_commit_is_told_anew_and_the_old_one_is_left(hub):
    hub.pull(4, links=["KR-UX"])
    assert len(hub.apply()) == 1
    assert hub.plan() == []
    hub.marked.clear()
    hub.pull(4, head="b" * 40, links=["KR-UX"])
    assert [one.slot.name for one in hub.apply()] == ["b" * 40]
    assert hub.plan() == []
    hub.marked.clear()
    hub.pull(4, head="b" * 40, state=State.DONE, links=["KR-UX"])
    assert hub.plan() == []
    hub.marked.clear()
    assert hub.plan() == []
    assert len(hub.standing) == 2


def test_a_mended_pull_request_is_told_so_at_once(hub):
    hub.pull(4, ORPHAN, orphan=OrphanClass.DIRECT)
    hub.apply()
    hub.marked.clear()
    hub.pull(4, links=["KR-PAY"])
    (write,) = hub.apply()
    assert (write.before["state"], write.after["state"]) == ("failure", "success")
    assert hub.plan() == []


def test_one_commit_of_two_pull_requests_has_one_status_and_the_graver_word(hub):
    hub.pull(12, links=["KR-UX"])
    hub.pull(9, links=["KR-UX"])
    hub.pull(30, ORPHAN, orphan=OrphanClass.DIRECT)
    hub.pull(3, links=["KR-UX"], project="acme/fork", key="acme/fork#3", remote_id="8#3")
    told = [(one.key, one.after["state"]) for one in hub.apply()]
    assert told == [("acme/fork#3", "success"), ("acme/shop#9", "failure")]
    assert hub.plan() == []
    del hub.marked[2]
    assert [(one.key, one.after["state"]) for one in hub.plan()] == [("acme/shop#9", "success")]


def test_while_a_source_is_late_nothing_new_is_held_against_anybody(hub):
    hub.pull(1, ORPHAN, orphan=OrphanClass.DIRECT)
    hub.apply()
    hub.pull(2, ORPHAN, "b" * 40, orphan=OrphanClass.DIRECT)
    hub.pull(3, TRACED, "c" * 40, links=["KR-UX"])
    found = {one.key: (one.after["state"], one.after["description"]) for one in hub.apply(late=["jira", "asana"])}
    assert found["acme/shop#2"] == (
        "pending", "To be confirmed as soon as these sources can be read again: asana, jira",
    )  # fmt: skip
    assert found["acme/shop#3"][0] == "success"
    assert "acme/shop#1" not in found
    assert hub.plan(late=["jira", "asana"]) == []
    assert {(one.key, one.after["state"]) for one in hub.apply()} == {("acme/shop#2", "failure")}


def test_the_policy_decides(hub):
    hub.pull(4, links=["KR-UX"])
    hub.policy = WritebackPolicy(surfaces=frozenset({Surface.LABEL}))
    assert hub.plan() == []
    hub.policy = WritebackPolicy(only=(ItemRef("github", "acme/mobile"),))
    assert hub.plan() == []
    hub.policy = WritebackPolicy(only=(ItemRef("github", "Acme/s*"),))
    assert len(hub.plan()) == 1
