"""Embeddings on disk by the content of what was embedded, so that nothing is embedded twice."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

_KEYS_PER_QUERY = 500
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS embeddings (model TEXT, key BLOB, vector BLOB, PRIMARY KEY (model, key)) WITHOUT ROWID"
)


class EmbeddingCache:
    """A SQLite file. Each write is durable, so a killed run loses one batch at most.

    A damaged file is begun anew: it holds nothing that can't be computed. Raises OSError where the file can't be used.
    """

    def __init__(self, path: Path, model: str) -> None:
        """`model` keeps the embeddings of several models apart."""
        self._path = path
        self._model = model

    def read(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        """The embeddings [d] that are known, by key."""
        if not self._path.exists():
            return {}
        found: dict[bytes, FloatArray] = {}
        try:
            with closing(self._connect()) as connection:
                for start in range(0, len(keys), _KEYS_PER_QUERY):
                    some = keys[start : start + _KEYS_PER_QUERY]
                    marks = ",".join("?" * len(some))
                    query = f"SELECT key, vector FROM embeddings WHERE model = ? AND key IN ({marks})"  # noqa: S608
                    for key, vector in connection.execute(query, (self._model, *some)):
                        found[key] = np.frombuffer(vector, dtype="<f4").astype(np.float32)
        except sqlite3.OperationalError as error:
            raise OSError(f"{self._path}: {error}") from error
        except sqlite3.DatabaseError:
            self._path.unlink()
            return {}
        return found

    def write(self, embeddings: Mapping[bytes, FloatArray]) -> None:
        """Keep embeddings [d] by key."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        rows = [(self._model, key, vector.astype("<f4").tobytes()) for key, vector in embeddings.items()]
        try:
            with closing(self._connect()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise OSError(f"{self._path}: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30)
        try:
            connection.execute(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection
