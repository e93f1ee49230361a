"""How a language model's choice among candidates and the shortlist's scores become one order: numbers only.

Training, evaluation and serving use these, so that all of them mean the same.
"""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

# What `candidate_features` gives for each candidate.
FEATURE_NAMES = ("score", "reciprocal rank", "relative rank")


def standardised(scores: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Scores [n] with mean 0 and standard deviation 1 over the candidates; all 0 where they don't differ."""
    values = np.asarray(scores, dtype=np.float64)
    spread = values.std() if values.size else 0.0
    centred = values - values.mean() if values.size else values
    return centred / spread if spread > 1e-9 else np.zeros_like(values)


def candidate_features(scores: npt.ArrayLike) -> FloatArray:
    """What an item token says of a candidate's place in the shortlist: [n, 3] float32, named by FEATURE_NAMES.

    `scores` [n] are the shortlist's, in any order; ranks count from 1 for the highest, ties in the given order. The
    standardised score, 1 / rank, and (rank - 1) / n.
    """
    values = np.asarray(scores, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(1, len(values) + 1)
    columns = (standardised(values), 1 / ranks, (ranks - 1) / max(1, len(values)))
    return np.stack(columns, axis=1).astype(np.float32)


def combined_scores(
    log_probabilities: npt.ArrayLike, scores: npt.ArrayLike, model_weight: float
) -> npt.NDArray[np.float64]:
    """What candidates are sorted by: standardised shortlist score + model_weight · log probability of the model, [n].

    A log-linear mixture of the two with one free weight, since only the order counts. 0 keeps the shortlist's order.
    Log probabilities are over the candidates (`normalised`) or the whole vocabulary: the order is the same.
    """
    return standardised(scores) + model_weight * np.asarray(log_probabilities, dtype=np.float64)


def normalised(log_weights: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Log probabilities over the candidates alone, [n]: a log softmax."""
    values = np.asarray(log_weights, dtype=np.float64)
    shifted = values - values.max(initial=-np.inf) if values.size else values
    normal: npt.NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum()) if values.size else values
    return normal
