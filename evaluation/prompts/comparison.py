"""All that a report is written from, and the tests between its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from evaluation.prompts.answer_log import RawAnswer
from evaluation.prompts.measure import Measured
from evaluation.prompts.outcomes import FloatArray
from evaluation.prompts.plan import Plan, Run, RunEstimate
from evaluation.prompts.starts import Start
from evaluation.statistics import CorrectedTest, paired_tests


@dataclass(frozen=True)
class Tested:
    """The difference of a run and another, or of a run and the ranker's order, over the people whom both have."""

    first: int  # the run's place
    second: int  # the other run's place, or the ranker's among `rankers`
    people: int
    test: CorrectedTest  # for all that were made together


@dataclass(frozen=True)
class Comparison:
    """Runs as they were measured, and beside them the orders of the ranker that offered the candidates."""

    plan: Plan
    runs: Sequence[Measured]
    rankers: Sequence[Measured]  # the candidates in their own order, by the plan's offers
    estimates: Sequence[RunEstimate]
    examples: Sequence[tuple[str, RawAnswer]]  # run and answer
    k: int
    seed: int
    prices: tuple[float, float] | None = None  # of a million tokens read and written
    starts: Sequence[Start] = ()

    @property
    def primary(self) -> str:
        """The metric that runs are compared by."""
        return f"NDCG@{self.k}"

    def ranker_of(self, run: Run) -> int:
        """The place of the ranker's order of the candidates that a run was offered."""
        return list(dict.fromkeys(other.offer for other in self.plan.runs)).index(run.offer)

    @cached_property
    def pairs(self) -> list[Tested]:
        """Every two runs on the same catalogue."""
        runs = self.plan.runs
        places = [
            (first, second)
            for first, second in combinations(range(len(runs)), 2)
            if runs[first].people is runs[second].people
        ]
        return self._tested(places, self.runs)

    @cached_property
    def against_ranker(self) -> list[Tested]:
        """Every run and the order that its candidates had before a language model saw them."""
        return self._tested([(place, self.ranker_of(run)) for place, run in enumerate(self.plan.runs)], self.rankers)

    def _tested(self, places: Sequence[tuple[int, int]], others: Sequence[Measured]) -> list[Tested]:
        pairs: dict[tuple[int, int, int], tuple[FloatArray, FloatArray]] = {}
        for first, second in places:
            a, b = self.runs[first].people[self.primary], others[second].people[self.primary]
            both = np.isfinite(a) & np.isfinite(b)
            if both.any():
                pairs[first, second, int(both.sum())] = a[both], b[both]
        return [Tested(*places, test) for places, test in paired_tests(pairs, self.seed).items()]
