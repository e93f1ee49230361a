"""The candidates for one query: filtered by vetoes and wishes, scored, corrected for bias, picked.

Knows nothing of the words of a conversation beyond the intent and the retrieval that were made from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.candidate import Candidate, Move, Shortlist, Standing
from core.intent import Intent, Order
from core.item import ItemTable
from core.ranking import HistoryRanker
from index.crowd import Crowd
from index.evidence import EvidenceWriter
from index.facets import Facets, Mask
from index.filters import Selection, count_works, meeting, permitted, select, wishes_of
from index.graph import ItemGraph
from index.history import HistoryModel
from index.likeness import Likeness
from index.order import Place, in_order, is_estimated, place_of, values_of_order
from index.picking import Picked, Picker, lesser_versions
from index.query import Query
from index.scores import Heard, Scorer, Scores, meeting_all, own_words
from index.statistics import RatingStatistics

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

EVIDENCE_PER_ITEM = 6
# How far down the uncorrected list an item's place is told.
FIRST_PLACES = 100


class Correction(Protocol):
    """Corrections for bias, such as `debias.corrections.Corrections`."""

    def shifts(
        self,
        rows: IntArray,
        scores: FloatArray,
        history: Sequence[int],
        strength: float,
        user: str | None,
        *,
        learned: FloatArray,
        prior: FloatArray,
    ) -> Mapping[str, FloatArray]:
        """What each correction that is on adds to the scores [m] of rows [m] for a person with this history of rows.

        Of the scores, `learned` [m] comes from what people chose, and `prior` [m] is popularity itself.
        """
        ...


@dataclass(frozen=True)
class _Ranking:
    """The eligible `rows` [m] with their scores before and after the corrections, and those that were picked."""

    selection: Selection
    shown: Mask  # [n]; may come again
    fitting: Mask  # [n]; meet every wish, where wishes were given up for others
    scores: Scores
    rows: IntArray
    shifts: Mapping[str, FloatArray]
    final: FloatArray  # [m]
    picked: Picked
    is_estimated: bool = False  # ordered by what few ratings count less in: what items say of themselves differs
    ordered_by: FloatArray | None = None  # [n], NaN where unknown; None: no order was asked for, or none is known

    def place(self, row: int, intent: Intent) -> Place | None:
        """Where a row stands in the order that was asked for, among those that meet as many wishes."""
        if intent.order is None or self.ordered_by is None or self.is_estimated:
            return None
        rows = self.rows[self.fitting[self.rows]] if self.fitting.any() else self.rows
        return place_of(row, rows, self.ordered_by, intent.order, others=bool(intent.shown))


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
        self._items = items
        self._evidence = evidence
        self._statistics = statistics
        self._correction = correction
        self._facets = Facets.of(items.items)
        self._picker = Picker(items)
        likeness = Likeness(items, embeddings, history_model, graph)
        crowd, space = Crowd.of(statistics), embeddings if person_space is None else person_space
        lesser = lesser_versions(self._picker.works, crowd.popularity)
        self._scorer = Scorer(items, self._facets, likeness, ranker, crowd, lesser, space, heard)

    def shortlist(self, query: Query) -> Shortlist:
        """At most `query.k` candidates, best first, with evidence.

        Nothing that the intent excludes, the person chose before, or a veto rules out is ever in the list. What this
        search has shown is in it only where too few others meet the wishes.
        """
        ranking = self._rank(query)
        moves = self._moves(query, ranking)
        rows = [int(ranking.rows[place]) for place in ranking.picked.places]
        fitting = [self._items.items[row].id for row in rows if ranking.fitting[row]]
        candidates = [
            self._candidate(query, ranking, place, move)
            for place, move in zip(ranking.picked.places, moves, strict=True)
        ]
        relaxed = tuple(wish.words for wish in ranking.selection.relaxed)
        if len(fitting) >= query.count:  # nothing else will be shown
            candidates, fitting, relaxed = candidates[: len(fitting)], [], ()
        return Shortlist(
            candidates=tuple(candidates),
            relaxed=relaxed,
            fitting=tuple(fitting),
            again=tuple(self._items.items[row].id for row in rows if ranking.shown[row]),
            # A mood has no words in common with what an item is about.
            weak_retrieval=query.retrieval.is_weak and bool(own_words(query.intent)) and not query.intent.wishes.moods,
            unordered=query.intent.order is not None and ranking.ordered_by is None,
        )

    def explain(self, item_ids: Sequence[str], query: Query) -> dict[str, Standing]:
        """Where each item stands in the list that `shortlist` makes of the same query."""
        ranking = self._rank(query)
        return {item_id: self._standing(item_id, ranking) for item_id in item_ids}

    def _rank(self, query: Query) -> _Ranking:
        selection, shown = self._select(query)
        fitting = meeting_all(selection, self._facets, shown)
        scores = self._scorer.score(query, selection, shown, fitting)
        rows = np.flatnonzero(selection.chosen)
        known = self._rows((*query.history, *query.intent.liked))
        shifts = self._correction.shifts(
            rows,
            scores.preference[rows],
            known,
            query.popularity_correction,
            query.user,
            learned=scores.learned[rows],
            prior=scores.popularity[rows],
        )
        final = sum(shifts.values(), start=scores.total[rows])
        order = query.intent.order
        values = self._ordered_by(order, rows)
        if order and values is not None:
            shifts = {}  # no correction moves what was put in order
            final = in_order(rows, values, final, fitting, descending=order.descending)
        estimated = order is not None and is_estimated(order, self._facets)
        picked = self._picker.pick(rows, final, shown, k=query.k, needed=query.needed, count=query.count)
        return _Ranking(selection, shown, fitting, scores, rows, shifts, final, picked, estimated, values)

    def _ordered_by(self, order: Order | None, rows: IntArray) -> FloatArray | None:
        """What the list is to be ordered by [n]; None where nothing is, or where no row has it."""
        if order is None:
            return None
        values = values_of_order(order, self._facets, self._statistics)
        return None if np.isnan(values[rows]).all() else values

    def _select(self, query: Query) -> tuple[Selection, Mask]:
        """Which items [n] may be recommended, and which of them only again: none while there is enough that is new."""
        allowed, works = self._allowed(query), self._picker.works
        wishes, needed = query.intent.wishes, query.needed
        every = select(self._facets, allowed, wishes, needed, works)
        shown = self._picker.same_works(query.intent.shown)
        if not shown.any():
            return every, shown
        fitting = allowed & meeting(wishes, self._facets)
        if wishes.numbers and fitting[shown].any() and not fitting[~shown].any():
            return Selection(fitting, wishes_of(wishes), ()), shown  # "cheaper": of all there is, only these are
        new = select(self._facets, allowed & ~shown, wishes, needed, works)
        enough = count_works(new.chosen, works) >= query.count and new.cost <= every.cost
        return (new, np.zeros_like(shown)) if enough else (every, shown)

    def _allowed(self, query: Query) -> Mask:
        """Which items [n] may be recommended at all; another entry of an excluded work is excluded too."""
        intent = query.intent
        excluded = self._picker.same_works((*query.history, *intent.excluded))
        return permitted(intent.vetoes, intent.wishes, self._facets) & ~excluded

    def _candidate(self, query: Query, ranking: _Ranking, place: int, move: Move | None) -> Candidate:
        row = int(ranking.rows[place])
        item_id, likeness = self._items.items[row].id, query.pictures.likeness(row)
        return Candidate(
            item_id=item_id,
            score=round(float(ranking.final[place]), 6),
            history_score=round(float(ranking.scores.history[row]), 6),
            retrieval_score=round(float(ranking.scores.retrieval[row]), 6),
            move=move,
            evidence=self._evidence.write(
                item_id,
                query.intent,
                query.history,
                EVIDENCE_PER_ITEM,
                likeness,
                ranking.place(row, query.intent),
            ),
        )

    def _moves(self, query: Query, ranking: _Ranking) -> list[Move | None]:
        """What corrections did to each picked place, against the uncorrected list; None where none is on."""
        picked, shifts = ranking.picked.places, ranking.shifts
        if not shifts:
            return [None] * len(picked)
        rows, total = ranking.rows, ranking.scores.total[ranking.rows]
        needed, count = query.needed, query.count
        before = self._picker.pick(rows, total, ranking.shown, k=FIRST_PLACES, needed=needed, count=count)
        places = {place: number for number, place in enumerate(before.places, start=1)}
        return [
            Move(
                before=places.get(place),
                after=number,
                shifts={name: round(float(shift[place]), 6) for name, shift in shifts.items()},
            )
            for number, place in enumerate(picked, start=1)
        ]

    def _standing(self, item_id: str, ranking: _Ranking) -> Standing:
        row = self._items.row(item_id)
        parts = {name: float(part[row]) for name, part in ranking.scores.parts.items()}
        found = np.flatnonzero(ranking.rows == row)
        is_eligible, place = bool(len(found)), int(found[0]) if len(found) else -1
        if is_eligible:
            parts |= {name: float(shift[place]) for name, shift in ranking.shifts.items()}
        return Standing(
            item_id=item_id,
            score=round(sum(parts.values()), 6),
            parts={name: round(part, 6) for name, part in parts.items() if round(part, 6)},
            is_eligible=is_eligible,
            place=1 + int((ranking.final > ranking.final[place]).sum()) if is_eligible else None,
            of=len(ranking.rows),
            held_back=ranking.picked.held_back.get(place, ""),
        )

    def _rows(self, item_ids: Sequence[str]) -> list[int]:
        return [self._items.row(item_id) for item_id in item_ids if item_id in self._items]
