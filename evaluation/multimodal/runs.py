"""One trained network for each variant and seed, and the places of what people chose next."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from core.values import Value
from evaluation.experiments.registry import ExperimentSettings
from evaluation.multimodal.representations import Represented
from evaluation.multimodal.world import FloatArray, IntArray, World, ranks_among
from training.fusion import LOG
from training.members import train_sequence_model
from training.sequence import SequenceTraining, hold_out

K = 10
STOPPING_PEOPLE = 600  # whose last known choice stops the training of every network
PEOPLE_AT_ONCE = 500
SEEDS = 3  # where none are given


class Options(Value):
    """What `--set` may say. By default a network of MovieLens-1M takes one or two minutes."""

    cold: float = Field(0.1, gt=0, lt=1)  # the share of items whose interactions are removed
    last: int = Field(40, ge=2)  # choices of each person that are learned from
    epochs: int = Field(10, ge=1)
    dimensions: int = Field(64, ge=8)
    batch_tokens: int = Field(3000, ge=1)
    learning_rate: float = Field(4e-3, gt=0)
    fusion_epochs: int | None = Field(None, ge=1)  # None: as many as the fusion's own training takes
    fusion_seeds: bool = True  # false: one fusion, of the first seed, for the networks of all seeds
    pictures: bool = True
    # Where trained networks are kept, so that several reports may share them; empty: in the report's folder.
    work: str = ""

    def training(self, items: Literal["ids", "content", "both"], seed: int) -> SequenceTraining:
        """How a network is trained: the same for all variants."""
        return SequenceTraining(
            members=1,
            epochs=self.epochs,
            dimensions=self.dimensions,
            reach=self.last,
            batch_tokens=self.batch_tokens,
            learning_rate=self.learning_rate,
            items=items,
            seed=seed,
        )


@dataclass(frozen=True)
class Results:
    """What the seeds of one variant came to; p people, of whom c chose a cold item next."""

    ranks: IntArray  # [seeds, p] among all items
    among_cold: IntArray  # [seeds, c] among cold items
    shown: FloatArray  # [seeds] share of cold items among the first K of all people
    weights: Mapping[str, float] = field(default_factory=dict)  # of each modality in the fusion, on average
    retrieval: Sequence[Mapping[str, Any]] = ()  # for each seed, what the fusion found of held-out items

    @classmethod
    def of(cls, runs: Sequence[Mapping[str, Any]]) -> "Results":
        """From what `scored` or `ranked` gave for each seed."""
        weights = {name: float(np.mean([run["weights"][name] for run in runs])) for name in runs[0].get("weights", {})}
        return cls(
            ranks=np.array([run["ranks"] for run in runs], dtype=np.int64),
            among_cold=np.array([run["among_cold"] for run in runs], dtype=np.int64),
            shown=np.array([run["shown"] for run in runs], dtype=np.float32),
            weights=weights,
            retrieval=[run["retrieval"] for run in runs if "retrieval" in run],
        )


def work_folder(settings: ExperimentSettings, options: Options) -> Path:
    """Where trainings are kept."""
    return Path(options.work) if options.work else settings.report / "training"


def scored(world: World, scores_of: Any) -> dict[str, Any]:
    """Ranks by `scores_of(histories) -> [people, items]`, a few people at a time, as JSON."""
    everything = np.ones(world.n_items, dtype=bool)
    ranks: list[int] = []
    among_cold: list[int] = []
    shown = 0
    for start in range(0, len(world.histories), PEOPLE_AT_ONCE):
        part = slice(start, start + PEOPLE_AT_ONCE)
        histories, targets = world.histories[part], world.targets[part]
        scores = scores_of(histories)
        ranks += ranks_among(scores, targets, histories, everything).tolist()
        cold = np.flatnonzero(world.cold[targets])
        own = [histories[person] for person in cold]
        among_cold += ranks_among(scores[cold], targets[cold], own, world.cold).tolist()
        for row, history in zip(scores, histories, strict=True):
            row[history] = -np.inf
        first = np.argpartition(-scores, min(K, world.n_items) - 1, axis=1)[:, :K]
        shown += int(world.cold[first].sum())
    return {"ranks": ranks, "among_cold": among_cold, "shown": shown / (K * len(world.histories))}


def ranked(world: World, represented: Represented, training: SequenceTraining, work: Path) -> dict[str, Any]:
    """Train a network on what items are made of, and rank with it; as JSON."""
    data = hold_out(world.histories, world.n_items, STOPPING_PEOPLE)
    model = train_sequence_model(data, represented.content, training, work)
    found = scored(world, lambda histories: model.scores([history.tolist() for history in histories]))
    retrieval = held_out_log(represented.folder) if represented.folder else {}
    return {**found, "weights": represented.weights, "retrieval": retrieval}


def held_out_log(folder: Path) -> Any:
    """What a fusion's training found of items that it never saw; empty where there were too few."""
    return json.loads((folder / LOG).read_text(encoding="utf-8")).get("held_out", {})
