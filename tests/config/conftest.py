"""A connector's settings to stand in, and a way to write a configuration and load it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict, Field

import config
from okrsync.errors import ConfigError

SOURCE = """
[[sources]]
id = "jira"
kind = "jira"
url = "https://acme.atlassian.net"
auth = { email = "okrsync@acme.test", token = { env = "JIRA_TOKEN" } }
projects = ["SHOP"]
"""


class TrackerFields(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    points: str | None = None
    flagged: str | None = None
    sprint: str | None = None


class TrackerSettings(BaseModel):
    """Alike to what a connector brings: required and optional keys, one nested table, a language to count in."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    count_key: ClassVar[str] = "jql"
    projects: Annotated[tuple[str, ...], Field(min_length=1, examples=['["SHOP"]'])]
    fields: TrackerFields = TrackerFields()


class BoardSettings(BaseModel):
    """A tool with containers of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    container_kinds: ClassVar[tuple[str, ...]] = ("project", "section")


class GoalsSettings(BaseModel):
    """A tool with goals of its own, and without e-mail addresses."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    container_kinds: ClassVar[tuple[str, ...]] = ("goal",)
    takes_email: ClassVar[bool] = False


class ForgeSettings(BaseModel):
    """A tool that an app may sign in to."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    takes_email: ClassVar[bool] = False
    takes_app: ClassVar[bool] = True
    count_key: ClassVar[str] = "search"


KINDS: Mapping[str, type[BaseModel]] = {
    "jira": TrackerSettings,
    "board": BoardSettings,
    "goals": GoalsSettings,
    "forge": ForgeSettings,
}

Load = Callable[..., config.Config]
Faults = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """``load(text, environ={…}, flags={…}, files={name: text}, source=SOURCE)`` → Config."""

    def run(
        text: str = "",
        *,
        environ: Mapping[str, str] | None = None,
        flags: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        source: str = SOURCE,
    ) -> config.Config:
        path = tmp_path / "okrsync.toml"
        path.write_text(text + source, encoding="utf-8")
        for name, content in (files or {}).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content, encoding="utf-8")
        return config.load(path, environ or {}, KINDS, flags)

    return run


@pytest.fixture
def again() -> Callable[[config.Config], config.Config]:
    """What is remembered of a configuration, read again."""
    return lambda loaded: config.restored(json.loads(json.dumps(loaded.given)), loaded.path, KINDS)


@pytest.fixture
def faults(load: Load) -> Faults:
    """The problems as people read them, for the same arguments as ``load``."""

    def run(text: str = "", **options: object) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text, **options)
        assert caught.value.exit_code == 78
        return [str(problem) for problem in caught.value.problems]

    return run


@pytest.fixture(scope="session")
def toml() -> Callable[[object], str]:
    """A value of plain Python as TOML writes it, tables inline."""
    return _toml


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case date() | time():
            return value.isoformat()
        case str():
            return json.dumps(value).replace("\x7f", "\\u007F")
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return f"{{{', '.join(f'{_toml(key)} = {_toml(inner)}' for key, inner in value.items())}}}"
        case _:
            return repr(value)
