"""The candidates for one turn: filtered by vetoes and wishes, ranked by history, likeness and words.

Everything is computed for the whole catalogue at once, in a fixed order, so the same input gives the same list. Knows
nothing about the words of a conversation beyond the intent and the retrieval that were made from them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.candidate import Candidate, Move, Shortlist, Standing
from core.intent import Intent
from core.item import ItemTable
from core.ranking import HistoryRanker
from index.evidence import EvidenceWriter, PictureLikeness
from index.filters import Facets, Mask, Selection, rules_out, select, unsuits
from index.franchise import franchises, same_work
from index.fusion import Retrieval
from index.graph import ItemGraph
from index.history import HistoryModel
from index.likeness import Likeness, nearness, unit
from index.moods import AUDIENCES, MOODS
from index.statistics import RatingStatistics

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

# What each part of a score weighs; every part lies in [0, 1].
SIMILAR, LIKED, HISTORY, PERSON, PICTURE = 1.2, 1.0, 1.0, 0.15, 3.0
# Someone who shows fewer choices than `ENOUGH_CHOICES` wants what is like them, not only what many chose next.
GLIMPSE, ENOUGH_CHOICES = 4.0, 5
# What was learned from conversations, where a catalogue has some.
HEARD = 1.0
# The ranker's scores are logarithms: this far below the best, an item's chance counts a third.
TEMPERATURE = 2.0
# Words that say more than the wishes that were read from them, and words that don't.
OWN_WORDS, WISH_WORDS = 1.0, 0.3
DISLIKED, REJECTED = -0.4, -0.15
RELAXED_WISH, TYPICAL, SUITS_AUDIENCE = 0.5, 0.4, 0.3
MOOD, MOOD_HINT, MOOD_AGAINST, VETOED_HINT = 0.2, 0.15, -0.3, -0.25
UNKNOWN = -0.4
# (quality, popularity): a history says what is good for this person; of people of whom nothing is known, what many
# like is the best guess.
BY_HISTORY, BY_LIKENESS, BY_WORDS, BY_WISHES = (0.0, 0.0), (0.3, 0.0), (0.3, 0.1), (0.6, 0.3)

EVIDENCE_PER_ITEM = 6
# How far down the uncorrected list an item's place is told.
FIRST_PLACES = 100
PER_FRANCHISE = 2
# Wishes are given up only when fewer items than this, or than were asked for, meet them all.
MIN_CHOICE = 3
# An item that this many people chose counts as half known.
HALF_KNOWN = 10
# Items that fewer people chose (in a small catalogue: fewer than a quarter of the median), or whose rating is in this
# lowest share, are last resorts, unless the words name them.
LEAST_CHOSEN = 5
POOREST_SHARE = 0.15
NAMED = 0.95

_WORD = re.compile(r"[^\W\d_]{3,}")
# Words that say nothing of what an item is about, or stand for a wish without being a category's or a mood's name.
_WISH_WORDS = "about and classic film for from good kid long more movie new older recent short something that the with"


class Correction(Protocol):
    """Corrections for bias, such as `debias.corrections.Corrections`."""

    def shifts(
        self, rows: IntArray, scores: FloatArray, history: Sequence[int], strength: float, user: str | None
    ) -> Mapping[str, FloatArray]:
        """What each correction that is on adds to the scores [m] of rows [m] for a person with this history of rows."""
        ...


Heard = Callable[[Intent], FloatArray]  # log odds [n] that each item is what a recommender would name next


@dataclass(frozen=True)
class Pictures:
    """The items whose pictures are nearest to one that was shown: rows [m], nearest first, and their cosines [m]."""

    rows: IntArray
    similarities: FloatArray
    of: int = 0  # how many items have a picture

    def likeness(self, row: int) -> PictureLikeness | None:
        """Where an item stands among them."""
        found = np.flatnonzero(self.rows == row)
        return PictureLikeness(int(found[0]) + 1, self.of) if len(found) else None


NO_PICTURES = Pictures(np.empty(0, dtype=np.int64), np.empty(0))


@dataclass(frozen=True)
class _Scores:
    """The parts of every item's score [n] that a candidate reports, and their sum with all others."""

    history: FloatArray
    retrieval: FloatArray
    total: FloatArray
    parts: dict[str, FloatArray]  # by what `core.candidate.Standing` calls them


@dataclass(frozen=True)
class _Ranking:
    """The eligible `rows` [m] with their scores before and after the corrections, and the places of the best `k`."""

    scores: _Scores
    selection: Selection
    rows: IntArray
    shifts: Mapping[str, FloatArray]
    final: FloatArray  # [m]
    named: npt.NDArray[np.bool_]  # [n]
    needed: int
    picked: list[int]


