"""How lines are broken on a terminal: where a person would break them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

_HELD = {0xA0: "\ufdd0", 0x202F: "\ufdd1"}  # spaces that hold together, as characters that nobody may write
_LET_GO = {ord(stand_in): chr(space) for space, stand_in in _HELD.items()}


class HoldingConsole(Console):
    """A console that breaks no line at a no-break space, as rich itself does: no line begins with ``:``, ``»`` or
    ``%``."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """The segments of ``renderable``, in which those spaces stood for letters while the lines were broken."""
        if isinstance(renderable, Text):
            held = renderable.copy()
            held.plain = renderable.plain.translate(_HELD)
            renderable = held
        for segment in super().render(renderable, options):
            yield segment._replace(text=segment.text.translate(_LET_GO))
