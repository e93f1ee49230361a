"""The dialogue model: a conversation in, a score for every item out.

A log-linear model (conditional logit: McFadden, 1974, "Conditional logit analysis of qualitative choice behavior"): the
chance that an item is named next is proportional to exp(w · features). There is one set of weights for conversations
that have named an item and one for those that have not. `training.dialogue` learns the weights.
"""

import json
from dataclasses import dataclass
from pathlib import Path
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
from index.dialogue.features import FEATURES, features

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True)
class DialogueParameters:
    """All that is learned. n items, F features, k numbers of a description."""

    counts: MentionCounts
    fame: FloatArray  # [n] how often an item should be named, by what it is
    expectation: Expectation
    weights: FloatArray  # [2, F]: before any item was named, and after


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
        parameters = DialogueParameters(
            counts=MentionCounts.count([], len(content)),
            fame=np.zeros(len(content), dtype=np.float32),
            expectation=Expectation((), np.zeros((inputs, k), dtype=np.float32)),
            weights=weights,
        )
        return cls(content, parameters)

    def scores(self, dialogue: Dialogue, text: FloatArray | None = None) -> FloatArray:
        """Log odds [n] of being named next, up to a constant. Items that were named keep their scores.

        `text` [d] is the embedding of what the person said (`context.person_text`); None where there is no encoder.
        """
        parameters = self.parameters
        context = Context.of(dialogue)
        said = np.zeros(self.content.texts.shape[1], dtype=np.float32) if text is None else text
        inputs = parameters.expectation.inputs(context, said, self.content)
        expected = parameters.expectation.predict(inputs)
        table = features(context, said, parameters.counts, self.content, parameters.fame, expected)
        scores: FloatArray = parameters.weights[int(len(context.rows) > 0)] @ table
        return scores

    def save(self, path: Path) -> None:
        """Write what was learned to one npz file; what items are comes from the catalogue again."""
        learned, counts = self.parameters, self.parameters.counts
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
                together_data=counts.together.data,
                together_indices=counts.together.indices,
                together_indptr=counts.together.indptr,
            )

    @classmethod
    def load(cls, path: Path, content: ItemContent) -> "DialogueModel":
        """Read what `save` wrote. Raises ArtifactError when it is missing, damaged or of another catalogue."""
        mend = "Run `tastemaker train dialogue`."
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                if tuple(json.loads(str(arrays["features"]))) != FEATURES:
                    raise ArtifactError(f"The dialogue model {path} is of another version.", mend=mend)
                return cls(content, _parameters(arrays))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ArtifactError(f"The dialogue model {path} can't be read.", mend=mend) from error


def _parameters(arrays: "np.lib.npyio.NpzFile") -> DialogueParameters:
    n_items = len(arrays["named"])
    together = csr_matrix(
        (arrays["together_data"], arrays["together_indices"], arrays["together_indptr"]), shape=(n_items, n_items)
    )
    return DialogueParameters(
        counts=MentionCounts(arrays["named"], arrays["recommended"], together, int(arrays["conversations"])),
        fame=arrays["fame"],
        expectation=Expectation(tuple(json.loads(str(arrays["vocabulary"]))), arrays["expectation"]),
        weights=arrays["weights"],
    )
