"""Learns the ranking of a catalogue from its histories: the parts, then what each of them weighs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from index.history import HistoryModel
from index.ranking import BlendedRanker, Weights
from index.transitions import Transitions
from training.item_vectors import State, renumbered
from training.members import sequence_model, train_members
from training.sequence import SequenceData, SequenceTraining, hold_out

FloatArray = npt.NDArray[np.float32]

VALIDATION_PEOPLE = 1000
# Scores of theirs, people times items, that are held at once, four parts of each: half a gigabyte.
VALIDATION_SCORES = 30_000_000
# Fewer histories of three choices and more, and there is too little to learn a sequence or weights from.
LEAST_PEOPLE = 50
# Draws the weights to "the sequence model alone" as one person's choice would: the fewer were held out, the more.
PRIOR = Weights()
PRIOR_STRENGTH = 1.0
_SETTINGS, _WEIGHTS, _CHOSEN = "settings.json", "weights.json", "chosen.npy"
_PARTS = ("sequence", "history", "transitions", "popularity")
# Popularity hardly counts beside a history; it orders what is left where there is none.
_UNTRAINED = Weights(sequence=0.0, history=1.0, transitions=0.2, popularity=0.01)


@dataclass(frozen=True)
class LearnedRanking:
    """What a training came to, apart from the rows of the items that it learned from."""

    settings: SequenceTraining
    chosen: npt.NDArray[np.int64]  # [n] how often each item was chosen in what was learned from
    members: tuple[State, ...]
    weights: Weights

    def renumbered(self, rows: npt.NDArray[np.int64]) -> "LearnedRanking":
        """The same for a table whose item i was item `rows[i]` before; -1 is a new one."""
        chosen = np.where(rows < 0, 0, self.chosen[rows])
        return replace(self, chosen=chosen, members=tuple(renumbered(member, rows) for member in self.members))

    def ranker(
        self, sequences: Sequence[npt.NDArray[np.integer]], content: FloatArray, history: HistoryModel
    ) -> BlendedRanker:
        """What serves these items: networks and weights as they were learned, and counts of what is known now."""
        n_items = len(self.chosen)
        return BlendedRanker(
            history=history,
            transitions=Transitions.fit(sequences, n_items),
            popularity=_popularity(sequences, n_items),
            sequence=sequence_model(self.members, self.settings, self.chosen, content),
            weights=self.weights,
        )

    def save(self, folder: Path) -> None:
        """Write the members as safetensors and the rest as JSON and numpy."""
        folder.mkdir(parents=True, exist_ok=True)
        for number, member in enumerate(self.members):
            save_file({name: value.contiguous() for name, value in member.items()}, folder / f"{number}.safetensors")
        np.save(folder / _CHOSEN, self.chosen)
        (folder / _SETTINGS).write_text(self.settings.model_dump_json(indent=1), encoding="utf-8")
        (folder / _WEIGHTS).write_text(self.weights.model_dump_json(indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LearnedRanking | None":
        """Read what `save` wrote; None where there is nothing that can be read."""
        try:
            settings = SequenceTraining.model_validate_json((folder / _SETTINGS).read_text(encoding="utf-8"))
            members = tuple(load_file(folder / f"{number}.safetensors") for number in range(settings.members))
            weights = Weights.model_validate_json((folder / _WEIGHTS).read_text(encoding="utf-8"))
            return cls(settings, np.load(folder / _CHOSEN), members, weights)
        except (OSError, ValueError, EOFError, SafetensorError):
            return None


def train_ranking(
    sequences: Sequence[npt.NDArray[np.integer]],
    n_items: int,
    content: FloatArray,
    settings: SequenceTraining,
    work: Path,
    *,
    progress: bool = True,
) -> BlendedRanker:
    """Train on lists of rows, oldest first; `content` [items, features]; `work` holds what a killed run had done.

    The last choices of up to 1,000 people, fewer of a large catalogue, are held out: they stop the training and fit the
    weights.
    """
    return learn_ranking(sequences, n_items, content, settings, work, progress=progress)[0]


def learn_ranking(
    sequences: Sequence[npt.NDArray[np.integer]],
    n_items: int,
    content: FloatArray,
    settings: SequenceTraining,
    work: Path,
    *,
    progress: bool = True,
) -> tuple[BlendedRanker, LearnedRanking | None]:
    """`train_ranking`, and what it learned; None where too few people chose enough to learn from."""
    kept = [np.asarray(sequence, dtype=np.int64) for sequence in sequences]
    people = min(VALIDATION_PEOPLE, VALIDATION_SCORES // max(1, n_items))
    data = hold_out(kept, n_items, people, settings.seed)
    ranker = BlendedRanker(
        history=HistoryModel.fit(data.sequences, n_items),
        transitions=Transitions.fit(data.sequences, n_items),
        popularity=_popularity(data.sequences, n_items),
        sequence=None,
        weights=_UNTRAINED,
    )
    if sum(len(sequence) > 2 for sequence in data.sequences) < LEAST_PEOPLE:
        return ranker, None
    members = tuple(train_members(data, content, settings, work, progress=progress))
    ranker = replace(ranker, sequence=sequence_model(members, settings, data.chosen, content))
    learned = LearnedRanking(settings, data.chosen, members, fit_weights(ranker, data))
    # Counting is cheap: what serves has counted the held-out choices as well.
    transitions, popularity = Transitions.fit(kept, n_items), _popularity(kept, n_items)
    return replace(ranker, weights=learned.weights, transitions=transitions, popularity=popularity), learned


def _popularity(sequences: Sequence[npt.NDArray[np.integer]], n_items: int) -> FloatArray:
    """log(1 + how often each item was chosen) [items]."""
    chosen = np.bincount(np.concatenate([np.empty(0, np.int64), *sequences]), minlength=n_items)
    return np.log1p(chosen).astype(np.float32)


def fit_weights(ranker: BlendedRanker, data: SequenceData) -> Weights:
    """The weights that make the held-out choices likeliest, items of the history left out, and how well they do.

    Maximises Σ log softmax(Σ weight · part)[target] - PRIOR_STRENGTH · |weights - prior|² by L-BFGS. The prior itself
    where nobody was held out.
    """
    if not data.histories:
        return PRIOR
    histories = [history.tolist() for history in data.histories]
    parts = torch.from_numpy(ranker.parts(histories))
    excluded = torch.zeros(parts.shape[1:], dtype=torch.bool)
    for person, history in enumerate(histories):
        parts[:, person, history] = 0
        excluded[person, history] = True
    targets = torch.from_numpy(data.targets)
    prior, strength = torch.from_numpy(PRIOR.vector()), PRIOR_STRENGTH / len(data.histories)
    weights = prior.clone().requires_grad_()
    optimiser = torch.optim.LBFGS([weights], max_iter=50, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        scores = torch.einsum("w,wpi->pi", weights, parts).masked_fill(excluded, -torch.inf)
        value = torch.nn.functional.cross_entropy(scores, targets) + strength * ((weights - prior) ** 2).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    found = weights.detach()
    blend = torch.einsum("w,wpi->pi", found, parts)
    validation = {"blend": _hits(blend, excluded, targets)}
    validation |= {name: _hits(part, excluded, targets) for name, part in zip(_PARTS, parts, strict=True)}
    named = dict(zip(_PARTS, found.tolist(), strict=True))
    return Weights(**named, validation=validation, people=len(targets))


def _hits(scores: torch.Tensor, excluded: torch.Tensor, targets: torch.Tensor) -> tuple[float, float]:
    """HR@10 and NDCG@10; ties count against us."""
    wanted = scores.gather(1, targets[:, None])
    ranks = (scores.masked_fill(excluded, -torch.inf) >= wanted).sum(dim=1)
    hits = (ranks <= 10).double()
    return float(hits.mean()), float((hits / torch.log2(ranks + 1.0)).mean())
