"""Words for pictures without a language model: tags from a vocabulary, scored by features that are there anyway.

Data adaptation of the survey (arXiv 2505.09777): what stands in a picture becomes text, so that whatever reads text
can use it. Scores come from a classifier, or from texts in the pictures' own space (zero-shot, CLIP, arXiv 2103.00020,
section 3.1). `encoders.picture_describer` asks a vision model instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from core.errors import InputError
from encoders.clip import embedded_classifier
from encoders.image import ImageEncoder

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
# Features [n, d] of pictures -> scores [n, words].
Scorer = Callable[[FloatArray], FloatArray]

PROMPT = "a picture of {}"
# How many tags a picture would get if all scores were noise.
TAGS_BY_CHANCE = 0.1
# What CLIP models learn to multiply cosines by.
CLIP_SCALE = np.float32(100)
_CHUNK = 4096


@dataclass(frozen=True)
class Tag:
    """A word that fits a picture; `score` is how many standard deviations better than it fits the others."""

    word: str
    score: float


class PictureTagger:
    """Tags by scores that are standardised word by word over a catalogue's pictures.

    Raw scores don't compare: every film poster looks like a book jacket, and some words lie near every picture. A word
    is given where its score stands out among the catalogue's pictures by more than noise would: with w words, the cut
    is the quantile of the normal distribution that `TAGS_BY_CHANCE` of w pass.
    """

    def __init__(self, words: Sequence[str], score: Scorer) -> None:
        """`score` gives each picture a score for each word. Raises InputError for an empty vocabulary."""
        if not words:
            raise InputError("The vocabulary of tags is empty.", mend="Give some words.")
        self.words = tuple(words)
        self._score = score
        self._mean = np.zeros(len(words))
        self._deviation = np.full(len(words), np.inf)  # before it is fitted nothing stands out
        self.cut = NormalDist().inv_cdf(1 - min(TAGS_BY_CHANCE / len(words), 0.5))

    def fit(self, features: FloatArray, present: BoolArray) -> "PictureTagger":
        """Learn what scores each word has over a catalogue's pictures, [n, d] and [n], in chunks."""
        count, total, squares = 0, np.zeros(len(self.words)), np.zeros(len(self.words))
        for start in range(0, len(features), _CHUNK):
            rows = features[start : start + _CHUNK][present[start : start + _CHUNK]]
            if len(rows):
                scores = self._score(rows).astype(np.float64)
                count, total, squares = count + len(rows), total + scores.sum(axis=0), squares + (scores**2).sum(axis=0)
        if count > 1:
            self._mean = total / count
            variance = np.maximum(squares / count - self._mean**2, 0) * count / (count - 1)
            # A word whose score never changes says nothing.
            self._deviation = np.where(variance > 1e-12, np.sqrt(variance), np.inf)
        return self

    def tags(self, features: FloatArray, present: BoolArray, *, limit: int = 5) -> list[tuple[Tag, ...]]:
        """For each picture [n, d] at most `limit` tags, the best first; none for an absent one."""
        found: list[tuple[Tag, ...]] = []
        for start in range(0, len(features), _CHUNK):
            scores = (self._score(features[start : start + _CHUNK]) - self._mean) / self._deviation
            scores[~present[start : start + _CHUNK]] = -np.inf
            found += [self._best(row, limit) for row in scores]
        return found

    def _best(self, scores: npt.NDArray[np.floating], limit: int) -> tuple[Tag, ...]:
        order = np.argsort(-scores, kind="stable")
        found: dict[str, Tag] = {}  # two of ImageNet's classes may share a name
        for place in order[scores[order] > self.cut].tolist():
            found.setdefault(self.words[place], Tag(self.words[place], round(float(scores[place]), 2)))
        return tuple(found.values())[:limit]


def zero_shot_tagger(encoder: ImageEncoder, vocabulary: Sequence[str] = ()) -> PictureTagger:
    """For the features of an aligned CLIP model: cosines to "a picture of {word}", by default ImageNet's words.

    Raises InputError when the encoder has no text tower in its pictures' space.
    """
    words = vocabulary or imagenet_words()
    return PictureTagger(words, _cosines(encoder, words))


class PictureClasses:
    """The classes of ImageNet that one picture likely shows, where there is no catalogue to stand out from."""

    def __init__(self, encoder: ImageEncoder) -> None:
        self._encoder = encoder

    @cached_property
    def _score(self) -> Scorer:
        if not self._encoder.is_aligned:
            return _classifier()
        cosines = _cosines(self._encoder, imagenet_words())
        return lambda features: CLIP_SCALE * cosines(features)

    def of(self, features: FloatArray) -> tuple[str, ...]:
        """At most five words for a picture's features [d], the likeliest first."""
        return likely_words(imagenet_words(), self._score(features[None])[0])


def _classifier() -> Scorer:
    """The embedded model's own classes of ImageNet."""
    weight, bias = embedded_classifier()
    return lambda features: features @ weight.T + bias


def _cosines(encoder: ImageEncoder, words: Sequence[str]) -> Scorer:
    """Cosines to "a picture of {word}" in an aligned model's space."""
    texts = encoder.encode_text([PROMPT.format(word) for word in words])
    return lambda features: features @ texts.T


def likely_words(words: Sequence[str], logits: FloatArray, *, least: float = 0.1, limit: int = 5) -> tuple[str, ...]:
    """The words of one picture whose share of the softmax over `logits` [w] is at least `least`, best first."""
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    best = np.argsort(-shares, kind="stable")
    return tuple(dict.fromkeys(words[place] for place in best[shares[best] >= least].tolist()))[:limit]


def imagenet_words() -> tuple[str, ...]:
    """The first name of each ImageNet class, in the order of the classifier."""
    from timm.data.imagenet_info import ImageNetInfo

    info = ImageNetInfo()
    return tuple(info.index_to_description(index).split(",")[0] for index in range(1000))


def sentence_of_tags(tags: Sequence[Tag]) -> str:
    """The tags as text for an item's description; empty without tags."""
    return f"Its picture shows: {', '.join(tag.word for tag in tags)}." if tags else ""
