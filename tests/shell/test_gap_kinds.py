"""Every kind of gap comes out of a real scene, and what is to be typed against it can be typed."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import typer
from small_company import Company
from trio import three_tools

import config
from connectors import registry
from okrsync.assess import assess
from okrsync.cli.app import app
from okrsync.linking import relink
from okrsync.model import GapKind, Reading, Surface
from okrsync.reports import gaps
from okrsync.store import Store, journal, people
from okrsync.texts import speaker
from okrsync.writing import approval

KNOWN_BY_PEOPLE = {
    "SOURCE:KEY": "jira:SHOP-1",
    "NAME": "ada@acme.test",
    "TITLE": "A second result",
    "VALUE": "7.5",
    "DATE": "2026-12-31",
    "GOAL": "KR-UX",
    "ITEM": "SHOP-4",
    "WHY": "agreed",
}
"""What stands for the words in capitals."""


def key_results(*tables: str, objective: str = "") -> Callable[[Company], None]:
    """These tables stand below O-SHOP, or below an objective of their own."""

    def write(company: Company) -> None:
        made = "".join(f"[[objectives.key_results]]\ntitle = 'X'\n{table}\n\n" for table in tables)
        above = f"[[objectives]]\ntitle = 'X'\n{objective}\n\n" if objective else ""
        company.replace("[mapping]", f"{above}{made}[mapping]".replace("{", "{{").replace("}", "}}"))

    return write


METRIC = 'id = "KR-M"\nkind = "metric"\ntarget = 50.0\n'
MIXED = 'id = "KR-M"\nkind = "mixed"\nbaseline = 0.0\ntarget = 50.0\nstart = 2026-10-12\nend = 2026-10-25\n'
SHORT = 'id = "KR-S"\nstart = 2026-10-12\nend = 2026-11-30\n'


def work(company: Company, label: str, *, done: int = 0, todo: int = 0, **fields: Any) -> None:
    for number in range(done + todo):
        issue = company.create(labels=[label], **fields)
        if number < done:
            company.edit(issue, status="Terminé")


def read(store: Store, value: float, at: Any) -> None:
    with store.begin() as tx:
        people.add_reading(tx, Reading("KR-M", at, value, "ada"))


# ── scenes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def kr_without_work(company: Company) -> None:
    key_results('id = "KR-NEW"')(company)


def objective_without_kr(company: Company) -> None:
    key_results(objective='id = "O-EMPTY"')(company)


def kr_without_owner(company: Company) -> None:
    key_results('id = "KR-A"', objective='id = "O-X"\ncycle = "2026-Q4"')(company)


def kr_without_baseline(company: Company) -> None:
    key_results(METRIC)(company)


def kr_without_due_date(company: Company) -> None:
    key_results('id = "KR-A"', objective='id = "O-X"')(company)


def kr_count(company: Company) -> None:
    key_results('id = "KR-A"', objective='id = "O-X"')(company)


def many_key_results(company: Company) -> None:
    key_results(*(f'id = "KR-{number}"' for number in range(4)))(company)


def kr_no_data(company: Company) -> None:
    key_results(METRIC + "baseline = 1.0")(company)


def dead_goal(company: Company) -> None:
    key_results('id = "KR-OLD"\nend = 2026-10-15')(company)
    work(company, "okr:KR-OLD", todo=1)


def linked_across_cycles(company: Company) -> None:
    key_results('id = "KR-OLD"\nend = 2026-10-15', 'id = "KR-NEXT"\nstart = 2026-10-16')(company)
    company.create(labels=["okr:KR-OLD", "okr:KR-NEXT"])


def label_twins(company: Company) -> None:
    work(company, "OKR:kr-ux", todo=1)


def parent_cycle(company: Company) -> None:
    one, two = company.site.find("PAY-2"), company.site.find("PAY-3")
    assert one is not None
    assert two is not None
    one.fields["parent"], two.fields["parent"] = {"id": two.id, "key": two.key}, {"id": one.id, "key": one.key}


def duplicate_key(company: Company) -> None:
    site = company.second_site()
    company.create(site=site)


def scope_unreachable(company: Company) -> None:
    company.site.hide("PAY")


def unknown_status(company: Company) -> None:
    first = next(status for status in company.site.statuses if status["name"] == "À faire")
    first["statusCategory"] = {**first["statusCategory"], "id": 1, "key": "undefined", "name": "No Category"}
    for issue in company.site.issues.values():
        if issue.fields["status"]["id"] == first["id"]:
            issue.fields["status"] = dict(first)


def write_conflict(company: Company) -> None:
    company.replace('write_to = ["jira:SHOP-1"]', 'write_to = ["jira:SHOP-1", "jira:SHOP-999"]')


def nothing_there(company: Company) -> None:
    company.replace('epics = ["jira:SHOP-2"]', 'epics = ["jira:SHOP-2", "jira:SHOP-998"]')


def nothing(company: Company) -> None:
    """It takes more than a sync."""


def scope_growth(company: Company) -> None:
    key_results(SHORT)(company)
    company.clock.advance(timedelta(days=-9))
    work(company, "okr:KR-S", todo=4)
    company.clock.advance(timedelta(days=9))
    work(company, "okr:KR-S", todo=2)


def closing_by_cancelling(company: Company) -> None:
    key_results(SHORT)(company)
    work(company, "okr:KR-S", todo=3)
    for _ in range(2):
        company.edit(company.create(labels=["okr:KR-S"]), fields={"resolution": {"name": "Won't Do"}}, status="Terminé")


def output_without_outcome(company: Company) -> None:
    key_results(MIXED)(company)
    work(company, "okr:KR-M", done=9, todo=1)


def outcome_without_output(company: Company) -> None:
    key_results(MIXED)(company)
    work(company, "okr:KR-M", done=1, todo=9)


def stale_reading(company: Company) -> None:
    key_results(METRIC + 'baseline = 1.0\nstale_after = "3d"')(company)


def effort_against_weight(company: Company) -> None:
    company.replace('title = "Three ways to pay"', 'title = "Three ways to pay"\nweight = 4.0')
    work(company, "okr:KR-UX", done=20)
    work(company, "okr:KR-PAY", done=1)


AFTERWARDS: dict[str, Callable[[Company, Store], Any]] = {
    "output_without_outcome": lambda company, store: read(store, 1.0, company.now()),
    "outcome_without_output": lambda company, store: read(store, 45.0, company.now()),
    "stale_reading": lambda company, store: read(store, 4.0, company.now() - timedelta(days=5)),
}
"""What happens once the work was read."""

SCENES: dict[Callable[[Company], None], GapKind] = {
    **{
        scene: GapKind(scene.__name__)
        for scene in (
            *(kr_without_work, objective_without_kr, kr_without_owner, kr_without_baseline, kr_without_due_date),
            *(kr_count, kr_no_data, dead_goal, linked_across_cycles, label_twins, parent_cycle, duplicate_key),
            *(scope_unreachable, unknown_status, write_conflict, nothing_there, scope_growth, closing_by_cancelling),
            *(output_without_outcome, outcome_without_output, stale_reading, effort_against_weight),
        )
    },
    many_key_results: GapKind.KR_COUNT,
    nothing: GapKind.DANGLING_LABEL,
}


def told(company: Company, store: Store, kind: GapKind, language: str = "en") -> list[dict[str, Any]]:
    settings = company.config
    with store.begin() as tx:
        relink(tx, settings, company.now())
        answer = gaps.answer(tx, settings, assess(tx, settings, company.now()), speaker(language))
        list(gaps.draw(answer, speaker(language)))
    return [gap for gap in answer["gaps"] if gap["kind"] == kind]


def is_mended_as_it_says(company: Company, gap: dict[str, Any]) -> None:
    """There is something to do, and what is to be typed is a command that exists, or a valid configuration."""
    assert gap["steps"], gap
    assert gap["typed"] or any("http" in step for step in gap["steps"]), gap
    typed = gap["typed"] or ""
    for word, meant in KNOWN_BY_PEOPLE.items():
        typed = typed.replace(word, meant)
    if typed.startswith("okrsync "):
        runs(*shlex.split(typed)[1:])
    elif typed:
        validates(company, gap["subject"], typed)


def runs(*arguments: str) -> None:
    """These arguments are those of a command, down to the last option."""
    command: Any = typer.main.get_command(app)
    left = list(arguments)
    while left and left[0] in getattr(command, "commands", {}):
        command = command.commands[left.pop(0)]
    assert not hasattr(command, "commands"), arguments
    command.make_context("okrsync", left)


def validates(company: Company, subject: str, lines: str) -> None:
    """The configuration is valid with these lines below the goal, in the place of those that say the same."""
    text = company.text.format(url="http://127.0.0.1:1")
    start = text.index(f'id = "{subject}"')
    end = min(place for mark in ("\n[[", "\n[mapping]") if (place := text.find(mark, start)) >= 0)
    written = {line.partition(" = ")[0] for line in lines.splitlines()} if not lines.startswith("[[") else set()
    kept = [line for line in text[start:end].splitlines() if line.partition(" = ")[0] not in written]
    whole = text[:start] + "\n".join([*kept, lines]) + text[end:]
    tomllib.loads(whole)
    path = company.folder / "mended.toml"
    path.write_text(whole, encoding="utf-8")
    config.load(path, {}, registry.settings())


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_a_scene_of_every_kind_and_its_mend(small: Company, scene: Callable[[Company], None]) -> None:
    small.wait(hours=1)
    scene(small)
    small.wait(hours=1)
    store = small.store()
    small.sync(store)
    AFTERWARDS.get(scene.__name__, lambda *_: None)(small, store)
    found = told(small, store, SCENES[scene])
    assert found, f"no {SCENES[scene]}"
    for gap in found:
        assert gap["evidence"]
        assert gap["fix"]
        is_mended_as_it_says(small, gap)
    assert told(small, store, SCENES[scene], "fr")


def test_links_to_a_goal_that_was_reworded(small: Company) -> None:
    store = small.store()
    small.sync(store)
    small.wait(days=1)
    small.replace('title = "The new checkout is live"', 'title = "Fewer returns"')
    (gap,) = told(small, store, GapKind.SUSPECT_LINK)
    assert gap["typed"] == 'okrsync confirm KR-UX --why "WHY"'
    is_mended_as_it_says(small, gap)


def test_what_somebody_wrote_again_after_it_was_put_back(small: Company) -> None:
    for number in range(6):
        small.create(parent="SHOP-1", status="Terminé" if number < 2 else "À faire")
    small.wait(days=20)
    store = small.store()
    small.sync(store)
    small.apply(store)
    issue = small.site.find("SHOP-1")
    assert issue is not None
    small.edit(small.site.find("SHOP-3"), status="Terminé")
    small.sync(store)
    run = small.plan(store).run
    (name,) = issue.properties
    issue.properties[name] = {"mine": True}
    small.apply(store, run=run)
    assert told(small, store, GapKind.WRITE_CONFLICT) == [], "it is to be put back once"
    small.wait(days=1)
    small.apply(store)
    assert issue.properties[name] != {"mine": True}
    issue.properties[name] = {"mine": True}
    small.wait(days=2)
    small.sync(store)
    small.plan(store)
    (gap,) = told(small, store, GapKind.WRITE_CONFLICT)
    assert gap["subject"] == "SHOP-1"
    assert "changed okrsync’s property again" in gap["evidence"]
    is_mended_as_it_says(small, gap)
    with store.begin() as tx:
        (slot,) = journal.standing(tx, Surface.PROPERTY)
        approval.of_places(tx, small.config, {(slot.source, slot.remote_id)}, by="ada", now=small.now())
    assert told(small, store, GapKind.WRITE_CONFLICT) == [], "handed back"
    small.apply(store)
    assert issue.properties[name] != {"mine": True}


def test_keys_that_no_item_has(tmp_path: Any) -> None:
    with three_tools(tmp_path) as trio:
        trio.pull("Rework", "See SHOP-997")
        store = trio.synced()
        (gap,) = told(trio.company, store, GapKind.DANGLING_KEY)
        assert gap["subject"] == "SHOP"
        is_mended_as_it_says(trio.company, gap)


def test_every_kind_has_a_scene() -> None:
    beside = {GapKind.SUSPECT_LINK, GapKind.WRITE_CONFLICT, GapKind.DANGLING_KEY}
    assert {*SCENES.values()} | beside == set(GapKind)
