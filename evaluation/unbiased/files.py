"""Files of ratings: `user,item,rating` lines without a header in, one JSON line a scored pair out."""

import csv
import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import numpy as np

from core.errors import InputError
from debias.exposure import Exposure, Rows
from debias.weights import FloatArray
from evaluation.json_ids import is_whole_number
from evaluation.resumed import writing
from server.atomic import replacing
from training.rating_data import RatingData

# A column of features that isn't numeric is taken as categories, and the commonest of them count.
MOST_CATEGORIES = 50
# Of scores: the digits behind depend on how many threads added the numbers up, and a seed should give the same file.
DECIMALS = 9


class Ids:
    """Ids in the order in which they came. The row after the last stands for everybody who is unknown."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def add(self, identity: str) -> int:
        """The row of an id, which may be new."""
        return self._known.setdefault(identity, len(self._known))

    def rows(self, wanted: Iterable[str]) -> Rows:
        """Rows of ids; of an unknown one, the row after the last."""
        return np.array([self._known.get(identity, len(self)) for identity in wanted], dtype=np.int64)


@dataclass(frozen=True)
class Ratings:
    """Ratings by row, and what the rows are called."""

    users: Ids
    items: Ids
    data: RatingData


def read_ratings(path: Path, user_features: Path | None = None, item_features: Path | None = None) -> Ratings:
    """Read chosen ratings and, if there are any, features (`id,value,value,…` lines without a header).

    Pairs that stand twice count once, with their mean rating. Raises InputError naming the file and the line.
    """
    users, items = Ids(), Ids()
    rows, columns, ratings = array("q"), array("q"), array("d")  # millions of lines must fit in memory
    for user, item, rating in _triples(path):
        rows.append(users.add(user))
        columns.append(items.add(item))
        ratings.append(rating)
    if not ratings:
        raise InputError(f"{path} holds no ratings.", mend="It needs `user,item,rating` lines.")
    features = [_features(file) if file else None for file in (user_features, item_features)]
    for ids, known in zip((users, items), features, strict=True):
        for identity in known or ():
            ids.add(identity)
    positions = np.array(rows) * (len(items) + 1) + np.array(columns)
    keys, inverse, counts = np.unique(positions, return_inverse=True, return_counts=True)
    means = np.bincount(inverse, weights=np.array(ratings)) / counts
    # One more of each: whoever was never seen.
    exposure = Exposure(*np.divmod(keys, len(items) + 1), len(users) + 1, len(items) + 1)
    arrays = [
        None if known is None else _table(ids, known) for ids, known in zip((users, items), features, strict=True)
    ]
    return Ratings(users, items, RatingData(exposure, means, arrays[0], arrays[1]))


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Read the pairs to score: the first two fields of each line. Anything after them is never looked at.

    Raises InputError for a header, which would get a score of its own and put scores and lines out of step.
    """
    pairs = [(fields[0], fields[1]) for _, fields in _lines(path, fewest=2)]
    if pairs and tuple(map(_plain, pairs[0])) == ("user", "item"):
        raise InputError(f"{path}, line 1: {','.join(pairs[0])!r} is a header.", mend="Take it away.")
    if not pairs:
        raise InputError(f"{path} holds no pairs.", mend="It needs `user,item` lines.")
    return pairs


def write_scores(path: Path, pairs: Sequence[tuple[str, str]], scores: FloatArray) -> None:
    """Write one JSON line a pair, all of them or none. Ids that are whole numbers throughout are numbers here too."""
    users, items = (_as_json([pair[side] for pair in pairs]) for side in (0, 1))
    rounded = np.round(scores, DECIMALS).tolist()
    lines = (
        json.dumps({"user": user, "item": item, "score": score}, ensure_ascii=False) + "\n"
        for user, item, score in zip(users, items, rounded, strict=True)
    )
    with (
        writing(path, "Choose another --out."),
        replacing(path) as unfinished,
        unfinished.open("w", encoding="utf-8") as file,
    ):
        file.writelines(lines)


def _as_json(ids: list[str]) -> Sequence[str | int]:
    return [int(identity) for identity in ids] if all(map(is_whole_number, ids)) else ids


def _triples(path: Path) -> Iterator[tuple[str, str, float]]:
    for number, fields in _lines(path, fewest=3):
        rating = _number(fields[2])
        if rating is None:
            shown = fields[2][:40]
            header = " A header is not expected." if number == 1 else ""
            raise InputError(f"{path}, line {number}: the rating {shown!r} is not a number.{header}")
        yield fields[0], fields[1], rating


def _features(path: Path) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    width = 0
    for number, fields in _lines(path, fewest=2):
        width = width or len(fields)
        if len(fields) != width:
            raise InputError(f"{path}, line {number}: {len(fields)} fields where the first line has {width}.")
        known[fields[0]] = fields[1:]
    return known


def _table(ids: Ids, known: dict[str, list[str]]) -> FloatArray:
    """Features by row, [ids + 1, columns]; numbers are standardised, and who has none gets the means."""
    present = ids.rows(known)
    columns = []
    for texts in zip(*known.values(), strict=True):
        numbers = [_number(text) for text in texts]
        if all(number is not None for number in numbers):
            columns.append(np.array(numbers, dtype=np.float64))
        else:
            names, counts = np.unique(texts, return_counts=True)
            common = names[np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]]
            columns += [(np.array(texts) == name).astype(np.float64) for name in common]
    table = np.zeros((len(ids) + 1, len(columns)))
    if columns:
        values = np.column_stack(columns)
        spread = values.std(axis=0)
        table[present] = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return table


def _lines(path: Path, *, fewest: int) -> Iterator[tuple[int, list[str]]]:
    """Lines that aren't empty, with their numbers; each has at least `fewest` fields and an id in the first ones."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for fields in reader:
                number = reader.line_num
                fields = [field.strip() for field in fields]
                if not any(fields):
                    continue
                if len(fields) < fewest or not all(fields[: min(fewest, 2)]):
                    expected = "`user,item,rating`" if fewest == 3 else "an id and at least one more field"
                    raise InputError(f"{path}, line {number}: {expected} was expected, not {','.join(fields)[:60]!r}.")
                yield number, fields
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text after line {number}.", mend="Convert it.") from error
    except csv.Error as error:
        raise InputError(f"{path}, line {number + 1}: {error}.") from error
    except OSError as error:
        cause = f"{path} can't be read: {error.strerror or error}."
        raise InputError(cause, mend="Check the path and its permissions.") from error


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def _plain(name: str) -> str:
    """A column's name in lower case, without `_id`."""
    return name.casefold().removesuffix("id").rstrip("_ ")
