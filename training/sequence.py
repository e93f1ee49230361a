"""Trains the sequence model: several members side by side, each with checkpoints, early stopping and averaged weights.

A member is a `SequenceNetwork` from its own seed. On a CPU the members run in processes of their own, one thread
each, which is faster than one after another on all cores: the matrices are small. On a GPU they take turns.
"""

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from core.devices import has_fast_bfloat16
from core.errors import InputError
from index.sequence import SequenceConfig, SequenceModel, SequenceNetwork, padded
from training.item_vectors import ItemVectors, State
from training.softmax_loss import softmax_loss

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]

# Past this many items the softmax is over a sample of them.
FULL_SOFTMAX_ITEMS = 30_000
SAMPLED_ITEMS = 8_192
# At least this share of the windows begin in the middle of a history. Where histories are long, more do anyway.
GLIMPSES = 0.2
# Fewer interactions than this are a small data set.
SMALL = 300_000
# Raised when a training makes something else of the same data and settings.
_VERSION = 2


class SequenceTraining(BaseModel):
    """How to train. The defaults were chosen on the validation people of MovieLens-1M and MovieLens-100K."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    members: int = Field(2, ge=1, le=16, description="networks whose answers are averaged")
    epochs: int = Field(12, ge=1, description="passes over all histories")
    dimensions: int = Field(128, ge=8)
    layers: int = Field(2, ge=1)
    heads: int = Field(2, ge=1)
    dropout: float = Field(0.2, ge=0, lt=1)
    reach: int = Field(200, ge=1, description="how many of the latest choices are read")
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(0.01, ge=0)
    batch_tokens: int = Field(5200, ge=1, description="choices in a batch")
    average: float = Field(0.99, ge=0, lt=1, description="decay of the moving average of the weights, a step")
    patience: int = Field(5, ge=1, description="epochs without a better validation before it stops")
    seed: int = Field(0, ge=0)
    items: Literal["ids", "content", "both"] = Field("both", description="what an item's vector is made of")
    id_dropout: float = Field(0.1, ge=0, lt=1, description="share of items that a batch knows by their content alone")

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> Self:
        if self.dimensions % self.heads:
            raise ValueError(f"dimensions ({self.dimensions}) must be a multiple of heads ({self.heads})")
        return self

    @classmethod
    def suited_to(cls, interactions: int, **changes: object) -> "SequenceTraining":
        """Settings for a data set's size: small ones need a small network, more dropout and more passes."""
        small = {"dimensions": 64, "dropout": 0.3, "epochs": 25, "batch_tokens": 1300, "learning_rate": 3e-3}
        return cls.model_validate({**(small if interactions < SMALL else {"members": 4}), **changes})

    def shape(self, n_items: int) -> SequenceConfig:
        """The network that these settings train."""
        fields = ("dimensions", "layers", "heads", "dropout", "reach")
        return SequenceConfig(items=n_items, **{name: getattr(self, name) for name in fields})


@dataclass(frozen=True)
class SequenceData:
    """What to learn from, and whose next choice shows how well it went."""

    n_items: int
    sequences: list[IntArray]  # rows, oldest first
    histories: list[IntArray]  # of the validation people
    targets: IntArray  # what each of them chose next
    content: FloatArray | None = None  # [items, features] of which vectors are made; None: of ids alone

    @property
    def chosen(self) -> IntArray:
        """How often each item was chosen [items]."""
        return np.bincount(np.concatenate([np.empty(0, np.int64), *self.sequences]), minlength=self.n_items)


