"""Bottleneck adapters: two small layers behind each sublayer (Houlsby et al., arXiv 1902.00751, figure 2).

Serving with vLLM can't run them: they are for comparison, and for whoever serves with transformers.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

# The last projection of attention and of the feed-forward part, by the names that transformers' models use.
SUBLAYER_ENDS = ("o_proj", "out_proj", "down_proj", "fc2", "c_proj", "dense_4h_to_h")


class Bottleneck(nn.Module):
    """x + up(gelu(down(x))) behind a projection. `up` starts at zero, so the model starts as it was."""

    def __init__(self, projection: nn.Module, hidden: int, width: int) -> None:
        super().__init__()
        self.projection = projection
        self.down = nn.Linear(hidden, width)
        self.up = nn.Linear(width, hidden)
        nn.init.normal_(self.down.weight, std=hidden**-0.5)
        nn.init.zeros_(self.down.bias)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, states: Tensor) -> Tensor:
        """[…, inner] → […, hidden], in the projection's own type."""
        projected = cast(Tensor, self.projection(states))
        with torch.autocast(projected.device.type, enabled=False):
            added = self.up(functional.gelu(self.down(projected.float())))
        return cast(Tensor, projected + added.to(projected.dtype))


def insert_bottlenecks(layers: list[nn.Module], hidden: int, width: int) -> int:
    """Put a bottleneck behind each sublayer's last projection of these layers. How many were put in."""
    count = 0
    for layer in layers:
        for parent in list(layer.modules()):
            for name, child in list(parent.named_children()):
                if name in SUBLAYER_ENDS and not isinstance(parent, Bottleneck):
                    device = next(child.parameters()).device
                    setattr(parent, name, Bottleneck(child, hidden, width).to(device))
                    count += 1
    return count
