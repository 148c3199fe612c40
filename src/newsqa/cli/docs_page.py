"""The page `docs/cli.md` and the program's own help, made from the commands themselves.

``python -m newsqa.cli.docs_page > docs/cli.md`` writes the page,
``python -m newsqa.cli.docs_page help > src/newsqa/cli/help.txt`` what `newsqa --help` prints.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from newsqa.cli.app import create_app
from newsqa.cli.helping import COLUMNS

HEAD = """# The command line

This page is made from the program: `python -m newsqa.cli.docs_page > docs/cli.md`.

Data goes to stdout, progress and messages to stderr. A progress bar is drawn only on a terminal;
elsewhere `-v` prints a line now and then, and `-q` says only what failed. `NO_COLOR` is honoured.
`--json` prints one JSON object, in which nothing of an article is changed; in text for people,
escape sequences and control characters of articles are taken out.

`--index DIR` (else `NEWSQA_INDEX`, else `index`), `-q` and `-v` are taken by every command that
has a use for them, and may stand before and after its name; the tables leave them out. A day is
written YYYY-MM-DD. `--` ends the options: what follows may begin with a dash.

`newsqa --install-completion` teaches the shell that it is called from (bash, zsh, fish) to complete
commands and options; `newsqa --show-completion` prints what it would install.

| exit code | meaning |
|--:|---|
| 0 | answered, found, done |
| 1 | no answer, no hits, no such article; `verify`: `repair` mends it; `prove`: changed since |
| 2 | wrong argument or setting, a PATH that does not exist |
| 3 | index missing, mismatched, locked or damaged; model missing; `prove`: unknown |
| 4 | some input failed: each is named on stderr, the rest is done |
| 70 | a mistake in newsqa itself |
| 130 | interrupted |
| 141 | the reader of the output went away |
"""

SETTINGS = """## Settings

A flag is stronger than a `NEWSQA_*` variable, that than `newsqa.toml` in the working folder, that
than the user's `config.toml`, that than the default. An unknown key is refused.

| key | default | meaning |
|---|---|---|
"""
COMMON = {"index", "quiet", "verbose"}


def manual() -> str:
    """Return the page as Markdown."""
    root = get_command(create_app())
    parts = [HEAD.rstrip()]
    parts += [_section(path, command) for path, command in leaves(root)]
    parts.append(_settings())
    return "\n\n".join(parts) + "\n"


def top_help() -> str:
    """Return what `newsqa --help` prints where there is room for lines of `COLUMNS`."""
    program = get_command(create_app())
    # The option parser leaves two columns free.
    given: dict[str, Any] = {"resilient_parsing": True, "terminal_width": COLUMNS - 2}
    return program.get_help(program.make_context("newsqa", [], **given)) + "\n"


def leaves(root: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every command that does something, with the words that name it."""
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
    shown = [p for p in command.params if p.name not in COMMON and not getattr(p, "hidden", False)]
    arguments = [param for param in shown if param.param_type_name == "argument"]
    options = [param for param in shown if param.param_type_name == "option"]
    needed = [*map(_usage, arguments), *(_flags(option) for option in options if option.required)]
    usage = " ".join(["newsqa", *path, *needed, "[OPTIONS]"])
    told = re.sub(r"(?<!\n)\n(?!\n)", " ", command.help)
    rows = [f"| `{_usage(argument)}` | {argument.help} |" for argument in arguments]
    rows += [f"| `{_flags(option)}` | {option.help} |" for option in options]
    table = "\n".join(["| | |", "|---|---|", *rows]) + "\n\n" if rows else ""
    sample = "\n".join(["```console", *(f"$ {line}" for line in examples_of(command)), "```"])
    return f"## newsqa {' '.join(path)}\n\n    {usage}\n\n{told}\n\n{table}{sample}"


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
    sys.stdout.write(top_help() if sys.argv[1:] == ["help"] else manual())
