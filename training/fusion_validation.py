"""How well held-out items are found: one modality by another, behaviour by content, and what is chosen near by."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict
from torch.nn import functional

from encoders.fusion.network import FusionNetwork
from training.fusion_data import Batch, FusionData

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

# Learned items among which what is chosen near a held-out one is looked for.
CANDIDATES = 2_000


class Recall(BaseModel):
    """How often the right one of the candidates is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_1: float
    at_10: float
    reciprocal_rank: float
    candidates: int

    @classmethod
    def of(cls, queries: FloatArray, candidates: FloatArray, wanted: IntArray) -> "Recall":
        """Of `queries` [q, d] the `wanted` [q] places of `candidates` [c, d]; a tie counts as not found."""
        scores = queries @ candidates.T
        ranks = (scores >= scores[np.arange(len(scores)), wanted][:, None]).sum(axis=1)
        return cls(
            at_1=float((ranks <= 1).mean()),
            at_10=float((ranks <= 10).mean()),
            reciprocal_rank=float((1 / ranks).mean()),
            candidates=len(candidates),
        )

    @classmethod
    def chance(cls, candidates: int) -> "Recall":
        """What drawing blindly finds."""
        mean = float((1 / np.arange(1, candidates + 1)).mean())
        return cls(at_1=1 / candidates, at_10=min(1, 10 / candidates), reciprocal_rank=mean, candidates=candidates)


@dataclass(frozen=True)
class Probe:
    """Held-out items, and one partner of each among learned ones, always the same."""

    held_out: Batch
    candidates: Batch | None
    queries: IntArray  # places among the held-out
    wanted: IntArray  # places among the candidates

    @classmethod
    def of(cls, data: FusionData, held_out: IntArray, learned: IntArray, seed: int) -> "Probe":
        """What to look for from the rows that are held out."""
        rng = np.random.default_rng([seed, 29])
        drawn = data.partners.draw(held_out, rng)
        queries = np.flatnonzero(np.isin(drawn, learned))
        if not len(queries):
            return cls(data.batch(held_out), None, queries, queries)
        more = rng.choice(learned, size=min(CANDIDATES, len(learned)), replace=False)
        candidates = np.union1d(drawn[queries], more)
        wanted = np.searchsorted(candidates, drawn[queries])
        return cls(data.batch(held_out), data.batch(candidates), queries, wanted)


@torch.inference_mode()
def retrieval(network: FusionNetwork, names: tuple[str, ...], probe: Probe, behaviour: int | None) -> dict[str, Recall]:
    """Recall by task: "text→image" for every pair of modalities, "fused→behaviour", "fused→partner".

    "fused" is made of content alone, as for a cold item. A task with fewer than two candidates is left out.
    """
    network.eval()
    batch = probe.held_out
    parts = network.encode(batch.features, batch.present)
    shared = functional.normalize(parts.shared, dim=-1).cpu().numpy()
    content = batch.present.clone()
    if behaviour is not None:
        content[:, behaviour] = False
    fused = network.fuse(parts, content)[0].cpu().numpy()
    present = batch.present.cpu().numpy()
    found = {}
    for first, left in enumerate(names):
        for second, right in enumerate(names):
            both = present[:, first] & present[:, second]
            if first != second and both.sum() > 1:
                found[f"{left}→{right}"] = Recall.of(shared[both, first], shared[both, second], np.arange(both.sum()))
    if behaviour is not None:
        both = present[:, behaviour] & content.any(dim=1).cpu().numpy()
        if both.sum() > 1:
            found["fused→behaviour"] = Recall.of(fused[both], shared[both, behaviour], np.arange(both.sum()))
    if probe.candidates is not None and len(probe.candidates.rows) > 1:
        others = network(probe.candidates.features, probe.candidates.present)[0].cpu().numpy()
        found["fused→partner"] = Recall.of(fused[probe.queries], others, probe.wanted)
    return found


def score(found: dict[str, Recall]) -> float:
    """One number to stop by: the mean reciprocal rank, pairs of modalities together counting as much as either task."""
    pairs = [recall.reciprocal_rank for task, recall in found.items() if not task.startswith("fused→")]
    tasks = [recall.reciprocal_rank for task, recall in found.items() if task.startswith("fused→")]
    groups = tasks + ([float(np.mean(pairs))] if pairs else [])
    return float(np.mean(groups)) if groups else 0.0
