"""Trailers, references and reverts: how a pull request or a commit finds its goal (DESIGN §4, rules 5, 7 and 8)."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

import mapping
from mapping import Reader
from mapping.evidence import shortened
from okrsync.model import (
    Exemption,
    ItemKind,
    Node,
    OverrideKind,
    Place,
    Reference,
    ReferenceKind,
    RuleName,
    Rules,
    State,
    Text,
)

DAY = timedelta(days=1)
BORN = datetime(2026, 10, 5, tzinfo=UTC)
PLACES = (
    Place("jira", "jira", "https://acme.atlassian.net/browse/", frozenset({"SHOP", "PAY"})),
    Place("jira2", "jira", "https://sister.atlassian.net/browse/", frozenset({"SHOP"})),
    Place("github", "github", "https://github.com/", frozenset({"acme/shop", "acme/mobile", "acme/former"})),
    Place("asana", "asana", "https://app.asana.com/", frozenset({"1200"})),
)
PR, COMMIT = ItemKind.PULL_REQUEST, ItemKind.COMMIT
ONE, TWO, THREE = ("1563ffc" + digit * 33 for digit in "123")


@pytest.fixture
def said(world):
    """Add a pull request or a commit whose texts are read as the shell reads them."""
    return lambda *args, **rest: say(world, *args, **rest)


def say(world, key, body="", *, title="", branch="", project="acme/shop", references=(), **rest) -> Node:
    kind = rest.pop("kind", COMMIT if len(key) == 40 else PR)
    text = Text(0, "github", kind, key, project, title, body, branch)
    read = Reader(PLACES).read(text)
    return world.add(
        key,
        source=rest.pop("source", "github"),
        kind=kind,
        project=project,
        references=(*references, *read),
        state=rest.pop("state", State.DONE if kind is COMMIT else State.IN_PROGRESS),
        **{"title": title or f"Title of {key}", **rest},
    )


def reached(verdict):
    return [(link.target, str(link.rule), [hop.key for hop in link.path if hop.source]) for link in verdict.links]


# ── trailer ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_trailer_links_and_beats_what_would_be_inherited(world, said, in_words):
    world.add("SHOP-1", None, "okr:KR-CRAFT")
    pull = said("acme/shop#9", "Fixes SHOP-1\n\nOKR: kr-ux, O-LEADER\n\nmore")
    verdict = world.verdict("acme/shop#9")
    assert reached(verdict) == [("KR-UX", "trailer", [pull.key]), ("O-LEADER", "trailer", [pull.key])]
    assert verdict.links[0].since == pull.created_at
    assert in_words(verdict.links[0].evidence) == ("trailer OKR: kr-ux, O-LEADER", "ligne OKR: kr-ux, O-LEADER")
    assert [(link.target, link.rule) for link in verdict.lost] == [("KR-CRAFT", "reference")]


def test_a_trailer_of_a_ticket_is_none(world):
    world.add("SHOP-1", references=(Reference(ReferenceKind.TRAILER, "KR-UX"),))
    assert world.verdict("SHOP-1").orphan == "direct"


@pytest.mark.parametrize(
    ("key", "fix"),
    [
        ("acme/shop#9", "in the text of acme/shop#9, write KR-RETENTION instead of KR-RETENTOIN"),
        (ONE, f'type: okrsync link {ONE[:10]} KR-RETENTION --why "…"'),
    ],
)
def test_a_trailer_that_names_no_goal_is_dangling_with_its_likely_goal(world, said, in_words, key, fix):
    said(key, "KR: KR-RETENTOIN")
    verdict = world.verdict(key)
    assert (verdict.orphan, verdict.dangling[0].where) == ("dangling", "trailer")
    assert in_words(verdict.broken_at.why)[0] == f"{shortened(key)} says it serves KR-RETENTOIN, which names no goal"
    assert in_words(verdict.broken_at.fix)[0] == fix


def test_exemption_stands_between_trailer_and_what_is_inherited(world, said):
    world.add("SHOP-1", None, "okr:KR-UX")
    said("acme/shop#8", "SHOP-1", author="renovate[bot]")
    said("acme/shop#9", "OKR: KR-UX", author="renovate[bot]")
    assert [world.verdict(key).kind for key in ("acme/shop#8", "acme/shop#9")] == ["exempt", "traced"]
    assert [(link.target, link.rule) for link in world.verdict("acme/shop#8").lost] == [("KR-UX", "reference")]


# ── reference ────────────────────────────────────────────────────────────────────────────────────────────────────────

ADDRESS = "https://acme.atlassian.net/browse/SHOP-1"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ({"body": "Fixes SHOP-1"}, "names SHOP-1 in its text (“Fixes SHOP-1”); "),
        ({"body": f"see {ADDRESS}"}, f"names SHOP-1 in its text (“{ADDRESS}”); "),
        ({"title": "[shop-1] Cart"}, "names SHOP-1 in its title (“shop-1”); "),
        ({"branch": "feature/shop-1-cart"}, "comes from a branch that names SHOP-1 (“shop-1”); "),
    ],
)
@pytest.mark.parametrize("key", ["acme/shop#9", ONE])
def test_a_pull_request_and_a_commit_inherit_from_the_ticket_that_they_name(world, said, in_words, key, texts, words):
    world.add("SHOP-1", None, "okr:KR-UX")
    said(key, **texts)
    verdict = world.verdict(key)
    assert reached(verdict) == [("KR-UX", "reference", [key, "SHOP-1"])]
    assert in_words(verdict.links[0].evidence)[0] == words + "inherited from SHOP-1: label okr:KR-UX"


def test_the_chain_runs_from_commit_to_pull_request_to_ticket_to_epic(world, said, in_words):
    world.add("SHOP-12")
    world.add("SHOP-1", "SHOP-12")
    said("acme/shop#9", title="SHOP-1 Cart")
    said(ONE, title="Cart (#9)")
    link = world.verdict(ONE).links[0]
    assert [(hop.hop, hop.kind, hop.key) for hop in link.path] == [
        ("item", "commit", ONE),
        ("reference", "pull_request", "acme/shop#9"),
        ("reference", "ticket", "SHOP-1"),
        ("parent", "ticket", "SHOP-12"),
        ("container", "key_result", "KR-UX"),
        ("contributes", "objective", "O-LEADER"),
        ("contributes", "objective", "O-ROOT"),
    ]
    assert in_words(link.evidence)[0] == (
        "names acme/shop#9 in its title (“#9”); inherited from SHOP-12: the key result names jira:SHOP-12 in its epics"
    )


def test_a_commit_inherits_from_the_pull_request_that_it_is(world, said, in_words):
    world.add("SHOP-1", None, "okr:KR-UX")
    merged = Reference(ReferenceKind.MERGED_AS, ONE)
    said("acme/shop#9", "SHOP-1", references=(merged,))
    said(ONE, title="Cart")
    said(TWO, title="Other")
    verdict = world.verdict(ONE)
    assert reached(verdict) == [("KR-UX", "reference", [ONE, "acme/shop#9", "SHOP-1"])]
    words = "is what acme/shop#9 became when it was merged; inherited from SHOP-1: label okr:KR-UX"
    assert in_words(verdict.links[0].evidence)[0] == words
    assert world.verdict(TWO).orphan == "direct"


def test_closing_by_the_word_of_the_tool(world, said, in_words):
    issue = world.add("acme/shop#3", None, "okr:KR-UX", source="github")
    by_tool = Reference(ReferenceKind.CLOSES, "acme/shop#3", issue.remote_id)
    said("acme/shop#9", references=(by_tool,))
    said("acme/shop#8", "Fixes #3", references=(by_tool,))
    words = {key: in_words(world.verdict(key).links[0].evidence)[0] for key in ("acme/shop#9", "acme/shop#8")}
    assert words["acme/shop#9"].startswith("closes acme/shop#3, as its tool says; inherited")
    assert words["acme/shop#8"].startswith("names acme/shop#3 in its text (“Fixes #3”); ")
    assert len(world.verdict("acme/shop#8").links) == 1, "one ticket, named twice"


def test_closing_and_naming_rank_the_same_and_all_count_however_far_their_links_stand(world, said):
    world.add("SHOP-9", None, "okr:KR-CRAFT")
    world.add("SHOP-2", "SHOP-9")
    world.add("acme/shop#1", None, "okr:KR-UX", source="github")
    world.add("acme/shop#2", None, "okr:KR-RETENTION", "okr:KR-UX", source="github")
    said("acme/shop#9", "Fixes #1, #2; see SHOP-2")
    assert world.targets("acme/shop#9") == ["KR-UX", "KR-RETENTION", "KR-CRAFT"]


def test_with_conflict_first_one_is_kept_and_the_others_are_shown(worlds):
    world = worlds(rules=Rules(conflict="first"))
    world.add("SHOP-1", None, "okr:KR-UX")
    world.add("SHOP-2", None, "okr:KR-CRAFT")
    say(world, "acme/shop#9", "SHOP-1 and SHOP-2")
    verdict = world.verdict("acme/shop#9")
    assert (reached(verdict)[0][0], [link.target for link in verdict.lost]) == ("KR-UX", ["KR-CRAFT"])


def test_a_link_by_reference_is_valid_since_the_later_of_both(world, said):
    epic = world.add("SHOP-1", None, "okr:KR-UX")
    born = epic.created_at
    said("acme/shop#8", "SHOP-1", created_at=born + DAY)
    said("acme/shop#9", "SHOP-1", created_at=born - DAY)
    since = [(world.verdict(key).links[0].since - born) // DAY for key in ("acme/shop#8", "acme/shop#9")]
    assert since == [1, 0]


def test_a_pull_request_inherits_nothing_from_a_pull_request_that_it_names_nor_a_commit_from_a_commit(world, said):
    said("acme/shop#8", "OKR: KR-UX")
    said("acme/shop#9", "follows #8")
    said(ONE, "OKR: KR-UX")
    said(TWO, f"follows https://github.com/acme/shop/commit/{ONE}")
    assert [world.verdict(key).orphan for key in ("acme/shop#9", TWO)] == ["direct", "direct"]
    assert world.verdict("acme/shop#9").dangling == (), "it names something that exists"


def test_a_commit_of_a_pull_request_names_the_pull_request_and_the_pull_request_not_itself(world, said):
    said("acme/shop#9", "OKR: KR-UX\n\nalso #9")
    said(ONE, title="Cart (#9)")
    assert reached(world.verdict(ONE)) == [("KR-UX", "reference", [ONE, "acme/shop#9"])]


# ── keys across tools, aliases, sources ──────────────────────────────────────────────────────────────────────────────


def test_keys_resolve_across_tools(world, said):
    world.add("SHOP-1", None, "okr:KR-UX", source="jira")
    world.add("77", None, "okr:KR-CRAFT", source="asana")
    world.add("acme/mobile#4", None, "okr:KR-RETENTION", source="github")
    said("acme/shop#9", "shop-1, https://app.asana.com/0/0/77/f and ACME/mobile#4")
    assert world.targets("acme/shop#9") == ["KR-UX", "KR-CRAFT", "KR-RETENTION"]


def test_old_keys_resolve_through_aliases(world, said):
    world.add("PAY-7", None, "okr:KR-UX", aliases=("SHOP-1",))
    world.add("acme/shop#3", None, "okr:KR-CRAFT", source="github", aliases=("acme/former#3",))
    said(ONE, "SHOP-1")
    said(TWO, "acme/former#3")
    said(THREE, title="Cart (#3)")
    assert [world.targets(key) for key in (ONE, TWO, THREE)] == [["KR-UX"], ["KR-CRAFT"], ["KR-CRAFT"]]


def test_a_short_number_is_one_of_its_own_repository(world, said):
    world.add("acme/shop#3", None, "okr:KR-UX", source="github")
    world.add("acme/mobile#3", None, "okr:KR-CRAFT", source="github")
    said("acme/mobile#9", "#3", project="acme/mobile")
    assert world.targets("acme/mobile#9") == ["KR-CRAFT"]


def test_the_own_source_comes_before_another(world, said):
    world.add("acme/shop#3", None, "okr:KR-CRAFT", source="ghe")
    world.add("acme/shop#3", None, "okr:KR-UX", source="github")
    said("acme/shop#9", "#3")
    assert world.targets("acme/shop#9") == ["KR-UX"]


def test_a_key_of_two_sources_is_ambiguous_until_an_address_says_which(world, said, in_words):
    world.add("SHOP-1", None, "okr:KR-UX", source="jira")
    world.add("SHOP-1", None, "okr:KR-CRAFT", source="jira2")
    said("acme/shop#8", "SHOP-1")
    said(ONE, "SHOP-1")
    said("acme/shop#9", "[SHOP-1](https://sister.atlassian.net/browse/SHOP-1)")
    verdict = world.verdict("acme/shop#8")
    assert (verdict.orphan, verdict.links) == ("ambiguous", ())
    assert in_words(verdict.broken_at.why)[0] == (
        "acme/shop#8 names SHOP-1, which fits several items: jira:SHOP-1, jira2:SHOP-1"
    )
    assert in_words(verdict.broken_at.fix)[0].startswith("write in acme/shop#8 the address of the item")
    assert in_words(world.verdict(ONE).broken_at.fix)[0].startswith(f"say which goal {ONE[:10]} serves: okrsync link")
    assert world.targets("acme/shop#9") == ["KR-CRAFT"]


def test_what_is_ambiguous_does_no_harm_beside_a_link(world, said):
    for source in ("jira", "jira2"):
        world.add("SHOP-1", None, "okr:KR-UX", source=source)
    world.add("PAY-1", None, "okr:KR-CRAFT")
    said("acme/shop#9", "SHOP-1 PAY-1")
    assert world.targets("acme/shop#9") == ["KR-CRAFT"]


def test_an_address_of_another_source_does_not_fall_back(world, said):
    world.add("SHOP-1", None, "okr:KR-UX", source="jira")
    said("acme/shop#9", "https://sister.atlassian.net/browse/SHOP-1")
    assert world.verdict("acme/shop#9").orphan == "dangling"


# ── exempt ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_closes_or_names_an_exempt_item_is_exempt(worlds, in_words):
    world = worlds(rules=Rules(exempt=(Exemption(labels=("ktlo",)),)))
    world.add("SHOP-1", None, "ktlo")
    world.add("SHOP-2", "SHOP-1")
    say(world, "acme/shop#9", "Fixes SHOP-2")
    say(world, ONE, title="Tidy (#9)")
    say(world, "acme/shop#7", "OKR: KR-UX\nSHOP-1")
    assert [world.verdict(key).kind for key in ("acme/shop#9", ONE, "acme/shop#7")] == ["exempt", "exempt", "traced"]
    assert in_words(world.verdict(ONE).exemption)[0] == (
        "names acme/shop#9 in its title (“#9”); inherited from SHOP-1: exempt by the configuration: label ktlo"
    )


def test_a_link_beats_an_exemption_of_the_same_rank(worlds):
    world = worlds(rules=Rules(exempt=(Exemption(labels=("ktlo",)),)))
    world.add("SHOP-1", None, "ktlo")
    world.add("SHOP-2", None, "okr:KR-UX")
    say(world, "acme/shop#9", "SHOP-1 SHOP-2")
    verdict = world.verdict("acme/shop#9")
    assert (verdict.kind, [link.target for link in verdict.lost]) == ("traced", [""])


def test_the_word_of_a_person_on_a_ticket_reaches_its_commits(world, said):
    world.add("SHOP-1")
    said(ONE, "SHOP-1")
    world.link("SHOP-1", kind=OverrideKind.EXEMPT)
    assert world.verdict(ONE).kind == "exempt"
    world.link("SHOP-1", "KR-UX")
    assert world.targets(ONE) == ["KR-UX"]


# ── revert ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("sha", [ONE, ONE[:8], ONE[:10].upper()])
def test_a_revert_inherits_from_the_commit_that_it_reverts(world, said, in_words, sha):
    said(ONE, "OKR: KR-UX")
    said(TWO, f"This reverts commit {sha}.", title='Revert "Cart"')
    verdict = world.verdict(TWO)
    assert reached(verdict) == [("KR-UX", "revert", [TWO, ONE])]
    assert [hop.hop for hop in verdict.links[0].path[:3]] == ["item", "revert", "trailer"]
    assert in_words(verdict.links[0].evidence)[0] == (
        f"reverts {ONE} (“This reverts commit {sha}”); inherited from {ONE}: trailer OKR: KR-UX"
    )


def test_a_revert_inherits_from_the_pull_request_that_it_reverts(world, said):
    world.add("PAY-1", None, "okr:KR-UX")
    said("acme/shop#8", "PAY-1")
    said("acme/shop#9", "Reverts acme/shop#8")
    said(ONE, title='Revert "Cart (#8)" (#9)', body="Reverts acme/shop#8")
    assert reached(world.verdict("acme/shop#9")) == [("KR-UX", "revert", ["acme/shop#9", "acme/shop#8", "PAY-1"])]
    assert reached(world.verdict(ONE)) == [
        ("KR-UX", "reference", [ONE, "acme/shop#9", "acme/shop#8", "PAY-1"]),
    ], "it is what its own pull request is"


def test_reference_ranks_before_revert(world, said):
    world.add("SHOP-1", None, "okr:KR-CRAFT")
    said(ONE, "OKR: KR-UX")
    said(TWO, f"This reverts commit {ONE}, see SHOP-1")
    verdict = world.verdict(TWO)
    assert reached(verdict) == [("KR-CRAFT", "reference", [TWO, "SHOP-1"])]
    assert [(link.target, link.rule) for link in verdict.lost] == [("KR-UX", "revert")]


def test_a_revert_of_a_revert_climbs_on(world, said):
    said(ONE, "OKR: KR-UX")
    said(TWO, f"This reverts commit {ONE}")
    said(THREE, f"This reverts commit {TWO}")
    assert reached(world.verdict(THREE)) == [("KR-UX", "revert", [THREE, TWO, ONE])]


def test_a_sha_means_the_commit_of_its_own_repository_else_the_only_one(world, said):
    said(ONE, "OKR: KR-UX", project="acme/shop")
    said(ONE, "OKR: KR-CRAFT", project="acme/mobile")
    said(TWO, f"This reverts commit {ONE}", project="acme/mobile")
    said(THREE, f"This reverts commit {ONE[:9]}", project="acme/other")
    assert world.targets(TWO) == ["KR-CRAFT"]
    assert world.verdict(THREE).orphan == "ambiguous"


def test_of_several_commits_that_begin_so_none_is_meant(world, said):
    said(ONE, "OKR: KR-UX")
    said(TWO, "OKR: KR-CRAFT")
    said(THREE, f"This reverts commit {ONE[:7]}")
    assert world.verdict(THREE).orphan == "ambiguous"


def test_a_reverted_commit_that_is_not_stored_leads_nowhere_and_is_no_gap(world, said):
    said(ONE, f"This reverts commit {TWO}")
    verdict = world.verdict(ONE)
    assert (verdict.orphan, verdict.dangling) == ("direct", ())


def test_what_reverts_an_exempt_commit_is_exempt(world, said):
    said(ONE, title="Merge branch 'x'")
    said(TWO, f"This reverts commit {ONE}")
    assert world.verdict(TWO).kind == "exempt"


def test_a_number_that_reverts_turns_out_to_name_a_ticket(world, said):
    world.add("acme/shop#3", None, "okr:KR-UX", source="github")
    said("acme/shop#9", "Reverts #3")
    assert reached(world.verdict("acme/shop#9")) == [("KR-UX", "reference", ["acme/shop#9", "acme/shop#3"])]


# ── circles ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pull_requests_that_revert_each_other_end_and_are_named(world, said, in_words):
    said("acme/shop#8", "Reverts #9")
    said("acme/shop#9", "Reverts #8")
    said(ONE, title="Undo (#9)")
    verdicts = world.judge().values()
    assert {(verdict.orphan, verdict.broken_at.key) for verdict in verdicts} == {("transitive", "acme/shop#8")}
    why, fix = (in_words(one)[0] for one in (world.verdict(ONE).broken_at.why, world.verdict(ONE).broken_at.fix))
    assert why.endswith("in a circle of 2, and nothing in it leads to a goal: acme/shop#8 → acme/shop#9 → acme/shop#8")
    assert fix.startswith("name in the title or the text of acme/shop#8 the ticket that it serves")


def test_nobody_inherits_from_himself(world, said):
    """TWO reverts ONE; and names a pull request that reverts TWO, whose own word must not come back to it."""
    said(ONE, "OKR: KR-UX")
    said("acme/shop#9", f"This reverts commit {TWO}")
    said(TWO, f"This reverts commit {ONE}", title="Cart (#9)")
    assert reached(world.verdict(TWO)) == [("KR-UX", "revert", [TWO, ONE])]
    assert reached(world.verdict("acme/shop#9")) == [("KR-UX", "revert", ["acme/shop#9", TWO, ONE])]


def reverts(count, *labels):
    shas = [f"{number:040x}" for number in range(count)]
    for number, sha in enumerate(shas):
        back = (Reference(ReferenceKind.REVERTS, shas[number - 1]),) if number else ()
        own = () if number else labels
        yield Node(number, "github", sha, sha, COMMIT, sha, "", State.DONE, BORN, labels=own, references=back)


def test_a_long_chain_of_reverts_needs_no_recursion(world):
    nodes = list(reverts(10_000))
    start = time.process_time()
    verdicts = list(mapping.judge(nodes, world.goals, world.rules, {}, world.now))
    assert time.process_time() - start < 2
    assert {(one.orphan, one.broken_at.key) for one in verdicts} == {
        ("direct", nodes[0].key),
        ("transitive", nodes[0].key),
    }
    linked = list(mapping.judge(list(reverts(1000, "okr:KR-UX")), world.goals, world.rules, {}, world.now))
    assert len(linked[-1].links[0].path) == 1000 + 3, "all the way back"


# ── the classes of §5 ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("key", "named"), [("acme/shop#9", "SHOP-404"), (ONE, "acme/shop#404")])
def test_dangling_a_key_of_a_configured_project_that_names_nothing(world, said, in_words, key, named):
    said(key, f"see {named}")
    verdict = world.verdict(key)
    (dangling,) = verdict.dangling
    assert (verdict.orphan, dangling.text, dangling.where, dangling.suggestion) == ("dangling", named, "key", None)
    assert in_words(verdict.broken_at.why)[0] == f"{shortened(key)} names {named}, and there is no such item"
    english = in_words(verdict.broken_at.fix)[0]
    assert english.startswith("in the title or the text of" if key != ONE else f"link {ONE[:10]} to a configured goal")


def test_of_two_tickets_one_is_linked_and_one_is_missing_traced_and_the_key_is_still_told(world, said):
    world.add("SHOP-1", None, "okr:KR-UX")
    said("acme/shop#9", "SHOP-1 SHOP-404")
    verdict = world.verdict("acme/shop#9")
    assert (verdict.kind, [one.text for one in verdict.dangling]) == ("traced", ["SHOP-404"])


def test_an_address_of_asana_that_leads_to_nothing_stored_is_nothing(world, said):
    said("acme/shop#9", "https://app.asana.com/0/1200/404")
    assert (world.verdict("acme/shop#9").orphan, world.verdict("acme/shop#9").dangling) == ("direct", ())


def test_transitive_the_mend_is_at_the_top_of_the_ticket_that_is_named(world, said, in_words):
    world.add("SHOP-1")
    world.add("SHOP-2", "SHOP-1")
    said("acme/shop#9", "Fixes SHOP-2")
    said(ONE, title="Cart (#9)")
    for key in ("acme/shop#9", ONE):
        verdict = world.verdict(key)
        assert (verdict.orphan, verdict.broken_at.key) == ("transitive", "SHOP-1")
    assert [verdict.broken_at.key for verdict in world.judge().values()] == ["SHOP-1"] * 4
    world.change("SHOP-1", labels=("okr:KR-UX",))
    assert {verdict.kind for verdict in world.judge().values()} == {"traced"}, "the mend mends"


def test_transitive_a_leaf_that_is_named_is_mended_itself(world, said, in_words):
    world.add("SHOP-1")
    said("acme/shop#9", "SHOP-1")
    said("acme/shop#7")
    said(ONE, title="Cart (#7)")
    assert in_words(world.verdict("acme/shop#9").broken_at.fix)[0].startswith("add to SHOP-1 the label")
    fix = in_words(world.verdict(ONE).broken_at.fix)[0]
    assert fix.startswith("name in the title or the text of acme/shop#7 the ticket that it serves")
    assert fix.endswith("that links its commits too")


def test_transitive_a_mistyped_trailer_on_the_way_is_the_cheaper_mend(world, said):
    world.add("SHOP-1")
    said("acme/shop#9", "SHOP-1\nOKR: KR-RETENTOIN")
    said(ONE, title="Cart (#9)")
    verdict = world.verdict(ONE)
    assert (verdict.orphan, verdict.broken_at.key) == ("transitive", "acme/shop#9")


def test_unresolvable_a_named_ticket_or_its_epic_may_not_be_read(world, said):
    world.add("SHOP-1", readable=False, counted=False)
    world.add("SHOP-2", "SHOP-1")
    said("acme/shop#8", "SHOP-1")
    said(ONE, "SHOP-2")
    said("acme/shop#9", "SHOP-1\nOKR: KR-UX")
    verdicts = {key: world.verdict(key) for key in ("acme/shop#8", ONE, "acme/shop#9")}
    assert [verdict.kind for verdict in verdicts.values()] == ["unresolvable", "unresolvable", "traced"]
    assert {verdicts[key].broken_at.key for key in ("acme/shop#8", ONE)} == {"SHOP-1"}


def test_unresolvable_what_the_tool_says_to_be_closed_is_not_stored(world, said, in_words):
    said("acme/shop#9", references=(Reference(ReferenceKind.CLOSES, "acme/secret#3", "77#3"),))
    verdict = world.verdict("acme/shop#9")
    assert (verdict.kind, verdict.broken_at.key) == ("unresolvable", "acme/secret#3")
    assert in_words(verdict.broken_at.fix)[0].startswith("add the repository of acme/secret#3 to source github")


def test_dead_an_open_pull_request_on_a_goal_that_is_over(world, said, in_words):
    world.add("SHOP-1", None, "okr:KR-OLD")
    said("acme/shop#8", "SHOP-1")
    said("acme/shop#9", "OKR: KR-DROPPED")
    said(ONE, title="Cart (#8)")
    said(TWO, "OKR: KR-OLD")
    said("acme/shop#7", f"This reverts commit {TWO}")
    keys = ("acme/shop#8", "acme/shop#9", ONE, "acme/shop#7")
    assert [world.verdict(key).orphan for key in keys] == ["dead", "dead", None, "dead"], "finished work is traced"
    at = {key: world.verdict(key).broken_at for key in keys if key != ONE}
    assert at["acme/shop#8"].key == "SHOP-1", "the mend is where the link stands"
    assert in_words(at["acme/shop#9"].fix)[0].startswith("in the text of acme/shop#9, name a goal that is open")
    assert (at["acme/shop#7"].key, in_words(at["acme/shop#7"].fix)[0][:19]) == (TWO, "type: okrsync link ")


@pytest.mark.parametrize(
    ("key", "fix"),
    [
        ("acme/shop#9", "name in the title or the text of acme/shop#9 the ticket that it serves, or add the label"),
        (ONE, f'type: okrsync link {ONE[:10]} KR-… --why "…", with the goal that it serves; if it serves none: '),
    ],
)
def test_direct_nothing_in_it_points_anywhere(world, said, in_words, key, fix):
    said(key, "other/repo#3 and nothing else")
    verdict = world.verdict(key)
    assert (verdict.orphan, verdict.broken_at.key) == ("direct", key)
    assert in_words(verdict.broken_at.fix)[0].startswith(fix)


# ── order and switches ───────────────────────────────────────────────────────────────────────────────────────────────


def full(world):
    """A commit with a trailer, a ticket, a commit that it reverts, and an author that exempts."""
    world.add("SHOP-1", None, "okr:KR-CRAFT")
    say(world, ONE, "OKR: KR-LONGER")
    say(world, TWO, f"SHOP-1\n\nThis reverts commit {ONE}\n\nOKR: KR-UX", author="x[bot]")
    return world


FOUND = {
    RuleName.TRAILER: "KR-UX",
    RuleName.EXEMPT: "",
    RuleName.REFERENCE: "KR-CRAFT",
    RuleName.REVERT: "KR-LONGER",
}


@pytest.mark.parametrize("off", range(4))
def test_the_next_rule_in_the_order_wins_and_the_losers_are_shown(worlds, off):
    order = tuple(FOUND)[off:]
    later = [
        rule for rule in FOUND if rule not in order
    ]  # ONE has a trailer, SHOP-1 a label: they are read in any case
    verdict = full(worlds(rules=Rules(order=(RuleName.LABEL, *order, *later)))).verdict(TWO)
    links = [(link.target, link.rule) for link in verdict.links]
    assert links == ([] if order[0] is RuleName.EXEMPT else [(FOUND[order[0]], order[0])])
    assert [link.rule for link in verdict.lost] == [*order[1:], *later]


@pytest.mark.parametrize("first", list(FOUND))
def test_the_configured_order_decides(worlds, first):
    rules = Rules(order=(first, *(rule for rule in Rules().order if rule is not first)))
    verdict = full(worlds(rules=rules)).verdict(TWO)
    assert [link.target for link in verdict.links] == ([FOUND[first]] if FOUND[first] else [])


def test_where_reference_is_off_nothing_is_named_and_no_key_dangles(worlds):
    world = worlds(rules=Rules(order=(RuleName.LABEL, RuleName.REVERT)))
    world.add("SHOP-1", None, "okr:KR-UX")
    say(world, "acme/shop#9", "SHOP-1 SHOP-404 Reverts #3")
    world.add("acme/shop#3", None, "okr:KR-UX", source="github")
    verdict = world.verdict("acme/shop#9")
    assert (verdict.orphan, verdict.dangling) == ("direct", ())


def test_what_the_tool_says_to_be_closed_says_more_than_a_text_that_names_it(world):
    world.add("SHOP-12")
    closes = Reference(ReferenceKind.CLOSES, "SHOP-12", world["SHOP-12"].remote_id)
    names = Reference(ReferenceKind.MENTIONS, "SHOP-12", evidence="title: SHOP-12")
    for number, references in enumerate(((closes, names), (names, closes))):
        world.add(f"acme/shop#{number}", kind=ItemKind.PULL_REQUEST, references=references)
        (link,) = world.verdict(f"acme/shop#{number}").links
        assert link.evidence.code.endswith(".closes")