def hold_out(sequences: Sequence[npt.NDArray[np.integer]], n_items: int, people: int, seed: int = 0) -> SequenceData:
    """Hold out the last choice of at most `people` people, and at most 1 % of all choices; the rest is learned from.

    Whose last choice is one that they had made before is not held out: what is in a history is never recommended, so
    no ranker could be right about them.
    """
    able = np.flatnonzero([len(sequence) > 2 and sequence[-1] not in sequence[:-1] for sequence in sequences])
    count = min(people, len(able), math.ceil(sum(map(len, sequences)) / 100))
    chosen = np.sort(np.random.default_rng(seed).choice(able, size=count, replace=False)) if count else able[:0]
    kept = [np.asarray(sequence, dtype=np.int64) for sequence in sequences]
    targets = np.array([kept[person][-1] for person in chosen], dtype=np.int64)
    for person in chosen:
        kept[person] = kept[person][:-1]
    return SequenceData(n_items, [one for one in kept if len(one)], [kept[person] for person in chosen], targets)


@dataclass(frozen=True)
class Progress:
    """Where a member is. The validation comes with the end of an epoch, where people are held out."""

    member: int
    epoch: float
    loss: float
    validation: "Validation | None" = None


@dataclass(frozen=True)
class Validation:
    """How well the held-out choices are foretold, over the whole catalogue without the histories."""

    loss: float  # mean negative log likelihood: what early stopping looks at, for it is far less noisy than ranks
    hit_rate: float  # at 10
    ndcg: float  # at 10


Report = Callable[[Progress], None]


def fingerprint(data: SequenceData, settings: SequenceTraining) -> str:
    """Changes with everything that the trained weights depend on, but not with the number of members."""
    digest = hashlib.sha256(f"{_VERSION}{settings.model_dump_json(exclude={'members'})}".encode())
    for rows in (*data.sequences, data.targets):
        digest.update(rows.tobytes() + b"|")
    if data.content is not None:
        digest.update(data.content.tobytes() + b"|")
    return digest.hexdigest()[:16]


