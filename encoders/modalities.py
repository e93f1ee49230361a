"""All kinds of data that a catalogue has, as modalities of its items in one order and on one scale.

Text and pictures are handed in as their encoders make them, unit vectors, so that a text of a chat can be compared with
them as it is. Every other kind is scaled to rows of mean square length 1.

Memory beside the items themselves grows by about 7 kB an item (measured at 30,000 and 120,000 items with 420 features
of six kinds), so 7 GB for a million. What is read of items, and sparse rows, are held for 16,384 items at a time.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt

from core.errors import ArtifactError
from core.item import Item, ItemTable
from core.modality import Modality
from encoders.audio import AudioEncoder
from encoders.behaviour import BehaviourEncoder
from encoders.categorical import CategoricalEncoder
from encoders.cooccurrence import History
from encoders.encoder import Encoded, FloatArray
from encoders.graph import GraphEncoder, Links
from encoders.numeric import NumericEncoder
from encoders.place import PlaceEncoder
from encoders.scaling import Scaling
from encoders.time import TimeEncoder

# (item id, relation, entity)
Triple = tuple[str, str, str]
Value = TypeVar("Value")

# Columns that are quantities of their own get the same weight; directions of one space keep theirs.
_BY_COLUMN = {"numbers", "time", "audio"}
_ENCODERS: Mapping[str, Any] = {
    "audio": AudioEncoder,
    "categories": CategoricalEncoder,
    "numbers": NumericEncoder,
    "time": TimeEncoder,
    "behaviour": BehaviourEncoder,
    "graph": GraphEncoder,
}
_MANIFEST = "encoders.json"


@dataclass(frozen=True)
class ItemEncoders:
    """The encoders of the kinds that a catalogue has, by the modality's name, fitted to its items."""

    encoders: Mapping[str, Any]
    scalings: Mapping[str, Scaling]

    @classmethod
    def fit(
        cls,
        items: Sequence[Item],
        *,
        histories: Sequence[History] = (),
        links: Sequence[Links] = (),
        audio_cache: Path | None = None,
        progress: bool = False,
    ) -> "tuple[ItemEncoders, dict[str, Encoded]]":
        """Fit to items, to people's choices (rows of the items) and to each item's links; and the items' features."""
        values = _values(items, links)
        encoders: dict[str, Any] = {}
        if any(values["audio"]):
            encoders["audio"] = AudioEncoder.fit(
                values["audio"], cache=audio_cache, progress="Learning sounds" if progress else ""
            )
        for name in ("categories", "numbers", "time"):
            encoders[name] = _ENCODERS[name].fit(values[name])
        encoders["place"] = PlaceEncoder()
        if histories:
            label = "Learning behaviour" if progress else ""
            encoders["behaviour"] = BehaviourEncoder.fit(histories, len(items), progress=label)
        if any(values["graph"]):
            encoders["graph"] = GraphEncoder.fit(values["graph"], progress="Learning the graph" if progress else "")
        found: dict[str, Encoded] = {}
        scalings: dict[str, Scaling] = {}
        for name, encoder in encoders.items():
            encoded = _encoded(encoder, values.get(name), progress=progress)
            if not encoded[1].any():
                continue
            if name != "behaviour":  # of unit length already, and people's must stay comparable
                scalings[name] = Scaling.fit(*encoded, columns=name in _BY_COLUMN)
                encoded = scalings[name].apply(encoded)
            found[name] = encoded
        return cls({name: encoders[name] for name in found}, scalings), found

    def encode(self, items: Sequence[Item], *, links: Sequence[Links] = ()) -> dict[str, Encoded]:
        """Features of items by modality, on the scale of the fitted; of items that were never seen, too.

        Behaviour is left out: an item that wasn't fitted has none.
        """
        values = _values(items, links)
        return {
            name: self._scaled(name, encoder.encode(values[name]))
            for name, encoder in self.encoders.items()
            if name in values
        }

    def save(self, folder: Path) -> None:
        """Write one file for each encoder, and the scales."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, encoder in self.encoders.items():
            if name in _ENCODERS:
                encoder.save(folder / f"{name}.npz")
        scales = {name: [scale.mean.tolist(), scale.factor.tolist()] for name, scale in self.scalings.items()}
        content = {"encoders": sorted(self.encoders), "scales": scales}
        (folder / _MANIFEST).write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path, *, audio_cache: Path | None = None) -> "ItemEncoders":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        path = folder / _MANIFEST
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            scalings = {name: Scaling(*map(np.array, scale)) for name, scale in content["scales"].items()}
            names = list(content["encoders"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArtifactError(f"The encoders {path} can't be read.", mend="Run `tastemaker prepare`.") from error
        options = {"audio": {"cache": audio_cache}}
        return cls(
            {
                name: _ENCODERS[name].load(folder / f"{name}.npz", **options.get(name, {}))
                if name in _ENCODERS
                else PlaceEncoder()
                for name in names
            },
            scalings,
        )

    def _scaled(self, name: str, encoded: Encoded) -> Encoded:
        return self.scalings[name].apply(encoded) if name in self.scalings else encoded


def item_modalities(
    items: ItemTable,
    *,
    text: FloatArray,
    images: Encoded | None = None,
    sequences: Sequence[npt.NDArray[np.int64]] = (),
    relations: Iterable[Triple] = (),
    audio_cache: Path | None = None,
    progress: bool = False,
) -> tuple[Modality, ...]:
    """One modality for each kind of data that at least one item has.

    `text` [n, d] are embeddings, zeros where an item has none; `images` are features [n, d] and present [n];
    `sequences` are rows of items in time order, one person each. Who needs the encoders later calls `ItemEncoders.fit`.
    """
    histories = [History(rows) for rows in sequences]
    links = item_links(items, relations)
    _, found = ItemEncoders.fit(
        items.items, histories=histories, links=links, audio_cache=audio_cache, progress=progress
    )
    return as_modalities(text, images, found)


def as_modalities(text: FloatArray, images: Encoded | None, found: Mapping[str, Encoded]) -> tuple[Modality, ...]:
    """Text and pictures with what `ItemEncoders` found; kinds that no item has are left out."""
    every: dict[str, Encoded] = {"text": (text, np.asarray(text.any(axis=1)))}
    if images is not None:
        every["image"] = images
    return tuple(Modality(name, *encoded) for name, encoded in {**every, **found}.items() if encoded[1].any())


def item_tags(item: Item) -> dict[str, list[str]]:
    """Categories, people by role, and facts; a fact with commas is several."""
    tags: dict[str, list[str]] = {"category": list(item.categories)}
    for credit in item.people:
        tags.setdefault(credit.role, []).append(credit.name)
    for name, value in item.facts.items():
        tags.setdefault(name, []).extend(value.split(","))
    return tags


def item_moments(item: Item) -> dict[str, float]:
    """The dates, and the year as its beginning."""
    if item.year is None:
        return dict(item.dates)
    year = np.datetime64(f"{item.year:04d}-01-01", "s").astype(np.int64)
    return {"year": float(year), **item.dates}


def item_links(items: ItemTable, relations: Iterable[Triple]) -> list[list[tuple[str, str]]]:
    """The links of each item, in the order of the table; links of other items are left out."""
    links: list[list[tuple[str, str]]] = [[] for _ in items]
    for item_id, relation, entity in relations:
        if item_id in items:
            links[items.row(item_id)].append((relation, entity))
    return links


def common_columns(items: Sequence[Item], share: float) -> list[str]:
    """The columns that more than this share of the items fill, by the encoder that reads them."""
    counts: Counter[str] = Counter()
    for item in items:
        counts.update(f"categories {name}" for name in item_tags(item))
        counts.update(f"numbers {name}" for name in item.numbers)
        counts.update(f"time {name}" for name in item_moments(item))
        counts.update(name for name in ("place", "audio") if getattr(item, name) is not None)
    return sorted(name for name, count in counts.items() if count > share * len(items))


class _Column(Sequence[Value], Generic[Value]):
    """One kind of value of each item, made when it is asked for: values of a million items are never held at once."""

    def __init__(self, items: Sequence[Item], read: Callable[[Item], Value]) -> None:
        self._items = items
        self._read = read

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, place: int) -> Value: ...
    @overload
    def __getitem__(self, place: slice) -> "_Column[Value]": ...
    def __getitem__(self, place: int | slice) -> "Value | _Column[Value]":
        if isinstance(place, slice):
            return _Column(self._items[place], self._read)
        return self._read(self._items[place])

    def __iter__(self) -> Iterator[Value]:
        return map(self._read, self._items)


def _values(items: Sequence[Item], links: Sequence[Links]) -> dict[str, Sequence[Any]]:
    """The values of items that each encoder reads."""
    return {
        "audio": _Column(items, lambda item: item.audio),
        "categories": _Column(items, item_tags),
        "numbers": _Column(items, lambda item: item.numbers),
        "time": _Column(items, item_moments),
        "place": _Column(items, lambda item: item.place),
        "graph": links or [()] * len(items),
    }


def _encoded(encoder: Any, values: Sequence[Any] | None, *, progress: bool) -> Encoded:
    if isinstance(encoder, BehaviourEncoder):
        return encoder.encode_items()
    label = "Encoding sounds" if progress and isinstance(encoder, AudioEncoder) else ""
    encoded: Encoded = encoder.encode(values, progress=label)
    return encoded
