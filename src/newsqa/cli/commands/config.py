"""`newsqa config show`: the settings in force."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from newsqa.cli.output import json_text, one_line
from newsqa.cli.session import Session, command, group_options

MASK = "********"

app = typer.Typer()
_group = typer.Typer(name="config", help="Show the settings in force.", no_args_is_help=True)
_group.callback()(group_options)
app.add_typer(_group)


@command(_group, "newsqa config show --origin", "NEWSQA_PORT=8000 newsqa config show --json")
def show(
    session: Session,
    origin: Annotated[
        bool, typer.Option("--origin", help="Also show where each value comes from.")
    ] = False,
) -> None:
    """Show every setting in force, in the form of newsqa.toml."""
    origins = session.layered.origins
    values: dict[str, Any] = session.settings.model_dump(mode="json")
    if values["admin_token"]:
        values["admin_token"] = MASK
    if session.json:
        rows = {
            key: {"value": value, "origin": origins[key]} if origin else value
            for key, value in values.items()
        }
        session.screen.json(rows)
        return
    for key, value in values.items():
        line = f"{key} = {json_text(value)}"
        session.screen.text(f"{line}  # {one_line(origins[key])}" if origin else line)
