"""Trains the fusion of an item's modalities: aligned, kept apart where they differ, and placed where people look.

A tenth of the items is never learned from until it has been reported on; then everything is learned once more.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Literal, Never, cast

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn
from tqdm import tqdm

from core.devices import training_device
from core.errors import InputError
from core.modality import Modality
from encoders.fusion.heads import ProjectionHead
from encoders.fusion.model import FusionModel, FusionShape
from encoders.fusion.monitors import fusion_health
from encoders.fusion.network import FusionKind, FusionNetwork
from training.canonical import canonical_maps
from training.fusion_data import FEW, FusionData, Split, thinned
from training.fusion_objective import Alignment, FusionObjective
from training.fusion_validation import Probe, Recall, retrieval, score

IntArray = npt.NDArray[np.int64]

# Items up to which all epochs are run; of more, the number of steps grows with their square root.
FULL_EPOCHS = 4_000
# Items that the closed form looks at.
CANONICAL_ITEMS = 20_000
LOG = "training.json"
# The weights of the modalities learn faster than the rest: else they are still uniform when everything else is done.
GATE, GATE_RATE = ".weights.", 30.0


class FusionTraining(BaseModel):
    """How to train. The defaults were chosen on validation films of MovieLens-1M."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dimensions: int = Field(128, ge=8, multiple_of=8, description="of an embedding")
    fusion: FusionKind = Field("full", description="attention and weights, or all side by side, or the mean")
    alignment: Alignment = Field("infonce", description="what makes modalities agree")
    disentanglement: bool = Field(True, description="keep what modalities share apart from what is their own")
    hidden: int = Field(256, ge=1, description="units of a hidden layer of a head")
    layers: int = Field(1, ge=0, le=8, description="hidden layers of a head")
    start: Literal["canonical", "random"] = Field("canonical", description="linear maps of the heads")
    tokens: int = Field(4, ge=1, le=8, description="that a modality is read as by attention")
    dropout: float = Field(0.2, ge=0, lt=1)
    modality_dropout: float = Field(0.4, ge=0, le=0.5, description="mean share of modalities that a view lacks")
    noise: float = Field(0.2, ge=0, description="variance added to features, in units of their largest")
    smoothing: float = Field(0.0, ge=0, lt=1, description="of the labels of InfoNCE")
    epochs: int = Field(30, ge=1, description="passes over all items")
    batch: int = Field(512, ge=2, description="items in a batch")
    learning_rate: float = Field(1e-3, gt=0)
    weight_decay: float = Field(0.05, ge=0)
    patience: int = Field(8, ge=1, description="epochs without a better validation before it stops")
    seed: int = Field(0, ge=0)

    @classmethod
    def suited_to(cls, items: int, **changes: object) -> "FusionTraining":
        """Settings for a catalogue's size: where an epoch has many steps, fewer epochs do."""
        default = cls().epochs
        epochs = max(1, min(default, round(default * (FULL_EPOCHS / max(1, items)) ** 0.5)))
        return cls.model_validate({"epochs": epochs, **changes})

    def shape(self, modalities: Sequence[Modality]) -> FusionShape:
        """The network that these settings train."""
        fields = ("dimensions", "fusion", "disentanglement", "hidden", "layers", "tokens", "dropout")
        return FusionShape(
            features={modality.name: modality.features.shape[1] for modality in modalities},
            variational=self.alignment == "variational",
            **{name: getattr(self, name) for name in fields},
        )


def train_fusion(
    modalities: Sequence[Modality],
    settings: FusionTraining,
    folder: Path,
    *,
    pairs: IntArray | None = None,
    progress: str = "",
) -> FusionModel:
    """A fusion of these modalities; `folder` keeps checkpoints, from which a killed run goes on, and the log.

    `pairs` [p, 2] are rows of items that a person chose near each other (`co_chosen`). A modality called "behaviour"
    is what content learns to foretell. `progress` is the label of a bar on stderr. Trains on a GPU where there is one.
    Raises InputError when nothing can be learned from the modalities, the training diverges, or memory is too small.
    """
    try:
        return _train(FusionData(modalities, pairs, training_device()), settings, folder, progress)
    except torch.OutOfMemoryError as error:
        cause = "The GPU has too little memory to train the fusion."
        raise InputError(cause, mend="Run `tastemaker train fusion` with a lower --batch.") from error


