"""What a fusion is trained for: parts that agree, parts that differ, and embeddings that land where people look."""

from collections.abc import Sequence
from itertools import combinations
from typing import Literal, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from encoders.fusion.network import FusionNetwork, Parts
from training.alignment import Temperature, drawn, info_nce, variational_agreement
from training.disentanglement import Reconstruction, cross_correlation
from training.fusion_data import Batch

Alignment = Literal["none", "infonce", "variational"]
# Pairs of modalities that are aligned in one step; where there are more, each step draws some.
PAIRS_A_STEP = 10


class FusionObjective(nn.Module):
    """The losses of a batch by name. It has weights of its own (temperatures, decoders) that only training needs."""

    def __init__(
        self,
        network: FusionNetwork,
        *,
        alignment: Alignment,
        behaviour: int | None,
        modality_dropout: float,
        noise: Sequence[float] = (),
        smoothing: float = 0.0,
        separation: float = 0.1,
        reconstruction: float = 0.1,
    ) -> None:
        """`behaviour` is the place of the modality that says who chooses an item, and is dropped more often.

        `noise` is added to the features of each modality; it does for deep heads what a ridge does for linear ones.
        `modality_dropout` is the mean share of modalities that a view of an item lacks; `separation` and
        `reconstruction` are the weights of the two losses of disentanglement.
        """
        super().__init__()
        self._alignment, self._behaviour, self._smoothing = alignment, behaviour, smoothing
        self._modality_dropout, self._noise = modality_dropout, tuple(noise) or (0.0,) * len(network.features)
        self._separation, self._reconstruction = separation, reconstruction
        self.aligned, self.fused = Temperature(), Temperature()
        self.near = Temperature(0.2)  # who else a person chose is far less certain than what an item's data are
        self.reconstruction = Reconstruction(network.features, network.width) if network.disentangled else None

    def forward(
        self, network: FusionNetwork, batch: Batch, partners: Batch | None = None, rows: Tensor | None = None
    ) -> dict[str, Tensor]:
        """The losses by name; their sum is what is lowered. `partners` were chosen near the batch's `rows`."""
        parts = self._encode(network, batch)
        whole, losses = self._views(network, parts, batch)
        if self._alignment != "none":
            losses["alignment"] = self._align(parts, batch) + self._anchor(network, parts, batch)
        if self._behaviour is not None:
            losses["behaviour"] = self._land(network, parts, batch, self._behaviour)
        if partners is not None and rows is not None:
            losses["pairs"] = self._pair(network, whole, batch, partners, rows)
        if self.reconstruction is not None:
            losses["separation"], losses["reconstruction"] = self._keep_apart(parts, batch)
        return losses

    def view(self, present: Tensor) -> Tensor:
        """[b, m]: some of what each item has, from nearly all of it to one modality; never nothing.

        The behaviour is missing every other time: that is how a cold item looks.
        """
        dropped = torch.rand((len(present), 1), device=present.device) * 2 * self._modality_dropout
        kept = present & (torch.rand(present.shape, device=present.device) >= dropped)
        if self._behaviour is not None:
            kept[:, self._behaviour] &= torch.rand(len(present), device=present.device) < 0.5
        return torch.where(kept.any(dim=1, keepdim=True), kept, present)

    def _encode(self, network: FusionNetwork, batch: Batch) -> Parts:
        noisy = [
            values + spread * torch.randn_like(values)
            for values, spread in zip(batch.features, self._noise, strict=True)
        ]
        return network.encode(noisy, batch.present)

    def _nce(self, left: Tensor, right: Tensor, usable: Tensor, same: Tensor, temperature: Temperature) -> Tensor:
        return info_nce(left, right, temperature(), usable=usable, same=same, smoothing=self._smoothing)

    def _views(self, network: FusionNetwork, parts: Parts, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Two different views of an item have about the same embedding, and no two items do. Also one of the views."""
        first, _ = network.fuse(parts, self.view(batch.present))
        second, _ = network.fuse(parts, self.view(batch.present))
        loss = self._nce(first, second, batch.present.any(dim=1), _all_same(batch), self.fused)
        return first, {"views": loss}

    def _align(self, parts: Parts, batch: Batch) -> Tensor:
        """The shared parts of each pair of modalities agree, over the items that have both."""
        pairs = list(combinations(range(batch.present.shape[1]), 2))
        if len(pairs) > PAIRS_A_STEP:
            pairs = [pairs[place] for place in torch.randperm(len(pairs))[:PAIRS_A_STEP].tolist()]
        losses = [self._agree(parts, batch, first, second) for first, second in pairs]
        return torch.stack(losses).mean() if losses else parts.shared.sum() * 0

    def _agree(self, parts: Parts, batch: Batch, first: int, second: int) -> Tensor:
        both = batch.present[:, first] & batch.present[:, second]
        means = parts.shared[:, first], parts.shared[:, second]
        same = batch.same(first, second)
        if parts.log_variance is None:
            left, right = (functional.normalize(mean, dim=-1) for mean in means)
            return self._nce(left, right, both, same, self.aligned)
        logs = parts.log_variance[:, first], parts.log_variance[:, second]
        left, right = (drawn(mean, log, torch.randn_like(mean)) for mean, log in zip(means, logs, strict=True))
        return self._nce(left, right, both, same, self.aligned) + variational_agreement(means, logs, both)

    def _anchor(self, network: FusionNetwork, parts: Parts, batch: Batch) -> Tensor:
        """What one modality alone says agrees with the embedding of the others: a text finds fused items."""
        chosen = torch.multinomial(batch.present.float() + 1e-9, 1)
        alone = functional.normalize(parts.shared, dim=-1).gather(
            1, chosen[..., None].expand(-1, -1, parts.shared.shape[-1])
        )
        others = batch.present.scatter(1, chosen, value=False)
        fused, _ = network.fuse(parts, others)
        return self._nce(fused, alone.squeeze(1), others.any(dim=1), _all_same(batch), self.aligned)

    def _land(self, network: FusionNetwork, parts: Parts, batch: Batch, behaviour: int) -> Tensor:
        """The embedding of the content alone stands where the people who choose the item are."""
        content = self.view(batch.present)
        content[:, behaviour] = False
        fused, _ = network.fuse(parts, content)
        chosen = functional.normalize(parts.shared[:, behaviour], dim=-1)
        usable = batch.present[:, behaviour] & content.any(dim=1)
        return self._nce(fused, chosen, usable, batch.same(behaviour), self.fused)

    def _pair(self, network: FusionNetwork, left: Tensor, batch: Batch, partners: Batch, rows: Tensor) -> Tensor:
        """Items that a person chose near each other stand near each other, whatever is known of each.

        Partners come as often as they are chosen, and so do the negatives, so popularity cancels out.
        """
        right, _ = network.fuse(self._encode(network, partners), self.view(partners.present))
        items, others = (torch.from_numpy(one.rows).to(rows.device) for one in (batch, partners))
        items = items[rows]
        same = (others[:, None] == others[None]) | (items[:, None] == others[None])
        usable = batch.present[rows].any(dim=1) & partners.present.any(dim=1)
        return self._nce(left[rows], right, usable, same, self.near)

    def _keep_apart(self, parts: Parts, batch: Batch) -> tuple[Tensor, Tensor]:
        specific = cast(Tensor, parts.specific)
        shared = functional.normalize(parts.shared, dim=-1)
        own = functional.normalize(specific, dim=-1)
        apart = [
            cross_correlation(shared[rows, place], own[rows, place])
            for place, rows in enumerate(batch.present.unbind(dim=1))
        ]
        again = cast(Reconstruction, self.reconstruction)(parts.inputs, parts.shared, specific, batch.present)
        return self._separation * torch.stack(apart).mean(), self._reconstruction * again


def _all_same(batch: Batch) -> Tensor:
    """[b, b]: whether two items are identical in all that they have."""
    same = batch.groups[:, None] == batch.groups[None]
    absent = ~batch.present
    neither = absent[:, None] & absent[None]
    return (same | neither).all(dim=-1)
