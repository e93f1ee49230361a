"""One value per person, kept beside a report so that later runs can be compared with it in pairs."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from core.columns import USER_ID
from core.errors import InputError
from evaluation.resumed import writing
from server.atomic import replacing

FILE = "people.jsonl"
_SCHEMA = {USER_ID: pl.String, "run": pl.String, "metric": pl.String, "value": pl.Float64}


def people_frame(user_ids: Sequence[str], values: Mapping[tuple[str, str], npt.ArrayLike]) -> pl.DataFrame:
    """Values [p] by run and metric as `write_people` takes them; a person's value that is not finite is left out."""
    frames = [
        pl.DataFrame({USER_ID: user_ids, "run": run, "metric": metric, "value": np.asarray(own, dtype=np.float64)})
        for (run, metric), own in values.items()
    ]
    return pl.concat(frames).filter(pl.col("value").is_finite())


def write_people(values: pl.DataFrame, folder: Path) -> Path:
    """Write a frame of `user_id`, `run` (such as a model's name within the report), `metric` and `value`, a line each.

    Raises InputError for a frame without these columns, where a person has two values of one run and metric, and where
    the folder can't be written to.
    """
    missing = [name for name in _SCHEMA if name not in values.columns]
    if missing:
        raise InputError(f"The values of people have no {', '.join(missing)}.", mend=f"Name {', '.join(_SCHEMA)}.")
    table = values.select(pl.col(name).cast(kind) for name, kind in _SCHEMA.items())
    if table.select(USER_ID, "run", "metric").is_duplicated().any():
        raise InputError("Somebody has two values of one run and metric.", mend="Give each person's mean.")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / FILE) as unfinished:
            table.write_ndjson(unfinished)
    return folder / FILE


def read_people(folder: Path) -> pl.DataFrame:
    """The values kept in a report's folder; empty where none were. Raises InputError where the file is damaged."""
    path = folder / FILE
    if not path.is_file() or not path.stat().st_size:
        return pl.DataFrame(schema=_SCHEMA)
    try:
        return pl.read_ndjson(path, schema=_SCHEMA)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{path} can't be read.", mend="Run what wrote it again.") from error