def _train(data: FusionData, settings: FusionTraining, folder: Path, progress: str) -> FusionModel:
    split = Split.of(data.count, settings.seed)
    folder.mkdir(parents=True, exist_ok=True)
    with torch.random.fork_rng(devices=[data.device] if data.device.type == "cuda" else []):
        first = _Run(data, settings, split.learned, split.stopping, folder / "held-out.checkpoint")
        steps, network = first.run(progress)
        log: dict[str, Any] = {"settings": settings.model_dump(), "epochs": steps, "history": first.history}
        if len(split.reported):
            log["held_out"] = _reported(data, split, settings, network)
            everything = np.arange(data.count)
            last = _Run(data, settings, everything, everything[:0], folder / "whole.checkpoint", epochs=steps)
            _, network = last.run(f"{progress}, all items" if progress else "")
    model = FusionModel(settings.shape(data.modalities), network)
    health = fusion_health(model, data.modalities, seed=settings.seed)
    log |= {"health": health.model_dump(), "alarms": health.alarms}
    _write(folder / LOG, log)
    return model


def _reported(data: FusionData, split: Split, settings: FusionTraining, network: FusionNetwork) -> dict[str, Any]:
    probe = Probe.of(data, split.reported, split.learned, settings.seed)
    torch.manual_seed(settings.seed)
    untrained = settings.shape(data.modalities).network().to(data.device)
    untrained.centre, untrained.scale = network.centre, network.scale
    found = retrieval(network, data.names, probe, data.behaviour)
    return {
        "items": len(split.reported),
        "recall": _plain(found),
        "untrained": _plain(retrieval(untrained, data.names, probe, data.behaviour)),
        "chance": {task: Recall.chance(recall.candidates).model_dump() for task, recall in found.items()},
    }


def _plain(found: dict[str, Recall]) -> dict[str, Any]:
    return {task: recall.model_dump() for task, recall in found.items()}


