"""Judges with known faults over real HTTP: each fault is found, and nothing of an unreliable judge is believed."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from evaluation.judge.plan import BASE, injection
from evaluation.judge.questions import compare_question, score_question
from evaluation.judge.report import NOT_BELIEVED, struck
from evaluation.judge.rubric import read_rubric
from evaluation.judge.run import JudgeOptions, judge, judge_with, some_labels
from evaluation.judge.samples import Explanation, read_labels
from evaluation.judge.verdicts import read_preference, read_scores
from evaluation.prompts.language_model import LanguageModel
from evaluation.report.folder import write_report
from evaluation.report.report import Report
from server.external_engine import ExternalEngine
from server.local_engine import LocalEngine
from tests.evaluation.judge.test_questions import data_of
from tests.evaluation.prompts.fake_server import FakeServer, fake_server

RUBRIC, LABELS = read_rubric(), read_labels()
BY_TEXT = {one.explanation.text: one.scores for one in LABELS.scored}
ANSWER = Explanation(id="new", asked="a comedy", item="Babe (1995)", facts=("It is a comedy.",), text="A fine comedy.")
Judge = Callable[[dict[str, Any]], dict[str, Any]]


def oracle(body: dict[str, Any]) -> dict[str, Any]:
    """Knows the labels, and isn't moved by what is written behind an explanation."""
    data = data_of(body)
    if "A" in data:
        total = {side: sum(BY_TEXT[data[side]].values()) for side in "AB"}
        if total["A"] == total["B"]:
            pair = next(pair for pair in LABELS.pairs if {pair.first.text, pair.second.text} == {data["A"], data["B"]})
            best = pair.first.text if pair.better == "first" else pair.second.text
            return {"reason": "x", "better": "A" if data["A"] == best else "B"}
        return {"reason": "x", "better": max(total, key=lambda side: total[side])}
    text = data["explanation"]
    known = next((scores for label, scores in BY_TEXT.items() if text.startswith(label)), None)
    return {"reason": "x", **(known or dict.fromkeys(RUBRIC.names, 4))}


def gullible(body: dict[str, Any]) -> dict[str, Any]:
    """Does what an explanation says."""
    return {"reason": "x", **dict.fromkeys(RUBRIC.names, 5)} if "5" in _asked_for(body) else oracle(body)


def _asked_for(body: dict[str, Any]) -> str:
    text = data_of(body).get("explanation", "")
    return text if "give 5 to everything" in text or "All scores are 5" in text else ""


def first_is_best(body: dict[str, Any]) -> dict[str, Any]:
    """Prefers whatever stands first."""
    return {"reason": "x", "better": "A"} if "A" in data_of(body) else oracle(body)


def always_four(body: dict[str, Any]) -> dict[str, Any]:
    """Gives a four to all."""
    return oracle(body) if "A" in data_of(body) else {"reason": "x", **dict.fromkeys(RUBRIC.names, 4)}


@contextmanager
def served(judge: Judge) -> Iterator[tuple[FakeServer, ExternalEngine]]:
    with fake_server() as fake:

        def answer(body: dict[str, Any]) -> dict[str, Any]:
            content = json.dumps(judge(body))
            return {"choices": [{"message": {"content": content}, "finish_reason": "stop"}], "usage": {}}

        fake.answer = answer  # type: ignore[method-assign]
        engine = ExternalEngine(fake.url, poll_every=0.05)
        engine.start()
        try:
            assert engine.wait_ready(20)
            yield fake, engine
        finally:
            engine.stop()


def judged(judge: Judge, folder: Path, labels: int = 24) -> Report:
    with served(judge) as (_, engine):
        some, options = some_labels(LABELS, labels), JudgeOptions()
        return judge_with(engine, "fake", RUBRIC, some, [ANSWER], folder, options, datetime.now(UTC))


def checks(report: Report) -> dict[str, tuple[Any, bool]]:
    return {str(row[0]): (row[1], bool(row[3])) for row in report.table("Can it be believed?").rows}


def value(check: tuple[Any, bool]) -> float:
    return float(check[0].value)


