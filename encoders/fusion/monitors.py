"""What a fusion watches in itself: weights that say nothing, one modality for all, embeddings that fall together.

The failure signs that LLM4Rec (arXiv 2510.01622) names, each with the level at which it is an alarm.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from core.modality import Modality
from encoders.fusion.model import Fused, FusionModel

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

# The modality that says who chooses an item. What was never chosen lacks it, so fusion learns to do without.
BEHAVIOUR = "behaviour"
# Items that are looked at; more make the numbers hardly more certain.
SAMPLE = 2_000
# The mean normalised entropy of an item's weights from which on they are no different from a plain mean.
UNIFORM = 0.995
# The mean share from which on one modality speaks for all.
DOMINANT = 0.8
# The mean cosine of two items' embeddings from which on everything is near everything.
COLLAPSED = 0.8
# Below this share of the items without behaviour that have an embedding, cold items stay cold.
COVERED = 0.9


class FusionHealth(BaseModel):
    """How a fusion's weights and embeddings are distributed over the items of a catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entropy: float | None  # mean normalised entropy of the weights; 1 is uniform. None where nothing teaches them
    shares: dict[str, float]  # mean weight of each modality over the items that have it and something else
    costs: dict[str, float]  # recall at 10 that is lost without the modality
    likeness: float  # mean cosine of the embeddings of two items
    cold_items: int  # items without behaviour
    cold_covered: float  # share of them that have an embedding

    @property
    def alarms(self) -> tuple[str, ...]:
        """A line for each thing that is wrong."""
        lines = []
        if self.entropy is not None and self.entropy >= UNIFORM:
            lines.append(f"The fusion's weights are nearly uniform (entropy {self.entropy:.3f}, alarm at {UNIFORM}).")
        for name, share in self.shares.items():
            if share >= DOMINANT:
                lines.append(f"{name} dominates the fusion with {share:.0%} of the weight (alarm at {DOMINANT:.0%}).")
        if self.likeness >= COLLAPSED:
            lines.append(f"The items' embeddings are alike (mean cosine {self.likeness:.2f}, alarm at {COLLAPSED}).")
        if self.cold_items and self.cold_covered < COVERED:
            lines.append(f"Only {self.cold_covered:.0%} of the items that nobody chose have an embedding.")
        return tuple(lines)

    @classmethod
    def from_log(cls, path: Path) -> "FusionHealth | None":
        """What the training's log says, or None where it says nothing."""
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8"))["health"])
        except (OSError, ValueError, KeyError, TypeError):
            return None


def fusion_health(model: FusionModel, modalities: Sequence[Modality], *, seed: int = 0) -> FusionHealth:
    """The health of a fusion over the items that these modalities are of, from a sample of at most 2,000."""
    modalities = [modality for modality in modalities if modality.name in model.names]
    count = len(modalities[0].present)
    rows = np.sort(np.random.default_rng(seed).permutation(count)[:SAMPLE])
    sample = [Modality(one.name, np.asarray(one.features[rows]), one.present[rows]) for one in modalities]
    fused = model.fuse(sample)
    cold = next((~one.present for one in modalities if one.name == BEHAVIOUR), np.zeros(count, dtype=np.bool_))
    known = np.any([one.present for one in modalities], axis=0)
    # Where nobody chose anything, nothing says which modality counts more.
    taught = any(one.name == BEHAVIOUR and one.present.any() for one in modalities)
    return FusionHealth(
        entropy=mean_entropy(fused.weights) if model.shape.fusion == "full" and taught else None,
        shares=_shares(fused),
        costs=_costs(model, sample),
        likeness=mean_likeness(fused.embeddings),
        cold_items=int(cold.sum()),
        cold_covered=float(known[cold].mean()) if cold.any() else 1.0,
    )


def mean_entropy(weights: FloatArray) -> float | None:
    """The mean over items of -Σ α log α / log(modalities that it has), where it has several; None if none has."""
    several = weights[(weights > 0).sum(axis=1) > 1].astype(np.float64)
    if not len(several):
        return None
    logs = np.log(np.where(several > 0, several, 1))
    return float((-(several * logs).sum(axis=1) / np.log((several > 0).sum(axis=1))).mean())


def mean_likeness(embeddings: FloatArray) -> float:
    """The mean cosine of two different items: ‖Σ e‖² without the items themselves, in linear time."""
    known = embeddings[np.linalg.norm(embeddings, axis=1) > 0.5].astype(np.float64)
    count = len(known)
    if count < 2:
        return 0.0
    return float((np.square(known.sum(axis=0)).sum() - count) / (count * (count - 1)))


def _shares(fused: Fused) -> dict[str, float]:
    several = fused.weights[(fused.weights > 0).sum(axis=1) > 1]
    means = {}
    for place, name in enumerate(fused.names):
        column = several[:, place]
        means[name] = float(column[column > 0].mean()) if (column > 0).any() else 0.0
    return means


def _costs(model: FusionModel, modalities: Sequence[Modality]) -> dict[str, float]:
    """The recall at 10 that is lost when a modality is masked.

    Looked for is an item's behaviour by its content, or, where there is no behaviour, its whole embedding.
    """
    behaviour = next((one for one in modalities if one.name == BEHAVIOUR), None)
    content = [one for one in modalities if one.name != BEHAVIOUR]
    if len(content) < 2:
        return {}
    if behaviour is not None and behaviour.present.sum() > 1:
        wanted = model.shared(modalities, BEHAVIOUR)
        rows = np.flatnonzero(behaviour.present)
    else:
        wanted = model.fuse(content).embeddings
        rows = np.flatnonzero(np.any([one.present for one in content], axis=0))
    whole = _recall(model.fuse(content).embeddings[rows], wanted[rows])
    costs = {}
    for left_out in content:
        rest = model.fuse([one for one in content if one is not left_out]).embeddings
        costs[left_out.name] = whole - _recall(rest[rows], wanted[rows])
    return costs


def _recall(queries: FloatArray, wanted: FloatArray) -> float:
    """How often row i of `wanted` is among the ten nearest of row i of `queries`; a tie counts as not found."""
    if not len(queries):
        return 0.0
    scores = queries @ wanted.T
    return float(((scores >= np.diagonal(scores)[:, None]).sum(axis=1) <= 10).mean())
