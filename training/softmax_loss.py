"""Cross-entropy over a whole catalogue, without ever holding all logits at once."""

from typing import Any, cast

import torch
from torch import Tensor

# Positions at a time: their logits over a few thousand items stay near the processor's cache.
_CHUNK = 512


def softmax_loss(states: Tensor, table: Tensor, bias: Tensor, targets: Tensor, dtype: torch.dtype) -> Tensor:
    """Mean cross-entropy of softmax(states · tableᵀ + bias) against targets.

    `states` [positions, width], `table` [items, width], `bias` [items], `targets` [positions]. Products are computed
    in `dtype`. Gradients are made on the way forward, chunk by chunk, so memory is positions × width + items × width
    instead of positions × items (as in Wijmans et al., 2025, "Cut your losses"). Differentiable once.
    """
    loss = _SoftmaxLoss.apply(states, table, bias, targets, dtype)  # type: ignore[no-untyped-call]
    return cast(Tensor, loss)


class _SoftmaxLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, states: Tensor, table: Tensor, bias: Tensor, targets: Tensor, dtype: torch.dtype) -> Tensor:
        low_states, low_table, low_bias = states.to(dtype), table.to(dtype), bias.to(dtype)
        states_gradient = torch.empty_like(states)
        table_gradient, bias_gradient = torch.zeros_like(table), torch.zeros_like(bias)
        loss = torch.zeros((), device=states.device)
        for start in range(0, len(states), _CHUNK):
            chunk, wanted = low_states[start : start + _CHUNK], targets[start : start + _CHUNK, None]
            chances = torch.softmax(torch.addmm(low_bias, chunk, low_table.T), dim=-1)
            chosen = chances.gather(1, wanted)
            loss -= chosen.float().clamp_min(1e-20).log().sum()
            error = chances.scatter_(1, wanted, chosen - 1)  # d loss / d logits
            states_gradient[start : start + _CHUNK] = error @ low_table
            table_gradient += error.T @ chunk
            bias_gradient += error.sum(0, dtype=bias.dtype)
        ctx.save_for_backward(states_gradient, table_gradient, bias_gradient)
        ctx.count = len(states)
        return loss / len(states)

    @staticmethod
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        scale = outer / ctx.count
        states_gradient, table_gradient, bias_gradient = ctx.saved_tensors
        return states_gradient * scale, table_gradient * scale, bias_gradient * scale, None, None
