"""The chunked softmax loss is cross-entropy, with its gradients."""

import pytest
import torch
from torch.nn import functional

from training.softmax_loss import softmax_loss


@pytest.mark.parametrize("positions", [1, 511, 512, 1300])
def test_it_is_cross_entropy(positions: int) -> None:
    torch.manual_seed(0)
    shapes = (positions, 8), (40, 8), (40,)
    ours = [torch.randn(shape, requires_grad=True) for shape in shapes]
    theirs = [value.detach().clone().requires_grad_() for value in ours]
    targets = torch.randint(40, (positions,))

    loss = softmax_loss(ours[0], ours[1], ours[2], targets, torch.float32)
    (3 * loss).backward()
    expected = functional.cross_entropy(theirs[0] @ theirs[1].T + theirs[2], targets)
    (3 * expected).backward()

    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for got, wanted in zip(ours, theirs, strict=True):
        assert got.grad is not None
        torch.testing.assert_close(got.grad, wanted.grad, rtol=1e-4, atol=1e-6)
