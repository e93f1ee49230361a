"""Items by their pictures: features, an index of them, and words for what is seen."""

import json
from pathlib import Path

import numpy as np

from core.item import ItemTable
from server.making.work import Work
from server.representation import (
    PICTURE_INDEX,
    PICTURE_ROWS,
    Encoded,
    features_file,
    read_features,
    write_features,
)


def make_pictures(work: Work, path: Path) -> None:
    """Features of the pictures; those that were ever encoded come from the cache."""
    images = [item.image for item in work.items] if work.contents.has_pictures else []
    path.mkdir(parents=True, exist_ok=True)
    if not images:
        return
    from encoders.image import ImageEncoder

    encoder = ImageEncoder(*work.options.image_encoder, cache=work.cache / "image_features.sqlite")
    write_features(path, encoder.encode_to(features_file(path), images, progress="Encoding pictures"))
    if encoder.notice:
        work.say(encoder.notice)


def make_picture_words(work: Work, path: Path) -> None:
    """A vision model's sentence on each picture, or the tags of a CLIP model; empty without a picture."""
    path.write_text(json.dumps(_words(work), ensure_ascii=False), encoding="utf-8")


def make_picture_index(work: Work, path: Path) -> None:
    """For "something that looks like this"."""
    pictures = read_features(work.layout.pictures)
    write_picture_index(path, pictures, work.items if pictures else ItemTable([]))


def write_picture_index(folder: Path, pictures: Encoded | None, items: ItemTable) -> None:
    """An index of the pictures' features, of unit length; its rows are those of the items that have one."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.flatnonzero(pictures[1]) if pictures else np.empty(0, dtype=np.int64)
    np.save(folder / PICTURE_ROWS, rows)
    if pictures:
        from index.dense import DenseIndex

        features = np.asarray(pictures[0][rows], dtype=np.float32)
        features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        DenseIndex.build(features, ItemTable(items.items[row] for row in rows)).save(folder / PICTURE_INDEX)


def _words(work: Work) -> list[str]:
    images = [item.image for item in work.items]
    vision = work.options.vision
    if vision.address:
        from encoders.picture_describer import PictureDescriber

        file = work.cache / "picture_words.sqlite"
        describer = PictureDescriber(vision.address, vision.model, vision.key, cache=file)
        try:
            return describer.describe(images, progress="Describing pictures")
        finally:
            describer.close()
    from encoders.image import ImageEncoder
    from encoders.words_of_pictures import sentence_of_tags, zero_shot_tagger

    found = read_features(work.layout.pictures)
    if found is None:
        return [""] * len(images)
    tagger = zero_shot_tagger(ImageEncoder(*work.options.image_encoder)).fit(*found)
    return [sentence_of_tags(tags) for tags in tagger.tags(*found)]
