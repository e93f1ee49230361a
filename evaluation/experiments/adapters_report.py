"""Tables, a plot and a paragraph about rankings of the same candidates by a shortlist and by language models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.choice import combined_scores, standardised
from evaluation.ranking.metrics import NEVER, hit_rate, ndcg
from evaluation.report.plot import Plot, bar_plot
from evaluation.report.table import Table
from evaluation.statistics import CorrectedTest, Key, bootstrap, paired_tests
from training.language.candidates import Choice
from training.language.settings import Order

IntArray = npt.NDArray[np.int64]

SHORTLIST, HARD_JSON, FROZEN = "shortlist", "hard-json", "frozen"
TRAINED = tuple(order.value for order in Order)
NAMES = {
    SHORTLIST: "shortlist order",
    HARD_JSON: "frozen model, hard JSON prompt",
    FROZEN: "frozen model, words alone",
    "soft-only": "soft prompt",
    "lora-only": "LoRA",
    "joint": "both, jointly",
    "soft-first": "both, soft prompt first",
    "lora-first": "both, LoRA first",
    "alternating": "both, alternating",
}
METRICS = {
    **{f"HR@{k}": (hit_rate, k) for k in (1, 5, 10)},
    **{f"NDCG@{k}": (ndcg, k) for k in (5, 10)},
}
MAIN = "NDCG@10"
AS_SERVED, ALONE = "as served", "the model alone"


@dataclass(frozen=True)
class Scored:
    """What one variant says of each list that holds what was chosen."""

    log_probabilities: list[list[float]]
    weight: float
    trainable: int = 0
    training_seconds: float = 0.0
    person_seconds: float = 0.0
    shuffled: list[list[float]] | None = None  # with the soft tokens of somebody else


def holding(everyone: Sequence[Choice]) -> list[Choice]:
    """The lists that hold what was chosen."""
    return [choice for choice in everyone if choice.label is not None]


def places(everyone: Sequence[Choice], scores: Sequence[npt.ArrayLike]) -> IntArray:
    """The rank [p] of what each person chose, ties against it; `scores` are of the lists that hold it, in order."""
    found = np.full(len(everyone), NEVER, dtype=np.int64)
    held = iter(scores)
    for place, choice in enumerate(everyone):
        if choice.label is not None:
            own = np.asarray(next(held))
            found[place] = np.count_nonzero(own >= own[choice.label])
    return found


def mixed_places(everyone: Sequence[Choice], logs: Sequence[npt.ArrayLike], weight: float) -> IntArray:
    """As `places`, by the shortlist's scores and the model's log probabilities together, as serving mixes them."""
    pairs = zip(holding(everyone), logs, strict=True)
    return places(everyone, [combined_scores(each, choice.scores, weight) for choice, each in pairs])


def metrics_table(title: str, found: Mapping[str, IntArray], seed: int) -> Table:
    """HR and NDCG of each ranking over all people, with intervals; `found` are ranks [p]."""
    rows = [
        (NAMES[name], *(bootstrap(metric(ranks, k), seed) for metric, k in METRICS.values()))
        for name, ranks in found.items()
    ]
    note = "95 % intervals over people. With one choice a person, recall is the hit rate."
    return Table(title, ("ranking", *METRICS), rows, note)


@dataclass(frozen=True)
class Ranked:
    """The ranks [p] of what each person chose, by ranking; `stranger`: with the soft tokens of somebody else."""

    mixed: Mapping[str, IntArray]  # as served
    alone: Mapping[str, IntArray]
    stranger: Mapping[str, IntArray]
    stranger_alone: Mapping[str, IntArray]

    @classmethod
    def of(cls, everyone: Sequence[Choice], scored: Mapping[str, Scored]) -> "Ranked":
        """From what the variants say of the lists that hold what was chosen."""
        shortlist = places(everyone, [standardised(choice.scores) for choice in holding(everyone)])
        strange = {name: (one.shuffled, one.weight) for name, one in scored.items() if one.shuffled is not None}
        return cls(
            {SHORTLIST: shortlist}
            | {name: mixed_places(everyone, one.log_probabilities, one.weight) for name, one in scored.items()},
            {name: places(everyone, one.log_probabilities) for name, one in scored.items()},
            {name: mixed_places(everyone, logs, weight) for name, (logs, weight) in strange.items()},
            {name: places(everyone, logs) for name, (logs, _) in strange.items()},
        )


@dataclass(frozen=True)
class Tests:
    """Paired tests of the main metric by variant, each kind corrected for its own comparisons.

    One question, one family: does it beat the shortlist, does it beat the frozen model, does it read the soft tokens?
    """

    shortlist: Mapping[str, CorrectedTest]
    frozen: Mapping[tuple[str, str], CorrectedTest]  # by variant and prompt of the frozen model
    tokens: Mapping[tuple[str, str], CorrectedTest]  # by variant, and AS_SERVED or ALONE: own against a stranger's

    @classmethod
    def of(cls, ranked: Ranked, seed: int) -> "Tests":
        """Make all of them."""
        mixed, alone = ranked.mixed, ranked.alone
        beside = {name: (mixed[name], mixed[SHORTLIST]) for name in alone}
        frozen = {(name, base): (mixed[name], alone[base])
                  for name in alone if name in TRAINED for base in (HARD_JSON, FROZEN) if base in alone}  # fmt: skip
        tokens = {(name, AS_SERVED): (mixed[name], ranks) for name, ranks in ranked.stranger.items()}
        tokens |= {(name, ALONE): (alone[name], ranks) for name, ranks in ranked.stranger_alone.items()}
        return cls(_tested(beside, seed), _tested(frozen, seed), _tested(tokens, seed))


def _tested(pairs: Mapping[Key, tuple[IntArray, IntArray]], seed: int) -> dict[Key, CorrectedTest]:
    return paired_tests({key: (ndcg(first, 10), ndcg(second, 10)) for key, (first, second) in pairs.items()}, seed)


def tests_table(tests: Tests, ranked: Ranked) -> Table:
    """Each ranking against those that it should beat, and with its own soft tokens against another person's."""
    rows: list[tuple[object, ...]] = []

    def add(comparison: str, test: CorrectedTest, against: IntArray) -> None:
        base = float(ndcg(against, 10).mean())
        share = 100 * test.difference / base if base else None
        rows.append((comparison, test.interval, share, test.p, test.corrected, test.holds))

    for name, test in tests.shortlist.items():
        add(f"{NAMES[name]} against the shortlist", test, ranked.mixed[SHORTLIST])
    for (name, base), test in tests.frozen.items():
        add(f"{NAMES[name]} against the {NAMES[base]}, alone", test, ranked.alone[base])
    for (name, how), test in tests.tokens.items():
        if how == AS_SERVED:
            add(f"{NAMES[name]}: own soft tokens against another person's", test, ranked.stranger[name])
        else:
            add(f"{NAMES[name]}, the model alone: own against another person's", test, ranked.stranger_alone[name])
    note = (
        "Differences in NDCG@10 over the same people; p by sign flips. Holm's correction is over the rows of one "
        "question: against the shortlist, against the frozen model, own soft tokens against another person's."
    )
    return Table("Paired tests", ("comparison", "difference", "in %", "p", "p (Holm)", "holds at .05"), rows, note)


