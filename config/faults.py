"""What is wrong, in the user's words: a validation error of pydantic → one :class:`okrsync.errors.Problem` a cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.context import Context
from okrsync.errors import Problem

Model = TypeVar("Model", bound=BaseModel)
Location = Sequence[int | str]

SHOWN = 60  # characters of a found value that a message repeats
LISTED = 20  # more allowed names than these are not listed

FLAG = "flag"  # the origin of a value that the command line gave

_SECRETIVE = re.compile(
    r"\b(auth|smtp|webhook)\b|token|secret|passw(or)?d|private|credential|database|url", re.IGNORECASE
)
_SECRET = re.compile(r"token|secret|passw|api_?key", re.IGNORECASE)

_EXPECTED = {
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "string_too_long": "must not be longer than {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "float_type": "must be a number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be a list in square brackets",
    "tuple_type": "must be a list in square brackets",
    "too_short": "must name at least {min_length}",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "finite_number": "must be a finite number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be less than {lt:g}",
    "less_than_equal": "must be at most {le:g}",
}


class Unfit(ValueError):
    """A value that fits its type and not its place; ``candidates`` are what may have been meant."""

    def __init__(self, message: str, *, candidates: Iterable[str] = (), show: bool = True) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)
        self.show = show


@dataclass(frozen=True, slots=True)
class RawTable:
    """One table as it was read: a section, or one entry of a list of tables.

    ``overlays`` maps the keys that came from elsewhere, those of an inner table dotted, to their origin ("environment
    OKRSYNC_WRITEBACK__MODE").
    """

    file: str
    section: str
    data: Mapping[str, Any]
    overlays: Mapping[str, str] = field(default_factory=dict)

    def origin(self, key: str) -> str:
        return self.overlays.get(key) or self.overlays.get(key.partition(".")[0], self.file)

    def place(self, location: Location = ()) -> str:
        """``okrsync.toml: [sources.jira] fields.points``; an entry of a list is counted from one: ``epics #2``."""
        if not location:
            return f"{self.file}: [{self.section}]"
        first, *rest = location
        path = str(first) + "".join(f" #{step + 1}" if isinstance(step, int) else f".{step}" for step in rest)
        over = next((key for key in (path, str(first)) if key in self.overlays), None)
        if over is not None:
            origin = self.overlays[over]
            return (f"{FLAG} {self.section}.{over}" if origin == FLAG else origin) + path.removeprefix(over)
        return f"{self.file}: [{self.section}] {path}"

    def problem(self, location: Location, message: str) -> Problem:
        return Problem(self.place(location), message)

    def only(self, keys: Iterable[str]) -> RawTable:
        """The same table with these keys alone."""
        wanted = set(keys)
        kept = {key: value for key, value in self.data.items() if key in wanted}
        return RawTable(self.file, self.section, kept, self.overlays)


def checked(
    model: type[Model], table: RawTable, context: Context, problems: list[Problem], beside: Iterable[str] = ()
) -> Model | None:
    """The validated table, or None after every fault of it was added to ``problems``.

    ``beside`` names keys that the table may hold and that are checked elsewhere: they serve suggestions.
    """
    try:
        return model.model_validate(dict(table.data), context=context)
    except ValidationError as error:
        details = error.errors(include_url=False)
    seen = set()
    above = {detail["loc"][:-1] for detail in details}
    for detail in details:
        place = table.place(detail["loc"])
        if detail["type"] == "too_short" and detail["loc"] in above:
            continue  # what is missing there is told already: its entries are wrong
        if place not in seen:  # the branches of a union fail together: one cause, one line
            seen.add(place)
            problems.append(Problem(place, _message(detail, model, tuple(beside))))
    return None


def found(value: object, *, quiet: bool = False) -> str:
    """How a message names the value that was found; ``quiet``, for what may be a secret, names its type alone."""
    match value:
        case bool():
            return "true" if value else "false"
        case str() if quiet:
            return "text"
        case str() if not value:
            return "an empty text"
        case str():
            return quoted(value)
        case int() | float() if quiet:
            return "a number"
        case int() if abs(value) >= 10**SHOWN:
            return "a huge number"
        case list() | tuple() | set() | frozenset():
            return "a list" if value else "an empty list"
        case dict():
            return "a table"
        case _:
            return str(value)


def quoted(text: str) -> str:
    """The text in double quotes, shortened."""
    return f'"{text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"}"'


def printable(problem: Problem) -> Problem:
    """The same problem on one line, with nothing that a terminal would obey."""
    return Problem(_printable(problem.place), _printable(problem.message))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() or character == "\u00a0" else "�" for character in text)