class Shortlister:
    """Makes shortlists for one catalogue. Reads only; safe to call from several threads."""

    def __init__(
        self,
        items: ItemTable,
        embeddings: npt.NDArray[np.float32],
        history_model: HistoryModel,
        ranker: HistoryRanker,
        statistics: RatingStatistics,
        graph: ItemGraph,
        evidence: EvidenceWriter,
        correction: Correction,
        heard: Heard | None = None,
        person_space: npt.NDArray[np.float32] | None = None,
    ) -> None:
        """`embeddings` [n, d] of texts have unit length, in the items' order; `heard` was learned from conversations.

        `person_space` [n, d] are the embeddings that a person's is compared with; None: those of texts.
        """
        self._person_space = embeddings if person_space is None else person_space
        self._heard = heard
        self._items = items
        self._ranker = ranker
        self._evidence = evidence
        self._correction = correction
        self._likeness = Likeness(items, embeddings, history_model, graph)
        self._facets = Facets.of(items.items)
        self._category_counts = np.array([max(1, len(set(item.categories))) for item in items])
        numbers: dict[tuple[str, int | None], int] = {}
        self._works = np.array([numbers.setdefault(same_work(item), len(numbers)) for item in items])
        self._franchises = franchises(items.items)
        chosen = statistics.chosen.astype(np.float64)
        self._known = chosen / (chosen + HALF_KNOWN) if chosen.any() else np.ones(len(items))
        self._popularity = unit(np.log1p(chosen))
        rated = statistics.rated > 0
        quality = statistics.quality
        worst = float(quality[rated].min()) if rated.any() else 0.0
        self._quality = unit(quality - worst)
        poor = float(np.quantile(quality[rated], POOREST_SHARE)) if rated.any() else 0.0
        least = min(LEAST_CHOSEN, float(np.median(chosen)) / 4) if len(chosen) else 0
        self._doubtful = ((chosen < least) & chosen.any()) | (rated & (quality < poor))

    def shortlist(
        self,
        intent: Intent,
        history: Sequence[str],
        person: npt.NDArray[np.float32] | None = None,
        retrieval: Retrieval | None = None,
        *,
        k: int,
        popularity_correction: float = 0.0,
        user: str | None = None,
        pictures: Pictures = NO_PICTURES,
    ) -> Shortlist:
        """At most `k` candidates, best first, with evidence.

        `history` are ids, oldest first, of which unknown ones are skipped; `person` [d] is the person's embedding, and
        `user` names them for corrections that ask who they are.
        `pictures` tells which items' pictures are like one that was shown.
        Nothing that the intent excludes, the person chose before, or a veto rules out is ever in the list.
        """
        ranking = self._rank(
            intent, history, person, retrieval or Retrieval(), k, popularity_correction, user, pictures
        )
        rows, scores, shifts, final = ranking.rows, ranking.scores, ranking.shifts, ranking.final
        named, needed, picked, selection = ranking.named, ranking.needed, ranking.picked, ranking.selection
        retrieval = retrieval or Retrieval()
        before = self._pick(rows, scores.total[rows], named, FIRST_PLACES, needed) if shifts else []
        moves = self._moves(picked, before, shifts)
        candidates = [
            Candidate(
                item_id=(item_id := self._items.items[rows[place]].id),
                score=round(float(final[place]), 6),
                history_score=round(float(scores.history[rows[place]]), 6),
                retrieval_score=round(float(scores.retrieval[rows[place]]), 6),
                move=moves.get(place),
                evidence=self._evidence.write(
                    item_id, intent, history, EVIDENCE_PER_ITEM, pictures.likeness(rows[place])
                ),
            )
            for place in picked
        ]
        return Shortlist(
            candidates=tuple(candidates),
            relaxed=tuple(wish.words for wish in selection.relaxed),
            # A mood has no words in common with what an item is about.
            weak_retrieval=retrieval.is_weak and bool(_own_words(intent)) and not intent.wishes.moods,
        )

    def explain(
        self,
        item_ids: Sequence[str],
        intent: Intent,
        history: Sequence[str],
        person: npt.NDArray[np.float32] | None = None,
        retrieval: Retrieval | None = None,
        *,
        k: int,
        popularity_correction: float = 0.0,
        user: str | None = None,
        pictures: Pictures = NO_PICTURES,
    ) -> dict[str, Standing]:
        """Where each item stands in the list that `shortlist` makes of the same arguments."""
        ranking = self._rank(
            intent, history, person, retrieval or Retrieval(), k, popularity_correction, user, pictures
        )
        return {item_id: self._standing(item_id, ranking) for item_id in item_ids}

    def _standing(self, item_id: str, ranking: _Ranking) -> Standing:
        row = self._items.row(item_id)
        parts = {name: float(part[row]) for name, part in ranking.scores.parts.items()}
        found = np.flatnonzero(ranking.rows == row)
        if len(found):
            parts |= {name: float(shift[found[0]]) for name, shift in ranking.shifts.items()}
        own = ranking.final[found[0]] if len(found) else -np.inf
        return Standing(
            item_id=item_id,
            score=round(sum(parts.values()), 6),
            parts={name: round(part, 6) for name, part in parts.items() if round(part, 6)},
            is_eligible=bool(len(found)),
            place=1 + int((ranking.final > own).sum()) if len(found) else None,
            of=len(ranking.rows),
            held_back=self._held_back(int(found[0]), ranking) if len(found) else "",
        )

    def _held_back(self, place: int, ranking: _Ranking) -> str:
        """Why an eligible place is not among the picked ones although its score would do."""
        if place in ranking.picked or not ranking.picked:
            return ""
        row, picked = ranking.rows[place], [ranking.rows[each] for each in ranking.picked]
        if ranking.final[place] < min(ranking.final[each] for each in ranking.picked):
            return ""
        if self._works[row] in self._works[picked]:
            return "version"
        return "doubtful" if self._doubtful[row] and not ranking.named[row] else "series"

    def _rank(
        self,
        intent: Intent,
        history: Sequence[str],
        person: npt.NDArray[np.float32] | None,
        retrieval: Retrieval,
        k: int,
        popularity_correction: float,
        user: str | None,
        pictures: Pictures,
    ) -> _Ranking:
        past = self._rows(history)
        allowed = self._allowed(intent, past)
        needed = min(k, max(MIN_CHOICE, intent.count or 0))
        selection = select(self._facets, allowed, intent.wishes, needed, self._works)
        rows = np.flatnonzero(selection.chosen)
        scores = self._scores(intent, past, person, retrieval, selection, rows)
        scores.parts["picture"][pictures.rows] = PICTURE * unit(pictures.similarities)
        scores.total[pictures.rows] += PICTURE * unit(pictures.similarities)
        taste = [*past, *self._rows(intent.liked)]
        shifts = self._correction.shifts(rows, scores.total[rows], taste, popularity_correction, user)
        final = sum(shifts.values(), start=scores.total[rows])
        named = scores.retrieval >= NAMED * OWN_WORDS
        picked = self._pick(rows, final, named, k, needed)
        return _Ranking(scores, selection, rows, shifts, final, named, needed, picked)

    def _moves(self, picked: list[int], before: list[int], shifts: Mapping[str, FloatArray]) -> dict[int, Move]:
        """What corrections did to each picked place, against the uncorrected list; empty where none is on."""
        if not shifts:
            return {}
        places = {place: number for number, place in enumerate(before, start=1)}
        return {
            place: Move(
                before=places.get(place),
                after=number,
                shifts={name: round(float(shift[place]), 6) for name, shift in shifts.items()},
            )
            for number, place in enumerate(picked, start=1)
        }

    def _rows(self, item_ids: Sequence[str]) -> list[int]:
        return [self._items.row(item_id) for item_id in item_ids if item_id in self._items]

    def _allowed(self, intent: Intent, past: Sequence[int]) -> Mask:
        """Which items [n] may be recommended at all; another entry of an excluded work is excluded too."""
        excluded = self._works[[*past, *self._rows(tuple(intent.excluded))]]
        unwanted = rules_out(intent.vetoes, self._facets) | unsuits(intent.wishes, self._facets)
        return ~np.isin(self._works, excluded) & ~unwanted

    def _scores(
        self,
        intent: Intent,
        past: Sequence[int],
        person: npt.NDArray[np.float32] | None,
        retrieval: Retrieval,
        selection: Selection,
        rows: IntArray,
    ) -> _Scores:
        """Scores of all items; only those of `rows`, the selected ones, know how well they fit the wishes."""
        similar, liked = self._rows(intent.similar_to), self._rows(intent.liked)
        chosen = [*past, *self._rows(intent.seen)]
        zeros = np.zeros(len(self._items))
        parts = {
            "history": HISTORY * self._chances(chosen) + _glimpse(chosen) * self._likeness.to(chosen),
            "liked": LIKED * self._likeness.to(liked),
        }
        history = parts["history"] + parts["liked"]
        words = self._words(intent, retrieval)
        if self._heard and (intent.query or intent.liked or intent.similar_to):
            words = words + HEARD * _likelihoods(self._heard(intent))
        parts["words"], parts["similar"] = words, SIMILAR * self._likeness.to(similar)
        against = [
            DISLIKED * self._likeness.to(self._rows(intent.disliked)),
            REJECTED * self._likeness.to(self._rows(intent.rejected)),
        ]
        parts["against"] = against[0] + against[1]
        total = history + words + parts["similar"]
        for part in against:
            total += part
        parts["known"] = parts["taste"] = zeros
        if not chosen:  # the ranker weighs all of it where there is a history
            parts["known"] = UNKNOWN * (1 - self._known)
            total += parts["known"]
            if person is not None:
                parts["taste"] = PERSON * nearness(self._person_space, person)
                total += parts["taste"]
        parts["wishes"] = self._fit(intent, selection)
        total[rows] += parts["wishes"][rows]
        quality, popularity = _weights_of_crowd(intent, by_history=bool(chosen))
        parts["crowd"] = quality * self._quality + popularity * self._popularity
        parts["picture"] = np.zeros(len(self._items))
        total += parts["crowd"]
        return _Scores(history, words, total, parts)

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
        weight = OWN_WORDS if _own_words(intent) else WISH_WORDS
        return weight * retrieval.confidence * unit(words)

    def _fit(self, intent: Intent, selection: Selection) -> FloatArray:
        """How well each item [n] fits the wishes beyond meeting those that were kept."""
        facets, wishes = self._facets, intent.wishes

        def have(names: Iterable[str]) -> Mask:
            return facets.where(facets.categories, names)

        fit = np.zeros(facets.size)
        for wish in selection.relaxed:
            fit += RELAXED_WISH * wish.met_by(facets)
        for category in wishes.categories:
            fit += TYPICAL * have([category.casefold()]) / self._category_counts
        if wishes.audience:
            fit += SUITS_AUDIENCE * have(AUDIENCES[wishes.audience].wanted)
        for mood in wishes.moods:
            rule = MOODS[mood]
            fit += MOOD * have(rule.wanted) + MOOD_HINT * have(rule.hints) + MOOD_AGAINST * have(rule.against)
        for mood in intent.vetoes.moods:
            fit += VETOED_HINT * have(MOODS[mood].hints)
        return fit

    def _pick(self, rows: IntArray, scores: FloatArray, named: npt.NDArray[np.bool_], k: int, needed: int) -> list[int]:
        """Places of the best rows, ties by row: each work once, few of one franchise, and no doubtful ones.

        A franchise or a doubtful item gets further places only where there are fewer than `needed` others.
        """
        works, taken = set[int](), Counter[str]()
        chosen, spare = list[int](), list[int]()
        order = [int(place) for place in np.argsort(-scores, kind="stable")]
        for place in order:
            row = rows[place]
            if len(chosen) == k:
                break
            if self._works[row] in works:
                continue
            works.add(self._works[row])
            if (self._doubtful[row] and not named[row]) or taken[self._franchises[row]] == PER_FRANCHISE:
                spare.append(place)
                continue
            taken[self._franchises[row]] += 1
            chosen.append(place)
        kept = {*chosen, *spare[: max(0, needed - len(chosen))]}
        return [place for place in order if place in kept]


