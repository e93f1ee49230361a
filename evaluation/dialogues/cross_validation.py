"""Recall on conversations that training never saw, against what one would do without training.

Every point at which the recommender names new items is a case, and each of these items is a target. What was named
before is excluded; ties count against us. Nobody who looks for something is both learned from and measured on, and
intervals are over these people: cases of one are no independent draws.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from core.dialogue import Dialogue
from evaluation.ranking.metrics import ranks_of_several
from evaluation.statistics import Interval, bootstrap_pooled
from index.dialogue.content import ItemContent
from index.dialogue.context import Context, person_text
from index.dialogue.counts import MentionCounts, Mentions
from training.dialogue import Encode, train_dialogue
from training.dialogue_cases import Case, cases

CUTOFFS = (1, 5, 10, 50)
FOLDS = 5

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
CaseScores = Callable[[Case], FloatArray]


@dataclass(frozen=True)
class Measured:
    """One way to rank: recall at each of `CUTOFFS`, over the targets of all cases, averaged over seeds."""

    name: str
    recall: dict[int, Interval]


def cross_validate(
    dialogues: Sequence[Dialogue],
    people: Sequence[str],
    content: ItemContent,
    encode: Encode | None,
    *,
    seeds: Sequence[int] = (0, 1, 2),
) -> list[Measured]:
    """Train on all folds but one and measure on that one, for every fold and seed.

    `people` says who looks for something in each conversation: those of one person are in one fold.
    """
    person = np.unique(np.array(people), return_inverse=True)[1]
    hits: dict[str, npt.NDArray[np.float64]] = {}
    targets = np.zeros(len(dialogues))
    for case in cases(dialogues):
        targets[case.conversation] += len(case.answers)
    with tqdm(total=len(seeds) * FOLDS, unit="fold", desc="Cross-validating") as bar:
        for seed in seeds:
            fold = np.random.default_rng(seed).permutation(person.max() + 1)[person] % FOLDS
            for number in range(FOLDS):
                for name, found in _fold_hits(dialogues, fold == number, content, encode, seed).items():
                    hits[name] = hits.get(name, 0) + found / len(seeds)
                bar.update()
    wanted = np.bincount(person, weights=targets)
    return [
        Measured(
            name,
            {
                k: bootstrap_pooled(np.bincount(person, weights=found[:, place]), wanted, 0)
                for place, k in enumerate(CUTOFFS)
            },
        )
        for name, found in hits.items()
    ]


def _fold_hits(
    dialogues: Sequence[Dialogue],
    held_out: npt.NDArray[np.bool_],
    content: ItemContent,
    encode: Encode | None,
    seed: int,
) -> dict[str, npt.NDArray[np.float64]]:
    """Targets found within each cutoff [conversations, cutoffs], by the name of the ranker."""
    train = [dialogue for dialogue, out in zip(dialogues, held_out, strict=True) if not out]
    rankers = _rankers(train, content, encode, seed)
    known = [case for case in cases(dialogues) if held_out[case.conversation]]
    hits = {name: np.zeros((len(dialogues), len(CUTOFFS))) for name in rankers}
    for case in known:
        named = Context.of(case.before).named
        for name, scores in rankers.items():
            ranks = ranks_of_several(scores(case)[None], [list(case.answers)], [list(named)])[0]
            hits[name][case.conversation] += [(ranks <= k).sum() for k in CUTOFFS]
    return hits


def _rankers(
    train: Sequence[Dialogue], content: ItemContent, encode: Encode | None, seed: int
) -> dict[str, CaseScores]:
    model = train_dialogue(train, content, encode, seed=seed)
    counts = MentionCounts.count([Mentions.of(dialogue) for dialogue in train], len(content))

    def learned(case: Case) -> FloatArray:
        return model.scores(case.before, encode([person_text(case.before)])[0] if encode else None)

    def nearest(case: Case) -> FloatArray:
        rows = Context.of(case.before).rows
        return content.texts @ content.texts[rows].mean(axis=0) if len(rows) else counts.log_recommended

    def popular(_: Case) -> FloatArray:
        return counts.log_recommended + 0.1 * counts.log_named

    return {"dialogue model": learned, "popularity": popular, "nearest content": nearest}
