"""Wires what reads pictures: in the chat, and for /v1/embeddings."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from agent.pictures import Looker, PictureReader, Remembering
from core.errors import InputError
from core.settings import Settings
from encoders.image import ImageEncoder
from encoders.picture_describer import PictureDescriber
from encoders.pictures import picture_from_data_url
from encoders.text import TextEncoder
from encoders.words_of_pictures import PictureClasses
from index.query import NO_PICTURES, Pictures
from server.artifacts import Artifacts
from server.embedders import Embedder, embedders

FloatArray = npt.NDArray[np.float32]
Describe = Callable[[bytes, FloatArray], Sequence[str] | None]

log = logging.getLogger(__name__)


def make_image_encoder(settings: Settings) -> ImageEncoder:
    """What reads pictures. Its model is loaded when the first one comes."""
    return ImageEncoder(settings.image_encoder, settings.image_pretrained, device="cpu")


def make_pictures(settings: Settings, artifacts: Artifacts, encoder: ImageEncoder) -> PictureReader:
    """What a picture in the chat is compared with, and how it is put into words."""
    index, model = artifacts.pictures, artifacts.fusion.model

    def search(features: FloatArray) -> Pictures:
        return index.search(features) if index else NO_PICTURES

    def project(features: FloatArray) -> FloatArray:
        projected: FloatArray = model.project("image", features[None])[0]
        return projected

    describe = make_describer(settings, encoder, tags=index is None)
    looker = Looker(encoder.encode_one, search, describe, project if "image" in model.names else None)
    return Remembering(looker)


def make_describer(settings: Settings, encoder: ImageEncoder, *, tags: bool) -> Describe:
    """Words for a picture: a vision model's, or `tags` where there is none and they are wanted."""
    if settings.vision_url:
        describer = PictureDescriber(
            settings.vision_url, settings.vision_model, settings.vision_key.get_secret_value(), retries=1
        )

        def describe(picture: bytes, _: FloatArray) -> Sequence[str] | None:
            try:
                return (describer.describe_one(picture),)
            except InputError as error:  # the picture can still be compared
                log.warning("A picture was not put into words: %s", error)
                return None

        return describe
    classes = PictureClasses(encoder)
    return lambda _, features: classes.of(features) if tags else ()


def make_embedders(
    settings: Settings, artifacts: Artifacts, text: TextEncoder, image: ImageEncoder
) -> dict[str, Embedder]:
    """The models of /v1/embeddings."""
    model = artifacts.fusion.model

    def pictures(files: Sequence[bytes]) -> FloatArray:
        return np.stack([image.encode_one(file) for file in files])

    return embedders(
        text=text.encode,
        image=pictures,
        image_text=image.encode_text if image.is_aligned else None,
        read=partial(picture_from_data_url, max_bytes=settings.max_picture_bytes),
        project={name: partial(model.project, name) for name in ("text", "image") if name in model.names},
    )
