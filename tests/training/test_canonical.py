import numpy as np
import pytest
from sklearn.cross_decomposition import CCA

from training.canonical import canonical_maps


def views(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(count, 2))
    made = [hidden @ rng.normal(size=(2, width)) + 0.5 * rng.normal(size=(count, width)) for width in (5, 4)]
    return [view - view.mean(axis=0) for view in made]


def test_two_views_have_the_correlations_of_cca() -> None:
    """Parity with scikit-learn's CCA, whose directions are the same up to their sign and length."""
    left, right = views(400)
    maps = canonical_maps([left, right], np.ones((400, 2), dtype=bool), 2, ridge=0)
    reference = CCA(n_components=2, max_iter=5000, tol=1e-10).fit(left, right)
    for ours, theirs in zip((left @ maps[0], right @ maps[1]), reference.transform(left, right), strict=True):
        for column in range(2):
            correlation = np.corrcoef(ours[:, column], theirs[:, column])[0, 1]
            assert abs(correlation) == pytest.approx(1, abs=1e-3)


def test_items_find_themselves_and_missing_ones_do_no_harm() -> None:
    left, right = views(400)
    third = left[:, :2] + 0.01 * right[:, :2]
    present = np.random.default_rng(1).random((400, 3)) > 0.2
    filled = [np.where(present[:, [place]], view, 1e9) for place, view in enumerate((left, right, third))]
    maps = canonical_maps(filled, present, 8, ridge=0.01)
    assert [one.shape for one in maps] == [(5, 8), (4, 8), (2, 8)]
    assert all(np.isfinite(one).all() for one in maps)
    projected = [view @ one for view, one in zip((left, right), maps[:2], strict=True)]
    unit = [view / np.linalg.norm(view, axis=1, keepdims=True) for view in projected]
    ranks = (unit[0] @ unit[1].T >= (unit[0] * unit[1]).sum(axis=1)[:, None] - 1e-12).sum(axis=1)
    assert np.median(ranks) < 100  # 200 is chance


def test_features_without_any_spread() -> None:
    maps = canonical_maps([np.zeros((10, 3)), np.ones((10, 2))], np.ones((10, 2), dtype=bool), 4)
    assert all(np.isfinite(one).all() for one in maps)
