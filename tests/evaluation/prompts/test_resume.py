"""Kills, a full disk, a dead engine: what was answered stays, and nothing is asked twice."""

import json
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from core.errors import EngineError, InputError
from evaluation.prompts.answer_log import AnswerLog
from tests.evaluation.prompts.fake_server import fake_server
from tests.evaluation.prompts.small import ask, look, small_plan

QUESTIONS = 240


def _start(url: str, folder: Path, **options: Any) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.evaluation.prompts.small", url, str(folder)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)


def _lines(folder: Path) -> list[bytes]:
    path = folder / "answers.jsonl"
    return path.read_bytes().splitlines(keepends=True) if path.is_file() else []


def _kill_at(count: int, url: str, folder: Path) -> None:
    """Start, and kill -9 once so many answers are on disk."""
    with _start(url, folder) as process:
        while len(_lines(folder)) < count:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.01)
        process.kill()
        assert process.wait() == -signal.SIGKILL


def test_a_run_killed_twice_repeats_and_loses_nothing(tmp_path: Path) -> None:
    with fake_server(delay=0.02) as server:
        kept: list[bytes] = []
        for count in (40, 120):
            _kill_at(count, server.url, tmp_path)
            time.sleep(0.1)  # for what the server was still answering
            lines = _lines(tmp_path)
            assert lines[: len(kept)] == kept
            kept = [line for line in lines if line.endswith(b"\n")]
            assert count <= len(kept) < QUESTIONS
            server.asked.clear()
            with (tmp_path / "answers.jsonl").open("ab") as file:
                file.write(b'{"key": "0123')  # torn
        assert ask(small_plan(), server.url, tmp_path) == QUESTIONS - len(kept)

        answers = [json.loads(line) for line in _lines(tmp_path)]
        assert _lines(tmp_path)[: len(kept)] == kept
        assert len(answers) == QUESTIONS == len({answer["key"] for answer in answers})
        # Two variants may ask the same words of the same person; both are asked, each once.
        assert Counter(server.asked) == Counter(answer["prompt"] for answer in answers[len(kept) :])
        server.asked.clear()
        assert ask(small_plan(), server.url, tmp_path) == 0
        assert server.asked == []


def test_a_full_disk_is_one_line_and_what_was_answered_stays(tmp_path: Path) -> None:
    with fake_server() as server:
        limit = 20_000
        with _start(
            server.url, tmp_path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        ) as process:
            said = process.communicate(timeout=60)[1]
        assert process.returncode == 1
        assert said.splitlines()[-1].startswith(f"tastemaker: {tmp_path / 'answers.jsonl'} can't be written to (")
        assert "Traceback" not in said

        whole = [line for line in _lines(tmp_path) if line.endswith(b"\n")]
        assert 0 < len(whole) < QUESTIONS
        assert ask(small_plan(), server.url, tmp_path) == QUESTIONS - len(whole)
    assert len({answer.key for answer in AnswerLog(tmp_path)}) == QUESTIONS


def test_a_dead_engine_is_one_line_and_what_was_answered_stays(tmp_path: Path) -> None:
    with fake_server(dies_after=50) as server, pytest.raises(EngineError) as caught:
        ask(small_plan(), server.url, tmp_path, patience=0.3)
    assert "\n" not in str(caught.value)
    answered = len(list(AnswerLog(tmp_path)))
    assert 40 <= answered <= 50
    with fake_server() as server:
        assert ask(small_plan(), server.url, tmp_path) == QUESTIONS - answered


def test_a_refused_prompt_ends_the_run_with_the_engines_word(tmp_path: Path) -> None:
    with fake_server(status=400) as server, pytest.raises(InputError, match="refused a prompt: no way"):
        ask(small_plan(), server.url, tmp_path)


def test_an_engine_that_stumbles_is_asked_again(tmp_path: Path) -> None:
    plan = small_plan(asked=1, prompts=("hard",), variants="base")
    with fake_server(stumbles=1) as server:
        assert ask(plan, server.url, tmp_path) == 1
    assert [answer.attempts for answer in AnswerLog(tmp_path)] == [2]


def test_two_runs_never_write_to_one_file(tmp_path: Path) -> None:
    first = AnswerLog(tmp_path)
    first.open()
    with pytest.raises(InputError, match="Another run writes"):
        AnswerLog(tmp_path).open()
    first.close()
    second = AnswerLog(tmp_path)
    assert len(second.open()) == 0
    second.close()


def test_the_engine_gets_as_many_questions_as_it_takes_at_once(tmp_path: Path) -> None:
    with fake_server(together=threading.Barrier(12, timeout=20)) as server:  # fewer would wait for ever
        assert ask(small_plan(asked=3), server.url, tmp_path, concurrency=12) == 24
    assert len(server.asked) == 24


def test_what_is_answered_depends_on_all_that_was_asked() -> None:
    plan = small_plan(asked=3)
    keys = {task.key for task in plan.tasks()}
    assert len(keys) == 24
    assert keys == {task.key for task in small_plan(asked=3).tasks()}
    assert not keys & {task.key for task in small_plan(asked=3, variants="history=2,correction=0.5").tasks()}
    assert look(plan).open == 24


def test_all_runs_ask_about_one_person_before_the_next() -> None:
    tasks = list(small_plan(asked=2).tasks())
    assert [(task.place, task.run) for task in tasks] == [(place, run) for place in (0, 1) for run in range(8)]


def test_each_variant_shows_its_own_examples() -> None:
    plan = small_plan(asked=1, variants="examples=2,examples=1", prompts=("few-shot",))
    assert [len(task.request["messages"]) for task in plan.tasks()] == [1 + 2 * 2 + 1, 1 + 2 * 1 + 1]