class MemberTraining:
    """Trains one member; `run` goes on where a killed run stopped."""

    def __init__(self, data: SequenceData, settings: SequenceTraining, member: int, device: torch.device) -> None:
        self._data, self._settings, self._member, self._device = data, settings, member, device
        self._seed = settings.seed * 1000 + member
        torch.manual_seed(self._seed)
        chosen = data.chosen
        self._known = np.flatnonzero(chosen)  # nobody has said anything of the others: they are no wrong answers
        self._popularity = chosen[self._known]
        self.items = ItemVectors(
            SequenceNetwork(settings.shape(data.n_items)),
            chosen > 0,
            data.content,
            ids=settings.items != "content" or data.content is None,
            id_dropout=settings.id_dropout,
        ).to(device)
        self._average: State = {name: value.detach().clone() for name, value in self.items.state_dict().items()}
        self._best, self._best_loss, self._waited = self._average, math.inf, 0
        matrices = [value for value in self.items.parameters() if value.ndim > 1]
        vectors = [value for value in self.items.parameters() if value.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": vectors, "weight_decay": 0.0}]
        self._optimiser = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.98))
        self._steps_an_epoch = max(1, len(batches_of(data, settings, self._rng(0))))
        self._dtype = torch.bfloat16 if has_fast_bfloat16(device) else torch.float32

    def run(self, folder: Path, report: Report) -> State:
        """Train to the end, with a checkpoint in `folder` after each epoch; the `items'` state that validated best."""
        checkpoint = folder / f"member-{self._member}.checkpoint"
        for epoch in range(self._resume(checkpoint), self._settings.epochs):
            torch.manual_seed(self._seed * 10_000 + epoch)  # a resumed run draws what an uninterrupted one would
            loss = self._train_epoch(epoch, report)
            validation = self._validate() if len(self._data.targets) else None
            if validation and not math.isfinite(validation.loss):
                raise _diverged(epoch)
            better = validation is None or validation.loss < self._best_loss
            if better:
                self._best = {name: value.clone() for name, value in self._average.items()}
                self._best_loss = validation.loss if validation else math.inf
            self._waited = 0 if better else self._waited + 1
            self._save(checkpoint, epoch + 1)
            report(Progress(self._member, epoch + 1, loss, validation))
            if self._waited >= self._settings.patience:
                break
        return self._best

    def _rng(self, epoch: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, epoch])

    def _train_epoch(self, epoch: int, report: Report) -> float:
        self.items.train()
        batches = batches_of(self._data, self._settings, self._rng(epoch))
        losses = 0.0
        for place, batch in enumerate(batches):
            loss = self._train_step(epoch * self._steps_an_epoch + place, batch)
            if not math.isfinite(loss):
                raise _diverged(epoch)
            losses += loss
            report(Progress(self._member, epoch + (place + 1) / len(batches), losses / (place + 1)))
        return losses / len(batches)

    def _train_step(self, step: int, batch: list[IntArray]) -> float:
        for group in self._optimiser.param_groups:
            group["lr"] = self._settings.learning_rate * self._schedule(step)
        rows, lengths = padded([window[:-1] for window in batch])
        real = torch.arange(rows.shape[1]) < lengths[:, None]
        # A window that starts with -1 begins at the start of the person's history.
        rows = torch.where(rows < 0, self._data.n_items, rows)
        targets = torch.from_numpy(np.searchsorted(self._known, np.concatenate([window[1:] for window in batch])))
        loss = self._loss(rows, real, targets)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.items.parameters(), 1.0)
        self._optimiser.step()
        self._optimiser.zero_grad()
        decay = min(self._settings.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in self.items.state_dict().items():
                self._average[name].lerp_(value, 1 - decay)
        return float(loss.detach())

    def _loss(self, rows: Tensor, real: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of what follows each place of `rows` [people, length] where `real`.

        `targets` [real places] are places among the known items.
        """
        answers, correction = torch.arange(len(self._known)), torch.zeros(1)
        if len(self._known) > FULL_SOFTMAX_ITEMS:
            answers, targets, correction = sampled_items(targets, self._popularity, SAMPLED_ITEMS)
        answers = torch.from_numpy(self._known)[answers]
        # Vectors are made once for each item of the batch, read or foretold.
        needed, places = torch.unique(torch.cat([answers, rows.flatten()]), return_inverse=True)
        vectors, bias = self.items(needed.to(self._device))
        places = places.to(self._device)
        asked, read = places[: len(answers)], places[len(answers) :].view(rows.shape)
        states = self.items.network.read(functional.embedding(read, vectors))[real.to(self._device)]
        bias = bias[asked] - correction.to(self._device)
        return softmax_loss(states, vectors[asked], bias, targets.to(self._device), self._dtype)

    def _schedule(self, step: int) -> float:
        """Warm-up, then half a cosine down to a hundredth."""
        total = self._steps_an_epoch * self._settings.epochs
        warm = max(1, min(400, total // 10))
        if step < warm:
            return (step + 1) / warm
        done = min(1.0, (step - warm) / max(1, total - warm))
        return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))

    def _validate(self) -> Validation:
        network = SequenceNetwork(self.items.network.config)
        network.load_state_dict(self.items.served(self._average))
        scores = SequenceModel((network.eval(),)).scores([history.tolist() for history in self._data.histories])
        if np.isnan(scores).any():
            return Validation(math.nan, 0.0, 0.0)
        for row, history, target in zip(scores, self._data.histories, self._data.targets, strict=True):
            wanted = row[target]
            row[history] = -np.inf
            row[target] = wanted
        wanted = scores[np.arange(len(scores)), self._data.targets]
        ranks = (scores >= wanted[:, None]).sum(axis=1)
        hits = ranks <= 10
        loss = float((np.logaddexp.reduce(scores, axis=1) - wanted).mean())
        return Validation(loss, float(hits.mean()), float((hits / np.log2(ranks + 1)).mean()))

    def _save(self, path: Path, epoch: int) -> None:
        state = {
            "epoch": epoch,
            "waited": self._waited,
            "best_loss": self._best_loss,
            "network": self.items.state_dict(),
            "average": self._average,
            "best": self._best,
            "optimiser": self._optimiser.state_dict(),
        }
        unfinished = path.with_suffix(".part")
        torch.save(state, unfinished)
        unfinished.replace(path)

    def _resume(self, path: Path) -> int:
        """Take up a checkpoint; the epoch to go on with."""
        if not path.exists():
            return 0
        state = torch.load(path, weights_only=True, map_location=self._device)
        self.items.load_state_dict(state["network"])
        self._average, self._best = state["average"], state["best"]
        self._best_loss, self._waited = state["best_loss"], state["waited"]
        self._optimiser.load_state_dict(state["optimiser"])
        return self._settings.epochs if self._waited >= self._settings.patience else int(state["epoch"])


def _diverged(epoch: int) -> InputError:
    cause = f"The training of the sequence model diverged in epoch {epoch + 1}."
    return InputError(cause, mend="Run `tastemaker train sequence` with a lower --learning-rate.")


def sampled_items(targets: Tensor, popularity: npt.NDArray[np.integer], count: int) -> tuple[Tensor, Tensor, Tensor]:
    """A batch's targets and `count` items drawn uniformly: their rows, each target's place among them, corrections.

    The correction is the log chance that an item is among them, to be taken from its logit (Yi et al., 2019,
    "Sampling-bias-corrected neural modeling", equation 3): without it popular items would be pushed down.
    """
    n_items = len(popularity)
    drawn = torch.randint(n_items, (count,), device=targets.device)
    items = torch.unique(torch.cat([targets, drawn]))
    share = torch.as_tensor(popularity / popularity.sum(), device=targets.device)[items]
    missed = (1 - share) ** len(targets) * (1 - 1 / n_items) ** count
    return items, torch.searchsorted(items, targets), torch.log(1 - missed).float()


def windows(sequence: IntArray, reach: int, rng: np.random.Generator) -> Iterator[IntArray]:
    """A history as -1 and its rows, cut from behind into windows of at most `reach` choices and what follows each.

    Where a long history is cut differs from epoch to epoch, so that no choice is always read without a past.
    """
    whole = np.concatenate([[-1], sequence])
    end = len(whole)
    while end > 1:
        start = max(0, end - reach - 1)
        yield whole[start:end]
        if start == 0:
            return
        end = start + 1 + int(rng.integers(0, reach // 4 + 1))


def _with_glimpses(cut: list[IntArray], rng: np.random.Generator) -> list[IntArray]:
    """Let enough windows begin in the middle of a history: whoever shows a few choices hardly shows the first ones."""
    whole = [place for place, window in enumerate(cut) if window[0] == -1]
    missing = GLIMPSES - (1 - len(whole) / max(1, len(cut)))
    if missing <= 0:
        return cut
    shortened = list(cut)
    for place in rng.choice(whole, size=round(missing * len(cut)), replace=False):
        if len(cut[place]) > 3:
            shortened[place] = cut[place][int(rng.integers(1, len(cut[place]) - 2)) :]
    return shortened


def batches_of(data: SequenceData, settings: SequenceTraining, rng: np.random.Generator) -> list[list[IntArray]]:
    """All histories in batches of about as many choices; windows of like lengths together."""
    cut = [window for sequence in data.sequences for window in windows(sequence, settings.reach, rng)]
    cut = _with_glimpses(cut, rng)
    noise = rng.random(len(cut)) * 10
    batches: list[list[IntArray]] = []
    batch: list[IntArray] = []
    for place in np.argsort([len(window) for window in cut] + noise, kind="stable"):
        window = cut[place]
        if batch and max(len(window), len(batch[-1])) * (len(batch) + 1) > settings.batch_tokens:
            batches.append(batch)
            batch = []
        batch.append(window)
    batches.append(batch)
    return [batches[place] for place in rng.permutation(len(batches))]
