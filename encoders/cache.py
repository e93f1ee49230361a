"""What models made, on disk by the content that they made it of, so that nothing is made twice."""

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
    """Vectors by key, in a `BlobCache`."""

    def __init__(self, path: Path, model: str) -> None:
        """`model` keeps the embeddings of several models apart."""
        self._blobs = BlobCache(path, model)

    def read(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        """The embeddings [d] that are known, by key."""
        found = self._blobs.read(keys)
        return {key: np.frombuffer(blob, dtype="<f4").astype(np.float32) for key, blob in found.items()}

    def write(self, embeddings: Mapping[bytes, FloatArray]) -> None:
        """Keep embeddings [d] by key."""
        self._blobs.write({key: vector.astype("<f4").tobytes() for key, vector in embeddings.items()})


class BlobCache:
    """A SQLite file. Each write is durable, so a killed run loses one batch at most.

    A damaged file is begun anew: it holds nothing that can't be computed. Raises OSError where the file can't be used.
    """

    def __init__(self, path: Path, model: str) -> None:
        """`model` keeps what several models made apart."""
        self._path = path
        self._model = model

    def read(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """What is known, by key."""
        if not self._path.exists():
            return {}
        found: dict[bytes, bytes] = {}
        try:
            with closing(self._connect()) as connection:
                for start in range(0, len(keys), _KEYS_PER_QUERY):
                    some = keys[start : start + _KEYS_PER_QUERY]
                    marks = ",".join("?" * len(some))
                    query = f"SELECT key, vector FROM embeddings WHERE model = ? AND key IN ({marks})"  # noqa: S608
                    found.update(connection.execute(query, (self._model, *some)).fetchall())
        except sqlite3.OperationalError as error:
            raise OSError(f"{self._path}: {error}") from error
        except sqlite3.DatabaseError:
            self._path.unlink()
            return {}
        return found

    def write(self, blobs: Mapping[bytes, bytes]) -> None:
        """Keep blobs by key."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        rows = [(self._model, key, blob) for key, blob in blobs.items()]
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
