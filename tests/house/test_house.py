"""The house stands as pyproject.toml, the documents and the contracts say."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES = ["config", "connectors", "mapping", "okrsync", "rollup"]
NOT_PACKAGES = {"tests", "benchmarks", "docs", "deploy"}


def test_the_one_list_of_packages_is_the_folders_on_disk() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_PACKAGES
    tool = PYPROJECT["tool"]
    assert sorted(folders) == PACKAGES
    assert tool["hatch"]["build"]["targets"]["wheel"]["packages"] == PACKAGES
    assert tool["coverage"]["run"]["source"] == PACKAGES
    assert tool["ruff"]["lint"]["isort"]["known-first-party"] == PACKAGES
    assert tool["mypy"]["packages"] == PACKAGES
    assert tool["importlinter"]["root_packages"] == PACKAGES


def test_no_installed_dependency_ships_a_module_of_our_names() -> None:
    owners = metadata.packages_distributions()
    assert {name: set(owners.get(name, ["okrsync"])) for name in PACKAGES} == {name: {"okrsync"} for name in PACKAGES}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that is built from the sdist, as an installer would."""
    out = tmp_path_factory.mktemp("dist")
    build = "from hatchling import build; import sys; print({}(sys.argv[1]))"
    sdist = _run([sys.executable, "-c", build.format("build.build_sdist"), str(out)], ROOT)
    _run(["tar", "xf", str(out / sdist), "-C", str(out)], ROOT)
    source = out / sdist.removesuffix(".tar.gz")
    made = _run([sys.executable, "-c", build.format("build.build_wheel"), str(out)], source)
    return zipfile.ZipFile(out / made)


def _run(command: list[str], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def test_sdist_to_wheel_holds_every_module_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
    tracked = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == tracked | {"config/okrsync.toml"}


def test_the_wheel_runs_where_nothing_of_the_checkout_is(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path / "site")
    script = (
        f"import sys; sys.path[:] = [p for p in sys.path if 'site-packages' in p or 'python3' in p]; "
        f"sys.path.insert(0, {str(tmp_path / 'site')!r}); sys.meta_path[:] = "
        "[finder for finder in sys.meta_path if 'editable' not in repr(finder).lower()]; "
        f"sys.argv = ['okrsync', 'init', {str(tmp_path / 'made.toml')!r}]; import okrsync.cli; okrsync.cli.main()"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (tmp_path / "made.toml").read_text() == (ROOT / "okrsync.toml").read_text()


def test_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_the_playground_imports_the_sandbox() -> None:
    allowed = {"okrsync/demo.py", "okrsync/cli/play.py"}
    importers = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "okrsync/sandbox/" not in str(path)
        and re.search(r"^\s*(from|import) okrsync\.sandbox", path.read_text(), re.M)
    }
    assert importers <= allowed


def test_help_imports_no_library_of_a_tool_and_no_database() -> None:
    script = """import sys, okrsync.cli.app
okrsync.cli.app.app(['--help'], standalone_mode=False)
print(sorted(sys.modules))"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(re.findall(r"'([\w.]+)'", done.stdout.splitlines()[-1]))
    tools = {"jira", "github", "asana", "requests"}
    assert loaded & {*tools, "sqlmodel", "sqlalchemy", "alembic", "pydantic", "numpy", "sklearn", "rapidfuzz"} == set()


def test_locks_are_hashed_and_name_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^\S+==\S+", text, re.M)
        assert len(pins) > 20
        assert text.count("==") <= text.count("--hash=sha256:")
        assert "http" not in text
        assert "--index-url" not in text


def test_every_command_and_option_is_documented() -> None:
    import typer.main

    from okrsync.cli.app import app

    documented = (ROOT / "docs" / "commands.md").read_text()
    root = typer.main.get_command(app)
    waiting = [("okrsync", root)]
    missing = []
    while waiting:
        name, command = waiting.pop()
        children = getattr(command, "commands", None)
        if children:
            waiting += [(f"{name} {child}", sub) for child, sub in children.items()]
            continue
        if f"`{name}" not in documented:
            missing.append(name)
        for option in command.params:
            long = [flag for flag in option.opts if flag.startswith("--")]
            if long and long[0] not in documented:
                missing.append(f"{name} {long[0]}")
    assert missing == []
