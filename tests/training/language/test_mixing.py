import numpy as np
import pytest

from core.choice import normalised, standardised
from training.language.mixing import fit_model_weight


def _people(model_knows: bool, count: int = 400) -> tuple[list[object], list[object], list[int]]:
    rng = np.random.default_rng(1)
    standings, logs, labels = [], [], []
    for _ in range(count):
        standing = standardised(rng.normal(size=6))
        other = rng.normal(size=6)
        chances = np.exp(normalised(0.8 * standing + (0.8 * other if model_knows else 0)))
        standings.append(standing)
        logs.append(normalised(other))
        labels.append(int(rng.choice(6, p=chances)))
    return standings, logs, labels


def test_a_model_that_knows_as_much_weighs_as_much() -> None:
    standings, logs, labels = _people(model_knows=True)
    assert fit_model_weight(standings, logs, labels) == pytest.approx(1.0, abs=0.3)  # type: ignore[arg-type]


def test_with_few_people_a_model_counts_less() -> None:
    standings, logs, labels = _people(model_knows=True)
    few, many = (fit_model_weight(standings[:40] * n, logs[:40] * n, labels[:40] * n) for n in (1, 20))  # type: ignore[arg-type]
    assert few < many


def test_where_the_shortlist_says_nothing_the_model_decides() -> None:
    _, logs, labels = _people(model_knows=True)
    assert fit_model_weight([np.zeros(6)] * 400, logs, labels) > 0.5  # type: ignore[arg-type]


def test_a_model_that_knows_nothing_weighs_nothing() -> None:
    standings, logs, labels = _people(model_knows=False)
    assert fit_model_weight(standings, logs, labels) < 0.1  # type: ignore[arg-type]


def test_a_model_that_is_wrong_is_not_turned_around() -> None:
    standings, logs, labels = _people(model_knows=True)
    assert fit_model_weight(standings, [-np.asarray(log) for log in logs], labels) == 0  # type: ignore[arg-type]


def test_nobody_is_an_error() -> None:
    with pytest.raises(ValueError, match="nobody"):
        fit_model_weight([], [], [])
