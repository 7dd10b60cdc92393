"""Rules 7 and 8 to the letter: what counts as naming, closing and reverting, and what does not, a line each."""

from __future__ import annotations

import pytest
from letters import PLACES, SHA, say

from mapping import Reader
from okrsync.model import ItemKind, Reference, ReferenceKind, Text

OLDER = "a" * 39 + "1"
PULL, COMMIT = ItemKind.PULL_REQUEST, ItemKind.COMMIT


def read(body="", *, title="", branch="", kind=PULL, project="acme/shop"):
    """``word target`` of every reference, with the source where an address gave it."""
    text = Text(1, "github", kind, "k", project, title, body, branch)
    return [
        f"{one.kind} {one.target}" + (f" at {one.target_source}" if one.target_source else "")
        for one in Reader(PLACES).read(text)
    ]


# ── closing keywords exactly as GitHub reads them ────────────────────────────────────────────────────────────────────

WORDS = ("close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved")


@pytest.mark.parametrize("word", [form(word) for word in WORDS for form in (str, str.title, str.upper)])
@pytest.mark.parametrize("colon", ["", ":"])
def test_nine_words_in_any_case_with_or_without_a_colon_close(word, colon):
    assert read(f"{word}{colon} #10") == ["closes acme/shop#10"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Fixes acme/mobile#100", ["closes acme/mobile#100"]),
        ("Fixes https://github.com/acme/shop/issues/10", ["closes acme/shop#10 at github"]),
        ("Fixes GH-10", ["closes acme/shop#10"]),
        (
            "Resolves #10, resolves #123, resolves acme/mobile#100",
            ["closes acme/shop#10", "closes acme/shop#123", "closes acme/mobile#100"],
        ),
        ("Fixes #1, #2", ["closes acme/shop#1", "mentions acme/shop#2"]),
        ("Fixes #1 and #2", ["closes acme/shop#1", "mentions acme/shop#2"]),
        ("This PR fixes #1.", ["closes acme/shop#1"]),
        ("Fixes SHOP-1", ["closes SHOP-1"]),  # GitHub knows no such key: here it closes too
        # counter-examples: the word does not stand right before it, or is another word
        ("Fixes: the crash of #1", ["mentions acme/shop#1"]),
        ("fixes issue #1", ["mentions acme/shop#1"]),
        ("fixing #1", ["mentions acme/shop#1"]),
        ("fixs #1", ["mentions acme/shop#1"]),
        ("prefixes #1", ["mentions acme/shop#1"]),
        ("bug-fixes #1", ["mentions acme/shop#1"]),
        ("implements #1", ["mentions acme/shop#1"]),
        ("Fixes\n\n#1", ["mentions acme/shop#1"]),
        ("Fixes:#1", ["mentions acme/shop#1"]),
        ("Fixes other/repo#1", []),
        ("Fixes `#1`", []),
        ("<!-- Fixes #1 -->", []),
        ("> Fixes #1", []),
    ],
)
def test_the_word_stands_right_before_what_is_closed_and_is_repeated_for_each(text, found):
    assert read(text) == found


def test_a_keyword_in_the_title_of_a_pull_request_closes_nothing_and_in_a_commit_message_it_does():
    assert read(title="Fixes #10") == ["mentions acme/shop#10"]
    assert read(title="Fixes #10", kind=COMMIT) == read("Fixes #10", kind=COMMIT) == ["closes acme/shop#10"]


def test_whatever_branch_a_pull_request_goes_to_closing_and_naming_link_alike(world):
    """GitHub ignores keywords where the base is not the default branch; what such a pull request says is named all the
    same, and naming is enough for a link."""
    world.add("acme/shop#1", None, "okr:KR-UX", source="github")
    say(world, "acme/shop#8", "Fixes #1")
    say(world, "acme/shop#9", "#1")
    assert world.targets("acme/shop#8") == world.targets("acme/shop#9") == ["KR-UX"]


