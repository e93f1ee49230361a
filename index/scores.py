"""Scores of a whole catalogue for one query: a sum of named parts, so that "why" and "why not" can be answered.

Everything is computed for all items at once, in a fixed order. Knows nothing of corrections for bias, nor of how a list
is picked.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.intent import Intent
from core.item import ItemTable
from core.ranking import HistoryRanker
from index.crowd import Crowd
from index.facets import Facets, FloatArray, Mask
from index.filters import Selection
from index.fusion import Retrieval
from index.likeness import Likeness, nearness, unit
from index.moods import AUDIENCES, MOODS, spared_categories
from index.query import Pictures, Query

# What each part of a score weighs; every part lies in [0, 1].
SIMILAR, LIKED, HISTORY, PERSON, PICTURE = 1.2, 1.0, 1.0, 0.15, 3.0
# Someone who shows fewer choices than `ENOUGH_CHOICES` wants what is like them, not only what many chose next.
GLIMPSE, ENOUGH_CHOICES = 4.0, 5
# What was learned from conversations, where a catalogue has some.
HEARD = 1.0
# The ranker's scores are logarithms: this far below the best, an item's chance counts a third.
TEMPERATURE = 2.0
# Words that say more than the wishes that were read from them; names of moods that no category stands for; names of
# wishes: what is left meets them, and a thriller that has the word in its text is no better one.
OWN_WORDS, MOOD_WORDS, WISH_WORDS = 1.0, 0.3, 0.05
DISLIKED, REJECTED = -0.4, -0.15
RELAXED_WISH, TYPICAL, SUITS_AUDIENCE = 0.5, 0.2, 0.3
MOOD, MOOD_HINT, MOOD_AGAINST, VETOED_HINT = 0.2, 0.15, -0.3, -0.25
UNKNOWN = -0.4
# What few chose or many rated poorly must be better than others in all else, unless the words name it.
DOUBTFUL, NAMED = -0.3, 0.95
# Below everything else: what this search has shown, where it may come again, an entry of a work that has a better known
# one, and what misses a wish where others meet them all.
SHOWN = LESSER_VERSION = MISSES = -10.0
# (quality, popularity): a history says what is good for this person; of people of whom nothing is known, what many
# like is the best guess.
BY_HISTORY, BY_LIKENESS, BY_WORDS, BY_WISHES = (0.0, 0.0), (0.3, 0.0), (0.3, 0.1), (0.6, 0.3)

_WORD = re.compile(r"[^\W\d_]{3,}")
# Words that say nothing of what an item is about, or stand for a wish without being a category's or a mood's name.
_WISH_WORDS = "about and classic film for from good kid long more movie new older recent short something that the with"

Heard = Callable[[Intent], FloatArray]  # log odds [n] that each item is what a recommender would name next


@dataclass(frozen=True)
class Scores:
    """The parts [n] of every item's score, by what `core.candidate.Standing` calls them.

    `preference` [n] is the sum of all that speaks of the person and the wish: what corrections for bias look at.
    `popularity` [n] is what popularity by itself adds to it (nothing for an item that nobody knows), and `total` [n]
    also has the reservations, which nobody's taste explains.
    """

    parts: dict[str, FloatArray]
    preference: FloatArray
    popularity: FloatArray
    total: FloatArray

    @property
    def history(self) -> FloatArray:
        """What the person chose and likes says of each item."""
        return self.parts["history"] + self.parts["liked"]

    @property
    def learned(self) -> FloatArray:
        """What was learned from people's choices and conversations, in which the popular stood in front."""
        return self.history + self.parts["similar"] + self.parts["heard"]

    @property
    def retrieval(self) -> FloatArray:
        """What the words of the conversation say of each item."""
        return self.parts["words"] + self.parts["heard"]


