import numpy as np
import pytest

from encoders.person import PersonWeights, person_embedding

# Three items along the axes, and one between the first two.
EMBEDDINGS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0.8, 0]], dtype=np.float32)


def test_nothing_known_is_near_nothing() -> None:
    person = person_embedding(EMBEDDINGS)
    assert person.tolist() == [0, 0, 0]
    assert person.dtype == np.float32
    assert person_embedding(EMBEDDINGS, words=np.zeros(3, dtype=np.float32)).tolist() == [0, 0, 0]


def test_one_source_points_where_it_points() -> None:
    for person in (
        person_embedding(EMBEDDINGS, history=[3]),
        person_embedding(EMBEDDINGS, liked=[3]),
        person_embedding(EMBEDDINGS, similar_to=[3]),
        person_embedding(EMBEDDINGS, words=2 * EMBEDDINGS[3]),
    ):
        assert person.tolist() == pytest.approx([0.6, 0.8, 0])


def test_recent_choices_count_more() -> None:
    person = person_embedding(EMBEDDINGS, history=[0, 1], weights=PersonWeights(decay=0.75))
    assert person.tolist() == pytest.approx([0.6, 0.8, 0])


def test_what_is_disliked_is_taken_away() -> None:
    # 0.7 · (1, 0, 0) - 0.4 · (0, 0, 1), over √0.65
    person = person_embedding(EMBEDDINGS, liked=[0], disliked=[2])
    assert person.tolist() == pytest.approx([0.868243, 0, -0.496139], abs=1e-5)


def test_a_long_history_does_not_drown_the_wish() -> None:
    person = person_embedding(EMBEDDINGS, history=[0] * 50, words=EMBEDDINGS[1])
    assert person.tolist() == pytest.approx([0.371391, 0.928477, 0], abs=1e-5)


def test_a_picture_is_added_to_what_is_known() -> None:
    alone = person_embedding(EMBEDDINGS, picture=3 * EMBEDDINGS[2])
    assert alone.tolist() == pytest.approx([0, 0, 1])
    both = person_embedding(EMBEDDINGS, words=EMBEDDINGS[0], picture=EMBEDDINGS[1], weights=PersonWeights(picture=0.75))
    assert both.tolist() == pytest.approx([0.8, 0.6, 0])
