"""Tables, a plot and a paragraph about prompts that rank candidates, shown in order and shuffled."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from evaluation.ranking.metrics import ndcg
from evaluation.report.plot import Number, Plot, bar_plot
from evaluation.report.provenance import Provenance
from evaluation.report.report import Report, Setting
from evaluation.report.table import Table
from evaluation.report.words import bracketed, listed, percent, signed
from evaluation.statistics import LEVEL, CorrectedTest, Interval, bootstrap, paired_tests

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

SHORTLIST = "shortlist's order"
SHOWN, SHUFFLED = "in order", "shuffled"
NAMES = {"hard": "prompt in words", "json": "prompt as JSON", "choose": "letters in one pass"}
Ranking = tuple[str, str]  # a prompt with its version, or SHORTLIST; and the order that its candidates were shown in


@dataclass(frozen=True)
class Found:
    """Values [p] by ranking and metric; whose choice is not among the candidates has 0 in all."""

    values: Mapping[Ranking, Mapping[str, FloatArray]]
    answers: Mapping[Ranking, Mapping[str, float]]  # means over the answers
    user_ids: tuple[str, ...]
    holding: BoolArray  # [p] whose choice is among the candidates
    as_shuffled: FloatArray  # [p] the metric of the shuffled order itself, as it was shown
    candidates: int
    k: int
    seed: int

    @property
    def metric(self) -> str:
        """What rankings are compared by."""
        return f"NDCG@{self.k}"

    @property
    def chance(self) -> float:
        """The metric's mean over all orders of candidates that hold what was chosen."""
        return float(ndcg(np.arange(1, self.candidates + 1), self.k).mean())

    @property
    def prompts(self) -> list[str]:
        """The prompts, in their order."""
        return list(dict.fromkeys(prompt for prompt, _ in self.answers))

    def tests(self) -> dict[Ranking, CorrectedTest]:
        """Each prompt against the shortlist's order."""
        base = self.values[SHORTLIST, SHOWN][self.metric]
        return paired_tests({one: (self.values[one][self.metric], base) for one in self.answers}, self.seed)

    def knowledge(self, prompt: str) -> Interval:
        """By how much a prompt with shuffled candidates is above chance, where the candidates hold the choice."""
        values = self.values[prompt, SHUFFLED][self.metric][self.holding]
        return bootstrap(values - self.chance, self.seed)


def report(found: Found, *, held_out: str, settings: Mapping[str, Setting], provenance: Provenance) -> Report:
    """The whole report."""
    return Report(
        title="The hard-prompt baseline",
        question="Does a language model that was never tuned improve the order in which it gets the candidates?",
        answer=_answer(found, held_out),
        tables=(_accuracy(found), _tests(found), _knowledge(found), _answers(found)),
        plots=(_plot(found),),
        settings=dict(settings),
        provenance=provenance,
    )


def label(ranking: Ranking) -> str:
    """A ranking's name in a table."""
    prompt, order = ranking
    return prompt if prompt == SHORTLIST else f"{_name(prompt)}, {order}"


def _name(prompt: str) -> str:
    return NAMES.get(prompt.rpartition("-v")[0], prompt)


def _accuracy(found: Found) -> Table:
    metrics = list(found.values[SHORTLIST, SHOWN])
    rows = [
        (label(one), *(bootstrap(own[metric], found.seed) for metric in metrics)) for one, own in found.values.items()
    ]
    note = (
        f"Over all {len(found.user_ids)} people, with 95 % bootstrap intervals. Behind the comma: whether the "
        "candidates were shown in the shortlist's order or shuffled. No order of them can have a hit rate above "
        f"{found.holding.mean():.3f}, the share of people whose choice is among them."
    )
    return Table("Accuracy", ("ranking", *metrics), rows, note)


def _tests(found: Found) -> Table:
    rows = [(label(one), test.interval, test.p, test.corrected, test.holds) for one, test in found.tests().items()]
    columns = ("ranking", f"{found.metric} minus the shortlist's", "p", "p (Holm)", f"holds at {LEVEL:g}")
    note = "Paired over people: bootstrap intervals, sign-flip permutation tests, Holm's correction over all rows."
    return Table("Against the shortlist's order", columns, rows, note)