class Scorer:
    """Scores the items of one catalogue. Reads only; safe to call from several threads."""

    def __init__(
        self,
        items: ItemTable,
        facets: Facets,
        likeness: Likeness,
        ranker: HistoryRanker,
        crowd: Crowd,
        lesser_versions: Mask,
        person_space: npt.NDArray[np.float32],
        heard: Heard | None = None,
    ) -> None:
        """`lesser_versions` [n] come last; `person_space` [n, d] are what a person's embedding is compared with."""
        self._lesser_versions = lesser_versions
        self._items = items
        self._facets = facets
        self._likeness = likeness
        self._ranker = ranker
        self._crowd = crowd
        self._person_space = person_space
        self._heard = heard
        self._category_counts = np.array([max(1, len(set(item.categories))) for item in items])

    def score(self, query: Query, selection: Selection, shown: Mask, fitting: Mask) -> Scores:
        """Scores of all items; `selection` says which wishes were kept, and `shown` [n] what may come again.

        `fitting` [n] are those that meet every wish where some were given up (`meeting_all`).
        """
        intent, like = query.intent, self._like
        chosen = self._rows((*query.history, *intent.seen))
        quality, popularity = _weights_of_crowd(intent, by_history=bool(chosen))
        popular = popularity * self._crowd.popularity
        parts: dict[str, FloatArray] = {
            "history": HISTORY * self._chances(chosen) + self._glimpsed(chosen),
            "liked": LIKED * like(intent.liked),
            "words": self._words(intent, query.retrieval),
            "heard": self._said_elsewhere(intent),
            "similar": SIMILAR * like(intent.similar_to),
            "against": DISLIKED * like(intent.disliked) + REJECTED * like(intent.rejected),
            "wishes": self._fit(intent, selection),
            "crowd": quality * self._crowd.quality + popular,
            "picture": self._pictured(query.pictures),
        }
        if not chosen:  # the ranker weighs all of it where there is a history
            parts["known"] = UNKNOWN * (1 - self._crowd.known)
            popular = popular - UNKNOWN * self._crowd.known
            if query.person is not None:
                parts["taste"] = PERSON * nearness(self._person_space, query.person)
        is_named = parts["words"] + parts["heard"] >= NAMED * OWN_WORDS
        reservations: dict[str, FloatArray] = {
            "doubt": np.where(self._crowd.doubtful & ~is_named, DOUBTFUL, 0.0),
            "shown": np.where(shown, SHOWN, 0.0),
            "version": np.where(self._lesser_versions, LESSER_VERSION, 0.0),
        }
        if fitting.any():
            reservations["misses"] = np.where(fitting, 0.0, MISSES)
        preference = np.sum(list(parts.values()), axis=0)
        total = preference + np.sum(list(reservations.values()), axis=0)
        return Scores(parts | reservations, preference, popular, total)

    def _rows(self, item_ids: Iterable[str]) -> list[int]:
        return [self._items.row(item_id) for item_id in item_ids if item_id in self._items]

    def _like(self, item_ids: Iterable[str]) -> FloatArray:
        return self._likeness.to(self._rows(item_ids))

    def _glimpsed(self, chosen: Sequence[int]) -> FloatArray:
        """Likeness of each item [n] to a history that is a glimpse: of one choice more is known than of the person."""
        weight = GLIMPSE * max(0, ENOUGH_CHOICES - len(chosen)) / ENOUGH_CHOICES
        return weight * self._likeness.to(chosen) if weight and chosen else np.zeros(len(self._items))

    def _chances(self, chosen: Sequence[int]) -> FloatArray:
        """How likely each item [n] comes next after a history, in [0, 1], the likeliest at 1; zeros without one."""
        if not chosen:
            return np.zeros(len(self._items))
        scores = self._ranker.scores([chosen])[0].astype(np.float64)
        scores[list(chosen)] = -np.inf
        return _likelihoods(scores)

    def _words(self, intent: Intent, retrieval: Retrieval) -> FloatArray:
        """What the retrieval says of each item [n], the last hit at 0."""
        words = np.zeros(len(self._items))
        if retrieval.scores:
            least = min(retrieval.scores.values())
            for row, score in retrieval.scores.items():
                words[row] = score - least
        weight = OWN_WORDS if own_words(intent) else _weight_of_wish_words(intent)
        return weight * retrieval.confidence * unit(words)

    def _said_elsewhere(self, intent: Intent) -> FloatArray:
        """How likely a recommender of the conversations that were learned from would name each item [n]."""
        if self._heard is None or not (intent.query or intent.liked or intent.similar_to):
            return np.zeros(len(self._items))
        return HEARD * _likelihoods(self._heard(intent))

    def _fit(self, intent: Intent, selection: Selection) -> FloatArray:
        """How well each item [n] fits the wishes beyond meeting those that were kept."""
        facets, wishes = self._facets, intent.wishes

        def have(names: Iterable[str]) -> Mask:
            return facets.where(facets.kinds, names)

        fit = np.zeros(facets.size)
        for wish in selection.relaxed:
            fit += RELAXED_WISH * wish.near(facets)
        for category in wishes.categories:
            fit += TYPICAL * have([category.casefold()]) / self._category_counts
        if wishes.audience:
            fit += SUITS_AUDIENCE * have(AUDIENCES[wishes.audience].wanted)
        for mood in wishes.moods:
            rule = MOODS[mood]
            fit += MOOD * have(rule.wanted) + MOOD_HINT * have(rule.hints) + MOOD_AGAINST * have(rule.against)
        for mood in intent.vetoes.moods:
            if not spared_categories(mood, wishes):
                fit += VETOED_HINT * have(MOODS[mood].hints)
        return fit

    def _pictured(self, pictures: Pictures) -> FloatArray:
        likeness = np.zeros(len(self._items))
        likeness[pictures.rows] = PICTURE * unit(pictures.similarities)
        return likeness


def meeting_all(selection: Selection, facets: Facets, shown: Mask) -> Mask:
    """Which new items [n] meet every wish, those that were given up too; none where no wish was given up."""
    met = selection.chosen & ~shown if selection.relaxed else np.zeros(facets.size, dtype=bool)
    for wish in selection.relaxed:
        met &= wish.met_by(facets)
    return met


def own_words(intent: Intent) -> frozenset[str]:
    """Words of the query that no wish stands for."""
    wishes = intent.wishes
    named = (*wishes.categories, *wishes.moods, *wishes.people, wishes.audience or "", _WISH_WORDS)
    return _word_starts(intent.query) - _word_starts(" ".join(named))


def _weight_of_wish_words(intent: Intent) -> float:
    return WISH_WORDS if all(MOODS[mood].wanted for mood in intent.wishes.moods) else MOOD_WORDS


def _likelihoods(scores: FloatArray) -> FloatArray:
    """Log odds as shares of the best one, softened; zeros where nothing is finite."""
    best = scores.max(initial=-np.inf)
    return np.exp((scores - best) / TEMPERATURE) if np.isfinite(best) else np.zeros(len(scores))


def _weights_of_crowd(intent: Intent, *, by_history: bool) -> tuple[float, float]:
    if intent.similar_to or intent.liked:
        return BY_LIKENESS
    if by_history:
        return BY_HISTORY
    return BY_WORDS if own_words(intent) else BY_WISHES


def _word_starts(text: str) -> frozenset[str]:
    """The first four letters of each word: enough for "romance" to stand for "romantic"."""
    return frozenset(word[:4] for word in _WORD.findall(text.casefold()))
