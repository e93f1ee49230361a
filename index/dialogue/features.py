"""Everything that speaks for an item in a conversation, each as one array over the catalogue.

The ranker weighs these; nothing here is learned except the counts and the expectation that are given.
"""

import numpy as np
import numpy.typing as npt

from index.dialogue.content import ItemContent
from index.dialogue.context import Context
from index.dialogue.counts import MentionCounts

FloatArray = npt.NDArray[np.float32]

FEATURES = (
    "named",  # how often conversations name it
    "recommended",  # how often it is recommended
    "expected_fame",  # how often items like it are named
    "lift",  # named together with what was named here
    "lift_person",  # … with what the person named
    "text",  # its text is near the texts of what was named
    "text_nearest",  # … to the nearest of them
    "categories",
    "categories_last",
    "people",  # shares people with the one that shares most
    "franchise",
    "years_apart",
    "words",  # its text is near what the person said
    "categories_said",
    "people_said",
    "expected",  # it is like what is expected next
)
# A decade's distance is one; beyond three, films are all old, or all new.
_YEARS, _FAR = 10.0, 3.0


def features(
    context: Context,
    text: FloatArray,
    counts: MentionCounts,
    content: ItemContent,
    fame: FloatArray,
    expected: FloatArray,
) -> FloatArray:
    """The features [F, n] of all items.

    `text` [d] is the embedding of the person's words, `fame` [n] how often an item should have been named by what it
    is, `expected` [k] the description of what is expected next.
    """
    table = np.zeros((len(FEATURES), len(content)), dtype=np.float32)
    table[:3] = counts.log_named, counts.log_recommended, fame
    if len(context.rows):
        table[3:12] = _by_mentions(context, counts, content)
    table[12] = content.texts @ text
    said = content.categories_named(context.words)
    table[13] = content.categories @ said
    if columns := content.people_named((*context.words, "|", *context.others_words)):
        table[14] = np.asarray(content.people[:, columns].sum(axis=1)).ravel() > 0
    table[15] = content.description @ expected
    return table


def _by_mentions(context: Context, counts: MentionCounts, content: ItemContent) -> FloatArray:
    """Features 3 to 11 [9, n]."""
    rows, weights = context.rows, context.weights
    near = content.texts @ content.texts[rows].T  # [n, m]
    alike = content.categories @ content.categories[rows].T
    shared = (content.shared_people @ content.shared_people[rows].T).max(axis=1).toarray().ravel()
    return np.stack(
        [
            counts.lift(rows, weights),
            counts.lift(rows, context.person_weights),
            near @ weights,
            near.max(axis=1),
            alike @ weights,
            alike[:, -1],
            np.minimum(shared, 1.0),
            np.isin(content.franchises, content.franchises[rows]).astype(np.float32),
            _years_apart(content.years, rows),
        ]
    ).astype(np.float32)


def _years_apart(years: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> FloatArray:
    known = years[rows][years[rows] > 0]
    if not len(known):
        return np.zeros(len(years), dtype=np.float32)
    middle = float(known.mean())
    apart = np.abs(np.where(years > 0, years, middle) - middle) / _YEARS
    return np.minimum(apart, _FAR).astype(np.float32)
