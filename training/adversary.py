"""Takes the group out of person embeddings by an adversary (Ganin and Lempitsky, 2015, "Unsupervised domain adaptation
by backpropagation"; for recommenders: Bose and Hamilton, 2019, and Li et al., 2021, "Towards personalized fairness").

A map M learns to foretell the next choice from M(person), while an adversary learns to foretell the person's groups
from it. The adversary's gradient reaches the map with its sign reversed, so the map keeps what serves the choice and
loses what tells the group. The map is a projection along a few learned directions (Ravfogel et al., 2022, "Linear
adversarial concept erasure"): one that only shrinks them would fool the adversary at hand, and no fresh one.
Afterwards nobody's group is read: the map is the same for everybody.

Shapes: p people, d dimensions of embeddings, n items.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from tqdm import tqdm

from debias.groups import UNKNOWN, Groups
from debias.persons import PersonMap

BATCH = 512
HIDDEN = 64
DIRECTIONS = 4
# Steps of the adversary for each step of the map: one that lags behind is fooled, and a fresh classifier is not.
ADVERSARY_STEPS = 5
IGNORED = -100  # of a person whose group is unknown or too small, nothing is foretold


class ReverseGradient(torch.autograd.Function):
    """The identity, whose gradient is multiplied by -strength (Ganin and Lempitsky, 2015)."""

    @staticmethod
    def forward(context: Any, values: Tensor, strength: float) -> Tensor:
        """`values` of any shape."""
        context.strength = strength
        return values.view_as(values)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """The reversed gradient; the strength has none."""
        return -context.strength * gradients[0], None


class Adversary(nn.Module):
    """Foretells each column's groups from an embedding [b, d]: one hidden layer, and a head [b, g] for each column."""

    def __init__(self, dimensions: int, sizes: Sequence[int]) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.LayerNorm(dimensions), nn.Linear(dimensions, HIDDEN), nn.ReLU())
        self.heads = nn.ModuleList(nn.Linear(HIDDEN, size) for size in sizes)

    def loss(self, persons: Tensor, codes: Tensor) -> Tensor:
        """The mean cross-entropy over columns, for codes [b, columns]."""
        hidden = self.body(persons)
        losses = [
            nn.functional.cross_entropy(head(hidden), codes[:, place], ignore_index=IGNORED)
            for place, head in enumerate(self.heads)
            if (codes[:, place] != IGNORED).any()
        ]
        return torch.stack(losses).mean() if losses else persons.sum() * 0


def train_person_map(
    persons: npt.NDArray[np.floating],
    items: npt.NDArray[np.floating],
    targets: npt.NDArray[np.integer],
    groups: Sequence[Groups],
    *,
    strength: float,
    seed: int,
    directions: int = DIRECTIONS,
    steps: int = 150,
    learning_rate: float = 2e-3,
    progress: bool = False,
) -> PersonMap:
    """Learn a map from embeddings [p, d] of people, whose next choices are the rows `targets` [p] of items [n, d].

    A person's score for an item is the product of the two. `strength` weighs the adversary against the choices; at 0
    nothing is removed and the map is the identity. `directions` are how many the adversary finds beyond groups' means.
    """
    whitening = _Whitening.of(np.asarray(persons, dtype=np.float64))
    if not strength:
        return whitening.map_without(torch.zeros(len(whitening.mean), 0))
    people = torch.tensor(whitening.white(persons), dtype=torch.float32)
    table = torch.tensor(items @ whitening.colour.T, dtype=torch.float32)  # products with items stay as they are
    wanted = torch.tensor(np.asarray(targets), dtype=torch.int64)
    codes = torch.tensor(np.stack([_known(group) for group in groups], axis=1))
    telling = _telling_directions(people, codes)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        found = nn.Parameter(torch.randn(people.shape[1], directions) / np.sqrt(people.shape[1]))
        adversary = Adversary(people.shape[1], [len(group.names) for group in groups])
    rng = np.random.default_rng(seed)
    sharpness = nn.Parameter(torch.tensor(0.0))  # of choices: scores are not logits
    for_map = torch.optim.Adam([found, sharpness], lr=learning_rate)
    for_adversary = torch.optim.Adam(adversary.parameters(), lr=3 * learning_rate)
    for _ in tqdm(range(steps), desc="Adversary", disable=not progress):
        for _ in range(ADVERSARY_STEPS):
            batch = _batch(rng, len(people))
            for_adversary.zero_grad()
            without = _without(people[batch], torch.cat([telling, found], dim=1)).detach()
            adversary.loss(without, codes[batch]).backward()  # type: ignore[no-untyped-call]
            for_adversary.step()
        batch = _batch(rng, len(people))
        mapped = _without(people[batch], torch.cat([telling, found], dim=1))
        choice = nn.functional.cross_entropy(sharpness.exp() * (mapped @ table.T), wanted[batch])
        told = adversary.loss(ReverseGradient.apply(mapped, strength), codes[batch])  # type: ignore[no-untyped-call]
        for_map.zero_grad()
        (choice + told).backward()  # type: ignore[no-untyped-call]
        for_map.step()
    return whitening.map_without(torch.cat([telling, found.detach()], dim=1).double())


