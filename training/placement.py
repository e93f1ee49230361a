"""Where items stand that nobody chose, in a network that knows items by their ids alone."""

import numpy as np
import numpy.typing as npt
import torch

from index.sequence import SequenceNetwork

FloatArray = npt.NDArray[np.float32]

# An item that this many people chose counts half in what content is mapped to; the ridge, as a share of the mean
# variance of the content's features.
WELL_KNOWN = 20
RIDGE = 1.0


def place_unchosen(network: SequenceNetwork, chosen: npt.NDArray[np.integer], content: FloatArray) -> None:
    """Put items that nobody chose where their content says: ridge regression from content to the learned table.

    `chosen` [items] counts, `content` [items, features]. The bias follows log(1 + chosen), so an unchosen item is as
    likely as its popularity says. As in Barkan et al. (2019, "CB2CF"). Leaves all other items as they are.
    """
    warm, cold = chosen > 0, chosen == 0
    if not cold.any() or warm.sum() < 2:
        return
    features = (content - content[warm].mean(axis=0)).astype(np.float64)
    table = network.table.detach()[: len(chosen)].double().numpy()
    bias = network.bias.detach().double().numpy()
    middle = table[warm].mean(axis=0)
    attested = chosen[warm] / (chosen[warm] + WELL_KNOWN)
    weighted = features[warm].T * attested
    covariance = weighted @ features[warm]
    ridge = RIDGE * np.trace(covariance) / len(covariance) + 1e-9  # content that says nothing maps to the middle
    mapping = np.linalg.solve(covariance + ridge * np.eye(len(covariance)), weighted @ (table[warm] - middle))
    popularity = np.log1p(chosen[warm])
    spread = popularity - popularity.mean()
    slope = float(spread @ bias[warm]) / max(float(spread @ spread), 1e-9)
    unchosen_bias = bias[warm].mean() - slope * popularity.mean()
    with torch.no_grad():
        rows = torch.from_numpy(np.flatnonzero(cold))
        network.table[rows] = torch.from_numpy(middle + features[cold] @ mapping).float()
        network.bias[rows] = unchosen_bias
