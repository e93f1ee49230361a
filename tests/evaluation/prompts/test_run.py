"""The whole of it on a small catalogue: from Python in a notebook, and with the real language model."""

import asyncio
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import SecretStr

from core.adapter import read_manifest
from core.errors import EngineError, InputError
from core.settings import Settings
from evaluation.prompts import PromptResult, evaluate_prompts
from evaluation.prompts.answer_log import AnswerLog
from evaluation.prompts.choosing import ChoiceTemplate, OnePass
from evaluation.prompts.language_model import LanguageModel, Reply
from evaluation.prompts.people import load_people
from evaluation.prompts.plan import Plan, Run
from evaluation.prompts.variants import PromptSettings, parse_variants
from evaluation.report.compare import compare
from prompts.answers import read_answer
from server.adapters import Adapter
from server.local_engine import MODEL_NAME, LocalEngine
from tests.evaluation.prompts.fake_server import FakeServer, fake_server
from tests.evaluation.prompts.small import ITEMS, PEOPLE, SmallArtifacts, look, small_people
from tests.server.small_adapter import small_adapter


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The small catalogue stands for one that was prepared, which takes a minute."""
    monkeypatch.setattr("server.artifacts.load_artifacts", lambda *_, **__: SmallArtifacts())
    return Settings(catalog="small")


def _run(server: FakeServer, settings: Settings, folder: Path, **options: Any) -> PromptResult:
    return evaluate_prompts(
        ["hard", "json"],
        ["base", "correction=0"],
        users=options.pop("users", 10),
        report=folder,
        llm=server.url,
        settings=settings,
        **options,
    )


async def test_five_lines_in_a_notebook(settings: Settings, tmp_path: Path) -> None:
    assert asyncio.get_running_loop()  # as there is one in a notebook
    with fake_server() as server:
        result = _run(server, settings, tmp_path)
    assert result.frame.filter(~pl.col("run").str.starts_with("ranker"))["run"].to_list() == [
        "hard-v1 · base",
        "hard-v1 · correction=0",
        "json-v1 · base",
        "json-v1 · correction=0",
    ]
    assert result.answers.height == 40
    assert result.people.filter(pl.col("metric") == "NDCG@10").height == 40
    assert result.report.provenance.data_hash
    assert (tmp_path / "report.html").is_file()


@pytest.mark.parametrize(("split", "targets", "held_out"), [("test", 1, [5]), ("validation", 2, [2, 3])])
def test_held_out_choices_are_neither_shown_nor_learned(
    settings: Settings, tmp_path: Path, split: str, targets: int, held_out: list[int]
) -> None:
    people = load_people(
        SmallArtifacts(),  # type: ignore[arg-type]
        settings,
        users=7,
        split=split,
        targets=targets,
        seed=0,
        ranker="history",
        work=tmp_path,
    )
    assert len(people.asked) == 7
    assert people.counts.sum() == PEOPLE * held_out[0]  # of everybody, what came before
    for person in people.asked:
        steps = (np.concatenate([person.history, person.targets]) - int(person.user_id[1:])) % len(ITEMS)
        assert steps.tolist() == [*range(held_out[0]), *held_out]
    for _, some, scores in people.batches():
        histories = [person.history for person in some]
        for rows, history in zip(people.candidates(scores, histories, 20, 0.4), histories, strict=True):
            offered = set(rows[rows >= 0].tolist())
            assert offered == set(range(len(ITEMS))) - set(history.tolist())


def test_people_come_from_a_frame(settings: Settings, tmp_path: Path) -> None:
    people = pl.DataFrame({"user_id": ["a", "b"], "history": [["i1", "i2"], ["i5"]], "targets": [["i3"], ["i6"]]})
    with fake_server() as server:
        result = _run(server, settings, tmp_path, users=people)
        assert sorted(result.answers["user_id"].unique()) == ["a", "b"]
        with pytest.raises(InputError, match="no column targets"):
            _run(server, settings, tmp_path, users=people.drop("targets"))
        with pytest.raises(InputError, match="names the item 'i99'"):
            _run(server, settings, tmp_path, users=people.with_columns(targets=pl.Series([["i99"], ["i1"]])))


def test_what_was_answered_is_not_asked_again_and_runs_are_compared(settings: Settings, tmp_path: Path) -> None:
    with fake_server() as server:
        first = _run(server, settings, tmp_path / "a")
        asked = len(server.asked)
        again = _run(server, settings, tmp_path / "a")
        assert len(server.asked) == asked == 40
        assert again.frame.equals(first.frame)
        _run(server, settings, tmp_path / "b", seed=0, base=PromptSettings(order="shuffled"))
    report = compare([tmp_path / "a", tmp_path / "b"])
    tested = {row[0] for row in report.table("Paired tests").rows}
    assert "hard-v1 · base" in tested


def test_each_start_is_told_and_what_it_found(settings: Settings, tmp_path: Path) -> None:
    with fake_server(dies_after=15) as server, pytest.raises(EngineError) as caught:
        _run(server, settings, tmp_path)
    kept = len(list(AnswerLog(tmp_path)))
    assert f" {kept} answers of this run are kept in {tmp_path / 'answers.jsonl'}" in str(caught.value)
    with fake_server() as server:
        result = _run(server, settings, tmp_path)
        rows = result.report.table("Starts").rows
        assert [row[2:4] for row in rows] == [(0, 40), (kept, 40 - kept)]
        assert _run(server, settings, tmp_path).report.table("Starts").rows == rows  # nothing was left to ask


def test_an_interrupted_run_says_what_is_kept(settings: Settings, tmp_path: Path) -> None:
    said: list[str] = []
    with fake_server(delay=0.1) as server:

        def interrupt() -> None:
            while len(server.asked) < 8:
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)

        # A shell starts what runs in the background with Ctrl-C ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            with pytest.raises(KeyboardInterrupt):
                _run(server, settings, tmp_path, concurrency=2, say=said.append)
        finally:
            thread.join()
            signal.signal(signal.SIGINT, before)
    kept = len(list(AnswerLog(tmp_path)))
    assert 4 <= kept < 40
    assert said[-1].startswith(f"Interrupted. {kept} answers of this run are kept in ")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_disk_that_fills_up_under_the_report_costs_no_answer(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "runs.csv").symlink_to("/dev/full")
    with fake_server() as server:
        with pytest.raises(InputError, match=r"can't be written to .* every answer is kept"):
            _run(server, settings, tmp_path)
        (tmp_path / "runs.csv").unlink()
        server.asked.clear()
        result = _run(server, settings, tmp_path)
        assert server.asked == []
    assert pl.read_csv(tmp_path / "runs.csv").height == result.frame.height
    assert pl.read_csv(tmp_path / "pairs.csv").height == result.pairs.height == 6 + 4


def test_mistakes_are_said_before_anything_is_asked(settings: Settings, tmp_path: Path) -> None:
    broken = tmp_path / "mine.jinja"
    broken.write_text(
        '+++\nname = "mine"\nversion = 1\nform = "hard"\nanswer = "ranking"\n+++\n'
        "{% chat role='user' %}\n{{ titel }}{% endchat %}"
    )
    with fake_server() as server:
        for given, said in (
            ((["hard", str(broken)], ["base"]), r"mine.jinja, line 8: there is no variable 'titel'"),
            ((["hard"], ["base", "model:big"]), r"names 'big', which isn't there. There are fake, other."),
            ((["hard"], ["base", "model:other", "adapter:x"]), r"names 'x', which isn't there"),
            ((["hard"], ["correction=3"]), r"correction can't be '3'"),
        ):
            with pytest.raises(InputError, match=said):
                evaluate_prompts(*given, users=2, report=tmp_path / "r", llm=server.url, settings=settings)
        assert server.asked == []
    with pytest.raises(InputError, match=r"names 'mine', which isn't there. There are none"):
        evaluate_prompts(["hard"], ["adapter:mine"], users=2, report=tmp_path / "r", settings=settings)
    with pytest.raises(EngineError, match="No language model answers at http"):
        evaluate_prompts(["hard"], users=2, report=tmp_path / "r", llm="http://127.0.0.1:9/v1", settings=settings)


def test_the_real_model_answers_and_the_estimate_was_exact(
    settings: Settings, engine: LocalEngine, tmp_path: Path
) -> None:
    said: list[str] = []
    result = evaluate_prompts(
        ["hard", "json", "chain-of-thought", "few-shot", "choose"],
        ["base"],
        users=2,
        report=tmp_path,
        llm=engine.address.url,
        settings=settings.model_copy(update={"llm_key": SecretStr(engine.address.key)}),
        say=said.append,
    )
    answers = result.answers
    assert answers.height == 10
    read = int(answers["prompt_tokens"].sum())
    assert said[0].startswith(f"10 questions; {read:,} tokens to read; at most ")
    assert np.isfinite(result.people["value"].to_numpy()).all()
    assert result.people.filter(pl.col("metric") == "outside the candidates")["value"].max() == 0
    one_pass = answers.filter(pl.col("template") == "choose-v1")
    assert one_pass["completion_tokens"].to_list() == [1, 1]
    assert answers["completion_tokens"].sum() <= int(said[0].split("at most ")[1].split(" ")[0].replace(",", ""))


def test_soft_tokens_go_in_where_the_prompt_has_places(engine: LocalEngine, model_folder: Path, tmp_path: Path) -> None:
    people = small_people(2)
    layout = small_adapter(tmp_path / "mine", model_folder, items=len(people.artifacts.items))
    adapter = Adapter(layout, read_manifest(layout))
    runs = []
    for variant in parse_variants("base,soft:mine", PromptSettings(candidates=6, rank=3)):
        one_pass = OnePass.load(people, variant, model_folder, adapter if variant.kind else None)
        runs.append(Run(variant.name, ChoiceTemplate(), variant, people, MODEL_NAME, variant.name, one_pass))
    plan = Plan(runs, seed=0)
    found = look(plan)
    tokens = [estimate.prompt_tokens for estimate in found.estimates]

    async def ask_all() -> list[Reply]:
        async with LanguageModel(engine, timeout=120, patience=60) as model:
            return [await model.ask(task.request) for task in plan.tasks()]

    replies = asyncio.run(ask_all())
    words, soft = replies[::2], replies[1::2]
    assert sum(reply.prompt_tokens for reply in words) == tokens[0]
    assert sum(reply.prompt_tokens for reply in soft) == tokens[1] > tokens[0]
    answers = [read_answer(reply.text, "choice") for reply in replies]
    assert all(answer.valid and sorted(answer.labels) == list("ABCDEF") for answer in answers)
    assert json.loads(words[0].text)["log_probabilities"] != json.loads(soft[0].text)["log_probabilities"]


def test_a_prompt_without_places_takes_no_soft_tokens(settings: Settings, tmp_path: Path) -> None:
    with fake_server() as server, pytest.raises(InputError, match="needs the files of the model"):
        evaluate_prompts(["hard"], ["soft:mine"], users=2, report=tmp_path, llm=server.url, settings=settings)
