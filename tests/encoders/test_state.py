from pathlib import Path

import numpy as np
import pytest

from core.errors import ArtifactError
from encoders.state import State

STATE = State("numbers", {"names": ["minutes"]}, {"quantiles": np.array([1.0, 2.0])})


def test_a_state_survives_a_file(tmp_path: Path) -> None:
    STATE.save(tmp_path / "new" / "numbers.npz")
    loaded = State.load(tmp_path / "new" / "numbers.npz", "numbers")
    assert loaded.settings == {"names": ["minutes"]}
    assert loaded.arrays["quantiles"].tolist() == [1.0, 2.0]
    assert loaded.identity == STATE.identity


def test_the_identity_changes_with_all_that_was_learned() -> None:
    others = (
        State("time", STATE.settings, STATE.arrays),
        State("numbers", {"names": ["price"]}, STATE.arrays),
        State("numbers", STATE.settings, {"quantiles": np.array([1.0, 2.5])}),
        State("numbers", STATE.settings, {"quantiles": np.array([[1.0, 2.0]])}),
    )
    assert len({STATE.identity, *(other.identity for other in others)}) == 5


def test_a_damaged_a_missing_and_another_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "numbers.npz"
    with pytest.raises(ArtifactError, match="can't be read"):
        State.load(path, "numbers")
    STATE.save(path)
    with pytest.raises(ArtifactError, match="of numbers, not of time"):
        State.load(path, "time")
    for broken in (b"", b"not an archive", path.read_bytes()[:100]):
        path.write_bytes(broken)
        with pytest.raises(ArtifactError, match="can't be read"):
            State.load(path, "numbers")
    np.savez(path, settings=np.zeros(3))
    with pytest.raises(ArtifactError, match="can't be read"):
        State.load(path, "numbers")
    with path.open("wb") as file:  # what pickle would run
        np.save(file, np.array([object()]), allow_pickle=True)
    with pytest.raises(ArtifactError, match="can't be read"):
        State.load(path, "numbers")