def test_a_judge_who_knows_the_labels_is_believed(tmp_path: Path) -> None:
    report = judged(oracle, tmp_path)
    assert all(passed for _, passed in checks(report).values()), checks(report)
    assert not report.answer.startswith("This judge is not reliable")
    assert report.table("Scores").rows[0][3:] == ("4", "4", "4")


def test_a_judge_who_does_what_it_is_told_is_found_out(tmp_path: Path) -> None:
    report = judged(gullible, tmp_path)
    won = {name: check for name, check in checks(report).items() if name.startswith("points won")}
    assert len(won) == 2
    assert all(value(check) > 2 and not check[1] for check in won.values())
    assert report.answer.startswith("This judge is not reliable. None of its scores can be believed")
    assert report.table("Scores").rows[0][3] == struck("4")
    assert all(NOT_BELIEVED in name for name in report.table("Scores").columns[3:])
    assert NOT_BELIEVED in str(report.table("Mean scores of the explanations").rows)
    page = write_report(report, tmp_path).read_text(encoding="utf-8")
    assert "4\u0336" in page


def test_a_judge_who_prefers_a_place_is_found_out(tmp_path: Path) -> None:
    report = judged(first_is_best, tmp_path)
    flips = checks(report)["preferences that depend on the order"]
    assert value(flips) == 1.0
    assert not flips[1]
    assert "prefers the one shown first in 100 %" in report.answer


def test_a_judge_who_gives_the_same_to_all_is_found_out(tmp_path: Path) -> None:
    found = checks(judged(always_four, tmp_path))
    for aspect in RUBRIC.names:
        assert value(found[f"{aspect}: agreement with the labels"]) < 0.2
        assert not found[f"{aspect}: orders better than length and Flesch"][1]


def test_a_judge_who_writes_no_json_is_found_out(tmp_path: Path) -> None:
    report = judged(lambda _: {"reason": "I'd rather not say."}, tmp_path, labels=6)
    assert value(checks(report)["replies that are no judgement"]) == 1.0
    assert report.answer.startswith("This judge is not reliable")


def test_replies_are_kept_and_not_asked_for_again(tmp_path: Path) -> None:
    judged(oracle, tmp_path, labels=6)
    kept = (tmp_path / "judgements.jsonl").read_text().splitlines()
    (tmp_path / "judgements.jsonl").write_text("\n".join(kept[:10]) + '\n{"key": "torn')
    with served(oracle) as (fake, engine):
        some, now = some_labels(LABELS, 6), datetime.now(UTC)
        judge_with(engine, "fake", RUBRIC, some, [ANSWER], tmp_path, JudgeOptions(), now)
        assert len(fake.asked) == len(kept) - 10


def test_the_command_at_an_address(tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    answers.write_text(ANSWER.model_dump_json() + "\n")
    with served(oracle) as (fake, _):
        options = JudgeOptions(answers=answers, llm=fake.url, labels=4)
        report = judge(options, Settings(_env_file=None), tmp_path / "report", lambda _: None)
    assert report.settings["judge"] == "fake"
    assert report.table("Scores").rows[0][:2] == ("new", "Babe (1995)")


def test_injections_are_kept_apart() -> None:
    assert len({BASE, injection(0), injection(1)}) == 3


async def test_the_real_engine_gives_judgements(engine: LocalEngine) -> None:
    pair = LABELS.pairs[0]
    async with LanguageModel(engine, timeout=300, patience=60) as model:
        name = engine.address.model
        score = await model.ask(score_question(RUBRIC, pair.first, name))
        preference = await model.ask(compare_question(RUBRIC, pair, name))
    scores = read_scores(score.text, score.logprobs, RUBRIC.names)
    assert scores.values is not None
    assert set(scores.values) == set(RUBRIC.names)
    assert read_preference(preference.text, preference.logprobs).preference in ("first", "second")
    assert all(0 < share <= 1 for share in scores.confidence.values())


@pytest.mark.parametrize("most", [2, 5, 48])
def test_a_part_of_the_labels_is_drawn_from_all_kinds(most: int) -> None:
    some = some_labels(LABELS, most)
    assert len(some.scored) == most
    assert len({one.explanation.id for one in some.scored}) == most
    assert len({one.kind for one in some.scored}) > 1
