"""The dialogue model: a conversation in, a score for every item out.

A log-linear model (conditional logit: McFadden, 1974, "Conditional logit analysis of qualitative choice behavior"): the
chance that an item is named next is proportional to exp(w · features). There is one set of weights for conversations
that have named an item and one for those that have not. Small networks add what features say together.
`training.dialogue` learns both.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from core.dialogue import Dialogue
from core.errors import ArtifactError
from index.dialogue.content import ItemContent
from index.dialogue.context import Context
from index.dialogue.counts import MentionCounts
from index.dialogue.expectation import Expectation
from index.dialogue.features import FEATURES, Situation, features
from index.dialogue.interactions import Interactions
from index.dialogue.neighbours import Neighbours, Said

FloatArray = npt.NDArray[np.float32]

_NETWORK = fields(Interactions)


@dataclass(frozen=True)
class DialogueParameters:
    """All that is learned. n items, F features, k numbers of a description."""

    counts: MentionCounts
    neighbours: Neighbours
    fame: FloatArray  # [n] how often an item should be named, by what it is
    expectation: Expectation
    weights: FloatArray  # [2, F]: before any item was named, and after
    interactions: Interactions


class DialogueModel:
    """Scores for every item from what was said. Reads only; safe to call from several threads."""

    def __init__(self, content: ItemContent, parameters: DialogueParameters) -> None:
        if len(parameters.fame) != len(content) or parameters.weights.shape != (2, len(FEATURES)):
            raise ArtifactError("The dialogue model is not of this catalogue.", mend="Run `tastemaker train dialogue`.")
        self.content = content
        self.parameters = parameters

    @classmethod
    def untrained(cls, content: ItemContent, weights: FloatArray) -> "DialogueModel":
        """A model for a catalogue of which nobody ever spoke: it ranks by what items are, and by the words."""
        k = content.description.shape[1]
        inputs = 2 + k + content.texts.shape[1]  # without a vocabulary
        nothing_said = Said(np.zeros((0, content.texts.shape[1]), np.float32), csr_matrix((0, 0), dtype=np.float32))
        parameters = DialogueParameters(
            counts=MentionCounts.count([], len(content)),
            neighbours=Neighbours.of(csr_matrix((0, len(content)), dtype=np.float32), nothing_said, content),
            fame=np.zeros(len(content), dtype=np.float32),
            expectation=Expectation((), np.zeros((inputs, k), dtype=np.float32)),
            weights=weights,
            interactions=Interactions.none(len(FEATURES)),
        )
        return cls(content, parameters)

    def scores(self, dialogue: Dialogue, text: FloatArray | None = None) -> FloatArray:
        """Log odds [n] of being named next, up to a constant. Items that were named keep their scores.

        `text` [d] is the embedding of what the person said (`context.person_text`); None where there is no encoder.
        """
        parameters = self.parameters
        context = Context.of(dialogue)
        said = np.zeros(self.content.texts.shape[1], dtype=np.float32) if text is None else text
        expectation = parameters.expectation
        expected = expectation.predict(expectation.inputs(context, said, self.content))
        now = Situation(context, said, expectation.bag(context), expected)
        table = features(now, parameters.counts, parameters.neighbours, self.content, parameters.fame)
        scores: FloatArray = parameters.weights[int(len(context.rows) > 0)] @ table + parameters.interactions(table)
        return scores

    def save(self, path: Path) -> None:
        """Write what was learned to one npz file; what items are comes from the catalogue again."""
        learned, counts, neighbours = self.parameters, self.parameters.counts, self.parameters.neighbours
        arrays: dict[str, Any] = {
            **_sparse("together", counts.together),
            **_sparse("named_in", neighbours.named.T.tocsr()),
            **_sparse("bags", neighbours.said.bags),
            **{f"interactions_{field.name}": getattr(learned.interactions, field.name) for field in _NETWORK},
        }
        with path.open("wb") as file:
            np.savez(
                file,
                features=np.array(json.dumps(FEATURES)),
                weights=learned.weights,
                fame=learned.fame,
                vocabulary=np.array(json.dumps(learned.expectation.vocabulary)),
                expectation=learned.expectation.weights,
                named=counts.named,
                recommended=counts.recommended,
                conversations=counts.conversations,
                texts=neighbours.said.texts,
                **arrays,
            )

    @classmethod
    def load(cls, path: Path, content: ItemContent) -> "DialogueModel":
        """Read what `save` wrote. Raises ArtifactError when it is missing, damaged or of another catalogue."""
        mend = "Run `tastemaker train dialogue`."
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                if tuple(json.loads(str(arrays["features"]))) != FEATURES:
                    raise ArtifactError(f"The dialogue model {path} is of another version.", mend=mend)
                return cls(content, _parameters(arrays, content))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ArtifactError(f"The dialogue model {path} can't be read.", mend=mend) from error


def _parameters(arrays: "np.lib.npyio.NpzFile", content: ItemContent) -> DialogueParameters:
    counts = MentionCounts(
        arrays["named"], arrays["recommended"], _matrix(arrays, "together"), int(arrays["conversations"])
    )
    if len(counts.named) != len(content):
        raise ArtifactError("The dialogue model is not of this catalogue.", mend="Run `tastemaker train dialogue`.")
    said = Said(arrays["texts"], _matrix(arrays, "bags"))
    return DialogueParameters(
        counts=counts,
        neighbours=Neighbours.of(_matrix(arrays, "named_in"), said, content),
        fame=arrays["fame"],
        expectation=Expectation(tuple(json.loads(str(arrays["vocabulary"]))), arrays["expectation"]),
        weights=arrays["weights"],
        interactions=Interactions(**{field.name: arrays[f"interactions_{field.name}"] for field in _NETWORK}),
    )


def _sparse(name: str, matrix: csr_matrix) -> dict[str, npt.NDArray[np.generic]]:
    """The arrays of a sparse matrix, under names that `_matrix` finds again."""
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": np.array(matrix.shape)}
    return {f"{name}_{part}": array for part, array in parts.items()}


def _matrix(arrays: "np.lib.npyio.NpzFile", name: str) -> csr_matrix:
    data, indices, indptr, shape = (arrays[f"{name}_{part}"] for part in ("data", "indices", "indptr", "shape"))
    return csr_matrix((data, indices, indptr), shape=tuple(shape.tolist()))
