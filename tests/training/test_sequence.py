"""The training of the sequence model: what is learned from, that it learns, that it goes on after a kill."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import InputError
from index.sequence import SequenceNetwork
from training.members import sequence_model, train_sequence_model
from training.placement import place_unchosen
from training.sequence import (
    MemberTraining,
    Progress,
    SequenceData,
    SequenceTraining,
    batches_of,
    fingerprint,
    hold_out,
    sampled_items,
    windows,
)

ITEMS = 40
CPU = torch.device("cpu")
SETTINGS = SequenceTraining(
    members=1, epochs=6, dimensions=32, dropout=0.1, reach=20, learning_rate=0.01, batch_tokens=400
)


def circle(people: int = 150) -> list[np.ndarray]:
    """People who go round a circle of 39 items, each from a place of their own; nobody chooses item 39."""
    rng = np.random.default_rng(0)
    return [
        (start + np.arange(length)) % 39
        for start, length in zip(rng.integers(39, size=people), rng.integers(5, 30, size=people), strict=True)
    ]


@pytest.fixture(scope="module")
def data() -> SequenceData:
    return hold_out(circle(), ITEMS, 20)


def test_what_is_held_out_is_nowhere_learned_from() -> None:
    sequences = circle()
    data = hold_out(sequences, ITEMS, 10)
    assert len(data.targets) == 10
    assert sum(map(len, data.sequences)) == sum(map(len, sequences)) - 10
    for history, target in zip(data.histories, data.targets, strict=True):
        assert (history[-1] + 1) % 39 == target


def test_at_most_one_choice_in_a_hundred_is_held_out() -> None:
    sequences = circle()
    data = hold_out(sequences, ITEMS, 10_000)
    assert len(data.targets) == int(np.ceil(sum(map(len, sequences)) / 100))


def test_a_choice_that_was_made_before_is_not_held_out() -> None:
    again = np.array([1, 2, 3, 1])
    data = hold_out([again, np.array([4, 5, 6]), again], ITEMS, 10)
    assert data.targets.tolist() == [6]
    assert [sequence.tolist() for sequence in data.sequences] == [[1, 2, 3, 1], [4, 5], [1, 2, 3, 1]]


def test_windows_hold_every_choice_as_a_target() -> None:
    sequence = np.arange(1000)
    cut = list(windows(sequence, 20, np.random.default_rng(0)))
    assert {int(row) for window in cut for row in window[1:]} == set(range(1000))
    assert max(map(len, cut)) == 21
    assert [window[0] for window in cut].count(-1) == 1
    assert all(second == first + 1 for window in cut for first, second in pairwise(window))


def test_short_histories_are_shown_from_their_middle_too() -> None:
    data = SequenceData(ITEMS, [np.arange(10)] * 100, [], np.array([], dtype=np.int64))
    batches = list(batches_of(data, SETTINGS, np.random.default_rng(0)))
    cut = [window for batch in batches for window in batch]
    middles = [window for window in cut if window[0] != -1]
    assert len(cut) == 100
    assert len(middles) == 20
    assert all(len(window) >= 2 and window[-1] == 9 for window in middles)


def test_it_learns_what_comes_next(data: SequenceData, tmp_path: Path) -> None:
    model = train_sequence_model(data, np.eye(ITEMS, dtype=np.float32), SETTINGS, tmp_path, progress=False)
    foretold = model.scores([[3, 4, 5, 6], [30, 31, 32], [37, 38, 0, 1]]).argmax(axis=1)
    assert foretold.tolist() == [7, 33, 2]


@pytest.mark.parametrize("items", ["content", "both"])
def test_it_learns_from_content_and_foretells_items_that_nobody_chose(items: str, tmp_path: Path) -> None:
    """Content says where on the circle an item stands; item 39 lies between 19 and 20, and nobody chose it."""
    angles = np.outer(2 * np.pi * np.append(np.arange(39), 19.5) / 39, np.arange(1, 7))
    content = np.hstack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    settings = SETTINGS.model_copy(update={"items": items, "id_dropout": 0.3, "epochs": 10})
    model = train_sequence_model(hold_out(circle(), ITEMS, 20), content, settings, tmp_path, progress=False)
    near, far = model.scores([[15, 16, 17, 18], [30, 31, 32]])
    assert near.argmax() in {19, 20, 39}
    assert (near > near[39]).sum() <= 3
    assert (far > far[39]).sum() > 10


@pytest.mark.parametrize("items", ["ids", "both"])
def test_a_killed_training_ends_as_if_it_had_not_been(data: SequenceData, items: str, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"epochs": 3, "items": items})
    data = replace(data, content=None if items == "ids" else np.eye(ITEMS, dtype=np.float32))

    def kill(progress: Progress) -> None:
        if progress.epoch >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        MemberTraining(data, settings, 0, CPU).run(tmp_path, kill)
    epochs: list[float] = []
    resumed = MemberTraining(data, settings, 0, CPU).run(tmp_path, lambda progress: epochs.append(progress.epoch))
    (tmp_path / "other").mkdir()
    whole = MemberTraining(data, settings, 0, CPU).run(tmp_path / "other", lambda _: None)

    assert 1 < epochs[0] < 2  # the second epoch had no checkpoint yet
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value)


def test_the_bar_goes_on_from_the_epochs_of_an_earlier_run(
    data: SequenceData, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = SETTINGS.model_copy(update={"members": 2, "epochs": 2})
    content = np.zeros((ITEMS, 1), dtype=np.float32)
    folder = tmp_path / fingerprint(data, settings)
    folder.mkdir()

    def kill(progress: Progress) -> None:
        if progress.epoch > 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        MemberTraining(data, settings, 1, CPU).run(folder, kill)
    (folder / "member-0.weights").touch()  # finished
    with pytest.raises(EOFError):
        train_sequence_model(data, content, settings, tmp_path)
    bars = [bar.strip() for bar in capsys.readouterr().err.split("\r") if "epochs" in bar]
    assert " 3.0/4 epochs [" in bars[0]
    assert " 4.0/4 epochs [" in bars[-1]


def test_members_side_by_side_are_those_in_turn(data: SequenceData, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"members": 2, "epochs": 1, "items": "ids"})
    content = np.eye(ITEMS, dtype=np.float32)
    together = train_sequence_model(data, content, settings, tmp_path, progress=False)
    alone = [MemberTraining(data, settings, member, CPU).run(tmp_path, lambda _: None) for member in range(2)]
    expected = sequence_model(alone, settings, data.chosen, content).scores([[1, 2]])
    np.testing.assert_allclose(together.scores([[1, 2]]), expected, atol=0.05)


def test_content_that_says_nothing_leaves_ids_alone(data: SequenceData, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"epochs": 1, "items": "both"})
    nothing = np.zeros((ITEMS, 1), dtype=np.float32)
    with_nothing = train_sequence_model(data, nothing, settings, tmp_path / "nothing", progress=False)
    ids = settings.model_copy(update={"items": "ids"})
    alone = train_sequence_model(data, nothing, ids, tmp_path / "ids", progress=False)
    np.testing.assert_array_equal(with_nothing.scores([[1, 2]]), alone.scores([[1, 2]]))


def test_finished_members_are_not_trained_again(data: SequenceData, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"epochs": 1})
    content = np.eye(ITEMS, dtype=np.float32)
    train_sequence_model(data, content, settings, tmp_path, progress=False)
    [weights] = tmp_path.glob("*/member-0.weights")
    before = weights.stat().st_mtime_ns
    train_sequence_model(data, content, settings, tmp_path, progress=False)
    assert weights.stat().st_mtime_ns == before


def test_a_diverged_training_is_one_clear_line(data: SequenceData, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"learning_rate": 1e30})
    with pytest.raises(InputError, match="diverged in epoch 1"):
        MemberTraining(data, settings, 0, CPU).run(tmp_path, lambda _: None)


def test_unchosen_items_stand_where_their_content_says() -> None:
    torch.manual_seed(0)
    network = SequenceNetwork(SETTINGS.shape(ITEMS))
    rng = np.random.default_rng(0)
    content = rng.normal(size=(ITEMS, 6)).astype(np.float32)
    with torch.no_grad():
        network.table[:ITEMS] = torch.from_numpy(content @ rng.normal(size=(6, 32))).float()
    truth = network.table[39].detach().clone()
    with torch.no_grad():
        network.table[39] = 0
    kept = network.table[:39].detach().clone()
    chosen = np.full(ITEMS, 30)
    chosen[39] = 0

    place_unchosen(network, chosen, content)

    assert torch.equal(network.table[:39], kept)
    alike = torch.nn.functional.cosine_similarity(network.table[39], truth, dim=0)
    assert alike > 0.9


def test_sampled_items_hold_the_targets_and_say_how_likely_each_was() -> None:
    torch.manual_seed(0)
    popularity = np.array([0] * 50 + [1] * 40 + [10] * 10)
    targets = torch.tensor([95, 60, 95, 99])
    items, places, correction = sampled_items(targets, popularity, 30)
    assert items[places].tolist() == targets.tolist()
    share = popularity / popularity.sum()
    expected = 1 - (1 - share[items]) ** 4 * (1 - 1 / 100) ** 30
    np.testing.assert_allclose(correction.exp(), expected, rtol=1e-4)


def test_a_sampled_softmax_learns_too(monkeypatch: pytest.MonkeyPatch, data: SequenceData, tmp_path: Path) -> None:
    monkeypatch.setattr("training.sequence.FULL_SOFTMAX_ITEMS", 10)
    monkeypatch.setattr("training.sequence.SAMPLED_ITEMS", 12)
    seen: list[Progress] = []
    MemberTraining(data, SETTINGS, 0, CPU).run(tmp_path, seen.append)
    last = seen[-1].validation
    assert last is not None
    assert last.hit_rate > 0.9
