"""From one modality's features into the shared space, and back. Knows nothing about other modalities."""

from itertools import pairwise

from torch import Tensor, nn


class ProjectionHead(nn.Module):
    """h = W x + MLP(x): a linear map, which may start from a closed form, and what it can't express.

    The last layer of the MLP starts at zero, so training begins at the linear map.
    """

    def __init__(self, features: int, width: int, *, hidden: int, layers: int, dropout: float) -> None:
        """`layers` hidden layers of `hidden` units; with none the head is linear."""
        super().__init__()
        self.linear = nn.Linear(features, width)
        sizes = [features, *[hidden] * layers]
        steps: list[nn.Module] = [nn.Dropout(dropout)]
        for before, after in pairwise(sizes):
            steps += [nn.Linear(before, after), nn.GELU(), nn.Dropout(dropout)]
        self.body = nn.Sequential(*steps, zeroed(nn.Linear(hidden, width))) if layers else None

    def forward(self, features: Tensor) -> Tensor:
        """[b, features] → [b, width]."""
        linear: Tensor = self.linear(features)
        return linear if self.body is None else linear + self.body(features)


def zeroed(layer: nn.Linear) -> nn.Linear:
    """The layer with all weights zero: what it adds starts at nothing."""
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
