"""Whatever stands in the files, the only answer is a configuration or a ConfigError without a secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from cases import cases
from hypothesis import given

import config
from config.faults import keys_of
from config.overlays import TABLES, variable_of
from config.schema import CycleTable, KeyResultTable, MetricTable, ObjectiveTable, TeamTable
from config.sources import AppAuthTable, AuthTable, SourceTable
from okrsync.errors import ConfigError

SHIPPED = Path(__file__).resolve().parents[2] / "okrsync.toml"

# Characters that TOML can hold; lone surrogates are no text.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    [
        "jira",
        "O",
        "KR",
        "metric",
        "keep",
        "mixed",
        "linear",
        "jira:A-1",
        "24h",
        "(?P<id>",
        "[[a]",
        "*[bot]",
        "**",
        "Europe",
    ]
)
scalars = st.one_of(
    st.booleans(),
    st.integers(),
    st.integers(min_value=10**300, max_value=10**320),
    st.floats(),
    st.dates(),
    st.datetimes(),
    st.times(),
    texts,
)
KEYS = sorted(
    {
        key
        for table in (
            *TABLES.values(),
            AuthTable,
            AppAuthTable,
            CycleTable,
            KeyResultTable,
            MetricTable,
            ObjectiveTable,
            SourceTable,
            TeamTable,
        )
        for key in keys_of(table)
    }
    | {"key_results", "env", "file", "labels"}
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | texts, inner, max_size=3),
    max_leaves=8,
)


def table(model: type) -> st.SearchStrategy[object]:
    return st.dictionaries(st.sampled_from(keys_of(model)) | texts, values, max_size=6) | values


objectives = st.builds(
    lambda goal, results: {**goal, "key_results": results} if isinstance(goal, dict) else goal,
    table(ObjectiveTable),
    st.lists(table(KeyResultTable), max_size=2) | values,
)
documents = st.fixed_dictionaries(
    {},
    optional={
        **{section: table(model) for section, model in TABLES.items()},
        "sources": st.lists(table(SourceTable), max_size=2) | values,
        "cycles": st.lists(table(CycleTable), max_size=2) | values,
        "objectives": st.lists(objectives, max_size=3) | values,
        "teams": st.dictionaries(texts, table(TeamTable), max_size=2) | values,
        "server": values,
    },
)


def faults(path: Path, **options: Any) -> list[str]:
    """The problems of this configuration; no other exception is borne."""
    try:
        config.load(path, **{"environ": {}, "kinds": {"jira": TeamTable}, **options})
    except ConfigError as error:
        return [str(problem) for problem in error.problems] or ["an error without a problem"]
    return []


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("garbage") / "okrsync.toml"


@cases(200)
@given(documents)
def test_garbage_raises_nothing_but_a_configuration_error(toml, path: Path, document) -> None:
    path.write_text("".join(f"{key} = {toml(value)}\n" for key, value in document.items()), encoding="utf-8")
    assert all(line.replace("\u00a0", "").isprintable() and ": " in line for line in faults(path))


@cases(100)
@given(st.sets(st.sampled_from(sorted(TABLES))), texts, texts)
def test_garbage_in_the_environment_and_the_flags_neither(sections, text: str, name: str) -> None:
    options = [(section, key) for section in sections for key in keys_of(TABLES[section])]
    environ = {variable_of(section, key): text for section, key in options}
    said = faults(SHIPPED, environ={**environ, f"OKRSYNC_{name}!": text}, flags={f"{name}!": text})
    assert sum("unknown option" in line for line in said) >= 2


@cases(200)
@given(st.binary(max_size=200))
def test_garbage_that_is_no_toml_neither(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert faults(path) != [], "no garbage names a source"


CANARY = "C4NARY-s3cret"
AUTH_KEYS = ["token", "env", "email", "password", "value", "app_id", "installation_id", "private_key"]
misplaced = st.recursive(
    st.just(CANARY),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=2),
        st.dictionaries(st.sampled_from(AUTH_KEYS), inner, min_size=1, max_size=2),
    ),
    max_leaves=4,
)


@cases(200)
@given(misplaced, st.sampled_from(["jira", "github"]))
def test_a_secret_that_stands_anywhere_under_auth_is_refused_and_never_repeated(toml, path: Path, auth, kind) -> None:
    source = f'[[sources]]\nid = "tool"\nkind = "{kind}"\nurl = "https://a.test"\nauth = {toml(auth)}\n'
    path.write_text(source, encoding="utf-8")
    said = faults(path)
    assert said != []
    assert CANARY not in "".join(said)
