"""The sequence model as it serves."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import ArtifactError
from index.sequence import SequenceConfig, SequenceModel, SequenceNetwork

CONFIG = SequenceConfig(items=30, dimensions=16, layers=2, heads=2, reach=6)


@pytest.fixture
def model() -> SequenceModel:
    torch.manual_seed(3)
    networks = [SequenceNetwork(CONFIG).eval() for _ in range(2)]
    for network in networks:
        for block in network.blocks:
            torch.nn.init.normal_(block.nearness)
    return SequenceModel(tuple(networks))


def test_scores_are_log_probabilities(model: SequenceModel) -> None:
    scores = model.scores([[1, 2, 3], [], list(range(20))])
    assert scores.shape == (3, 30)
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, rtol=1e-4)


def test_a_history_is_scored_the_same_alone_and_among_others(model: SequenceModel) -> None:
    histories = [[4], [1, 2, 3, 4, 5], [], [9, 8]]
    together = model.scores(histories)
    alone = np.concatenate([model.scores([history]) for history in histories])
    np.testing.assert_allclose(together, alone, atol=0.05)  # bfloat16 where the machine is fast at it


def test_order_counts(model: SequenceModel) -> None:
    first, second = model.scores([[1, 2, 3], [3, 2, 1]])
    assert np.abs(first - second).max() > 0.1


def test_only_the_latest_choices_are_read(model: SequenceModel) -> None:
    recent = [5, 6, 7, 8, 9, 10]
    first, second = model.scores([[1, *recent], [2, 3, *recent]])
    np.testing.assert_array_equal(first, second)


def test_members_are_averaged_as_probabilities(model: SequenceModel) -> None:
    single = [SequenceModel((network,)).scores([[1, 2]]) for network in model.members]
    np.testing.assert_allclose(np.exp(model.scores([[1, 2]])), np.exp(single).mean(axis=0), rtol=1e-4)


def test_no_place_sees_what_comes_later() -> None:
    torch.manual_seed(0)
    network = SequenceNetwork(CONFIG).eval()
    rows = torch.tensor([[1, 2, 3, 4]])
    changed = torch.tensor([[1, 2, 3, 9]])
    torch.testing.assert_close(network(rows)[:, :3], network(changed)[:, :3])


def test_it_comes_back_as_it_was_saved(model: SequenceModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    again = SequenceModel.load(tmp_path / "model")
    np.testing.assert_array_equal(model.scores([[1, 2]]), again.scores([[1, 2]]))


@pytest.mark.parametrize("name", ["model.json", "member-1.safetensors"])
def test_a_damaged_folder_is_one_clear_error(model: SequenceModel, tmp_path: Path, name: str) -> None:
    model.save(tmp_path)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:20])
    with pytest.raises(ArtifactError, match="Run `tastemaker prepare`"):
        SequenceModel.load(tmp_path)
