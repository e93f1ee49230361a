"""The network that makes one embedding of all modalities of an item.

Each modality's head gives a part that it shares with the others and a part of its own (disentanglement; survey
arXiv 2505.09777). The shared parts of an item agree (alignment), so a text finds a picture. Fusion stays in that space:
what attention and the specific part say is added to the shared part, and a weighted mean of unit vectors follows.
Legend: b items, m modalities, d width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoders.fusion.attention import AdaptiveWeights, CrossModalAttention
from encoders.fusion.heads import ProjectionHead, zeroed

FusionKind = Literal["full", "early", "late"]


@dataclass(frozen=True)
class Parts:
    """What the heads make of a batch. Rows of modalities that an item does not have are of no meaning."""

    inputs: Tensor  # [b, sum of the features], scaled; absent ones are zeros
    shared: Tensor  # [b, m, d], means of the posteriors where the alignment is variational
    specific: Tensor | None  # [b, m, d]; None without disentanglement
    log_variance: Tensor | None  # [b, m, d]; None unless the alignment is variational
    states: Tensor | None = None  # [b, m, d], what attention and the weights read; None without attention
    pairs: Tensor | None = None  # [b, m, n, d], h_{m|n}; whether m and n are there is looked at by `fuse`


class FusionNetwork(nn.Module):
    """Parts of each modality (`encode`) and one embedding of them (`fuse`). Absent modalities have no influence."""

    def __init__(
        self,
        features: Sequence[int],
        *,
        width: int = 128,
        fusion: FusionKind = "full",
        disentanglement: bool = True,
        variational: bool = False,
        hidden: int = 256,
        layers: int = 1,
        tokens: int = 4,
        dropout: float = 0.1,
    ) -> None:
        """`features` is the width of each modality's features.

        `fusion` is "full" (attention and adaptive weights), "late" (the mean of what each modality says) or "early"
        (all features side by side into one MLP; its parts are then the embeddings of each modality alone, and there
        is nothing specific to keep apart).
        """
        super().__init__()
        self.features, self.width, self.fusion = tuple(features), width, fusion
        self.disentangled = disentanglement and fusion != "early"
        self.variational = variational and fusion != "early"
        self.register_buffer("centre", torch.zeros(sum(features)))
        self.register_buffer("scale", torch.ones(sum(features)))
        count = len(self.features)
        if fusion == "early":
            inputs = sum(features) + count
            self.early = ProjectionHead(inputs, width, hidden=2 * hidden, layers=max(1, layers), dropout=dropout)
            return
        shape = {"hidden": hidden, "layers": layers, "dropout": dropout}
        self.shared = nn.ModuleList(ProjectionHead(size, width, **shape) for size in features)  # type: ignore[arg-type]
        if self.variational:
            self.log_variance = nn.ModuleList(nn.Linear(size, width) for size in features)
        if self.disentangled:
            self.specific = nn.ModuleList(ProjectionHead(size, width, **shape) for size in features)  # type: ignore[arg-type]
            self.from_specific = nn.ModuleList(zeroed(nn.Linear(width, width)) for _ in features)
        if fusion == "full":
            known = width * (2 if self.disentangled else 1)
            self.states = nn.ModuleList(nn.Linear(known, width) for _ in features)
            self.attention = CrossModalAttention(count, width, tokens=tokens)
            self.from_others = nn.ModuleList(zeroed(nn.Linear(width, width)) for _ in features)
            self.weights = AdaptiveWeights(count, width)

    def encode(self, features: Sequence[Tensor], present: Tensor) -> Parts:
        """The parts of a batch: `features` [b, d_m] for each modality, `present` [b, m]."""
        inputs = self.scaled(features, present)
        if self.fusion == "early":
            alone = [self._early(inputs, _only(present, position)) for position in range(len(self.features))]
            return Parts(inputs, torch.stack(alone, dim=1), None, None)
        pieces = torch.split(inputs, list(self.features), dim=-1)
        shared = _by_modality(self.shared, pieces)
        specific = _by_modality(self.specific, pieces) if self.disentangled else None
        spread = _by_modality(self.log_variance, pieces).clamp(-10, 10) if self.variational else None
        if self.fusion == "late":
            return Parts(inputs, shared, specific, spread)
        known = [functional.normalize(part, dim=-1) for part in (shared, specific) if part is not None]
        states = _by_modality(self.states, torch.cat(known, dim=-1).unbind(dim=1))
        return Parts(inputs, shared, specific, spread, states, self.attention.pairs(states))

    def fuse(self, parts: Parts, present: Tensor) -> tuple[Tensor, Tensor]:
        """Unit embeddings [b, d] of the modalities that `present` [b, m] leaves, and how much each counted [b, m].

        `present` may leave out modalities that were there for `encode`. An item of which nothing is left has zeros.
        """
        weights = present.to(parts.inputs.dtype) / present.sum(dim=-1, keepdim=True).clamp(min=1)
        if self.fusion == "early":
            embeddings = self._early(parts.inputs, present) * present.any(dim=-1, keepdim=True)
            return functional.normalize(embeddings, dim=-1), weights
        said = functional.normalize(parts.shared, dim=-1)
        if parts.specific is not None:
            own = functional.normalize(parts.specific, dim=-1)
            said = said + _by_modality(self.from_specific, own.unbind(dim=1))
        if parts.states is not None and parts.pairs is not None:
            others = self.attention.mean(parts.pairs, present)
            said = said + _by_modality(self.from_others, others.unbind(dim=1))
            weights = self.weights(parts.states, present)
        # Unit vectors, so that a weight says how much a modality counts, whatever the length of what it says.
        embeddings = torch.einsum("bm,bmd->bd", weights, functional.normalize(said, dim=-1))
        return functional.normalize(embeddings, dim=-1), weights

    def forward(self, features: Sequence[Tensor], present: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings [b, d] and weights [b, m] of items with all that they have."""
        return self.fuse(self.encode(features, present), present)

    def project(self, position: int, features: Tensor) -> Tensor:
        """One modality's features [k, d_m] as unit vectors [k, d] of the space in which all modalities are compared."""
        rows = len(features)
        present = torch.zeros((rows, len(self.features)), dtype=torch.bool, device=features.device)
        present[:, position] = True
        whole = [
            features if place == position else features.new_zeros(rows, size)
            for place, size in enumerate(self.features)
        ]
        return functional.normalize(self.encode(whole, present).shared[:, position], dim=-1)

    def scaled(self, features: Sequence[Tensor], present: Tensor) -> Tensor:
        """All features side by side, [b, sum of d_m], each modality with a mean of zero and a mean square of one."""
        # What stands in an absent row is replaced, not multiplied by zero: it may be no number at all.
        masked = [torch.where(present[:, place, None], values, 0) for place, values in enumerate(features)]
        centred = (torch.cat(masked, dim=-1) - cast(Tensor, self.centre)) * cast(Tensor, self.scale)
        return centred * self._wide(present)

    def _wide(self, present: Tensor) -> Tensor:
        """[b, m] repeated for each feature of a modality."""
        return present.repeat_interleave(torch.tensor(self.features, device=present.device), dim=-1)

    def _early(self, inputs: Tensor, present: Tensor) -> Tensor:
        beside = present.to(inputs.dtype)
        return cast(Tensor, self.early(torch.cat([inputs * self._wide(present), beside], dim=-1)))


def _by_modality(modules: nn.ModuleList, pieces: Sequence[Tensor]) -> Tensor:
    return torch.stack([module(piece) for module, piece in zip(modules, pieces, strict=True)], dim=1)


def _only(present: Tensor, position: int) -> Tensor:
    only = torch.zeros_like(present)
    only[:, position] = present[:, position]
    return only
