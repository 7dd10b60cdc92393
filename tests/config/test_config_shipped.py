"""The shipped ``okrsync.toml`` and docs/configuration.md: complete, true, valid."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import BaseModel

import config
from config.faults import keys_of
from config.fields import SECRET_KINDS, duration_text
from config.gates import GateTable
from config.operation import AlertsTable, MaintenanceTable, RetentionTable, ScheduleTable, ServerTable
from config.outline import IN_MAIN
from config.reports import ReportsTable, SmtpTable
from config.schema import (
    THRESHOLDS,
    CycleTable,
    ExemptTable,
    KeyResultTable,
    MappingTable,
    MetricTable,
    ObjectiveTable,
    OkrsyncTable,
    RollupTable,
    TeamTable,
)
from config.sources import AppAuthTable, SourceTable
from config.writeback import PauseTable, SourceWriteTable, WritebackTable
from connectors import registry
from okrsync.model import Thresholds

ROOT = Path(__file__).resolve().parents[2]
KINDS = registry.settings()
FIELDS = [type(kind.model_fields["fields"].default) for kind in KINDS.values() if "fields" in kind.model_fields]
SECTIONS: dict[str, list[type[BaseModel]]] = {
    "[okrsync]": [OkrsyncTable],
    "[[sources]]": [SourceTable, AppAuthTable, *KINDS.values(), *FIELDS],
    "[[cycles]]": [CycleTable],
    "[[objectives]]": [ObjectiveTable],
    "[[objectives.key_results]]": [KeyResultTable, MetricTable],
    "[mapping]": [MappingTable, ExemptTable],
    "[rollup]": [RollupTable],
    "[teams]": [TeamTable],
    "[writeback]": [WritebackTable, SourceWriteTable, PauseTable],
    "[reports]": [ReportsTable, SmtpTable],
    "[[gates]]": [GateTable],
    "[server]": [ServerTable],
    "[schedule]": [ScheduleTable, MaintenanceTable],
    "[alerts]": [AlertsTable],
    "[retention]": [RetentionTable],
}


def uncommented(text: str) -> str:
    """The shipped file with every option taken: ``#cap = 50`` is one, ``# a sentence`` is none."""
    return re.sub(r"^#(?=[a-z_]+ = )", "", text, flags=re.MULTILINE)


@pytest.fixture(params=[str, uncommented], ids=["as shipped", "every option set"])
def shipped(request, tmp_path: Path) -> config.Config:
    path = tmp_path / "okrsync.toml"
    path.write_text(request.param(config.template()), encoding="utf-8")
    (tmp_path / "ca.pem").touch()
    return config.load(path, {}, registry.settings())


def test_it_is_valid_and_has_a_key_result_of_every_kind(shipped) -> None:
    assert {key_result.kind for key_result in shipped.goals.key_results.values()} == {"work", "metric", "keep", "mixed"}
    assert shipped.goals.objectives["O-RETENTION"].parent == "O-LEADER"


def options(loaded: config.Config) -> Iterator[tuple[str, config.Setting]]:
    """Every effective option, entries of one list under one name."""
    for key, setting in loaded.origins.items():
        yield re.sub(r"(objectives|key_results|cycles|sources|teams|gates)\.[^.]+", r"\1", key), setting


def test_it_shows_every_option_and_states_the_true_defaults(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    plain, full = tmp_path / "plain.toml", tmp_path / "full.toml"
    plain.write_text(config.template(), encoding="utf-8")
    full.write_text(uncommented(config.template()), encoding="utf-8")
    defaults = {
        key: setting.value
        for key, setting in config.load(plain, {}, registry.settings()).origins.items()
        if setting.origin == "default" and setting.value is not None
    }
    complete = config.load(full, {}, registry.settings())
    somewhere = {key for key, setting in options(complete) if setting.origin != "default"}
    assert {key for key, _ in options(complete)} == somewhere, "an option that is set nowhere"
    stated = {key: complete.origins[key].value for key in defaults}
    for source in KINDS:
        assert stated.pop(f"writeback.{source}", None) is None
    assert stated == defaults


def written(default: object) -> str:
    """A default as the documentation writes it."""
    match default:
        case bool() | str() | tuple() | dict():
            return json.dumps(default)
        case float():
            return f"{default:g}"
        case timedelta():
            return json.dumps(duration_text(default))
        case _:
            return str(default)


@pytest.mark.parametrize("section", SECTIONS)
def test_the_documentation_lists_every_option_with_its_default(section: str) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    (chapter,) = re.findall(rf"^## {re.escape(section)}\n(.*?)(?=^## )", text, flags=re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| `([a-z_]+)` \| (.*) \|$", chapter, flags=re.MULTILINE)
    models = SECTIONS[section]
    assert sorted(name for name, _ in rows) == sorted(key for model in models for key in keys_of(model))
    for model in models:
        for name, info in model.model_fields.items():
            told = [row for key, row in rows if key == (info.alias or name)]
            default = info.get_default(call_default_factory=True, validated_data={})
            if info.is_required():
                assert any("required" in row for row in told), f"{name} is required"
            elif default not in (None, "", THRESHOLDS.cancelled_resolutions) and not isinstance(default, BaseModel):
                assert any(f"`{written(default)}`" in row for row in told), f"{name} = {written(default)}"


def test_the_documentation_lists_every_way_to_name_a_secret_and_every_section() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `\{ ([a-z]+) = ", text, flags=re.MULTILINE)) == set(SECRET_KINDS)
    assert {section.strip("[]").partition(".")[0] for section in SECTIONS} == set(IN_MAIN)


def test_every_example_of_the_documentation_is_valid(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    assert examples
    for number, example in enumerate(examples):
        path = tmp_path / f"{number}.toml"
        path.write_text(example, encoding="utf-8")
        config.load(path, {}, registry.settings())


def test_rollup_is_every_threshold_and_no_more() -> None:
    assert set(RollupTable.model_fields) == {field.name for field in fields(Thresholds)}


@pytest.mark.parametrize("kind", registry.settings())
def test_the_settings_of_every_kind_forbid_what_they_do_not_know(kind: str) -> None:
    assert registry.settings()[kind].model_config.get("extra") == "forbid"
    assert not set(keys_of(registry.settings()[kind])) & set(keys_of(SourceTable))


def test_importing_config_loads_no_library_but_pydantic() -> None:
    code = (
        "import sys, pydantic; before = set(sys.modules); import config; "
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    third_party = {name for name in loaded.split() if not name.startswith("_")} - sys.stdlib_module_names
    assert third_party <= {"config", "okrsync", "pydantic", "pydantic_core", "annotated_types", "typing_extensions"}
