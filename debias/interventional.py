"""Scores under intervention: what a person would choose if items were shown to them whatever their popularity.

What many people chose is chosen again because it is seen more, so popularity is a confounder: it drives what is shown
and what is chosen. Two routes take its effect out of any ranker's scores after the fact, in time that doesn't depend on
the ranker. Both work on standardised scores, so that strength means the same for every ranker, and both spare whoever
leans to the popular by taste: a person's share of the strength is 1 - conformity.

Shapes: p people, n items of the catalogue, m rows to be scored.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from debias.popularity import FloatArray, IntArray, Popularity

Method = Literal["backdoor", "counterfactual"]

# Standard deviations of a person's scores for each unit of log popularity, from `debias.elasticity` on MovieLens-100K:
# 0.76 with a standard error of 0.05 (five stages of time), about the same with more stages.
BACKDOOR_SLOPE = 0.76
# Standard deviations that the most popular item can lose: at equal strength, both routes then take about as much.
COUNTERFACTUAL_REFERENCE = 5.0


class PopularityCorrection:
    """Takes the effect of popularity out of scores; `backdoor` and `counterfactual` say how large it is."""

    def __init__(self, popularity: Popularity, effects: FloatArray) -> None:
        """`effects` [n] are what full strength takes away, in standard deviations of a person's scores."""
        self.popularity = popularity
        self.effects = effects

    def shifts(
        self,
        rows: IntArray,
        scores: npt.NDArray[np.floating],
        history: Sequence[int],
        strength: float,
        prior: npt.NDArray[np.floating] | float = 0.0,
    ) -> FloatArray:
        """What to add to the scores [m] of rows [m] for a person with this history of rows.

        -strength · (1 - conformity) · (std(scores) · effect + prior), where `prior` [m] is what a score holds for
        popularity by itself, because nothing is known of the person: that needs no estimate. Exactly zero at strength
        0; less popular items never lose more than more popular ones, and without a prior what is as popular as a
        typical choice keeps its score. Raises ValueError for a strength outside [0, 1].
        """
        _check(strength)
        if strength == 0 or len(rows) == 0:
            return np.zeros(len(rows))
        share = strength * (1 - self.popularity.conformity(history))
        shifted: FloatArray = -share * (float(np.std(scores)) * self.effects[rows] + prior)
        return shifted

    def apply(self, scores: FloatArray, histories: Sequence[Sequence[int] | IntArray], strength: float) -> FloatArray:
        """Standardised scores [p, n] of people with these histories, corrected; at strength 0 the very same array."""
        _check(strength)
        if strength == 0:
            return scores
        shares = np.array([1 - self.popularity.conformity(list(history)) for history in histories])
        corrected: FloatArray = scores - strength * np.outer(shares, self.effects)
        return corrected


def backdoor(
    popularity: Popularity, slope: float = BACKDOOR_SLOPE, expected: Popularity | None = None
) -> PopularityCorrection:
    """Backdoor adjustment: P(choice | do(item)) = Σ_m P(choice | item, m) P(m) (PDA, Zhang et al., 2021).

    With P(choice | item, m) ∝ f · m^γ the sum is f times a constant, so the interventional score is the observed one
    divided by m^γ; on logits, score - γ · log m. `slope` is γ in standard deviations of scores. `expected`, the
    popularity to come, is put in the place of what is taken out: P(choice | do(item), do(m = expected)), PDA's second
    half, which follows trends.
    """
    effects = popularity.logs - popularity.typical
    if expected is not None:
        effects = effects - (expected.logs - expected.typical)
    return PopularityCorrection(popularity, slope * effects)


def counterfactual(popularity: Popularity, reference: float = COUNTERFACTUAL_REFERENCE) -> PopularityCorrection:
    """The total effect less the natural direct effect (MACR, Wei et al., 2021, "Model-agnostic counterfactual
    reasoning for eliminating popularity bias"): y - c · σ(item) · σ(person).

    What an item gets from a person whose interest is unknown is its own branch's doing, σ(item). That branch is trained
    on nothing but which item it is, with as many random items as choices: its optimum is count / (count + mean count),
    so it needs no training. The person's branch only scales: here it is 1 - conformity. `reference` is c in standard
    deviations of scores.
    """
    counts = popularity.counts
    total = float(counts.sum())
    if total == 0:
        return PopularityCorrection(popularity, np.zeros(len(counts)))
    alone = counts / (counts + counts.mean())
    return PopularityCorrection(popularity, reference * (alone - float(alone @ counts / total)))


def popularity_correction(method: Method, counts: npt.ArrayLike) -> PopularityCorrection:
    """The correction of a name, from how many people chose each item [n]."""
    popularity = Popularity(counts)
    return backdoor(popularity) if method == "backdoor" else counterfactual(popularity)


def _check(strength: float) -> None:
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must be in [0, 1], not {strength}")
