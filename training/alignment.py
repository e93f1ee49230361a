"""Losses that make the parts which modalities share agree: InfoNCE, and a variational alternative.

Legend: b items of a batch, d dimensions. Knows nothing about networks or catalogues.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class Temperature(nn.Module):
    """A learned temperature τ of InfoNCE, as its inverse, between 1 and 100 (as CLIP's, Radford et al., 2021)."""

    def __init__(self, start: float = 0.07) -> None:
        super().__init__()
        self.log_inverse = nn.Parameter(torch.tensor(-math.log(start)))

    def forward(self) -> Tensor:
        """1/τ, a number."""
        return self.log_inverse.clamp(0, math.log(100)).exp()


def info_nce(
    left: Tensor,
    right: Tensor,
    inverse_temperature: Tensor | float,
    *,
    usable: Tensor | None = None,
    same: Tensor | None = None,
    smoothing: float = 0.0,
) -> Tensor:
    """Symmetric InfoNCE: -½ mean_i [ log softmax_j(l_i·r_j/τ)_i + log softmax_j(l_j·r_i/τ)_i ].

    `left` and `right` [b, d] are unit vectors; row i of both is of one item. Rows where `usable` [b] is False are left
    out, as one and as the other. Where `same` [b, b] is True, j is no negative of i: their texts, say, are identical.
    `smoothing` is the share of the target that is spread over all candidates. Zero where fewer than two items remain.
    van den Oord et al. (2018, "Representation learning with contrastive predictive coding", equation 4).
    """
    if usable is not None:
        left, right = left[usable], right[usable]
        same = None if same is None else same[usable][:, usable]
    if len(left) < 2:
        return (left.sum() + right.sum()) * 0
    logits = inverse_temperature * left @ right.T
    allowed = torch.ones_like(logits, dtype=torch.bool)
    if same is not None:
        allowed = ~same | torch.eye(len(left), dtype=torch.bool, device=left.device)
    return (_foretold(logits, allowed, smoothing) + _foretold(logits.T, allowed.T, smoothing)) / 2


def _foretold(logits: Tensor, allowed: Tensor, smoothing: float) -> Tensor:
    logits = logits.masked_fill(~allowed, float("-inf"))
    everything = logits.logsumexp(dim=1)
    wanted = logits.diagonal()
    if smoothing:
        mean = logits.masked_fill(~allowed, 0).sum(dim=1) / allowed.sum(dim=1)
        wanted = (1 - smoothing) * wanted + smoothing * mean
    return (everything - wanted).mean()


def gaussian_kl(mean: Tensor, log_variance: Tensor, other_mean: Tensor, other_log_variance: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(μ', σ'²)) of diagonal Gaussians, [b]: ½ Σ_d [log σ'²/σ² + (σ² + (μ-μ')²)/σ'² - 1]."""
    ratio = (log_variance - other_log_variance).exp()
    distance = (mean - other_mean).square() * (-other_log_variance).exp()
    return 0.5 * (other_log_variance - log_variance + ratio + distance - 1).sum(dim=-1)


def variational_agreement(means: tuple[Tensor, Tensor], log_variances: tuple[Tensor, Tensor], usable: Tensor) -> Tensor:
    """How far two modalities' posteriors of one item are apart, per dimension: the mean of both KL divergences.

    A small pull of each posterior towards N(0, I) keeps both from agreeing by growing infinitely wide.
    """
    if not usable.any():
        return (means[0].sum() + means[1].sum()) * 0
    first, second = ((mean[usable], log[usable]) for mean, log in zip(means, log_variances, strict=True))
    zero = torch.zeros_like(first[0])
    apart = (gaussian_kl(*first, *second) + gaussian_kl(*second, *first)) / 2
    prior = (gaussian_kl(*first, zero, zero) + gaussian_kl(*second, zero, zero)) / 2
    return (apart + 0.1 * prior).mean() / means[0].shape[-1]


def drawn(mean: Tensor, log_variance: Tensor, noise: Tensor) -> Tensor:
    """A draw μ + σ·ε of the posterior, as a unit vector (Kingma & Welling, 2014: the reparameterisation)."""
    return functional.normalize(mean + (0.5 * log_variance).exp() * noise, dim=-1)
