"""What is exempt by the configuration and by default."""

from __future__ import annotations

import pytest

from okrsync.model import Exemption, ItemKind, ItemRef, Rules

COMMIT = {"kind": ItemKind.COMMIT}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"author": "dependabot[bot]"}, "exempt.bot"),
        ({"author": "Renovate[Bot]", "kind": ItemKind.PULL_REQUEST}, "exempt.bot"),
        ({**COMMIT, "title": "Bring in the new cart", "type": "merge"}, "exempt.merge"),
        ({**COMMIT, "title": "Merge pull request #12 from acme/fix"}, "exempt.merge"),
        ({**COMMIT, "title": "Merge branch 'main' into fix"}, "exempt.merge"),
        ({**COMMIT, "title": "Merge remote-tracking branch 'origin/main'"}, "exempt.merge"),
        ({**COMMIT, "title": "Release v1.2.3"}, "exempt.release"),
        ({**COMMIT, "title": "chore(release): 1.2.3"}, "exempt.release"),
        ({**COMMIT, "title": "chore(release): 1.2.3 [skip ci]"}, "exempt.release"),
        ({**COMMIT, "title": "Release v1.2.3 (#12)"}, "exempt.release"),
        ({**COMMIT, "title": "1.2.3"}, "exempt.release"),
        ({**COMMIT, "title": "v2.0.0-rc.1"}, "exempt.release"),
    ],
)
def test_by_default(world, worlds, facts, code):
    world.add("A-1", **facts)
    assert world.verdict("A-1").exemption.code == code
    other = worlds(rules=Rules(exempt_defaults=False))
    other.add("A-1", **facts)
    assert other.verdict("A-1").orphan == "direct"


@pytest.mark.parametrize(
    "facts",
    [
        {"author": "scott"},  # the brackets of *[bot] are brackets: no class of letters
        {"author": "Bob Talbot"},
        {"title": "Merge branch 'main' into fix"},  # a ticket, not a commit
        {"type": "merge"},
        {**COMMIT, "type": "", "title": "Bring in the new cart"},
        {"kind": ItemKind.PULL_REQUEST, "title": "Release v1.2.3"},  # release *commits*
        {**COMMIT, "author": "bot"},
        {"title": "Release v1.2.3"},
        {**COMMIT, "title": "Merge the two carts"},
        {**COMMIT, "title": "Release notes for v1.2.3"},
        {**COMMIT, "title": "chore(release): explain 1.2.3 to customers"},
        {**COMMIT, "title": "Fix 1.2.3"},
        {**COMMIT, "title": "42"},
    ],
)
def test_not_by_default(world, facts):
    world.add("A-1", **facts)
    assert world.verdict("A-1").orphan == "direct"


def test_every_list_that_is_not_empty_has_to_match(worlds):
    exemption = Exemption(
        labels=("Sécurité", "ktlo"), authors=("sre-*",), types=("Task",), projects=(ItemRef("jira", "OPS"),), why="run"
    )
    world = worlds(rules=Rules(exempt=(exemption,)))
    right = {"author": "SRE-ana", "type": "task", "project": "OPS"}
    world.add("A-1", None, "se\u0301curite\u0301", **right)
    world.add("A-2", None, "other", **right)
    for number, (name, value) in enumerate({"author": "ana", "type": "Bug", "project": "SHOP"}.items(), start=3):
        world.add(f"A-{number}", None, "ktlo", **{**right, name: value})
    world.add("A-9", None, "ktlo", source="jira2", **right)
    kinds = {key: world.verdict(key).kind for key in ("A-1", "A-2", "A-3", "A-4", "A-5", "A-9")}
    assert kinds == {"A-1": "exempt", **dict.fromkeys(("A-2", "A-3", "A-4", "A-5", "A-9"), "orphan")}


def test_a_project_may_be_a_repository(worlds, in_words):
    world = worlds(rules=Rules(exempt=(Exemption(projects=(ItemRef("github", "acme/Ops"),)),)))
    world.add("abc", source="github", project="Acme/ops", **COMMIT)
    world.add("def", source="github", project="acme/shop", **COMMIT)
    assert in_words(world.verdict("abc").exemption)[0] == "exempt by the configuration: project github:Acme/ops"
    assert world.verdict("def").kind == "orphan"


@pytest.mark.parametrize("author", ["renovate[bot]", "x[bot]"])
def test_a_pattern_of_the_configuration_reads_brackets_as_brackets(worlds, author):
    world = worlds(rules=Rules(exempt=(Exemption(authors=("*[bot]",)),), exempt_defaults=False))
    world.add("A-1", author=author)
    world.add("A-2", author="scott")
    assert [world.verdict(key).kind for key in ("A-1", "A-2")] == ["exempt", "orphan"]


def test_one_that_lists_nothing_exempts_nothing(worlds):
    world = worlds(rules=Rules(exempt=(Exemption(why="everything"),)))
    world.add("A-1")
    assert world.verdict("A-1").kind == "orphan"


def test_the_first_that_matches_gives_the_reason(worlds, in_words):
    rules = Rules(exempt=(Exemption(labels=("ktlo",), why="keeps the lights on"), Exemption(types=("Bug",))))
    world = worlds(rules=rules)
    world.add("A-1", None, "ktlo", type="Bug")
    world.add("A-2", type="Bug")
    said = {key: in_words(world.verdict(key).exemption)[0] for key in ("A-1", "A-2")}
    assert said == {
        "A-1": "exempt by the configuration: keeps the lights on (label ktlo)",
        "A-2": "exempt by the configuration: type Bug",
    }