def hint(word: object, candidates: Iterable[str], prefix: str = "") -> str:
    """``' (did you mean "projects"?)'``, or nothing where no candidate comes near; ``prefix`` brings none nearer."""
    from difflib import get_close_matches  # loaded only where something is wrong

    if not isinstance(word, str) or len(word) > 2 * SHOWN:
        return ""
    folded = {candidate.removeprefix(prefix).casefold(): candidate for candidate in candidates}
    near = get_close_matches(word.removeprefix(prefix).casefold(), folded, n=1, cutoff=0.6)
    return f" (did you mean {quoted(folded[near[0]])}?)" if near else ""


def listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def unknown_option(key: str, allowed: Sequence[str]) -> str:
    """The message for a key that nothing knows: the likely typo, else all that is allowed."""
    if "auth" in allowed and _SECRET.search(key):
        return 'unknown option; a secret is named under auth: auth = { token = { env = "JIRA_TOKEN" } }'
    near = hint(key, allowed)
    if near:
        return f"unknown option{near}"
    return f"unknown option; allowed: {listed(allowed)}"


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a model as they are written in the file."""
    return tuple(info.alias or name for name, info in model.model_fields.items())


def _message(detail: ErrorDetails, model: type[BaseModel], beside: tuple[str, ...]) -> str:
    kind, location, value = detail["type"], detail["loc"], detail["input"]
    context = detail.get("ctx", {})
    quiet = any(isinstance(step, str) and _SECRETIVE.search(step) for step in location)
    if kind == "missing":
        return _missing(model, location)
    if kind == "extra_forbidden":
        inner = _model_at(model, location[:-1])
        allowed = keys_of(inner) if inner else ()
        return unknown_option(str(location[-1]), (*allowed, *beside) if len(location) == 1 else allowed)
    if kind == "value_error":
        return _unfit(context["error"], value, quiet=quiet)
    if kind in {"literal_error", "enum"}:
        names = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        near = "" if quiet else hint(value, names)
        one_of = "must be" if len(names) == 1 else "must be one of"
        return f"{one_of} {listed(map(quoted, names))}; found {found(value, quiet=quiet)}{near}"
    expected = _EXPECTED.get(kind)
    if expected is None:
        return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}; found {found(value, quiet=quiet)}"
    example = f", such as [{quoted(value)}]" if kind == "tuple_type" and isinstance(value, str) and not quiet else ""
    return f"{expected.format(**context)}{example}; found {found(value, quiet=quiet)}"


def _unfit(error: object, value: object, *, quiet: bool) -> str:
    if not isinstance(error, Unfit):
        return str(error) if isinstance(value, dict) else f"{error}; found {found(value, quiet=quiet)}"
    near = hint(value, error.candidates)
    few = 0 < len(error.candidates) <= LISTED
    allowed = f"; allowed: {listed(error.candidates)}" if few and not near else ""
    shown = f"; found {found(value, quiet=quiet)}" if error.show and value is not None else ""
    return f"{error}{shown}{near}{allowed}"


def _missing(model: type[BaseModel], location: Location) -> str:
    name = str(location[-1])
    inner = _model_at(model, location[:-1])
    info = inner.model_fields.get(name) if inner else None
    if info is not None and info.examples:
        return f"missing; write for example: {name} = {info.examples[0]}"
    return "missing"


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    """The model of the nested table at a location, or None where none is declared."""
    inner: type[BaseModel] | None = model
    for step in location:
        if isinstance(step, int) or inner is None:
            continue
        by_key = {info.alias or name: info for name, info in inner.model_fields.items()}
        inner = _model_in(by_key[step].annotation) if step in by_key else None
    return inner


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
