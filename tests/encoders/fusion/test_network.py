"""The network against its equations, and proof that what is missing has no influence."""

import pytest
import torch
from torch import Tensor

from encoders.fusion.attention import AdaptiveWeights, CrossModalAttention, masked_softmax
from encoders.fusion.network import FusionKind, FusionNetwork

FEATURES = (5, 3, 4)
KINDS: list[FusionKind] = ["full", "early", "late"]
PRESENT = torch.tensor([[1, 1, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0]], dtype=torch.bool)


def network(kind: FusionKind = "full", *, disentanglement: bool = True, variational: bool = False) -> FusionNetwork:
    """Tiny, in double precision, with every weight drawn: nothing is zero because it starts there."""
    torch.manual_seed(0)
    made = FusionNetwork(
        FEATURES, width=8, fusion=kind, disentanglement=disentanglement, variational=variational, hidden=6, tokens=2
    )
    for value in made.parameters():
        torch.nn.init.normal_(value, std=0.5)
    return made.double().eval()


def features(seed: int = 1) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(4, size, generator=generator, dtype=torch.float64) for size in FEATURES]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("disentanglement", [True, False])
@pytest.mark.parametrize("variational", [True, False])
def test_shapes_and_lengths(kind: FusionKind, disentanglement: bool, variational: bool) -> None:
    made = network(kind, disentanglement=disentanglement, variational=variational)
    embeddings, weights = made(features(), PRESENT)
    assert embeddings.shape == (4, 8)
    assert embeddings.norm(dim=1).tolist() == pytest.approx([1, 1, 1, 0])
    assert weights.sum(dim=1).tolist() == pytest.approx([1, 1, 1, 0])
    assert (weights[~PRESENT] == 0).all()
    parts = made.encode(features(), PRESENT)
    assert parts.shared.shape == (4, 3, 8)
    assert (parts.specific is not None) == (disentanglement and kind != "early")
    assert (parts.log_variance is not None) == (variational and kind != "early")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("anything", [1e6, float("nan"), float("inf")])
def test_what_is_missing_changes_nothing(kind: FusionKind, anything: float) -> None:
    made = network(kind)
    before = made(features(), PRESENT)
    changed = features()
    for place, values in enumerate(changed):
        values[~PRESENT[:, place]] = anything
    after = made(changed, PRESENT)
    assert torch.equal(before[0], after[0])
    assert torch.equal(before[1], after[1])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_has_no_gradient_and_the_rest_has(kind: FusionKind) -> None:
    inputs = [values.requires_grad_() for values in features()]
    embeddings, weights = network(kind)(inputs, PRESENT)
    (embeddings[:, 0].sum() + weights[:, 0].square().sum()).backward()
    for place, values in enumerate(inputs):
        assert values.grad is not None
        assert (values.grad[~PRESENT[:, place]] == 0).all()
        assert (values.grad[PRESENT[:, place]].abs().sum(dim=1) > 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_view_leaves_out_changes_nothing(kind: FusionKind) -> None:
    made, everything = network(kind), torch.ones(4, 3, dtype=torch.bool)
    seen = made.fuse(made.encode(features(), everything), PRESENT)
    missing = made(features(), PRESENT)
    torch.testing.assert_close(seen, missing)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients(kind: FusionKind) -> None:
    made = network(kind)
    inputs = [values.requires_grad_() for values in features()]
    assert torch.autograd.gradcheck(lambda *values: made(values, PRESENT), inputs)


def test_attention_is_its_equation_for_every_ordered_pair() -> None:
    torch.manual_seed(0)
    attention = CrossModalAttention(3, 8, tokens=2).double()
    states = torch.randn(1, 3, 8, dtype=torch.float64)
    pairs = attention.pairs(states)
    for m in range(3):
        for n in range(3):
            asking, asked = states[0, m].view(2, 4), states[0, n].view(2, 4)
            query, key, value = (
                asking @ attention.query[m, n],
                asked @ attention.key[m, n],
                asked @ attention.value[m, n],
            )
            expected = torch.softmax(query @ key.T / 4**0.5, dim=-1) @ value
            torch.testing.assert_close(pairs[0, m, n], expected.flatten())
    assert not torch.allclose(pairs[0, 0, 1], pairs[0, 1, 0])  # h_{m|n} is not h_{n|m}


def test_attention_is_the_mean_over_the_others_that_are_there() -> None:
    torch.manual_seed(0)
    attention = CrossModalAttention(3, 8, tokens=2)
    states = torch.randn(2, 3, 8)
    present = torch.tensor([[True, True, True], [True, False, False]])
    pairs, found = attention.pairs(states), attention(states, present)
    torch.testing.assert_close(found[0, 0], (pairs[0, 0, 1] + pairs[0, 0, 2]) / 2)
    assert (found[1, 0] == 0).all()  # nothing else to ask


def test_weights_are_a_softmax_over_what_is_there() -> None:
    torch.manual_seed(0)
    weigh = AdaptiveWeights(3, 8, hidden=5).double()
    torch.nn.init.normal_(weigh.modality)
    states = torch.randn(1, 3, 8, dtype=torch.float64)
    scores = weigh.score(torch.tanh(states[0] @ weigh.hidden.weight.T + weigh.hidden.bias + weigh.modality)).squeeze(-1)
    weights = weigh(states, torch.tensor([[True, False, True]]))[0]
    torch.testing.assert_close(weights[[0, 2]], torch.softmax(scores[[0, 2]], dim=0))
    assert weights[1] == 0


def test_softmax_over_nothing_is_nothing() -> None:
    scores = torch.tensor([[1.0, 2.0]], requires_grad=True)
    weights = masked_softmax(scores, torch.tensor([[False, False]]))
    weights.sum().backward()  # type: ignore[no-untyped-call]
    assert weights.tolist() == [[0, 0]]
    assert scores.grad is not None
    assert scores.grad.tolist() == [[0, 0]]


def test_late_fusion_is_the_mean_of_the_projections() -> None:
    made = network("late", disentanglement=False)
    alone = [made.project(place, values) for place, values in enumerate(features())]
    embeddings, weights = made(features(), PRESENT)
    mean = (alone[0][1] + alone[2][1]) / 2
    torch.testing.assert_close(embeddings[1], mean / mean.norm())
    assert weights[1].tolist() == [0.5, 0, 0.5]


@pytest.mark.parametrize("kind", KINDS)
def test_a_projection_reads_one_modality(kind: FusionKind) -> None:
    made = network(kind)
    projected = made.project(1, features()[1])
    parts = made.encode(features(), PRESENT)
    expected = torch.nn.functional.normalize(parts.shared[:, 1], dim=-1)[PRESENT[:, 1]]
    torch.testing.assert_close(projected[PRESENT[:, 1]], expected)


def test_tokens_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="multiple of tokens"):
        CrossModalAttention(2, 8, tokens=3)
