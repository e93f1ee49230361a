"""What every encoder does: raw values in, features and whether there were any out. Knows no kind of data."""

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
Encoded = tuple[FloatArray, BoolArray]

Value = TypeVar("Value", contravariant=True)

# So many values become features at once: bounds what is held beside the result.
CHUNK = 16_384


class Encoder(Protocol[Value]):
    """Makes features of values of one kind. A fitted one has a classmethod `fit`, `save` and `load` besides."""

    @property
    def identity(self) -> str:
        """Names the encoder in caches and manifests: changes with whatever changes its features."""
        ...

    @property
    def dimensions(self) -> int:
        """How many numbers the features of one value have."""
        ...

    def encode(self, values: Sequence[Value | None], *, progress: str = "") -> Encoded:
        """Features [n, dimensions] float32, finite, and present [n], in the order of the values.

        A value that is None, or that says nothing that this encoder can read, is absent: its features are zeros. What
        stands beside a value in the list never changes its features. `progress` labels a bar on stderr; empty: none.
        """
        ...


def nothing(count: int, dimensions: int) -> Encoded:
    """The result for `count` values before any is encoded: zeros, and none present."""
    return np.zeros((count, dimensions), dtype=np.float32), np.zeros(count, dtype=np.bool_)


def chunks(count: int, size: int = CHUNK, *, progress: str = "") -> Iterator[slice]:
    """Slices that cover `count` values, `size` at a time, with a bar on stderr if `progress` labels one."""
    with tqdm(desc=progress, total=count, unit="value", disable=not (progress and count)) as bar:
        for start in range(0, count, size):
            stop = min(start + size, count)
            yield slice(start, stop)
            bar.update(stop - start)
