"""Worlds in which the truth is set by hand and popularity confounds: do the corrections find the truth again?

In the first, items are chosen for their quality and because of how popular they just were; what makes an item popular
at first, and now and then afterwards, is marketing that has nothing to do with quality. In the second, people choose
what interests them and what is advertised, and a real ranker learns from their choices.
"""

import numpy as np
import pytest
from scipy.stats import kendalltau

from debias.elasticity import Elasticity, estimate_elasticity
from debias.interventional import Method, backdoor, popularity_correction
from debias.parity import standardised
from debias.popularity import Popularity
from index.history import HistoryModel

ITEMS, STAGES, CHOICES, ALTERNATIVES = 120, 8, 6_000, 40
GAMMA = 0.6


class FeedbackWorld:
    """Choices in stages: P(item) ∝ exp(quality) · popularity^γ, where popularity is the last stage's, marketed."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.quality = rng.normal(0, 0.5, ITEMS)
        marketing = rng.normal(0, 1.5, ITEMS)
        popularity = np.exp(marketing)
        self.popularity, counts = [], []
        for _ in range(STAGES):
            popularity /= popularity.sum()
            chances = np.exp(self.quality) * popularity**GAMMA
            counts.append(rng.multinomial(CHOICES, chances / chances.sum()))
            self.popularity.append(popularity)
            popularity = (counts[-1] + 1) * np.exp(rng.normal(0, 0.8, ITEMS))
        self.counts = np.array(counts)
        self.mean_log = np.log(self.popularity).mean(axis=0)
        # What a ranker learns that knows choices and nothing else.
        self.raw = np.log(self.counts.sum(axis=0) + 1.0)
        self.rng = rng

    def elasticity(self, known: np.ndarray) -> Elasticity:
        """From a sample of the choices, each with alternatives that are drawn uniformly, and a ranker's scores [n]."""
        chances = self.counts / self.counts.sum()
        drawn = self.rng.choice(chances.size, size=4_000, p=chances.ravel())
        stages, chosen = np.unravel_index(drawn, chances.shape)
        others = self.rng.integers(0, ITEMS, (len(drawn), ALTERNATIVES - 1))
        shown = np.column_stack([chosen, others])
        drift = np.log(self.popularity)[stages[:, None], shown] - self.mean_log[shown]
        scores = (known - known.mean()) / known.std()
        return estimate_elasticity(scores[shown], drift, self.mean_log[shown])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_effect_of_popularity_is_read_off_its_change(seed: int) -> None:
    world = FeedbackWorld(seed)
    found = world.elasticity(world.quality)
    assert abs(found.gamma - GAMMA) < 4 * found.gamma_error
    assert found.gamma_error < 0.05
    # A ranker that took popularity for quality leaves the estimate a little low.
    assert abs(world.elasticity(world.raw).gamma - GAMMA) < 0.15


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_backdoor_adjustment_recovers_quality_where_popularity_confounds(seed: int) -> None:
    world = FeedbackWorld(seed)
    slope = world.elasticity(world.raw).gamma / world.raw.std()  # the raw score is in logits already
    correction = backdoor(Popularity(np.mean(world.popularity, axis=0), prior=1e-12), slope)
    rows = np.arange(ITEMS)
    taus = [
        kendalltau(world.raw + correction.shifts(rows, world.raw, [], strength), world.quality).statistic
        for strength in (0.0, 0.5, 1.0)
    ]
    assert taus[0] < 0.75
    assert taus[0] < taus[1] < taus[2]
    assert taus[2] > 0.83


def test_popularity_without_effect_is_left_alone() -> None:
    """Where popularity only follows quality, drift is noise, and next to nothing is taken away."""
    rng = np.random.default_rng(0)
    quality = rng.normal(0, 1, ITEMS)
    drift = rng.normal(0, 1, (STAGES, ITEMS))
    shown = rng.integers(0, ITEMS, (4_000, ALTERNATIVES))
    chances = np.exp(quality[shown])
    chances /= chances.sum(axis=1, keepdims=True)
    places = (chances.cumsum(axis=1) > rng.random((4_000, 1))).argmax(axis=1)
    first = np.arange(len(shown))
    shown[first, 0], shown[first, places] = shown[first, places], shown[first, 0]
    stages = rng.integers(0, STAGES, 4_000)
    found = estimate_elasticity(quality[shown], drift[stages[:, None], shown], np.zeros(shown.shape))
    assert abs(found.gamma) < 4 * found.gamma_error
    assert found.slope < 0.1


class AdvertisedWorld:
    """People choose 25 of 150 items by interest, by popularity that only advertising made, and by chance."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        people, items, tastes = 600, 150, 6
        interest = 1.2 * rng.normal(size=(people, tastes)) @ rng.normal(size=(tastes, items)) / np.sqrt(tastes)
        advertising = rng.normal(0, 1.3, items)
        order = np.argsort(-(interest + advertising + rng.gumbel(size=interest.shape)), axis=1)
        self.histories = [rng.permutation(chosen) for chosen in order[:, :25]]
        model = HistoryModel.fit(self.histories, items, regularisation=50, nearness=1)
        scores = np.array([model.scores(list(history), decay=1.0) for history in self.histories])
        self.scores = standardised(scores, self.histories)
        self.counts = np.bincount(np.concatenate(self.histories), minlength=items)
        self.gains = np.exp(interest)
        np.put_along_axis(self.gains, np.array(self.histories), 0, axis=1)

    def ndcg(self, scores: np.ndarray, k: int = 10) -> float:
        """Mean NDCG@k of the ranking by scores [people, items] against true interest."""
        discounts = 1 / np.log2(2 + np.arange(k))
        found = np.take_along_axis(self.gains, np.argsort(-scores, axis=1)[:, :k], axis=1)
        best = -np.sort(-self.gains, axis=1)[:, :k]
        return float((found @ discounts / (best @ discounts)).mean())


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("method", ["backdoor", "counterfactual"])
def test_both_routes_bring_a_real_ranker_closer_to_interest(method: Method, seed: int) -> None:
    world = AdvertisedWorld(seed)
    correction = popularity_correction(method, world.counts)
    found = [world.ndcg(correction.apply(world.scores, world.histories, strength)) for strength in (0.0, 0.5, 1.0)]
    assert found[0] + 0.02 < found[1]
    assert found[0] + 0.04 < found[2]
