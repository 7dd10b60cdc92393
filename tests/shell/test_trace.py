"""``trace`` as a team reads it: every hop and why, what did not count, and for an orphan the one change that links it,
which is then made in the tool."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import golden
import pytest
from installation import Installation
from postgresql_server import Server
from small_company import Company
from trio import BOARD, LINKED, TASK, Trio, three_tools

from mapping.clicks import clicks
from okrsync.assess import assess
from okrsync.cli.output import as_text
from okrsync.errors import UsageError
from okrsync.linking import relink
from okrsync.model import Break, Override, OverrideKind, Say, VerdictKind
from okrsync.reports import gaps, thread, trace
from okrsync.reports.encoding import as_json
from okrsync.reports.sheet import as_csv, as_html, as_markdown
from okrsync.store import Store, people, queries
from okrsync.texts import chain, speaker
from okrsync.typed import item as find_item

LANGUAGES = ("en", "fr")
OF_GAPS = {
    *("fix.cycle", "fix.dead_goal", "fix.dangling_key", "fix.label_twins", "fix.duplicate_key"),
    "fix.linked_across_cycles",
}


@pytest.fixture
def trio(tmp_path: Path) -> Iterator[Trio]:
    with three_tools(tmp_path) as trio:
        yield trio


@contextmanager
def telling(company: Company, store: Store) -> Iterator[Callable[..., dict[str, Any]]]:
    """``tell(text, language)``: the answer for the item that ``text`` names, after a link job."""
    config, now = company.config, company.now()
    with store.begin() as tx:
        relink(tx, config, now)
        assessment = assess(tx, config, now)

        def tell(text: str, language: str = "en") -> dict[str, Any]:
            return trace.answer(tx, config, find_item(tx, config, text), assessment, speaker(language))

        yield tell


def told(company: Company, store: Store, text: str, language: str = "en") -> dict[str, Any]:
    with telling(company, store) as tell:
        return tell(text, language)


def items(store: Store, *kinds: VerdictKind) -> list[str]:
    """What counts and was judged so."""
    with store.read() as tx:
        return [f"{one.source}:{one.key}" for one in queries.decided(tx) if not kinds or one.verdict in kinds]


def printed(answer: dict[str, Any], language: str = "en") -> str:
    return as_text(thread.draw(answer, speaker(language)))


def whys(path: list[dict[str, Any]]) -> list[str]:
    return [hop["why"] for hop in path[1:]]


# ── upwards ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_thread_names_every_hop_why_and_where(trio: Trio) -> None:
    company = trio.company
    company.wait(days=1)
    task = company.create(summary="Cart", parent="SHOP-1")
    pull = trio.pull("Cart", f"Fixes {task.key}")
    commit = trio.repository.merge(pull.number, method="squash")
    answer = told(company, trio.synced(), commit.sha)
    (link,) = answer["links"]
    assert [(hop["kind"], hop["source"]) for hop in link["path"]] == [
        ("commit", "github"),
        ("pull_request", "github"),
        ("ticket", "jira"),
        ("ticket", "jira"),
        ("key_result", ""),
        ("objective", ""),
    ]
    short = commit.sha[:10]
    day, put_on = f"{company.clock():%Y-%m-%d}", "2026-10-10"
    number = f"acme/shop#{pull.number}"
    assert whys(link["path"]) == [
        f"{short} names {number} in its message: “#{pull.number}”",
        f"{number} names {task.key} in its text: “Fixes {task.key}”",
        f"{task.key} lies under SHOP-1, since {day}",
        f"SHOP-1 carries the label okr:KR-UX, since {put_on}",
        "KR-UX belongs to O-SHOP",
    ]
    items = [hop for hop in link["path"] if hop["source"]]
    assert all(hop["url"].startswith("http") and hop["url"].endswith(_last(hop["key"])) for hop in items)
    assert {hop["key"] for hop in link["path"] if "status" in hop} == {"KR-UX", "O-SHOP"}
    assert link["since"][:10] == day, "the last of its steps"
    lines = printed(answer).splitlines()
    assert [line.split()[1] for line in lines if line.strip()[:1] in "●◆"] == [
        *(short, number, task.key, "SHOP-1", "KR-UX", "O-SHOP")
    ]
    assert all(line in printed(answer) for line in whys(link["path"]))


def _last(key: str) -> str:
    return key.rpartition("#")[2]


def test_each_rule_says_what_it_found(trio: Trio) -> None:
    company, hub = trio.company, trio.repository
    hub.milestone("Checkout 2")
    company.replace('epics = ["jira:SHOP-2"]', 'epics = ["jira:SHOP-2"]\ncontainers = ["github:milestone:acme/shop#1"]')
    planned = hub.issue("Planned", milestone=1)
    said = hub.pull("By a line", body="Why not\n\nOKR: KR-PAY\n", head="line", commits=["One"])
    branch = hub.pull("By its branch", body="", head="feature/SHOP-3-basket", commits=["Two"])
    (first,) = hub.push(["SHOP-4: cards"])
    (second,) = hub.push([f"Take it back\n\nThis reverts commit {first.sha}."])
    store = trio.synced()
    with store.begin() as tx:
        uid = queries.find(tx, "PAY-2")[0].uid
        people.add_override(
            tx, Override(uid, OverrideKind.LINK, ("KR-PAY",), "agreed with Ana", "camille", company.now())
        )
    given = f"{company.now():%Y-%m-%d}"
    expected = {
        "PAY-2": (
            f"PAY-2 was linked by camille on {given}: agreed with Ana",
            f"PAY-2 a été relié par camille le {given} : agreed with Ana",
        ),
        "SHOP-1": (
            "SHOP-1 carries the label okr:KR-UX, since 2026-10-10",
            "SHOP-1 porte l’étiquette okr:KR-UX, depuis le 2026-10-10",
        ),
        "SHOP-2": ("KR-PAY names jira:SHOP-2 in its epics", "KR-PAY cite jira:SHOP-2 parmi ses epics"),
        f"acme/shop#{planned.number}": (
            f"acme/shop#{planned.number} belongs to github:milestone:acme/shop#1, which KR-PAY names in its containers",
            f"acme/shop#{planned.number} fait partie de github:milestone:acme/shop#1, que KR-PAY cite parmi ses "
            "conteneurs",
        ),
        f"acme/shop#{said.number}": (
            f"acme/shop#{said.number} says it in its text: “OKR: KR-PAY”",
            f"acme/shop#{said.number} le dit dans son texte : « OKR: KR-PAY »",
        ),
        "SHOP-3": ("SHOP-3 lies under SHOP-1, since 2026-10-11", "SHOP-3 se trouve sous SHOP-1, depuis le 2026-10-11"),
        f"acme/shop#{branch.number}": (
            f"acme/shop#{branch.number} comes from a branch that names SHOP-3",
            f"acme/shop#{branch.number} vient d’une branche qui cite SHOP-3",
        ),
        first.sha: (
            f"{first.sha[:10]} names SHOP-4 in its message",
            f"{first.sha[:10]} cite SHOP-4 dans son message",
        ),
        second.sha: (
            f"{second.sha[:10]} reverts {first.sha[:10]}: “This reverts commit {first.sha}”",
            f"{second.sha[:10]} annule {first.sha[:10]} : « This reverts commit {first.sha} »",
        ),
    }
    for item, sentences in expected.items():
        for language, sentence in zip(LANGUAGES, sentences, strict=True):
            answer = told(company, store, item, language)
            assert answer["links"][0]["path"][1]["why"].replace("\u00a0", " ") == sentence
            assert answer["verdict"] == "traced"


def test_several_goals_several_threads_and_what_did_not_count(small: Company) -> None:
    epic = small.create(summary="Two at once", issuetype="Epic", labels=["okr:KR-UX", "okr:KR-PAY"])
    small.wait(hours=1)
    child = small.create(summary="Own label", parent="SHOP-2", labels=["okr:KR-UX", "okr:KR-UXY"])
    store = small.store()
    small.sync(store)
    both = told(small, store, epic.key)
    assert [link["target"] for link in both["links"]] == ["KR-UX", "KR-PAY"]
    assert printed(both).count(f"● {epic.key} (jira)") == 2
    answer = told(small, store, child.key)
    assert [link["target"] for link in answer["links"]] == ["KR-UX"]
    (lost,) = answer["lost"]
    assert (lost["target"], lost["rule"]) == ("KR-PAY", "parent")
    text = printed(answer)
    assert (
        "✕ did not count: the parent would give KR-PAY (KR-PAY names jira:SHOP-2 in its epics); a label ranks" in text
    )
    assert f"! beside that, the label okr:KR-UXY of {child.key} names no goal: replace the label okr:KR-UXY" in text
    assert answer["mend"] is None
    small.replace("[mapping]", '[mapping]\nconflict = "first"')
    (second,) = told(small, store, epic.key)["lost"]
    assert (second["target"], second["because"]) == (
        *("KR-PAY", 'of several only the first counts (conflict = "first")'),
    )


def test_what_an_item_served_before_is_told_with_its_time(small: Company) -> None:
    moved = small.create(summary="Moved", labels=["okr:KR-UX"])
    small.wait(days=2)
    small.edit(moved, labels=["okr:KR-PAY"])
    store = small.store()
    small.sync(store)
    answer = told(small, store, moved.key)
    since, until = (small.clock() - timedelta(days=2), small.clock())
    (former,) = answer["former"]
    assert (former["target"], former["via"]) == ("KR-UX", "okr:KR-UX")
    assert f"◌ served KR-UX from {since:%Y-%m-%d} to {until:%Y-%m-%d}: a label (okr:KR-UX)" in printed(answer)
    assert f"a servi KR-UX du {since:%Y-%m-%d} au {until:%Y-%m-%d}" in printed(
        told(small, store, moved.key, "fr"), "fr"
    )


def test_what_held_for_minutes_is_told_by_its_day_and_a_commit_by_its_short_name(trio: Trio) -> None:
    sha = trio.repository.commit("Serve\n\nOKR: KR-UX").sha
    back = trio.repository.commit(f"Revert\n\nThis reverts commit {sha}.").sha
    store = trio.synced()
    told(trio.company, store, back)
    trio.company.wait(minutes=1)
    say(trio, store, sha, OverrideKind.EXEMPT)
    text = printed(told(trio.company, store, back))
    assert "◌ served KR-UX" in text
    assert f"what it reverts ({sha[:10]})" in text
    assert re.search(r"from (\S+) to \1", text) is None


def say(trio: Trio, store: Store, key: str, kind: OverrideKind, *targets: str) -> None:
    """A word of a person on this item."""
    with store.begin() as tx:
        uid = find_item(tx, trio.company.config, key).uid
        people.add_override(tx, Override(uid, kind, targets, "a slip", "ana", trio.company.now()))


def test_a_message_that_a_person_has_set_right_is_no_gap_any_more(trio: Trio) -> None:
    sha = trio.repository.commit("Misnamed\n\nOKR: KR-UXY").sha
    store = trio.synced()
    answer = told(trio.company, store, sha)
    assert [one["text"] for one in answer["dangling"]] == ["KR-UXY"]
    assert "okrsync link" in answer["mend"]["fix"]
    say(trio, store, sha, OverrideKind.LINK, "KR-UX")
    answer = told(trio.company, store, sha)
    assert (answer["verdict"], answer["dangling"]) == ("traced", [])
    assert "KR-UXY" not in printed(answer)
    with store.read() as tx:
        found = gaps.answer(tx, trio.company.config, assess(tx, trio.company.config, trio.company.now()), speaker("en"))
    assert "KR-UXY" not in [gap["subject"] for gap in found["gaps"]]


def test_a_link_to_a_goal_that_was_reworded_is_suspect(small: Company) -> None:
    store = small.store()
    small.sync(store)
    assert told(small, store, "SHOP-3")["links"][0]["suspect"] is None
    small.wait(days=1)
    small.replace("The new checkout is live", "A second shop is open")
    answer = told(small, store, "SHOP-3")
    suspect = answer["links"][0]["suspect"]
    assert (suspect["was"], suspect["is"]) == ("The new checkout is live", "A second shop is open")
    assert "okrsync confirm KR-UX --item SHOP-1" in " ".join(printed(answer).split()), "the label stands there"


def test_the_reason_of_an_exemption_and_the_way_to_it(small: Company) -> None:
    epic = small.create(summary="Lights", issuetype="Epic", labels=["ktlo"])
    small.wait(minutes=1)
    child = small.create(summary="Bulb", parent=epic.key)
    small.wait(minutes=1)
    loser = small.create(summary="Linked after all", labels=["ktlo", "okr:KR-UX"])
    store = small.store()
    small.sync(store)
    assert "○ exempt by the configuration: label ktlo" in printed(told(small, store, epic.key))
    answer = told(small, store, child.key)
    assert [hop["key"] for hop in answer["exempt_path"]] == [child.key, epic.key]
    text = printed(answer)
    assert f"│ {child.key} lies under {epic.key}" in text
    assert "  ○ exempt by the configuration: label ktlo\n" in text, "the way to it stands above"
    won = told(small, store, loser.key)
    assert won["verdict"] == "traced"
    assert "an exemption would exempt it (exempt by the configuration: label ktlo); a label ranks" in printed(won)


def test_an_item_outside_the_scope_is_explained_and_has_no_verdict(small: Company) -> None:
    store = small.store()
    small.sync(store)
    answer = told(small, store, "PLAT-1")
    assert (answer["verdict"], answer["links"][0]["target"]) == (None, "KR-UX")
    assert "outside the configured scope" in printed(answer)
    assert "│ PLAT-1 carries the label okr:KR-UX" in printed(answer)


# ── where it breaks ──────────────────────────────────────────────────────────────────────────────────────────────────


def unlinked(trio: Trio) -> None:
    """Chains that are broken in every way that one change mends, some of them through one another."""
    company, hub = trio.company, trio.repository

    def made(**fields: Any) -> str:
        company.wait(minutes=1)
        return str(company.create(**fields).key)

    epic = made(summary="Nobody linked it", issuetype="Epic")
    story = made(summary="Story", parent=epic)
    made(summary="Sub-task", issuetype="Sous-tâche", parent=story)
    mistyped = made(summary="Mistyped on the way", parent=epic, labels=["okr:KR-PAYY"])
    made(summary="Below it", issuetype="Sous-tâche", parent=mistyped)
    other = made(summary="Nobody linked that either", issuetype="Epic")
    made(summary="Own label", parent=other, labels=["okr:KR-UX"])
    done = made(summary="Finished", parent=other, status="Terminé")
    trio.pull("Both", f"{story} and {done}")
    trio.pull("Alone", f"{story}\n\nOKR: KR-UXX")
    hub.push([f"{done}: one more", "Nothing named"])
    trio.workspace.task("Part of the flyer", parent=TASK)


def test_one_change_links_exactly_what_was_promised(trio: Trio) -> None:
    """Every mend that okrsync proposes is made in the tool, one after the other, until nothing is left to mend."""
    company = trio.company
    unlinked(trio)
    store = trio.synced()
    promised: list[int] = []
    company.plan(store)
    while broken := items(store, VerdictKind.ORPHAN):
        before = len(items(store, VerdictKind.TRACED))
        with telling(company, store) as tell:
            mends = [answer["mend"] for answer in map(tell, broken) if answer["mend"]["links"]]
        mend = max(mends, key=lambda one: (one["links"], one["key"]))
        assert all(one["links"] == mend["links"] for one in mends if one["key"] == mend["key"])
        _make(trio, store, mend)
        company.wait(minutes=5)
        company.sync(store)
        company.plan(store)
        assert len(items(store, VerdictKind.TRACED)) - before == mend["links"], mend["fix"]
        promised.append(mend["links"])
    assert max(promised) > 5
    assert len(promised) > 8


def _make(trio: Trio, store: Store, mend: dict[str, Any]) -> None:
    """What the steps say, as the tool takes it."""
    key, company = mend["key"], trio.company
    right = mend["likely"]["goal"] if mend["likely"] else "KR-UX"
    *_, last = mend["steps"]
    if last.startswith("type: okrsync link"):
        with store.begin() as tx:
            found = find_item(tx, company.config, last.split()[3])
            people.add_override(tx, Override(found.uid, OverrideKind.LINK, (right,), "test", "test", company.now()))
    elif mend["source"] == "jira":
        issue = company.site.find(key)
        assert issue is not None
        company.edit(issue, labels=[f"okr:{right}"])
    elif mend["source"] == "github":
        number = int(key.rpartition("#")[2])
        if "instead of" in last and "OKR: KR-UXX" in (trio.repository.find(number).body or ""):
            trio.repository.edit(number, body="OKR: KR-UX")
        else:
            trio.repository.edit(number, labels=[f"okr:{right}"])
    else:
        trio.workspace.edit(f"tasks/{key}", {"tags": [f"okr:{right}"]})


def test_the_steps_are_those_of_the_tool(trio: Trio) -> None:
    unlinked(trio)
    store = trio.synced()
    company = trio.company
    commit = trio.repository.push(["Nothing at all"])[0]
    company.sync(store)
    jira, hub, asana, sha, typo = (
        told(company, store, item)["mend"]["steps"] for item in ("PAY-2", "acme/shop#2", TASK, commit.sha, "PAY-3")
    )
    assert jira == [
        f"open {company.sandbox.url}/jira/acme/browse/PAY-2",
        "in the field Labels (Details, on the right), type okr:KR-… and press Enter",
    ]
    assert hub[0] == "open https://github.com/acme/shop/issues/2"
    assert hub[1].startswith("in the right column, click Labels, type okr:KR-… and choose it")
    assert asana[0].startswith("open https://app.asana.com/")
    assert "Add tags (or press Tab+T), type okr:KR-… and press Enter" in asana[1]
    assert sha == [f'type: okrsync link {commit.sha[:10]} KR-… --why "…"']
    assert "remove okr:KR-UXX with its ×, type okr:KR-UX and press Enter" in typo[1]
    assert "→" not in " ".join(printed(told(company, store, commit.sha)).split("→")[2:]), "the command is told once"
    french = told(company, store, "PAY-2", "fr")["mend"]["steps"]
    assert french[1] == "dans le champ Étiquettes (Détails, à droite), saisissez okr:KR-… puis Entrée"


def test_the_likely_goal_is_that_of_all_that_is_linked_below(trio: Trio) -> None:
    unlinked(trio)
    store = trio.synced()
    parents = {
        issue.fields["summary"]: key for key, issue in ((one.key, one) for one in trio.company.site.issues.values())
    }
    likely = told(trio.company, store, parents["Nobody linked that either"])["mend"]
    assert likely["likely"] == {"goal": "KR-UX", "title": "The new checkout is live", "items": 1}
    assert "okr:KR-UX" in likely["fix"]
    assert "okr:KR-UX" in likely["steps"][1]
    assert likely["goals"] == []
    unsure = told(trio.company, store, parents["Nobody linked it"])["mend"]
    assert unsure["likely"] is None
    assert "okr:KR-…" in unsure["fix"]
    assert [one["id"] for one in unsure["goals"]][:2] == ["KR-UX", "KR-PAY"]


def test_what_moved_away_says_nothing_of_the_likely_goal(trio: Trio) -> None:
    company = trio.company
    epic, linked = (company.create(summary=name, issuetype="Epic") for name in ("Left", "Joined"))
    company.edit(linked, labels=["okr:KR-UX"])
    child = company.create(parent=epic.key)
    company.wait(days=1)
    company.edit(child, fields={"parent": {"key": linked.key}})
    mend = told(company, trio.synced(), epic.key)["mend"]
    assert mend["likely"] is None
    assert mend["links"] == 1


def test_the_thread_of_an_orphan_ends_where_it_breaks(trio: Trio) -> None:
    unlinked(trio)
    store = trio.synced()
    (pull,) = [one.number for one in trio.repository.issues.values() if one.title == "Both"]
    answer = told(trio.company, store, f"acme/shop#{pull}")
    path = answer["broken_at"]["path"]
    assert [hop["kind"] for hop in path] == ["pull_request", "ticket", "ticket"]
    assert path[-1]["key"] == answer["broken_at"]["key"] == answer["mend"]["key"]
    text = printed(answer)
    assert text.index(f"lies under {path[-1]['key']}") < text.index("✂") < text.index("→")
    assert f"This one change links {answer['mend']['links']} items, this one among them" in text
    page = as_markdown(thread.sheet(answer, speaker("en")), speaker("en"))
    assert page.index("✂ ") < page.index("→ ") < page.index("1. open ") < page.index("This one change"), (
        "what, then how"
    )


def test_what_may_not_be_read_names_the_right_and_the_account(small: Company) -> None:
    store = small.store()
    hidden = small.create("PLAT", summary="Secret", issuetype="Epic")
    children = [small.create(summary=f"Below {number}", parent=hidden.key) for number in range(3)]
    small.site.hide(hidden.key)
    small.sync(store)
    answer = told(small, store, children[0].key)
    assert answer["verdict"] == "unresolvable"
    (step,) = answer["mend"]["steps"]
    assert "Browse projects" in step
    assert "source jira (bot@acme.test)" in step
    assert answer["mend"]["links"] is None


def test_dead_and_circles_and_keys_that_mean_two(small: Company) -> None:
    small.replace('write_to = ["jira:SHOP-1"]', 'write_to = ["jira:SHOP-1"]\nstate = "dropped"')
    first = small.create(summary="Round", issuetype="Epic")
    second = small.create(summary="And round", parent=first.key)
    third = small.create(summary="Below", parent=second.key)
    small.edit(first, fields={"parent": {"key": second.key}})
    store = small.store()
    small.sync(store)
    dead = told(small, store, "SHOP-3")
    assert (dead["class"], dead["links"][0]["target"], dead["mend"]["key"]) == ("dead", "KR-UX", "SHOP-1")
    assert dead["mend"]["links"] >= 1
    assert "KR-UX (The new checkout is live) was dropped" in printed(dead)
    round_ = told(small, store, third.key)
    assert "the parents run in a circle of 2" in printed(round_)
    assert round_["mend"]["links"] == 3
    small.edit(first, labels=["okr:KR-PAY"])
    small.wait(minutes=1)
    small.sync(store)
    assert {told(small, store, one.key)["verdict"] for one in (first, second, third)} == {"traced"}


def test_three_tools_in_one_thread_each_and_keys_that_moved(trio: Trio) -> None:
    company = trio.company
    address = f"https://app.asana.com/0/{BOARD}/{LINKED}"
    (commit,) = trio.repository.push([f"SHOP-4: the landing page\n\n{address}\n"])
    store = trio.synced()
    links = {link["target"]: link["path"] for link in told(company, store, commit.sha)["links"]}
    assert {target: [hop["source"] for hop in path if hop["source"]] for target, path in links.items()} == {
        "KR-PAY": ["github", "jira", "jira"],
        "KR-UX": ["github", "asana"],
    }
    moved = company.site.find("SHOP-4")
    assert moved is not None
    company.edit(moved, project="PAY")
    company.wait(minutes=1)
    company.sync(store)
    answer = told(company, store, "shop-4")
    assert answer["key"].startswith("PAY-")
    step = told(company, store, commit.sha)["links"][0]["path"][1]
    assert step["why"] == f"{commit.sha[:10]} names {answer['key']} in its message: “SHOP-4”"


def test_a_key_that_means_two_says_which_and_what_to_write(trio: Trio) -> None:
    company = trio.company
    other = company.second_site()
    for _ in range(3):
        company.create("SHOP", site=other, summary="Elsewhere")
    pull = trio.pull("Twice", "SHOP-3")
    store = company.store()
    company.sync(store)
    answer = told(company, store, f"acme/shop#{pull.number}")
    assert (answer["class"], answer["mend"]["links"]) == ("ambiguous", None)
    assert "fits several items: beta:SHOP-3, jira:SHOP-3" in printed(answer)
    assert "write the address of the item that is meant instead of SHOP-3" in " ".join(printed(answer).split())


def test_a_chain_of_any_length_and_titles_of_any_kind_stay_readable(small: Company) -> None:
    key = "SHOP-1"
    for level in range(40):
        small.wait(minutes=1)
        key = small.create(summary=f"\x1b[31m[bold]{'x' * 500} {level}", parent=key).key
    store = small.store()
    small.sync(store)
    text = printed(told(small, store, key))
    assert len([line for line in text.splitlines() if line.startswith("  ● ")]) == 41
    assert "\x1b" not in text
    assert "[bold]" in text
    assert all(len(line) <= 120 for line in text.splitlines())


# ── whatever it is, in every form ────────────────────────────────────────────────────────────────────────────────────


def test_every_answer_can_be_read_in_every_form_and_language(trio: Trio) -> None:
    unlinked(trio)
    store = trio.synced()
    trio.company.plan(store)
    with telling(trio.company, store) as tell:
        for item, language in product(items(store), LANGUAGES):
            speak, answer = speaker(language), tell(item, language)
            flat = thread.sheet(answer, speak)
            forms = [as_json(answer), as_csv(flat), as_markdown(flat, speak), as_html(flat, speak, language)]
            assert all(forms)
            assert all(len(line) <= 120 for line in printed(answer, language).splitlines())


def test_an_unknown_item_is_answered_with_what_may_be_meant(small: Company) -> None:
    store = small.store()
    small.sync(store)
    with store.read() as tx:
        find = partial(find_item, tx, small.config)
        for typed, meant in (("SHPO-3", "SHOP-3"), ("shop3", "SHOP-3"), ("SHOP_3", "SHOP-3"), ("PAYY-2", "PAY-2")):
            with pytest.raises(UsageError, match=f"did you mean {meant}"):
                find(typed)
        for typed in ("SHOP-333", "NOPE-1", "what"):
            with pytest.raises(UsageError, match="is stored; a key"):
                find(typed)


def test_the_traces_of_the_documentation_are_what_comes_out() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "linking.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```console\n(.*?)^```$", page, re.M | re.S)
    printed_then = (golden.FOLDER / "demo_en.txt").read_text(encoding="utf-8")
    assert len(shown) == 3
    assert [one for one in shown if one not in printed_then] == []


def test_every_mend_has_its_steps_in_every_tool_and_language() -> None:
    facts = dict.fromkeys(("key", "text", "right", "label", "example", "field", "goal", "parent", "container"), "X")
    facts |= {"source": "S", "named": "N"}
    fixes = [code for code in chain.CATALOG if code.startswith("fix.") and code not in OF_GAPS]
    assert len(fixes) > 25
    for code, tool in product(fixes, ("jira", "github", "asana", "of your own")):
        at = Break("S", "X-1", "", "https://tool.test/X-1", Say.of("break.top", key="X-1"), Say.of(code, **facts))
        steps = clicks(at, tool, "S (bot@acme.test)")
        assert steps
        for language, step in product(LANGUAGES, steps):
            assert speaker(language)(step)


def test_it_is_the_same_on_postgresql(acme: Installation, postgresql: Server) -> None:
    acme.stop_clock()
    said = []
    for address in (None, postgresql.empty()):
        if address:
            acme.monkeypatch.setenv("OKRSYNC_DATABASE", address)
        acme.ok("sync")
        told_of = [acme.json("trace", item) for item in ("SHOP-11", "SHOP-62", "PAY-42", "PLAT-33")]
        said.append(([{**one, "as_of": None} for one in told_of], acme.run("trace", "SHPO-62").err))
    assert said[0] == said[1]
    assert "did you mean SHOP-62" in said[0][1]
