"""Items by their words: embeddings, and the indexes that find them by meaning and by word."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.item import Item
from server.making.work import Work


def make_embeddings(work: Work, path: Path) -> None:
    """Texts as vectors; those that were ever encoded come from the cache."""
    from encoders.item_text import item_sentences

    embeddings = work.text_encoder().encode(_texts(work, item_sentences), progress="Encoding items")
    with path.open("wb") as file:
        np.save(file, embeddings)


def make_dense_index(work: Work, path: Path) -> None:
    """The index that is there, with what has changed."""
    from index.dense import DenseIndex
    from index.stores import open_store

    embeddings = np.load(work.layout.text_embeddings, mmap_mode="r")
    store = open_store(work.options.vector_store)
    DenseIndex.refreshed(work.layout.dense_index, embeddings, work.items, store=store).save(path)


def make_lexical_index(work: Work, path: Path) -> None:
    """Of all words of all items."""
    from encoders.item_text import item_words
    from index.lexical import LexicalIndex

    LexicalIndex.build(_texts(work, item_words)).save(path)


def _texts(work: Work, text: Callable[[Item], str]) -> list[str]:
    """A text of each item, with what is seen on its picture, where pictures have words."""
    if not work.pictures_have_words:
        return [text(item) for item in work.items]
    seen: list[str] = json.loads(work.layout.picture_words.read_text(encoding="utf-8"))
    return [" ".join(filter(None, (text(item), words))) for item, words in zip(work.items, seen, strict=True)]
