"""The catalogue: every code that the roll-up can say, in both languages, with the same facts."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import rollup
from okrsync.model import GapKind, OrphanClass, Status, Surface
from okrsync.texts import catalogue, goals, progress, writing
from rollup.gaps import SEVERITIES
from rollup.plan import SAID
from rollup.targets import CLOSED
from rollup.yielding import LABELS

CATALOG = progress.CATALOG | goals.CATALOG | writing.CATALOG
TEXTS = {surface.value for surface in set(Surface) - LABELS}
FAMILIES = {
    "goal.fix.{}": {kind.value for kind in SEVERITIES} - {GapKind.KR_COUNT.value},  # too few, too many
    "goal.gap.effort_{}": {"below", "top"},
    "progress.held.{}.{}": {"better.at_risk", "better.on_track", "worse.at_risk", "worse.off_track"},
    "goal.gap.write_to_{}": {"unknown", "nowhere", "closed", *(f"closed_{why}" for why in CLOSED)},
    "goal.fix.write_to_{}": {"unknown", "nowhere", "closed"},
    "status.{}": {*(status.value for status in Status), "partial"},  # as a person may say of a goal in Asana
    "write.gap.changed.{}": TEXTS - {Surface.UPDATE.value},
    "write.gap.deleted.{}": TEXTS,
    "write.left.said.{}": {*SAID.values(), "other"},
    "write.orphan.{}": {kind.value for kind in OrphanClass} - {OrphanClass.DANGLING.value},
}


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def emitted() -> dict[str, set[str] | None]:
    """Every code in the sources of the roll-up, with the names of its facts where they can be read there."""
    codes: dict[str, set[str] | None] = {}
    for path in sorted(Path(rollup.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.fullmatch(r"(progress|goal|write|comment|status|check|update)\.[a-z_.]*[a-z]", text):
                codes.setdefault(text, None)
            if isinstance(node, ast.JoinedStr):
                family = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
                for member in FAMILIES.get(family, ()):
                    codes[family.partition("{}")[0] + member] = None
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "of"
            if called and node.args and isinstance(node.args[0], ast.Constant):
                names = {word.arg for word in node.keywords}
                codes[node.args[0].value] = None if None in names else {name for name in names if name}
    # the starts by which causes are found again are no codes
    return {code: names for code, names in codes.items() if code not in {"progress.scope_growth", "progress.pace"}}


def test_every_code_that_is_said_stands_in_a_catalogue_and_no_other_in_this_one():
    assert set(emitted()) <= set(catalogue())
    assert set(CATALOG) <= set(emitted())


@pytest.mark.parametrize("code", sorted(CATALOG))
def test_both_languages_tell_the_same_facts(code):
    english, french = CATALOG[code]
    assert fields(english) == fields(french)
    assert english.strip() == english
    assert french.strip() == french
    assert english != french


def test_the_facts_that_are_given_are_those_that_are_told():
    known = {code: names for code, names in emitted().items() if names is not None}
    assert len(known) > 40
    for code, names in known.items():
        told = fields(catalogue()[code][0])
        assert told <= names, code


def test_every_goal_gap_has_a_fix():
    assert {f"goal.fix.{kind.value}" for kind in set(SEVERITIES) - {GapKind.KR_COUNT}} <= set(CATALOG)
    assert {"goal.fix.kr_count.few", "goal.fix.kr_count.many"} <= set(CATALOG)
    assert all(isinstance(kind, GapKind) for kind in SEVERITIES)


def test_french_uses_its_own_typography():
    for _, french in CATALOG.values():
        assert "'" not in french
        assert not re.search(r"\S[;:!?](\s|$)", french.replace("okr:", "").replace("OKR:", "")), french
        assert not re.search(r"\}%", french), french
