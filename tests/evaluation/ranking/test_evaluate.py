"""Whole evaluations of rankers whose lists a reader can foretell."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.ranking.evaluate import evaluate_ranker, popularity_bands
from evaluation.ranking.metrics import NEVER, UNKNOWN

HISTORIES = [[0], [1, 2], [5, 3, 4], []]
TARGETS = [1, 3, 0, 5]
N_ITEMS = 6


class Next:
    """Expects the item after the last one, then the one after that, and so on round the catalogue."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def scores(self, histories: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        self.batches.append(len(histories))
        last = np.array([history[-1] if len(history) else -1 for history in histories])
        return -((np.arange(N_ITEMS) - last[:, None] - 1) % N_ITEMS).astype(np.float32)


def test_ranks_and_slices_by_hand() -> None:
    report = evaluate_ranker(Next(), HISTORIES, TARGETS, N_ITEMS, ks=(1, 3), lengths=(0, 1))
    # After 4 come 5, which is in the history, and 0; without a history come 0, 1, … in order.
    assert report.ranks.tolist() == [1, 1, 1, 6]
    assert {length: found.tolist() for length, found in report.ranks_by_length.items()} == {
        0: [2, 4, 1, 6],
        1: [1, 1, 2, 6],  # only what is shown is excluded
    }
    assert report.overall.people == 4
    assert report.overall.metrics["hr@1"].value == pytest.approx(3 / 4)
    none, one = report.by_length
    assert (none.name, one.name) == ("no history", "the last item only")
    assert none.metrics["mrr@3"].value == pytest.approx((1 / 2 + 1) / 4)
    assert one.metrics["ndcg@3"].value == pytest.approx((1 + 1 + 1 / np.log2(3)) / 4)
    assert set(one.metrics) == {"hr@1", "ndcg@1", "mrr@1", "hr@3", "ndcg@3", "mrr@3"}


def test_slices_by_the_popularity_of_the_target() -> None:
    report = evaluate_ranker(Next(), HISTORIES, TARGETS, N_ITEMS, lengths=(), popularity=np.array([9, 4, 1, 8, 5, 0]))
    found = {part.name: (part.people, part.metrics["mrr@10"].value) for part in report.by_popularity}
    assert found == {"most chosen": (1, 1), "in between": (1, 1), "least chosen": (1, 1), "never chosen": (1, 1 / 6)}


def test_popularity_bands_share_all_choices() -> None:
    bands = popularity_bands(np.array([1, 30, 10, 10, 10, 9, 9, 9, 2, 0]))
    assert {name: np.flatnonzero(band).tolist() for name, band in bands.items()} == {
        "most chosen": [1],
        "in between": [2, 3, 4],
        "least chosen": [0, 5, 6, 7, 8],
        "never chosen": [9],
    }


def test_batches_change_nothing() -> None:
    ranker = Next()
    report = evaluate_ranker(ranker, HISTORIES, TARGETS, N_ITEMS, lengths=(), batch=3)
    assert ranker.batches == [3, 1]
    assert report.ranks.tolist() == evaluate_ranker(Next(), HISTORIES, TARGETS, N_ITEMS, lengths=()).ranks.tolist()


def test_an_unknown_target_is_missed() -> None:
    report = evaluate_ranker(Next(), [[0], [0]], [UNKNOWN, 1], N_ITEMS, popularity=np.ones(N_ITEMS, dtype=int))
    assert report.ranks.tolist() == [NEVER, 1]
    assert report.overall.metrics["hr@10"].value == pytest.approx(0.5)
    assert sum(part.people for part in report.by_popularity) == 1


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="1 histories and 2 targets"):
        evaluate_ranker(Next(), [[0]], [1, 2], N_ITEMS)
    with pytest.raises(ValueError, match="at least one"):
        evaluate_ranker(Next(), [], [], N_ITEMS)
    with pytest.raises(ValueError, match=r"shape \(1, 6\), not \(1, 7\)"):
        evaluate_ranker(Next(), [[0]], [1], 7)


def test_progress_is_shown_when_it_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    evaluate_ranker(Next(), HISTORIES, TARGETS, N_ITEMS, lengths=())
    assert capsys.readouterr().err == ""
    evaluate_ranker(Next(), HISTORIES, TARGETS, N_ITEMS, lengths=(), progress="Ranking")
    assert "Ranking: 100%" in capsys.readouterr().err
