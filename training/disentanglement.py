"""Losses that keep what modalities share apart from what is each one's own.

Survey (arXiv 2505.09777), section on disentanglement. Legend: b items of a batch, m modalities, d dimensions.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def cross_correlation(shared: Tensor, specific: Tensor) -> Tensor:
    """‖C‖²_F / d with C_ij the correlation of shared dimension i with specific dimension j over the batch [b, d].

    Zero exactly when no dimension of one part can be foretold linearly from one of the other. Correlation rather than
    covariance: a part can't lower it by shrinking. Zero where there are fewer than three items.
    """
    if len(shared) < 3:
        return (shared.sum() + specific.sum()) * 0
    correlation = _standardised(shared).T @ _standardised(specific) / len(shared)
    return correlation.square().sum() / shared.shape[-1]


def _standardised(values: Tensor) -> Tensor:
    centred = values - values.mean(dim=0)
    return centred * (centred.square().mean(dim=0) + 1e-6).rsqrt()


class Reconstruction(nn.Module):
    """Each modality's features again from both of its parts, so that a specific part can't say nothing."""

    def __init__(self, features: Sequence[int], width: int) -> None:
        super().__init__()
        self._features = list(features)
        self.decoders = nn.ModuleList(nn.Linear(2 * width, size) for size in features)

    def forward(self, inputs: Tensor, shared: Tensor, specific: Tensor, present: Tensor) -> Tensor:
        """The mean squared error over present rows; 1 is what their mean alone explains.

        `inputs` [b, sum of the features] are scaled to zero mean and a mean square of one; `shared` and `specific`
        [b, m, d]; `present` [b, m].
        """
        losses = []
        for position, wanted in enumerate(torch.split(inputs, self._features, dim=-1)):
            rows = present[:, position]
            if rows.any():
                parts = torch.cat([shared[rows, position], specific[rows, position]], dim=-1)
                losses.append((self.decoders[position](parts) - wanted[rows]).square().mean())
        return torch.stack(losses).mean() if losses else inputs.sum() * 0
