"""Tags with the embedded classifier and a zero-shot model, for real; the calibration by hand."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from encoders.image import ImageEncoder
from encoders.words_of_pictures import (
    PictureClasses,
    PictureTagger,
    Tag,
    imagenet_words,
    sentence_of_tags,
    zero_shot_tagger,
)
from tests.encoders.conftest import TINY
from tests.encoders.test_image import PICTURES

POSTERS = Path(__file__).parents[3] / "shared" / "data" / "ml-1m" / "posters"


def everywhere(features: np.ndarray) -> np.ndarray:
    return np.ones(len(features), dtype=np.bool_)


def test_a_tag_stands_out_among_the_pictures_not_among_the_words() -> None:
    """The word "book" is every picture's best word and says nothing; "ship" is only one's."""
    scores = np.tile(np.array([9.0, 1.0, 2.0], dtype=np.float32), (20, 1))
    scores[:, 2] += np.tile([-0.1, 0.1], 10)
    scores[3, 1] = 3.0
    tagger = PictureTagger(["book", "ship", "sea"], lambda features: features).fit(scores, everywhere(scores))
    tags = tagger.tags(scores, everywhere(scores))
    # The mean of ship's scores is 1.1, their deviation √(0.2) = 0.447: (3 - 1.1) / 0.447 = 4.25.
    assert tags[3] == (Tag("ship", 4.25),)
    assert not any(tags[:3] + tags[4:])


def test_noise_gets_as_few_tags_as_are_promised() -> None:
    noise = np.random.default_rng(0).standard_normal((2000, 100)).astype(np.float32)
    tagger = PictureTagger([f"w{place}" for place in range(100)], lambda features: features)
    tags = tagger.fit(noise, everywhere(noise)).tags(noise, everywhere(noise))
    assert 0.05 < np.mean([len(some) for some in tags]) < 0.15


def test_absent_pictures_neither_count_nor_get_tags() -> None:
    scores = np.random.default_rng(1).standard_normal((50, 4)).astype(np.float32)
    scores[0, 0] = 40.0
    present = np.arange(50) % 2 == 0
    tagger = PictureTagger("abcd", lambda features: features).fit(scores, present)
    alone = PictureTagger("abcd", lambda features: features).fit(scores[present], everywhere(scores[present]))
    hidden = np.where(present[:, None], scores, np.nan).astype(np.float32)
    assert tagger.tags(hidden, present)[::2] == alone.tags(scores[present], everywhere(scores[present]))
    assert not any(tagger.tags(hidden, present)[1::2])
    assert tagger.tags(scores, present, limit=0) == [()] * 50


def test_nothing_stands_out_before_there_is_anything_to_compare_with() -> None:
    one = np.array([[1e9, -1e9]], dtype=np.float32)
    tagger = PictureTagger(["a", "b"], lambda features: features)
    assert tagger.tags(one, everywhere(one)) == [()]
    assert tagger.fit(one, everywhere(one)).tags(one, everywhere(one)) == [()]
    with pytest.raises(InputError, match="vocabulary of tags is empty"):
        PictureTagger([], lambda features: features)


def test_zero_shot_tags_are_cosines_to_texts(checkpoint: Path) -> None:
    encoder = ImageEncoder(TINY, str(checkpoint), device="cpu")
    features, present = encoder.encode(PICTURES)
    tagger = zero_shot_tagger(encoder, ["ship", "sea"])
    texts = encoder.encode_text(["a picture of ship", "a picture of sea"])
    np.testing.assert_allclose(tagger._score(features), features @ texts.T, atol=1e-6)
    assert len(tagger.fit(features, present).tags(features, present)) == len(PICTURES)


def test_imagenet_words_are_in_the_order_of_the_classifier() -> None:
    words = imagenet_words()
    assert len(words) == 1000
    assert (words[0], words[2], words[917]) == ("tench", "great white shark", "comic book")


def test_a_sentence() -> None:
    assert sentence_of_tags([Tag("ship", 4.0), Tag("sea", 3.9)]) == "Its picture shows: ship, sea."
    assert sentence_of_tags([]) == ""


@pytest.mark.data
def test_posters_say_what_they_show() -> None:
    """Toy Story (1) shows toys and Babe (34) a dog."""
    encoder = ImageEncoder(device="cpu")
    classes = PictureClasses(encoder)
    words = [classes.of(encoder.encode_one((POSTERS / name).read_bytes())) for name in ("1.jpg", "34.jpg")]
    assert "toyshop" in words[0]
    assert "kelpie" in words[1]
