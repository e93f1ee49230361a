"""Everything that speaks for an item in a conversation, each as one array over the catalogue.

The ranker weighs these; nothing here is learned except the counts, neighbours and the expectation that are given.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.dialogue.content import ItemContent
from index.dialogue.context import Context
from index.dialogue.counts import MentionCounts
from index.dialogue.neighbours import Neighbours

FloatArray = npt.NDArray[np.float32]

FEATURES = (
    "named",  # how often conversations name it
    "recommended",  # how often it is recommended
    "seen",  # whether any conversation named it
    "expected_fame",  # how often items like it are named
    "year",
    "words",  # its text is near what the person said
    "categories_said",
    "categories_said_by_other",  # by the recommender
    "people_said",
    "expected",  # it is like what is expected next
    "neighbours_text",  # named in conversations in which the person meant the same
    "neighbours_words",  # … that used the same words
    "mentions",  # how many items were named here, up to six: the same for every item
    # The others are zero before an item was named.
    "lift",  # named together with what was named here
    "neighbours_content",  # named in conversations about similar items
    "company",  # what it is named together with is like what was named here
    "text",  # its text is near the texts of what was named
    "text_nearest",  # … to the nearest of them
    "description_nearest",  # it is in all like the nearest of them
    "categories",
    "categories_last",
    "people",  # shares people with the one that shares most
    "franchise",
    "years_apart",
    "years_later",
)
_OF_MENTIONS = FEATURES.index("lift")
_MOST_MENTIONS = 6
# A decade's distance is one; beyond three, films are all old, or all new.
_YEARS, _FAR = 10.0, 3.0


@dataclass(frozen=True)
class Situation:
    """A conversation so far, as numbers."""

    context: Context
    text: FloatArray  # [d] the embedding of the person's words, or zeros
    bag: FloatArray  # [w] the words of both sides
    expected: FloatArray  # [k] the description of what is expected next


def features(
    now: Situation, counts: MentionCounts, neighbours: Neighbours, content: ItemContent, fame: FloatArray
) -> FloatArray:
    """The features [F, n] of all items; `fame` [n] is how often each should have been named by what it is."""
    table = np.zeros((len(FEATURES), len(content)), dtype=np.float32)
    context = now.context
    people = content.people_named((*context.words, "|", *context.others_words))
    table[:_OF_MENTIONS] = [
        counts.log_named,
        counts.log_recommended,
        counts.named > 0,
        fame,
        content.age,
        content.texts @ now.text,
        content.categories @ content.categories_named(context.words),
        content.categories @ content.categories_named(context.others_words),
        content.with_people(people),
        content.description @ now.expected,
        neighbours.by_text(now.text, counts),
        neighbours.by_words(now.bag, counts),
        np.full(len(content), min(len(context.rows), _MOST_MENTIONS)),
    ]
    if len(context.rows):
        table[_OF_MENTIONS:] = _by_mentions(context, counts, neighbours, content)
    return table


def _by_mentions(
    context: Context, counts: MentionCounts, neighbours: Neighbours, content: ItemContent
) -> list[FloatArray]:
    """The features of `FEATURES` from "lift" on."""
    rows, weights = context.rows, context.weights
    near = content.texts @ content.texts[rows].T  # [n, m]
    alike = content.categories @ content.categories[rows].T
    shared = (content.shared_people @ content.shared_people[rows].T).max(axis=1).toarray().ravel()
    later = _years_later(content.years, rows)
    return [
        counts.lift(rows, weights),
        neighbours.by_content(context, content, counts),
        neighbours.company(context, content, counts),
        near @ weights,
        near.max(axis=1),
        (near + alike + content.same_years(rows)).max(axis=1),
        alike @ weights,
        alike[:, -1],
        np.minimum(shared, 1.0),
        np.isin(content.franchises, content.franchises[rows]).astype(np.float32),
        np.abs(later),
        later,
    ]


def _years_later(years: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> FloatArray:
    """In decades after the mean year of `rows` [n]; zero where a year is unknown."""
    known = years[rows][years[rows] > 0]
    if not len(known):
        return np.zeros(len(years), dtype=np.float32)
    middle = float(known.mean())
    later = (np.where(years > 0, years, middle) - middle) / _YEARS
    return np.clip(later, -_FAR, _FAR).astype(np.float32)
