"""What an item's vector is made of: its own embedding, its content, or both."""

import numpy as np
import pytest
import torch

from index.sequence import SequenceConfig, SequenceNetwork
from training.item_vectors import ItemVectors, renumbered, scale

ITEMS = 6
KNOWN = np.array([True, True, True, True, False, False])
ROWS = torch.arange(ITEMS + 1)


def vectors(content: np.ndarray | None, **options: float) -> ItemVectors:
    torch.manual_seed(0)
    network = SequenceNetwork(SequenceConfig(items=ITEMS, dimensions=8, layers=1, heads=1, reach=4))
    torch.nn.init.normal_(network.bias)
    return ItemVectors(network, KNOWN, content, **options)


@pytest.fixture
def content() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(ITEMS, 5)).astype(np.float32)


def test_without_content_an_item_is_its_id() -> None:
    items = vectors(None, id_dropout=0.5).train()
    found, bias = items(ROWS)
    torch.testing.assert_close(found, items.network.table)
    torch.testing.assert_close(bias[:-1], items.network.bias)


def test_both_are_added_and_content_stands_alone_where_nobody_chose(content: np.ndarray) -> None:
    items = vectors(content).eval()
    found, bias = items(ROWS)
    centre, spread = scale(content, KNOWN)
    said, said_bias = items.content(torch.from_numpy((content - centre) / spread))
    table = items.network.table
    torch.testing.assert_close(found[:4], table[:4] + said[:4])
    torch.testing.assert_close(bias[:4], items.network.bias[:4] + said_bias[:4])
    torch.testing.assert_close(found[4:6], said[4:6])
    torch.testing.assert_close(bias[4:6], said_bias[4:6])


def test_without_ids_only_the_beginning_of_a_history_has_one(content: np.ndarray) -> None:
    items = vectors(content, ids=False).eval()
    with torch.no_grad():
        before, _ = items(ROWS)
        items.network.table[:ITEMS] += 1
        after, _ = items(ROWS)
        items.network.table[ITEMS] += 1
        start, _ = items(ROWS[-1:])
    torch.testing.assert_close(before, after)
    torch.testing.assert_close(start[0], before[-1] + 1)


def test_some_ids_are_left_out_in_training_only(content: np.ndarray) -> None:
    items = vectors(content, id_dropout=0.5)
    items.content.hidden[2].p = 0.0
    whole, _ = items.eval()(ROWS)
    items.train()
    differences = torch.stack([(items(ROWS)[0] - whole).abs().sum(dim=1) for _ in range(200)])
    changed = (differences > 1e-3).float().mean(dim=0)
    np.testing.assert_allclose(changed[:4], 0.5, atol=0.12)
    assert changed[4:].tolist() == [0, 0, 0]  # content alone already, and the beginning of a history


def test_what_is_served_are_the_vectors_of_a_state(content: np.ndarray) -> None:
    items = vectors(content, id_dropout=0.5).train()
    state = {name: value.detach().clone() + 0.5 for name, value in items.state_dict().items()}
    served = items.served(state)
    assert items.training
    network = SequenceNetwork(items.network.config)
    network.load_state_dict(served)
    items.load_state_dict(state)
    found, bias = items.eval()(ROWS)
    torch.testing.assert_close(network.table, found, check_stride=False)
    torch.testing.assert_close(network.bias, bias[:-1])


def test_features_are_on_one_scale_and_a_missing_one_is_in_the_middle() -> None:
    content = np.array([[1, 10], [3, 10], [0, 0], [5, 40]], dtype=np.float32)
    centre, spread = scale(content, np.array([True, True, True, False]))
    found = (content[:2] - centre) / spread
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-6)
    assert np.square(found).mean() == pytest.approx(1)
    nothing = scale(np.zeros((3, 2), dtype=np.float32), np.ones(3, dtype=bool))
    assert [one.tolist() for one in nothing] == [[0, 0], 1]
    network = SequenceNetwork(SequenceConfig(items=4, dimensions=8, layers=1, heads=1, reach=4))
    items = ItemVectors(network, np.array([True, True, False, False]), content).eval()
    silent, _ = items(torch.tensor([2, 4]))  # without content, and "nothing yet"
    in_the_middle, _ = items.content(torch.zeros(1, 2))
    torch.testing.assert_close(silent, torch.stack([in_the_middle[0], network.table[4] + in_the_middle[0]]))


def test_a_state_serves_a_table_with_other_rows(content: np.ndarray) -> None:
    """The third item is gone, the others stand the other way round, and two are new: one like the first, one unlike."""
    before = vectors(content).eval()
    rows = np.array([5, 4, 3, 1, 0, -1, -1])
    now = np.vstack([content[[5, 4, 3, 1, 0, 0]], -content[:1]])
    network = SequenceNetwork(SequenceConfig(items=7, dimensions=8, layers=1, heads=1, reach=4))
    known = np.append(KNOWN[rows[:5]], [False, False])
    after = ItemVectors(network, known, now)
    state = renumbered({name: value.clone() for name, value in before.state_dict().items()}, rows)
    served = after.served(state)
    found, bias = before(ROWS)
    torch.testing.assert_close(served["table"][[0, 1, 2, 3, 4, 7]], found[[5, 4, 3, 1, 0, 6]])
    torch.testing.assert_close(served["bias"][:5], bias[[5, 4, 3, 1, 0]])
    torch.testing.assert_close(served["table"][5], before.content(before._scaled(torch.tensor([0])))[0][0])
    assert not torch.allclose(served["table"][6], served["table"][5])
