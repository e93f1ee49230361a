from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.errors import ArtifactError
from core.item import Item, ItemTable
from encoders.cooccurrence import History
from encoders.modalities import (
    ItemEncoders,
    common_columns,
    item_links,
    item_modalities,
    item_moments,
    item_tags,
)
from encoders.scaling import Scaling
from tests.catalogue import FILMS

TEXT = np.eye(len(FILMS), 16, dtype=np.float32)
SEQUENCES = [np.array(rows) for rows in ([0, 1, 2, 8, 11], [5, 6, 7, 10], [3, 9, 4, 0]) for _ in range(4)]
RELATIONS = (("1", "writer", "m.1"), ("3", "writer", "m.1"), ("4", "writer", "m.2"), ("9", "writer", "m.2"))


def test_a_catalogue_has_the_modalities_of_its_data() -> None:
    names = [modality.name for modality in item_modalities(FILMS, text=TEXT)]
    assert names == ["text", "categories", "numbers", "time"]
    bare = ItemTable([Item(id="1", title="A"), Item(id="2", title="B")])
    assert [modality.name for modality in item_modalities(bare, text=TEXT[:2])] == ["text"]
    assert item_modalities(bare, text=0 * TEXT[:2]) == ()
    assert item_modalities(ItemTable([]), text=TEXT[:0]) == ()


def test_every_modality_is_on_one_scale(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    paths = [tmp_path / f"{number}.wav" for number in range(3)]
    for path in paths:
        soundfile.write(path, generator.uniform(-0.5, 0.5, 8_000), 16_000)
    items = ItemTable(
        item.model_copy(update={"place": (10.0 * row, 20.0 * row), "audio": paths[row % 4] if row % 4 < 3 else None})
        for row, item in enumerate(FILMS)
    )
    images = (TEXT[:, :4], TEXT[:, :4].any(axis=1))
    modalities = item_modalities(items, text=TEXT, images=images, sequences=SEQUENCES, relations=RELATIONS)
    expected = ["text", "image", "audio", "categories", "numbers", "time", "place", "behaviour", "graph"]
    assert sorted(modality.name for modality in modalities) == sorted(expected)
    for modality in modalities:
        assert modality.features.dtype == np.float32
        assert not modality.features[~modality.present].any()
        lengths = np.linalg.norm(modality.features[modality.present], axis=1)
        if modality.name != "numbers":  # a single number that says nothing but that it is there
            assert np.mean(lengths**2) == pytest.approx(1, abs=1e-4), modality.name
    by_name = {modality.name: modality for modality in modalities}
    assert by_name["graph"].present.nonzero()[0].tolist() == [0, 2, 3, 8]
    assert by_name["audio"].present.tolist() == [row % 4 < 3 for row in range(12)]
    behaviour = by_name["behaviour"].features
    assert behaviour[0] @ behaviour[1] > behaviour[0] @ behaviour[5] + 0.3


def test_saved_encoders_encode_items_that_were_never_seen(tmp_path: Path) -> None:
    histories = [History(rows) for rows in SEQUENCES]
    links = item_links(FILMS, RELATIONS)
    fitted, found = ItemEncoders.fit(FILMS.items, histories=histories, links=links)
    fitted.save(tmp_path)
    loaded = ItemEncoders.load(tmp_path)
    again = loaded.encode(FILMS.items, links=links)
    assert sorted(again) == sorted(found.keys() - {"behaviour"})
    for name, (features, present) in again.items():
        np.testing.assert_allclose(features, found[name][0], atol=1e-6)
        assert np.array_equal(present, found[name][1])
    new = loaded.encode([Item(id="13", title="Collateral", year=2004, categories=("Crime", "Thriller"))])
    assert {name: bool(present[0]) for name, (_, present) in new.items()} == {
        "categories": True,
        "numbers": False,
        "time": True,
        "graph": False,
    }
    nearest = (found["categories"][0] @ new["categories"][0][0]).argmax()
    assert FILMS.items[nearest].title in {"Heat", "Fargo"}
    person, _ = loaded.encoders["behaviour"].encode([History([5, 6])])
    assert set((found["behaviour"][0] @ person[0]).argsort()[-4:]) == {5, 6, 7, 10}


def test_damaged_encoders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="can't be read"):
        ItemEncoders.load(tmp_path)
    ItemEncoders.fit(FILMS.items)[0].save(tmp_path)
    (tmp_path / "time.npz").write_bytes(b"")
    with pytest.raises(ArtifactError, match="can't be read"):
        ItemEncoders.load(tmp_path)
    (tmp_path / "encoders.json").write_text("[]")
    with pytest.raises(ArtifactError, match="can't be read"):
        ItemEncoders.load(tmp_path)


def test_what_is_read_of_an_item() -> None:
    item = Item(id="1", title="A", year=1970, categories=("x",), facts={"country": "UK, USA"}, dates={"added": 5.0})
    assert item_tags(item) == {"category": ["x"], "country": ["UK", " USA"]}
    assert item_moments(item) == {"year": 0.0, "added": 5.0}
    assert item_links(ItemTable([item]), [("1", "writer", "m"), ("2", "writer", "m")]) == [[("writer", "m")]]


def test_scales_by_hand() -> None:
    features = np.array([[1, 10, 7], [3, 30, 7], [9, 9, 9]], dtype=np.float32)
    present = np.array([True, True, False])
    by_column, _ = Scaling.fit(features, present, columns=True).apply((features, present))
    half = np.sqrt(0.5)
    np.testing.assert_allclose(by_column, [[-half, -half, 0], [half, half, 0], [0, 0, 0]], atol=1e-6)
    together, _ = Scaling.fit(features, present, columns=False).apply((features, present))
    np.testing.assert_allclose(together, np.array([[-1, -10, 0], [1, 10, 0], [0, 0, 0]]) / np.sqrt(101), atol=1e-6)


def test_columns_that_many_items_fill() -> None:
    assert common_columns(FILMS.items, 0.5) == ["categories category", "time year"]
    assert common_columns(FILMS.items, 0.05) == [
        "categories category",
        "categories director",
        "numbers minutes",
        "time year",
    ]
    assert common_columns((), 0.05) == []
