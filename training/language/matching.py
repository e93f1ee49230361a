"""Before the language model: teach the projector's item tokens what a person chooses, and rank with them alone.

One choice says little (a twentieth of a nat, for the best of twenty candidates), so a language model that learns from
choices alone needs tens of thousands of passes before it finds the soft tokens. A linear readout of the item tokens
learns the same from all choices in seconds. Then the language model is taught what the readout says (distillation,
Hinton et al., arXiv 1503.02531) together with what was chosen, and reads the tokens after a thousand passes.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.choice import normalised, standardised
from encoders.soft_prompt import SoftPromptProjector, of_unit_length
from training.language.candidates import Choice
from training.language.encoding import ChoiceEncoder

FloatArray = npt.NDArray[np.float64]

_EPOCHS = 20
_BATCH = 64
_RATE = 1e-3
_WEIGHT_DECAY = 0.3
_DROPOUT = 0.5  # of dimensions, alike for all candidates of a list
# Choices are hardly foreseeable, so true chances are much alike; to learn from, the best ones have to stand out.
_SHARPNESS = 1.5  # nats for a standard deviation of the readout's scores


@dataclass(frozen=True)
class _Lists:
    """Choices as tensors. Lists may be of several lengths: what is missing has a row of zeros and no chance."""

    persons: Tensor  # [b, d]
    items: Tensor  # [b, n, d]
    there: Tensor  # [b, n] bool
    labels: Tensor  # [b]

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, places: Tensor) -> "_Lists":
        return _Lists(self.persons[places], self.items[places], self.there[places], self.labels[places])


def taught(
    projector: SoftPromptProjector,
    encoder: ChoiceEncoder,
    training: Sequence[Choice],
    validation: Sequence[Choice],
    *,
    share: float,
    seed: int,
) -> list[Choice]:
    """The training choices with chances to learn; `projector.item` is changed in place.

    Those chances are `share` · what the readout says + (1 - share) · what was chosen. The epoch that foretells
    the validation choices best is kept. All choices must hold what was chosen.
    """
    device = next(projector.parameters()).device
    known, unseen = (_lists(found, encoder, device) for found in (training, validation))
    readout = _fit(projector, known, unseen, seed)
    with torch.no_grad():
        scores = _scores(projector, readout, known, 0.0).cpu().numpy().astype(np.float64)
    return [replace(choice, chances=_chances(choice, row, share)) for choice, row in zip(training, scores, strict=True)]


def _chances(choice: Choice, scores: FloatArray, share: float) -> FloatArray:
    chances = share * np.exp(normalised(_SHARPNESS * standardised(scores[: len(choice.rows)])))
    chances[choice.label] += 1 - share
    return chances


def _fit(projector: SoftPromptProjector, known: _Lists, unseen: _Lists, seed: int) -> Tensor:
    """Fit `projector.item` with a direction [h] in which its tokens show who is chosen; that direction."""
    torch.manual_seed(seed)
    device = known.items.device
    readout = nn.Parameter(torch.randn(projector.sizes["hidden"], device=device))
    weights = [*projector.item.parameters(), readout]
    for weight in weights:
        weight.requires_grad_(True)
    optimiser = torch.optim.AdamW(weights, _RATE, weight_decay=_WEIGHT_DECAY)
    best, kept = float("inf"), (copy.deepcopy(projector.item.state_dict()), readout.detach().clone())
    for _ in range(_EPOCHS):
        for places in torch.split(torch.randperm(len(known)), _BATCH):
            batch = known.at(places.to(device))
            loss = functional.cross_entropy(_scores(projector, readout, batch, _DROPOUT), batch.labels)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        with torch.no_grad():
            missed = float(functional.cross_entropy(_scores(projector, readout, unseen, 0.0), unseen.labels))
        if missed < best:
            best, kept = missed, (copy.deepcopy(projector.item.state_dict()), readout.detach().clone())
    projector.item.load_state_dict(kept[0])
    return kept[1]


def _scores(projector: SoftPromptProjector, readout: Tensor, lists: _Lists, dropout: float) -> Tensor:
    """[b, n]; minus infinity where there is no candidate."""
    keep = functional.dropout(torch.ones_like(lists.persons), dropout)
    matches = of_unit_length(projector.matches(lists.items * keep[:, None], lists.persons))
    return (matches @ functional.normalize(readout, dim=0)).masked_fill(~lists.there, -torch.inf)


def _lists(found: Sequence[Choice], encoder: ChoiceEncoder, device: torch.device) -> _Lists:
    items = nn.utils.rnn.pad_sequence([torch.from_numpy(encoder.items(one.rows)) for one in found], batch_first=True)
    counts = torch.tensor([len(one.rows) for one in found])
    return _Lists(
        persons=torch.from_numpy(np.stack([encoder.person(one.position.history) for one in found])).to(device),
        items=items.to(device),
        there=(torch.arange(items.shape[1])[None] < counts[:, None]).to(device),
        labels=torch.tensor([one.label for one in found]).to(device),
    )
