"""One kind of data of all items, as features that models read."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Modality:
    """Features of one kind, such as "text" or "image", in the order of the item table.

    `features` [items, d] float32; a row whose item has no such data is zeros, and `present` [items] is False there.
    Fusion never reads the features of an absent row.
    """

    name: str
    features: npt.NDArray[np.float32]
    present: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.present.shape != (len(self.features),):
            raise ValueError(f"{self.name}: features {self.features.shape} and present {self.present.shape} differ")
