"""The experiment's arithmetic on lists that can be checked by hand; its training is tested where it lives."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest

from catalog.splits import Position
from core.errors import InputError
from evaluation.experiments import EXPERIMENTS
from evaluation.experiments.adapters import (
    UNTRAINED,
    Options,
    _others,
    _report,
)
from evaluation.experiments.adapters_report import FROZEN, NAMES, SHORTLIST, TRAINED, Scored, places
from evaluation.experiments.registry import ExperimentSettings
from evaluation.ranking.metrics import NEVER
from evaluation.report.folder import write_report
from evaluation.report.people import read_people
from evaluation.statistics import holm
from server.artifacts import Artifacts
from training.language.candidates import Choice

ROWS = np.array([4, 5, 6])


def _choice(person: int, label: int | None) -> Choice:
    target = 9 if label is None else int(ROWS[label])
    return Choice(Position(person, np.array([1, 2]), target), ROWS, np.array([1.0, 0.5, 0.2]), label)


@pytest.fixture
def everyone() -> list[Choice]:
    """Every third list misses what was chosen; the others have it at their second place."""
    return [_choice(person, None if person % 3 == 0 else 1) for person in range(30)]


def test_it_is_registered() -> None:
    assert "soft prompts" in EXPERIMENTS["adapters"].summary or "embedding" in EXPERIMENTS["adapters"].summary
    assert Options().orders() == [*UNTRAINED, *TRAINED]
    with pytest.raises(InputError, match="no variant 'both'"):
        Options(variants="both").orders()
    assert Options().training("joint", 3).order == "joint"
    assert not Options().training(FROZEN, 0).order.has_soft_prompt


def test_ranks_by_hand_ties_against() -> None:
    people = [_choice(0, 1), _choice(1, None), _choice(2, 0)]
    assert places(people, [np.array([0.1, 0.9, 0.9]), np.array([3.0, 1.0, 2.0])]).tolist() == [2, NEVER, 1]


def test_nobody_gets_their_own_tokens_when_they_are_shuffled() -> None:
    others = _others(50, seed=1)
    assert sorted(others) == list(range(50))
    assert not (others == np.arange(50)).any()


def test_the_report_says_who_is_better_and_keeps_people(everyone: list[Choice], tmp_path: Path) -> None:
    held = sum(choice.label is not None for choice in everyone)
    knows, ignores = [[-9.0, 0.0, -9.0]] * held, [[float(np.log(1 / 3))] * 3] * held
    against = [[0.0, -9.0, -9.0]] * held
    scored = {
        FROZEN: Scored(ignores, weight=0.0),
        "joint": Scored(knows, weight=1.0, trainable=10, shuffled=against),
    }
    artifacts = SimpleNamespace(
        histories={f"u{person}": [] for person in range(30)}, manifest=SimpleNamespace(catalog_hash="x")
    )
    settings = ExperimentSettings(catalog="films", report=tmp_path)
    report = _report(scored, everyone, cast(Artifacts, artifacts), Options(), settings)
    served = report.table("As served: mixed with the shortlist").frame()
    ndcg = dict(zip(served["ranking"], served["NDCG@10"], strict=True))
    found = held / len(everyone)
    assert ndcg[NAMES[SHORTLIST]] == pytest.approx(found / np.log2(3))
    assert ndcg[NAMES[FROZEN]] == pytest.approx(ndcg[NAMES[SHORTLIST]])  # a weight of 0 keeps the order
    assert ndcg[NAMES["joint"]] == pytest.approx(found)
    assert "better" in report.answer
    assert "soft tokens the model alone (both, jointly) loses" in report.answer
    assert "which flatters it" in report.answer  # weights are chosen on the people of validation
    tests = report.table("Paired tests").frame()
    assert (tests["p (Holm)"] >= tests["p"]).all()
    beside = tests.filter(tests["comparison"].str.ends_with("against the shortlist"))
    assert beside["p (Holm)"].to_list() == pytest.approx(holm(beside["p"]).tolist())  # one question, one family
    assert tests["difference"].max() == pytest.approx(found * (1 - 1 / np.log2(3)), abs=0.4)
    write_report(report, tmp_path)
    assert len(read_people(tmp_path)) == 3 * len(everyone)