def cost_table(scored: Mapping[str, Scored]) -> Table:
    """What was trained, how long that and one person take, and what the model weighs."""
    rows = [
        (NAMES[name], one.trainable, one.training_seconds, one.person_seconds, one.weight)
        for name, one in scored.items()
    ]
    columns = ("ranking", "trained numbers", "seconds of training", "seconds a person", "weight of the model")
    note = "On one core of a busy machine; explanations are a part of the training of whatever tunes weights."
    return Table("Cost", columns, rows, note)


def ndcg_plot(ranked: Ranked, seed: int) -> Plot:
    """Bars of NDCG@10 as served, and of the model alone."""
    mixed, alone = ranked.mixed, ranked.alone
    labels = list(mixed)
    bars = {
        AS_SERVED: [bootstrap(ndcg(mixed[name], 10), seed) for name in labels],
        ALONE: [bootstrap(ndcg(alone.get(name, mixed[name]), 10), seed) for name in labels],
    }
    best = max(labels, key=lambda name: float(ndcg(mixed[name], 10).mean()))
    return bar_plot(
        "NDCG@10 of each ranking",
        [NAMES[name] for name in labels],
        bars,
        value_label="NDCG@10, with 95 % intervals over people",
        alt=f"Bars of NDCG@10 for {len(labels)} rankings; the highest as served is {NAMES[best]}.",
        caption="The shortlist has no model; both of its bars are the same.",
    )


def answer(ranked: Ranked, tests: Tests, held: int, held_out: str) -> str:
    """What the numbers say, and what they don't."""
    people = len(ranked.mixed[SHORTLIST])
    base = float(ndcg(ranked.mixed[SHORTLIST], 10).mean())
    said = [
        f"On {people} people ({held_out}), the shortlist has an NDCG@10 of {base:.4f}; its candidates hold "
        f"what {held} of them chose."
    ]
    for name in (name for name in ("joint", "soft-only", "lora-only") if name in tests.shortlist):
        test = tests.shortlist[name]
        verdict = "not distinguishable from it" if not test.holds else "better" if test.difference > 0 else "worse"
        change = 100 * test.difference / base if base else 0.0
        said.append(
            f"{NAMES[name][0].upper()}{NAMES[name][1:]} changes it by {change:+.1f} % ({_p(test)}; 95 % interval "
            f"{test.low:+.4f} to {test.high:+.4f}): {verdict}."
        )
    said += [
        f"Against the order of the {NAMES[frozen]}, it is {test.difference:+.4f} ({_p(test)})."
        for (name, frozen), test in tests.frozen.items()
        if name == "joint"
    ]
    for name in ("joint", "soft-only"):
        if read := tests.tokens.get((name, ALONE)):
            lost = "loses" if read.difference > 0 else "gains"
            said.append(
                f"With another person's soft tokens the model alone ({NAMES[name]}) {lost} {abs(read.difference):.4f} "
                f"({_p(read)})."
            )
    if held_out == "validation":
        said.append(
            "What a model counts beside the shortlist, and the epochs of its readouts, were chosen by these same "
            "choices, which flatters it: quote --set held_out=test, once."
        )
    said.append(
        "One small model, one seed of training and one catalogue: differences below the width of these intervals are "
        "not known."
    )
    return " ".join(said)


def _p(test: CorrectedTest) -> str:
    return f"p = {test.p:.3f}, {test.corrected:.3f} after Holm's correction"