class _Run:
    """One training over some of the items, with a checkpoint after each epoch."""

    def __init__(
        self,
        data: FusionData,
        settings: FusionTraining,
        learned: IntArray,
        stopping: IntArray,
        checkpoint: Path,
        *,
        epochs: int | None = None,
    ) -> None:
        self._data, self._settings, self._learned, self._checkpoint = data, settings, learned, checkpoint
        self._epochs = epochs or settings.epochs
        self._partners = data.partners.without(np.setdiff1d(np.arange(data.count), learned), data.count)
        self._probe = Probe.of(data, stopping, learned, settings.seed) if len(stopping) > 1 else None
        torch.manual_seed(settings.seed)
        self.network = settings.shape(data.modalities).network()
        self.network.centre, self.network.scale = data.scaling(learned)
        self.network.to(data.device)
        if settings.start == "canonical":
            start_from_canonical(self.network, data, learned)
        self._objective = FusionObjective(
            self.network,
            alignment=settings.alignment,
            behaviour=data.behaviour,
            modality_dropout=settings.modality_dropout,
            noise=[settings.noise**0.5 * spread for spread in data.largest_spreads(learned)],
            smoothing=settings.smoothing,
        ).to(data.device)
        self._optimiser = _optimiser(nn.ModuleList([self.network, self._objective]), settings)
        self._batches = max(1, math.ceil(len(learned) / settings.batch))
        self._best: dict[str, Tensor] = {}
        self._best_score, self._best_epoch, self._waited = -math.inf, 0, 0
        self.history: list[dict[str, float]] = []
        self._identity = self._fingerprint()

    def run(self, progress: str) -> tuple[int, FusionNetwork]:
        """After how many epochs the network was best, and that network; `epochs` may end a schedule before its end."""
        start = self._resume()
        with self._bar(start, progress) as bar:
            for epoch in range(start, self._epochs):
                losses = self._epoch(epoch, bar)
                self._validate(epoch + 1, losses)
                self._save(epoch + 1)
                bar.set_postfix(loss=f"{losses['loss']:.3f}", found=f"{self.history[-1].get('score', 0):.3f}")
                if self._waited >= self._settings.patience:
                    bar.total = bar.n
                    break
        self.network.load_state_dict(self._best)
        return self._best_epoch, self.network.eval()

    def _bar(self, epoch: int, label: str) -> "tqdm[Never]":
        """On stderr, from an epoch on, a step for each batch."""
        done, total = epoch * self._batches, self._epochs * self._batches
        return tqdm(total=total, initial=done, desc=label, unit="batch", disable=not label)

    def _epoch(self, epoch: int, bar: "tqdm[Never]") -> dict[str, float]:
        self.network.train()
        torch.manual_seed(self._settings.seed * 10_000 + epoch)  # a resumed run draws what an uninterrupted one would
        rng = np.random.default_rng([self._settings.seed, epoch])
        order = rng.permutation(self._learned)
        batches = np.array_split(order, self._batches)
        sums: dict[str, float] = {}
        for place, rows in enumerate(batches):
            losses = self._step(rows, rng, (epoch + place / len(batches)) / self._settings.epochs)
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + value / len(batches)
            bar.update()
        return sums

    def _step(self, rows: IntArray, rng: np.random.Generator, done: float) -> dict[str, float]:
        for group in self._optimiser.param_groups:
            group["lr"] = self._settings.learning_rate * _schedule(done) * group["rate"]
        batch = self._data.batch(rows)
        drawn = self._partners.draw(rows, rng)
        with_partner = np.flatnonzero(drawn >= 0)
        partners = self._data.batch(drawn[with_partner]) if len(with_partner) else None
        losses = self._objective(self.network, batch, partners, torch.from_numpy(with_partner).to(self._data.device))
        loss = torch.stack(list(losses.values())).sum()
        if not torch.isfinite(loss):
            cause = "The training of the fusion diverged."
            raise InputError(cause, mend="Run `tastemaker train fusion` with a lower --learning-rate.")
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimiser.step()
        self._optimiser.zero_grad()
        return {name: float(value.detach()) for name, value in losses.items()} | {"loss": float(loss.detach())}

    def _validate(self, epoch: int, losses: dict[str, float]) -> None:
        found = 0.0
        if self._probe:
            found = score(retrieval(self.network, self._data.names, self._probe, self._data.behaviour))
            losses = losses | {"score": found}
        self.history.append({"epoch": epoch} | losses)
        if self._probe is None or found > self._best_score:
            self._best = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
            self._best_score, self._best_epoch, self._waited = found, epoch, 0
        else:
            self._waited += 1

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(self._settings.model_dump_json().encode())
        digest.update(self._data.fingerprint().encode() + self._learned.tobytes() + str(self._epochs).encode())
        return digest.hexdigest()[:16]

    def _save(self, epoch: int) -> None:
        state = {
            "identity": self._identity,
            "epoch": epoch,
            "network": self.network.state_dict(),
            "objective": self._objective.state_dict(),
            "optimiser": self._optimiser.state_dict(),
            "best": self._best,
            "progress": [self._best_score, self._best_epoch, self._waited],
            "history": self.history,
        }
        unfinished = self._checkpoint.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(self._checkpoint)

    def _resume(self) -> int:
        """Take up a checkpoint of the same data and settings; the epoch to go on with."""
        if not self._checkpoint.exists():
            return 0
        try:
            state = torch.load(self._checkpoint, weights_only=True, map_location=self._data.device)
        except (OSError, RuntimeError, EOFError, ValueError, UnpicklingError):
            return 0  # cut off while it was written, or no checkpoint
        if state.get("identity") != self._identity:
            return 0
        self.network.load_state_dict(state["network"])
        self._objective.load_state_dict(state["objective"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._best, self.history = state["best"], state["history"]
        self._best_score, self._best_epoch, self._waited = state["progress"]
        return self._epochs if self._waited >= self._settings.patience else int(state["epoch"])


def start_from_canonical(network: FusionNetwork, data: FusionData, rows: IntArray) -> None:
    """Give the heads the linear maps by which the modalities agree best, and keep them; the rest is learned on top.

    Trained further, even from there, they learn a few thousand items by heart and find fewer held-out ones.
    """
    if network.fusion == "early" or len(data.modalities) < 2 or len(rows) < FEW:
        return
    rows = thinned(rows, CANONICAL_ITEMS)
    batch = data.batch(rows)
    with torch.inference_mode():
        inputs = network.scaled(batch.features, batch.present)
    views = [view.cpu().numpy() for view in torch.split(inputs, list(network.features), dim=-1)]
    maps = canonical_maps(views, data.present[rows], network.width)
    with torch.no_grad():
        for head, directions in zip(network.shared, maps, strict=True):
            linear = cast(ProjectionHead, head).linear
            linear.weight.copy_(torch.from_numpy(directions.T))
            linear.bias.zero_()
            head.requires_grad_(not directions.any())  # items that are all alike have no such maps


def _optimiser(modules: nn.Module, settings: FusionTraining) -> torch.optim.AdamW:
    named = [(name, value) for name, value in modules.named_parameters() if value.requires_grad]
    gate = [value for name, value in named if GATE in name]
    rest = [value for name, value in named if GATE not in name]
    matrices, vectors = ([value for value in rest if (value.ndim > 1) == wide] for wide in (True, False))
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay, "rate": 1.0},
        {"params": vectors, "weight_decay": 0.0, "rate": 1.0},
        {"params": gate, "weight_decay": 0.0, "rate": GATE_RATE},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate)


def _schedule(done: float) -> float:
    """Warm-up over the first twentieth, then half a cosine down to a hundredth."""
    warm = min(1.0, (done + 1e-3) / 0.05)
    return warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


def _write(path: Path, log: dict[str, Any]) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(log, indent=1, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)
