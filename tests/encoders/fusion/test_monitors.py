import json
from pathlib import Path

import numpy as np
import pytest

from encoders.fusion.model import FusionModel, FusionShape
from encoders.fusion.monitors import FusionHealth, fusion_health, mean_entropy, mean_likeness
from tests.encoders.fusion.modalities import WIDTHS, modalities

WELL = FusionHealth(
    entropy=0.9, shares={"text": 0.6, "image": 0.4}, costs={}, likeness=0.1, cold_items=5, cold_covered=1.0
)


def test_entropy_by_hand() -> None:
    # Two modalities, even: 1. All on one of two that are there: near 0. A single one says nothing of fusion.
    assert mean_entropy(np.array([[0.5, 0.5, 0]], dtype=np.float32)) == pytest.approx(1)
    assert mean_entropy(np.array([[0.9, 0.1, 0]], dtype=np.float32)) == pytest.approx(0.468996, abs=1e-5)
    assert mean_entropy(np.array([[0.25, 0.25, 0.5]], dtype=np.float32)) == pytest.approx(0.946395, abs=1e-5)
    assert mean_entropy(np.array([[1, 0, 0], [0, 0, 0]], dtype=np.float32)) is None


def test_likeness_is_the_mean_cosine() -> None:
    embeddings = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0]], dtype=np.float32)
    assert mean_likeness(embeddings) == pytest.approx((0 + 0.6 + 0.8) / 3)
    assert mean_likeness(np.ones((4, 1), dtype=np.float32)) == pytest.approx(1)
    assert mean_likeness(embeddings[:1]) == 0


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"entropy": 0.999}, "nearly uniform"),
        ({"shares": {"text": 0.95, "image": 0.05}}, "text dominates the fusion with 95%"),
        ({"likeness": 0.97}, "alike"),
        ({"cold_covered": 0.4}, "Only 40% of the items that nobody chose"),
    ],
)
def test_alarms(change: dict[str, object], line: str) -> None:
    assert WELL.alarms == ()
    (alarm,) = WELL.model_copy(update=change).alarms
    assert line in alarm


def test_weights_that_are_not_learned_raise_no_alarm() -> None:
    assert WELL.model_copy(update={"entropy": None}).alarms == ()


def test_health_of_a_model() -> None:
    items = modalities(100)
    shape = FusionShape(features=WIDTHS, dimensions=16, hidden=8)
    health = fusion_health(FusionModel(shape, shape.network()), items)
    assert health.entropy is not None
    assert 0 < health.entropy <= 1
    assert set(health.costs) == {"text", "image"}
    assert health.cold_items == int((~items[2].present).sum())
    content = items[0].present | items[1].present
    assert health.cold_covered == pytest.approx(content[~items[2].present].mean())


def test_an_item_that_only_its_text_tells_apart_costs_the_text() -> None:
    """The image is the same for all items, so masking the text loses everything and masking the image nothing."""
    text, image, _ = modalities(60, missing=0)
    image.features[:] = 1
    shape = FusionShape(features=WIDTHS, dimensions=16, hidden=8, fusion="late", disentanglement=False)
    health = fusion_health(FusionModel(shape, shape.network()), [text, image])
    assert health.costs["text"] > 0.5
    assert health.costs["image"] <= 0.05
    assert health.entropy is None


def test_health_is_read_from_the_log(tmp_path: Path) -> None:
    log = tmp_path / "training.json"
    assert FusionHealth.from_log(log) is None
    log.write_text(json.dumps({"health": WELL.model_dump()}))
    assert FusionHealth.from_log(log) == WELL
