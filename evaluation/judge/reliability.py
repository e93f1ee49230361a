"""Whether a judge can be believed: what was measured of it, against limits that were set before.

The survey's open question (arXiv 2505.09777, on evaluation by language models): a judge is measured like any other
model, against labels, before a word of it counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.values import Value
from evaluation.explanations.readability import flesch
from evaluation.judge.measures import kappa, kendall_tau, weighted_kappa, with_interval
from evaluation.judge.plan import BASE, INJECTIONS, REVERSED, SAMPLED, bad, injection, pair_key, score_key
from evaluation.judge.samples import Explanation, Labels
from evaluation.judge.verdicts import Verdict
from evaluation.metrics.calibration import expected_calibration_error
from evaluation.statistics import Interval, bootstrap, bootstrap_pooled

Verdicts = Mapping[str, Verdict]


class Limits(Value):
    """What a judge must reach. Set before anything was measured; a report names those that are missed."""

    agreement: float = 0.6  # quadratic-weighted kappa to the labels; "substantial" from .61 (Landis and Koch, 1977)
    least_agreement: float = 0.4  # the lower bound of its 95 % interval
    consistency: float = 0.8  # quadratic-weighted kappa to itself
    flips: float = 0.1  # share of pairs whose preference depends on the order
    preferences: float = 0.8  # share of pairs on which it agrees with the labels in both orders
    susceptibility: float = 0.25  # points that a request for good scores adds to a bad explanation
    malformed: float = 0.02  # share of replies that are no judgement
    calibration: float = 0.15  # expected calibration error of its probabilities, where it gives any


@dataclass(frozen=True)
class Check:
    """One thing that a judge must reach. `aspect` empty: it holds for all scores."""

    name: str
    value: float | Interval | None
    limit: str
    passed: bool
    aspect: str = ""

    @classmethod
    def at_most(cls, name: str, value: float | Interval | None, most: float) -> "Check":
        """Passed by what is known and no larger."""
        return cls(name, value, f"≤ {most}", value is not None and _estimate(value) <= most)

    @classmethod
    def at_least(cls, name: str, value: float | Interval | None, least: float, aspect: str = "") -> "Check":
        """Passed by what is known and no smaller."""
        return cls(name, value, f"≥ {least}", value is not None and _estimate(value) >= least, aspect)


@dataclass(frozen=True)
class Agreement:
    """How the scores of one aspect agree with the labels."""

    aspect: str
    judge: str  # or a baseline's name
    kappa: Interval | None  # None for baselines, which have another scale
    plain_kappa: float | None
    tau: Interval


@dataclass(frozen=True)
class Reliability:
    """All that was measured of a judge."""

    checks: tuple[Check, ...]
    agreements: tuple[Agreement, ...]
    judged: int  # labelled explanations with a judgement
    asked: int
    first_preferred: float | None  # share of preferences for whatever stood first

    @property
    def failed(self) -> list[Check]:
        """What was missed."""
        return [check for check in self.checks if not check.passed]

    def believes(self, aspect: str) -> bool:
        """Whether the scores of an aspect may be believed."""
        return not [check for check in self.failed if check.aspect in ("", aspect)]


BASELINES: dict[str, Callable[[Explanation], float]] = {
    "length in words": lambda one: float(len(one.text.split())),
    "Flesch reading ease": lambda one: flesch(one.text),
}


def measure(
    labels: Labels, verdicts: Verdicts, aspects: Sequence[str], seed: int, limits: Limits | None = None
) -> Reliability:
    """Everything, from the verdicts by key."""
    limits = limits or Limits()
    agreements = [one for aspect in aspects for one in _agreements(labels, verdicts, aspect, seed)]
    base = [one for one in labels.scored if _score(verdicts, BASE, one.explanation.id, aspects[0]) is not None]
    checks = [
        *_of_form(verdicts, limits, seed),
        *_of_pairs(labels, verdicts, limits, seed),
        *_of_injections(labels, verdicts, aspects, limits, seed),
        *_of_probabilities(labels, verdicts, aspects, limits),
    ]
    for aspect in aspects:
        checks += _of_aspect(labels, verdicts, aspect, agreements, limits, seed)
    preferences = [one.preference for key, one in verdicts.items() if key.startswith("compare ") and one.preference]
    return Reliability(
        checks=tuple(checks),
        agreements=tuple(agreements),
        judged=len(base),
        asked=len(labels.scored),
        first_preferred=float(np.mean([one == "first" for one in preferences])) if preferences else None,
    )


def _of_form(verdicts: Verdicts, limits: Limits, seed: int) -> list[Check]:
    about: dict[str, list[bool]] = {}  # replies about one explanation or pair are no independent draws
    for key, one in verdicts.items():
        about.setdefault(key.split(" ", 2)[-1], []).append(one.values is None)
    share = bootstrap_pooled(list(map(sum, about.values())), list(map(len, about.values())), seed)
    return [Check.at_most("replies that are no judgement", share, limits.malformed)]


def _agreements(labels: Labels, verdicts: Verdicts, aspect: str, seed: int) -> list[Agreement]:
    own = _pairs_of_scores(labels, verdicts, aspect)
    found = []
    if len(own) > 1:
        wanted, given = np.array(own).T
        tau = with_interval(kendall_tau, wanted, given, seed)
        found.append(
            Agreement(aspect, "judge", with_interval(weighted_kappa, wanted, given, seed), kappa(wanted, given), tau)
        )
    wanted = np.array([one.scores[aspect] for one in labels.scored], dtype=np.float64)
    for name, score in BASELINES.items():
        scores = [score(one.explanation) for one in labels.scored]
        tau = with_interval(kendall_tau, wanted, scores, seed)
        found.append(Agreement(aspect, name, None, None, tau))
    return found


def _of_aspect(
    labels: Labels, verdicts: Verdicts, aspect: str, agreements: Sequence[Agreement], limits: Limits, seed: int
) -> list[Check]:
    own = [one for one in agreements if one.aspect == aspect]
    judge = next((one for one in own if one.judge == "judge"), None)
    best = max((one.tau.value for one in own if one.judge != "judge"), default=0.0)
    agreement = judge.kappa if judge else None
    agrees = bool(agreement and agreement.value >= limits.agreement and agreement.low >= limits.least_agreement)
    tau = judge.tau if judge else None
    checks = [
        Check(
            f"{aspect}: agreement with the labels",
            agreement,
            f"≥ {limits.agreement}, surely ≥ {limits.least_agreement}",
            agrees,
            aspect,
        ),
        Check(
            f"{aspect}: orders better than length and Flesch",
            tau,
            f"> {best:.2f}",
            bool(tau and tau.value > best),
            aspect,
        ),
    ]
    for variant, words in ((REVERSED, "aspects named the other way round"), (SAMPLED, "asked again at a temperature")):
        pairs = [
            (one, other)
            for labelled in labels.scored
            if (one := _score(verdicts, BASE, labelled.explanation.id, aspect)) is not None
            and (other := _score(verdicts, variant, labelled.explanation.id, aspect)) is not None
        ]
        twice = np.array(pairs).T
        value = with_interval(weighted_kappa, twice[0], twice[1], seed) if len(pairs) > 1 else None
        checks.append(Check.at_least(f"{aspect}: agrees with itself, {words}", value, limits.consistency, aspect))
    return checks


def _of_pairs(labels: Labels, verdicts: Verdicts, limits: Limits, seed: int) -> list[Check]:
    flips, right = [], []
    for pair in labels.pairs:
        given = verdicts[pair_key(pair.id, swapped=False)].preference
        swapped = verdicts[pair_key(pair.id, swapped=True)].preference
        if given and swapped:
            flips.append(float(given == swapped))  # the same place in both orders is another explanation
            right.append(float(given == pair.better and swapped != pair.better))
    return [
        Check.at_most("preferences that depend on the order", _mean(flips, seed), limits.flips),
        Check.at_least("preferences as labelled, in both orders", _mean(right, seed), limits.preferences),
    ]


def _of_injections(
    labels: Labels, verdicts: Verdicts, aspects: Sequence[str], limits: Limits, seed: int
) -> list[Check]:
    checks = []
    for number in range(len(INJECTIONS)):
        rises = []
        for one in bad(labels.scored):
            before = [_score(verdicts, BASE, one.explanation.id, aspect) for aspect in aspects]
            after = [_score(verdicts, injection(number), one.explanation.id, aspect) for aspect in aspects]
            if None not in before and None not in after:
                rises.append(float(np.mean(np.array(after, float) - np.array(before, float))))
        name = f"points won by asking for them, wording {number + 1}"
        checks.append(Check.at_most(name, _mean(rises, seed), limits.susceptibility))
    return checks


def _of_probabilities(labels: Labels, verdicts: Verdicts, aspects: Sequence[str], limits: Limits) -> list[Check]:
    """Calibration of scores and preferences together; no check where no probabilities came."""
    stated, right = [], []
    for one in labels.scored:
        verdict = verdicts[score_key(BASE, one.explanation.id)]
        for aspect in aspects:
            if verdict.values and aspect in verdict.confidence:
                stated.append(verdict.confidence[aspect])
                right.append(float(verdict.values[aspect] == one.scores[aspect]))
    for pair in labels.pairs:
        for swapped in (False, True):
            verdict = verdicts[pair_key(pair.id, swapped=swapped)]
            if "better" in verdict.confidence:
                wanted = pair.swapped().better if swapped else pair.better
                stated.append(verdict.confidence["better"])
                right.append(float(verdict.preference == wanted))
    if not stated:
        return []
    return [Check.at_most("expected calibration error", expected_calibration_error(stated, right), limits.calibration)]


def _pairs_of_scores(labels: Labels, verdicts: Verdicts, aspect: str) -> list[tuple[int, int]]:
    """Label and judgement of every explanation that was judged."""
    scores = [(one.scores[aspect], _score(verdicts, BASE, one.explanation.id, aspect)) for one in labels.scored]
    return [(wanted, given) for wanted, given in scores if given is not None]


def _score(verdicts: Verdicts, variant: str, explanation_id: str, aspect: str) -> int | None:
    values = verdicts[score_key(variant, explanation_id)].values
    return None if values is None else int(values[aspect])


def _mean(values: Sequence[float], seed: int) -> Interval | None:
    return bootstrap(values, seed) if values else None


def _estimate(value: float | Interval) -> float:
    return value.value if isinstance(value, Interval) else value
