"""The command line as a process of its own: what it loads, its streams, signals and terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = ("torch", "transformers", "sentence_transformers", "gradio")
ALL_HEAVY = (*HEAVY, "onnxruntime", "faiss", "tantivy", "numpy", "pydantic", "rich", "fastapi")
RECORDS = [
    {
        "id": "wall/1",
        "title": "Harbour wall to be rebuilt",
        "text": "The harbour wall will be rebuilt in spring. The mayor, Edda Voss, signed the "
        "contract on Monday.\n\n\x1b[31mRed words\x1b[0m stood on the old wall.",
        "date": "2024-11-25",
        "source": "Tidal Gazette",
    },
    {
        "id": "bread",
        "title": "Brot für alle",
        "text": "The bakery of Lindle gave away a hundred loaves of bread on Sunday.",
        "date": "2024-11-24",
        "source": "Lindle Courier",
    },
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with articles and, beside them, an index of them."""
    folder = tmp_path_factory.mktemp("cli")
    lines = "".join(f"{json.dumps(record)}\n" for record in RECORDS)
    (folder / "news.jsonl").write_text(lines)
    built = newsqa(folder, "index", "build", "news.jsonl", "--json")
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["indexed"] == 2
    assert built.stderr == b""
    return folder


def environment(folder: Path, **changes: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NEWSQA_")}
    own = {
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_STATE_HOME": str(folder / "state"),
        "OMP_NUM_THREADS": "1",
    }
    return {**kept, **own, **changes}


def newsqa(
    folder: Path, *words: str | bytes, stdin: bytes = b"", **changes: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "newsqa", *words],
        cwd=folder,
        env=environment(folder, **changes),
        input=stdin,
        capture_output=True,
        timeout=120,
        check=False,
    )


# ---- what is loaded


def loaded(folder: Path, code: str) -> set[str]:
    """Run the code in a fresh interpreter and return the top-level modules it has loaded."""
    code += "\nimport sys\nsys.stderr.write(' '.join({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        timeout=120,
        check=True,
    )
    return set(done.stderr.decode().splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import newsqa",
        "from newsqa.cli import run; assert run(['--help']) == 0",
        "from newsqa.cli import run; assert run(['--version']) == 0",
    ],
)
def test_the_front_door_loads_nothing_heavy(code: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, code).isdisjoint(ALL_HEAVY)


def test_help_of_a_command_loads_no_more_than_the_option_parser(tmp_path: Path) -> None:
    code = "from newsqa.cli import run; assert run(['index', 'build', '-h']) == 0"
    assert loaded(tmp_path, code).isdisjoint(set(ALL_HEAVY) - {"pydantic"})


@pytest.mark.parametrize("command", ["search", "ask"])
def test_a_question_on_a_warm_index_loads_no_training_library(command: str, place: Path) -> None:
    code = f"from newsqa.cli import run; assert run([{command!r}, 'the harbour wall']) == 0"
    modules = loaded(place, code)
    assert modules.isdisjoint(HEAVY)
    assert "onnxruntime" in modules  # the question was embedded all the same


# ---- streams


def test_ask_and_search_and_show_agree_on_the_quote(place: Path) -> None:
    asked = newsqa(place, "ask", "Who signed the contract for the harbour wall?", "--json")
    assert asked.returncode == 0, asked.stderr
    quote = json.loads(asked.stdout)["quotes"][0]
    shown = newsqa(place, "show", quote["article_id"], "--version", "1", "--json")
    body = json.loads(shown.stdout)["body"]
    assert body[quote["start"] : quote["end"]] == quote["quote"]
    assert newsqa(place, "prove", "-", stdin=asked.stdout).returncode == 0
    changed = asked.stdout.replace(b"contract on Monday", b"contract on Sunday")
    assert newsqa(place, "prove", "-", stdin=changed).returncode == 3
    nobody = json.dumps({**quote, "article_id": "\ud800"}).encode()
    assert newsqa(place, "prove", "-", stdin=nobody).returncode == 3


