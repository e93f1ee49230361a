"""Items by the words of their texts: BM25 over stemmed English words. Does not know where the texts come from."""

from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import Stemmer

from core.errors import ArtifactError

LANGUAGE = "english"
_NO_WORD = "\0"


class LexicalIndex:
    """BM25 scores of texts. Words are lower-cased and stemmed; stop words and single letters count for nothing."""

    def __init__(self, retriever: bm25s.BM25) -> None:
        self._retriever = retriever
        self._stemmer = Stemmer.Stemmer(LANGUAGE)

    @classmethod
    def build(cls, texts: Sequence[str]) -> "LexicalIndex":
        """An index of one text for each item, in row order. Raises ValueError when there is no text at all."""
        if not texts:
            raise ValueError("a lexical index needs at least one text")
        index = cls(bm25s.BM25())
        tokens = index._tokens(texts)
        if not any(tokens):  # titles such as "A" and "It": bm25s can't index nothing, so a word that nobody types
            tokens = [[_NO_WORD] for _ in texts]
        index._retriever.index(tokens, show_progress=False)
        return index

    def save(self, directory: Path) -> None:
        """Write the index into a folder, which is made if it is missing: arrays and JSON, nothing pickled."""
        self._retriever.save(directory, show_progress=False, allow_pickle=False)

    @classmethod
    def load(cls, directory: Path) -> "LexicalIndex":
        """Read what `save` wrote. Raises ArtifactError when it is missing or damaged."""
        try:
            return cls(bm25s.BM25.load(directory, show_progress=False, allow_pickle=False))
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            cause = f"The lexical index {directory} can't be read."
            raise ArtifactError(cause, mend="Run `tastemaker prepare`.") from error

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        """At most `k` rows whose text shares a word with the query, with their scores, best first, ties by row."""
        known = self._retriever.get_tokens_ids(sorted(set(self._tokens([query])[0])))
        if not known:
            return []
        scores = self._retriever.get_scores_from_ids(known)
        best = np.argsort(-scores, kind="stable")[:k]
        return [(int(row), float(scores[row])) for row in best if scores[row] > 0]

    def _tokens(self, texts: Sequence[str]) -> list[list[str]]:
        tokens: list[list[str]] = bm25s.tokenize(
            list(texts), stopwords="en", stemmer=self._stemmer, return_ids=False, show_progress=False
        )
        return tokens
