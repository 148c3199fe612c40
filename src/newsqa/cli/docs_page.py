"""The page `docs/cli.md`, made from the commands: ``python -m newsqa.cli.docs_page``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from newsqa.cli.app import create_app

HEAD = """# The command line

This page is made from the program: `python -m newsqa.cli.docs_page > docs/cli.md`.

Data goes to stdout, progress and messages go to stderr. A progress bar is drawn only on a
terminal; elsewhere `-v` prints a line now and then, and `-q` prints failures only. `NO_COLOR` is
respected. `--json` prints one JSON object with the text of articles unchanged; text for people
leaves out the escape sequences and control characters of articles.

Every command that uses them takes `--index DIR` (else `NEWSQA_INDEX`, else `index`), `-q` and
`-v`, before or after its name; the tables leave them out. A day is written YYYY-MM-DD. `--` ends
the options, so that an argument may begin with a dash.

`newsqa --install-completion` sets up completion of commands, options, sources, readers and citation
formats in the present shell (bash, zsh, fish); `newsqa --show-completion` prints what it would
install. In bash, open a quote before a source whose name has a space.

| exit code | meaning |
|--:|---|
| 0 | answered, found, done |
| 1 | no answer, no hits, no such article; `verify`: `repair` mends it; `prove`: changed since |
| 2 | wrong argument or setting, a PATH that does not exist |
| 3 | index missing, mismatched, locked or damaged; model missing; `prove`: unknown |
| 4 | some input failed; each is named on stderr, the rest is done |
| 70 | a bug in newsqa |
| 130 | interrupted |
| 141 | stdout was closed by its reader |
"""

SETTINGS = """## Settings

A flag wins over a `NEWSQA_*` variable, that over `newsqa.toml` in the working folder, that over
the user's `config.toml`, that over the default. Unknown keys are refused.

| key | default | meaning |
|---|---|---|
"""
COMMON = {"index", "quiet", "verbose"}


def page() -> str:
    """Return the page as Markdown."""
    root = get_command(create_app())
    parts = [HEAD.rstrip()]
    parts += [_section(path, command) for path, command in leaves(root)]
    parts.append(_settings())
    return "\n\n".join(parts) + "\n"


def leaves(root: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command that is not a group, with the words that name it."""
    for name, command in getattr(root, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name), command


def examples_of(command: Any) -> list[str]:
    """Return the example lines at the foot of a command's help."""
    lines = (command.epilog or "").splitlines()
    return [line.strip() for line in lines[2:] if line.strip()]


def _section(path: tuple[str, ...], command: Any) -> str:
    visible = [
        p for p in command.params if p.name not in COMMON and not getattr(p, "hidden", False)
    ]
    arguments = [param for param in visible if param.param_type_name == "argument"]
    options = [param for param in visible if param.param_type_name == "option"]
    required = [*map(_usage, arguments), *(_flags(option) for option in options if option.required)]
    usage = " ".join(["newsqa", *path, *required, "[OPTIONS]"])
    help_text = re.sub(r"(?<!\n)\n(?!\n)", " ", command.help)
    rows = [f"| `{_usage(argument)}` | {argument.help} |" for argument in arguments]
    rows += [f"| `{_flags(option)}` | {option.help} |" for option in options]
    table = "\n".join(["| | |", "|---|---|", *rows]) + "\n\n" if rows else ""
    sample = "\n".join(["```console", *(f"$ {line}" for line in examples_of(command)), "```"])
    return f"## newsqa {' '.join(path)}\n\n    {usage}\n\n{help_text}\n\n{table}{sample}"


def _settings() -> str:
    from newsqa.settings import Settings

    rows = []
    for key, field in Settings.model_fields.items():
        # The folder differs from one machine to the next.
        default = "the user's cache folder" if key == "cache_dir" else f"`{field.default}`"
        rows.append(f"| `{key}` | {'' if field.default == '' else default} | {field.description} |")
    return SETTINGS + "\n".join(rows)


def _usage(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    text = f"{name}..." if argument.nargs == -1 else name
    return text if argument.required else f"[{text}]"


def _flags(option: Any) -> str:
    flags = ", ".join(option.opts)
    return f"{flags} {option.metavar}" if option.metavar else flags


if __name__ == "__main__":
    sys.stdout.write(page())
