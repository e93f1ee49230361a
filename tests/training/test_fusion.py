"""The whole training on small catalogues: that it learns, goes on where it was cut off, and copes with little."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.errors import InputError
from core.modality import Modality
from encoders.fusion.monitors import FusionHealth
from tests.encoders.fusion.modalities import modalities
from training import fusion as training
from training.fusion import LOG, FusionTraining, train_fusion
from training.fusion_data import FusionData, Partners, Split, co_chosen
from training.fusion_objective import FusionObjective
from training.fusion_validation import Recall

QUICK: dict[str, Any] = {"dimensions": 16, "hidden": 16, "epochs": 5, "batch": 150, "learning_rate": 1e-2}
COUNT = 300


def read_log(folder: Path) -> dict[str, Any]:
    log: dict[str, Any] = json.loads((folder / LOG).read_text(encoding="utf-8"))
    return log


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"start": "random"},
        {"alignment": "variational"},
        {"alignment": "none"},
        {"disentanglement": False},
        {"fusion": "late"},
        {"fusion": "early"},
    ],
    ids=str,
)
def test_held_out_items_are_found(tmp_path: Path, changes: dict[str, Any]) -> None:
    model = train_fusion(modalities(COUNT), FusionTraining(**QUICK, **changes), tmp_path)
    held_out = read_log(tmp_path)["held_out"]
    found, chance = (held_out[kind]["fused→behaviour"]["reciprocal_rank"] for kind in ("recall", "chance"))
    assert held_out["items"] == 30
    assert found > 2 * chance
    assert found > held_out["untrained"]["fused→behaviour"]["reciprocal_rank"]
    assert model.names == ("text", "image", "behaviour")
    assert FusionHealth.from_log(tmp_path / LOG) is not None


def test_a_text_finds_its_picture(tmp_path: Path) -> None:
    train_fusion(modalities(COUNT), FusionTraining(**QUICK), tmp_path)
    held_out = read_log(tmp_path)["held_out"]
    for task in ("text→image", "image→text"):
        assert held_out["recall"][task]["at_1"] > 3 * held_out["chance"][task]["at_1"]


def test_items_chosen_near_each_other_come_near(tmp_path: Path) -> None:
    """Pairs that no feature explains: only learning from the pairs brings them together."""
    rng = np.random.default_rng(3)
    features = rng.normal(size=(40, 12)).astype(np.float32)
    items = [Modality("text", features, np.ones(40, dtype=np.bool_))]
    pairs = np.stack([np.arange(20), np.arange(20, 40)], axis=1)
    settings = FusionTraining(**QUICK | {"epochs": 30}, noise=0)

    def nearness(given: np.ndarray | None, folder: Path) -> float:
        embeddings = train_fusion(items, settings, folder, pairs=given).fuse(items).embeddings
        return float((embeddings[:20] * embeddings[20:]).sum(axis=1).mean())

    assert nearness(pairs, tmp_path / "with") > nearness(None, tmp_path / "without") + 0.3


def test_the_same_seed_makes_the_same_model_and_leaves_other_chance_alone(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    items = modalities(COUNT)
    first = train_fusion(items, FusionTraining(**QUICK), tmp_path / "first")
    assert torch.rand(1) == expected
    second = train_fusion(items, FusionTraining(**QUICK), tmp_path / "second")
    other = train_fusion(items, FusionTraining(**QUICK, seed=1), tmp_path / "other")
    assert first.fuse(items).embeddings.tolist() == second.fuse(items).embeddings.tolist()
    assert first.fuse(items).embeddings.tolist() != other.fuse(items).embeddings.tolist()


def test_a_killed_training_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items, settings = modalities(COUNT), FusionTraining(**QUICK)
    whole = train_fusion(items, settings, tmp_path / "whole")
    begin = training._Run._epoch
    seen: list[int] = []

    def cut_off(run: training._Run, epoch: int, bar: Any) -> dict[str, float]:
        seen.append(epoch)
        if seen == [0, 1, 2, 3]:
            raise KeyboardInterrupt
        return begin(run, epoch, bar)

    with monkeypatch.context() as patched:
        patched.setattr(training._Run, "_epoch", cut_off)
        with pytest.raises(KeyboardInterrupt):
            train_fusion(items, settings, tmp_path / "cut")
        again = train_fusion(items, settings, tmp_path / "cut")
    assert seen[:6] == [0, 1, 2, 3, 3, 4]  # not from the beginning
    assert again.fuse(items).embeddings.tolist() == whole.fuse(items).embeddings.tolist()
    assert read_log(tmp_path / "cut") == read_log(tmp_path / "whole")


def test_a_damaged_or_foreign_checkpoint_is_not_taken(tmp_path: Path) -> None:
    items = modalities(COUNT)
    train_fusion(items, FusionTraining(**QUICK), tmp_path / "first")
    (tmp_path / "second").mkdir()
    foreign = (tmp_path / "first" / "whole.checkpoint").read_bytes()
    (tmp_path / "second" / "whole.checkpoint").write_bytes(foreign)
    (tmp_path / "second" / "held-out.checkpoint").write_bytes(b"no checkpoint")
    second = train_fusion(items, FusionTraining(**QUICK, seed=1), tmp_path / "second")
    third = train_fusion(items, FusionTraining(**QUICK, seed=1), tmp_path / "third")
    assert second.fuse(items).embeddings.tolist() == third.fuse(items).embeddings.tolist()


def test_a_large_catalogue_gets_fewer_epochs_and_still_more_steps() -> None:
    epochs = {items: FusionTraining.suited_to(items).epochs for items in (1, 1_681, 4_000, 30_000, 100_000, 10**7)}
    assert epochs == {1: 30, 1_681: 30, 4_000: 30, 30_000: 11, 100_000: 6, 10**7: 1}
    steps = [items * count for items, count in epochs.items()]
    assert steps == sorted(steps)
    assert FusionTraining.suited_to(100_000, epochs=30).epochs == 30  # who names a number gets it


def test_the_bar_counts_batches_and_a_resumed_one_what_was_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = modalities(COUNT)
    train_fusion(items, FusionTraining(**QUICK), tmp_path, progress="Fusing")
    first = capsys.readouterr().err
    assert "0/10 [" in first  # 5 epochs of 255 items in two batches
    (tmp_path / "whole.checkpoint").unlink()
    train_fusion(items, FusionTraining(**QUICK), tmp_path, progress="Fusing")
    assert "Fusing: 100%|" in capsys.readouterr().err.split("Fusing, all items")[0]


def test_one_modality(tmp_path: Path) -> None:
    items = modalities(COUNT, widths={"text": 12})
    fused = train_fusion(items, FusionTraining(**QUICK), tmp_path).fuse(items)
    assert np.linalg.norm(fused.embeddings, axis=1) == pytest.approx(items[0].present.astype(float), abs=1e-5)


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("alignment", ["infonce", "variational"])
def test_a_handful_of_items(tmp_path: Path, count: int, alignment: str) -> None:
    items = modalities(count, missing=0)
    fused = train_fusion(items, FusionTraining(**QUICK, alignment=alignment), tmp_path).fuse(items)
    assert np.linalg.norm(fused.embeddings, axis=1) == pytest.approx(np.ones(count), abs=1e-5)
    assert "held_out" not in read_log(tmp_path)


def test_nobody_chose_anything(tmp_path: Path) -> None:
    text, image, behaviour = modalities(COUNT)
    nothing = Modality("behaviour", np.zeros_like(behaviour.features), np.zeros(COUNT, dtype=np.bool_))
    model = train_fusion([text, image, nothing], FusionTraining(**QUICK), tmp_path)
    assert np.isfinite(model.fuse([text, image]).embeddings).all()


def test_identical_items_do_no_harm(tmp_path: Path) -> None:
    features = np.ones((COUNT, 4), dtype=np.float32)
    items = [Modality(name, features, np.ones(COUNT, dtype=np.bool_)) for name in ("text", "image")]
    embeddings = train_fusion(items, FusionTraining(**QUICK), tmp_path).fuse(items).embeddings
    assert np.linalg.norm(embeddings, axis=1) == pytest.approx(np.ones(COUNT), abs=1e-5)


def test_what_cannot_be_learned_from_is_named(tmp_path: Path) -> None:
    text, image, _ = modalities(COUNT)
    broken = text.features.copy()
    broken[np.flatnonzero(text.present)[0], 0] = np.nan
    with pytest.raises(InputError, match="text has features that are no finite numbers"):
        train_fusion([Modality("text", broken, text.present), image], FusionTraining(**QUICK), tmp_path)
    with pytest.raises(InputError, match="No item has any data"):
        train_fusion([Modality("text", text.features, np.zeros(COUNT, dtype=np.bool_))], FusionTraining(), tmp_path)
    with pytest.raises(InputError, match="No item has any data"):
        train_fusion([], FusionTraining(), tmp_path)
    with pytest.raises(InputError, match="different numbers of items"):
        train_fusion([text, Modality("image", image.features[:5], image.present[:5])], FusionTraining(), tmp_path)
    with pytest.raises(InputError, match="same name"):
        train_fusion([text, text], FusionTraining(), tmp_path)


def test_a_training_that_diverges_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"diverged.*lower --learning-rate"):
        train_fusion(modalities(COUNT), FusionTraining(**QUICK | {"learning_rate": 1e30}), tmp_path)


@pytest.mark.parametrize("wrong", [{"dimensions": 12}, {"fusion": "medium"}, {"epochs": 0}, {"colour": 1}])
def test_wrong_settings(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FusionTraining(**wrong)


def test_held_out_items_teach_nothing() -> None:
    pairs = np.array([[0, 1], [1, 2], [3, 0], [3, 4]])
    partners = Partners(5, pairs).without(np.array([3]), 5)
    rng = np.random.default_rng(0)
    drawn = [partners.draw(np.arange(5), rng).tolist() for _ in range(20)]
    assert all(one[0] == 1 and one[1] in (0, 2) and one[2] == 1 and one[3] == one[4] == -1 for one in drawn)
    split = Split.of(100, 0)
    assert (len(split.reported), len(split.stopping), len(split.learned)) == (10, 5, 85)
    assert sorted([*split.reported, *split.stopping, *split.learned]) == list(range(100))


def test_pairs_that_were_chosen_near_each_other() -> None:
    sequences = [np.array([4, 5, 6]), np.array([1])]
    assert sorted(map(tuple, co_chosen(sequences, reach=1))) == [(4, 5), (5, 6)]
    assert sorted(map(tuple, co_chosen(sequences, reach=2))) == [(4, 5), (4, 6), (5, 6)]
    assert len(co_chosen(sequences, reach=2, limit=2)) == 2
    assert co_chosen([]).shape == (0, 2)


def test_identical_features_are_one_group() -> None:
    features = np.array([[1, 2], [3, 4], [1, 2], [1, 2]], dtype=np.float32)
    data = FusionData([Modality("text", features, np.array([True, True, True, False]))])
    same = data.batch(np.arange(4)).same(0)
    assert same[0].tolist() == [True, False, True, False]  # what is missing is like nothing
    assert same[3].tolist() == [False, False, False, True]


def test_recall_by_hand() -> None:
    candidates = np.eye(3, dtype=np.float32)
    queries = np.array([[1, 0, 0], [0.9, 0.5, 0], [1, 1, 1]], dtype=np.float32)
    found = Recall.of(queries, candidates, np.arange(3))
    # Ranks 1, 2 and, for a tie of three, 3.
    assert found.at_1 == pytest.approx(1 / 3)
    assert found.at_10 == 1
    assert found.reciprocal_rank == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert Recall.chance(20).at_10 == 0.5


def test_the_linear_maps_of_the_closed_form_are_kept(tmp_path: Path) -> None:
    data, rows = FusionData(modalities(COUNT)), np.arange(COUNT)
    run = training._Run(data, FusionTraining(**QUICK), rows, rows[:0], tmp_path / "kept.checkpoint")
    before = {name: value.detach().clone() for name, value in run.network.named_parameters()}
    _, network = run.run("")
    changed = {name for name, value in network.named_parameters() if not torch.equal(value, before[name])}
    assert not {name for name in changed if name.startswith("shared")}
    assert {"specific.0.linear.weight", "attention.query", "weights.score.weight"} <= changed


def test_the_weights_learn_what_counts(tmp_path: Path) -> None:
    """One modality tells the items apart, the other is noise of one spread for all."""
    text, image, behaviour = modalities(COUNT, missing=0)
    noise = np.random.default_rng(5).normal(size=image.features.shape).astype(np.float32)
    model = train_fusion(
        [text, Modality("image", noise, image.present), behaviour],
        FusionTraining(**QUICK | {"epochs": 20}),
        tmp_path,
    )
    weights = dict(
        zip(model.names, model.fuse([text, Modality("image", noise, image.present)]).weights.mean(0), strict=True)
    )
    assert weights["text"] > 1.2 * weights["image"]


def test_batches_and_what_is_drawn_for_them_come_on_the_device() -> None:
    pairs = np.stack([np.arange(0, 200), np.arange(100, 300)], axis=1)
    data = FusionData(modalities(COUNT), pairs, torch.device("meta"))
    batch = data.batch(np.arange(5))
    assert {one.device.type for one in (*batch.features, batch.present, batch.groups)} == {"meta"}
    settings = FusionTraining(**QUICK)
    network = settings.shape(data.modalities).network()
    objective = FusionObjective(network, alignment="infonce", behaviour=2, modality_dropout=0.4)
    assert objective.view(batch.present).device.type == "meta"
    assert FusionData(modalities(COUNT)).batch(np.arange(5)).present.device.type == "cpu"


@pytest.mark.gpu
def test_a_gpu_learns_the_same(tmp_path: Path) -> None:
    """As far as other random numbers and other rounding let it; a killed training goes on there, too."""
    if not torch.cuda.is_available():
        pytest.skip("there is no GPU")
    pairs = np.stack([np.arange(0, 200), np.arange(100, 300)], axis=1)
    train_fusion(modalities(COUNT), FusionTraining(**QUICK), tmp_path / "gpu", pairs=pairs)
    again = train_fusion(modalities(COUNT), FusionTraining(**QUICK), tmp_path / "gpu", pairs=pairs)
    assert next(again.network.parameters()).device.type == "cpu"
    held_out = read_log(tmp_path / "gpu")["held_out"]
    found, chance = (held_out[kind]["fused→behaviour"]["reciprocal_rank"] for kind in ("recall", "chance"))
    assert found > 2 * chance
