"""The command line over a fake: arguments in, data, messages and exit codes out."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsqa.cli import run
from newsqa.errors import (
    CorpusError,
    IndexDamagedError,
    IndexLockedError,
    IndexMismatchError,
    ModelNotFoundError,
    NewsQAError,
    Problem,
    SettingsError,
)
from tests.fakes.services import REPORT, FakeVerification, World

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _bare_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the machine that runs the tests must not reach them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("NEWSQA_INDEX", raising=False)


def call(world: World, *words: str) -> int:
    return run(list(words), services=world)


def last(world: World) -> tuple[str, dict[str, Any]]:
    return world.qa.calls[-1]


# ---- ask


def test_an_answer_goes_to_stdout_and_ends_with_zero(capsys: Captured) -> None:
    assert call(World(), "ask", "Who wrote the letter?") == 0
    out, err = capsys.readouterr()
    assert out.startswith("mayor\n\n“The mayor wrote the letter.” [1]\n")
    assert "post/letter.txt 0-27" in out
    assert err == ""


def test_no_answer_ends_with_one(capsys: Captured) -> None:
    assert call(World(), "ask", "Who won?") == 1
    assert "The articles do not say: no word of it" in capsys.readouterr().out


def test_ask_json_is_the_reply_and_nothing_else(capsys: Captured) -> None:
    assert call(World(), "ask", "Who wrote the létter letter?", "--json") == 0
    out = capsys.readouterr().out
    reply = json.loads(out)
    assert reply["answered"] is True
    assert reply["quotes"][0]["quote"] == "The mayor wrote the letter."
    assert "létter" in out  # not escaped


def test_explain_shows_how_it_came_about(capsys: Captured) -> None:
    assert call(World(), "ask", "the letter", "--explain") == 0
    lines = capsys.readouterr().out.splitlines()
    passage = next(line for line in lines if "1. a/1 0-28" in line)
    assert passage.split()[-5:] == ["0.50", "1.00", "2.00", "-1.00", "0.88"]
    assert "Confidence 0.62, from log-odds 0.50" in lines
    assert "Sentences ranked first, weighed: place by 3, votes by 1, lead by 0.5" in lines
    sentence = next(line for line in lines if "1. a/1 0-27" in line)
    assert sentence.split()[-6:] == ["0.88", "1.95", "3.00", "0.25", "-0.50", "4.70"]
    assert lines[-1].split() == ["odds", "2.00", "+0.750", "+1.50"]


def test_every_option_of_ask_arrives() -> None:
    world = World()
    words = ["--since", "2024-11-01", "--until", "2024-11-30", "--as-of", "2024-12-01"]
    words += ["--today", "2024-12-02", "--source", "A", "--source", "B", "-k", "5", "--explain"]
    assert call(world, "ask", "the letter", *words, "--reader", "none", "--rerank") == 0
    name, options = last(world)
    assert name == "ask"
    assert options == {
        "question": "the letter",
        "k": 5,
        "since": date(2024, 11, 1),
        "until": date(2024, 11, 30),
        "sources": ("A", "B"),
        "as_of": date(2024, 12, 1),
        "today": date(2024, 12, 2),
        "explain": True,
    }
    assert world.settings[-1].reader == "none"


@pytest.mark.parametrize("question", ["", " ", "x" * 5000, "\udcff", "\x00\x1b[2J", "سؤال", "-"])
def test_any_string_can_be_asked(question: str, capsys: Captured) -> None:
    world = World()
    assert call(world, "ask", "--json", "--", question) == 1
    assert last(world)[1]["question"] == question
    assert json.loads(capsys.readouterr().out)["question"] == question


def test_a_file_of_questions_gives_a_reply_a_line(tmp_path: Path, capsys: Captured) -> None:
    world = World()
    file = tmp_path / "questions.txt"
    file.write_bytes("\ufeffThe letter?\r\n\nWho won\u2028it?\nletter \xff".encode() + b"\xff\n")
    assert call(world, "ask", "--file", str(file), "--jsonl") == 0
    replies = [json.loads(line) for line in capsys.readouterr().out.split("\n")[:-1]]
    asked = [reply["question"] for reply in replies]
    assert asked == ["The letter?", "", "Who won\u2028it?", "letter ÿ\ufffd"]
    assert [reply["answered"] for reply in replies] == [True, False, False, True]


def test_a_file_without_any_answer_ends_with_one(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("Who won?\nWho lost?\n")
    assert call(World(), "ask", "--file", "q.txt") == 1


def test_a_file_is_shown_question_by_question_without_blank_lines_and_comments(
    tmp_path: Path, capsys: Captured
) -> None:
    world = World()
    (tmp_path / "q.txt").write_text("# who did it\nThe letter?\n\n  \n  # more\nWho won?\n")
    assert call(world, "ask", "--file", "q.txt") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [options["question"] for _, options in world.qa.calls] == ["The letter?", "Who won?"]
    assert lines[0] == "The letter?"
    assert lines[lines.index("Who won?") - 1] == ""


@pytest.mark.parametrize("command", ["ask", "search"])
def test_several_words_are_one_question(command: str) -> None:
    world = World()
    assert call(world, command, "the", "mayor's", "letter") == 0
    assert last(world)[1]["question"] == "the mayor's letter"


def test_an_unknown_reader_is_a_usage_error_that_names_the_known_ones(capsys: Captured) -> None:
    for command in ("ask", "search", "chat", "serve", "mcp"):
        words = ["x"] if command in ("ask", "search") else []
        assert call(World(), command, *words, "--reader", "bert") == 2
        assert "'bert'; known are auto, shipped, none" in capsys.readouterr().err


def test_a_command_of_a_group_typed_without_it_is_named_with_it(capsys: Captured) -> None:
    assert call(World(), "build", "corpus") == 2
    assert "`newsqa index build`" in capsys.readouterr().err


def test_a_question_and_a_file_are_too_much(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("Who won?\n")
    assert call(World(), "ask", "Who?", "--file", "q.txt") == 2
    assert call(World(), "ask") == 2


# ---- search


def test_search_numbers_its_hits(capsys: Captured) -> None:
    assert call(World(), "search", "letter", "--explain") == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == "1. A letter from the mayor"
    assert "Example Times, 2024-11-29 (post/letter.txt 0-27)" in out
    assert "The mayor wrote the letter." in out
    assert "score 0.800  dense 0.600  lexical 4.000" in out


def test_search_without_hits_ends_with_one(capsys: Captured) -> None:
    assert call(World(), "search", "nobody") == 1
    out, err = capsys.readouterr()
    assert (out, err) == ("", "nothing found\n")
    assert call(World(), "search", "nobody", "--json") == 1
    assert json.loads(capsys.readouterr().out)["hits"] == []


def test_every_option_of_search_arrives() -> None:
    world = World()
    words = ["-k", "7", "--offset", "3", "--rerank", "--max-tokens", "900", "--as-of", "2024-12-01"]
    # ask and search take the same flags
    words += ["--today", "2024-12-02", "--reader", "none", "--source", "A"]
    assert call(world, "search", "letter", *words) == 0
    assert last(world)[1] == {
        "question": "letter",
        "k": 7,
        "offset": 3,
        "rerank": True,
        "max_tokens": 900,
        "since": None,
        "until": None,
        "sources": ("A",),
        "as_of": date(2024, 12, 1),
        "today": date(2024, 12, 2),
    }


# ---- usage


@pytest.mark.parametrize(
    "words",
    [
        ["ask", "q", "--since", "2024-13-01"],
        ["ask", "q", "--since", "20241101"],
        ["ask", "q", "--since", "1 Nov 2024"],
        ["ask", "q", "--since", "2024-11-02", "--until", "2024-11-01"],
        ["ask", "q", "-k", "0"],
        ["ask", "q", "-k", "many"],
        ["ask", "q", "--no-such-flag"],
        ["ask", "--file", "nowhere.txt"],
        ["ask", "q", "--index", ""],
        ["search"],
        ["search", "q", "--until", "tomorrow"],
        ["show"],
        ["show", "a", "--version", "0"],
        ["prove", "nowhere.json"],
        ["index", "build", "nowhere"],
        ["index", "build", ""],
        ["index", "add"],
        ["index", "add", "nowhere"],
        ["index", "sync", "nowhere"],
        ["index", "remove"],
        ["index", "nonsense"],
        ["eval", "nowhere"],
        ["serve", "--port", "70000"],
        ["nonsense"],
        [],
    ],
)
def test_a_wrong_argument_ends_with_two(words: list[str], capsys: Captured) -> None:
    world = World()
    assert call(world, *words) == 2
    assert world.qa.calls == []
    out, err = capsys.readouterr()
    assert out == ""
    assert err != ""


def test_a_wrong_setting_ends_with_two_and_names_its_source(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSQA_DEPHT", "10")
    assert call(World(), "ask", "letter") == 2
    assert "did you mean 'depth'" in capsys.readouterr().err


# ---- errors


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (IndexLockedError("process 7 writes"), 3),
        (IndexMismatchError("encoder", built_with="a", asked_for="b"), 3),
        (IndexDamagedError("row 3"), 3),
        (ModelNotFoundError("no weights"), 3),
        (PermissionError(13, "Permission denied", "index/newsqa.db"), 3),
        (CorpusError("nothing readable"), 4),
        (SettingsError("no"), 2),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
        (NewsQAError("whatever"), 3),
    ],
)
def test_an_error_ends_with_its_code_and_a_line(
    error: BaseException, code: int, capsys: Captured
) -> None:
    world = World()
    world.qa.error = error
    assert call(world, "ask", "letter") == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err.count("\n") <= 1
    assert world.qa.closed == 1


def test_a_bug_shows_where_and_is_no_missing_answer(capsys: Captured) -> None:
    world = World()
    world.qa.error = ZeroDivisionError("oh")
    assert call(world, "ask", "letter") == 70
    assert "Traceback" in capsys.readouterr().err


def test_a_missing_index_ends_with_three_and_names_the_cure(capsys: Captured) -> None:
    for words in (["ask", "q"], ["search", "q"], ["show", "a"], ["chat"], ["index", "info"]):
        assert call(World(missing=True), *words, "--index", "X") == 3
        err = capsys.readouterr().err
        assert "newsqa index build PATH --index X" in err, words


# ---- --index, -q, -v


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        (["index", "info", "--index", "C"], "C"),
        (["--index", "A", "index", "info"], "A"),
        (["index", "--index", "B", "info"], "B"),
        (["--index", "A", "index", "--index", "B", "info", "--index", "C"], "C"),
        (["--index=A", "ask", "letter"], "A"),
        (["ask", "letter", "--index=C"], "C"),
        (["index", "build", ".", "--index", "C"], "C"),
        (["index", "info"], "index"),
    ],
)
def test_index_may_stand_before_and_after_the_command(words: list[str], folder: str) -> None:
    world = World()
    assert call(world, *words) == 0
    assert world.settings[-1].index == Path(folder)


def test_index_comes_from_the_environment_where_no_flag_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEWSQA_INDEX", "E")
    world = World()
    assert call(world, "index", "info") == 0
    assert call(world, "index", "info", "--index", "C") == 0
    assert [settings.index for settings in world.settings] == [Path("E"), Path("C")]


def test_progress_is_silent_off_a_terminal_unless_asked_for(capsys: Captured) -> None:
    assert call(World(), "index", "add", ".") == 0
    assert capsys.readouterr().err == ""
    assert call(World(), "index", "add", ".", "-v") == 0
    assert capsys.readouterr().err.splitlines() == ["reading: 1 of 2 one.txt", "embedding: 2 of 2"]
    assert call(World(), "-v", "index", "add", ".", "-q") == 0
    assert capsys.readouterr().err == ""


# ---- index


def test_a_build_prints_its_counts(capsys: Captured) -> None:
    world = World()
    assert call(world, "index", "build", ".", "--model", "other", "--allow", "a", "--json") == 0
    assert json.loads(capsys.readouterr().out) == REPORT.to_dict()
    assert last(world)[1] == {"paths": [Path(".")], "allow": ["a"]}
    assert world.settings[-1].encoder == "other"


def test_a_build_without_paths_is_one_from_the_stored_articles() -> None:
    world = World()
    assert call(world, "index", "build") == 0
    assert last(world)[1]["paths"] == []


def test_what_failed_and_was_skipped_is_named_on_stderr(capsys: Captured) -> None:
    world = World()
    world.qa.report = replace(
        REPORT,
        skipped=(Problem("empty.txt", "empty"),),
        failed=(Problem("b\x1b[2Jad\n.pdf", "no\ntext"),),
    )
    assert call(world, "index", "add", ".") == 4
    out, err = capsys.readouterr()
    assert out == "generation 3: 2 indexed, 1 unchanged, 0 removed, 1 skipped, 1 failed\n"
    assert err == "skipped empty.txt: empty\nfailed bad .pdf: no text\n"
    assert call(world, "index", "build", ".", "-q") == 4
    assert capsys.readouterr().err == "failed bad .pdf: no text\n"
    world.qa.report = replace(REPORT, skipped=(Problem("empty.txt", "empty"),))
    assert call(world, "index", "sync", ".", "--dry-run") == 0
    assert last(world)[1] == {"folder": Path("."), "dry_run": True}


def test_watch_follows_the_folder_until_interrupted(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsqa.cli.commands.index.WATCH_PAUSE_S", 0)
    (tmp_path / "news").mkdir()
    world = World()
    world.qa.changes = iter([[], ["news/a.txt"], [], ["news/c.txt", "news/d.txt"]])
    assert call(world, "index", "sync", "news", "--watch", "--json") == 130
    assert [name for name, _ in world.qa.calls] == ["sync"] * 3
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert reports == [REPORT.to_dict()] * 3
    assert call(world, "index", "sync", "news", "--watch", "--dry-run") == 2


def test_remove_takes_ids_as_they_are() -> None:
    world = World()
    assert call(world, "index", "remove", "a/b.txt", "https://example.org/x?y") == 0
    assert last(world)[1]["ids"] == ["a/b.txt", "https://example.org/x?y"]


@pytest.mark.parametrize(("state", "code"), [("sound", 0), ("repairable", 1), ("damaged", 3)])
def test_verify_ends_with_the_state(state: str, code: int, capsys: Captured) -> None:
    world = World()
    damaged = () if code == 0 else ("cache/faiss",)
    world.qa.verification = FakeVerification(state, damaged)
    assert call(world, "index", "verify", "--deep") == code
    assert capsys.readouterr().out.splitlines()[0] == state
    assert last(world)[1] == {"deep": True}
    assert call(world, "index", "verify", "--json") == code
    assert json.loads(capsys.readouterr().out)["state"] == state


def test_repair_mends_and_checks_again(capsys: Captured) -> None:
    world = World()
    world.qa.verification = FakeVerification("repairable", ("cache/faiss",))
    assert call(world, "index", "repair") == 0
    assert capsys.readouterr().out == "sound\n"


def test_rollback_names_the_generation() -> None:
    world = World()
    assert call(world, "index", "rollback", "2") == 0
    assert last(world) == ("rollback", {"generation": 2})
    assert call(world, "index", "rollback", "7") == 1


def test_purge_warns_of_backups(capsys: Captured) -> None:
    world = World()
    assert call(world, "index", "purge", "a/b", "c") == 0
    assert last(world) == ("purge", {"ids": ["a/b", "c"]})
    assert "backups still hold" in capsys.readouterr().err


def test_purge_asks_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    world = World()

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def answer(text: str) -> None:
        monkeypatch.setattr("sys.stdin", Terminal(text))

    answer("n\n")
    assert call(world, "index", "purge", "a/b") == 1
    assert world.qa.calls == []
    assert "a/b" in capsys.readouterr().err
    answer("y\n")
    assert call(world, "index", "purge", "a/b") == 0
    answer("")
    assert call(world, "index", "purge", "c", "--yes") == 0
    assert [options["ids"] for _, options in world.qa.calls] == [["a/b"], ["c"]]


def test_compact_says_what_it_erased(capsys: Captured) -> None:
    world = World()
    assert call(world, "index", "compact", "--keep", "5", "--json") == 0
    assert last(world) == ("compact", {"keep": 5})
    assert json.loads(capsys.readouterr().out)["bytes_after"] == 1024
    assert call(world, "index", "compact") == 0
    assert "bytes_before: 4,096" in capsys.readouterr().out


def test_backup_and_restore(tmp_path: Path, capsys: Captured) -> None:
    world = World()
    assert call(world, "index", "backup", "b") == 0
    assert last(world) == ("backup", {"target": Path("b")})
    assert call(world, "index", "backup", "nowhere/b") == 2
    assert call(world, "index", "restore", "b") == 2
    (tmp_path / "b").touch()
    capsys.readouterr()
    assert call(world, "index", "backup", "b") == 2
    assert "--force" in capsys.readouterr().err
    assert call(world, "index", "backup", "b", "--force") == 0
    capsys.readouterr()
    assert call(world, "index", "restore", "b", "--index", "X", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"generation": 9, "file": "b"}
    assert world.settings[-1].index == Path("X")


def test_info_for_people_and_for_programs(capsys: Captured) -> None:
    assert call(World(), "index", "info") == 0
    assert "sources:\n  Example Times: 1\n" in capsys.readouterr().out
    assert call(World(), "index", "info", "--json") == 0
    assert json.loads(capsys.readouterr().out)["articles"] == 1


def test_articles_and_sources_are_listed(capsys: Captured) -> None:
    world = World()
    assert call(world, "articles", "--contains", "letter") == 0
    out = capsys.readouterr().out
    assert "2024-11-29  A letter from the mayor, Example Times" in out
    assert "post/letter.txt" in out
    assert last(world)[1] == {"contains": "letter", "offset": 0, "limit": 50}
    assert call(world, "articles", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["total"] == 1
    assert listed["articles"][0]["published"] == "2024-11-29"
    assert call(world, "articles", "--offset", "1") == 1
    assert call(world, "sources") == 0
    assert capsys.readouterr().out == "1  Example Times\n"
    assert call(world, "sources", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"sources": {"Example Times": 1}}


# ---- show, prove


def test_show_prints_the_article_with_its_versions(capsys: Captured) -> None:
    world = World()
    assert call(world, "show", "post/letter.txt", "--version", "1") == 0
    out = capsys.readouterr().out
    assert out.startswith("A letter from the mayor\n")
    assert "versions:  1 since generation 1 (this one), 2 since generation 3" in out
    assert out.endswith("The mayor wrote the letter.\nIt came on Monday.\n")
    assert last(world)[1] == {"article_id": "post/letter.txt", "version": 1}


def test_show_json_is_lossless(capsys: Captured) -> None:
    assert call(World(), "show", "post/letter.txt", "--json") == 0
    assert json.loads(capsys.readouterr().out)["title"] == "A letter \x1b[31mfrom\x1b[0m the mayor"


def test_an_unknown_article_ends_with_one_and_is_named(capsys: Captured) -> None:
    assert call(World(), "show", "nobody") == 1
    assert "nobody" in capsys.readouterr().err


@pytest.mark.parametrize(("state", "code"), [("exact", 0), ("changed", 1), ("unknown", 3)])
def test_prove_ends_with_the_state(state: Any, code: int, tmp_path: Path, capsys: Captured) -> None:
    world = World()
    assert call(world, "ask", "letter", "--json") == 0
    reply = json.loads(capsys.readouterr().out)
    world.qa.proof = state
    for name, content in (("reply.json", reply), ("quote.json", reply["quotes"][0])):
        (tmp_path / name).write_text(json.dumps(content))
        assert call(world, "prove", name) == code
        assert capsys.readouterr().out == f"{state}: post/letter.txt 0-27\n"
    assert call(world, "prove", "reply.json", "--json") == code
    assert json.loads(capsys.readouterr().out)["state"] == state


@pytest.mark.parametrize(
    ("quote", "said"),
    [
        ("The mayor wrote a letter.", "differs at character 16: “The mayor wrote the letter.”"),
        ("It came on Monday.", "the quote stands at 28-46"),
    ],
)
def test_prove_says_where_an_altered_quote_differs(
    quote: str, said: str, tmp_path: Path, capsys: Captured
) -> None:
    world = World()
    call(world, "ask", "letter", "--json")
    altered = {**json.loads(capsys.readouterr().out)["quotes"][0], "quote": quote}
    (tmp_path / "quote.json").write_text(json.dumps(altered))
    world.qa.proof = "unknown"
    assert call(world, "prove", "quote.json") == 3
    assert said in capsys.readouterr().out
    assert call(world, "prove", "quote.json", "--json") == 3
    assert said in json.loads(capsys.readouterr().out)["quotes"][0]["difference"]


@pytest.mark.parametrize("content", ["", "{", "[]", "5", '{"quotes": []}', '{"article_id": "a"}'])
def test_prove_refuses_what_is_no_citation(content: str, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(content)
    assert call(World(), "prove", "c.json") == 2


# ---- serve, eval, config


def test_serve_passes_its_settings_on() -> None:
    world = World()
    assert call(world, "serve", "--host", "::1", "--port", "0", "--read-only") == 0
    settings = world.settings[-1]
    assert (settings.host, settings.port, settings.read_only) == ("::1", 0, True)


def test_eval_prints_a_table_or_json_without_nan(tmp_path: Path, capsys: Captured) -> None:
    world = World()
    (tmp_path / "set").mkdir()
    words = ["eval", "set", "--corpus", ".", "--per-question", "rows.jsonl"]
    assert call(world, *words, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"sample": {"success@1": 0.5, "auroc": None}}
    assert world.runs[-1]["folders"] == [Path("set")]
    assert world.runs[-1]["per_question"] == Path("rows.jsonl")
    assert call(world, *words) == 0
    assert "success@1" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("index", "backup", "{}"),
        ("export", "--output", "{}"),
        ("eval", "set", "--per-question", "{}"),
    ],
    ids=lambda words: words[0],
)
def test_a_file_that_cannot_be_written_is_told_before_the_work(
    words: tuple[str, ...], tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "set").mkdir()
    world = World()
    for name, said in (("nowhere/x", "'nowhere' is no folder"), ("set", "'set' is a folder")):
        assert call(world, *(word.format(name) for word in words)) == 2
        assert said in capsys.readouterr().err
    assert world.settings == []


@pytest.mark.parametrize(
    ("key", "value", "requirement"),
    [
        ("DEPTH", "many", "must be a whole number"),
        ("DEPTH", "5", "must be at least 10"),
        ("DENSE_WEIGHT", "1.5", "must be at most 1"),
        ("READ_ONLY", "perhaps", "must be true or false"),
        ("ACCESS_LOG", "all", "must be 'off', 'plain' or 'full'"),
    ],
)
def test_a_wrong_setting_is_explained_in_plain_words(
    key: str, value: str, requirement: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"NEWSQA_{key}", value)
    assert call(World(), "ask", "letter") == 2
    assert capsys.readouterr().err.rstrip().endswith(requirement)


def test_config_show_names_the_origin_of_each_value(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NEWSQA_PORT", "8000")
    monkeypatch.setenv("NEWSQA_ADMIN_TOKEN", "secret")
    (tmp_path / "newsqa.toml").write_text("depth = 50\n")
    assert call(World(), "config", "show", "--origin", "--index", "X") == 0
    lines = capsys.readouterr().out.splitlines()
    assert 'index = "X"  # argument' in lines
    assert "port = 8000  # environment" in lines
    assert "depth = 50  # newsqa.toml" in lines
    assert "threads = 2  # default" in lines
    assert 'admin_token = "********"  # environment' in lines
    assert call(World(), "config", "show", "--origin", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["port"] == {"value": 8000, "origin": "environment"}
    assert "secret" not in json.dumps(shown)


def test_version(capsys: Captured) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("newsqa 0.")
    assert run(["-V"]) == 0
