"""The artifact folder: what `prepare` makes for a catalogue and every later command reads."""

from dataclasses import dataclass
from pathlib import Path

from core.values import Value

FORMAT_VERSION = 1


class Wording(Value):
    """How to speak of a catalogue's items, such as "film", "films" and "genre"."""

    item: str = "item"
    items: str = "items"
    category: str = "category"


class Manifest(Value):
    """What an artifact folder was made from. Serving refuses a folder that does not match."""

    format_version: int = FORMAT_VERSION
    catalog: str
    catalog_hash: str  # of the catalogue's source files and the media folder's tables
    # What `prepare` was given, to see whether the source has changed since: a built-in name or an absolute folder.
    source: str = ""
    media: str = ""  # an absolute folder; empty: none
    item_count: int
    interaction_count: int
    text_encoder: str
    embedding_dimensions: int
    image_encoder: str = ""
    wording: Wording = Wording()


@dataclass(frozen=True)
class ArtifactLayout:
    """Where each file of an artifact folder stands. The manifest is written last: without it a folder is unfinished."""

    root: Path

    @property
    def manifest(self) -> Path:
        return self.root / "manifest.json"

    @property
    def items(self) -> Path:
        """One `Item` as JSON per line; the line number is the item's row."""
        return self.root / "items.jsonl"

    @property
    def interactions(self) -> Path:
        """All interactions in time order, columns as in `core.columns`."""
        return self.root / "interactions.parquet"

    @property
    def users(self) -> Path:
        """What is known of the people, for audits: `USER_ID` first, then the catalogue's own columns, all text."""
        return self.root / "users.parquet"

    @property
    def contents(self) -> Path:
        """What the catalogue holds, hashed by what the steps of a preparation read of it."""
        return self.root / "contents.json"

    @property
    def text_embeddings(self) -> Path:
        """[items, dimensions] float32, unit length."""
        return self.root / "text_embeddings.npy"

    @property
    def pictures(self) -> Path:
        """Features of the items' pictures, and which items have one."""
        return self.root / "pictures"

    @property
    def picture_words(self) -> Path:
        """What is seen on each item's picture, as a list of texts; where pictures are put into words."""
        return self.root / "picture_words.json"

    @property
    def picture_index(self) -> Path:
        return self.root / "picture_index"

    @property
    def fusion(self) -> Path:
        """All kinds of data as one embedding an item, the model that makes them, what it weighs and learned from."""
        return self.root / "fusion"

    @property
    def fusion_training(self) -> Path:
        """Checkpoints and the log of the training; a killed one goes on from here."""
        return self.root / "fusion_training"

    @property
    def dense_index(self) -> Path:
        return self.root / "dense_index"

    @property
    def lexical_index(self) -> Path:
        return self.root / "lexical_index"

    @property
    def history_model(self) -> Path:
        return self.root / "history_model.npz"

    @property
    def ranker(self) -> Path:
        """What ranks the catalogue for a history, what each part weighs, and what the sequence model learned from."""
        return self.root / "ranker"

    @property
    def ranker_training(self) -> Path:
        """Checkpoints and the log of the training; a killed one goes on from here."""
        return self.root / "ranker_training"

    @property
    def dialogue_model(self) -> Path:
        """What was learned from conversations, where a catalogue has some."""
        return self.root / "dialogue.npz"

    @property
    def dialogue_of_histories(self) -> Path:
        """What histories say of conversations, where there are none; made when it is first needed."""
        return self.root / "dialogue_of_histories.npz"

    @property
    def steps(self) -> Path:
        """Which steps of the preparation are done."""
        return self.root / "steps.json"

    @property
    def graph(self) -> Path:
        return self.root / "graph.json"

    @property
    def statistics(self) -> Path:
        """How many people chose and rated each item, and the mean rating."""
        return self.root / "statistics.npz"
