"""How a language model's choice among candidates and the shortlist's scores become one order: numbers only.

Training, evaluation and serving use these, so that all of them mean the same.
"""

import numpy as np
import numpy.typing as npt


def standardised(scores: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Scores [n] with mean 0 and standard deviation 1 over the candidates; all 0 where they don't differ."""
    values = np.asarray(scores, dtype=np.float64)
    spread = values.std() if values.size else 0.0
    centred = values - values.mean() if values.size else values
    return centred / spread if spread > 1e-9 else np.zeros_like(values)


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
