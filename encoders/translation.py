"""TransE: entities and relations of a graph as points and steps. Knows nothing about where the triples come from."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from tqdm import tqdm

from encoders.encoder import FloatArray

IntArray = npt.NDArray[np.int64]

_BATCH = 1_024
_NEGATIVES = 512
_LEARNING_RATE = 0.02


@dataclass(frozen=True)
class Triples:
    """Heads, relations and tails [m], each counted from 0."""

    heads: IntArray
    relations: IntArray
    tails: IntArray


class Translation(nn.Module):
    """Points of heads and tails, and a step for each relation, so that head + relation ≈ tail.

    Bordes et al. 2013, "Translating Embeddings for Modeling Multi-relational Data", equation 1, with squared distances
    -|h + r - t|² as the logits of a softmax over the true tail (and the true head) and 512 others that every triple of
    a batch shares, in place of the margin: many negatives for the price of one matrix product.
    """

    def __init__(self, triples: Triples, dimensions: int, generator: torch.Generator) -> None:
        super().__init__()

        def points(ids: IntArray) -> nn.Parameter:
            count = int(ids.max(initial=-1)) + 1
            return nn.Parameter(0.1 * torch.randn(count, dimensions, generator=generator))

        self.heads = points(triples.heads)
        self.tails = points(triples.tails)
        self.relations = points(triples.relations)

    def loss(self, head: Tensor, relation: int, tail: Tensor, other_heads: Tensor, other_tails: Tensor) -> Tensor:
        """Cross-entropy of the true tails and heads [b] among the others [k], all of one relation."""
        reached = self.heads[head] + self.relations[relation]  # [b, d]
        true = -(reached - self.tails[tail]).square().sum(dim=1, keepdim=True)  # [b, 1]
        tails = -_squared_distances(reached, self.tails[other_tails])
        heads = -_squared_distances(self.tails[tail], self.heads[other_heads] + self.relations[relation])
        return _against(true, tails, other_tails == tail[:, None]) + _against(true, heads, other_heads == head[:, None])


def train_translation(
    triples: Triples, *, dimensions: int, epochs: int, seed: int, progress: str = ""
) -> tuple[FloatArray, FloatArray]:
    """Points of the tails [tails, d] and steps of the relations [relations, d]."""
    model = Translation(triples, dimensions, torch.Generator().manual_seed(seed))
    generator = np.random.default_rng(seed)
    counts = np.bincount(triples.relations)
    steps = epochs * int(np.ceil(counts / _BATCH).sum())
    optimizer = torch.optim.Adam(model.parameters(), lr=_LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.05, max(steps, 1))
    batches = tqdm(_batches(triples, epochs, generator), desc=progress, total=steps, disable=not (progress and steps))
    for head, relation, tail, other_heads, other_tails in batches:
        loss = model.loss(head, relation, tail, other_heads, other_tails)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return model.tails.detach().numpy(), model.relations.detach().numpy()


def _batches(
    triples: Triples, epochs: int, generator: np.random.Generator
) -> Iterator[tuple[Tensor, int, Tensor, Tensor, Tensor]]:
    """Batches of one relation each, in random order, with random heads and tails of that relation."""
    of_relation = [np.flatnonzero(triples.relations == relation) for relation in np.unique(triples.relations)]
    tails_of = [np.unique(triples.tails[places]) for places in of_relation]
    order = np.repeat(np.arange(len(of_relation)), [-(-len(places) // _BATCH) for places in of_relation])
    head_count = int(triples.heads.max(initial=-1)) + 1
    for _ in range(epochs):
        for number in generator.permutation(order):
            places = of_relation[number]
            drawn = places[generator.integers(len(places), size=min(_BATCH, len(places)))]
            yield (
                torch.from_numpy(triples.heads[drawn]),
                int(triples.relations[places[0]]),
                torch.from_numpy(triples.tails[drawn]),
                torch.from_numpy(generator.integers(head_count, size=_NEGATIVES)),
                torch.from_numpy(generator.choice(tails_of[number], size=_NEGATIVES)),
            )


def _squared_distances(first: Tensor, second: Tensor) -> Tensor:
    """[b, d] and [k, d] → [b, k]. Not by `cdist`, whose gradient at distance 0 is none."""
    squares = first.square().sum(dim=1)[:, None] + second.square().sum(dim=1)[None]
    return squares - 2 * first @ second.T


def _against(true: Tensor, others: Tensor, same: Tensor) -> Tensor:
    logits = torch.cat([true, others.masked_fill(same, -torch.inf)], dim=1)
    return nn.functional.cross_entropy(logits, torch.zeros(len(true), dtype=torch.long))
