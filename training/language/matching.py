"""Before the language model: teach the projector's item tokens what a person chooses, and rank with them alone.

One choice says little (a twentieth of a nat, for the best of twenty candidates), so a language model that learns from
choices alone needs tens of thousands of passes before it finds the soft tokens. Linear readouts of item tokens learn
the same from all choices in seconds. They learn it beside the shortlist's scores, so that they look for what those
don't say. Several are averaged; the projector's own tokens learn their mean; and the language model is taught what that
mean says (distillation, Hinton et al., arXiv 1503.02531) together with what was chosen. Then it reads the tokens after
a thousand passes. Of lists that miss what was chosen the readouts say as much as of others.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from core.choice import normalised, standardised
from encoders.soft_prompt import SoftPromptProjector, of_unit_length
from training.language.candidates import Choice
from training.language.encoding import ChoiceEncoder

FloatArray = npt.NDArray[np.float64]

_MEMBERS = 5  # one readout varies with its seed by as much as it knows more than the shortlist
_EPOCHS = 14
_BATCH = 64
_STRETCH = 512  # lists that are computed at once where nothing is learned
_RATE = 1e-3
_WEIGHT_DECAY = 0.3
_DROPOUT = 0.5  # of dimensions, alike for all candidates of a list
# What a standard deviation of the shortlist's score counts beside a readout: about half of what it counts alone. With
# all of it a readout says little of the person; with none, what the shortlist knows already. Set on validation.
_STANDING = 0.2
# Choices are hardly foreseeable, so true chances are much alike; to learn from, the best ones have to stand out.
_SHARPNESS = 1.5  # nats for a standard deviation of the readouts' mean
_COPY_EPOCHS, _COPY_DROPOUT, _COPY_SCALE = 8, 0.2, 5.0


@dataclass(frozen=True)
class _Lists:
    """Choices as tensors. Lists may be of several lengths: what is missing has no chance.

    A million choices of twenty candidates each would not fit into memory as vectors, so items are looked up by rows.
    """

    embeddings: Tensor  # [all items, d]
    persons: Tensor  # [b, d]
    rows: Tensor  # [b, n] of the embeddings
    there: Tensor  # [b, n] bool
    standings: Tensor  # [b, n] the shortlist's scores, standardised
    labels: Tensor  # [b]; -1 where what was chosen is missing

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, places: Tensor) -> "_Lists":
        parts = (self.persons, self.rows, self.there, self.standings, self.labels)
        return _Lists(self.embeddings, *(part[places] for part in parts))

    def batches(self) -> Iterator[Tensor]:
        """Places in a random order."""
        return iter(torch.split(torch.randperm(len(self)).to(self.labels.device), _BATCH))

    def stretches(self) -> Iterator["_Lists"]:
        """All lists in order, as many at a time as are quickly computed."""
        for places in torch.split(torch.arange(len(self)).to(self.labels.device), _STRETCH):
            yield self.at(places)


def taught(
    projector: SoftPromptProjector,
    encoder: ChoiceEncoder,
    training: Sequence[Choice],
    validation: Sequence[Choice],
    *,
    share: float,
    seed: int,
    progress: bool = False,
) -> list[Choice]:
    """The training choices with chances to learn; `projector.item` is changed in place.

    Those chances are `share` · what the readouts say + (1 - share) · what was chosen, or the readouts' alone where that
    is missing. Each readout keeps the epoch that foretells the validation choices best. Raises ValueError where no list
    of training holds what was chosen.
    """
    device = next(projector.parameters()).device
    everything, unseen = (_lists(found, encoder, device) for found in (training, validation))
    known = everything.at(torch.nonzero(everything.labels >= 0)[:, 0])
    if not len(known):
        raise ValueError("no list holds what was chosen")
    members = tqdm(range(_MEMBERS), desc="Readouts", unit="readout", disable=not progress)
    said = [_said(projector, known, unseen, everything, seed * 1_000 + member) for member in members]
    mean = np.mean(said, axis=0)
    chances = [_softmax(row[: len(choice.rows)]) for choice, row in zip(training, mean, strict=True)]
    _learn(projector, everything, chances, seed)
    return [
        replace(choice, chances=_mixed(each, choice.label, share))
        for choice, each in zip(training, chances, strict=True)
    ]


def _said(projector: SoftPromptProjector, known: _Lists, unseen: _Lists, everything: _Lists, seed: int) -> FloatArray:
    """What one readout says of all lists [b, n], standardised; 0 where there is no candidate."""
    torch.manual_seed(seed)
    member = copy.deepcopy(projector)
    for layer in member.item:
        if isinstance(layer, nn.Linear):
            layer.reset_parameters()
    readout = _fit(member, known, unseen)
    scores = _all_scores(member, readout, everything).cpu().numpy().astype(np.float64)
    there = everything.there.cpu().numpy()
    for row, known_places in zip(scores, there, strict=True):
        row[known_places] = standardised(row[known_places])
        row[~known_places] = 0.0
    return scores


def _softmax(scores: FloatArray) -> FloatArray:
    return np.exp(normalised(_SHARPNESS * standardised(scores)))


def _mixed(chances: FloatArray, label: int | None, share: float) -> FloatArray:
    if label is None:
        return chances
    mixed = share * chances
    mixed[label] += 1 - share
    return mixed


def _fit(projector: SoftPromptProjector, known: _Lists, unseen: _Lists) -> Tensor:
    """Fit `projector.item` with a direction [h] in which its tokens show who is chosen; that direction."""
    readout, optimiser = _readout(projector, _WEIGHT_DECAY)

    def loss(scores: Tensor, lists: _Lists) -> Tensor:
        return functional.cross_entropy(scores + _STANDING * lists.standings, lists.labels)

    best, kept = float("inf"), (copy.deepcopy(projector.item.state_dict()), readout.detach().clone())
    for _ in range(_EPOCHS):
        for places in known.batches():
            lists = known.at(places)
            _step(optimiser, loss(_scores(projector, readout, lists, _DROPOUT), lists))
        missed = float(loss(_all_scores(projector, readout, unseen), unseen).detach())
        if missed < best:
            best, kept = missed, (copy.deepcopy(projector.item.state_dict()), readout.detach().clone())
    projector.item.load_state_dict(kept[0])
    return kept[1]


def _learn(projector: SoftPromptProjector, lists: _Lists, chances: Sequence[FloatArray], seed: int) -> None:
    """Teach `projector.item` chances of all lists, so that one direction of its tokens shows them."""
    torch.manual_seed(seed)
    wanted = nn.utils.rnn.pad_sequence([torch.from_numpy(each).float() for each in chances], batch_first=True)
    wanted = wanted.to(lists.labels.device)
    readout, optimiser = _readout(projector, 0.1)
    for _ in range(_COPY_EPOCHS):
        for places in lists.batches():
            batch = lists.at(places)
            logs = functional.log_softmax(_COPY_SCALE * _scores(projector, readout, batch, _COPY_DROPOUT), dim=-1)
            _step(optimiser, -(wanted[places] * logs.masked_fill(~batch.there, 0.0)).sum(dim=-1).mean())


def _readout(projector: SoftPromptProjector, weight_decay: float) -> tuple[nn.Parameter, torch.optim.Optimizer]:
    """A new direction [h], and what trains it with the item tokens."""
    readout = nn.Parameter(torch.randn(projector.sizes["hidden"], device=projector.token_norm.device))
    weights = [*projector.item.parameters(), readout]
    for weight in weights:
        weight.requires_grad_(True)
    return readout, torch.optim.AdamW(weights, _RATE, weight_decay=weight_decay)


def _step(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def _scores(projector: SoftPromptProjector, readout: Tensor, lists: _Lists, dropout: float) -> Tensor:
    """[b, n]; minus infinity where there is no candidate."""
    keep = functional.dropout(torch.ones_like(lists.persons), dropout)
    matches = of_unit_length(projector.matches(lists.embeddings[lists.rows] * keep[:, None], lists.persons))
    return (matches @ functional.normalize(readout, dim=0)).masked_fill(~lists.there, -torch.inf)


@torch.no_grad()
def _all_scores(projector: SoftPromptProjector, readout: Tensor, lists: _Lists) -> Tensor:
    """[b, n], of all lists and without dropout."""
    return torch.cat([_scores(projector, readout, stretch, 0.0) for stretch in lists.stretches()])


def _lists(found: Sequence[Choice], encoder: ChoiceEncoder, device: torch.device) -> _Lists:
    rows = nn.utils.rnn.pad_sequence([torch.from_numpy(one.rows) for one in found], batch_first=True)
    standings = nn.utils.rnn.pad_sequence(
        [torch.from_numpy(standardised(one.scores)).float() for one in found], batch_first=True
    )
    counts = torch.tensor([len(one.rows) for one in found])
    return _Lists(
        embeddings=torch.from_numpy(encoder.embeddings).to(device),
        persons=torch.from_numpy(np.stack([encoder.person(one.position.history) for one in found])).to(device),
        rows=rows.to(device),
        there=(torch.arange(rows.shape[1])[None] < counts[:, None]).to(device),
        standings=standings.to(device),
        labels=torch.tensor([-1 if one.label is None else one.label for one in found]).to(device),
    )
