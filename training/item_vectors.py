"""What an item's vector is made of while a sequence model is trained: an embedding of its own, its content, or both.

With both, the embeddings of random items are left out of each batch, so that content learns to stand alone where there
is nothing else (DropoutNet: Volkovs, Yu and Poutanen, 2017, "Addressing cold start in recommender systems", section
3.2, here for items only). What is served is a plain table: an item that nobody chose has what its content says in it.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from index.sequence import SequenceNetwork

FloatArray = npt.NDArray[np.float32]
State = dict[str, Tensor]

# Of the map from content to vectors.
HIDDEN = 256
DROPOUT = 0.2


class ItemVectors(nn.Module):
    """A network with the vectors [items, width] and biases [items] that its items have at the moment.

    With n items of f features, `content` [n, f], of which `known` [n] were chosen by somebody:
    vector = m · id + P z, bias = m · b + q · z, z = dropout(GELU(W · features + w)), where m is 0 for an item that
    nobody chose, 0 with the chance `id_dropout` in a training step, and 1 otherwise. Without content both are the
    item's own, and without `ids` both are its content's.
    """

    def __init__(
        self,
        network: SequenceNetwork,
        known: npt.NDArray[np.bool_],
        content: FloatArray | None,
        *,
        ids: bool = True,
        id_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.network = network
        self.id_dropout = id_dropout if content is not None else 0.0
        items, width = network.config.items, network.config.dimensions
        own = known & ids if content is not None else np.ones(items, dtype=bool)
        # The row after the last item, "nothing yet", has no content and always its own embedding.
        self._own: Tensor
        self._features: Tensor
        self.centre: Tensor
        self.spread: Tensor
        self.register_buffer("_own", torch.from_numpy(np.append(own, True)).float(), persistent=False)
        self.content: _ContentMap | None = None
        if content is not None:
            nothing = np.zeros((1, content.shape[1]), dtype=np.float32)
            self.register_buffer("_features", torch.from_numpy(np.vstack([content, nothing])), persistent=False)
            # Part of what is learned: content of other items, or of changed ones, is read on the same scale.
            for name, value in zip(("centre", "spread"), scale(content, known), strict=True):
                self.register_buffer(name, torch.from_numpy(value))
            self.content = _ContentMap(content.shape[1], width)

    def forward(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors [rows, width] and biases [rows] of items; in training some of them without their ids."""
        own = self._own[rows]
        if self.training and self.id_dropout:
            is_item = rows < self.network.config.items
            own = own * ~(is_item & (torch.rand(len(rows), device=rows.device) < self.id_dropout))
        bias = functional.pad(self.network.bias, (0, 1))[rows] * own
        vectors = self.network.table[rows] * own[:, None]
        if self.content is not None:
            said, said_bias = self.content(self._scaled(rows))
            vectors, bias = vectors + said, bias + said_bias
        return vectors, bias

    def _scaled(self, rows: Tensor) -> Tensor:
        """Features [rows, f] on the scale of the known items; zeros for items without content."""
        features = self._features[rows]
        return torch.where(features.any(dim=1, keepdim=True), (features - self.centre) / self.spread, 0)

    @torch.no_grad()
    def served(self, state: State) -> State:
        """The state of a plain network with the vectors that the items have by `state`, a state of this module."""
        was_training = self.training
        self.eval()
        rows = torch.arange(self.network.config.items + 1, device=self._own.device)
        vectors, bias = functional_call(self, state, (rows,))
        self.train(was_training)
        inside = "network."
        plain = {name.removeprefix(inside): value for name, value in state.items() if name.startswith(inside)}
        return {**plain, "table": vectors, "bias": bias[:-1]}


class _ContentMap(nn.Module):
    """From features [rows, f] to vectors [rows, width] and biases [rows]."""

    def __init__(self, features: int, width: int) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(features, HIDDEN), nn.GELU(), nn.Dropout(DROPOUT))
        self.vector, self.bias = nn.Linear(HIDDEN, width, bias=False), nn.Linear(HIDDEN, 1, bias=False)
        # At first the vectors of content are about as long as those of ids.
        nn.init.normal_(self.vector.weight, std=2 * (width * HIDDEN) ** -0.5)
        nn.init.zeros_(self.bias.weight)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        states = self.hidden(features)
        return self.vector(states), self.bias(states).squeeze(1)


def scale(content: FloatArray, known: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """The centre [f] and the spread [] that give features [items, f] mean 0 and mean variance 1 over the known items.

    Items without content don't count.
    """
    middle = content[known & content.any(axis=1)]
    if not len(middle):
        return np.zeros(content.shape[1], dtype=np.float32), np.array(1, dtype=np.float32)
    centre = middle.mean(axis=0)
    return centre, np.array(max(float(np.sqrt(np.square(middle - centre).mean())), 1e-9), dtype=np.float32)


def renumbered(state: State, rows: npt.NDArray[np.int64]) -> State:
    """A state of `ItemVectors` for a table whose item i was item `rows[i]` before; -1 is a new one, with no id yet."""
    earlier = torch.from_numpy(rows)
    new = earlier < 0
    table, bias = state["network.table"], state["network.bias"]
    # "Nothing yet" stays in the row after the last item.
    vectors = torch.where(new[:, None], 0, table[earlier.clamp(min=0)])
    biases = torch.where(new, 0, bias[earlier.clamp(min=0)])
    return {**state, "network.table": torch.cat([vectors, table[-1:]]), "network.bias": biases}
