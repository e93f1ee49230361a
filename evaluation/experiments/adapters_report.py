"""Tables, a plot and a paragraph about rankings of the same candidates by a shortlist and by language models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from core.choice import combined_scores
from core.columns import USER_ID
from evaluation.ranking.metrics import NEVER, Interval, bootstrap, hit_rate, ndcg, paired_test
from evaluation.report.plot import Plot, bar_plot
from evaluation.report.table import Table
from training.language.candidates import Choice
from training.language.settings import Order

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

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


@dataclass(frozen=True)
class Scored:
    """What one variant says of each list that holds what was chosen."""

    log_probabilities: list[FloatArray]
    weight: float
    trainable: int = 0
    training_seconds: float = 0.0
    person_seconds: float = 0.0
    shuffled: list[FloatArray] | None = None  # with the soft tokens of somebody else


def holding(everyone: Sequence[Choice]) -> list[Choice]:
    """The lists that hold what was chosen."""
    return [choice for choice in everyone if choice.label is not None]


def places(everyone: Sequence[Choice], scores: Sequence[FloatArray]) -> IntArray:
    """The rank [p] of what each person chose, ties against it; `scores` are of the lists that hold it, in order."""
    found = np.full(len(everyone), NEVER, dtype=np.int64)
    held = iter(scores)
    for place, choice in enumerate(everyone):
        if choice.label is not None:
            own = next(held)
            found[place] = np.count_nonzero(own >= own[choice.label])
    return found


def mixed_places(everyone: Sequence[Choice], logs: Sequence[FloatArray], weight: float) -> IntArray:
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


def tests_table(
    mixed: Mapping[str, IntArray],
    alone: Mapping[str, IntArray],
    stranger: Mapping[str, IntArray],
    stranger_alone: Mapping[str, IntArray],
    seed: int,
) -> Table:
    """Each ranking against those that it should beat, and with its own soft tokens against another person's."""
    rows: list[tuple[object, ...]] = []

    def add(name: str, first: IntArray, second: IntArray) -> None:
        test = paired_test(ndcg(first, 10), ndcg(second, 10), seed)
        base = float(ndcg(second, 10).mean())
        difference = Interval(test.difference, test.low, test.high)
        rows.append((name, difference, 100 * test.difference / base if base else None, test.p))

    for name, ranks in mixed.items():
        if name != SHORTLIST:
            add(f"{NAMES[name]} against the shortlist", ranks, mixed[SHORTLIST])
    for name, ranks in mixed.items():
        for frozen in (HARD_JSON, FROZEN):
            if name in TRAINED and frozen in alone:
                add(f"{NAMES[name]} against the {NAMES[frozen]}, alone", ranks, alone[frozen])
    for name, ranks in stranger.items():
        add(f"{NAMES[name]}: own soft tokens against another person's", mixed[name], ranks)
    for name, ranks in stranger_alone.items():
        add(f"{NAMES[name]}, the model alone: own against another person's", alone[name], ranks)
    note = "Differences in NDCG@10 over the same people; p by sign flips, not corrected for the number of comparisons."
    return Table("Paired tests", ("comparison", "difference", "in %", "p"), rows, note)


def cost_table(scored: Mapping[str, Scored]) -> Table:
    """What was trained, how long that and one person take, and what the model weighs."""
    rows = [
        (NAMES[name], one.trainable, one.training_seconds, one.person_seconds, one.weight)
        for name, one in scored.items()
    ]
    columns = ("ranking", "trained numbers", "seconds of training", "seconds a person", "weight of the model")
    note = "On one core of a busy machine; explanations are a part of the training of whatever tunes weights."
    return Table("Cost", columns, rows, note)


def ndcg_plot(mixed: Mapping[str, IntArray], alone: Mapping[str, IntArray], seed: int) -> Plot:
    """Bars of NDCG@10 as served, and of the model alone."""
    labels = list(mixed)
    bars = {
        "as served": [bootstrap(ndcg(mixed[name], 10), seed) for name in labels],
        "the model alone": [bootstrap(ndcg(alone.get(name, mixed[name]), 10), seed) for name in labels],
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


def answer(
    mixed: Mapping[str, IntArray],
    alone: Mapping[str, IntArray],
    stranger: Mapping[str, IntArray],
    held: int,
    held_out: str,
    seed: int,
) -> str:
    """What the numbers say, and what they don't."""
    people = len(mixed[SHORTLIST])
    base = float(ndcg(mixed[SHORTLIST], 10).mean())
    said = [
        f"On {people} people ({held_out}), the shortlist has an NDCG@10 of {base:.4f}; its candidates hold "
        f"what {held} of them chose."
    ]
    for name in (name for name in ("joint", "soft-only", "lora-only") if name in mixed):
        test = paired_test(ndcg(mixed[name], 10), ndcg(mixed[SHORTLIST], 10), seed)
        verdict = "better" if test.low > 0 else "worse" if test.high < 0 else "not distinguishable from it"
        change = 100 * test.difference / base if base else 0.0
        said.append(
            f"{NAMES[name][0].upper()}{NAMES[name][1:]} changes it by {change:+.1f} % (p = {test.p:.3f}; 95 % interval "
            f"{test.low:+.4f} to {test.high:+.4f}): {verdict}."
        )
    for frozen in (HARD_JSON, FROZEN):
        if frozen in alone and "joint" in mixed:
            test = paired_test(ndcg(mixed["joint"], 10), ndcg(alone[frozen], 10), seed)
            said.append(f"Against the order of the {NAMES[frozen]}, it is {test.difference:+.4f} (p = {test.p:.4f}).")
    for name in (name for name in ("joint", "soft-only") if name in stranger):
        test = paired_test(ndcg(alone[name], 10), ndcg(stranger[name], 10), seed)
        lost = "loses" if test.difference > 0 else "gains"
        said.append(
            f"With another person's soft tokens the model alone ({NAMES[name]}) {lost} {abs(test.difference):.4f} "
            f"(p = {test.p:.3f})."
        )
    said.append(
        "One small model, one seed of training and one catalogue; a few hundred lists decide, so differences below "
        "the width of these intervals are not known."
    )
    return " ".join(said)


def people_frame(mixed: Mapping[str, IntArray], everyone: Sequence[Choice], users: Sequence[str]) -> pl.DataFrame:
    """Each person's value of the main metric, by ranking."""
    frames = [
        pl.DataFrame(
            {
                USER_ID: [users[choice.position.person] for choice in everyone],
                "run": NAMES[name],
                "metric": MAIN,
                "value": ndcg(ranks, 10),
            }
        )
        for name, ranks in mixed.items()
    ]
    return pl.concat(frames)