# ── squash suffixes, merges, cherry-picks, branches ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Add the cart (#12)", ["mentions acme/shop#12"]),
        ("Add the cart (#12) (#13)", ["mentions acme/shop#12", "mentions acme/shop#13"]),
        ("Add the cart (#12, #13)", ["mentions acme/shop#12", "mentions acme/shop#13"]),
        ("SHOP-12: add the cart (#13)", ["mentions SHOP-12", "mentions acme/shop#13"]),
        ("Add the cart (acme/mobile#12)", ["mentions acme/mobile#12"]),
        ("Merge pull request #12 from ana/SHOP-7-cart", ["mentions acme/shop#12", "mentions SHOP-7"]),
        ("Fix the cart (#12) [backport #9]", ["mentions acme/shop#12", "mentions acme/shop#9"]),
        ("Cart, version 12 (#)", []),
        ("Add the cart (12)", []),
        ("Use C#12", []),
        ("Add the cart (other/shop#12)", []),
    ],
)
def test_squash_suffixes_and_merges_name_their_pull_request(title, found):
    assert read(title=title, kind=COMMIT) == found


@pytest.mark.parametrize(
    ("branch", "found"),
    [
        ("feature/SHOP-12-cart", ["mentions SHOP-12"]),
        ("ana/shop-12", ["mentions SHOP-12"]),
        ("SHOP-12", ["mentions SHOP-12"]),
        ("SHOP-12_SHOP-13", ["mentions SHOP-12", "mentions SHOP-13"]),
        ("feature/SHOP-12/PAY-3-totals", ["mentions SHOP-12", "mentions PAY-3"]),
        ("dependabot/npm/shop-12.3.4", []),
        ("fix/#12", []),
        ("fix-#12", ["mentions acme/shop#12"]),
        ("12-cart", []),
        ("issue-12", []),
        ("workshop-12", []),
        ("release/1.2.3", []),
        ("feature/shop12", []),
    ],
)
def test_a_branch_names_tickets_by_their_keys(branch, found):
    assert read(branch=branch) == found


def test_a_cherry_pick_is_what_its_own_message_says(world):
    """``git cherry-pick -x`` copies the message and adds a line; that line alone names nothing."""
    assert read(f"(cherry picked from commit {SHA})", kind=COMMIT) == []
    world.add("SHOP-1", None, "okr:KR-UX")
    say(world, SHA, title="SHOP-1 Cart")
    say(world, OLDER, f"(cherry picked from commit {SHA})", title="SHOP-1 Cart")
    say(world, "b" * 40, f"(cherry picked from commit {SHA})", title="Cart")
    assert world.targets(OLDER) == ["KR-UX"]
    assert world.verdict("b" * 40).orphan == "direct"


# ── keys of each tool in the texts of the others ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("SHOP-12", ["mentions SHOP-12"]),
        ("https://app.asana.com/0/1200/77", ["mentions 77 at asana"]),
        ("https://acme.atlassian.net/browse/SHOP-12", ["mentions SHOP-12 at jira"]),
        ("https://ghe.acme.test/acme/tools/issues/3", ["mentions acme/tools#3 at ghes"]),
        ("acme/tools#3", ["mentions acme/tools#3"]),
        ("77 and 1200/77", []),
        ("https://ghe.acme.test/acme/shop/issues/3", []),
        ("UTF-8, ISO-8859-1, CVE-2024-1, WEBSHOP-1x, PAYMENT-1, SHOP-12x", []),
    ],
)
@pytest.mark.parametrize("kind", [PULL, COMMIT])
def test_keys_and_addresses_of_three_tools_are_read_in_pull_requests_and_commits(kind, body, found):
    assert read(body, kind=kind) == found


@pytest.mark.parametrize("source", ["jira", "github", "asana"])
def test_a_ticket_of_any_tool_that_names_a_ticket_inherits_nothing(world, source):
    world.add("SHOP-1", None, "okr:KR-UX")
    references = (Reference(ReferenceKind.MENTIONS, "SHOP-1", evidence="body: SHOP-1"),)
    world.add("T-1", source=source, references=references)
    assert world.verdict("T-1").orphan == "direct"


# ── addresses, old and new ───────────────────────────────────────────────────────────────────────────────────────────

