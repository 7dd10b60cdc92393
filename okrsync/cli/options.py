"""Options and arguments that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from okrsync.cli.output import Format

FormatOption = Annotated[Format, typer.Option("--format", help="How to print.")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write there instead of the terminal; - is the standard output.")
]
SourceOption = Annotated[list[str] | None, typer.Option("--source", "-s", help="Only this source; may be repeated.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason; it is kept with your name and the date.")]
ItemArgument = Annotated[
    str, typer.Argument(metavar="ITEM", help="SHOP-12, acme/shop#12, a commit, SOURCE:KEY, or an address.")
]
