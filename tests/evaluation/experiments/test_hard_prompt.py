"""The hard-prompt baseline on a small catalogue, asked over real HTTP."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from core.settings import Settings
from evaluation.experiments import hard_prompt
from evaluation.experiments.hard_prompt import offer
from evaluation.experiments.hard_prompt_report import SHORTLIST, SHOWN, SHUFFLED, Found, label
from evaluation.experiments.registry import ExperimentSettings
from evaluation.ranking.metrics import NEVER, ndcg
from evaluation.report.people import read_people
from tests.evaluation.prompts.fake_server import FakeServer, fake_server
from tests.evaluation.prompts.small import SmallArtifacts, small_people


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small catalogue stands for one that was prepared, which takes a minute."""
    monkeypatch.setattr("server.artifacts.load_artifacts", lambda *_, **__: SmallArtifacts())


def _settings(folder: Path, server: FakeServer, **options: str) -> ExperimentSettings:
    given = {"ranker": "history", "prompts": "hard,json", "candidates": "4", "k": "3", "llm": server.url, **options}
    return ExperimentSettings(settings=Settings(catalog="small"), catalog="small", report=folder, options=given)


def test_candidates_are_those_of_the_shortlist() -> None:
    people = small_people()
    offered = offer(people, 3)

    assert offered.user_ids == tuple(person.user_id for person in people.asked)
    for person, rank in zip(people.asked, offered.ranks, strict=True):
        history, target = person.history, person.targets[0]
        scores = people.ranker.scores([history.tolist()])[0].astype(float)
        scores[history] = -np.inf
        own = int((-scores).argsort(kind="stable").tolist().index(target)) + 1
        assert rank == (own if own <= 3 else NEVER)
    assert offered.asked["user_id"].to_list() == [
        user for user, rank in zip(offered.user_ids, offered.ranks, strict=True) if rank != NEVER
    ]


def test_a_model_that_repeats_what_it_is_shown_is_as_good_as_the_shortlist_and_knows_nothing(tmp_path: Path) -> None:
    with fake_server() as server:
        report = hard_prompt.run(_settings(tmp_path, server))
        asked = len(server.asked)
        again = hard_prompt.run(_settings(tmp_path, server))
        assert len(server.asked) == asked

    assert again.answer == report.answer
    rows = {row[0]: row for row in report.table("Accuracy").rows}
    shortlist = rows[SHORTLIST]
    for prompt in ("prompt in words", "prompt as JSON"):
        assert rows[f"{prompt}, {SHOWN}"][1:] == shortlist[1:]
    assert "first in the first place for 100 %" in report.answer
    for _, own, as_shown, *_ in report.table("What the model knows: candidates shuffled").rows:
        assert own.value == pytest.approx(as_shown)  # type: ignore[union-attr]
    assert {row[1] for row in report.table("The answers").rows} == {1.0}
    holding = report.settings["of whom the candidates hold what they chose"]
    assert asked == 4 * int(str(holding))
    frame = read_people(tmp_path)
    assert frame.height == 5 * 3 * int(str(report.settings["people"]))


def test_other_people_need_another_folder(tmp_path: Path) -> None:
    with fake_server() as server:
        hard_prompt.run(_settings(tmp_path, server))
        with pytest.raises(InputError, match="other settings or other data"):
            hard_prompt.run(_settings(tmp_path, server, candidates="5"))
        with pytest.raises(InputError, match="harder"):
            hard_prompt.run(_settings(tmp_path, server, prompts="harder"))
        with pytest.raises(InputError, match="No prompt is named"):
            hard_prompt.run(_settings(tmp_path, server, prompts=","))


def test_chance_is_the_mean_over_all_orders() -> None:
    ranks = np.array([1, 2, 3, 4, NEVER])
    values = {(SHORTLIST, SHOWN): {"NDCG@2": ndcg(ranks, 2)}}
    values |= {("hard-v1", order): {"NDCG@2": ndcg(np.array([1, 1, 1, 1, NEVER]), 2)} for order in (SHOWN, SHUFFLED)}
    like = {("hard-v1", order): {"begins with the first": 0.25} for order in (SHOWN, SHUFFLED)}
    found = Found(values, like, tuple("abcde"), ranks != NEVER, ndcg(ranks, 2), candidates=4, k=2, seed=0)

    assert found.chance == pytest.approx((1 + 1 / np.log2(3)) / 4)
    above = found.knowledge("hard-v1")
    assert (above.value, above.low, above.high) == pytest.approx((1 - found.chance,) * 3)
    assert label(("hard-v1", SHUFFLED)) == "prompt in words, shuffled"
