"""How much the model counts beside the shortlist, fitted on people of validation."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

FloatArray = npt.NDArray[np.float64]

# Draws the model's share to zero as so many people would, who find the model no better than chance.
PRIOR = 1.0


def fit_model_weight(
    standings: Sequence[npt.ArrayLike], log_probabilities: Sequence[npt.ArrayLike], labels: Sequence[int]
) -> float:
    """What a nat of the model counts beside a standard deviation of the shortlist's score; never below zero.

    A conditional logit (McFadden, 1974): Σ log softmax(a · standing + b · log p)[label] - PRIOR · b² is maximised, and
    the weight is b / a, with one standard error of b taken away: a few hundred people leave b uncertain, and a model
    that counts too much spoils an order that was good, while one that counts too little only helps less. Raises
    ValueError without people.
    """
    standing, model, error = _fit(standings, log_probabilities, labels)
    # Where the shortlist's order says nothing, the model decides as far as it may.
    return max(0.0, model - error) / max(standing, 0.01)


def _fit(
    standings: Sequence[npt.ArrayLike], log_probabilities: Sequence[npt.ArrayLike], labels: Sequence[int]
) -> tuple[float, float, float]:
    """a, b, and the standard error of b, by the curvature at the optimum."""
    if not labels:
        raise ValueError("nobody to fit a weight on")
    parts = [
        torch.from_numpy(np.stack([np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)]))
        for a, b in zip(standings, log_probabilities, strict=True)
    ]

    def missed(weights: Tensor) -> Tensor:
        logs = [torch.log_softmax(weights @ part, dim=0)[label] for part, label in zip(parts, labels, strict=True)]
        return -torch.stack(logs).sum() + PRIOR * weights[1] ** 2

    weights = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        value = missed(weights) / len(labels)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    found = weights.detach()
    curvature = torch.autograd.functional.hessian(missed, found)  # type: ignore[no-untyped-call]
    standing, model = found.tolist()
    # A tiny ridge: where the shortlist's scores are all alike, nothing is known of `a`.
    spread = torch.linalg.inv(curvature + 1e-6 * torch.eye(2, dtype=torch.float64))
    return standing, model, float(spread[1, 1].sqrt())
