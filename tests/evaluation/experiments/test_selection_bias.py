from functools import cache
from pathlib import Path

import numpy as np
import pytest

from debias.estimators import Estimate
from evaluation.experiments.registry import EXPERIMENTS, ExperimentSettings
from evaluation.experiments.selection_bias import World, bias, coverage, make_world, run, simulate, spread
from evaluation.unbiased import coat

COAT = Path(__file__).parents[3] / ".." / "shared" / "data" / "coat"


@cache
def simulated() -> tuple[World, dict[str, list[Estimate]]]:
    rng = np.random.default_rng(4)
    world = make_world(rng)
    return world, simulate(world, 500, rng)


@pytest.mark.parametrize("name", ["IPS", "SNIPS", "DR", "DR, wrong propensities, exact imputation"])
def test_intervals_of_unbiased_estimators_hold_the_truth_as_often_as_they_say(name: str) -> None:
    world, found = simulated()
    assert coverage(world, found[name]).value >= 0.93
    assert abs(bias(world, found[name])) < 3 * spread(found[name]) / np.sqrt(500) + 0.01


@pytest.mark.parametrize("name", ["naive", "SNIPS, wrong propensities"])
def test_biased_ones_visibly_do_not(name: str) -> None:
    world, found = simulated()
    assert coverage(world, found[name]).high < 0.5


def test_imputation_takes_variance_away() -> None:
    _, found = simulated()
    assert spread(found["DR"]) < spread(found["SNIPS"]) < spread(found["IPS"])


def test_the_experiment_makes_a_report(tmp_path: Path) -> None:
    assert "selection-bias" in EXPERIMENTS
    report = run(ExperimentSettings(catalog="none", report=tmp_path, options={"datasets": "80"}))
    assert [table.title for table in report.tables] == ["80 simulated data sets", "By popularity"]
    assert "naive" in report.answer


def test_methods_are_compared_over_people_and_not_only_over_seeds(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    ratings = rng.integers(1, 6, (40, 6)).astype(float)
    np.savetxt(tmp_path / "test.ascii", ratings)
    users, items = coat.drawn_pairs(tmp_path)
    seed = {"naive": np.full(len(users), 3.0), "better": ratings[users, items] + rng.normal(0, 0.3, len(users))}
    seed["same"] = seed["naive"]
    found = coat.over_people(tmp_path, [seed, seed], users, items, ["better", "same"], "naive")
    assert found["better", "squared error"].difference == pytest.approx(
        0.09 - ratings.var() - (ratings.mean() - 3) ** 2, abs=0.1
    )
    assert found["better", "squared error"].holds
    assert (found["same", "squared error"].difference, found["same", "squared error"].p) == (0, 1)
    assert found["better", "squared error"].p < found["better", "squared error"].corrected  # of four comparisons


@pytest.mark.data
@pytest.mark.slow
def test_the_best_corrected_model_beats_the_naive_one_on_coat(tmp_path: Path) -> None:
    compared = coat.compare(COAT, 3, tmp_path)
    rows = {row.method: row for row in compared.rows}
    gains = dict(zip(coat.MEASURES, rows["auto"].gains, strict=True))
    assert gains["AUC (3+)"] > 0
    assert gains["NDCG@5 (3+)"] > 0
    assert gains["MSE"] < -0.02
    assert compared.people["auto", "squared error"].high < 0
