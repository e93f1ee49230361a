"""What a turn asks of the corrections: a correction that is off leaves no trace."""

import numpy as np
import pytest

from debias.corrections import Corrections
from debias.groups import Groups
from debias.interventional import popularity_correction
from debias.parity import ParityReranker, classes_of, standardised

ROWS = np.arange(4)
SCORES = np.array([4.0, 3.0, 2.0, 1.0])
POPULARITY = popularity_correction("backdoor", [1000, 10, 5, 0])


def parity() -> ParityReranker:
    """Learned where the a's get the first item only, and the b's the last."""
    table = standardised(np.repeat([SCORES, SCORES[::-1]], 40, axis=0), [[]] * 80)
    _, classes = classes_of([("x",), ("x",), ("y",), ("y",)])
    return ParityReranker.fit(table, [Groups.of("g", ["a"] * 40 + ["b"] * 40)], classes, k=1, exposure_bound=0.5)


def test_off_is_off() -> None:
    assert Corrections(POPULARITY).shifts(ROWS, SCORES, [], 0.0) == {}
    assert Corrections(POPULARITY, parity(), {}).shifts(ROWS, SCORES, [], 0.0, "ann") == {}
    assert Corrections(POPULARITY, None, {"ann": {"g": "a"}}).shifts(ROWS, SCORES, [], 0.0, "ann") == {}


def test_each_correction_that_is_on_has_a_name() -> None:
    corrections = Corrections(POPULARITY, parity(), {"ann": {"g": "a"}})
    assert set(corrections.shifts(ROWS, SCORES, [], 0.5, "ann")) == {"popularity", "parity"}
    assert set(corrections.shifts(ROWS, SCORES, [], 0.0, "ann")) == {"parity"}
    assert set(corrections.shifts(ROWS, SCORES, [], 0.5, "nobody")) == {"popularity"}
    assert set(corrections.shifts(ROWS, SCORES, [], 0.5)) == {"popularity"}


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan")])
def test_a_strength_outside_its_range_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="strength"):
        Corrections(POPULARITY).shifts(ROWS, SCORES, [], strength)