JIRA, SISTER = "https://acme.atlassian.net", "https://jira.sister.test/jira"


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (f"{JIRA}/browse/SHOP-12", "SHOP-12 at jira"),
        (f"{JIRA}/jira/software/c/projects/SHOP/issues/SHOP-12", "SHOP-12 at jira"),
        (f"{JIRA}/jira/software/projects/SHOP/boards/7?selectedIssue=SHOP-12", "SHOP-12 at jira"),
        (f"{JIRA}/jira/software/c/projects/SHOP/boards/7/backlog?view=detail&selectedIssue=SHOP-12", "SHOP-12 at jira"),
        (f"{JIRA}/jira/core/projects/SHOP/board?selectedIssue=SHOP-12", "SHOP-12 at jira"),
        (f"{JIRA}/issues/SHOP-12?filter=-4", "SHOP-12 at jira"),
        (f"{SISTER}/secure/RapidBoard.jspa?rapidView=7&selectedIssue=SHOP-12", "SHOP-12 at sister"),
        (f"{SISTER}/projects/SHOP/issues/SHOP-12?filter=allopenissues", "SHOP-12 at sister"),
        (f"{SISTER}/projects/SD/queues/custom/3/SD-4", "SD-4 at sister"),
        (f"{SISTER}/projects/SD/queues/issue/SD-4", "SD-4 at sister"),
        (f"{SISTER}/servicedesk/customer/portal/2/SD-4", "SD-4 at sister"),
        (f"{SISTER}/browse/SD-4?focusedCommentId=9#comment-9", "SD-4 at sister"),
        ("https://github.com/acme/shop/issues/12", "acme/shop#12 at github"),
        ("https://github.com/acme/shop/issues/12#issuecomment-99", "acme/shop#12 at github"),
        ("https://github.com/acme/shop/pull/12", "acme/shop#12 at github"),
        ("https://github.com/acme/shop/pull/12/files#r1", "acme/shop#12 at github"),
        (f"https://github.com/acme/shop/pull/12/commits/{SHA}", "acme/shop#12 at github"),
        ("https://github.com/acme/former/issues/12", "acme/former#12 at github"),
        (
            "https://github.com/orgs/acme/projects/5/views/1?pane=issue&itemId=7&issue=acme%7Cshop%7C12",
            "acme/shop#12 at github",
        ),
        ("https://ghe.acme.test/acme/tools/pull/12", "acme/tools#12 at ghes"),
        ("https://app.asana.com/0/1200/77", "77 at asana"),
        ("https://app.asana.com/0/1200/77/f", "77 at asana"),
        ("https://app.asana.com/0/0/77", "77 at asana"),
        ("https://app.asana.com/0/inbox/5/77/88", "77 at asana"),
        ("https://app.asana.com/1/9/project/1200/task/77", "77 at asana"),
        ("https://app.asana.com/1/9/project/1200/task/77/comment/88?focus=true", "77 at asana"),
        ("https://app.asana.com/1/9/task/77", "77 at asana"),
        # counter-examples: the right host and no item, or an item of another host
        (f"{JIRA}/projects/SHOP", None),
        (f"{JIRA}/jira/software/projects/SHOP/boards/12", None),
        (f"{SISTER}/projects/SD/queues/custom/3", None),
        (f"{JIRA}/browse/SHOP-12x", None),
        (f"{JIRA}/wiki/spaces/X/pages/1/SHOP-12", None),
        ("https://jira.sister.test/browse/SHOP-12", None),
        ("https://other.test/browse/SHOP-12", None),
        ("https://github.com/acme/shop/milestone/12", None),
        ("https://github.com/acme/shop/compare/SHOP-12...main", None),
        ("https://github.com/orgs/acme/projects/5/views/1?pane=issue&itemId=7", None),
        ("https://github.com/orgs/acme/projects/5/views/1?issue=other%7Cshop%7C12", None),
        ("https://gitlab.test/acme/shop/issues/12", None),
        ("https://app.asana.com/0/1200/list", None),
        ("https://app.asana.com/1/9/project/1200/list/77", None),
    ],
)
def test_an_address_of_a_configured_site_names_its_item_and_nothing_is_read_in_others(address, found):
    assert read(f"see {address}, please") == ([f"mentions {found}"] if found else [])


