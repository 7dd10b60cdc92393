"""Where the configuration is, and what its files hold before anything is checked."""

from __future__ import annotations

import glob
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.faults import quoted
from okrsync.errors import ConfigError, Problem

NAME = "okrsync.toml"
SYSTEM = Path("/etc/okrsync") / NAME
VARIABLE = "OKRSYNC_CONFIG"


@dataclass(frozen=True, slots=True)
class Document:
    """One file, parsed; ``name`` is how messages call it."""

    name: str
    data: Mapping[str, Any]


def find(flag: str | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The configuration file: ``--config``, ``$OKRSYNC_CONFIG``, ``./okrsync.toml``, ``/etc/okrsync/okrsync.toml``.

    A file that is named and does not exist is an error, not a reason to look further.
    """
    for named, by in ((flag, "--config"), (environ.get(VARIABLE), f"${VARIABLE}")):
        if named:
            path = cwd / named
            if not path.is_file():
                fault = "a folder" if path.is_dir() else "no such file"
                raise ConfigError([Problem(str(path), f"{fault}, though {by} names it")])
            return path
    usual = (cwd / NAME, SYSTEM)
    for path in usual:
        if path.is_file():
            return path
    looked = f"looked for --config, ${VARIABLE}, {usual[0]} and {usual[1]}"
    raise _unreadable(NAME, f"no configuration found; {looked}; type `okrsync init` to write one to start from")


def template() -> str:
    """The text of the shipped ``okrsync.toml``, complete and commented."""
    here = Path(__file__).resolve()
    installed, checkout = here.with_name(NAME), here.parents[1] / NAME
    return (installed if installed.is_file() else checkout).read_text(encoding="utf-8")


def read(path: Path, name: str) -> Document:
    """The parsed file; ConfigError with the line where it cannot be read as TOML."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise _unreadable(name, "no such file; type `okrsync init` to write one to start from") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _unreadable(f"{name}: line {line}", "not UTF-8; save the file in that encoding") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise _unreadable(name, f"cannot be read: {why}") from None
    try:
        return Document(name, tomllib.loads(text))
    except RecursionError:
        raise _unreadable(name, "not TOML that can be read: nested too deeply") from None
    except ValueError as error:
        raise _not_toml(name, str(error), text) from None


def included(patterns: Sequence[str], main: Path, place: str) -> tuple[list[Document], list[Problem]]:
    """The files that the patterns match beside the main file, in the order of their names, each once."""
    documents: list[Document] = []
    problems: list[Problem] = []
    seen = {main.resolve()}
    for pattern in patterns:
        paths = [main.parent / match for match in sorted(_matches(pattern, main.parent))]
        files = [path for path in paths if not path.is_dir()]
        if not files:
            problems.append(Problem(place, f"{quoted(pattern)} matches no file beside {main.name}"))
        for path in files:
            if path.resolve() in seen:
                continue
            seen.add(path.resolve())
            try:
                documents.append(read(path, _name(path, main.parent)))
            except ConfigError as error:
                problems.extend(error.problems)
    return documents, problems


def _matches(pattern: str, base: Path) -> list[str]:
    try:
        return glob.glob(pattern, root_dir=base, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
    except (ValueError, OSError, RecursionError):
        return []


def _name(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else str(path)


def _unreadable(place: str, message: str) -> ConfigError:
    return ConfigError([Problem(place, message)])


def _not_toml(name: str, message: str, text: str) -> ConfigError:
    where = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    if where is None:
        return _unreadable(name, f"not valid TOML: {message[:1].lower()}{message[1:]}")
    line = where[1] or str(text.count("\n") + 1)
    said = message[: where.start()]
    at = f", column {where[2]}" if where[2] else ", at the end of the file"
    return _unreadable(f"{name}: line {line}{at}", f"not valid TOML: {said[:1].lower()}{said[1:]}")
