"""Pictures as vectors, by any open_clip model. Knows nothing about what the pictures are of."""

import hashlib
import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from core.errors import InputError
from encoders.ahead import ahead
from encoders.cache import EmbeddingCache
from encoders.clip import Clip, clip_identity, load_clip
from encoders.pictures import PictureError, read_bytes, read_picture

if TYPE_CHECKING:
    from PIL import Image

Picture = Path | bytes | None
FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
ByteArray = npt.NDArray[np.uint8]

_WINDOW = 1024  # pictures whose keys are looked up together
_TEXTS_PER_BATCH = 256
_MAX_RATIO = 8  # of a picture's sides
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Task:
    """A picture that isn't known yet, and all the places in which it stands."""

    key: bytes
    picture: Path | bytes
    places: list[int]


class ImageEncoder:
    """An open_clip model that is loaded when it is first needed; safe to share between threads.

    The embedded default gives the 1280 pooled features of its vision tower, of any length, which heads trained on the
    catalogue's own image-text pairs project; any other model gives its own embeddings, of unit length.
    """

    def __init__(
        self, model: str = "", pretrained: str = "", cache: Path | None = None, device: str | None = None
    ) -> None:
        """`model` is an open_clip name, `hf-hub:NAME`, `local-dir:FOLDER`, or empty for the embedded model.

        `pretrained` is a tag or a checkpoint file for an open_clip name. `cache` is a file that keeps features by the
        content of the picture, so that an interrupted run goes on where it stopped. `device` is torch's; None picks a
        GPU where there is one. A model that can't be loaded raises InputError at its first use.
        """
        self._names = (model, pretrained)
        self.identity = clip_identity(model, pretrained)
        self.is_aligned = bool(model)
        self.broken: Counter[str] = Counter()  # why pictures of the last `encode` couldn't be read
        self._cache = EmbeddingCache(cache, f"image:{self.identity}") if cache else None
        self._device = device
        self._lock = Lock()

    @cached_property
    def _loaded(self) -> Clip:
        import torch

        device = self._device or ("cuda" if torch.cuda.is_available() else "cpu")
        return load_clip(*self._names, device=device)

    @property
    def clip(self) -> Clip:
        """The model itself. Loads it."""
        with self._lock:
            return self._loaded

    @cached_property
    def dimensions(self) -> int:
        """How many numbers the features of a picture have. Loads the model."""
        height, width = self.clip.size
        return int(self._forward([np.zeros((height, width, 3), dtype=np.uint8)]).shape[1])

    def encode(
        self, pictures: Sequence[Picture], *, batch_size: int = 16, progress: str = ""
    ) -> tuple[FloatArray, BoolArray]:
        """Features [n, d] float32 and which are present [n], in the order of the pictures.

        None, and a picture that can't be read, is absent: zeros. Those that can't be read are counted in `broken` and
        logged as one warning. `progress` is the label of a bar on stderr; empty for none.
        """
        features = np.zeros((len(pictures), self.dimensions), dtype=np.float32)
        return features, self._fill(features, pictures, batch_size, progress)

    def encode_to(
        self, path: Path, pictures: Sequence[Picture], *, batch_size: int = 16, progress: str = ""
    ) -> tuple[FloatArray, BoolArray]:
        """As `encode`, with the features in a .npy file that is mapped, so that a million need no memory."""
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.partial")
        shape = (len(pictures), self.dimensions)
        features = np.lib.format.open_memmap(  # type: ignore[no-untyped-call]
            partial, mode="w+", dtype=np.float32, shape=shape
        )
        present = self._fill(features, pictures, batch_size, progress)
        features.flush()
        del features
        partial.replace(path)
        return np.load(path, mmap_mode="r"), present

    def encode_one(self, picture: Path | bytes) -> FloatArray:
        """The features [d] of a picture that someone shows. Raises InputError when it can't be read."""
        key = hashlib.sha256(read_bytes(picture)).digest()
        known = self._cache.read([key]) if self._cache else {}
        if key not in known:
            known = {key: self._forward([self._pixels(picture)])[0]}
            if self._cache:
                self._cache.write(known)
        return known[key]

    def encode_text(self, texts: Sequence[str]) -> FloatArray:
        """Unit embeddings [n, d] in the space of the pictures. Raises InputError where there is no such space."""
        if not self.is_aligned:
            cause = f"The image encoder {self.identity} has no texts in the space of its pictures."
            raise InputError(cause, mend="Train the fusion, or set the image encoder to a CLIP model.")
        import torch

        clip, parts = self.clip, []
        device = next(clip.model.parameters()).device
        for start in range(0, len(texts), _TEXTS_PER_BATCH):
            tokens = clip.tokenizer(list(texts[start : start + _TEXTS_PER_BATCH])).to(device)
            with torch.inference_mode():
                parts.append(clip.model.encode_text(tokens, normalize=True).float().cpu().numpy())
        return np.concatenate(parts) if parts else np.zeros((0, self.dimensions), dtype=np.float32)

    def _fill(self, features: FloatArray, pictures: Sequence[Picture], batch_size: int, progress: str) -> BoolArray:
        """Write the features of each picture to its row. What is held at once doesn't grow with their number."""
        present = np.zeros(len(pictures), dtype=np.bool_)
        self.broken = Counter()
        workers = min(8, (os.cpu_count() or 1) + 1)
        with (
            ThreadPoolExecutor(workers) as pool,
            tqdm(desc=progress, total=len(pictures), unit="picture", disable=not (progress and len(pictures))) as bar,
        ):

            def fill(task: _Task, vector: FloatArray) -> None:
                features[task.places], present[task.places] = vector, True
                bar.update(len(task.places))

            decoded = self._decoded(pool, self._unknown(pool, pictures, fill, bar), 2 * batch_size, bar)
            while batch := list(islice(decoded, batch_size)):
                vectors = self._forward([pixels for _, pixels in batch])
                if self._cache:
                    self._cache.write({task.key: vector for (task, _), vector in zip(batch, vectors, strict=True)})
                for (task, _), vector in zip(batch, vectors, strict=True):
                    fill(task, vector)
        if self.broken:
            _LOGGER.warning("%s", self.notice)
        return present

    @property
    def notice(self) -> str:
        """How many pictures of the last `encode` couldn't be read, and why; empty if none."""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.broken.most_common())
        return f"Pictures that can't be used and count as missing: {kinds}." if kinds else ""

    def _unknown(
        self,
        pool: ThreadPoolExecutor,
        pictures: Sequence[Picture],
        fill: Callable[[_Task, FloatArray], None],
        bar: "tqdm[NoReturn]",
    ) -> Iterator[_Task]:
        """What the cache doesn't know, window by window; what it knows is filled in. Equal pictures are one task."""
        for start in range(0, len(pictures), _WINDOW):
            tasks: dict[bytes, _Task] = {}
            window = pictures[start : start + _WINDOW]
            for place, (picture, key) in enumerate(zip(window, pool.map(_key, window), strict=True), start):
                if picture is not None and isinstance(key, bytes):
                    tasks.setdefault(key, _Task(key, picture, [])).places.append(place)
                else:
                    self._count(key if isinstance(key, PictureError) else None, 1, bar)
            known = self._cache.read(list(tasks)) if self._cache else {}
            for key, task in tasks.items():
                if key in known:
                    fill(task, known[key])
                else:
                    yield task

    def _decoded(
        self, pool: ThreadPoolExecutor, tasks: Iterable[_Task], depth: int, bar: "tqdm[NoReturn]"
    ) -> Iterator[tuple[_Task, ByteArray]]:
        """Pixels of the pictures that can be decoded, in order, up to `depth` ahead of what is asked for."""

        def decode(task: _Task) -> ByteArray | PictureError:
            try:
                return self._pixels(task.picture)
            except PictureError as error:
                return error

        self.clip  # noqa: B018  # loaded once, before the threads ask for it
        for task, pixels in ahead(pool, decode, tasks, depth):
            if isinstance(pixels, PictureError):
                self._count(pixels, len(task.places), bar)
            else:
                yield task, pixels

    def _count(self, error: PictureError | None, pictures: int, bar: "tqdm[NoReturn]") -> None:
        """A missing picture is nothing to speak of; a broken one is counted by its kind."""
        bar.update(pictures)
        if error is not None:
            self.broken[error.kind] += pictures

    def _pixels(self, picture: Path | bytes) -> ByteArray:
        """[h, w, 3] as the tower wants them, before its colours are normalised."""
        clip = self.clip
        image = read_picture(picture, at_least=max(clip.size))
        return np.asarray(clip.resize(_middle(image)), dtype=np.uint8)

    def _forward(self, pictures: list[ByteArray]) -> FloatArray:
        """Features [b, d] of pixels [b][h, w, 3]."""
        import torch

        clip = self.clip
        device = next(clip.model.parameters()).device
        with torch.inference_mode():
            pixels = torch.from_numpy(np.stack(pictures)).to(device).permute(0, 3, 1, 2)  # [b, 3, h, w], channels last
            mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (clip.mean, clip.std))
            features = clip.model.encode_image((pixels.float() / 255 - mean) / std, normalize=self.is_aligned)
        result: FloatArray = features.float().cpu().numpy()
        return result


def _middle(image: "Image.Image") -> "Image.Image":
    """A strip is cut to its middle: made as high as the tower wants, the whole of it could fill the memory."""
    width, height = image.size
    across, down = min(width, _MAX_RATIO * height), min(height, _MAX_RATIO * width)
    if (across, down) == image.size:
        return image
    left, top = (width - across) // 2, (height - down) // 2
    return image.crop((left, top, left + across, top + down))


def _key(picture: Picture) -> bytes | PictureError | None:
    try:
        return None if picture is None else hashlib.sha256(read_bytes(picture)).digest()
    except PictureError as error:
        return error
