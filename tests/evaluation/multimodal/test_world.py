"""Cold items are known to nobody, and ranks among some of the items count only those."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError, InputError
from core.settings import Settings
from evaluation.multimodal.references import nearest_text, popularity_of_categories
from evaluation.multimodal.representations import (
    ALL,
    CONCATENATION,
    IMAGE,
    TEXT,
    can_be_made,
    represent,
    world_modalities,
)
from evaluation.multimodal.world import Known, World, cold_world, load_known, ranks_among
from tests.evaluation.multimodal.catalogue import ITEMS, LENGTH, settings, write_catalogue


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    folder = tmp_path_factory.mktemp("known")
    write_catalogue(folder / "artifacts")
    return load_known(settings(folder))


@pytest.fixture(scope="module")
def world(known: Known) -> World:
    return cold_world(known, share=0.2, last=5, people=None, seed=0)


def test_nobody_has_chosen_a_cold_item(known: Known, world: World) -> None:
    assert world.cold.sum() == ITEMS // 5
    assert not world.cold[np.concatenate(world.histories)].any()
    assert max(map(len, world.histories)) == 5
    assert world.is_cold.any()
    assert not world.is_cold.all()
    lasts = [rows[-1] for rows in known.sequences]
    assert set(world.targets) <= set(lasts)
    for history, target in zip(world.histories, world.targets, strict=True):
        assert (target - history[-1]) % LENGTH <= 1 + world.cold.sum()  # the walk went on from there


def test_people_are_drawn_with_the_seed(known: Known) -> None:
    first, again = (cold_world(known, share=0.2, last=5, people=20, seed=3) for _ in range(2))
    assert len(first.histories) == 20
    np.testing.assert_array_equal(first.targets, again.targets)


def test_a_catalogue_without_choices_is_one_line(known: Known) -> None:
    nobody = Known(known.layout, known.manifest, known.items, [], known.text, known.graph)
    with pytest.raises(InputError, match="nobody with 3 choices"):
        cold_world(nobody, share=0.1, last=5, people=None, seed=0)


def test_a_catalogue_that_is_not_prepared_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="is not prepared"):
        load_known(settings(tmp_path))


def test_ranks_among_some_items_count_only_those() -> None:
    scores = np.array([[5, 4, 3, 2, 1]], dtype=np.float32)
    everything = np.ones(5, dtype=bool)
    some = np.array([True, False, True, False, True])
    history = [np.array([0])]
    assert ranks_among(scores, np.array([4]), history, everything).tolist() == [4]
    assert ranks_among(scores, np.array([4]), history, some).tolist() == [2]


def test_references_know_no_cold_choice(world: World) -> None:
    popular = popularity_of_categories(world)(world.histories[:2])
    assert popular.shape == (2, ITEMS)
    assert len(np.unique(popular.round(6))) == 3  # one for each ring, cold items too
    [near] = nearest_text(world)([np.array([3])])
    assert near.argmax() == 3
    assert set(np.argsort(-near)[1:3]) == {2, 4}


def test_behaviour_says_nothing_of_cold_items(world: World, tmp_path: Path) -> None:
    modalities = world_modalities(world, Settings(artifacts=tmp_path))
    by_name = {one.name: one for one in modalities}
    assert {"text", "categories", "numbers", "behaviour", "graph"} == set(by_name)
    assert not by_name["behaviour"].present[world.cold].any()
    assert by_name["graph"].present.sum() == 2
    assert can_be_made(TEXT, modalities)
    assert not can_be_made(IMAGE, modalities)


def test_behaviour_is_not_read_beside_ids(world: World, tmp_path: Path) -> None:
    modalities = world_modalities(world, Settings(artifacts=tmp_path))
    content = [one for one in modalities if one.name != "behaviour"]
    together = represent(CONCATENATION, world, modalities, 0, 1, tmp_path)
    assert together.content.shape == (ITEMS, sum(one.features.shape[1] for one in content))
    fused = represent(ALL, world, modalities, 0, 1, tmp_path)
    np.testing.assert_allclose(np.linalg.norm(fused.content, axis=1), 1, rtol=1e-4)
    assert fused.weights["behaviour"] == 0
    assert sum(fused.weights.values()) == pytest.approx(1, abs=1e-4)