@dataclass(frozen=True)
class _Whitening:
    """A change of coordinates in which people's embeddings have mean 0 and every direction the same variance.

    There, what an adversary can't see can't be brought back by scaling it up.
    """

    mean: npt.NDArray[np.float64]  # [d]
    whiten: npt.NDArray[np.float64]  # [d, d]
    colour: npt.NDArray[np.float64]  # [d, d], its inverse

    @classmethod
    def of(cls, persons: npt.NDArray[np.float64]) -> "_Whitening":
        """From embeddings [p, d]; directions that hardly vary are left nearly as they are."""
        mean = persons.mean(axis=0)
        values, vectors = np.linalg.eigh(np.cov(persons - mean, rowvar=False))
        scale = np.sqrt(np.maximum(values, 1e-6 * values.max()))
        return cls(mean, vectors / scale, (vectors * scale).T)

    def white(self, persons: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Embeddings [p, d] in these coordinates."""
        white: npt.NDArray[np.float64] = (persons - self.mean) @ self.whiten
        return white

    def map_without(self, removed: Tensor) -> PersonMap:
        """The map that sets people to the mean along the removed directions [d, r], in the original coordinates."""
        basis = torch.linalg.qr(removed).Q.numpy() if removed.shape[1] else removed.numpy()
        matrix = np.eye(len(self.mean)) - self.whiten @ basis @ basis.T @ self.colour
        return PersonMap(matrix.astype(np.float32), (self.mean - self.mean @ matrix).astype(np.float32))


def _without(persons: Tensor, removed: Tensor) -> Tensor:
    """Embeddings [b, d] without their part in the space of the removed directions [d, r]."""
    basis: Tensor = torch.linalg.qr(removed).Q
    return persons - persons @ basis @ basis.T


def _telling_directions(persons: Tensor, codes: Tensor) -> Tensor:
    """The differences of groups' means from the mean of all [d, r]: without them, no linear classifier can tell.

    In whitened coordinates this is the closed form of Belrose et al. (2023), "LEACE". The adversary finds
    what is left beyond them.
    """
    columns = [
        persons[own == code].mean(dim=0) - persons.mean(dim=0)
        for own in codes.T
        for code in own[own != IGNORED].unique()[1:]
    ]
    return torch.stack(columns, dim=1) if columns else torch.zeros(persons.shape[1], 0)


def _known(groups: Groups) -> npt.NDArray[np.int64]:
    """The codes [p] of people whose group is known and large enough to learn from."""
    kept = [code for code in groups.measured if groups.names[code] != UNKNOWN]
    return np.where(np.isin(groups.codes, kept), groups.codes, IGNORED)


def _batch(rng: np.random.Generator, people: int) -> Tensor:
    return torch.from_numpy(rng.integers(0, people, min(BATCH, people)))