def _knowledge(found: Found) -> Table:
    as_shown = float(found.as_shuffled[found.holding].mean())
    rows = []
    for prompt in found.prompts:
        above = found.knowledge(prompt)
        own = bootstrap(found.values[prompt, SHUFFLED][found.metric][found.holding], found.seed)
        rows.append((_name(prompt), own, as_shown, found.chance, above, above.low > 0))
    columns = ("prompt", found.metric, "as shown", "random order", "above random", "surely")
    note = (
        f"Over the {int(found.holding.sum())} people whose candidates hold what they chose. A shuffled order gives "
        "nothing away: what is above a random order is what the model knows. As shown: the one shuffled order that was "
        "shown, which a model that only repeats it would come to."
    )
    return Table("What the model knows: candidates shuffled", columns, rows, note)


def _answers(found: Found) -> Table:
    rows = [
        (label(one), own["begins with the first"], own["invalid JSON"], own["repeated"], own["prompt tokens"],
         own["answer tokens"], own["seconds"])
        for one, own in found.answers.items()
    ]  # fmt: skip
    columns = ("ranking", "begins with the first", "invalid JSON", "repeated", "tokens read", "written", "seconds")
    note = (
        "Begins with the first: the share of answers whose best candidate is the one that was shown first "
        f"({1 / found.candidates:.2f} by chance). Repeated: the share of named candidates that were named before. "
        "Tokens and seconds are of one answer, among others at the same time. Every raw answer stands in "
        "answers/answers.jsonl."
    )
    return Table("The answers", columns, rows, note)


def _plot(found: Found) -> Plot:
    base = bootstrap(found.values[SHORTLIST, SHOWN][found.metric], found.seed)
    shuffled = bootstrap(found.as_shuffled, found.seed)
    means = {
        one: bootstrap(found.values[one][found.metric], found.seed) for one in product(found.prompts, (SHOWN, SHUFFLED))
    }
    bars: dict[str, list[Number]] = {
        f"candidates {SHOWN}": [*(means[prompt, SHOWN] for prompt in found.prompts), base],
        f"candidates {SHUFFLED}": [*(means[prompt, SHUFFLED] for prompt in found.prompts), shuffled],
    }
    return bar_plot(
        f"{found.metric} of each prompt",
        [*map(_name, found.prompts), "the order itself, no model"],
        bars,
        value_label=f"{found.metric}, with 95 % intervals over people",
        alt=f"{SHORTLIST}: {base.value:.3f}; the shuffled order: {shuffled.value:.3f}; "
        + "; ".join(f"{label(one)}: {mean.value:.3f}" for one, mean in means.items()),
    )


def _answer(found: Found, held_out: str) -> str:
    people, holding = len(found.user_ids), int(found.holding.sum())
    base = bootstrap(found.values[SHORTLIST, SHOWN][found.metric], found.seed)
    tests = found.tests()
    better, worse = (
        [
            f"{label(one)} ({signed(test.difference)})"
            for one, test in tests.items()
            if test.holds and test.difference * sign > 0
        ]
        for sign in (1, -1)
    )
    knowing = [_name(prompt) for prompt in found.prompts if found.knowledge(prompt).low > 0]
    copying = {prompt: found.answers[prompt, SHUFFLED]["begins with the first"] for prompt in found.prompts}
    most = max(copying, key=lambda prompt: copying[prompt])
    return (
        f"For {people} people ({'last choice' if held_out == 'test' else 'last choice but one'}) the shortlist's own "
        f"order has an {found.metric} of {bracketed(base)}; its {found.candidates} candidates hold what {holding} of "
        f"them chose. {_verdict(better, worse)} With shuffled candidates, "
        f"{listed(knowing) if knowing else 'no prompt'} is surely better than a random order. The {_name(most)} puts "
        f"what it is shown first in the first place for {percent(copying[most])} of people, so a good score with "
        "candidates in order may be the shortlist's and not the model's. One model, one catalogue, and "
        f"{holding} lists that decide: a larger model may know more."
    )


def _verdict(better: list[str], worse: list[str]) -> str:
    if not (better or worse):
        return "No prompt is surely better or worse than that order."
    return f"Surely better than that order: {listed(better)}; surely worse: {listed(worse)}."
