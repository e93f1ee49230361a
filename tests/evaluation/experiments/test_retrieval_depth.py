"""The experiment on people whose next choice follows from who shares their history."""

import numpy as np
import pytest

from evaluation.experiments import EXPERIMENTS
from evaluation.experiments.retrieval_depth import (
    ALONE,
    BOTH,
    DEPTHS,
    WHOLE,
    Options,
    Split,
    _answer,
    _depth_table,
    _parts_table,
    _plots,
    _samples,
    ablation,
    measure,
)
from evaluation.ranking.metrics import hit_rate, ndcg
from index.history import HistoryModel

ITEMS = 60


def _split(people: int = 40) -> Split:
    """Groups of eight people choose twelve items of their own in the same order; the next one is to be foretold."""
    histories = [np.arange(12) + 12 * (person // 8 % 5) for person in range(people)]
    cut = np.random.default_rng(0).integers(4, 11, size=people)
    known = [history[:end] for history, end in zip(histories, cut, strict=True)]
    targets = np.array([history[end] for history, end in zip(histories, cut, strict=True)])
    return Split(known, targets, np.arange(people, dtype=np.float64))


@pytest.fixture(scope="module")
def split() -> Split:
    return _split()


def test_it_is_registered() -> None:
    assert EXPERIMENTS["retrieval-depth"].summary.startswith("How many retrieved entries")
    assert Options.model_validate({}).held_out == "validation"


def test_more_entries_help_and_none_is_nothing(split: Split) -> None:
    people = np.arange(len(split.histories))
    results = measure(split, people, HistoryModel.fit(split.histories, ITEMS), ITEMS)
    by_depth = {m: hit_rate(results.places[ALONE, m], 10).mean() for m in (0, *DEPTHS)}
    assert by_depth[0] == 0
    assert by_depth[1] < by_depth[7]
    assert by_depth[7] > 0.7
    assert by_depth[20] == by_depth[7]  # nobody else shares a thing
    model = hit_rate(results.places[BOTH, 0], 10).mean()
    assert 0 < model <= hit_rate(results.places[BOTH, 20], 10).mean()
    assert all((each >= 0).all() and len(each) == len(people) for each in results.milliseconds.values())


def test_nobody_is_their_own_entry() -> None:
    alone = _split(1)
    two = Split([*alone.histories, np.array([50, 51])], np.array([*alone.targets, 52]), np.zeros(2))
    results = measure(two, np.arange(2), HistoryModel.fit(two.histories, ITEMS), ITEMS)
    assert not hit_rate(results.places[ALONE, 20], 10).any()


def test_the_report_says_what_was_measured(split: Split) -> None:
    people = np.arange(len(split.histories))
    results = measure(split, people, HistoryModel.fit(split.histories, ITEMS), ITEMS)
    parts = ablation(split, people, ITEMS)
    table = _depth_table(results, [people[:20], people[20:]], seed=0)
    assert [row[0] for row in table.rows] == [0, *DEPTHS]
    by_sample = [float(ndcg(results.places[ALONE, 20][half], 10).mean()) for half in (people[:20], people[20:])]
    assert table.rows[-1][3] == f"{min(by_sample):.3f}–{max(by_sample):.3f}"
    assert len(_parts_table(parts, 0).rows) == len(parts)
    assert np.array_equal(parts[WHOLE], results.places[ALONE, 20])
    assert [plot.title for plot in _plots(results, 0)] == ["NDCG@10 by number of entries", "Time by number of entries"]
    answer = _answer(results, parts, "validation", 0)
    assert "last choice but one" in answer
    assert "nan" not in answer


def test_samples_are_drawn_by_seed() -> None:
    first, second, again = _samples(100, None, 0.7, (0, 1, 0))
    assert len(first) == 70
    assert first.tolist() == again.tolist() != second.tolist()
    assert [len(each) for each in _samples(5, 1000, 0.7, (0,))] == [5]
