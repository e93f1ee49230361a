"""Learns the ranking of a catalogue from its histories: the parts, then what each of them weighs."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from index.history import HistoryModel
from index.ranking import BlendedRanker, Weights
from index.transitions import Transitions
from training.members import train_sequence_model
from training.sequence import SequenceData, SequenceTraining, hold_out

FloatArray = npt.NDArray[np.float32]

VALIDATION_PEOPLE = 1000
# Fewer histories of three choices and more, and there is too little to learn a sequence or weights from.
LEAST_PEOPLE = 50
# Draws the weights to "the sequence model alone" as one person's choice would: the fewer were held out, the more.
PRIOR = Weights()
PRIOR_STRENGTH = 1.0
_PARTS = ("sequence", "history", "transitions", "popularity")
# Popularity hardly counts beside a history; it orders what is left where there is none.
_UNTRAINED = Weights(sequence=0.0, history=1.0, transitions=0.2, popularity=0.01)


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

    The last choices of up to 1,000 people are held out: they stop the training and fit the weights.
    """
    kept = [np.asarray(sequence, dtype=np.int64) for sequence in sequences]
    data = hold_out(kept, n_items, VALIDATION_PEOPLE, settings.seed)
    chosen = np.bincount(np.concatenate([np.empty(0, np.int64), *data.sequences]), minlength=n_items)
    ranker = BlendedRanker(
        history=HistoryModel.fit(data.sequences, n_items),
        transitions=Transitions.fit(data.sequences, n_items),
        popularity=np.log1p(chosen).astype(np.float32),
        sequence=None,
        weights=_UNTRAINED,
    )
    if sum(len(sequence) > 2 for sequence in data.sequences) < LEAST_PEOPLE:
        return ranker
    ranker = replace(ranker, sequence=train_sequence_model(data, content, settings, work, progress=progress))
    # Counting is cheap: what serves has counted the held-out choices as well.
    return replace(ranker, weights=fit_weights(ranker, data), transitions=Transitions.fit(kept, n_items))


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