# ── names that were given up ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("moved", "was", "said"),
    [
        ({"key": "PAY-7", "source": "jira"}, "SHOP-1", "SHOP-1"),  # moved to another project of Jira
        ({"key": "acme/shop#3", "source": "github"}, "acme/former#3", "acme/former#3"),  # its repository was renamed
        ({"key": "acme/mobile#5", "source": "github"}, "acme/shop#3", "Fixes #3"),  # transferred to another
    ],
)
def test_old_keys_lead_to_the_item_that_had_them_until_another_has_them(world, moved, was, said):
    key, source = moved["key"], moved["source"]
    world.add(key, None, "okr:KR-UX", source=source, aliases=(was,))
    say(world, "acme/shop#9", said)
    assert world.targets("acme/shop#9") == ["KR-UX"]
    world.add(was, None, "okr:KR-CRAFT", source=source)
    assert world.targets("acme/shop#9") == ["KR-CRAFT"], "an item that has the key now comes before one that had it"


# ── reverts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("title", "body", "found"),
    [
        ('Revert "Add the cart"', f"This reverts commit {SHA}.", [f"reverts {SHA}"]),
        ('Reapply "Add the cart"', f"This reverts commit {SHA}.", [f"reverts {SHA}"]),  # git 2.43 and later
        ('Revert "Revert "Add the cart""', f"This reverts commit {SHA}.", [f"reverts {SHA}"]),
        ("Back out the cart", "This reverts commit 1563ffc (Add the cart, 2026-10-01)", ["reverts 1563ffc"]),
        (
            'Revert "Merge branch x"',
            f"This reverts commit {SHA}, reversing\nchanges made to {OLDER}.",
            [f"reverts {SHA}"],
        ),
        (
            'Revert "Add the cart (#12)" (#13)',
            "Reverts acme/shop#12",
            ["reverts acme/shop#12", "mentions acme/shop#13"],
        ),
        ('Revert "Add the cart (#12)"', "Reverts acme/shop#12", ["reverts acme/shop#12"]),
        ("Revert the cart", "Reverts #12", ["reverts acme/shop#12"]),
        ("Revert the cart", "Reverts SHOP-12", ["mentions SHOP-12"]),
        ("Revert the cart", "it reverts to the old one, see #12", ["mentions acme/shop#12"]),
        ("Revert the cart", f"see {SHA}", []),
        ("Revert the cart", f"> This reverts commit {SHA}.", []),
    ],
)
def test_a_revert_names_what_it_reverts(title, body, found):
    assert sorted(read(body, title=title, kind=COMMIT)) == sorted(found)


def test_reverts_of_reverts_lead_back_to_the_first_whatever_git_calls_them(world):
    shas = [f"{number:040x}" for number in range(16**6, 16**6 + 4)]
    titles = ["SHOP-1 Cart", 'Revert "Cart"', 'Reapply "Cart"', 'Revert "Reapply "Cart""']
    world.add("SHOP-1", None, "okr:KR-UX")
    say(world, shas[0], title=titles[0])
    for number in (1, 2, 3):
        say(world, shas[number], f"This reverts commit {shas[number - 1]}.", title=titles[number])
    for number in (1, 2, 3):
        (link,) = world.verdict(shas[number]).links
        assert (link.target, link.rule) == ("KR-UX", "revert")
        assert [hop.key for hop in link.path if hop.source] == [*reversed(shas[: number + 1]), "SHOP-1"]


def test_a_revert_whose_title_quotes_a_key_is_what_the_ticket_is(world):
    """The key in the quoted title names the ticket: **reference** ranks before **revert**."""
    world.add("SHOP-1", None, "okr:KR-UX")
    say(world, SHA, "OKR: KR-CRAFT", title="SHOP-1 Cart")
    say(world, OLDER, f"This reverts commit {SHA}.", title='Revert "SHOP-1 Cart"')
    verdict = world.verdict(OLDER)
    assert [(link.target, link.rule) for link in verdict.links] == [("KR-UX", "reference")]
    assert [(link.target, link.rule) for link in verdict.lost] == [("KR-CRAFT", "revert")]
