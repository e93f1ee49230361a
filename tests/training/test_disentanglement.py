import pytest
import torch

from training.disentanglement import Reconstruction, cross_correlation

# Two uncorrelated columns.
COLUMNS = torch.tensor([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=torch.float64)


def test_parts_that_have_nothing_in_common() -> None:
    assert cross_correlation(COLUMNS[:, :1], COLUMNS[:, 1:]).item() == pytest.approx(0, abs=1e-9)


def test_parts_that_say_the_same() -> None:
    # Each of two dimensions is wholly correlated with one: ‖C‖² / d = 2 / 2, whatever its size and its mean.
    assert cross_correlation(COLUMNS, 0.1 * COLUMNS + 5).item() == pytest.approx(1, abs=1e-3)


def test_parts_that_have_half_in_common() -> None:
    # The correlation of x with x + y is 1/√2, its square 1/2.
    mixed = COLUMNS[:, :1] + COLUMNS[:, 1:]
    assert cross_correlation(COLUMNS[:, :1], mixed).item() == pytest.approx(0.5, abs=1e-3)


def test_a_part_without_any_spread_has_a_finite_gradient() -> None:
    flat = torch.ones(4, 2, requires_grad=True)
    cross_correlation(flat, COLUMNS.float()).backward()  # type: ignore[no-untyped-call]
    assert flat.grad is not None
    assert flat.grad.isfinite().all()
    assert cross_correlation(COLUMNS[:2], COLUMNS[:2]).item() == 0  # too few to tell


def test_gradients() -> None:
    generator = torch.Generator().manual_seed(0)
    shared, specific = (torch.randn(5, 3, generator=generator, dtype=torch.float64).requires_grad_() for _ in range(2))
    assert torch.autograd.gradcheck(cross_correlation, (shared, specific))


def test_reconstruction_by_hand() -> None:
    decode = Reconstruction((2, 1), width=1).double()
    for name, value in decode.named_parameters():
        torch.nn.init.constant_(value, 0.0 if name.endswith("bias") else 1.0)
    inputs = torch.tensor([[3.0, 4.0, 9.0], [0, 0, 7]], dtype=torch.float64)
    shared = torch.tensor([[[1.0], [2.0]], [[5.0], [3.0]]], dtype=torch.float64)
    present = torch.tensor([[True, True], [False, True]])
    # First modality: 1 + 1 = 2 against 3 and 4, (1 + 4) / 2. Second: 4 against 9 and 6 against 7, (25 + 1) / 2.
    assert decode(inputs, shared, shared, present).item() == pytest.approx((2.5 + 13) / 2)
    assert decode(inputs, shared, shared, torch.zeros_like(present)).item() == 0
