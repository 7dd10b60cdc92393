"""Which place of a connector sent a request: the line that called its ``Api``, whatever iterates over the answer.

:func:`noting` marks every request that leaves; :func:`sending` reads from the source which places there are.
"""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from inspect import isgenerator
from pathlib import Path
from typing import Any, TypeAlias

import connectors
from connectors.transport import Transport

Place: TypeAlias = "tuple[str, int]"  # file, line
NOWHERE: Place = ("", 0)
SILENT = frozenset({"close", "speak", "limits"})  # what an Api does without sending anything
FOLDER = Path(connectors.__file__).parent

_here = threading.local()


def of(request: Any) -> Place:
    """The place that sent a request; NOWHERE where none of a connector did."""
    found: Place = getattr(request, "sent_from", NOWHERE)
    return found


def _asking(tool: str) -> dict[str, Callable[..., Any]]:
    """The methods of a tool's ``Api`` that send."""
    api = import_module(f"connectors.{tool}_api").Api
    public = {name: held for name, held in vars(api).items() if callable(held) and not name.startswith("_")}
    return {name: held for name, held in public.items() if name not in SILENT}


def sending(tool: str) -> dict[Place, Place]:
    """Every place of a tool's modules that calls its ``Api``: (file, first line) → (file, last line)."""
    names = _asking(tool)
    found: dict[Place, Place] = {}
    for path in sorted(FOLDER.glob(f"{tool}*.py")):
        if path.name == f"{tool}_api.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names):
                continue
            holder = node.func.value
            if (holder.attr if isinstance(holder, ast.Attribute) else getattr(holder, "id", "")) in ("api", "_api"):
                found[path.name, node.lineno] = (path.name, node.end_lineno or node.lineno)
    return found


@contextmanager
def noting(tools: tuple[str, ...]) -> Iterator[None]:
    """Whatever is sent in the block says from which place."""
    undo: list[Callable[[], None]] = []

    def patch(holder: Any, name: str, put: Any) -> None:
        held = getattr(holder, name)
        undo.append(lambda: setattr(holder, name, held))
        setattr(holder, name, put)

    send = Transport.send

    def marked(transport: Transport, request: Any, *args: Any, **options: Any) -> Any:
        request.sent_from = getattr(_here, "place", NOWHERE)
        return send(transport, request, *args, **options)

    patch(Transport, "send", marked)
    for tool in tools:
        api = import_module(f"connectors.{tool}_api").Api
        for name, method in _asking(tool).items():
            patch(api, name, _placed(method))
    try:
        yield
    finally:
        for one in reversed(undo):
            one()


def _placed(method: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any, **options: Any) -> Any:
        frame = sys._getframe(1)
        path = Path(frame.f_code.co_filename)
        inside = path.name.endswith("_api.py") or path.parent != FOLDER
        place = getattr(_here, "place", NOWHERE) if inside else (path.name, frame.f_lineno)
        with _at(place):
            result = method(*args, **options)
        return _stepwise(result, place) if isgenerator(result) else result

    return called


def _stepwise(steps: Iterator[Any], place: Place) -> Iterator[Any]:
    while True:
        with _at(place):
            try:
                step = next(steps)
            except StopIteration:
                return
        yield step


@contextmanager
def _at(place: Place) -> Iterator[None]:
    before = getattr(_here, "place", NOWHERE)
    _here.place = place
    try:
        yield
    finally:
        _here.place = before
