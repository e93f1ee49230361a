"""Losses of alignment against values worked out by hand."""

import math

import pytest
import torch

from training.alignment import Temperature, drawn, gaussian_kl, info_nce, variational_agreement

EYE = torch.eye(2, dtype=torch.float64)


def test_two_items_that_agree() -> None:
    # Logits are [[1, 0], [0, 1]] / τ: the loss is log(1 + e^(-1/τ)), the same in both directions.
    assert info_nce(EYE, EYE, 1).item() == pytest.approx(math.log(1 + math.exp(-1)))
    assert info_nce(EYE, EYE, 10).item() == pytest.approx(math.log(1 + math.exp(-10)))


def test_two_items_that_are_confused() -> None:
    assert info_nce(EYE, EYE.flip(0), 1).item() == pytest.approx(math.log(1 + math.exp(1)))


def test_both_directions_count() -> None:
    # Both texts are alike. A text finds its picture by chance, and each picture finds both texts as likely.
    left = torch.tensor([[1.0, 0], [1, 0]], dtype=torch.float64)
    logits = left @ EYE.T
    there = (logits.logsumexp(dim=1) - logits.diagonal()).mean()
    back = (logits.T.logsumexp(dim=1) - logits.diagonal()).mean()
    assert back.item() == pytest.approx(math.log(2))
    assert info_nce(left, EYE, 1).item() == pytest.approx(((there + back) / 2).item())


def test_rows_without_both_are_left_out() -> None:
    left, right = torch.randn(5, 3), torch.randn(5, 3)
    usable = torch.tensor([True, False, True, True, False])
    expected = info_nce(left[usable], right[usable], 2)
    right[~usable] = torch.nan
    assert info_nce(left, right, 2, usable=usable).item() == pytest.approx(expected.item())


def test_the_same_picture_is_no_negative() -> None:
    # The third item has the first one's picture; without it as a negative each of the two has only the second.
    left = torch.tensor([[1.0, 0], [0, 1], [1, 0]], dtype=torch.float64)
    same = torch.tensor([[True, False, True], [False, True, False], [True, False, True]])
    expected = (2 * math.log(1 + math.exp(-1)) + math.log(1 + 2 * math.exp(-1))) / 3
    assert info_nce(left, left, 1, same=same).item() == pytest.approx(expected)


def test_smoothing_is_cross_entropy_with_smoothed_labels() -> None:
    left = torch.nn.functional.normalize(torch.randn(6, 4), dim=1)
    right = torch.nn.functional.normalize(torch.randn(6, 4), dim=1)
    logits, labels = 3 * left @ right.T, torch.arange(6)
    cross = torch.nn.functional.cross_entropy
    expected = (cross(logits, labels, label_smoothing=0.1) + cross(logits.T, labels, label_smoothing=0.1)) / 2
    assert info_nce(left, right, 3, smoothing=0.1).item() == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("rows", [0, 1])
def test_too_few_items_teach_nothing(rows: int) -> None:
    left = torch.randn(rows, 3, requires_grad=True)
    loss = info_nce(left, left, 1)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0


def test_gradients() -> None:
    generator = torch.Generator().manual_seed(0)
    left, right, mean, log = (
        torch.randn(4, 3, generator=generator, dtype=torch.float64).requires_grad_() for _ in range(4)
    )
    usable = torch.tensor([True, True, True, False])
    same = torch.zeros(4, 4, dtype=torch.bool)
    same[0, 2] = same[2, 0] = True
    assert torch.autograd.gradcheck(
        lambda a, b: info_nce(a, b, 2, usable=usable, same=same, smoothing=0.1), (left, right)
    )
    agree = lambda a, b, c, d: variational_agreement((a, b), (c, d), usable)  # noqa: E731
    assert torch.autograd.gradcheck(agree, (left, right, mean, log))


def test_kl_is_that_of_torch() -> None:
    means, logs = torch.randn(2, 3, 4, dtype=torch.float64), torch.randn(2, 3, 4, dtype=torch.float64)
    normals = [torch.distributions.Normal(mean, (0.5 * log).exp()) for mean, log in zip(means, logs, strict=True)]
    expected = torch.distributions.kl_divergence(*normals).sum(dim=1)
    torch.testing.assert_close(gaussian_kl(means[0], logs[0], means[1], logs[1]), expected)


def test_posteriors_that_are_the_prior_agree() -> None:
    zero = torch.zeros(3, 4)
    everything = torch.ones(3, dtype=torch.bool)
    assert variational_agreement((zero, zero), (zero, zero), everything).item() == 0
    assert variational_agreement((zero, zero + 1), (zero, zero), everything).item() == pytest.approx(0.5 + 0.1 * 0.25)
    assert variational_agreement((zero, zero + 1), (zero, zero), ~everything).item() == 0


def test_a_draw_spreads_as_the_posterior_says() -> None:
    mean = torch.tensor([[3.0, 4.0]])
    sure = drawn(mean, torch.full((1, 2), -40.0), torch.randn(1, 2))
    torch.testing.assert_close(sure, torch.tensor([[0.6, 0.8]]))
    moved = drawn(mean, torch.zeros(1, 2), torch.tensor([[1.0, -4.0]]))
    torch.testing.assert_close(moved, torch.tensor([[1.0, 0.0]]))


def test_a_temperature_stays_in_bounds() -> None:
    temperature = Temperature(0.05)
    assert temperature().item() == pytest.approx(20)
    torch.nn.init.constant_(temperature.log_inverse, 50)
    assert temperature().item() == pytest.approx(100)
    torch.nn.init.constant_(temperature.log_inverse, -50)
    assert temperature().item() == pytest.approx(1)
