"""Cases as choices among a few items, and the weights of features under which what was chosen is likeliest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import logsumexp

from index.dialogue.context import Context
from index.dialogue.features import FEATURES

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

# The softmax runs over the most likely items and a sample of the rest, which stands for all of them.
HARD, SAMPLED = 200, 60
PENALTY = 1e-3  # on squared weights of features of unit variance
# How far weights of conversations without an item may stray from those with one, as a multiple of the penalty.
APART = 3.0
# A first guess of what matters, to find the items that are hard to tell from the answers.
_ROUGH = {
    "named": 0.8,
    "expected_fame": 0.3,
    "lift": 1.0,
    "text": 6.0,
    "franchise": 2.0,
    "words": 3.0,
    "categories_said": 1.5,
    "people_said": 2.0,
}


@dataclass(frozen=True)
class Choices:
    """m cases, each with at most w items: its answers, and items that they are told apart from."""

    tables: FloatArray  # [m, F, w]
    offsets: FloatArray  # [m, w] added to the log odds: a sampled item stands for several; -inf for padding
    answers: FloatArray  # [m, w] the share of each item in the case's answers
    group: IntArray  # [m] 0 before any item was named, 1 after

    def logits(self, weights: FloatArray) -> FloatArray:
        """Log odds [m, w] under weights [2, F]."""
        odds: FloatArray = np.matmul(weights[self.group][:, None, :], self.tables)[:, 0] + self.offsets
        return odds


class Examples:
    """Collects the features of each case's answers and of the items that they are told apart from."""

    def __init__(self) -> None:
        self._tables: list[FloatArray] = []
        self._offsets: list[FloatArray] = []
        self._answers: list[int] = []
        self._group: list[int] = []

    def add(self, table: FloatArray, answers: Sequence[int], context: Context, rng: np.random.Generator) -> None:
        """Take in one case's features [F, n]. What was named before is no choice."""
        likely = _rough(table)
        likely[list(context.named)] = -np.inf
        likely[list(answers)] = -np.inf
        order = np.argsort(-likely, kind="stable")[: int(np.isfinite(likely).sum())]
        hard, rest = order[:HARD], order[HARD:]
        sampled = rng.choice(rest, size=min(SAMPLED, len(rest)), replace=False)
        chosen = np.concatenate([list(answers), hard, sampled]).astype(np.int64)
        offsets = np.zeros(len(chosen), dtype=np.float32)
        if len(sampled):
            offsets[-len(sampled) :] = np.log(len(rest) / len(sampled))
        self._tables.append(table[:, chosen])
        self._offsets.append(offsets)
        self._answers.append(len(answers))
        self._group.append(int(len(context.rows) > 0))

    def choices(self) -> Choices:
        """Everything that was taken in, padded to one width."""
        width = max(table.shape[1] for table in self._tables)
        tables = np.stack([np.pad(table, ((0, 0), (0, width - table.shape[1]))) for table in self._tables])
        offsets = np.stack([np.pad(one, (0, width - len(one)), constant_values=-np.inf) for one in self._offsets])
        answers = np.zeros((len(tables), width), dtype=np.float32)
        for place, count in enumerate(self._answers):
            answers[place, :count] = 1 / count
        return Choices(tables, offsets, answers, np.array(self._group, dtype=np.int64))


def fit_choices(choices: Choices, prior: FloatArray) -> FloatArray:
    """Weights [2, F] of the most likely answers, by L-BFGS on the penalised log loss."""
    scale = choices.tables.std(axis=(0, 2)) + 1e-3
    scaled = replace(choices, tables=choices.tables / scale[:, None])
    start, group, size = prior * scale, choices.group, len(choices.tables)
    penalties = PENALTY * np.array([1.0, APART, APART])[:, None]

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        parts = flat.reshape(3, -1)  # what both groups of cases add to the prior, and what each does
        logits = scaled.logits((start + parts[0] + parts[1:]).astype(np.float32))
        log_chances = logits - logsumexp(logits, axis=1, keepdims=True)
        missed = np.exp(log_chances) - scaled.answers
        each = np.matmul(scaled.tables, missed[:, :, None])[:, :, 0] / size
        gradient = 2 * penalties * parts
        gradient[0] += each.sum(axis=0)
        for number in (0, 1):
            gradient[1 + number] += each[group == number].sum(axis=0)
        likelihood = np.where(scaled.answers > 0, log_chances, 0.0)
        value = -(likelihood * scaled.answers).sum() / size + (penalties * parts**2).sum()
        return float(value), gradient.ravel()

    found = minimize(loss, np.zeros(3 * len(FEATURES)), jac=True, method="L-BFGS-B", options={"maxiter": 100})
    parts = found.x.reshape(3, -1)
    weights: FloatArray = (prior + (parts[0] + parts[1:]) / scale).astype(np.float32)
    return weights


def _rough(table: FloatArray) -> FloatArray:
    weights = np.array([_ROUGH.get(name, 0.0) for name in FEATURES], dtype=np.float32)
    scores: FloatArray = weights @ table
    return scores