def _glimpse(chosen: Sequence[int]) -> float:
    """What likeness to a history weighs: of one choice more is known of the item than of the person."""
    return GLIMPSE * max(0, ENOUGH_CHOICES - len(chosen)) / ENOUGH_CHOICES


def _likelihoods(scores: FloatArray) -> FloatArray:
    """Log odds as shares of the best one, softened; zeros where nothing is finite."""
    best = scores.max(initial=-np.inf)
    return np.exp((scores - best) / TEMPERATURE) if np.isfinite(best) else np.zeros(len(scores))


def _weights_of_crowd(intent: Intent, *, by_history: bool) -> tuple[float, float]:
    if intent.similar_to or intent.liked:
        return BY_LIKENESS
    if by_history:
        return BY_HISTORY
    return BY_WORDS if _own_words(intent) else BY_WISHES


def _own_words(intent: Intent) -> frozenset[str]:
    """Words of the query that no wish stands for."""
    wishes = intent.wishes
    named = (*wishes.categories, *wishes.moods, *wishes.people, wishes.audience or "", _WISH_WORDS)
    return _word_starts(intent.query) - _word_starts(" ".join(named))


def _word_starts(text: str) -> frozenset[str]:
    """The first four letters of each word: enough for "romance" to stand for "romantic"."""
    return frozenset(word[:4] for word in _WORD.findall(text.casefold()))
