"""What the raw answers come to, for each run: lists of items, and whether the answers hold what was asked of them.

Reads the answers one at a time; what is kept are arrays of numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from agent.claims.checker import ClaimChecker
from evaluation.metrics.lists import EMPTY
from evaluation.people import latest
from evaluation.prompts.answer_log import RawAnswer
from evaluation.prompts.plan import Plan, Run, TaskIndex
from evaluation.ranking.metrics import ABSENT, NEVER, recall
from prompts.answers import read_answer
from prompts.ranking import labels_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """The answers of one run about p people; `answered` says of whom there is one. The rest is NaN or EMPTY there."""

    lists: npt.NDArray[np.int32]  # [p, k] rows of items, best first, EMPTY at the end
    answered: BoolArray  # [p]
    offered: FloatArray  # [p] share of the targets that were among the candidates
    invalid: FloatArray  # [p] 1 where the answer is no JSON of the schema's shape
    outside: FloatArray  # [p] share of the named items that are no candidates
    repeated: FloatArray  # [p] share of the named items that were named before
    unsupported: FloatArray  # [p] 1 where the reason claims what nothing says; NaN where no reason is asked for
    in_order: FloatArray  # [p] 1 where the ranking is the candidates in the order in which they were shown
    prompt_tokens: FloatArray  # [p]
    completion_tokens: FloatArray  # [p]
    seconds: FloatArray  # [p]

    @classmethod
    def empty(cls, people: int, k: int) -> "Outcome":
        """Of nobody yet."""
        numbers = [np.full(people, np.nan) for _ in range(9)]
        return cls(np.full((people, k), EMPTY, dtype=np.int32), np.zeros(people, dtype=bool), *numbers)


def read_outcomes(plan: Plan, index: TaskIndex, answers: Iterable[RawAnswer], k: int) -> list[Outcome]:
    """The outcome of every run; answers of other plans are passed over."""
    outcomes = [Outcome.empty(len(run.people.asked), k) for run in plan.runs]
    for answer in answers:
        run, place = index.get(answer.key, (0, None))
        if place is not None and not outcomes[run].answered[place]:
            _read(plan.runs[run], outcomes[run], place, answer)
    return outcomes


def ranks_of_lists(lists: npt.NDArray[np.integer], targets: npt.NDArray[np.integer]) -> IntArray:
    """The rank [p, t] of each target in its person's list, from 1; NEVER where it is not in it.

    Who chose an item twice wants it once: a target that stands in its row already is ABSENT.
    """
    same = lists[:, None, :] == targets[:, :, None]  # [p, t, k]
    ranks = np.where(same.any(axis=2), same.argmax(axis=2) + 1, NEVER)
    repeated = np.tril(targets[:, :, None] == targets[:, None, :], k=-1).any(axis=2)
    return np.where(repeated, ABSENT, ranks).astype(np.int64)


def _read(run: Run, outcome: Outcome, place: int, answer: RawAnswer) -> None:
    items, person = run.people.artifacts.items, run.people.asked[place]
    read = read_answer(answer.text, run.template.header.answer)
    of_label = dict(zip(labels_of(len(answer.candidates)), answer.candidates, strict=True))
    named = [of_label[label] for label in read.labels if label in of_label]
    rows = [items.row(item_id) for item_id in dict.fromkeys(named)][: outcome.lists.shape[1]]
    outcome.answered[place] = True
    outcome.lists[place, : len(rows)] = rows
    targets = {items.items[row].id for row in person.targets}
    outcome.offered[place] = len(targets & set(answer.candidates)) / len(targets)
    outcome.invalid[place] = not read.valid
    if read.labels:
        outcome.in_order[place] = list(read.labels) == labels_of(len(read.labels))
        outcome.outside[place] = 1 - len(named) / len(read.labels)
        outcome.repeated[place] = (len(named) - len(set(named))) / len(read.labels)
    if read.reason and rows:
        shown = latest(person.history, run.variant.settings.history)
        chosen = [items.items[row].id for row in shown]
        claims = ClaimChecker.of(items).check(read.reason, items.items[rows[0]].id, history=chosen)
        outcome.unsupported[place] = not claims or not all(claim.holds for claim in claims)
    outcome.prompt_tokens[place] = answer.prompt_tokens
    outcome.completion_tokens[place] = answer.completion_tokens
    outcome.seconds[place] = answer.seconds


def ranker_outcomes(plan: Plan, k: int) -> dict[str, tuple[Run, Outcome]]:
    """The ranker's own order of each kind of candidates, as if a model had given it; by name, with one of its runs."""
    found: dict[tuple[str, int, float], tuple[Run, Outcome]] = {}
    for run in plan.runs:
        if run.offer in found:
            continue
        people, settings = run.people, run.variant.settings
        outcome = Outcome.empty(len(people.asked), k)
        for places, some, scores in people.batches():
            histories = [person.history for person in some]
            rows = people.candidates(scores, histories, settings.candidates, settings.correction)
            outcome.lists[places, : rows.shape[1]] = rows[:, :k]
            targets = np.stack([person.targets for person in some])
            outcome.offered[places] = recall(ranks_of_lists(rows, targets), rows.shape[1])
        outcome.answered[:] = True
        found[run.offer] = (run, outcome)
    catalogs = len({offer[0] for offer in found})
    return {_ranker_name(offer, catalogs): one for offer, one in found.items()}


def _ranker_name(offer: tuple[str, int, float], catalogs: int) -> str:
    catalog, candidates, correction = offer
    name = f"ranker's order, candidates={candidates}, correction={correction:g}"
    return f"{name} · {catalog}" if catalogs > 1 else name
