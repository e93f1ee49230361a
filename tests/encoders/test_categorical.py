import numpy as np
import pytest

from encoders.categorical import CategoricalEncoder
from encoders.vocabulary import Vocabulary

FILMS = [
    {"genre": ["Crime", "Drama"], "director": ["Mann"]},
    {"genre": ["Crime"], "director": ["Mann"]},
    {"genre": ["Drama"], "director": ["Allen"]},
    {"genre": ["Drama"]},
]


def test_weights_by_hand() -> None:
    """Of 4 films, 3 are dramas, 2 crime and 2 by Mann: log(5/4) + 1 and log(5/3) + 1. One director is alone."""
    vocabulary = Vocabulary.fit(FILMS, own=10, hashed=4)
    assert vocabulary.width == 3
    matrix, unseen = vocabulary.rows(FILMS)
    drama, crime, mann = np.log(5 / 4) + 1, np.log(5 / 3) + 1, (np.log(5 / 3) + 1) * 2 / 3
    rows = matrix.toarray()
    assert sorted(rows[0]) == pytest.approx(sorted([drama / np.sqrt(2), crime / np.sqrt(2), mann]))
    assert sorted(rows[1]) == pytest.approx(sorted([0, crime, mann]))
    assert sorted(rows[3]) == pytest.approx([0, 0, drama])
    assert rows[0].argmax() == 0 or rows[3].argmax() == 0  # the most frequent value has the first column
    assert unseen.tolist() == pytest.approx([0, 0, 0.5, 0])


def test_unseen_values_are_known_as_such() -> None:
    encoder = CategoricalEncoder.fit(FILMS)
    features, present = encoder.encode([{"genre": ["Drama"]}, {"genre": ["Drama", "Western"]}, {"genre": ["Western"]}])
    assert features[:, -1].tolist() == [0, 0.5, 1]
    assert features[0, :-1].tolist() == features[1, :-1].tolist()
    assert not features[2, :-1].any()
    assert present.all()


def test_case_and_spaces_do_not_count_but_fields_do() -> None:
    encoder = CategoricalEncoder.fit(FILMS)
    features, _ = encoder.encode([{"genre": ["Drama"]}, {"genre": [" drama "]}, {"director": ["Drama"]}])
    assert np.array_equal(features[0], features[1])
    assert features[2].tolist() == [0, 0, 0, 1]


def test_a_column_of_names_of_one_thing_each_counts_for_nothing() -> None:
    named = [{**film, "code": [f"C{row}"]} for row, film in enumerate(FILMS)]
    plain, _ = CategoricalEncoder.fit(FILMS).encode(FILMS)
    with_codes, _ = CategoricalEncoder.fit(named).encode(named)
    np.testing.assert_allclose(with_codes[:, :-1], plain[:, :-1])


def test_a_long_tail_stays_within_its_width_and_likeness_survives() -> None:
    """A thousand pairs of things, each pair with a value of its own, in 100 own and 500 shared columns."""
    values = [{"actor": [f"actor {row // 2}"]} for row in range(2_000)]
    vocabulary = Vocabulary.fit(values, own=100, hashed=500)
    assert vocabulary.width == 600
    rows = vocabulary.rows(values)[0]
    likeness = (rows @ rows.T).toarray()
    pairs = np.arange(0, 2_000, 2)
    assert np.allclose(likeness[pairs, pairs + 1], likeness[0, 0])
    others = likeness[np.add.outer(pairs, np.zeros(1_000, int)), pairs]
    off = others[~np.eye(1_000, dtype=bool)]
    assert abs(off.mean()) < 0.01 * likeness[0, 0]  # signs make collisions cancel


def test_wide_tables_are_reduced_to_their_strongest_directions() -> None:
    generator = np.random.default_rng(0)
    kinds = generator.integers(2, size=300)
    values = [{"tag": [f"{kind} {number}" for number in generator.integers(200, size=12)]} for kind in kinds]
    encoder = CategoricalEncoder.fit(values, dimensions=8)
    assert encoder.dimensions == 9
    features, _ = encoder.encode(values)
    unit = features[:, :-1] / np.linalg.norm(features[:, :-1], axis=1, keepdims=True)
    likeness = unit @ unit.T
    same = kinds[:, None] == kinds[None]
    assert likeness[same].mean() > likeness[~same].mean() + 0.3
