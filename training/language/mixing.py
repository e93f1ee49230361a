"""How much the model counts beside the shortlist, fitted on people of validation."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

FloatArray = npt.NDArray[np.float64]

# Draws the model's share to zero as so many people would, who find the model no better than chance.
PRIOR = 1.0


def fit_standing(standings: Sequence[npt.ArrayLike], labels: Sequence[int]) -> float:
    """What one standard deviation of the shortlist's score says, in nats: a conditional logit (McFadden, 1974)."""
    nothing = [np.zeros_like(np.asarray(standing, dtype=np.float64)) for standing in standings]
    return _fit(standings, nothing, labels)[0]


def fit_model_weight(
    standings: Sequence[npt.ArrayLike], log_probabilities: Sequence[npt.ArrayLike], labels: Sequence[int]
) -> float:
    """What a nat of the model counts beside a standard deviation of the shortlist's score; never below zero.

    Maximises Σ log softmax(a · standing + b · log p)[label] - PRIOR · b²; the weight is b / a. Raises ValueError
    without people.
    """
    standing, model = _fit(standings, log_probabilities, labels)
    # Where the shortlist's order says nothing, the model decides as far as it may.
    return max(0.0, model) / max(standing, 0.01)


def _fit(
    standings: Sequence[npt.ArrayLike], log_probabilities: Sequence[npt.ArrayLike], labels: Sequence[int]
) -> tuple[float, float]:
    if not labels:
        raise ValueError("nobody to fit a weight on")
    parts = [
        torch.from_numpy(np.stack([np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)]))
        for a, b in zip(standings, log_probabilities, strict=True)
    ]
    weights = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        logs = [torch.log_softmax(weights @ part, dim=0)[label] for part, label in zip(parts, labels, strict=True)]
        value = -torch.stack(logs).mean() + PRIOR / len(labels) * weights[1] ** 2
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    standing, model = weights.detach().tolist()
    return standing, model