def test_escape_sequences_stay_out_of_the_terminal_and_in_the_json(place: Path) -> None:
    shown = newsqa(place, "show", "wall/1")
    assert b"\x1b" not in shown.stdout
    assert "Red words stood" in shown.stdout.decode()
    assert "\x1b[31mRed" in json.loads(newsqa(place, "show", "wall/1", "--json").stdout)["body"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_encoding_of_stdout_will_do(encoding: str, place: Path) -> None:
    shown = newsqa(place, "show", "bread", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(shown.stdout.decode(encoding))["title"] == "Brot für alle"
    for_people = newsqa(place, "ask", "漢字 loaves of bread?", PYTHONIOENCODING=encoding)
    assert for_people.returncode in (0, 1)
    assert b"Traceback" not in for_people.stderr


def test_arguments_need_not_be_text(place: Path) -> None:
    asked = newsqa(place, "ask", b"harbour wall \xff\xfe", "--json")
    assert asked.returncode in (0, 1)
    assert json.loads(asked.stdout)["question"].startswith("harbour wall ")
    assert newsqa(place, "index", "build", b"no\xffwhere").returncode == 2
    assert newsqa(place, "show", b"no\xffwhere").returncode == 1


def test_a_file_whose_name_is_no_text_is_found_under_its_name(tmp_path: Path) -> None:
    name = b"caf\xe9.txt"
    (tmp_path / os.fsdecode(name)).write_text("A title\n\nThe cafe opened on Monday.\n")
    assert newsqa(tmp_path, "index", "build", ".").returncode == 0
    assert newsqa(tmp_path, "show", name).returncode == 0
    assert newsqa(tmp_path, "show", r"caf\xe9.txt").returncode == 0
    assert newsqa(tmp_path, "index", "remove", name).returncode == 0


@pytest.mark.parametrize("words", [["show", "wall/1"], ["search", "wall", "--json"], ["--help"]])
def test_a_closed_pipe_ends_the_command_quietly(words: list[str], place: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "newsqa", *words],
        cwd=place,
        env=environment(place),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    os.close(writing)
    assert done.stderr == b""
    assert done.returncode in (1, 141)


def test_threads_in_the_background_do_not_keep_or_change_the_end(tmp_path: Path) -> None:
    code = """
import sys, threading, time
from newsqa import cli
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
sys.argv = ["newsqa", "--version"]
sys.exit(cli.main() or 7)  # not reached: the process has ended with 0
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"newsqa ")


@pytest.mark.parametrize("words", [["show", "wall/1"], ["--help"]])
def test_a_full_disk_under_stdout_is_named(words: list[str], place: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "newsqa", *words],
            cwd=place,
            env=environment(place),
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
    assert done.returncode == 3
    assert done.stderr == b"newsqa: [Errno 28] No space left on device\n"


def test_a_reply_to_each_line_of_stdin(place: Path) -> None:
    questions = "Who signed the contract for the harbour wall?\n\n\x00\x1b[2J\nسؤال\n".encode()
    done = newsqa(place, "ask", "--file", "-", "--jsonl", stdin=questions)
    assert done.returncode == 0, done.stderr
    replies = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
    assert [reply["answered"] for reply in replies][1:] == [False, False, False]
    assert replies[1]["reason"]["code"] == "nothing_found"


def test_an_unknown_source_is_named_with_the_nearest(place: Path) -> None:
    words = ["harbour wall", "--source", "Tidal Gazete"]
    note = "no article is from the source “Tidal Gazete”; did you mean “Tidal Gazette”?"
    searched = newsqa(place, "search", *words)
    assert (searched.returncode, searched.stdout) == (1, b"")
    assert note in searched.stderr.decode()
    asked = newsqa(place, "ask", *words, "--json")
    assert (asked.returncode, json.loads(asked.stdout)["notes"]) == (1, [note])
    both = newsqa(place, "ask", *words, "--source", "tidal gazette", "--json")
    assert json.loads(both.stdout)["notes"] == [note]


# ---- damage and interrupts


def test_verify_names_damage_that_keeps_the_index_from_opening(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A title\n\nA sentence about the ferry.\n")
    assert newsqa(tmp_path, "index", "build", "a.txt").returncode == 0
    database = tmp_path / "index" / "newsqa.db"
    database.write_bytes(b"no database at all" * 100)
    done = newsqa(tmp_path, "index", "verify", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["state"] == "damaged"
    assert newsqa(tmp_path, "ask", "ferry").returncode == 3


def test_an_interrupt_ends_with_130(place: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "newsqa", "chat"],
        cwd=place,
        env=environment(place),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"Who signed the contract?\n")
        process.stdin.flush()
        assert process.stdout.readline()  # it is up and waits for the next line
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert b"Traceback" not in process.stderr.read()


# ---- terminals


def on_terminal(
    folder: Path,
    *words: str,
    keys: bytes = b"",
    until: bytes = b"> ",
    program: tuple[str, ...] = ("-m", "newsqa"),
    **changes: str,
) -> tuple[str, int]:
    """Run a command on a terminal of its own; return what the terminal got, and the code.

    The keys are pressed once ``until`` has appeared.
    """
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *program, *words],
        cwd=folder,
        env=environment(folder, **{"TERM": "xterm", "NO_COLOR": "", **changes}),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        preexec_fn=lambda: os.login_tty(slave),  # Ctrl-C reaches all its processes
    )
    os.close(slave)
    got, deadline = b"", time.monotonic() + 120
    while time.monotonic() < deadline:
        if not select.select([master], [], [], 0.2)[0]:
            continue
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other side is closed
            break
        got += piece
        if keys and until in got:
            os.write(master, keys)
            keys = b""
        if not piece:
            break
    code = process.wait(30)
    os.close(master)
    return got.decode(errors="replace"), code


def test_a_build_draws_a_bar_on_a_terminal(place: Path) -> None:
    got, code = on_terminal(place, "index", "build", "news.jsonl", "--index", "other")
    assert code == 0
    assert "reading" in got
    assert "━" in got
    assert "/s" in got
    quiet, code = on_terminal(place, "index", "build", "news.jsonl", "--index", "third", "-q")
    assert code == 0
    assert "━" not in quiet


@pytest.mark.parametrize(
    "shown",
    [
        "from newsqa.cli.progress import *; shown = progress_for(Screen())",
        "from newsqa.web.server import *; shown = progress_bars()",
    ],
    ids=["commands", "app.py"],
)
def test_a_bar_tells_the_rate_and_the_time_left(shown: str, tmp_path: Path) -> None:
    work = "for n in range(31): told('embedding', n, 1000, 'a.txt'); time.sleep(0.05)"
    code = f"import time; {shown}\nwith shown as told:\n  {work}"
    got, ended = on_terminal(tmp_path, "-c", code, program=())
    assert ended == 0, got
    plain = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", got)
    rate, minutes, seconds = re.findall(r"30/1000 ([\d.]+)/s (\d\d):(\d\d) a.txt", plain)[-1]
    assert 0 < float(rate) <= 20
    assert int(minutes) * 60 + int(seconds) == pytest.approx(970 / float(rate), rel=0.1)


def test_an_interrupted_build_gives_the_cursor_back(place: Path) -> None:
    lines = [f'{{"id": "{n}", "text": "{"A sentence. " * 200}"}}\n' for n in range(3000)]
    (place / "many.jsonl").write_text("".join(lines))
    words = ["index", "build", "many.jsonl", "--index", "stopped"]
    got, code = on_terminal(place, *words, keys=b"\x03", until=b"reading")
    assert code == 130
    assert "Traceback" not in got
    assert got.rindex("\x1b[?25h") > got.rindex("\x1b[?25l")
    assert "the same command continues where it stopped" in got
    after = newsqa(place, "ask", "x", "--index", "stopped")
    assert after.returncode == 3
    assert b"`newsqa index build PATH --index stopped` continues it" in after.stderr


def test_titles_are_bold_on_a_terminal_unless_no_color(place: Path) -> None:
    got, code = on_terminal(place, "search", "harbour wall")
    assert code == 0
    assert "\x1b[1m1. Harbour wall to be rebuilt\x1b[0m" in got
    assert "\x1b[1;33mharbour\x1b[0m \x1b[1;33mwall\x1b[0m" in got
    plain, _ = on_terminal(place, "search", "harbour wall", NO_COLOR="1")
    assert "\x1b[1" not in plain


def test_chat_on_a_terminal_prompts_and_leaves_on_end_of_file(place: Path) -> None:
    got, code = on_terminal(place, "chat", keys=b"Who signed the contract?\n\x04")
    assert code == 0
    assert "Ctrl-D to leave" in got
    assert "Edda Voss" in got


def test_the_arrow_keys_bring_back_questions_of_the_chat_before(
    place: Path, tmp_path: Path
) -> None:
    file = tmp_path / "newsqa" / "chat-history"
    at = str(tmp_path)
    on_terminal(place, "chat", keys=b"Who signed the contract?\n/help\n\x04", XDG_STATE_HOME=at)
    assert file.read_text() == "Who signed the contract?\n"
    assert file.stat().st_mode & 0o777 == 0o600
    again, code = on_terminal(place, "chat", keys=b"\x1b[A\n\x04", XDG_STATE_HOME=at)
    assert code == 0
    assert "Edda Voss" in again
    off, code = on_terminal(
        place, "chat", keys=b"\x1b[A\n\x04", NEWSQA_CHAT_HISTORY="false", XDG_STATE_HOME=at
    )
    assert code == 0
    assert "Edda Voss" not in off
    assert file.read_text() == "Who signed the contract?\n" * 2


def test_a_history_that_cannot_be_kept_stops_no_chat(place: Path, tmp_path: Path) -> None:
    (tmp_path / "no-folder").touch()
    at = str(tmp_path / "no-folder")
    got, code = on_terminal(
        place, "chat", keys=b"Who signed the contract?\n\x04", XDG_STATE_HOME=at
    )
    assert code == 0
    assert "Edda Voss" in got
    assert "Traceback" not in got


def test_long_articles_go_through_the_pager(place: Path) -> None:
    got, code = on_terminal(place, "show", "wall/1", PAGER="sed s/^/PAGED:/", LINES="4")
    assert code == 0
    assert "PAGED:" in got
    short, _ = on_terminal(place, "show", "wall/1", PAGER="sed s/^/PAGED:/", LINES="400")
    assert "PAGED:" not in short


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(shell: str, place: Path) -> None:
    done = newsqa(
        place,
        _NEWSQA_COMPLETE=f"complete_{shell}",
        COMP_WORDS="newsqa index re",
        COMP_CWORD="2",
        _TYPER_COMPLETE_ARGS="newsqa index re",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )
    offered = re.findall(r"\bre[a-z]+\b(?=\"?[:\t\n])", done.stdout.decode())
    assert sorted(offered) == ["remove", "repair", "restore"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("newsqa ask --source Tid", ["Tidal Gazette"]),
        ("newsqa search --index nowhere --source Tid", []),
        ("newsqa ask --cite b", ["bibtex"]),
        ("newsqa ask --reader s", ["shipped"]),
    ],
)
def test_the_shell_completes_values(words: str, offered: list[str], place: Path) -> None:
    last = str(len(words.split()) - 1)
    done = newsqa(place, _NEWSQA_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=last)
    assert done.stdout.decode().strip().splitlines() == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_taught_to_complete(shell: str, place: Path) -> None:
    taught = newsqa(place, _NEWSQA_COMPLETE=f"source_{shell}").stdout.decode()
    assert f"_NEWSQA_COMPLETE=complete_{shell}" in taught
    shown = newsqa(place, "--help").stdout.decode()
    assert "--install-completion" in shown
    assert "--show-completion" in shown
