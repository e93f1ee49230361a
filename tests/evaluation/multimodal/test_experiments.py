"""The experiments from a prepared catalogue to their reports, with real trainings of a few seconds."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import InputError
from evaluation.experiments import alignment, multimodal
from evaluation.multimodal import runs
from evaluation.report.report import Report
from tests.evaluation.multimodal.catalogue import ITEMS, settings, write_catalogue


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rings")
    write_catalogue(folder / "artifacts")
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    return multimodal.run(settings(folder))


def test_every_variant_that_can_be_made_is_measured(report: Report) -> None:
    warm = report.table("What an item is made of: warm items")
    assert [row[0] for row in warm.rows] == ["ids", "text", "all"]
    parts = report.table("The fusion, part by part: cold items")
    assert [row[0] for row in parts.rows] == [
        "all", "concatenation", "no alignment", "no disentanglement", "popularity of the categories", "nearest text",
        "chance",
    ]  # fmt: skip
    assert len(report.plots) == 2


def test_what_the_catalogue_lacks_is_said(report: Report) -> None:
    assert report.settings["left out"] == "image, text and image"
    assert "no data for image and text and image" in report.answer


def test_nothing_is_trained_twice(report: Report, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(runs, "train_sequence_model", fail)
    again = multimodal.run(settings(folder))
    assert again.tables == report.tables
    with pytest.raises(InputError, match="other settings"):
        multimodal.run(settings(folder, last="8"))


def test_alignment_uses_the_networks_that_are_there(report: Report, folder: Path) -> None:
    assert report.title
    trained = folder / "report" / "training"
    before = {path: path.stat().st_mtime_ns for path in trained.rglob("*.weights")}
    given = settings(folder, work=str(trained)).model_copy(update={"report": folder / "alignment"})
    done = alignment.run(given)

    assert {path: path.stat().st_mtime_ns for path in trained.rglob("*.weights")} == before
    assert [row[0] for row in done.table("Warm items").rows] == ["ids", "all", "no alignment"]
    assert "by a picture" in done.answer


@pytest.mark.slow
def test_pictures_are_read_where_there_are_some(tmp_path: Path) -> None:
    pictures = []
    for row in range(ITEMS):
        pictures.append(tmp_path / f"{row}.png")
        colour = [int(place == row // 20) * 200 + row % 20 for place in range(3)]
        Image.fromarray(np.full((64, 64, 3), colour, dtype=np.uint8)).save(pictures[-1])
    write_catalogue(tmp_path / "artifacts", images=pictures)
    done = alignment.run(settings(tmp_path))
    found = done.table("Items that alignment never saw, found by another kind of data")
    assert [row[0] for row in found.rows[:4]] == [
        "text→image, aligned", "text→image, not aligned", "text→image, untrained heads", "text→image, chance",
    ]  # fmt: skip
