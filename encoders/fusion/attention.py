"""Each modality read in the light of each other one, and how much each of them counts.

LLM4Rec (arXiv 2510.01622), section on multimodal fusion: asymmetric cross-modal attention h_{m|n} and adaptive
weights α. Legend: b items, m modalities that ask, n modalities that are asked, t tokens, w token width.
"""

import torch
from torch import Tensor, nn


class CrossModalAttention(nn.Module):
    """h_{m|n} = softmax(Q_mn K_mnᵀ / √w) V_mn, with weights of its own for every ordered pair (m, n).

    Asymmetric: what text finds in a picture is not what a picture finds in a text. A modality is one vector here, so
    it is read as `tokens` tokens; attention over a single token would always be 1.
    """

    def __init__(self, modalities: int, width: int, *, tokens: int) -> None:
        super().__init__()
        if width % tokens:
            raise ValueError(f"width ({width}) must be a multiple of tokens ({tokens})")
        self.tokens, self._token_width = tokens, width // tokens
        shape = (modalities, modalities, self._token_width, self._token_width)
        bound = self._token_width**-0.5
        self.query = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.key = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.value = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

    def pairs(self, states: Tensor) -> Tensor:
        """h_{m|n} [b, m, n, d] of the modalities' states [b, m, d], whether present or not."""
        tokens = states.reshape(*states.shape[:-1], self.tokens, self._token_width)
        query = torch.einsum("bmtw,mnwv->bmntv", tokens, self.query)
        key = torch.einsum("bntw,mnwv->bmntv", tokens, self.key)
        value = torch.einsum("bntw,mnwv->bmntv", tokens, self.value)
        attention = torch.softmax(query @ key.transpose(-1, -2) * self._token_width**-0.5, dim=-1)
        return (attention @ value).flatten(-2)

    def mean(self, pairs: Tensor, present: Tensor) -> Tensor:
        """[b, m, d]: the mean of h_{m|n} over the other modalities n that the item has; zeros where it has none."""
        others = present[:, None, :] & ~torch.eye(present.shape[1], dtype=torch.bool, device=present.device)
        share = others.to(pairs.dtype) / others.sum(dim=-1, keepdim=True).clamp(min=1)
        return torch.einsum("bmnd,bmn->bmd", pairs, share)

    def forward(self, states: Tensor, present: Tensor) -> Tensor:
        """What each modality finds in the others that are there, [b, m, d]."""
        return self.mean(self.pairs(states), present)


class AdaptiveWeights(nn.Module):
    """α_m = softmax over the present modalities of vᵀ tanh(W h_m + u_m): how much each counts for an item."""

    def __init__(self, modalities: int, width: int, *, hidden: int = 32) -> None:
        super().__init__()
        self.hidden = nn.Linear(width, hidden)
        self.modality = nn.Parameter(torch.zeros(modalities, hidden))
        self.score = nn.Linear(hidden, 1, bias=False)

    def forward(self, states: Tensor, present: Tensor) -> Tensor:
        """[b, m] from states [b, m, d]; sums to one over the present ones, and is zero where an item has nothing."""
        scores = self.score(torch.tanh(self.hidden(states) + self.modality)).squeeze(-1)
        return masked_softmax(scores, present)


def masked_softmax(scores: Tensor, present: Tensor) -> Tensor:
    """Softmax over the last axis where `present`; exactly zero elsewhere, and everywhere where nothing is present."""
    masked = scores.masked_fill(~present, torch.finfo(scores.dtype).min)
    return torch.softmax(masked, dim=-1) * present
